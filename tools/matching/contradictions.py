"""When a way out contradicts the facts: what a model is not offered, and what is not taken from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from tools.domain.findings import (
    Discrepancy,
    DiscrepancyKind,
    LineMatch,
    MatchDepth,
    MatchResult,
    Severity,
)
from tools.domain.money import Money
from tools.domain.purchase import OrderLine, OrderState, PurchaseOrder
from tools.matching.facts import Facts
from tools.matching.invoice_numbers import normalise_number

SMALL_SHARE = Fraction(1, 10)
OUR_CODE = "tax.code"
"""Rules about our own profile, not about the document."""
_A_LITTLE = Decimal("1.25")


def contradiction(way_id: str, facts: Facts, match: MatchResult) -> str | None:
    """Why `way_id` cannot be right with these facts, in words; None where nothing speaks against it."""
    check = _CHECKS.get(way_id)
    return check(facts, match) if check is not None else None


def order_lines(orders: Iterable[PurchaseOrder]) -> dict[tuple[str, str], OrderLine]:
    """Every order line by order number and line id."""
    return {(order.number, line.line_id): line for order in orders for line in order.lines}


def missing_quantity(row: LineMatch, line: OrderLine) -> Decimal:
    """Billed now and before, as far as it was ordered, and not received (or not accepted) yet; below zero
    when more came. What is billed beyond the order is not waited for."""
    came = row.received if line.accepted is None else min(line.accepted, row.received)
    return min(row.billed + row.billed_before, row.ordered) - came


def _nothing_to_wait_for(facts: Facts, match: MatchResult) -> str | None:
    lines = order_lines(facts.orders)
    found = [(row, lines.get((row.order_number, row.order_line_id))) for row in match.lines]
    rows = [(row, line) for row, line in found if line is not None]
    if not rows or match.depth is MatchDepth.TWO_WAY:
        return None
    if all(line.cancelled for _, line in rows):
        return "the order line is cancelled: nothing will come"
    if any(line.has_exception for receipt in facts.receipts for line in receipt.lines):
        return None
    if all(missing_quantity(row, line) <= 0 for row, line in rows):
        return "everything that was ordered and billed has been received"
    return None


def _nothing_to_send_back(facts: Facts, match: MatchResult) -> str | None:
    if match.lines and all(row.received <= 0 for row in match.lines):
        return "nothing came that could go back"
    kinds = {found.kind for found in match.discrepancies}
    over = DiscrepancyKind.QTY_OVER_ORDERED in kinds and DiscrepancyKind.SUBSTITUTE_ITEM not in kinds
    if over and all(row.received <= row.ordered for row in match.lines):
        return "no more came than was ordered"
    return None


def _nothing_to_credit(facts: Facts, match: MatchResult) -> str | None:
    return "the document is itself a credit note" if facts.invoice.is_credit_note else None


def _is_the_same(facts: Facts, match: MatchResult) -> str | None:
    """Two of number, date and amount agree with a candidate: a model never clears that. Any one of them is
    changed easily, by a suffix, by waiting a day, by a cent."""
    for found in suspects(match):
        same = agreeing(found.figures)
        if len(same) > 1:
            return f"{' and '.join(same)} are those of the earlier document"
    return None


def _is_another(facts: Facts, match: MatchResult) -> str | None:
    found = [agreeing(entry.figures) for entry in suspects(match) if "this number" in entry.figures]
    return (
        "neither number nor amount agrees"
        if found and not any(set(pair) - {"date"} for pair in found)
        else None
    )


def suspects(match: MatchResult) -> list[Discrepancy]:
    """The findings that name an earlier document which may be the same."""
    return [entry for entry in match.discrepancies if entry.kind is DiscrepancyKind.DUPLICATE_SUSPECT]


_ALL = ("number", "date", "amount")


def agreeing(figures: Mapping[str, str]) -> tuple[str, ...]:
    """Which of number, date and amount are the same on both documents; numbers as duplicates compare them."""
    return tuple(name for name in _ALL if _agrees(name, figures.get(name), figures.get(f"this {name}")))


def _agrees(name: str, one: str | None, two: str | None) -> bool:
    if not one or not two:
        return False
    return normalise_number(one) == normalise_number(two) if name == "number" else one == two


def price_excess(row: LineMatch) -> Decimal | None:
    """Billed above the order's price on this line, in the order's currency; below zero when less. None where
    the currencies differ or the document states no price."""
    if row.invoice_price is None or row.invoice_price.currency != row.order_price.currency:
        return None
    return (row.invoice_price.amount - row.order_price.amount) * row.billed


def is_negligible(excess: Decimal, row: LineMatch, facts: Facts) -> bool:
    """Within the amount by which the policy lets a line differ, and at most a tenth of its
    ordered price: beyond that it is another price, which the next delivery will have too."""
    limit = facts.document_policy.line_value.over.absolute
    ordered = abs(Fraction(row.order_price.amount) * Fraction(row.billed))
    return limit is not None and abs(excess) <= limit and abs(Fraction(excess)) <= ordered * SMALL_SHARE


def accepted_before(row: LineMatch, facts: Facts) -> bool | None:
    """Whether earlier deliveries of the order line were billed at this same price; None: nothing is known."""
    key = (row.order_number, row.order_line_id)
    before = facts.own_billed.get(key, facts.billed.get(key))
    if before is None or not before.quantity or row.invoice_price is None:
        return None
    return Fraction(before.value) / Fraction(before.quantity) == Fraction(row.invoice_price.amount)


def freight_above(found: Discrepancy, facts: Facts) -> tuple[Money, Decimal] | None:
    """Unplanned delivery cost, and what may be billed of it: what was agreed, else the lower of a share of
    the goods and an amount. None where nothing was agreed and the policy sets neither."""
    actual, agreed = stated(found, "actual"), stated(found, "expected")
    if actual is not None and agreed is not None:
        return actual, agreed.amount
    cost, goods = stated(found, "invoice"), stated(found, "goods")
    limit = facts.document_policy.freight
    if cost is None or goods is None:
        return None
    both = (limit.absolute, None if limit.percent is None else goods.amount * limit.percent / 100)
    given = [value for value in both if value]
    return (cost, min(given)) if given else None


def is_little(cost: Money, allowed: Decimal) -> bool:
    """At most a quarter above what is allowed."""
    return cost.amount <= allowed * _A_LITTLE


def share_of_document(found: Discrepancy, facts: Facts) -> Fraction | None:
    """How much of the document's net total an unplanned line is; None where the total is not known."""
    cost, net = stated(found, "invoice"), facts.invoice.net_total
    if cost is None or net is None or net.amount <= 0:
        return None
    return Fraction(cost.amount) / Fraction(net.amount)


def stated(found: Discrepancy, name: str) -> Money | None:
    """A figure of a finding that is an amount (`57.00 EUR`)."""
    number, _, currency = found.figures.get(name, "").partition(" ")
    try:
        return Money.of(number, currency)
    except ValueError:
        return None


def _is_unexplained(facts: Facts, match: MatchResult) -> str | None:
    lines = order_lines(facts.orders)
    for row in match.lines:
        excess = price_excess(row)
        known = _is_known_price(row, lines, facts)
        if excess is not None and excess > 0 and not is_negligible(excess, row, facts) and not known:
            return "the excess is considerable and nothing in the records explains it"
    return None


def _is_known_price(row: LineMatch, lines: Mapping[tuple[str, str], OrderLine], facts: Facts) -> bool:
    """Whether the billed price was accepted before on this line, or the order's was only an estimate."""
    line = lines.get((row.order_number, row.order_line_id))
    return bool(accepted_before(row, facts)) or (line is not None and line.price_is_estimate)


def _is_not_agreed(facts: Facts, match: MatchResult) -> str | None:
    """The buyer changes an order for what was agreed or delivered; a model may suggest it where the records
    show a sign of either."""
    kinds = {found.kind for found in match.discrepancies if found.severity is Severity.BLOCK}
    lines = order_lines(facts.orders)
    if kinds == {DiscrepancyKind.PRICE_OVER}:
        known = (_is_known_price(row, lines, facts) for row in match.lines if (price_excess(row) or 0) > 0)
        return None if all(known) else "nothing in the records says that the order's price is out of date"
    found = [(row, lines.get((row.order_number, row.order_line_id))) for row in match.lines]
    goods = [row for row, line in found if line is not None and line.receipt_required]
    if kinds & _MORE_THAN_ORDERED and goods and all(row.received <= row.ordered for row in goods):
        return "no surplus was delivered"
    return None


def _is_much_freight(facts: Facts, match: MatchResult) -> str | None:
    found = [entry for entry in match.discrepancies if entry.kind is DiscrepancyKind.UNPLANNED_FREIGHT]
    pairs = filter(None, (freight_above(entry, facts) for entry in found))
    return None if all(is_little(*pair) for pair in pairs) else "the delivery cost is much above the limit"


def _is_large_line(facts: Facts, match: MatchResult) -> str | None:
    found = [entry for entry in match.discrepancies if entry.kind is DiscrepancyKind.UNPLANNED_LINE]
    shares = filter(None, (share_of_document(entry, facts) for entry in found))
    if any(share > SMALL_SHARE for share in shares):
        return "it is a large part of the document"
    # A small part of a large document may be much money: what an order may be exceeded by is the measure.
    limit = facts.document_policy.cumulative_value.over.absolute
    costs = [cost.amount for entry in found if (cost := stated(entry, "invoice")) is not None]
    over = limit is not None and sum(costs, Decimal(0)) > limit
    return f"it comes to more than the {limit:f} by which an order may be exceeded" if over else None


def _is_wrong_tax(facts: Facts, match: MatchResult) -> str | None:
    found = [entry for entry in match.discrepancies if entry.kind is DiscrepancyKind.TAX_WRONG]
    blocking = [entry for entry in found if entry.severity is Severity.BLOCK]
    only_ours = all(entry.rule.startswith(OUR_CODE) for entry in blocking)
    return None if only_ours else "the tax on the document is wrong"


def _no_order_to_release(facts: Facts, match: MatchResult) -> str | None:
    """A buyer can release or settle an order that is there and not over."""
    kinds = {found.kind for found in match.discrepancies if found.severity is Severity.BLOCK}
    if DiscrepancyKind.BAD_PO not in kinds:
        return None
    if not facts.orders:
        return "the ERP has no order of the number on the document"
    over = all(order.state in (OrderState.CLOSED, OrderState.CANCELLED) for order in facts.orders)
    return "the order on the document is closed: nothing is left to release" if over else None


def _needs_an_order(facts: Facts, match: MatchResult) -> str | None:
    """What the buyer's own item number names is bought on orders; whether this once it was not, no model can
    know. Nor can it know of a supplier's first invoice whether anybody asked for anything."""
    if any(line.buyer_item_id for line in facts.invoice.lines):
        return "the document bills items of ours, which are ordered"
    if facts.fraud is not None and not facts.fraud.known_before:
        return "nothing of this supplier was ever posted: whether anybody ordered it is for people"
    return None


_MORE_THAN_ORDERED = frozenset({DiscrepancyKind.QTY_OVER_ORDERED, DiscrepancyKind.PO_EXHAUSTED})
_CHECKS: Mapping[str, Callable[[Facts, MatchResult], str | None]] = {
    "wait_for_receipt": _nothing_to_wait_for,
    "wait_for_buyer": _no_order_to_release,
    "return_goods": _nothing_to_send_back,
    "request_credit_note": _nothing_to_credit,
    "not_a_duplicate": _is_the_same,
    "confirm_duplicate": _is_another,
    "accept_price": _is_unexplained,
    "order_changed": _is_not_agreed,
    "accept_freight": _is_much_freight,
    "accept_line": _is_large_line,
    "tax_code_set": _is_wrong_tax,
    "post_without_order": _needs_an_order,
}
