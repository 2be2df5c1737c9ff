"""What holds for every invoice: amounts are kept, order does not matter, wider limits add nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.builders import (
    TODAY,
    a_credit_note,
    a_profile,
    a_supplier,
    an_invoice,
    an_invoice_line,
    an_order,
    an_order_line,
    eur,
)
from tools.domain.documents import AllowanceCharge, InvoiceLine, PurchaseOrder
from tools.domain.findings import MatchResult
from tools.domain.policy import Limit, MatchPolicy, Tolerance
from tools.matching.duplicates import normalise_number
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.posting_lines import check_sum, posting_lines
from tools.matching.three_way import match

QUANTITY = st.integers(1, 40).map(str)
PRICE = st.decimals("0.01", "99.99", places=2).map(str)
NAMES = ("Bracket", "Hinge", "Screw M6x30", "Versandkosten", "Standing desk")


@st.composite
def invoice_lines(draw: st.DrawFn) -> InvoiceLine:
    item = draw(st.sampled_from(["A-1", "B-2", "C-3", None]))
    name = draw(st.sampled_from(NAMES))
    price, base = draw(PRICE), draw(st.sampled_from(["1", "100", "7"]))
    sign = draw(st.sampled_from(["", "", "", "-"]))
    return an_invoice_line(name, sign + draw(QUANTITY), price, base=base, buyer_item_id=item)


@st.composite
def orders(draw: st.DrawFn) -> PurchaseOrder:
    count = draw(st.integers(1, 5))
    return an_order(
        *(
            an_order_line(
                str(number),
                draw(QUANTITY),
                draw(PRICE),
                received=draw(QUANTITY),
                invoiced=draw(st.sampled_from(["0", "0", "3"])),
                item_number=draw(st.sampled_from(["A-1", "B-2", "C-3", None])),
                description=draw(st.sampled_from(NAMES)),
            )
            for number in range(1, count + 1)
        )
    )


LINES = st.lists(invoice_lines(), min_size=1, max_size=5).map(tuple)


def matched(lines: tuple[InvoiceLine, ...], order: PurchaseOrder, policy: MatchPolicy) -> MatchResult:
    return match(an_invoice(lines=lines), [order], [], {}, policy, a_supplier())


@settings(max_examples=150, deadline=None)
@given(LINES, orders(), st.lists(PRICE, max_size=2), st.booleans())
def test_posting_lines_keep_every_cent(
    lines: tuple[InvoiceLine, ...], order: PurchaseOrder, extras: list[str], is_credit: bool
) -> None:
    allowances = tuple(
        AllowanceCharge(is_charge=place == 0, amount=eur(amount)) for place, amount in enumerate(extras)
    )
    build = a_credit_note if is_credit else an_invoice
    invoice = build(None, lines, allowances=allowances)
    found = match(invoice, [order], [], {}, MatchPolicy(), a_supplier())
    rows = posting_lines(invoice, found, [order], a_profile(), a_supplier())
    assert check_sum(invoice, rows) == []
    for row in rows:
        product = (row.unit_price * row.quantity).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
        assert product == row.net_amount.amount


@settings(max_examples=100, deadline=None)
@given(LINES, orders())
def test_a_credit_note_reads_the_same_with_either_sign(
    lines: tuple[InvoiceLine, ...], order: PurchaseOrder
) -> None:
    lines = tuple(line for line in lines if line.quantity and line.quantity > 0) or (an_invoice_line(),)
    negative = tuple(
        line.model_copy(
            update={"quantity": -(line.quantity or 0), "net_amount": -(line.net_amount or eur(0))}
        )
        for line in lines
    )
    # A note over nothing has no sign.
    assume(sum(line.net_amount.amount for line in lines if line.net_amount) > 0)
    results = [
        match(a_credit_note(None, given_lines), [order], [], {}, MatchPolicy(), a_supplier())
        for given_lines in (lines, negative)
    ]
    assert results[0] == results[1]


@settings(max_examples=100, deadline=None)
@given(LINES)
def test_what_was_billed_can_be_credited_in_full(lines: tuple[InvoiceLine, ...]) -> None:
    whole = {
        f"I{number}": line.model_copy(update={"buyer_item_id": f"I{number}", "unit": "H87"})
        for number, line in enumerate(lines)
        if line.quantity and line.quantity > 0 and line.price_base == 1
    }
    if not whole:
        return
    order = an_order(
        *(
            an_order_line(
                item,
                str(line.quantity),
                str(line.unit_price.amount if line.unit_price else 0),
                invoiced=str(line.quantity),
                item_number=item,
            )
            for item, line in whole.items()
        )
    )
    note = a_credit_note(None, tuple(whole.values()))
    assert match(note, [order], [], {}, MatchPolicy(), a_supplier()).discrepancies == ()


def _blocking(result: MatchResult) -> set[tuple[str, str | None]]:
    return {(str(found.kind), found.line_id) for found in result.discrepancies if found.severity != "info"}


@st.composite
def limits(draw: st.DrawFn) -> tuple[Limit, Limit]:
    """A limit and a wider one."""
    low, more = draw(st.integers(0, 20)), draw(st.integers(0, 30))
    side = draw(st.sampled_from(["percent", "absolute"]))
    wide = draw(st.sampled_from([Limit(unlimited=True), Limit(**{side: Decimal(low + more)})]))
    return Limit(**{side: Decimal(low)}), wide


@settings(max_examples=200, deadline=None)
@given(
    LINES, orders(), limits(), st.sampled_from(["unit_price", "line_value", "quantity_ordered", "freight"])
)
def test_a_wider_tolerance_never_adds_a_finding(
    lines: tuple[InvoiceLine, ...], order: PurchaseOrder, pair: tuple[Limit, Limit], field: str
) -> None:
    lines = tuple(line.model_copy(update={"line_id": str(place)}) for place, line in enumerate(lines))
    results = []
    for limit in pair:
        value: Any = Tolerance(over=limit, under=limit) if field in ("unit_price", "line_value") else limit
        results.append(_blocking(matched(lines, order, MatchPolicy(**{field: value}))))
    assert results[1] <= results[0]


@settings(max_examples=150, deadline=None)
@given(st.permutations(range(4)), st.lists(invoice_lines(), min_size=4, max_size=4), orders())
def test_the_order_of_the_lines_does_not_matter(
    places: list[int], lines: list[InvoiceLine], order: PurchaseOrder
) -> None:
    named = [line.model_copy(update={"line_id": f"L{place}"}) for place, line in enumerate(lines)]
    mixed = [named[place] for place in places]
    straight = matched(tuple(named), order, MatchPolicy())
    shuffled = matched(tuple(mixed), order, MatchPolicy())

    def shown(result: MatchResult, own: list[InvoiceLine]) -> list[tuple[str | None, str, str]]:
        rows = [(own[row.invoice_index].line_id, row.order_line_id, str(row.billed)) for row in result.lines]
        return sorted(rows, key=str)

    assert shown(straight, named) == shown(shuffled, mixed)
    kinds = [sorted(str(found.kind) for found in result.discrepancies) for result in (straight, shuffled)]
    assert kinds[0] == kinds[1]


@settings(max_examples=60, deadline=None)
@given(LINES, orders())
def test_the_same_facts_give_the_same_result(lines: tuple[InvoiceLine, ...], order: PurchaseOrder) -> None:
    facts = Facts(
        invoice=an_invoice(lines=lines),
        supplier=a_supplier(),
        profile=a_profile(),
        today=TODAY,
        orders=(order,),
    )
    assert assess(facts) == assess(facts)


@given(st.text(max_size=30))
def test_a_running_number_stays_what_it_is(text: str) -> None:
    once = normalise_number(text)
    assert normalise_number(once) == once
    assert normalise_number(text.lower()) == normalise_number(text.upper())
