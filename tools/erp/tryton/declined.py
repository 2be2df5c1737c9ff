"""What Tryton, or this connector, cannot do, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from tools.erp.contract import Capability

DECLINED: Mapping[Capability, str] = {
    Capability.READ_ORDER_RATES: ("a purchase of Tryton fixes no exchange rate"),
    Capability.READ_SUPPLIER_LIMITS: (
        "a party of Tryton has no limit of a single purchase invoice (settings: supplier_limits)"
    ),
    Capability.READ_ORDER_LIMITS: (
        "a purchase of Tryton has no value limit and no last day; blanket agreements are a module of their "
        "own, which this connector does not read"
    ),
    Capability.READ_COST_CENTRES: (
        "cost centres are analytic accounts, of a module that this connector does not use"
    ),
    Capability.REVERSE_INVOICE: (
        "Tryton dates the cancelling entry itself (the invoice's day, or today when its period is closed); "
        "the day that was approved cannot be told. Post a credit note"
    ),
    Capability.AMEND_ORDER_LINE: (
        "the lines of a confirmed order are read-only; Tryton changes them by amendments "
        "(purchase_amendment), which this connector does not use"
    ),
}
