"""Tryton in the contract suite: the connector over its protocol sandbox in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from pydantic import SecretStr

from tests.erp.clocks import StillClock
from tests.erp.recorder import Recorder
from tests.erp.tryton_lines import WithLinesOfTheBooks
from tests.erp.under_test import Access, ErpUnderTest
from tools.domain.decision import PostingState
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.tryton import connector, sandbox
from tools.erp.tryton.sandbox_masters import PAYMENT_HOLD

LOSES = {
    "OrderLine.price_base": "a unit price is always for one unit",
    "OrderLine.discount_percent": "a unit price is the price after all discounts",
    "OrderLine.account": "an order line names a product or none; its account follows from rules",
}
MODULE_CALLS = {
    "hold_invoice": "account.invoice.hold.create",
    "release_hold": "account.invoice.hold.release",
}
INAPPLICABLE: dict[str, str] = {}
HOLDS = {
    True: (MODULE_CALLS, MODULE_CALLS),
    False: (
        {"hold_invoice": "ir.note.create", "release_hold": "account.move.line.payment_unblock"},
        {
            "hold_invoice": "account.move.line.payment_block",
            "release_hold": "account.move.line.payment_unblock",
        },
    ),
}
"""With the module or not: the first call that changes something, and the one that makes it final."""
SECRET = "sandbox-secret-of-the-tests"


def is_login(request: httpx.Request) -> bool:
    """Tryton logs in by a call like any other."""
    return b"common.db.login" in request.content


def settings(**values: object) -> connector.Settings:
    return connector.Settings.model_validate(
        {
            "base_url": "http://127.0.0.1",
            "database": "sandbox",
            "company": "NZT",
            "user": "sandbox-user",
            "password": SecretStr(SECRET),
            "page_size": 3,
            "payment_block_category": PAYMENT_HOLD,
            **values,
        }
    )


@asynccontextmanager
async def under_test(
    company: Company, faults: Faults, *, hold_module: bool = True
) -> AsyncIterator[ErpUnderTest]:
    app = sandbox.app(company, faults, password=SECRET, hold_module=hold_module)
    server = app.app
    assert isinstance(server, sandbox.Server)
    ids = server.models.ids
    opening, committing = HOLDS[hold_module]
    recorder, clock = Recorder(app, is_login), StillClock()
    erp = connector.connect(settings(hold_module=hold_module), transport=recorder, clock=clock)

    def erp_id(document: PurchaseDocument) -> str:
        return str(ids.of("account.invoice", document.document_id))

    def number(document: PurchaseDocument) -> str:
        return f"({erp_id(document)})" if document.state is PostingState.DRAFT else document.number

    yield ErpUnderTest(
        erp=WithLinesOfTheBooks(erp, ids),
        company=company,
        faults=faults,
        requests=lambda: app.traffic.total - app.traffic.calls["common.db.login"],
        loses=LOSES,
        inapplicable=INAPPLICABLE,
        sent=recorder.sent,
        secrets=(SECRET,),
        opens={
            **dict.fromkeys(("post_invoice", "park_invoice", "post_credit_note"), "account.invoice.create"),
            "create_goods_receipt": "stock.shipment.in.create",
            "create_purchase_order": "purchase.purchase.create",
            **opening,
        },
        commits={
            **dict.fromkeys(("post_invoice", "post_credit_note"), "account.invoice.post"),
            "park_invoice": "account.invoice.create",
            "create_goods_receipt": "stock.shipment.in.do",
            "create_purchase_order": "purchase.purchase.create",
            **committing,
        },
        words={
            "supplier_blocked": "blocked",
            "period_closed": "period",
            "duplicate_number": "already exists",
        },
        access=Access(
            expire=server.expire_sessions, issued=lambda: server.issued, waited=lambda: clock.slept
        ),
        erp_id=erp_id,
        number=number,
    )
    await erp.close()
