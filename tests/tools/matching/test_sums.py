"""Several lines of one thing: what they bill where only their sum explains the quantities."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import an_invoice, an_invoice_line, an_order, an_order_line
from tools.domain.documents import InvoiceLine, OrderLine, PurchaseOrder
from tools.domain.findings import AlignmentEvidence
from tools.domain.policy import MatchPolicy
from tools.matching.alignment import Alignment, align
from tools.matching.invoice_lines import billable_lines
from tools.matching.order_lines import open_lines

BOTH = (AlignmentEvidence.PRICE_QUANTITY_UNIT, AlignmentEvidence.DESCRIPTION)


def sheets(number: str, ordered: str, **more: Any) -> OrderLine:
    given: dict[str, Any] = {"description": "Steel sheet 2 mm", "item_number": None, **more}
    return an_order_line(number, ordered, **given)


def billed(quantity: str, text: str = "Steel sheet 2 mm", **more: Any) -> InvoiceLine:
    return an_invoice_line(text, quantity=quantity, **more)


def aligned(orders: PurchaseOrder | list[PurchaseOrder], *lines: InvoiceLine) -> Alignment:
    wanted = open_lines([orders] if isinstance(orders, PurchaseOrder) else orders, [], {})
    return align(billable_lines(an_invoice(lines=lines)), wanted, MatchPolicy())


def shown(found: Alignment) -> list[tuple[int, str, str]]:
    return [(pair.billed.index, pair.wanted.line.line_id, str(pair.quantity)) for pair in found.pairs]


def test_one_line_bills_two_order_lines_that_hold_it_together() -> None:
    found = aligned(an_order(sheets("1", "10"), sheets("2", "20")), billed("30"))
    assert shown(found) == [(0, "1", "10"), (0, "2", "20")]
    assert {pair.evidence for pair in found.pairs} == {BOTH}


def test_a_sum_over_two_orders_is_a_sum() -> None:
    orders = [an_order(sheets("1", "10"), number="PO-1"), an_order(sheets("1", "20"), number="PO-2")]
    found = aligned(orders, billed("30"))
    assert [pair.wanted.order.number for pair in found.pairs] == ["PO-1", "PO-2"]


def test_the_lines_that_hold_it_exactly_are_taken_before_older_ones() -> None:
    order = an_order(sheets("1", "5"), sheets("2", "10"), sheets("3", "20"))
    assert shown(aligned(order, billed("30"))) == [(0, "2", "10"), (0, "3", "20")]


def test_a_quantity_that_only_several_lines_can_hold_is_split_by_words_alone() -> None:
    found = aligned(an_order(sheets("1", "10"), sheets("2", "20")), billed("28"))
    assert shown(found) == [(0, "1", "10"), (0, "2", "18")]
    assert {pair.evidence for pair in found.pairs} == {(AlignmentEvidence.DESCRIPTION,)}


def test_more_than_all_lines_hold_is_no_sum() -> None:
    assert len(aligned(an_order(sheets("1", "10"), sheets("2", "20")), billed("31")).pairs) == 1


def test_two_receipts_on_one_invoice_line_explain_it_though_one_order_line_has_room() -> None:
    order = an_order(sheets("1", "100", received="30"), sheets("2", "100", received="20"))
    assert shown(aligned(order, billed("50"))) == [(0, "1", "30"), (0, "2", "20")]


def test_two_receipts_explain_a_line_with_an_item_number_too() -> None:
    lines = (sheets(n, "100", received=got, item_number="A-1") for n, got in (("1", "30"), ("2", "20")))
    found = aligned(an_order(*lines), billed("50", buyer_item_id="A-1"))
    assert shown(found) == [(0, "1", "30"), (0, "2", "20")]


def test_exact_order_lines_come_first_for_an_item_number_too() -> None:
    ordered = (("1", "5"), ("2", "10"), ("3", "20"))
    lines = [sheets(number, count, item_number="A-1", received="0") for number, count in ordered]
    found = aligned(an_order(*lines), billed("30", buyer_item_id="A-1"))
    assert shown(found) == [(0, "2", "10"), (0, "3", "20")]


def test_an_item_number_without_an_exact_sum_is_filled_in_turn() -> None:
    ordered = (("1", "6"), ("2", "4"), ("3", "5"))
    lines = [sheets(number, count, item_number="A-1") for number, count in ordered]
    found = aligned(an_order(*lines), billed("8", buyer_item_id="A-1"))
    assert shown(found) == [(0, "1", "6"), (0, "2", "2")]


def test_several_invoice_lines_that_fill_one_order_line_all_bill_it() -> None:
    for quantities in (("10", "20"), ("15", "15")):
        found = aligned(an_order(sheets("1", "30")), *(billed(quantity) for quantity in quantities))
        assert shown(found) == [(0, "1", quantities[0]), (1, "1", quantities[1])] and not found.questions


def test_several_invoice_lines_fill_several_order_lines() -> None:
    order = an_order(sheets("1", "10"), sheets("2", "20"))
    found = aligned(order, billed("14"), billed("16"))
    assert shown(found) == [(0, "1", "10"), (0, "2", "4"), (1, "2", "16")]


def test_lines_that_do_not_fill_the_order_line_are_asked() -> None:
    for quantities in (("10", "25"), ("10", "15")):
        found = aligned(an_order(sheets("1", "30")), *(billed(quantity) for quantity in quantities))
        assert len(found.pairs) < 2


def test_lines_of_equal_quantities_are_paired_one_by_one() -> None:
    found = aligned(an_order(sheets("1", "10"), sheets("2", "20")), billed("20"), billed("10"))
    assert shown(found) == [(0, "2", "20"), (1, "1", "10")]


@pytest.mark.parametrize(
    "other",
    [
        sheets("2", "20", price="11.00"),
        sheets("2", "20", item_number="B-2"),
        sheets("2", "20", description="Steel sheet 3 mm"),
        sheets("2", "20", description="Steel sheet 2 mm", cancelled=True),
    ],
)
def test_other_goods_are_no_term_of_a_sum(other: OrderLine) -> None:
    assert len(aligned(an_order(sheets("1", "10"), other), billed("30")).pairs) <= 1


def test_another_price_than_ordered_makes_no_sum() -> None:
    found = aligned(an_order(sheets("1", "10"), sheets("2", "20")), billed("30", price="10.10"))
    assert len(found.pairs) <= 1


def test_a_line_of_other_words_that_competes_leaves_no_sum() -> None:
    order = an_order(sheets("1", "10"), sheets("2", "20"))
    found = aligned(order, billed("30"), billed("20", "Steel sheet 2 mm galvanised"))
    assert len([pair for pair in found.pairs if pair.billed.index == 0]) <= 1


def test_an_order_line_billed_in_full_that_fits_better_is_asked_before_a_sum() -> None:
    order = an_order(sheets("1", "30", invoiced="30"), sheets("2", "10"), sheets("3", "20"))
    found = aligned(order, billed("30"))
    assert not found.pairs and len(found.questions) == 1


def test_of_very_many_lines_no_sum_is_tried_and_they_are_filled_in_turn() -> None:
    order = an_order(*(sheets(str(number), "10" if number > 2 else "8") for number in range(1, 14)))
    assert [str(pair.quantity) for pair in aligned(order, billed("20")).pairs] == ["8", "8", "4"]
    few = an_order(*order.lines[:4])
    assert [str(pair.quantity) for pair in aligned(few, billed("20")).pairs] == ["10", "10"]


def test_a_sum_of_five_lines_is_not_looked_for_but_filled_in_turn() -> None:
    order = an_order(*(sheets(str(number), "10") for number in range(1, 6)))
    found = aligned(order, billed("50"))
    assert [pair.quantity for pair in found.pairs] == [10] * 5


def test_lines_that_name_their_orders_stay_with_them() -> None:
    orders = [an_order(sheets("1", "10"), number="PO-1"), an_order(sheets("1", "20"), number="PO-2")]
    found = aligned(orders, billed("14", order_number="PO-1"), billed("16", order_number="PO-2"))
    assert {(pair.billed.index, pair.wanted.order.number) for pair in found.pairs} == {
        (0, "PO-1"),
        (1, "PO-2"),
    }


def test_units_are_converted_in_a_sum() -> None:
    order = an_order(sheets("1", "12", price="10.00"), sheets("2", "24", price="10.00"))
    found = aligned(order, billed("3", unit="DZN", price="120.00"))
    assert shown(found) == [(0, "1", "12"), (0, "2", "24")]
