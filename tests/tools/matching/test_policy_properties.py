"""What holds for every invoice under every preset: sums are kept, signs and order do not matter, wider
limits add nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import (
    TODAY,
    a_credit_note,
    a_profile,
    a_receipt,
    a_supplier,
    an_invoice,
    an_invoice_line,
    an_order,
    an_order_line,
    eur,
)
from tools.domain.documents import InvoiceLine, PurchaseOrder
from tools.domain.findings import MatchResult, Severity
from tools.domain.match_rules import Limit, ToleranceRule
from tools.domain.money import total
from tools.domain.policy import MatchChoice, MatchPolicy
from tools.matching.posting_lines import check_sum, posting_lines
from tools.matching.preset_files import names, policy
from tools.matching.three_way import match

PRESETS = {name: policy(name) for name in names()}
KEYS = [(name, key) for name, made in PRESETS.items() for key in made.rules]
QUANTITY = st.integers(1, 40).map(str)
PRICE = st.decimals("0.01", "99.99", places=2).map(str)
ITEMS = ("A-1", "B-2", "C-3")


@st.composite
def invoice_lines(draw: st.DrawFn) -> InvoiceLine:
    item = draw(st.sampled_from(ITEMS))
    return an_invoice_line(f"Item {item}", draw(QUANTITY), draw(PRICE), buyer_item_id=item)


@st.composite
def orders(draw: st.DrawFn) -> PurchaseOrder:
    rows = [
        an_order_line(
            str(number),
            draw(QUANTITY),
            draw(PRICE),
            received=draw(st.sampled_from(["0", "5", "40"])),
            invoiced=draw(st.sampled_from(["0", "0", "3"])),
            item_number=item,
            description=f"Item {item}",
            receipt_required=draw(st.booleans()),
            price_is_estimate=draw(st.booleans()),
            moving_average=eur("10.00"),
            stock=Decimal(20),
        )
        for number, item in enumerate(ITEMS, start=1)
    ]
    return an_order(*rows, value_limit=draw(st.sampled_from([None, eur("100")])))


LINES = st.lists(invoice_lines(), min_size=1, max_size=4).map(
    lambda lines: tuple(row.model_copy(update={"line_id": f"L{at}"}) for at, row in enumerate(lines))
)


def matched(
    lines: tuple[InvoiceLine, ...], order: PurchaseOrder, under: MatchPolicy, **beside: Any
) -> MatchResult:
    invoice = an_invoice(lines=lines)
    return match(invoice, [order], [], {}, under, a_supplier(), today=TODAY, **beside)


def blocking(result: MatchResult) -> set[tuple[str, str | None, str | None]]:
    return {
        (found.rule, found.line_id, found.order_line_id)
        for found in result.discrepancies
        if found.severity is not Severity.INFO
    }


@settings(max_examples=150, deadline=None)
@given(LINES, orders(), st.decimals("-1.50", "1.50", places=2), st.booleans())
def test_posted_lines_and_small_difference_are_the_document_to_the_cent(
    lines: tuple[InvoiceLine, ...], order: PurchaseOrder, cents: Decimal, is_credit: bool
) -> None:
    build, sap = (a_credit_note if is_credit else an_invoice), PRESETS["sap_s4"]
    plain = build(None, lines)
    assert plain.gross_total is not None and plain.tax_total is not None
    stated = plain.gross_total + eur(cents)
    invoice = plain.model_copy(update={"gross_total": stated})
    found = match(invoice, [order], [], {}, sap, a_supplier())
    rows = posting_lines(invoice, found, [order], a_profile(), a_supplier(), policy=sap)
    posted = total((row.net_amount for row in rows), "EUR") + plain.tax_total
    if abs(cents) <= 1 and stated.amount > 0:
        assert posted == stated
        assert check_sum(invoice, rows, sap) == []
        assert len([row for row in rows if row.description == "Small difference"]) == bool(cents)
    elif abs(cents) > 1 and stated.amount > 0:
        assert posted == plain.gross_total
        assert ("sap.BD", None, None) in blocking(found)


@settings(max_examples=100, deadline=None)
@given(LINES, orders(), st.sampled_from(sorted(PRESETS)))
def test_a_credit_note_reads_the_same_with_either_sign(
    lines: tuple[InvoiceLine, ...], order: PurchaseOrder, name: str
) -> None:
    negative = tuple(
        row.model_copy(update={"quantity": -(row.quantity or 0), "net_amount": -(row.net_amount or eur(0))})
        for row in lines
    )
    notes = [a_credit_note(None, given_lines) for given_lines in (lines, negative)]
    under = PRESETS[name]
    results = [match(note, [order], [], {}, under, a_supplier()) for note in notes]
    assert results[0] == results[1]
    written = [
        posting_lines(note, found, [order], a_profile(), a_supplier(), policy=under)
        for note, found in zip(notes, results, strict=True)
    ]
    assert [row.net_amount for row in written[0]] == [row.net_amount for row in written[1]]


@st.composite
def limits(draw: st.DrawFn) -> tuple[Limit, Limit]:
    """A limit and a wider one, with one bound or both."""
    narrow, wide = {}, {}
    for side in draw(st.sampled_from([("percent",), ("absolute",), ("percent", "absolute")])):
        low, more = draw(st.integers(0, 50)), draw(st.integers(0, 200))
        narrow[side], wide[side] = Decimal(low), Decimal(low + more)
    return Limit(**narrow), draw(st.sampled_from([Limit(**wide), Limit(unlimited=True)]))


def with_limit(made: MatchPolicy, key: str, limit: Limit) -> MatchPolicy:
    rule: ToleranceRule = made.rules[key].model_copy(update={"over": limit, "under": limit, "enabled": True})
    return made.model_copy(update={"rules": {**made.rules, key: rule}})


@pytest.mark.parametrize(("name", "key"), KEYS, ids=[f"{name}-{key}" for name, key in KEYS])
@settings(max_examples=12, deadline=None)
@given(lines=LINES, order=orders(), pair=limits())
def test_a_wider_limit_never_adds_a_finding(
    name: str,
    key: str,
    lines: tuple[InvoiceLine, ...],
    order: PurchaseOrder,
    pair: tuple[Limit, Limit],
) -> None:
    narrow, wide = (
        blocking(matched(lines, order, with_limit(PRESETS[name], key, limit), profile=a_profile()))
        for limit in pair
    )
    assert wide <= narrow


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(3)), LINES, orders(), st.sampled_from(sorted(PRESETS)))
def test_the_order_of_lines_receipts_and_order_lines_does_not_matter(
    places: list[int], lines: tuple[InvoiceLine, ...], order: PurchaseOrder, name: str
) -> None:
    receipts = [a_receipt("4", str(at + 1), number=f"G{at}", item_number=None) for at in range(3)]
    mixed = order.model_copy(update={"lines": tuple(order.lines[at] for at in places)})
    turned = tuple(reversed(lines))

    def found(rows: tuple[InvoiceLine, ...], bought: PurchaseOrder, taken: list[Any]) -> set[Any]:
        result = match(an_invoice(lines=rows), [bought], taken, {}, PRESETS[name], a_supplier())
        return {(rule, order_line) for rule, _, order_line in blocking(result)}

    straight = found(lines, order, receipts)
    assert straight == found(lines, mixed, [receipts[at] for at in places])
    assert straight == found(turned, order, receipts)


@settings(max_examples=100, deadline=None)
@given(
    st.permutations(range(5)),
    st.lists(st.booleans(), min_size=5, max_size=5),
    LINES,
    orders(),
)
def test_the_order_of_choices_does_not_matter(
    places: list[int], used: list[bool], lines: tuple[InvoiceLine, ...], order: PurchaseOrder
) -> None:
    criteria: list[dict[str, str]] = [
        {"item": "A-1"},
        {"supplier": "10042"},
        {"lines": "goods"},
        {"lines": "services", "company": "DEMO"},
        {"item": "A-1", "supplier": "10042"},
    ]
    choices = [
        MatchChoice.model_validate({**named, "policy": PRESETS[name].model_copy(update={"name": f"p{at}"})})
        for at, (named, name) in enumerate(zip(criteria, sorted(PRESETS), strict=False))
    ]
    kept = [choice for choice, wanted in zip(choices, used, strict=True) if wanted]
    mixed = [choices[at] for at in places if used[at]]
    results = [
        matched(lines, order, MatchPolicy(), choices=tuple(some), company="DEMO") for some in (kept, mixed)
    ]
    assert results[0] == results[1]
