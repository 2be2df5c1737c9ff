"""What the records say about a finding, in words: every comparison is done here, none is left to a model.

Apart from `brief.py` so that the comparisons can be tested one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tools.domain.findings import Discrepancy, DiscrepancyKind, LineMatch, MatchResult
from tools.domain.money import Money
from tools.domain.purchase import GoodsReceipt, OrderLine
from tools.matching.contradictions import (
    OUR_CODE,
    SMALL_SHARE,
    accepted_before,
    agreeing,
    freight_above,
    is_little,
    is_negligible,
    missing_quantity,
    order_lines,
    price_excess,
    share_of_document,
    suspects,
)
from tools.matching.facts import Facts
from tools.matching.order_fit import OrderFit
from tools.matching.wording import amount_text, number_text, percent_text
from tools.untrusted_text import marked

_K = DiscrepancyKind
_SOON_DAYS = 30
"""A delivery or receipt this near is told as recent; practice, it only chooses a word."""
_UNITS = {"H87": "pieces", "C62": "pieces", "EA": "pieces", "KGM": "kg", "LTR": "litres", "HUR": "hours"}
_SHOWN = 3

Sign = tuple[str, str]
"""Id of the record that it stands in, and the sentence."""


def signs(facts: Facts, match: MatchResult, leading: Sequence[Discrepancy]) -> list[Sign]:
    """Sentences about the findings that come first, the nearest record first."""
    lines, seen = order_lines(facts.orders), set[tuple[str, str]]()
    found: list[Sign] = []
    for entry in leading:
        found += _OF_KIND.get(entry.kind, _nothing)(entry, facts)
        for row in _rows(entry, match):
            key = (row.order_number, row.order_line_id)
            if key in lines and key not in seen and len(seen) < _SHOWN:
                seen.add(key)
                found += _of_line(entry, row, lines[key], facts)
    found += _duplicates(match, leading)
    return list(dict.fromkeys(found))


def _rows(entry: Discrepancy, match: MatchResult) -> list[LineMatch]:
    return [
        row
        for row in match.lines
        if (row.order_number, row.order_line_id) == (entry.order_number, entry.order_line_id)
    ]


def _of_line(entry: Discrepancy, row: LineMatch, line: OrderLine, facts: Facts) -> Iterator[Sign]:
    record, _ = sign = line_sign(row, line)
    yield sign
    if line.cancelled:
        yield record, "This order line was cancelled."
    if entry.kind in _PRICE:
        yield from _of_price(record, row, line, facts)
    if entry.kind in _QUANTITY:
        yield from _of_quantity(record, row, line, facts)


def line_sign(row: LineMatch, line: OrderLine) -> Sign:
    """What was ordered, received and billed, without a verdict."""
    unit, text = _UNITS.get(row.unit, row.unit), marked(line.description, "order line", 60)
    return (
        f"order:{plain(row.order_number)}",
        f"Order line {plain(row.order_line_id)} {text}: ordered {number_text(row.ordered)} {unit} "
        f"at {row.order_price}, "
        f"received {number_text(row.received)}, billed before {number_text(row.billed_before)}, "
        f"billed now {number_text(row.billed)}.",
    )


def _of_price(record: str, row: LineMatch, line: OrderLine, facts: Facts) -> Iterator[Sign]:
    excess = price_excess(row)
    if excess is None:
        return
    if not excess:
        yield record, "The price is the ordered price."
        return
    size = "negligible" if is_negligible(excess, row, facts) else "considerable"
    what = "too much" if excess > 0 else "less than ordered"
    shown = amount_text(abs(excess), row.order_price.currency)
    yield record, f"On this line that is {shown} {what}: {size}."
    if line.price_is_estimate:
        yield record, "The order's price is only the buyer's estimate."
    before = accepted_before(row, facts)
    if before is not None:
        words = "at this same price" if before else "at another price"
        yield record, f"Earlier deliveries of this line were billed and accepted {words}."


def _of_quantity(record: str, row: LineMatch, line: OrderLine, facts: Facts) -> Iterator[Sign]:
    unit = _UNITS.get(row.unit, row.unit)
    missing, over = missing_quantity(row, line), row.received - row.ordered
    surplus = row.billed + row.billed_before - row.ordered
    if missing > 0 and not line.cancelled:
        what = "not inspected and accepted" if line.accepted is not None else "not received"
        yield record, f"{number_text(missing)} {unit} of what is billed are {what} yet."
        yield from _expected(record, line.expected_on, facts.today)
    if over > 0:
        yield record, f"A surplus was delivered: {number_text(over)} {unit} beyond the order."
    elif surplus > 0:
        yield record, f"{number_text(surplus)} {unit} too much are billed: no surplus was delivered."
    yield from _receipts(row, facts)


def _expected(record: str, day: date | None, today: date) -> Iterator[Sign]:
    if day is None:
        return
    days = (day - today).days
    if days >= 0:
        yield record, f"The delivery is expected on {day.isoformat()}, in {days} days: still to come."
    elif -days <= _SOON_DAYS:
        yield (
            record,
            f"The delivery was expected on {day.isoformat()}, {-days} days ago: it may be under way.",
        )
    else:
        yield record, f"The delivery was expected on {day.isoformat()}, {-days} days ago: long overdue."


def _receipts(row: LineMatch, facts: Facts) -> Iterator[Sign]:
    mine = [
        found for found in facts.receipts if found.order_number == row.order_number and _of_row(found, row)
    ]
    for receipt in sorted(mine, key=lambda found: found.received_on)[-_SHOWN:]:
        came = sum((line.quantity for line in receipt.lines if _is_row(line.order_line_id, row)), Decimal(0))
        days = (facts.today - receipt.received_on).days
        marks = [line for line in receipt.lines if line.has_exception]
        doubt = " The receiver marked it as not in order." if marks else ""
        yield (
            f"receipt:{plain(receipt.number)}",
            f"{number_text(came)} received on {receipt.received_on.isoformat()}, {days} days ago.{doubt}",
        )


def _of_row(receipt: GoodsReceipt, row: LineMatch) -> bool:
    return any(_is_row(line.order_line_id, row) for line in receipt.lines)


def _is_row(line_id: str | None, row: LineMatch) -> bool:
    return line_id in (None, row.order_line_id)


def _duplicates(match: MatchResult, leading: Sequence[Discrepancy]) -> Iterator[Sign]:
    if not any(entry.kind is _K.DUPLICATE_SUSPECT for entry in leading):
        return
    for entry in suspects(match)[:_SHOWN]:
        figures = entry.figures
        if "this number" not in figures:
            continue
        same = agreeing(figures)
        words = [
            f"{name}: {'the same' if name in same else 'different'}" for name in ("number", "amount", "date")
        ]
        where = marked(figures.get("where", ""), "earlier document", 80)
        text = f"Compared with the earlier document ({where}): {', '.join(words)}."
        if {"number", "amount"} <= set(same):
            text += " It is the same document sent again."
        yield f"document:{plain(figures['candidate'])}", f"{text}{_apart(figures)}"


def plain(reference: str) -> str:
    """A record's id without anything that could be read as words or marks."""
    return "".join(sign for sign in reference if sign.isalnum() or sign in "-_:/.")[:40]


def _apart(figures: Mapping[str, str]) -> str:
    try:
        one, two = (date.fromisoformat(figures[name]) for name in ("date", "this date"))
    except (KeyError, ValueError):
        return ""
    days = abs((two - one).days)
    return f" The dates are {days} days apart." if days else ""


def _of_freight(entry: Discrepancy, facts: Facts) -> Iterator[Sign]:
    if (found := freight_above(entry, facts)) is None:
        return
    cost, allowed = found
    size = "only a little" if is_little(cost, allowed) else "much"
    share = percent_text(Fraction(cost.amount - allowed), Fraction(allowed))
    over = amount_text(cost.amount - allowed, cost.currency)
    yield "document", f"The delivery cost is {over} ({share}) above the limit: {size}."


def _of_unplanned(entry: Discrepancy, facts: Facts) -> Iterator[Sign]:
    share = share_of_document(entry, facts)
    if share is None:
        return
    size = "a small part" if share <= SMALL_SHARE else "a large part"
    percent = number_text(round(share * 100, 1))
    yield "document", f"The unplanned line is {percent} percent of the document: {size}."


def _of_tax(entry: Discrepancy, facts: Facts) -> Iterator[Sign]:
    if entry.rule.startswith(OUR_CODE):
        yield "document", "The tax is not wrong: only our profile has no tax code for it."
    else:
        yield "document", "The tax on the document is wrong."


def order_signs(candidates: Sequence[OrderFit], net: Money | None) -> list[Sign]:
    """How value and goods of each candidate order compare with the document's."""
    if net is None or not candidates:
        return [("document", "No open order of this supplier is known that it could bill.")]
    found = []
    for fit in candidates:
        number = plain(fit.order.number)
        text = f"{fit.left} is open on order {number}: {_verdict(fit, net)}."
        found.append((f"order:{number}", text))
    same = [fit for fit in candidates if fit.left == net]
    if len(same) > 1:
        found.append((found[0][0], f"{len(same)} orders fit equally well: nothing tells which one."))
    return found


def _verdict(fit: OrderFit, net: Money) -> str:
    if fit.left == net:
        return "exactly the net total of this document"
    if fit.goods:
        return "its goods are those of this document, which may bill a part of it"
    return "another amount, it does not fit exactly"


def _nothing(entry: Discrepancy, facts: Facts) -> Iterator[Sign]:
    yield from ()


_PRICE = frozenset({_K.PRICE_OVER, _K.PRICE_UNDER, _K.SUBSTITUTE_ITEM})
_QUANTITY = frozenset(
    {
        _K.QTY_OVER_RECEIVED,
        _K.QTY_OVER_ORDERED,
        _K.QTY_OVER_ACCEPTED,
        _K.NO_RECEIPT,
        _K.PO_EXHAUSTED,
        _K.DATE_VARIANCE,
    }
)
_OF_KIND: Mapping[DiscrepancyKind, Callable[[Discrepancy, Facts], Iterator[Sign]]] = {
    _K.UNPLANNED_FREIGHT: _of_freight,
    _K.UNPLANNED_LINE: _of_unplanned,
    _K.TAX_WRONG: _of_tax,
}
