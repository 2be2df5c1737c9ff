"""Tax of the supplier against its own figures and our codes; accounts for what has no order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.builders import a_profile, a_supplier, an_invoice, an_invoice_line, eur
from tools.domain.documents import AllowanceCharge, Invoice, TaxLine
from tools.domain.findings import MatchDepth, MatchResult
from tools.domain.policy import MatchPolicy
from tools.matching.coding import Accounts
from tools.matching.coding_checks import check_coding
from tools.matching.tax import check_tax


def a_row(
    category: str | None = "S", rate: str | None = "21", base: str = "100.00", tax: str = "21.00"
) -> TaxLine:
    return TaxLine(
        category=category, rate=None if rate is None else Decimal(rate), base=eur(base), amount=eur(tax)
    )


UNTOLD = an_invoice_line(tax_rate=None, tax_category=None)
"""A line that leaves its tax to the breakdown."""


def rules(invoice: Invoice, **profile: Any) -> list[str]:
    return [found.rule for found in check_tax(invoice, a_profile(**profile), MatchPolicy())]


def test_tax_by_line_and_tax_by_total_are_both_right() -> None:
    """3 lines of 10.03 at 21 %: 2.11 each make 6.33, the total of 30.09 makes 6.32."""
    lines = tuple(an_invoice_line(quantity="1", price="10.03") for _ in range(3))
    for tax in ("6.32", "6.33", "6.35"):
        invoice = an_invoice(lines=lines, tax_total=eur(tax), taxes=(a_row(base="30.09", tax=tax),))
        assert rules(invoice) == []
    wrong = an_invoice(lines=lines, tax_total=eur("6.36"), taxes=(a_row(base="30.09", tax="6.36"),))
    assert rules(wrong) == ["tax.rate"]


def test_a_total_that_is_not_the_sum_of_its_rows_is_wrong() -> None:
    assert rules(an_invoice("121.00", tax_total=eur("21.02"))) == ["tax.total"]
    half = an_invoice("121.00", taxes=(a_row(), a_row().model_copy(update={"amount": None})))
    assert rules(half) == ["tax.total"]
    right = an_invoice("142.00", taxes=half.taxes, tax_total=eur("42.00"))
    assert "tax.total" not in rules(right)


def test_without_rows_the_tax_of_the_lines_counts() -> None:
    assert rules(an_invoice("121.00", taxes=())) == []
    assert rules(an_invoice("121.00", taxes=(), tax_total=eur("19.00"))) == ["tax.lines"]
    unknown = an_invoice_line(tax_rate=None, tax_category=None)
    assert rules(an_invoice(lines=(unknown,), taxes=(), tax_total=eur("1.00"))) == []
    free = an_invoice_line(price="0.00", tax_rate=None)
    lines = (an_invoice_line(quantity="1", price="100.00"), free)
    assert rules(an_invoice(lines=lines, taxes=()), tax_codes={}) == []


def test_what_cannot_be_computed_is_left_alone() -> None:
    discount = AllowanceCharge(is_charge=False, amount=eur("1.00"))
    assert rules(an_invoice("121.00", taxes=(), allowances=(discount,), tax_total=eur("9.00"))) == []
    assert rules(an_invoice("121.00", taxes=(), tax_total=None)) == []
    assert rules(an_invoice("121.00", taxes=(TaxLine(category="S", rate=Decimal(21)),))) == []


@pytest.mark.parametrize("category", ["AE", "K", "G", "E", "O", "Z"])
def test_tax_on_an_untaxed_category_is_never_paid(category: str) -> None:
    invoice = an_invoice(lines=(UNTOLD,), taxes=(a_row(category, "21"),))
    assert rules(invoice, tax_codes={})[0] == "tax.category.untaxed"


def test_reverse_charge_without_tax_is_right() -> None:
    row = a_row("AE", "0", tax="0.00")
    invoice = an_invoice(lines=(UNTOLD,), rate="0", taxes=(row,), notes=("Reverse charge",))
    assert rules(invoice) == []


def test_words_of_reverse_charge_beside_charged_tax_are_wrong() -> None:
    invoice = an_invoice("121.00", notes=("Steuerschuldnerschaft des Leistungsempfängers",))
    assert rules(invoice) == ["tax.reverse_charge"]
    mixed = an_invoice("121.00", notes=("Reverse charge",), taxes=(a_row(), a_row("AE", "0", "0", "0")))
    assert rules(mixed) == []


def test_a_rate_without_a_code_of_ours_blocks_and_no_codes_at_all_leave_it_to_the_erp() -> None:
    high = {"S:21": "H21"}
    (found,) = check_tax(an_invoice(lines=(UNTOLD,), rate="9"), a_profile(tax_codes=high), MatchPolicy())
    assert (found.rule, found.figures["rate"]) == ("tax.code.missing", "9")
    assert rules(an_invoice(lines=(UNTOLD,), rate="9"), tax_codes={}) == []
    no_rate = an_invoice(lines=(UNTOLD,), rate="0", taxes=(a_row("Z", None, tax="0.00"),))
    assert rules(no_rate, tax_codes=high) == ["tax.code.missing"]
    by_line = an_invoice(lines=(an_invoice_line(tax_rate=Decimal(9)),), rate="9", taxes=())
    assert rules(by_line, tax_codes=high) == ["tax.code.missing"]


@pytest.mark.parametrize(
    ("category", "rate"), [("Z", Decimal(0)), ("S", Decimal(7)), (None, Decimal(7)), ("AE", None)]
)
def test_a_line_taxed_otherwise_than_any_row_of_the_breakdown_blocks(
    category: str | None, rate: Decimal | None
) -> None:
    line = an_invoice_line(tax_category=category, tax_rate=rate)
    assert rules(an_invoice(lines=(line,)))[0] == "tax.line.breakdown"
    assert rules(an_invoice(lines=(line, UNTOLD), taxes=())) != ["tax.line.breakdown"]


def test_a_line_without_rate_belongs_to_a_row_of_zero() -> None:
    line = an_invoice_line(tax_category="AE", tax_rate=Decimal(0))
    row = a_row("AE", None, tax="0.00")
    invoice = an_invoice(lines=(line,), rate="0", taxes=(row,), notes=("btw verlegd",))
    assert rules(invoice, tax_codes={}) == []


def accounts(**profile: Any) -> Accounts:
    return Accounts(a_profile(**profile), a_supplier(default_account=profile.pop("supplier_account", None)))


def unmatched(invoice: Invoice) -> MatchResult:
    return MatchResult(depth=MatchDepth.NON_PO, unmatched=tuple(range(len(invoice.lines))), policy="p v1")


def test_an_account_comes_from_the_person_then_the_supplier_then_the_company() -> None:
    profile, supplier = a_profile(default_account="4400"), a_supplier(default_account="6300")
    assert Accounts(profile, supplier, "7000", {0: "7100"}).for_line(0, "Bracket") == "7100"
    assert Accounts(profile, supplier, "7000", {0: "7100"}).for_line(1, "Freight") == "7000"
    assert Accounts(profile, supplier).for_line(0, "Bracket") == "6300"
    assert Accounts(profile, a_supplier()).for_line(0, "Bracket") == "4400"
    assert Accounts(profile, supplier).for_line(0, "Freight") == "4500"
    assert Accounts(a_profile(freight_account=None), supplier).for_charge() == "6300"
    assert Accounts(a_profile(rounding_account=None), supplier).for_rounding() == "6300"


def test_a_line_without_an_account_is_a_question() -> None:
    invoice = an_invoice("121.00")
    (found,) = check_coding(invoice, unmatched(invoice), accounts())
    assert found.kind == "coding_unsure" and found.line_id == "1"
    assert check_coding(invoice, unmatched(invoice), accounts(default_account="4400")) == []


def test_a_free_line_needs_no_account() -> None:
    invoice = an_invoice(lines=(an_invoice_line(price="0.00"),))
    assert check_coding(invoice, unmatched(invoice), accounts()) == []


def test_charges_and_discounts_of_the_document_need_an_account() -> None:
    extras = (
        AllowanceCharge(is_charge=True, amount=eur("5.00"), reason="Freight"),
        AllowanceCharge(is_charge=False, amount=eur("2.00")),
        AllowanceCharge(is_charge=False, amount=eur("0.00")),
    )
    invoice = an_invoice(lines=(an_invoice_line(price="0.00"),), allowances=extras)
    found = check_coding(invoice, unmatched(invoice), accounts(freight_account=None))
    assert [entry.message.split(" has ")[0] for entry in found] == [
        "The charge Freight of the document",
        "The discount 2.00 EUR of the document",
    ]


def test_a_document_without_lines_needs_an_account() -> None:
    invoice = an_invoice(lines=())
    assert len(check_coding(invoice, unmatched(invoice), accounts())) == 1
    assert check_coding(invoice, unmatched(invoice), accounts(default_account="4400")) == []
