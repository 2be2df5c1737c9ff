"""AFAS Profit in the contract suite: the connector over its protocol sandbox in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.erp.clocks import StillClock
from tests.erp.recorder import Recorder
from tests.erp.under_test import Access, ErpUnderTest
from tools.erp.afas import connector, sandbox
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults

LOSES = {
    "Supplier.currency": "Profit_Creditor has no currency",
    "OrderLine.price_base": "a price is always for one unit",
    "Account.balance": "Profit_Accounts has no balance, and Profit_Transactions would be read as a whole",
}
INAPPLICABLE = {
    "token_expiry": "an AfasToken does not expire and cannot be renewed",
    "too_many_requests": "Profit has no 429: it is busy with a 503, after which a write's outcome is unknown",
    "stale_version": "Profit keeps no version that a write could name; what is read is compared instead",
    "drafts": "Profit keeps no draft of an entry: FiEntries is final at once",
}
TOKEN = "C0FFEE" + "0" * 58
OPERATIONS = {
    "post_invoice": "POST FiEntries",
    "post_credit_note": "POST FiEntries",
    "create_goods_receipt": "POST FbGoodsReceived",
    "hold_invoice": "PUT FiInvoice",
    "release_hold": "PUT FiInvoice",
    "create_purchase_order": "POST FbPurch",
    "amend_order_line": "PUT FbPurch",
}
WORDS = {"supplier_blocked": "blocked", "period_closed": "is blocked", "duplicate_number": "already exists"}


def settings(company: Company, **values: Any) -> connector.Settings:
    told = sandbox.login(company, "http://127.0.0.1")
    return connector.Settings.model_validate({**told, "token": TOKEN, "page_size": 3, **values})


@asynccontextmanager
async def under_test(company: Company, faults: Faults) -> AsyncIterator[ErpUnderTest]:
    app = sandbox.app(company, faults, token=TOKEN)
    server = app.app
    assert isinstance(server, sandbox.Server)
    profit = server.profit

    def erp_id(document: PurchaseDocument) -> str:
        entry, invoice = profit.entry_of(document), profit.numbers_of(document).invoice
        return f"{profit.journal}/{entry}/{document.supplier_id}/{invoice}"

    recorder, clock = Recorder(app), StillClock()
    erp = connector.connect(settings(company), transport=recorder, clock=clock)
    yield ErpUnderTest(
        erp=erp,
        company=company,
        faults=faults,
        requests=lambda: app.traffic.total,
        loses=LOSES,
        inapplicable=INAPPLICABLE,
        sent=recorder.sent,
        secrets=(TOKEN,),
        opens=OPERATIONS,
        commits=OPERATIONS,
        words=WORDS,
        access=Access(expire=lambda: None, issued=lambda: 0, waited=lambda: clock.slept),
        erp_id=erp_id,
    )
    await erp.close()
