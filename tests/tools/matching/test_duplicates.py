"""Suspected duplicates: against the ERP, against cases, and who is none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.builders import SUPPLIER, a_credit_note, a_posting, an_invoice, eur
from tools.domain.decision import Posting, PostingState
from tools.domain.documents import DocumentType
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.identifiers import CaseId, SupplierId
from tools.matching.duplicates import check_correction, check_duplicates, normalise_number
from tools.matching.facts import KnownDocument


@pytest.mark.parametrize(
    ("printed", "running"),
    [
        ("INV-3411", "3411"),
        ("003411", "3411"),
        ("3411", "3411"),
        ("inv 3411", "3411"),
        ("RE-2026-0012", "12"),
        ("2026/3411", "3411"),
        ("RG3411", "3411"),
        ("F-77", "77"),
        ("Invoice No. 12", "12"),
        ("AB-12", "AB12"),
        ("2026", "2026"),
        ("INV", "INV"),
        ("000", "000"),
        ("", ""),
    ],
)
def test_the_running_number_is_what_is_left_of_a_printed_one(printed: str, running: str) -> None:
    assert normalise_number(printed) == running


def a_known(number: str = "INV-3411", **fields: Any) -> KnownDocument:
    fields = {
        "case_id": CaseId("case-7"),
        "stage": "waiting_for_approval",
        "supplier_id": SUPPLIER,
        "document_type": DocumentType.INVOICE,
        "invoice_date": date(2026, 3, 16),
        "gross": eur("121.00"),
        **fields,
    }
    return KnownDocument(number=number, **fields)


def suspects(*postings: Posting, known: tuple[KnownDocument, ...] = (), **options: Any) -> list[Discrepancy]:
    invoice = options.pop("invoice", an_invoice("121.00"))
    return check_duplicates(invoice, SUPPLIER, postings, known, **options)


def test_the_same_number_in_the_erp_blocks_and_names_the_candidate() -> None:
    (found,) = suspects(a_posting())
    assert found.kind is DiscrepancyKind.DUPLICATE_SUSPECT and found.severity is Severity.BLOCK
    assert found.rule == "duplicate.number"
    for words in ("INV-3411", "2026-03-16", "121.00 EUR", "PI-77", "posted"):
        assert words in found.message
    assert found.figures["candidate"] == "posting:id-PI-77"


def test_a_variant_of_the_number_blocks_too() -> None:
    (found,) = suspects(a_posting(supplier_number="3411"))
    assert found.rule == "duplicate.number.normalised" and found.severity is Severity.BLOCK


def test_a_parked_draft_of_somebody_else_blocks_and_our_own_does_not() -> None:
    draft = a_posting(state=PostingState.DRAFT)
    assert suspects(draft)[0].severity is Severity.BLOCK
    assert suspects(draft, own_postings=frozenset({draft.erp_id})) == []


def test_a_case_in_the_workflow_blocks_and_the_case_itself_does_not() -> None:
    assert suspects(known=(a_known(),))[0].figures["candidate"] == "case:case-7"
    assert suspects(known=(a_known(),), own_case=CaseId("case-7")) == []


def test_the_same_number_of_another_supplier_is_none() -> None:
    assert suspects(known=(a_known(supplier_id=SupplierId("1")),)) == []


def test_the_same_number_in_another_year_over_another_amount_is_a_warning() -> None:
    last_year = a_posting(invoice_date=date(2025, 3, 16), gross=eur("99.00"))
    (found,) = suspects(last_year)
    assert (found.rule, found.severity) == ("duplicate.year", Severity.WARN)


def test_the_same_number_in_another_year_over_the_same_amount_blocks() -> None:
    assert suspects(a_posting(invoice_date=date(2025, 3, 16)))[0].severity is Severity.BLOCK


def test_a_year_in_the_number_tells_documents_apart() -> None:
    invoice = an_invoice("121.00", number="2026-0012")
    other = a_posting(supplier_number="2025-0012", invoice_date=date(2025, 3, 1), gross=eur("50.00"))
    assert suspects(other, invoice=invoice) == []
    rent = a_posting(supplier_number="2025-0012", invoice_date=date(2025, 3, 1))
    assert suspects(rent, invoice=invoice) == []
    mistyped = a_posting(supplier_number="2025-0012", invoice_date=date(2026, 3, 14))
    assert suspects(mistyped, invoice=invoice)[0].severity is Severity.WARN
    mistyped = a_posting(supplier_number="2025-0012")
    assert suspects(mistyped, invoice=invoice)[0].severity is Severity.BLOCK


def test_a_cancelled_predecessor_or_a_rejected_one_over_another_amount_is_a_warning() -> None:
    assert suspects(a_posting(state=PostingState.CANCELLED))[0].rule == "duplicate.void"
    (corrected,) = suspects(known=(a_known(stage="rejected", gross=eur("99.00")),))
    assert (corrected.rule, corrected.severity) == ("duplicate.void", Severity.WARN)


def test_the_number_and_amount_of_a_rejected_document_block_until_a_person_clears_it() -> None:
    rejected = a_known(stage="rejected", sent_back="by anna: delivered to the wrong branch")
    (found,) = suspects(known=(rejected,))
    assert (found.rule, found.severity) == ("duplicate.rejected", Severity.BLOCK)
    assert "rejected by anna: delivered to the wrong branch" in found.message
    assert suspects(known=(rejected,), cleared=frozenset({found.figures["candidate"]})) == []


def test_a_credit_note_under_the_number_counts_only_with_the_same_amount() -> None:
    note = a_posting(document_type=DocumentType.CREDIT_NOTE)
    assert suspects(note)[0].rule == "duplicate.type"
    assert suspects(a_posting(document_type=DocumentType.CREDIT_NOTE, gross=eur("5.00"))) == []


def test_the_same_amount_within_five_days_under_another_number_is_a_warning() -> None:
    near = a_known("INV-9", invoice_date=date(2026, 3, 21))
    assert suspects(known=(near,))[0].rule == "duplicate.amount"
    for far in (
        a_known("INV-9", invoice_date=date(2026, 3, 22)),
        a_known("INV-9", invoice_date=None),
        a_known("INV-9", gross=eur("121.01")),
        a_known("INV-9", stage="rejected"),
        a_known("INV-9", document_type=DocumentType.CREDIT_NOTE),
    ):
        assert suspects(known=(far,)) == []


def test_a_candidate_without_date_and_amount_still_blocks() -> None:
    (found,) = suspects(a_posting(invoice_date=None, gross=None, document_type=None))
    assert found.severity is Severity.BLOCK and "unknown amount" in found.message


def test_a_cleared_candidate_is_not_told_again_and_others_are() -> None:
    found = suspects(a_posting(), known=(a_known(),), cleared=frozenset({"posting:id-PI-77"}))
    assert [entry.figures["candidate"] for entry in found] == ["case:case-7"]


def test_blocks_come_before_warnings() -> None:
    found = suspects(a_posting(), known=(a_known("INV-9", case_id=CaseId("a")),))
    assert [entry.severity for entry in found] == [Severity.BLOCK, Severity.WARN]


def test_a_document_without_number_or_total_is_compared_as_far_as_possible() -> None:
    assert suspects(a_posting(), invoice=an_invoice(number=None)) == []
    assert suspects(a_posting(), invoice=an_invoice(gross_total=None))[0].severity is Severity.BLOCK


def test_a_corrected_invoice_waits_for_a_person_until_it_is_cleared() -> None:
    corrected = an_invoice(type_code="384", preceding_invoice="INV-1")
    (found,) = check_correction(corrected, [a_posting()], frozenset())
    assert found.severity is Severity.BLOCK and "PI-77" in found.message
    assert check_correction(corrected, [], frozenset({found.figures["candidate"]})) == []
    assert check_correction(an_invoice(), [], frozenset()) == []
    assert check_correction(a_credit_note(type_code="384"), [], frozenset()) == []
    unnamed = check_correction(an_invoice(type_code="384"), [], frozenset())
    assert unnamed[0].figures["candidate"] == "correction:INV-3411"
