"""Which open orders of a supplier a document without a usable order number can bill, by value and goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.domain.documents import Invoice, PurchaseOrder
from tools.domain.money import Money, total
from tools.matching.freight import is_freight
from tools.matching.text_likeness import Wording
from tools.matching.ways_out import ORDER_OPTION

_ORDERLESS = "post_without_order"
"""Of a supplier who works on orders, goods without one are what a mistake or a fraud looks like."""
GUESS = "another open order is over the same amount and fits as well: to choose is to guess"
_GIVING_UP = ("return_to_supplier", _ORDERLESS)


@dataclass(frozen=True)
class OrderFit:
    """An open order beside the document."""

    order: PurchaseOrder
    left: Money
    """What is open on it, without tax."""
    goods: bool | None
    """Whether a line of the document names goods of the order; None where texts and numbers say nothing."""


def fits(invoice: Invoice, candidates: Sequence[tuple[PurchaseOrder, Money]]) -> list[OrderFit]:
    """Every candidate with what is open on it, looked at beside the document."""
    return [OrderFit(order, left, _same_goods(invoice, order)) for order, left in candidates]


def to_bill(invoice: Invoice, known: Sequence[OrderFit]) -> Money | None:
    """What an order must have open for the document, without tax: its net total where an order is over just
    that, else what is left of it without delivery cost, which stands on few orders."""
    net = invoice.net_total
    if net is None or any(fit.left == net for fit in known):
        return net
    extra = [line.net_amount for line in invoice.lines if is_freight(line.description)]
    extra += [charge.amount for charge in invoice.allowances if charge.is_charge]
    return net - total((cost for cost in extra if cost is not None), net.currency)


def unfit(fit: OrderFit, others: Sequence[OrderFit], net: Money | None) -> str | None:
    """Why the document cannot bill this order, in words; None where nothing speaks against it. An order with
    more open than the document bills may be billed in part."""
    if net is None or fit.left.currency != net.currency:
        return None
    if fit.left.amount < net.amount:
        return f"only {fit.left} is open on it, less than the document bills"
    enough = [
        other for other in others if other.left.currency == net.currency and other.left.amount >= net.amount
    ]
    if fit.goods is False and any(other.goods for other in enough):
        return "the goods on the document are those of another open order"
    exact = any(other.left == net and (other.goods or not fit.goods) for other in enough)
    if fit.left == net:
        return GUESS if exact else None
    if fit.goods is False:
        return "neither its value nor its goods are those of the document"
    if exact:
        return "another open order is over exactly this amount"
    return None


def unmeant(invoice: Invoice, known: Sequence[OrderFit]) -> dict[str, str]:
    """Options that name an order the document cannot bill, and those that give up although its one order is
    known, with the reason: a model neither is offered them nor may suggest them."""
    reasons = (
        {_ORDERLESS: "this supplier has open orders: whether this needs none is for a person"}
        if known
        else {}
    )
    net = to_bill(invoice, known)
    if sum(bool(fit.goods) and fit.left == net for fit in known) == 1:
        reasons |= dict.fromkeys(_GIVING_UP, "an open order is over exactly this amount and these goods")
    for fit in known:
        others = [other for other in known if other is not fit]
        if (why := unfit(fit, others, net)) is not None:
            reasons[f"{ORDER_OPTION}{fit.order.number}"] = why
    return reasons


def open_value(order: PurchaseOrder) -> Money:
    """Value ordered and not billed yet, without tax, as the ERP counts it."""
    return total(
        (line.unit_price * ((line.ordered - line.invoiced) / line.price_base) for line in order.lines),
        order.currency,
    ).rounded()


def _same_goods(invoice: Invoice, order: PurchaseOrder) -> bool | None:
    """By the buyer's or supplier's item number, else by the words of the lines."""
    billed = [line for line in invoice.lines if not is_freight(line.description)]
    known = {line.item_number for line in order.lines if line.item_number}
    if known & {
        number for line in billed for number in (line.buyer_item_id, line.supplier_item_id) if number
    }:
        return True
    printed = [line.description for line in billed if line.description]
    named = [line.description for line in order.lines if line.description]
    if not printed or not named:
        return None
    wording = Wording(printed, named)
    rows = range(len(printed))
    if any(wording.near(row) for row in rows):
        return True
    silent = all(wording.names_nothing(row, column) for row in rows for column in range(len(named)))
    return None if silent else False
