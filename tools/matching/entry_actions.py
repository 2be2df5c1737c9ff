"""An entry in the ERP as an action, made from references to facts of the case and, where it is taken, from
what a person typed. A reference that means nothing in the case makes no action."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from tools.domain.decision import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    HoldInvoice,
    ReceivedLine,
    ReleaseHold,
)
from tools.domain.documents import OrderLine
from tools.domain.money import Money, total
from tools.domain.record import Record
from tools.matching.entry_targets import Subject, Target, targets
from tools.matching.erp_entries import EntryRow

_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")
_LONGEST_NOTE = 35
"""Characters of a delivery note's number: what EDIFACT and most ERPs keep of a document number."""


class Fault(Record):
    """Why no action can be made, as a sentence for people."""

    reason: str


def action_by_reference(row: EntryRow, given: Mapping[str, str], subject: Subject) -> Action | Fault:
    """The action behind `row` with what was given: references, and for a receipt the person's delivery note,
    quantity and day. Amounts, suppliers and codes come from the facts of the case alone."""
    found = targets(row, subject)
    if not found:
        return Fault(reason=f"{row.label}: nothing of this case calls for it now")
    if row.action == "create_goods_receipt":
        return _receipt(found, given, subject)
    chosen = _named(found, given)
    if isinstance(chosen, Fault):
        return chosen
    if len(chosen) > 1:
        return _ambiguous(chosen)
    one = chosen[0]
    if one.order is not None and one.line is not None:
        return AmendOrderLine(
            company=subject.company,
            order_number=one.order.number,
            order_line_id=one.line.line_id,
            quantity=one.quantity,
            unit_price=one.unit_price,
            before=subject.past.count((row.action, one.order.number, one.line.line_id)),
            value=_worth(
                one.line, one.line.ordered if one.quantity is None else one.quantity, one.unit_price
            ),
        )
    return _hold(row, one, subject)


def _hold(row: EntryRow, one: Target, subject: Subject) -> Action:
    """A hold pays nothing; a release lets the whole document be paid."""
    holds = row.action == "hold_invoice"
    zero = None if one.gross is None else Money.zero(one.gross.currency)
    return (HoldInvoice if holds else ReleaseHold)(
        company=subject.company,
        supplier_id=subject.facts.supplier.supplier_id,
        posted_number=one.posting,
        reason_code=one.code,
        value=zero if holds else one.gross,
        before=subject.past.count((row.action, one.posting, one.code)),
    )


def refers(found: Iterable[Target], references: Mapping[str, str]) -> bool:
    """Whether the references mean something an entry can be about; without any they mean everything."""
    named = _split(references.get("order_line", ""))
    singles = [{**references, "order_line": name} for name in named] or [dict(references)]
    known = [target.references for target in found]
    return all(any(single.items() <= one.items() for one in known) for single in singles)


def _named(found: Sequence[Target], given: Mapping[str, str]) -> Sequence[Target] | Fault:
    """The targets that the given references name; all of them when none is given."""
    names = {key: value for key in ("order_line", "posting", "code") if (value := given.get(key, "").strip())}
    if not refers(found, names):
        known = ", ".join(dict.fromkeys(word for one in found for word in one.references.values()))
        return Fault(reason=f"{', '.join(names.values())} is not among: {known}")
    lines = _split(names.pop("order_line", ""))
    return [
        one
        for one in found
        if names.items() <= one.references.items()
        and (not lines or one.references.get("order_line") in lines)
    ]


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _ambiguous(found: Sequence[Target]) -> Fault:
    known = "; ".join(one.words for one in found)
    return Fault(reason=f"say which one: {known}")


def _receipt(found: Sequence[Target], given: Mapping[str, str], subject: Subject) -> Action | Fault:
    chosen = _named(found, given)
    if isinstance(chosen, Fault):
        return chosen
    orders = {one.order.number: one.order for one in chosen if one.order is not None}
    if len(orders) != 1:
        return _ambiguous(chosen)
    (order,) = orders.values()
    note = given.get("delivery_note", "").strip()
    if not note or len(note) > _LONGEST_NOTE or not note.isprintable():
        return Fault(
            reason=f"delivery_note takes the number of the delivery note, at most {_LONGEST_NOTE} signs"
        )
    day = _day(given.get("received_on", "").strip(), subject)
    if isinstance(day, Fault):
        return day
    quantities = _quantities(chosen, given.get("quantity", "").strip())
    if isinstance(quantities, Fault):
        return quantities
    pairs = [(one.line, quantity) for one, quantity in zip(chosen, quantities, strict=True) if one.line]
    worth = [_worth(line, quantity) for line, quantity in pairs]
    known = [value for value in worth if value is not None]
    return CreateGoodsReceipt(
        company=subject.company,
        order_number=order.number,
        delivery_note=note,
        received_on=day,
        lines=tuple(ReceivedLine(order_line_id=line.line_id, quantity=quantity) for line, quantity in pairs),
        value=total(known, order.currency) if len(known) == len(worth) else None,
    )


def _day(text: str, subject: Subject) -> date | Fault:
    """The day the goods came: not in the future, and one that may be posted on."""
    facts = subject.facts
    try:
        day = date.fromisoformat(text) if text else facts.today
    except ValueError:
        return Fault(reason="received_on takes a day as YYYY-MM-DD")
    if day > facts.today:
        return Fault(reason=f"{day} is in the future")
    if (facts.first_open and day < facts.first_open) or (facts.last_open and day > facts.last_open):
        return Fault(reason=f"{day} lies in no open period; give the first open day as received_on")
    return day


def _quantities(chosen: Sequence[Target], text: str) -> list[Decimal] | Fault:
    """What came of each: what is missing, or the number a person gave for the only one."""
    if not text:
        return [one.quantity for one in chosen if one.quantity is not None]
    if len(chosen) != 1:
        return Fault(reason="quantity goes with one order line; name it as order_line")
    if not _NUMBER.fullmatch(text) or not Decimal(text):
        return Fault(reason="quantity takes a positive number with a point for decimals, for example 12.5")
    return [Decimal(text)]


def _worth(line: OrderLine, quantity: Decimal, price: Money | None = None) -> Money | None:
    """At the order's price, for the limits of authority; None where the order tells no price for its unit."""
    base = line.price_base
    if line.price_unit is not None:
        if line.price_quantity is None or line.ordered <= 0:
            return None
        quantity = quantity * line.price_quantity / line.ordered
    return ((price or line.unit_price) * (quantity * (100 - line.discount_percent) / 100 / base)).rounded()
