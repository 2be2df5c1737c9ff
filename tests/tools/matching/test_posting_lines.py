"""From match to posting lines: to the cent, in the order's unit, with signs as the ERP expects them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.builders import (
    a_credit_note,
    a_profile,
    a_supplier,
    an_invoice,
    an_invoice_line,
    an_order,
    an_order_line,
    eur,
)
from tools.domain.decision import PostingLine
from tools.domain.documents import AllowanceCharge, Invoice, PurchaseOrder, TaxLine
from tools.domain.policy import MatchPolicy
from tools.matching.posting_lines import check_sum, posting_lines
from tools.matching.three_way import match


def posted(invoice: Invoice, *orders: PurchaseOrder, **options: Any) -> tuple[PostingLine, ...]:
    conversions = options.pop("conversions", None)
    found = match(invoice, orders, [], {}, MatchPolicy(), a_supplier(), conversions=conversions)
    profile = a_profile(default_account="4400", **options.pop("profile", {}))
    return posting_lines(invoice, found, orders, profile, a_supplier(), **options)


def nets(lines: tuple[PostingLine, ...]) -> list[str]:
    return [str(line.net_amount.amount) for line in lines]


def test_a_matched_line_is_posted_on_its_order_line() -> None:
    line = an_invoice_line(buyer_item_id="1896-S")
    (row,) = posted(an_invoice(lines=(line,)), an_order(an_order_line(tax_code="ORD")))
    assert (row.invoice_line, row.order_number, row.order_line_id) == (0, "PO-1001", "1")
    assert (row.item_number, row.account) == ("1896-S", None)
    assert (row.quantity, row.unit, row.unit_price, row.net_amount) == (10, "H87", 10, eur("100.00"))
    assert (row.tax_code, row.tax_rate) == ("H21", 21)


def test_a_line_without_order_goes_to_its_account() -> None:
    (row,) = posted(an_invoice("121.00", order_number=None))
    assert (row.account, row.item_number, row.order_number) == ("4400", None, None)
    (given,) = posted(an_invoice("121.00", order_number=None), account_given="7000")
    assert given.account == "7000"
    (single,) = posted(an_invoice("121.00", order_number=None), accounts_given={0: "7100"})
    assert single.account == "7100"


def test_descriptions_are_posted_on_one_line_without_characters_nobody_sees() -> None:
    line = an_invoice_line("Steel\n\tbracket\u202e \u200b 5 mm\x00")
    freight = AllowanceCharge(is_charge=True, amount=eur("5.00"), reason="Freight\r\nexpress")
    hidden = an_invoice_line("\u200b")
    rows = posted(an_invoice(lines=(line, hidden), allowances=(freight,), order_number=None))
    assert [row.description for row in rows] == ["Steel bracket 5 mm", "Line 2", "Freight express"]


def test_a_line_in_another_unit_is_posted_in_the_order_s() -> None:
    line = an_invoice_line(quantity="120", price="5.00", buyer_item_id="1896-S")
    order = an_order(an_order_line(ordered="10", price="60.00", unit="XCT"))
    conversions = {"1896-S": {"XCT": Fraction(12), "H87": Fraction(1)}}
    (row,) = posted(an_invoice(lines=(line,)), order, conversions=conversions)
    assert (row.quantity, row.unit, row.unit_price) == (10, "XCT", 60)


def test_a_split_line_becomes_two_that_add_up() -> None:
    line = an_invoice_line(quantity="3", price="33.335", net="100.01", buyer_item_id="1896-S")
    order = an_order(an_order_line("1", "1", "33.335"), an_order_line("2", "2", "33.335"))
    rows = posted(an_invoice(lines=(line,)), order)
    assert [(row.order_line_id, row.quantity) for row in rows] == [("1", 1), ("2", 2)]
    assert sum(row.net_amount.amount for row in rows) == Decimal("100.01")


def test_a_price_per_hundred_stays_exact() -> None:
    line = an_invoice_line(quantity="1000", price="45.055", base="100")
    (row,) = posted(an_invoice(lines=(line,), order_number=None))
    assert row.unit_price == Decimal("0.45055") and row.net_amount == eur("450.55")


def test_an_erp_that_multiplies_arrives_at_the_same_cent() -> None:
    discounted = an_invoice_line(quantity="7", price="9.99", net="60.00", adjustments=eur("-9.93"))
    (row,) = posted(an_invoice(lines=(discounted,), order_number=None))
    assert (row.unit_price * row.quantity).quantize(Decimal("0.01")) == Decimal("60.00")


def test_credit_notes_are_positive_whichever_sign_they_print() -> None:
    for quantity in ("10", "-10"):
        note = a_credit_note(None, (an_invoice_line(quantity=quantity),), order_number=None)
        (row,) = posted(note)
        assert (row.quantity, row.unit_price, row.net_amount) == (10, 10, eur("100.00"))


def test_a_return_inside_an_invoice_has_a_negative_quantity() -> None:
    lines = (an_invoice_line(), an_invoice_line("Return", quantity="1", price="-7.00"))
    row = posted(an_invoice(lines=lines, order_number=None))[1]
    assert (row.quantity, row.unit_price, row.net_amount) == (-1, 7, eur("-7.00"))


def test_charges_and_discounts_of_the_document_are_lines_of_their_own() -> None:
    extras = (
        AllowanceCharge(is_charge=True, amount=eur("5.00"), reason="Freight", tax_rate=Decimal(21)),
        AllowanceCharge(is_charge=False, amount=eur("2.00")),
        AllowanceCharge(is_charge=True, amount=eur("0.00")),
    )
    invoice = an_invoice(lines=(an_invoice_line(),), allowances=extras, order_number=None)
    rows = posted(invoice)
    assert nets(rows) == ["100.00", "5.00", "-2.00"]
    assert [(row.description, row.account, row.tax_code) for row in rows[1:]] == [
        ("Freight", "4500", "H21"),
        ("Discount", "4400", "H21"),
    ]
    assert rows[2].quantity == -1 and rows[2].unit_price == 2
    assert check_sum(invoice, rows) == []


def test_a_rounding_difference_within_the_policy_is_posted_apart() -> None:
    invoice = an_invoice(lines=(an_invoice_line(),), net_total=eur("100.02"), order_number=None)
    rows = posted(invoice)
    assert [(row.description, row.account) for row in rows[1:]] == [("Rounding difference", "4990")]
    assert check_sum(invoice, rows) == []


def test_lines_that_do_not_reach_the_net_total_are_told() -> None:
    invoice = an_invoice(lines=(an_invoice_line(),), net_total=eur("100.03"), order_number=None)
    (found,) = check_sum(invoice, posted(invoice))
    assert found.kind == "total_mismatch" and found.figures["difference"] == "-0.03 EUR"


def test_without_a_net_total_gross_less_tax_counts() -> None:
    invoice = an_invoice("121.00", net_total=None, order_number=None)
    assert check_sum(invoice, posted(invoice)) == []
    nothing = an_invoice("121.00", net_total=None, gross_total=None, order_number=None)
    assert check_sum(nothing, posted(nothing)) == []
    no_tax = an_invoice("121.00", net_total=None, tax_total=None, order_number=None)
    assert len(check_sum(no_tax, posted(no_tax))) == 1


def test_a_document_without_lines_is_posted_by_rate_of_tax_without_its_charges_again() -> None:
    charge = AllowanceCharge(is_charge=True, amount=eur("5.00"))
    taxes = (
        TaxLine(category="S", rate=Decimal(21), base=eur("60.00"), amount=eur("12.60")),
        TaxLine(category="E", base=eur("40.00"), amount=eur("0.00")),
    )
    invoice = an_invoice(
        lines=(), taxes=taxes, net_total=eur("100.00"), allowances=(charge,), order_number=None
    )
    rows = posted(invoice)
    assert nets(rows) == ["60.00", "40.00"] and [row.tax_code for row in rows] == ["H21", None]
    assert all(row.invoice_line is None and row.account == "4400" for row in rows)


def test_a_document_with_nothing_but_a_total_is_one_line() -> None:
    invoice = an_invoice(lines=(), taxes=(), net_total=eur("80.00"), order_number=None)
    (row,) = posted(invoice)
    assert (row.description, row.net_amount, row.tax_code) == ("Invoice total", eur("80.00"), None)
    empty = an_invoice(lines=(), taxes=(), net_total=None, gross_total=None, order_number=None)
    assert posted(empty) == ()


def test_a_free_line_is_posted_only_with_an_order_line() -> None:
    free = an_invoice_line("Sample", price="0.00", buyer_item_id="1896-S")
    assert posted(an_invoice(lines=(an_invoice_line("Desk"), free), order_number=None))[1:] == ()
    (row,) = posted(an_invoice(lines=(free,)), an_order(an_order_line(price="0.00")))
    assert row.net_amount == eur("0.00") and row.order_line_id == "1"


def test_a_line_without_tax_takes_the_only_rate_of_the_document() -> None:
    bare = an_invoice_line(tax_rate=None, tax_category=None, description=None)
    (row,) = posted(an_invoice(lines=(bare,), order_number=None))
    assert (row.tax_code, row.tax_rate, row.description) == ("H21", 21, "Line 1")
    (untaxed,) = posted(an_invoice(lines=(bare,), taxes=(), order_number=None))
    assert (untaxed.tax_code, untaxed.tax_rate) == (None, None)
    by_rate = an_invoice_line(tax_category=None)
    (coded,) = posted(an_invoice(lines=(by_rate,), order_number=None))
    assert coded.tax_code == "H21"
