"""What came in on an order's lines and what was billed of them: SAP keeps neither on the order. Pure.

- Material documents count by their side: `S` came in, `H` went back; a cancelled one has its counterpart.
- Movements 103 to 106 and 124, 125 are about blocked stock: only its release (105, 106) counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tools.domain.units import UnitMismatch, as_decimal, factor
from tools.erp.sap import documents

BLOCKED_STOCK = frozenset({"103", "104", "124", "125"})
"""Movements that do not count: into blocked stock, and back from it."""
UnitOf = Callable[[str], str]
"""SAP's unit -> Rec. 20 code."""


def received_by_line(
    movements: Iterable[documents.Movement], items: Collection[documents.OrderItem], unit_of: UnitOf
) -> dict[tuple[str, str], Decimal]:
    """(Order, line id) -> quantity that stayed, in the order's unit. A movement in a unit that nothing
    relates to it does not count: too little received holds an invoice, too much would pay one."""
    units = {(item.purchase_order, item.line_id): item.purchase_order_quantity_unit for item in items}
    found: dict[tuple[str, str], Decimal] = {}
    for move in movements:
        key = (move.purchase_order, move.purchase_order_item.lstrip("0"))
        if key in units and move.goods_movement_type not in BLOCKED_STOCK:
            quantity = in_unit(move, units[key], unit_of) or Decimal(0)
            found[key] = found.get(key, Decimal(0)) + signed(move, quantity)
    return found


def signed(move: documents.Movement, quantity: Decimal) -> Decimal:
    return -quantity if move.debit_credit_code == "H" else quantity


def in_unit(move: documents.Movement, unit: str, unit_of: UnitOf) -> Decimal | None:
    """The quantity of a movement in the order's unit; None where nothing relates the two."""
    if move.entry_unit == unit:
        return move.quantity_in_entry_unit
    if move.material_base_unit == unit:
        return move.quantity_in_base_unit
    try:
        ratio = factor(unit_of(move.entry_unit), unit_of(unit))
    except UnitMismatch:
        return None
    return as_decimal(Fraction(move.quantity_in_entry_unit) * ratio)


def invoiced_by_line(
    items: Iterable[documents.OrderReference], states: Mapping[tuple[str, str], documents.InvoiceState]
) -> dict[tuple[str, str], Decimal]:
    """(Order, line id) -> quantity billed by documents that are posted and not cancelled; credit memos count
    negative, later debits and credits change the value only."""
    found: dict[tuple[str, str], Decimal] = {}
    for item in items:
        state = states.get((item.supplier_invoice, item.fiscal_year))
        if state is None or not counts(state) or item.is_subsequent_debit_credit:
            continue
        key = (item.purchase_order, item.purchase_order_item.lstrip("0"))
        quantity = item.quantity_in_purchase_order_unit
        credit = bool(state.supplier_invoice_is_credit_memo)
        found[key] = found.get(key, Decimal(0)) + (-quantity if credit else quantity)
    return found


def counts(state: documents.InvoiceState) -> bool:
    return state.supplier_invoice_status == "5" and not state.reverse_document and not state.is_reversal


@dataclass(frozen=True)
class Fulfilment:
    received: Mapping[tuple[str, str], Decimal]
    invoiced: Mapping[tuple[str, str], Decimal]
