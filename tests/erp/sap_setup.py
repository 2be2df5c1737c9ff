"""SAP in the contract suite: the connector over its protocol sandbox in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.erp.clocks import StillClock
from tests.erp.recorder import Recorder
from tests.erp.under_test import Access, ErpUnderTest
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sap import connector, sandbox

LOSES = {
    "OpenItem.remaining": "an open item is open as a whole; part payments are items of their own",
    "Account.balance": "the chart of accounts carries no balances",
}
INAPPLICABLE: dict[str, str] = {}
SECRET = "sandbox-secret-of-the-tests"
ADDRESS = "http://127.0.0.1"
_INVOICES = ("post_invoice", "park_invoice", "post_credit_note")
OPENS = {
    **dict.fromkeys(_INVOICES, "create_invoice"),
    "create_goods_receipt": "receive",
    "create_purchase_order": "create_order",
    "amend_order_line": "amend",
    "reverse_invoice": "cancel",
    "release_hold": "release",
}
WORDS = {
    "supplier_blocked": "blocked for posting",
    "period_closed": "is not open",
    "duplicate_number": "already exists",
}


def settings(company: Company, **values: Any) -> connector.Settings:
    told = {**sandbox.login(company, ADDRESS), "client_secret": SECRET, "page_size": 3, **values}
    return connector.Settings.model_validate(told)


def erp_id(document: PurchaseDocument) -> str:
    day = document.posting_date or document.invoice_date
    assert day is not None
    return f"{document.number}/{day.year}"


@asynccontextmanager
async def under_test(company: Company, faults: Faults) -> AsyncIterator[ErpUnderTest]:
    app = sandbox.app(company, faults, client_secret=SECRET)
    server = app.app
    assert isinstance(server, sandbox.Server)
    recorder, clock = Recorder(app), StillClock()
    erp = connector.connect(settings(company), transport=recorder, clock=clock)
    yield ErpUnderTest(
        erp=erp,
        company=company,
        faults=faults,
        requests=lambda: app.traffic.total - app.traffic.calls["token"],
        loses=LOSES,
        inapplicable=INAPPLICABLE,
        sent=recorder.sent,
        secrets=(SECRET,),
        opens=OPENS,
        commits=OPENS,
        words=WORDS,
        access=Access(expire=server.expire_tokens, issued=lambda: server.issued, waited=lambda: clock.slept),
        erp_id=erp_id,
        renumbers=False,
    )
    await erp.close()
