"""Invoices against orders, receipts and what was billed before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.builders import (
    ORDER,
    SUPPLIER,
    a_credit_note,
    a_receipt,
    a_supplier,
    an_invoice,
    an_invoice_line,
    an_order,
    an_order_line,
    eur,
)
from tools.domain.documents import AllowanceCharge, Invoice, InvoiceLine, OrderLine, OrderState
from tools.domain.findings import Discrepancy, MatchDepth, MatchResult, Severity
from tools.domain.policy import Limit, MatchPolicy, Tolerance
from tools.matching.billing import Billed
from tools.matching.order_lines import worth
from tools.matching.three_way import match

ITEM = {"buyer_item_id": "1896-S"}


def line(quantity: str = "10", price: str = "10.00", **fields: Any) -> InvoiceLine:
    return an_invoice_line(quantity=quantity, price=price, **{**ITEM, **fields})


def matched(
    ordered: OrderLine | None, *lines: InvoiceLine, invoice: Invoice | None = None, **options: Any
) -> MatchResult:
    orders = [] if ordered is None else [an_order(ordered)]
    policy = options.pop("policy", MatchPolicy())
    receipts, billed = options.pop("receipts", []), options.pop("billed", {})
    document = invoice or an_invoice(lines=lines or (line(),))
    return match(document, orders, receipts, billed, policy, a_supplier(), **options)


def kinds(result: MatchResult) -> dict[str, Severity]:
    return {str(found.kind): found.severity for found in result.discrepancies}


def only(result: MatchResult) -> Discrepancy:
    (found,) = result.discrepancies
    return found


def test_a_full_delivery_billed_as_ordered_is_clean() -> None:
    result = matched(an_order_line())
    assert result.discrepancies == () and result.depth is MatchDepth.THREE_WAY
    row = result.lines[0]
    assert (row.billed, row.ordered, row.received, row.billed_before) == (10, 10, 10, 0)
    assert (row.invoice_price, row.order_price) == (eur("10"), eur("10"))
    assert result.policy == "default v1"


def test_goods_that_have_not_arrived_are_no_receipt() -> None:
    assert kinds(matched(an_order_line(received="0"))) == {"no_receipt": Severity.BLOCK}


def test_a_service_needs_no_receipt() -> None:
    result = matched(an_order_line(received="0", receipt_required=False))
    assert result.discrepancies == () and result.depth is MatchDepth.TWO_WAY


def test_an_inspected_line_is_compared_with_what_was_accepted() -> None:
    result = matched(an_order_line(accepted=Decimal(7)))
    assert result.depth is MatchDepth.FOUR_WAY
    assert only(result).rule == "quantity.accepted.upper"


def test_nothing_accepted_of_a_delivery_is_not_a_missing_receipt() -> None:
    assert only(matched(an_order_line(accepted=Decimal(0)))).rule == "quantity.accepted.upper"


def test_receipts_count_where_the_order_tells_nothing() -> None:
    ordered = an_order_line(received="0")
    assert matched(ordered, receipts=[a_receipt("10")]).discrepancies == ()
    assert matched(ordered, receipts=[a_receipt("10", None)]).discrepancies == ()
    by_dozen = matched(
        an_order_line(ordered="12", received="0"), line("12"), receipts=[a_receipt("1", unit="DZN")]
    )
    assert by_dozen.discrepancies == ()


@pytest.mark.parametrize(
    "receipt",
    [
        a_receipt("10", order_line_id="9"),
        a_receipt("10", None, item_number=None),
        a_receipt("10", unit="KGM"),
        a_receipt("10", order_number="PO-9"),
    ],
)
def test_receipts_that_do_not_fit_the_line_count_for_nothing(receipt: Any) -> None:
    assert "no_receipt" in kinds(matched(an_order_line(received="0"), receipts=[receipt]))


def test_an_item_on_two_order_lines_needs_a_receipt_that_names_the_line() -> None:
    order = an_order(an_order_line("1", received="0"), an_order_line("2", received="0"))
    result = match(
        an_invoice(lines=(line(),)), [order], [a_receipt("10", None)], {}, MatchPolicy(), a_supplier()
    )
    assert "no_receipt" in kinds(result)


def test_billing_the_rest_of_a_delivery_is_clean_and_more_is_not() -> None:
    ordered = an_order_line(invoiced="6")
    assert matched(ordered, line("4")).discrepancies == ()
    assert set(kinds(matched(ordered, line("5")))) == {"qty_over_ordered", "qty_over_received"}


def test_our_own_billing_counts_where_the_erp_keeps_no_link() -> None:
    before = {(ORDER, "1"): Billed(quantity=Decimal(6), value=Decimal(60))}
    result = matched(an_order_line(), line("5"), billed=before)
    assert set(kinds(result)) == {"qty_over_ordered", "qty_over_received"}
    assert result.lines[0].billed_before == 6


def test_an_order_line_billed_in_full_is_exhausted() -> None:
    found = kinds(matched(an_order_line(invoiced="10")))
    assert found["po_exhausted"] is Severity.BLOCK


def test_a_line_without_item_number_that_was_billed_before_is_exhausted() -> None:
    ordered = an_order_line(item_number=None, received="10", invoiced="10")
    assert kinds(matched(ordered, an_invoice_line("Bracket")))["po_exhausted"] is Severity.BLOCK


def test_a_cancelled_order_line_is_exhausted() -> None:
    result = matched(an_order_line(cancelled=True))
    assert any("cancelled" in found.message for found in result.discrepancies)


def test_a_partial_bill_is_only_mentioned() -> None:
    assert kinds(matched(an_order_line(), line("4"))) == {"receipt_gt_invoice": Severity.INFO}


def test_several_invoice_lines_of_one_order_line_count_together() -> None:
    result = matched(an_order_line(), line("6"), line("6", line_id="2"))
    assert "qty_over_ordered" in kinds(result)


def test_a_low_price_is_a_warning_when_the_line_is_sure_and_a_block_when_not() -> None:
    assert kinds(matched(an_order_line(), line(price="5.00")))["price_under"] is Severity.WARN
    unsure = an_invoice_line("Bracket", price="8.00")
    assert kinds(matched(an_order_line(), unsure))["price_under"] is Severity.BLOCK


def test_a_price_where_none_was_ordered_is_infinitely_over() -> None:
    policy = MatchPolicy(unit_price=Tolerance(over=Limit(percent=Decimal(900))))
    found = matched(an_order_line(price="0.00"), policy=policy).discrepancies
    assert "above zero" in found[0].message


def test_a_discount_on_the_order_is_part_of_its_price() -> None:
    ordered = an_order_line(price="20.00", discount_percent=Decimal(50))
    assert matched(ordered).discrepancies == ()


def test_a_discount_on_the_invoice_line_is_part_of_its_price() -> None:
    discounted = line(price="12.50", net="100.00", adjustments=eur("-25.00"))
    assert matched(an_order_line(), discounted).discrepancies == ()


def test_a_rounded_amount_does_not_bend_the_unit_price() -> None:
    ordered = an_order_line(ordered="3", price="0.333")
    exact = MatchPolicy(unit_price=Tolerance(), line_value=Tolerance(), cumulative_value=Tolerance())
    assert matched(ordered, line("3", "0.333"), policy=exact).discrepancies == ()


def test_a_split_line_is_checked_as_one_value() -> None:
    order = an_order(an_order_line("1", "6"), an_order_line("2", "4"))
    policy = MatchPolicy(
        unit_price=Tolerance(over=Limit(percent=Decimal(10))),
        line_value=Tolerance(over=Limit(absolute=Decimal("4.00"))),
    )
    billed = an_invoice(lines=(line("10", "10.50"),))
    found = only(match(billed, [order], [], {}, policy, a_supplier()))
    assert found.rule == "price.line_value.upper_absolute" and "+5.00 EUR" in found.message


def test_quantity_alone_is_no_creeping_price() -> None:
    result = matched(an_order_line(), line("20"))
    assert "price_over" not in kinds(result)


def test_the_value_of_what_the_erp_billed_counts_where_it_is_known() -> None:
    before = {(ORDER, "1"): Billed(erp_value=Decimal("9000"))}
    policy = MatchPolicy(cumulative_value=Tolerance(over=Limit(absolute=Decimal("500"))))
    ordered = an_order_line(ordered="1000", invoiced="800")
    assert "price_over" not in kinds(matched(ordered, line("150"), billed=before, policy=policy))
    assert only(matched(ordered, line("200"), billed=before, policy=policy)).rule.startswith(
        "price.cumulative"
    )


def test_what_the_erp_counts_is_worth_what_was_billed_through_us_and_the_order_price_for_the_rest() -> None:
    own = {(ORDER, "1"): Billed(quantity=Decimal(20), value=Decimal("230.00"))}

    def value(invoiced: str) -> Decimal | None:
        found = worth(own, [an_order(an_order_line(ordered="100", invoiced=invoiced))])
        return found[ORDER, "1"].erp_value if found else None

    assert (value("20"), value("50")) == (Decimal("230.00"), Decimal("530.00"))
    assert value("19") is None
    assert worth({}, [an_order(an_order_line(invoiced="5"))]) == {}


def test_price_and_quantity_off_by_one_factor_are_a_matter_of_units() -> None:
    ordered = an_order_line(ordered="10", price="12.00")
    found = only(matched(ordered, line("120", "1.00")))
    assert found.kind == "uom_or_base" and found.rule == "unit.factor"
    assert found.figures == {
        "invoice": "120 H87 at 1.00 EUR",
        "order": "10 H87 at 12.00 EUR",
        "factor": "0.083333",
    }


@pytest.mark.parametrize(
    ("price", "hinted"), [("100.00", True), ("90.00", False), ("105.00", False), ("1.00", True)]
)
def test_a_price_off_by_ten_or_more_times_points_at_the_price_base(price: str, hinted: bool) -> None:
    policy = MatchPolicy(line_value=Tolerance(over=Limit(unlimited=True), under=Limit(unlimited=True)))
    result = matched(an_order_line(ordered="33"), line("3", price), policy=policy)
    (found,) = (entry for entry in result.discrepancies if entry.kind.startswith("price"))
    assert ("check unit and price base" in found.message) is hinted


def test_what_is_billed_and_returned_on_one_document_is_nothing() -> None:
    assert matched(an_order_line(received="0"), line("5"), line("-5", line_id="2")).discrepancies == ()


def test_an_unknown_unit_is_asked_about() -> None:
    found = only(matched(an_order_line(), line(unit="Gebinde")))
    assert found.kind == "uom_or_base" and "'Gebinde' is not known" in found.message
    free = matched(an_order_line(price="0.00"), line(unit="Gebinde"))
    assert only(free).figures["factor"] == "0"


def test_the_order_s_own_unit_word_and_no_unit_at_all_need_no_table() -> None:
    for unit in ("Gebinde", None):
        assert matched(an_order_line(unit="Gebinde"), line(unit=unit)).discrepancies == ()


def test_another_currency_is_a_block_and_prices_are_not_compared() -> None:
    invoice = an_invoice(lines=(line(price="99.00", currency="USD"),), currency="USD")
    result = matched(an_order_line(), invoice=invoice)
    assert kinds(result) == {"currency_diff": Severity.BLOCK}
    assert result.lines[0].invoice_price is not None and result.lines[0].invoice_price.currency == "USD"


@pytest.mark.parametrize("state", [OrderState.DRAFT, OrderState.CLOSED, OrderState.CANCELLED])
def test_an_order_that_is_not_open_cannot_be_billed(state: OrderState) -> None:
    result = match(an_invoice(lines=(line(),)), [an_order(state=state)], [], {}, MatchPolicy(), a_supplier())
    assert only(result).rule == f"order.state.{state}"


def test_an_order_of_another_supplier_or_company_is_a_bad_one() -> None:
    order = an_order(supplier_id="666", company="SISTER")
    result = match(an_invoice(lines=(line(),)), [order], [], {}, MatchPolicy(), a_supplier(), company="DEMO")
    assert {found.rule for found in result.discrepancies} == {"order.supplier", "order.company"}


def test_an_order_that_the_erp_does_not_know_is_a_bad_one() -> None:
    result = matched(None, invoice=an_invoice(order_number="PO-9"))
    assert kinds(result) == {"bad_po": Severity.BLOCK} and result.depth is MatchDepth.NON_PO
    assert result.unmatched == (0,)


def test_several_order_numbers_in_one_field_are_each_found() -> None:
    orders = [an_order(number="4711"), an_order(number="4712")]
    invoice = an_invoice(lines=(line(),), order_number="4711, 4712")
    result = match(invoice, orders, [], {}, MatchPolicy(), a_supplier())
    assert "bad_po" not in kinds(result)


@pytest.mark.parametrize(
    ("policy", "severity"),
    [
        (MatchPolicy(), Severity.BLOCK),
        (MatchPolicy(po_required=False), Severity.WARN),
        (MatchPolicy(po_exempt_suppliers=frozenset({SUPPLIER})), None),
    ],
)
def test_an_invoice_without_order_follows_the_policy(policy: MatchPolicy, severity: Severity | None) -> None:
    result = matched(None, invoice=an_invoice(order_number=None), policy=policy)
    assert kinds(result) == ({} if severity is None else {"no_po": severity})


def test_a_document_without_lines_cannot_be_compared_with_an_order() -> None:
    result = matched(an_order_line(), invoice=an_invoice(lines=()))
    assert kinds(result) == {"missing_field": Severity.BLOCK}


def freight(price: str) -> InvoiceLine:
    return an_invoice_line("Frachtkosten", quantity="1", price=price)


def test_delivery_cost_within_the_limit_is_a_warning() -> None:
    assert kinds(matched(an_order_line(), line(), freight("5.00"))) == {"unplanned_freight": Severity.WARN}


def test_delivery_cost_above_the_limit_is_a_block() -> None:
    assert kinds(matched(an_order_line(), line(), freight("5.01"))) == {"unplanned_freight": Severity.BLOCK}


def test_delivery_cost_as_a_charge_of_the_document_counts_with_the_lines() -> None:
    charge = AllowanceCharge(is_charge=True, amount=eur("3.00"), reason="Versand")
    invoice = an_invoice(lines=(line(), freight("3.00")), allowances=(charge,))
    found = only(matched(an_order_line(), invoice=invoice))
    assert found.severity is Severity.BLOCK and found.figures["invoice"] == "6.00 EUR"


def test_what_was_never_ordered_is_a_block_a_gift_is_mentioned_a_reduction_is_a_warning() -> None:
    extras = (
        an_invoice_line("Surcharge", quantity="1", price="7.00", line_id="2"),
        an_invoice_line("Sample", quantity="1", price="0.00", line_id="3"),
        an_invoice_line("Bonus", quantity="-1", price="7.00", line_id="4"),
    )
    found = matched(an_order_line(), line(), *extras).discrepancies
    assert {entry.line_id: (entry.rule, entry.severity) for entry in found} == {
        "2": ("line.unplanned", Severity.BLOCK),
        "3": ("line.free", Severity.INFO),
        "4": ("line.reduction", Severity.WARN),
    }


def test_a_line_that_is_a_question_is_not_also_unplanned() -> None:
    order = an_order(
        an_order_line("1", description="Audio device", item_number=None),
        an_order_line("2", description="Cursor controller", item_number=None),
    )
    invoice = an_invoice(lines=(an_invoice_line("Soundbar"),))
    assert set(kinds(match(invoice, [order], [], {}, MatchPolicy(), a_supplier()))) == {"line_ambiguous"}


def test_a_substitute_needs_the_buyer() -> None:
    other = an_invoice_line("Bracket", order_line_ref="1", buyer_item_id="Z-9")
    found = only(matched(an_order_line(), other))
    assert found.kind == "substitute_item" and found.figures == {"invoice": "Z-9", "order": "1896-S"}


def credited(*lines: InvoiceLine, **fields: Any) -> Invoice:
    return a_credit_note(None, lines, **fields)


def test_a_credit_of_what_was_billed_is_clean() -> None:
    assert matched(an_order_line(invoiced="10"), invoice=credited(line())).discrepancies == ()


def test_a_credit_note_with_negative_amounts_reads_like_one_with_positive_ones() -> None:
    result = matched(an_order_line(invoiced="10"), invoice=credited(line("-10")))
    assert result.discrepancies == () and result.lines[0].billed == 10


def test_the_sign_of_a_credit_note_is_read_from_whichever_total_it_prints() -> None:
    for total in ("net_total", "line_total"):
        totals = {"gross_total": None, "net_total": None, total: eur("-100.00")}
        result = matched(an_order_line(invoiced="10"), invoice=credited(line("-10"), **totals))
        assert result.discrepancies == () and result.lines[0].billed == 10


def test_a_credit_of_more_units_than_were_billed_is_a_block() -> None:
    assert only(matched(an_order_line(invoiced="4"), invoice=credited(line("5")))).rule == "credit.quantity"


def test_a_credit_of_more_value_than_was_billed_is_a_block() -> None:
    found = only(matched(an_order_line(invoiced="4"), invoice=credited(line("4", "10.01"))))
    assert found.rule == "credit.value" and found.figures == {"credited": "40.04 EUR", "billed": "40.00 EUR"}


def test_a_credit_note_may_refer_to_a_closed_order() -> None:
    order = an_order(an_order_line(invoiced="10"), state=OrderState.CLOSED)
    assert match(credited(line()), [order], [], {}, MatchPolicy(), a_supplier()).discrepancies == ()


def test_a_return_inside_an_invoice_is_set_against_what_was_billed() -> None:
    assert matched(an_order_line(invoiced="5"), line("-5")).discrepancies == ()
    assert only(matched(an_order_line(invoiced="4"), line("-5"))).kind == "credit_exceeds"
