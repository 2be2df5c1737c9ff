"""Tolerance keys, holds, small differences and catch weight where the golden vectors do not reach."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.builders import (
    TODAY,
    a_profile,
    a_supplier,
    an_invoice,
    an_invoice_line,
    an_order,
    an_order_line,
    eur,
)
from tools.domain.documents import Invoice, OrderLine, Problem, ProblemSeverity
from tools.domain.findings import MatchResult, Severity
from tools.domain.money import Money
from tools.domain.policy import MatchPolicy
from tools.matching.document_measures import reached_total
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.posting_lines import check_sum, posting_lines
from tools.matching.preset_files import policy
from tools.matching.resolutions import allowed
from tools.matching.small_difference import check_difference_account, left_to_judge, total_is_near
from tools.matching.three_way import match
from tools.matching.ways_out import Effect

SAP = policy("sap_s4")


def line(quantity: str = "10", price: str = "10.00", **fields: Any) -> Any:
    return an_invoice_line(quantity=quantity, price=price, buyer_item_id="1896-S", **fields)


def matched(
    ordered: OrderLine, *lines: Any, under: MatchPolicy = SAP, currency: str = "EUR", **order: Any
) -> MatchResult:
    invoice = an_invoice(lines=lines or (line(),), currency=currency)
    return match(invoice, [an_order(ordered, **order)], [], {}, under, a_supplier(), today=TODAY)


def rules(result: MatchResult) -> list[str]:
    return [found.rule for found in result.discrepancies if found.severity is not Severity.INFO]


def test_a_finding_of_a_key_names_both_values_the_limit_and_where_they_came_from() -> None:
    found = matched(an_order_line(received="4")).discrepancies[0]
    assert found.rule == "sap.DQ"
    assert (found.order_number, found.order_line_id) == ("PO-1001", "1")
    assert found.figures["actual"] == "100.00 EUR"
    assert found.figures["expected"] == "40.00 EUR"
    assert found.figures["limit_from"] == "sap_s4 v1"
    assert found.figures["source"] == "10.00 EUR × (10 − (4 delivered − 0 billed before))"
    assert "limit 50 EUR" in found.message


def test_a_key_that_nobody_may_release_leaves_no_way_to_post() -> None:
    strict = policy("sap_s4", {"rules": {"PP": {"manual_release": False}}})
    free, held = (matched(an_order_line(), line(price="11.00"), under=under) for under in (SAP, strict))
    assert rules(free) == rules(held) == ["sap.PP"]
    assert any(way.effect is Effect.POST for way in allowed(free.discrepancies))
    assert not any(way.effect is Effect.POST for way in allowed(held.discrepancies))


def test_a_disabled_key_is_not_asked() -> None:
    off = policy("sap_s4", {"rules": {"PP": {"enabled": False}}})
    assert rules(matched(an_order_line(), line(price="99.00"), under=off)) == []


def test_a_key_for_goods_leaves_services_alone() -> None:
    goods = policy("sap_s4", {"rules": {"PP": {"lines": "goods"}}})
    assert rules(matched(an_order_line(is_service=True), line(price="99.00"), under=goods)) == []


def test_the_weight_of_a_line_without_a_printed_price_is_not_guessed() -> None:
    weighed = an_order_line(price_unit="KGM", price_quantity=Decimal(12), price="5.00")
    billed = an_invoice_line(quantity="10", price=None, net="60.00", buyer_item_id="1896-S")
    assert rules(matched(weighed, billed)) == []


def test_a_unit_that_is_neither_the_orders_nor_a_weight_is_a_question() -> None:
    weighed = an_order_line(price_unit="KGM", price_quantity=Decimal(12), price="5.00")
    assert "unit.conversion" in rules(matched(weighed, line(unit="LTR")))


def test_a_weight_in_another_currency_is_compared_at_its_converted_amount() -> None:
    weighed = an_order_line(price_unit="KGM", price_quantity=Decimal(12), price="5.00")
    profile = a_profile(exchange_rates={"USD": Decimal("0.50")})
    invoice = an_invoice(lines=(line("10", "10.00", net="120.00", currency="USD"),), currency="USD")
    result = match(invoice, [an_order(weighed)], [], {}, SAP, a_supplier(), profile=profile)
    assert rules(result) == ["currency.order"]


def test_blanket_days_need_a_date_and_a_validity() -> None:
    undated = an_invoice(lines=(line(),), issue_date=None)
    result = match(undated, [an_order(an_order_line())], [], {}, SAP, a_supplier())
    assert rules(result) == []


def balance(**fields: Any) -> Invoice:
    return an_invoice(lines=(line(),), **fields)


def test_without_a_total_there_is_no_balance() -> None:
    bare = balance(gross_total=None, payable=None)
    assert not total_is_near(bare, SAP)
    assert reached_total(bare) == Fraction(121)
    result = match(bare, [an_order()], [], {}, SAP, a_supplier())
    assert "sap.BD" not in [found.rule for found in result.discrepancies]


def test_the_balance_of_a_document_without_lines_is_that_of_its_totals() -> None:
    bare = an_invoice(lines=(), net_total=eur("100"), tax_total=eur("21"), gross_total=eur("121.50"))
    assert reached_total(bare) == Fraction(121)
    result = match(bare, [], [], {}, SAP, a_supplier())
    assert [found.figures["difference"] for found in result.discrepancies if found.rule == "sap.BD"] == [
        "0.50 EUR (+0.41 %)"
    ]
    nothing = an_invoice(lines=(), net_total=None, tax_total=None, gross_total=None)
    assert reached_total(nothing) is None


def test_a_net_total_that_contradicts_lines_and_total_is_no_small_difference() -> None:
    """Lines 100.00 and 21.00 tax make the total of 121.00; a stated net of 90.00 is a mismatch."""
    wrong = balance(net_total=eur("90"), tax_total=eur("21"), gross_total=eur("121"))
    found = match(wrong, [an_order()], [], {}, SAP, a_supplier())
    rows = posting_lines(wrong, found, [an_order()], a_profile(), a_supplier(), policy=SAP)
    assert check_sum(wrong, rows, SAP)


def test_bases_of_tax_that_miss_the_net_total_are_not_made_up_for() -> None:
    """Without lines the rows of tax are posted; what they leave out is not a small difference."""
    short = an_invoice(lines=(), net_total=eur("100"), tax_total=eur("21"), gross_total=eur("121"))
    row = short.taxes[0].model_copy(update={"base": eur("90")})
    short = short.model_copy(update={"taxes": (row,)})
    found = match(short, [], [], {}, SAP, a_supplier())
    rows = posting_lines(short, found, [], a_profile(), a_supplier(), policy=SAP)
    assert [entry.net_amount for entry in rows] == [eur("90")]


@pytest.mark.parametrize(("gross", "told"), [("121.90", ""), ("122.50", "total.gross")])
def test_small_differences_reach_the_whole_assessment(gross: str, told: str) -> None:
    facts = Facts(
        invoice=balance(gross_total=eur(gross), payable=eur(gross)),
        supplier=a_supplier(country="NL"),
        profile=a_profile(),
        policy=SAP,
        today=TODAY,
        orders=(an_order(),),
    )
    found = [entry.rule for entry in assess(facts).discrepancies if entry.rule.startswith("total.")]
    assert found == ([told] if told else [])


def test_measures_of_totals_pass_over_what_is_not_there() -> None:
    """No order lines, no bases of tax, no limit of the supplier in the document's currency."""
    keys = ("TOTAL_BALANCE", "TOTAL_TAX", "TOTAL_INVOICE")
    totals = policy("d365", {"rules": {key: {"enabled": True} for key in keys}})
    bare = an_invoice(order_number=None, taxes=())
    result = match(bare, [], [], {}, totals, a_supplier(amount_limit=Money.of(1, "USD")))
    assert [found.rule for found in result.discrepancies] == ["order.missing"]


def test_a_prepayment_bills_no_order_line_so_that_the_final_invoice_can() -> None:
    asked = an_invoice(lines=(line(),), type_code="386")
    result = match(asked, [an_order(an_order_line(received="0"))], [], {}, MatchPolicy(), a_supplier())
    assert (result.lines, result.unmatched, result.discrepancies) == ((), (0,), ())


def test_an_order_limit_is_told_although_its_first_line_is_returned() -> None:
    order = an_order(
        an_order_line("1", invoiced="5"), an_order_line("2", item_number="B"), value_limit=eur("20")
    )
    lines = (line("-1"), an_invoice_line(buyer_item_id="B"))
    result = match(an_invoice(lines=lines), [order], [], {}, SAP, a_supplier())
    assert [found.order_line_id for found in result.discrepancies if found.rule == "sap.LA"] == ["2"]


def test_a_piece_billed_by_weight_is_compared_with_its_planned_weight() -> None:
    weighed = an_order_line(price_unit="KGM", price_quantity=Decimal(12), price="5.00")
    free = policy("sap_s4", {"rules": {"PP": {"over": {"unlimited": True}}}})
    assert rules(matched(weighed, line("12.6", "5.00", unit="KGM"), under=free)) == []
    assert rules(matched(weighed, line("12.7", "5.00", unit="KGM"), under=free)) == ["sap.BW"]


def test_what_the_reader_doubts_is_left_to_the_key_within_its_limit_only() -> None:
    doubts = (
        Problem(code="gross_total_wrong", severity=ProblemSeverity.ERROR, message="sums"),
        Problem(code="missing_line_amount", severity=ProblemSeverity.ERROR, message="line"),
    )
    near, far = (balance(gross_total=eur(gross)) for gross in ("121.90", "122.50"))
    assert [problem.code for problem in left_to_judge(doubts, near, SAP)] == ["missing_line_amount"]
    assert left_to_judge(doubts, far, SAP) == list(doubts)
    assert left_to_judge(doubts, near, MatchPolicy()) == list(doubts)


def test_a_difference_without_an_account_is_a_question() -> None:
    near = balance(gross_total=eur("121.90"))
    found = match(near, [an_order()], [], {}, SAP, a_supplier())
    homeless = a_profile(rounding_account=None, default_account=None)
    rows = posting_lines(near, found, [an_order()], homeless, a_supplier(), policy=SAP)
    assert [entry.rule for entry in check_difference_account(rows)] == ["account.difference"]
    rows = posting_lines(near, found, [an_order()], a_profile(), a_supplier(), policy=SAP)
    assert check_difference_account(rows) == []
    assert rows[-1].tax_code == "Z0"
