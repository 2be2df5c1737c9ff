"""The document as a whole: addressee, supplier, dates, period, type."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.builders import (
    TODAY,
    a_credit_note,
    a_posting,
    a_profile,
    a_supplier,
    an_invoice,
    an_invoice_line,
    eur,
)
from tools.domain.documents import Invoice, Party, Problem, ProblemSeverity
from tools.domain.findings import Discrepancy, Severity
from tools.domain.supplier import SupplierBlock
from tools.matching.company_name import is_same_company
from tools.matching.credit import check_link
from tools.matching.freight import is_freight
from tools.matching.header import (
    check_buyer,
    check_dates,
    check_document_type,
    check_fields,
    check_number,
    check_supplier,
)
from tools.matching.resolutions import allowed
from tools.matching.ways_out import Effect


def told(found: list[Discrepancy]) -> list[tuple[str, str]]:
    return [(entry.rule, str(entry.severity)) for entry in found]


@pytest.mark.parametrize(
    ("printed", "ours", "same"),
    [
        ("DEMO TRADING BV", "Demo Trading B.V.", True),
        ("Demo Trading", "Demo Trading B.V.", True),
        ("Demo Tradng B.V.", "Demo Trading B.V.", True),
        ("Müller & Söhne GmbH", "Muller Sohne GmbH", True),
        ("Demo Trading GmbH", "Demo Trading B.V.", False),
        ("Demo Trading Belgium B.V.", "Demo Trading B.V.", False),
        ("Demo Trading 2 B.V.", "Demo Trading 1 B.V.", False),
        ("Beispiel24 GmbH", "Beispiel25 GmbH", False),
        ("Nord Bau GmbH", "Nora Bau GmbH", False),
        ("B.V.", "B.V.", False),
        ("Nord Trading Limited", "Nord Trading Ltd", True),
        ("Nord Trading LLP", "Nord Trading Ltd", False),
        ("Nord Trading s.r.o.", "Nord Trading", True),
    ],
)
def test_names_are_compared_with_tolerance_but_sister_companies_differ(
    printed: str, ours: str, same: bool
) -> None:
    assert is_same_company(printed, ours) is same


@pytest.mark.parametrize(
    ("text", "freight"),
    [
        ("Spoedtransport", True),
        ("Luftfracht Hamburg-Bremen", True),
        ("Expressversandkosten", True),
        ("Transportband 3 m", False),
        ("Transport Rotterdam", True),
        ("Transportpauschale", True),
        ("Betonzuschlag", False),
        ("Lieferung", False),
        ("Versandkosten", True),
        ("Verzendkosten binnenland", True),
        ("Frais de port", True),
        ("Shipping & handling", True),
        ("Gastos de envío", True),
        ("Steel bracket", False),
        ("USB port replicator", False),
        ("Support contract", False),
        (None, False),
    ],
)
def test_words_for_delivery_are_recognised(text: str | None, freight: bool) -> None:
    assert is_freight(text) is freight


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"number": " "}, "field.invoice_number"),
        ({"issue_date": None}, "field.issue_date"),
        ({"currency": "XXX"}, "field.currency"),
        ({"gross_total": None, "net_total": None}, "field.gross_total"),
    ],
)
def test_nothing_is_posted_without_the_fields_that_identify_it(fields: dict[str, Any], rule: str) -> None:
    assert told(check_fields(an_invoice(**fields))) == [(rule, "block")]


def test_a_field_the_reader_missed_is_told_once() -> None:
    missing = Problem(code="missing_issue_date", severity=ProblemSeverity.ERROR, message="look")
    assert check_fields(an_invoice(issue_date=None), [missing]) == []


def test_a_prepayment_needs_an_account_from_a_person() -> None:
    prepayment = an_invoice(type_code="386")
    assert told(check_document_type(prepayment)) == [("document.type.386", "block")]
    assert told(check_document_type(prepayment, settled=True)) == [("document.type.386", "warn")]


def test_partial_and_prepaid_documents_carry_a_warning() -> None:
    assert told(check_document_type(an_invoice(type_code="326"))) == [("document.type.326", "warn")]
    assert told(check_document_type(an_invoice(prepaid=eur("21.00")))) == [("document.prepaid", "warn")]
    assert check_document_type(an_invoice(prepaid=eur("0.00"), gross_total=None)) == []


@pytest.mark.parametrize("code", [None, "380", "384", "393", "82", "875", "204"])
def test_invoices_that_ask_for_money_are_posted(code: str | None) -> None:
    assert check_document_type(an_invoice(type_code=code)) == []
    assert check_document_type(a_credit_note(type_code="396")) == []


@pytest.mark.parametrize("code", ["751", "383", "999", "84", "261", "", "380 "])
def test_a_document_of_any_other_type_is_for_a_person(code: str) -> None:
    found = check_document_type(an_invoice(type_code=code), settled=True)
    assert told(found) == [("document.type", "block")]
    assert {way.effect for way in allowed(found)} == {Effect.REJECT, Effect.WAIT}


@pytest.mark.parametrize(
    "number", ["INV\u202e1143", "INV-\u200b3411", "INV\x003411", "INV\n3411", "A\u00ad1"]
)
def test_a_number_with_characters_nobody_sees_blocks(number: str) -> None:
    found = check_number(an_invoice(number=number))
    assert told(found) == [("number.characters", "block")]
    assert found[0].message.isprintable()


@pytest.mark.parametrize("number", [None, "INV-3411", "RE 2026/17", "ΑΒ-1", "№ 5"])
def test_a_number_that_can_be_read_is_nothing_to_tell(number: str | None) -> None:
    assert check_number(an_invoice(number=number)) == []


def test_a_negative_invoice_is_a_credit_note_in_disguise() -> None:
    assert told(check_document_type(an_invoice(gross_total=eur("-121.00")))) == [
        ("document.negative", "block")
    ]
    without_gross = an_invoice(gross_total=None, net_total=eur("-100.00"))
    assert told(check_document_type(without_gross)) == [("document.negative", "block")]
    assert check_document_type(a_credit_note(gross_total=eur("-121.00"))) == []


FREE = an_invoice_line("Bit set", "20", "0.00")


def test_a_document_without_any_amount_cannot_be_posted_and_is_told() -> None:
    for nothing in (an_invoice(lines=(FREE, FREE)), a_credit_note(lines=(FREE,)), an_invoice(lines=())):
        assert told(check_document_type(nothing)) == [("document.nothing", "block")]
    unread = an_invoice(lines=(), net_total=None, gross_total=None, tax_total=None)
    assert check_document_type(unread) == []


def test_free_goods_beside_paid_ones_and_lines_that_cancel_each_other_out_are_ordinary() -> None:
    assert check_document_type(an_invoice(lines=(FREE, an_invoice_line()))) == []
    taken_back = an_invoice_line(quantity="-10")
    assert check_document_type(an_invoice(lines=(an_invoice_line(), taken_back))) == []


@pytest.mark.parametrize(
    "invoice",
    [
        an_invoice(type_code="325"),
        an_invoice(type_code="380", gross_total=eur("-121.00")),
        an_invoice(lines=(FREE,)),
    ],
)
def test_a_pro_forma_a_negative_or_an_empty_invoice_can_only_be_returned_or_asked_about(
    invoice: Invoice,
) -> None:
    found = check_document_type(invoice, settled=True)
    assert {way.effect for way in allowed(found)} == {Effect.REJECT, Effect.WAIT}


def test_our_vat_id_or_name_on_the_document_is_enough() -> None:
    assert check_buyer(an_invoice(), a_profile()) == []
    assert check_buyer(an_invoice(buyer=Party(name="demo trading bv")), a_profile()) == []
    trading = Party(name="Someone", trading_name="Demo Trading")
    assert check_buyer(an_invoice(buyer=trading), a_profile()) == []
    other_vat = Party(name="Demo Trading B.V.", vat_id="NL999999999B99")
    assert check_buyer(an_invoice(buyer=other_vat), a_profile(vat_ids=())) == []


@pytest.mark.parametrize(
    ("buyer", "rule", "severity"),
    [
        (Party(name="Demo Trading B.V.", vat_id="BE0123456789"), "buyer.vat_id", "block"),
        (Party(vat_id="BE0123456789"), "buyer.vat_id", "block"),
        (Party(name="Demo Trading Belgium"), "buyer.name", "block"),
        (Party(), "buyer.missing", "warn"),
    ],
)
def test_a_document_for_somebody_else_is_stopped(buyer: Party, rule: str, severity: str) -> None:
    assert told(check_buyer(an_invoice(buyer=buyer), a_profile())) == [(rule, severity)]


def test_without_names_of_ours_the_addressee_is_told_as_unchecked() -> None:
    assert told(check_buyer(an_invoice(), a_profile(names=(), vat_ids=()))) == [("buyer.unset", "warn")]
    by_name = check_buyer(an_invoice(buyer=Party(name="X")), a_profile(names=()))
    assert by_name[0].message == "Addressed to X, not to DEMO."


def test_blocks_on_the_supplier_stop_posting_or_only_payment() -> None:
    for block, expected in (
        (SupplierBlock.ALL, [("supplier.blocked", "block")]),
        (SupplierBlock.PAYMENT, [("supplier.payment_blocked", "warn")]),
        (SupplierBlock.NONE, []),
    ):
        assert told(check_supplier(an_invoice(), a_supplier(block=block), a_profile())) == expected


def test_an_unusual_currency_is_a_warning() -> None:
    assert told(check_supplier(an_invoice(currency="USD"), a_supplier(), a_profile())) == [
        ("currency.supplier", "warn")
    ]
    assert check_supplier(an_invoice(currency="USD"), a_supplier(currency="USD"), a_profile()) == []


@pytest.mark.parametrize(
    ("issued", "rules"),
    [
        (date(2026, 3, 20), []),
        (date(2026, 3, 21), [("date.future", "block")]),
        (date(2024, 3, 20), []),
        (date(2024, 3, 19), [("date.old", "block")]),
    ],
)
def test_dates_lie_within_the_last_two_years(issued: date, rules: list[tuple[str, str]]) -> None:
    invoice = an_invoice(issue_date=issued, due_date=None)
    assert told(check_dates(invoice, TODAY, None, None)) == rules


def test_a_due_date_before_the_invoice_is_a_warning() -> None:
    invoice = an_invoice(due_date=date(2026, 3, 15))
    assert told(check_dates(invoice, TODAY, None, None)) == [("date.due", "warn")]


def test_a_closed_period_proposes_the_first_open_day() -> None:
    (found,) = check_dates(an_invoice(), TODAY, date(2026, 4, 1), None)
    assert found.severity is Severity.WARN and found.figures == {"posting_date": "2026-04-01"}


def test_a_period_that_is_not_open_yet_blocks() -> None:
    assert told(check_dates(an_invoice(), TODAY, None, date(2026, 2, 28))) == [("period.not_open", "block")]


def test_without_a_date_nothing_is_said_about_dates() -> None:
    assert check_dates(an_invoice(issue_date=None), TODAY, None, date(2026, 2, 28)) == []


def test_an_invoice_needs_no_link() -> None:
    assert check_link(an_invoice(), [], aligned=False) == []


def test_a_credit_note_without_reference_is_a_block_unless_its_lines_are_on_an_order() -> None:
    assert told(check_link(a_credit_note(), [], aligned=False)) == [("credit.reference.missing", "block")]
    assert told(check_link(a_credit_note(), [], aligned=True)) == [("credit.reference.missing", "warn")]


def test_a_credit_note_for_an_unknown_invoice_is_a_block() -> None:
    note = a_credit_note(preceding_invoice="INV-1")
    assert told(check_link(note, [], aligned=True)) == [("credit.reference.unknown", "block")]


def test_a_credit_note_may_give_back_what_the_invoice_was_and_not_more() -> None:
    def note(total: str) -> list[Discrepancy]:
        return check_link(a_credit_note(total, preceding_invoice="INV-3411"), [a_posting()], aligned=True)

    assert note("121.00") == []
    assert told(note("121.01")) == [("credit.original", "block")]
    negative = a_credit_note(preceding_invoice="I", gross_total=eur("-121.00"))
    assert check_link(negative, [a_posting()], aligned=True) == []
    unknown = a_credit_note(preceding_invoice="I", gross_total=None)
    assert check_link(unknown, [a_posting()], aligned=True) == []
    assert (
        check_link(a_credit_note("999.00", preceding_invoice="I"), [a_posting(gross=None)], aligned=True)
        == []
    )
