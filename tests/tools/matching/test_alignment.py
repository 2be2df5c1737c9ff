"""Which invoice line is taken for which order line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.builders import an_invoice, an_invoice_line, an_order, an_order_line, eur
from tools.domain.documents import InvoiceLine, PurchaseOrder
from tools.domain.findings import AlignmentEvidence, DiscrepancyKind
from tools.domain.policy import MatchPolicy
from tools.matching.alignment import Alignment, align
from tools.matching.invoice_lines import billable_lines
from tools.matching.order_lines import open_lines


def aligned(orders: PurchaseOrder | list[PurchaseOrder], *lines: InvoiceLine, **options: Any) -> Alignment:
    wanted = open_lines([orders] if isinstance(orders, PurchaseOrder) else orders, [], {})
    return align(billable_lines(an_invoice(lines=lines)), wanted, MatchPolicy(), **options)


def shown(found: Alignment) -> list[tuple[int, str, str]]:
    return [(pair.billed.index, pair.wanted.line.line_id, str(pair.quantity)) for pair in found.pairs]


def two_lines(**second: Any) -> PurchaseOrder:
    return an_order(
        an_order_line("1", price="10.00", item_number="A-1", supplier_item_id="S-1", gtin="4012345000009"),
        an_order_line("2", price="20.00", item_number="B-2", supplier_item_id="S-2", description="Hinge"),
    )


def test_the_order_line_number_decides_first() -> None:
    found = aligned(two_lines(), an_invoice_line("anything", order_line_ref="0002"))
    assert shown(found) == [(0, "2", "10")]
    assert found.pairs[0].evidence == (AlignmentEvidence.ORDER_LINE_NUMBER,)


def test_each_kind_of_item_number_decides() -> None:
    for fields, evidence in (
        ({"buyer_item_id": "a-1"}, AlignmentEvidence.BUYER_ITEM),
        ({"supplier_item_id": "S 1"}, AlignmentEvidence.SUPPLIER_ITEM),
        ({"gtin": "4012345000009"}, AlignmentEvidence.GTIN),
    ):
        found = aligned(two_lines(), an_invoice_line("anything", price="99.00", **fields))
        assert shown(found) == [(0, "1", "10")]
        assert found.pairs[0].evidence == (evidence,)


def test_an_order_line_number_against_an_item_number_is_a_question() -> None:
    found = aligned(two_lines(), an_invoice_line(order_line_ref="2", buyer_item_id="A-1"))
    assert not found.pairs
    assert found.questions[0].kind is DiscrepancyKind.LINE_AMBIGUOUS
    assert "line 1" in found.questions[0].message and "line 2" in found.questions[0].message


def test_the_same_line_number_on_two_orders_is_a_question() -> None:
    orders = [an_order(number="PO-1"), an_order(number="PO-2")]
    found = aligned(orders, an_invoice_line(order_line_ref="1", description="x"))
    assert not found.pairs and len(found.questions) == 1


def test_the_order_named_on_the_line_narrows_the_choice() -> None:
    orders = [an_order(number="PO-1"), an_order(number="PO-2")]
    found = aligned(orders, an_invoice_line(order_line_ref="1", order_number="po 2"))
    assert [pair.wanted.order.number for pair in found.pairs] == ["PO-2"]


def test_a_person_s_choice_beats_the_evidence() -> None:
    order = two_lines()
    found = aligned(order, an_invoice_line(buyer_item_id="A-1"), given={0: (order.number, "2")})
    assert shown(found) == [(0, "2", "10")]
    assert found.pairs[0].evidence == (AlignmentEvidence.CLERK,) and not found.pairs[0].substitute


def test_another_part_number_on_the_named_line_is_a_substitute() -> None:
    found = aligned(two_lines(), an_invoice_line(order_line_ref="1", buyer_item_id="Z-9"))
    assert found.pairs[0].substitute


def test_descriptions_alone_never_join_different_part_numbers() -> None:
    order = an_order(an_order_line(item_number="A-1", description="Steel bracket 40 mm"))
    line = an_invoice_line("Steel bracket 40 mm", quantity="7", price="9.00", buyer_item_id="Z-9")
    assert not aligned(order, line).pairs


def test_the_same_figures_and_words_with_another_part_number_are_a_substitute() -> None:
    order = an_order(an_order_line(item_number="A-1", description="Steel bracket"))
    found = aligned(order, an_invoice_line("Steel bracket", buyer_item_id="Z-9"))
    assert [pair.substitute for pair in found.pairs] == [True]


def test_price_quantity_and_unit_decide_without_identifiers() -> None:
    found = aligned(two_lines(), an_invoice_line("Scharnier", price="20.00"))
    assert shown(found) == [(0, "2", "10")]
    assert found.pairs[0].evidence == (AlignmentEvidence.PRICE_QUANTITY_UNIT,)


def test_words_decide_where_the_figures_differ() -> None:
    order = an_order(
        an_order_line("1", "10", "10.00", description="Steel bracket", item_number=None),
        an_order_line("2", "10", "10.00", description="Brass hinge", item_number=None),
    )
    found = aligned(order, an_invoice_line("brass hinge", quantity="4", price="12.00"))
    assert shown(found) == [(0, "2", "4")]
    assert found.pairs[0].evidence == (AlignmentEvidence.DESCRIPTION,)


def test_sizes_in_the_description_must_not_differ() -> None:
    order = an_order(an_order_line(description="Screw M6x30 zinc", item_number=None))
    assert not aligned(order, an_invoice_line("Screw M6x40 zinc", quantity="3", price="10.10")).pairs


def test_two_near_candidates_are_a_question_that_names_both() -> None:
    order = an_order(
        an_order_line("1", description="Audio device", item_number=None),
        an_order_line("2", description="Cursor controller", item_number=None),
    )
    found = aligned(order, an_invoice_line("Samsung soundbar"))
    assert not found.pairs
    assert set(found.questions[0].figures) == {"candidate_1", "candidate_2"}


def test_two_invoice_lines_that_fit_one_order_line_are_a_question() -> None:
    order = an_order(an_order_line("1", description="Audio device", item_number=None))
    found = aligned(order, an_invoice_line("Soundbar"), an_invoice_line("Headphones"))
    assert not found.pairs and "not the only one" in found.questions[0].message


def test_words_break_a_tie_of_figures_for_several_lines_at_once() -> None:
    order = an_order(
        an_order_line("1", description="Office chair", item_number=None),
        an_order_line("2", description="Standing desk", item_number=None),
    )
    found = aligned(order, an_invoice_line("Standing desk oak"), an_invoice_line("Office chair black"))
    assert shown(found) == [(0, "2", "10"), (1, "1", "10")]


def test_equal_order_lines_are_no_question() -> None:
    order = an_order(*(an_order_line(number, item_number=None) for number in ("1", "2")))
    assert shown(aligned(order, an_invoice_line("whatever"))) == [(0, "1", "10")]


def test_equal_invoice_lines_are_no_question() -> None:
    order = an_order(
        an_order_line("1", description="Chair left", item_number=None),
        an_order_line("2", description="Chair right", item_number=None),
    )
    found = aligned(order, an_invoice_line("Item"), an_invoice_line("Item"))
    assert {line for _, line, _ in shown(found)} == {"1", "2"}


def test_one_line_is_split_where_only_the_sum_explains_the_quantity() -> None:
    order = an_order(an_order_line("1", "6"), an_order_line("2", "4"))
    found = aligned(order, an_invoice_line(buyer_item_id="1896-S", quantity="10"))
    assert shown(found) == [(0, "1", "6"), (0, "2", "4")]


def test_the_same_item_twice_goes_to_the_line_of_the_same_quantity() -> None:
    order = an_order(an_order_line("1", "10"), an_order_line("2", "5"))
    lines = (
        an_invoice_line(buyer_item_id="1896-S", quantity="5"),
        an_invoice_line(buyer_item_id="1896-S", quantity="10"),
    )
    assert shown(aligned(order, *lines)) == [(0, "2", "5"), (1, "1", "10")]


def test_an_open_receipt_is_preferred_then_the_oldest_delivery_date() -> None:
    order = an_order(
        an_order_line("1", "10", received="0", expected_on=date(2026, 1, 1)),
        an_order_line("2", "10", expected_on=date(2026, 3, 1)),
        an_order_line("3", "10", expected_on=date(2026, 2, 1)),
    )
    assert shown(aligned(order, an_invoice_line(buyer_item_id="1896-S", quantity="4"))) == [(0, "3", "4")]


def test_the_price_chooses_between_two_lines_of_one_item() -> None:
    order = an_order(an_order_line("1", price="10.00"), an_order_line("2", price="11.00"))
    line = an_invoice_line(buyer_item_id="1896-S", quantity="3", price="11.00")
    assert shown(aligned(order, line)) == [(0, "2", "3")]


def test_more_than_all_lines_of_an_item_hold_goes_to_the_preferred_one() -> None:
    order = an_order(an_order_line("1", "6"), an_order_line("2", "4"))
    assert shown(aligned(order, an_invoice_line(buyer_item_id="1896-S", quantity="30"))) == [(0, "1", "30")]


def test_a_unit_that_does_not_convert_still_aligns_by_item_number() -> None:
    order = an_order(an_order_line("1", unit="XCT"), an_order_line("2", unit="XCT"))
    found = aligned(order, an_invoice_line(buyer_item_id="1896-S"))
    assert len(found.pairs) == 1 and found.pairs[0].share is None


def test_a_cancelled_line_gives_way_to_a_live_one() -> None:
    order = an_order(an_order_line("1", cancelled=True), an_order_line("2"))
    assert shown(aligned(order, an_invoice_line(buyer_item_id="1896-S"))) == [(0, "2", "10")]


def test_delivery_cost_is_never_taken_for_goods() -> None:
    order = an_order(an_order_line("1", "1", "25.00", item_number=None, description="Panel"))
    assert not aligned(order, an_invoice_line("Versandkosten", quantity="1", price="25.00")).pairs


def test_free_goods_bill_nothing_of_a_priced_order_line() -> None:
    free = an_invoice_line(buyer_item_id="1896-S", quantity="1", price="0.00")
    assert not aligned(an_order(), free).pairs
    assert aligned(an_order(an_order_line(price="0.00")), free).pairs


def test_parts_of_a_line_are_not_matched_again() -> None:
    whole = an_invoice_line(line_id="1", buyer_item_id="1896-S")
    part = an_invoice_line(line_id="1.1", buyer_item_id="1896-S", parent_line_id="1")
    assert shown(aligned(an_order(), whole, part)) == [(0, "1", "10")]


def test_a_line_of_mere_text_bills_nothing() -> None:
    text = an_invoice_line("Thank you", quantity=None, price=None)
    lump = an_invoice_line("Maintenance", quantity=None, price=None, net="120.00")
    by_amount = an_invoice_line("Hours", quantity=None, price="60.00", net="120.00")
    found = billable_lines(an_invoice(lines=(text, lump, by_amount)))
    assert [(line.index, line.quantity, line.price) for line in found] == [(1, 1, 120), (2, 2, 60)]


def test_a_price_of_zero_on_the_order_is_compared_without_dividing() -> None:
    order = an_order(an_order_line(price="0.00", item_number=None, description="Panel"))
    assert not aligned(order, an_invoice_line("Lamp", quantity="3")).pairs
    assert aligned(order, an_invoice_line("Panel", quantity="3")).pairs


def test_a_credit_note_is_paired_with_what_was_billed() -> None:
    order = an_order(an_order_line("1"), an_order_line("2", invoiced="10"))
    found = aligned(order, an_invoice_line(buyer_item_id="1896-S", quantity="4"), credit=True)
    assert shown(found) == [(0, "2", "4")]


def test_a_returned_item_is_paired_by_its_number_only() -> None:
    order = an_order(an_order_line(price="10.00"))
    by_item = an_invoice_line(buyer_item_id="1896-S", quantity="-2")
    assert shown(aligned(order, by_item)) == [(0, "1", "-2")]
    assert not aligned(order, an_invoice_line(quantity="-2")).pairs


def test_a_negative_price_is_a_negative_quantity() -> None:
    line = billable_lines(an_invoice(lines=(an_invoice_line(quantity="2", price="-10.00"),)))[0]
    assert (line.quantity, line.price, line.net) == (-2, 10, Decimal("-20.00"))


def test_an_amount_that_is_not_printed_is_computed() -> None:
    bare = an_invoice_line(quantity="1000", price="45.055", base="100", adjustments=None)
    reduced = an_invoice_line(quantity="2", price="10.00", adjustments=eur("-1.00"))
    lines = tuple(line.model_copy(update={"net_amount": None}) for line in (bare, reduced))
    found = billable_lines(an_invoice(lines=lines))
    assert [line.net for line in found] == [Decimal("450.55"), Decimal("19.00")]


def test_a_line_looks_only_at_the_order_it_names() -> None:
    orders = [
        an_order(an_order_line(item_number=None), number="PO-1"),
        an_order(an_order_line(item_number=None), number="PO-2"),
    ]
    found = aligned(orders, an_invoice_line("anything", order_number="PO-2"))
    assert [pair.wanted.order.number for pair in found.pairs] == ["PO-2"]


def test_a_line_with_too_much_quantity_and_too_high_a_price_is_not_guessed() -> None:
    order = an_order(an_order_line("1", "10", "10.00", item_number=None, description="Steel bracket wide"))
    assert not aligned(order, an_invoice_line("Steel bracket small", quantity="99", price="10.90")).pairs


def test_every_one_of_many_equal_lines_finds_one_of_as_many() -> None:
    order = an_order(
        an_order_line("1", item_number=None, description="Chair left"),
        an_order_line("2", item_number=None, description="Lamp"),
        an_order_line("3", item_number=None, description="Desk"),
    )
    found = aligned(order, *(an_invoice_line("Item") for _ in range(3)))
    assert len(found.pairs) == 3 and not found.questions


def test_a_choice_between_like_order_lines_stands_beside_an_unlike_one() -> None:
    order = an_order(
        an_order_line("1", item_number=None, description="Office chair"),
        an_order_line("2", item_number=None, description="Office chair"),
        an_order_line("3", item_number=None, description="Standing desk"),
    )
    found = aligned(order, an_invoice_line("Office chair"), an_invoice_line("Standing desk"))
    assert [line for _, line, _ in shown(found)] == ["1", "3"]


def test_like_invoice_lines_compete_without_a_question() -> None:
    order = an_order(an_order_line("1", item_number=None))
    found = aligned(order, an_invoice_line("Item"), an_invoice_line("Item"))
    assert len(found.pairs) == 1 and not found.questions


def test_a_unit_that_does_not_convert_is_no_likeness() -> None:
    order = an_order(an_order_line(unit="KGM", item_number=None))
    assert not aligned(order, an_invoice_line("Bracket")).pairs


def test_like_words_at_a_price_two_percent_off_are_enough() -> None:
    order = an_order(an_order_line("1", "10", "100.00", item_number=None, description="Steel bracket wide"))
    line = an_invoice_line("Steel bracket small", quantity="4", price="102.00")
    assert aligned(order, line).pairs[0].evidence == (AlignmentEvidence.DESCRIPTION,)


def test_an_order_line_billed_in_full_takes_what_no_open_line_takes() -> None:
    order = an_order(an_order_line(item_number=None, invoiced="10"))
    found = aligned(order, an_invoice_line("Bracket"), an_invoice_line("Bracket", quantity="4"))
    assert shown(found) == [(0, "1", "10"), (1, "1", "4")]
    assert not aligned(order, an_invoice_line("Desk lamp", price="77.00")).pairs


def test_a_cancelled_line_named_only_by_its_words_is_found() -> None:
    order = an_order(an_order_line(item_number=None, cancelled=True))
    assert shown(aligned(order, an_invoice_line("Bracket"))) == [(0, "1", "10")]


def test_an_open_line_comes_before_an_equal_one_billed_in_full() -> None:
    order = an_order(
        an_order_line("1", item_number=None, invoiced="10"), an_order_line("2", item_number=None)
    )
    assert shown(aligned(order, an_invoice_line("Bracket"))) == [(0, "2", "10")]


def test_figures_alone_do_not_hide_that_a_line_is_billed_again() -> None:
    order = an_order(
        an_order_line("1", item_number=None, description="Level the ground", invoiced="10"),
        an_order_line("2", item_number=None, description="Gravel"),
    )
    found = aligned(order, an_invoice_line("Level the ground"))
    assert not found.pairs
    assert set(found.questions[0].figures.values()) == {
        "order PO-1001 line 1 (Level the ground)",
        "order PO-1001 line 2 (Gravel)",
    }


def test_the_best_of_several_lines_billed_in_full_is_named() -> None:
    order = an_order(
        an_order_line("1", item_number=None, description="Gravel", invoiced="10"),
        an_order_line("2", item_number=None, description="Level the ground", invoiced="10"),
    )
    assert shown(aligned(order, an_invoice_line("Level the ground"))) == [(0, "2", "10")]
