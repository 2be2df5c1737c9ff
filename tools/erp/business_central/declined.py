"""What Business Central's API v2.0 cannot do, with the reason; `extension/` would lift most of it."""

from __future__ import annotations

from collections.abc import Mapping

from tools.erp.contract import Capability

DECLINED: Mapping[Capability, str] = {
    Capability.READ_ORDER_RATES: ("an order in API v2.0 tells no currency factor"),
    Capability.READ_SUPPLIER_LIMITS: (
        "API v2.0 tells no amount limit of a vendor (settings: supplier_limits)"
    ),
    Capability.READ_ORDER_LIMITS: (
        "a blanket order of Business Central is a document of its own that API v2.0 does not serve, and an "
        "order has no value limit and no last day"
    ),
    Capability.READ_BANK_ACCOUNTS: "Business Central's API v2.0 has no entity for vendor bank accounts",
    Capability.READ_RECEIPT_ORDER_LINES: "receipt lines in API v2.0 do not name the order line they fulfil",
    Capability.LINK_ORDER_LINES: "API v2.0 offers no link from an invoice line to an order or receipt line",
    Capability.CREATE_GOODS_RECEIPT: "API v2.0 cannot post a receipt alone: purchase receipts are read-only",
    Capability.HOLD_INVOICE: "the table field On Hold is not part of API v2.0",
    Capability.RELEASE_HOLD: "the table field On Hold is not part of API v2.0",
    Capability.REVERSE_INVOICE: "API v2.0 has no action to cancel or correct a posted purchase invoice",
    Capability.AMEND_ORDER_LINE: (
        "Business Central refuses a new price or quantity on a released order, every order that is received "
        "or billed is released, and API v2.0 has no action to reopen one"
    ),
}
