"""Oracle Fusion in the contract suite: the connector over its protocol sandbox in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from tests.erp.clocks import StillClock
from tests.erp.recorder import Recorder
from tests.erp.under_test import Access, ErpUnderTest
from tools.erp.oracle import connector, sandbox
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import Gate

LOSES = {
    "Supplier.phone": "telephone numbers belong to contacts, which are not read",
    "OrderLine.price_base": "a price is always for one unit",
    "OrderLine.discount_percent": "the price of an order line is the one after discount",
    "OrderLine.tax_code": "Oracle determines the tax of a line when an invoice is validated",
    "OrderLine.tax_rate": "Oracle determines the tax of a line when an invoice is validated",
    "OrderLine.account": "charge accounts are on the third level below an order, which no bulk read reaches",
    "ReceiptLine.item_number": "receipts in the life cycle of an order name a description, not an item",
}
INAPPLICABLE: dict[str, str] = {}
SECRET = "sandbox-secret-of-the-tests"
WORDS = {
    "supplier_blocked": "inactive",
    "period_closed": "open or future enterable period",
    "duplicate_number": "already exists",
}


def settings(**values: object) -> connector.Settings:
    return connector.Settings.model_validate(
        {
            "base_url": "http://127.0.0.1",
            "company": "NZT",
            "business_unit": "Noordzee Techniek NL",
            "currency": "EUR",
            "ledger_id": 300000046975971,
            "login": "client_credentials",
            "token_url": "http://127.0.0.1/oauth2/v1/token",
            "client_id": "sandbox-client",
            "client_secret": SecretStr(SECRET),
            "account_combination": "01-{cost_centre}-{account}",
            "units": {"PCS": "H87"},
            "draft_orders": {"buyer_id": 300000047, "document_style_id": 1, "procurement_bu_id": 300000048},
            "page_size": 3,
            **values,
        }
    )


def server(company: Company, faults: Faults | None = None, **protocol: Any) -> Gate:
    told: dict[str, Any] = {"client_secret": SECRET, "business_unit": "Noordzee Techniek NL", **protocol}
    return sandbox.app(company, faults, **told)


@asynccontextmanager
async def under_test(company: Company, faults: Faults) -> AsyncIterator[ErpUnderTest]:
    app = server(company, faults)
    inner = app.app
    assert isinstance(inner, sandbox.Server)
    recorder, clock = Recorder(app), StillClock()
    erp = connector.connect(settings(), transport=recorder, clock=clock)
    yield ErpUnderTest(
        erp=erp,
        company=company,
        faults=faults,
        requests=lambda: app.traffic.total - app.traffic.calls["token"],
        loses=LOSES,
        inapplicable=INAPPLICABLE,
        sent=recorder.sent,
        secrets=(SECRET,),
        words=WORDS,
        opens={
            "post_invoice": "create_invoices",
            "post_credit_note": "create_invoices",
            "park_invoice": "batch",
            "create_goods_receipt": "create_receivingReceiptRequests",
            "create_purchase_order": "create_draftPurchaseOrders",
            "hold_invoice": "create_invoiceHolds",
            "release_hold": "change_invoiceHolds",
            "reverse_invoice": "cancelInvoice",
        },
        commits={
            "post_invoice": "validateInvoice",
            "post_credit_note": "validateInvoice",
            "park_invoice": "batch",
            "create_goods_receipt": "create_receivingReceiptRequests",
            "create_purchase_order": "create_draftPurchaseOrders",
            "hold_invoice": "create_invoiceHolds",
            "release_hold": "change_invoiceHolds",
            "reverse_invoice": "cancelInvoice",
        },
        erp_id=lambda document: str(inner.payables.ids.of("invoice", document.document_id)),
        access=Access(expire=inner.expire_tokens, issued=lambda: inner.issued, waited=lambda: clock.slept),
    )
    await erp.close()
