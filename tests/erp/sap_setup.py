"""SAP in the contract suite: the connector over its protocol sandbox in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.erp.clocks import StillClock
from tests.erp.under_test import Access, ErpUnderTest
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import App, InProcess
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


class Recorder(httpx.AsyncBaseTransport):
    """Writes down what is sent to the ERP; the login service is another house."""

    def __init__(self, app: App) -> None:
        self._transport = InProcess(app)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/token"):
            self.requests.append(request)
        return await self._transport.handle_async_request(request)

    def sent(self) -> bytes:
        return b"\n".join(str(request.url).encode() + request.content for request in self.requests)


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
