"""Drafts: what may be changed on them, and what their totals say meanwhile."""

from __future__ import annotations

from decimal import Decimal

from tests.erp.books import DAY, a_company, a_draft, an_expense, refuses
from tests.erp.world import DOLLARS, OFFICE, TOOLS
from tools.domain.documents import DocumentType
from tools.erp.sandbox.books import TaxCode
from tools.erp.sandbox.refusal import Refusal


def test_lines_are_added_changed_and_deleted_and_the_totals_follow() -> None:
    company = a_company()
    documents, draft = company.documents, a_draft(company)
    more = documents.add_line(draft.document_id, an_expense("10.00"))
    assert [line.line_id for line in more.lines] == ["10000", "20000"]
    assert more.totals.gross == Decimal("133.10")
    cheaper = more.lines[1].model_copy(update={"discount_percent": Decimal("12.5")})
    assert documents.change_line(draft.document_id, cheaper).totals.net == Decimal("108.75")
    rest = documents.delete_line(draft.document_id, "10000")
    assert (rest.totals.net, rest.totals.tax) == (Decimal("8.75"), Decimal("1.84"))
    again = documents.add_line(draft.document_id, an_expense("1.00"))
    assert [line.line_id for line in again.lines] == ["20000", "30000"]


def test_every_change_of_a_draft_is_another_version() -> None:
    company = a_company()
    documents, draft = company.documents, a_draft(company)
    number = draft.document_id
    changed = (
        documents.add_line(number, an_expense("10.00")),
        documents.change(number, due_date=DAY),
        documents.delete_line(number, "20000"),
    )
    assert len({draft.version, *(document.version for document in changed)}) == 4


def test_a_line_that_is_not_there_is_neither_changed_nor_deleted() -> None:
    company = a_company()
    documents, number = company.documents, a_draft(company).document_id
    other = an_expense("1.00", line_id="77")
    refuses(company, Refusal.UNKNOWN_LINE, lambda: documents.change_line(number, other))
    refuses(company, Refusal.UNKNOWN_LINE, lambda: documents.delete_line(number, "77"))


def test_a_deleted_draft_is_gone_and_its_number_is_not_given_again() -> None:
    company = a_company()
    draft = a_draft(company)
    company.documents.delete(draft.document_id)
    refuses(company, Refusal.UNKNOWN_DOCUMENT, lambda: company.documents.document(draft.document_id))
    assert a_draft(company).draft_number == "531002"


def test_a_draft_may_move_to_another_supplier_that_exists() -> None:
    company = a_company()
    documents, number = company.documents, a_draft(company).document_id
    assert documents.change(number, supplier_id=TOOLS).supplier_id == TOOLS
    refuses(company, Refusal.UNKNOWN_SUPPLIER, lambda: documents.change(number, supplier_id="1"))


def test_a_draft_is_in_the_suppliers_currency_unless_it_says_another() -> None:
    company = a_company()
    assert a_draft(company, supplier_id=DOLLARS).currency == "USD"
    assert a_draft(company, supplier_id=DOLLARS, currency="EUR").currency == "EUR"
    assert a_draft(company, currency=None).currency == "EUR"


def test_two_drafts_may_carry_the_same_number() -> None:
    company = a_company()
    a_draft(company)
    a_draft(company, supplier_number="a-1")
    found = company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "A-1")
    assert [document.draft_number for document in found] == ["531001", "531002"]


def test_a_draft_is_not_found_as_a_posted_document() -> None:
    company = a_company()
    draft = a_draft(company)
    refuses(company, Refusal.UNKNOWN_DOCUMENT, lambda: company.documents.by_number(draft.number))


def test_a_tax_code_without_an_account_for_its_tax_is_refused() -> None:
    company = a_company()
    company.books.tax_codes["X"] = TaxCode(code="X", category="S", rate=Decimal(5))
    draft = a_draft(company, an_expense(tax_code="X"))
    refuses(company, Refusal.VALUE_MISSING, lambda: company.payables.post(draft.document_id))
