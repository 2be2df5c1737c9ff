"""Ways out that contradict the facts: a model is not offered them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import (
    ORDER,
    a_credit_note,
    a_posting,
    a_profile,
    a_receipt,
    a_supplier,
    an_invoice,
    an_invoice_line,
    an_order,
    an_order_line,
    eur,
)
from tools.domain.documents import Invoice, OrderLine, OrderState
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchDepth, MatchResult, Severity
from tools.matching.billing import Billed
from tools.matching.contradictions import (
    agreeing,
    contradiction,
    freight_above,
    share_of_document,
)
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.fraud_facts import FraudFacts

TODAY = date(2026, 3, 20)


def against(way: str, invoice: Invoice, line: OrderLine, **facts: Any) -> str | None:
    known = known_of(invoice, line, **facts)
    return contradiction(way, known, assess(known))


def known_of(invoice: Invoice, line: OrderLine, **facts: Any) -> Facts:
    return Facts(
        invoice=invoice,
        supplier=a_supplier(),
        profile=a_profile(),
        today=TODAY,
        orders=(an_order(line),),
        **facts,
    )


def billing(quantity: str, price: str = "10.00") -> Invoice:
    return an_invoice(lines=(an_invoice_line(quantity=quantity, price=price, buyer_item_id="1896-S"),))


def test_a_receipt_is_waited_for_while_goods_are_missing() -> None:
    assert against("wait_for_receipt", billing("10"), an_order_line(received="6")) is None


def test_nothing_is_waited_for_when_all_came() -> None:
    why = against("wait_for_receipt", billing("10", "12.00"), an_order_line())
    assert why == "everything that was ordered and billed has been received"


def test_what_is_billed_beyond_the_order_is_not_waited_for() -> None:
    assert against("wait_for_receipt", billing("12"), an_order_line()) is not None


def test_inspection_is_waited_for_although_the_goods_came() -> None:
    assert against("wait_for_receipt", billing("10"), an_order_line(accepted=Decimal(4))) is None


def test_a_receipt_that_was_marked_is_waited_for() -> None:
    receipt = a_receipt()
    line = receipt.lines[0].model_copy(update={"has_exception": True})
    marked = receipt.model_copy(update={"lines": (line,)})
    assert against("wait_for_receipt", billing("10", "12.00"), an_order_line(), receipts=(marked,)) is None


def test_a_cancelled_line_brings_nothing() -> None:
    line = an_order_line(received="0", cancelled=True)
    assert (
        against("wait_for_receipt", billing("10"), line) == "the order line is cancelled: nothing will come"
    )


def test_without_a_line_of_an_order_nothing_speaks_against_waiting() -> None:
    line = an_invoice_line("Legal advice", quantity="1", price="77.00", unit="HUR")
    alone = an_invoice(lines=(line,), order_number=None)
    assert against("wait_for_receipt", alone, an_order_line()) is None


@pytest.mark.parametrize(("received", "possible"), [("0", False), ("10", False), ("12", True)])
def test_only_what_came_beyond_the_order_can_go_back(received: str, possible: bool) -> None:
    why = against("return_goods", billing("12"), an_order_line(received=received))
    assert (why is None) is possible


def test_a_price_says_nothing_about_goods_that_go_back() -> None:
    assert against("return_goods", billing("10", "12.00"), an_order_line()) is None


def test_no_credit_is_asked_for_a_credit_note() -> None:
    assert against("request_credit_note", a_credit_note("121.00"), an_order_line()) is not None
    assert against("request_credit_note", billing("10", "12.00"), an_order_line()) is None


def test_a_document_with_the_same_number_amount_and_date_is_not_cleared() -> None:
    same = a_posting(supplier_number="INV 3411")
    assert against("not_a_duplicate", an_invoice("121.00"), an_order_line(), postings=(same,)) is not None


def test_the_same_number_and_amount_are_not_cleared_for_another_date() -> None:
    later = a_posting(invoice_date=date(2026, 1, 5))
    assert against("not_a_duplicate", an_invoice("121.00"), an_order_line(), postings=(later,)) is not None


def test_the_same_amount_and_date_under_a_number_with_a_suffix_are_not_cleared() -> None:
    same = a_posting(supplier_number="INV-3411-A")
    assert against("not_a_duplicate", an_invoice("121.00"), an_order_line(), postings=(same,)) is not None


def test_the_same_number_alone_may_be_cleared_and_confirmed() -> None:
    other = a_posting(gross=an_invoice("130.00").gross_total, invoice_date=date(2026, 1, 5))
    for way in ("not_a_duplicate", "confirm_duplicate"):
        assert against(way, an_invoice("121.00"), an_order_line(), postings=(other,)) is None


def test_the_same_number_on_the_same_day_is_never_cleared_by_a_model_whatever_the_amount() -> None:
    same = a_posting(gross=eur("60.50"))
    why = against("not_a_duplicate", an_invoice("121.00"), an_order_line(), postings=(same,))
    assert why == "number and date are those of the earlier document"


def test_without_number_and_amount_nothing_is_confirmed_as_a_duplicate() -> None:
    figures = {"this number": "7", "number": "8", "date": "2026-01-01", "this date": "2026-01-01"}
    assert agreeing(figures) == ("date",)


def test_other_ways_are_not_judged() -> None:
    assert against("ask_supplier", billing("10"), an_order_line()) is None


@pytest.mark.parametrize(("price", "possible"), [("11.00", True), ("11.01", False), ("12.00", False)])
def test_a_price_more_than_a_tenth_higher_is_another_price(price: str, possible: bool) -> None:
    """10.01 EUR on a line of 100.00 EUR are within the 20.00 EUR of the policy."""
    why = against("accept_price", billing("10", price), an_order_line())
    assert (why is None) is possible


@pytest.mark.parametrize(("price", "possible"), [("10.20", True), ("10.21", False)])
def test_a_higher_price_is_accepted_only_within_the_limit_of_a_line(price: str, possible: bool) -> None:
    why = against("accept_price", billing("100", price), an_order_line(ordered="100", received="100"))
    assert (why is None) is possible


def test_a_price_that_was_accepted_before_or_was_an_estimate_may_be_accepted() -> None:
    line, key = an_order_line(ordered="20"), (ORDER, "1")
    before = {key: Billed(quantity=Decimal(5), value=Decimal(75))}
    assert against("accept_price", billing("10", "15.00"), line, billed=before) is None
    other = {key: Billed(quantity=Decimal(5), value=Decimal(50))}
    assert against("accept_price", billing("10", "15.00"), line, billed=other) is not None
    assert against("accept_price", billing("10", "15.00"), an_order_line(price_is_estimate=True)) is None


def test_a_price_that_was_accepted_through_us_counts_although_the_erp_keeps_the_count() -> None:
    line, key = an_order_line(ordered="20", invoiced="5"), (ORDER, "1")
    own = {key: Billed(quantity=Decimal(5), value=Decimal(75))}
    assert against("accept_price", billing("10", "15.00"), line, own_billed=own) is None
    counted = {key: Billed(erp_value=Decimal(75))}
    assert against("accept_price", billing("10", "15.00"), line, billed=counted) is not None
    assert against("accept_price", billing("10", "15.00"), line, billed=counted, own_billed=own) is None


def test_an_order_is_changed_for_a_price_only_where_the_records_say_that_it_is_out_of_date() -> None:
    line, key = an_order_line(ordered="20"), (ORDER, "1")
    before = {key: Billed(quantity=Decimal(5), value=Decimal(75))}
    assert against("order_changed", billing("10", "15.00"), line, billed=before) is None
    assert against("order_changed", billing("10", "15.00"), an_order_line(price_is_estimate=True)) is None
    assert against("order_changed", billing("10", "15.00"), an_order_line()) is not None
    assert against("order_changed", billing("10", "11.00"), an_order_line()) is not None


@pytest.mark.parametrize(("billed", "possible"), [("112.50", True), ("112.51", False)])
def test_delivery_cost_above_what_was_agreed_is_accepted_up_to_a_quarter(billed: str, possible: bool) -> None:
    found = Discrepancy(
        kind=DiscrepancyKind.UNPLANNED_FREIGHT,
        severity=Severity.BLOCK,
        rule="sap.KW",
        message="m",
        figures={"actual": f"{billed} EUR", "expected": "90.00 EUR"},
    )
    match = MatchResult(depth=MatchDepth.THREE_WAY, discrepancies=(found,), lines=(), policy="p")
    why = contradiction("accept_freight", known_of(billing("10"), an_order_line()), match)
    assert (why is None) is possible


def test_only_an_order_that_is_there_can_be_released() -> None:
    bad = Discrepancy(
        kind=DiscrepancyKind.BAD_PO, severity=Severity.BLOCK, rule="order.unknown", message="no such order"
    )
    match = MatchResult(depth=MatchDepth.THREE_WAY, discrepancies=(bad,), lines=(), policy="p")
    known = known_of(billing("10"), an_order_line())
    assert contradiction("wait_for_buyer", known, match) is None
    closed = known.orders[0].model_copy(update={"state": OrderState.CLOSED})
    assert contradiction("wait_for_buyer", known.model_copy(update={"orders": (closed,)}), match) is not None
    unknown = known.model_copy(update={"orders": ()})
    assert contradiction("wait_for_buyer", unknown, match) is not None


def test_another_currency_says_nothing_about_the_price() -> None:
    dollars = an_invoice(
        lines=(an_invoice_line(price="15.00", currency="USD", buyer_item_id="1896-S"),), currency="USD"
    )
    assert against("accept_price", dollars, an_order_line()) is None


@pytest.mark.parametrize(("cost", "possible"), [("6.25", True), ("6.26", False)])
def test_delivery_cost_is_accepted_up_to_a_quarter_above_the_limit(cost: str, possible: bool) -> None:
    freight = an_invoice_line("Freight", quantity="1", price=cost)
    invoice = an_invoice(lines=(an_invoice_line(buyer_item_id="1896-S"), freight))
    assert (against("accept_freight", invoice, an_order_line()) is None) is possible


def test_delivery_cost_without_a_limit_is_not_judged() -> None:
    found = Discrepancy(
        kind=DiscrepancyKind.UNPLANNED_FREIGHT, severity=Severity.BLOCK, rule="freight.limit", message="m"
    )
    known = Facts(invoice=billing("10"), supplier=a_supplier(), profile=a_profile(), today=TODAY)
    assert freight_above(found, known) is None
    assert share_of_document(found, known) is None


@pytest.mark.parametrize(("price", "possible"), [("11.00", True), ("12.00", False)])
def test_a_further_line_is_accepted_up_to_a_tenth_of_the_document(price: str, possible: bool) -> None:
    fee = an_invoice_line("Cleaning set", quantity="1", price=price, unit="C62")
    invoice = an_invoice(lines=(an_invoice_line(buyer_item_id="1896-S"), fee))
    assert (against("accept_line", invoice, an_order_line()) is None) is possible


def test_a_tax_code_is_missing_only_where_the_tax_is_right() -> None:
    invoice = billing("10")
    no_code = a_profile(tax_codes={})
    known = Facts(invoice=invoice, supplier=a_supplier(), profile=no_code, today=TODAY, orders=(an_order(),))
    assert contradiction("tax_code_set", known, assess(known)) is None
    wrong = known.model_copy(update={"invoice": invoice.model_copy(update={"tax_total": eur("30.00")})})
    assert contradiction("tax_code_set", wrong, assess(wrong)) == "the tax on the document is wrong"


def test_an_order_is_changed_for_a_price_only_where_the_records_show_that_it_was_agreed() -> None:
    assert against("order_changed", billing("10", "15.00"), an_order_line()) is not None
    assert against("order_changed", billing("10", "15.00"), an_order_line(price_is_estimate=True)) is None


@pytest.mark.parametrize(("received", "possible"), [("10", False), ("12", True)])
def test_an_order_is_changed_for_a_quantity_only_where_a_surplus_was_delivered(
    received: str, possible: bool
) -> None:
    why = against("order_changed", billing("12"), an_order_line(received=received))
    assert (why is None) is possible


def test_a_service_beyond_its_order_may_change_it() -> None:
    service = an_order_line(received="0", receipt_required=False)
    assert against("order_changed", billing("12"), service) is None


def test_what_bears_our_own_item_number_is_not_posted_without_an_order_on_a_models_word() -> None:
    rent = an_invoice(lines=(an_invoice_line("Rent of the hall"),), order_number=None)
    assert against("post_without_order", rent, an_order_line()) is None
    assert "which are ordered" in (against("post_without_order", billing("10"), an_order_line()) or "")


@pytest.mark.parametrize("known", [True, False])
def test_a_suppliers_first_invoice_without_an_order_is_not_posted_on_a_models_word(known: bool) -> None:
    fees = an_invoice(lines=(an_invoice_line("Consultation on 3 March"),), order_number=None)
    fraud = FraudFacts(now=datetime(2026, 3, 20, tzinfo=UTC), known_before=known)
    why = against("post_without_order", fees, an_order_line(), fraud=fraud)
    assert why == (
        None
        if known
        else "nothing of this supplier was ever posted: whether anybody ordered it is for people"
    )
