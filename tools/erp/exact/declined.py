"""What Exact Online's REST API, or this connector, cannot do, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from tools.erp.contract import Capability

_NO_HOLD = (
    "a purchase entry has no hold: its payment terms can be read, and of them only the description, method "
    "and reference can be changed"
)

DECLINED: Mapping[Capability, str] = {
    Capability.READ_ORDER_RATES: ("of an order in another currency no exchange rate is read"),
    Capability.READ_SUPPLIER_LIMITS: (
        "an account of Exact Online tells no limit of a single purchase invoice (settings: supplier_limits)"
    ),
    Capability.READ_ORDER_LIMITS: (
        "a purchase order of Exact Online has no value limit and no last day, and its API serves no frame "
        "agreements"
    ),
    Capability.READ_POSTING_WINDOW: "financial periods are told with their days, but not which are closed",
    Capability.LINK_ORDER_LINES: (
        "a line of a purchase entry names no order line; invoices of the logistics module do, but take no "
        "G/L accounts and need a warehouse"
    ),
    Capability.PARK_INVOICE: (
        "a purchase entry is posted when it is created; only the logistics module has drafts, and those take "
        "items and order lines, no G/L accounts"
    ),
    Capability.HOLD_INVOICE: _NO_HOLD,
    Capability.RELEASE_HOLD: _NO_HOLD,
    Capability.CREATE_PURCHASE_ORDER: (
        "an order made by the API is open at once where purchase approval is not switched on: there is no "
        "draft for a buyer to release"
    ),
    Capability.AMEND_ORDER_LINE: (
        "the published methods of order lines are GET, POST and DELETE: none changes a line"
    ),
    Capability.REVERSE_INVOICE: (
        "there is no reversal; an entry can only be deleted while it is not processed, which leaves no "
        "trace, so post a credit note"
    ),
}
