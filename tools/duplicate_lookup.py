"""Where copies of a document are looked for: the register of what came in, and the ERP.

Asked twice, when the facts are gathered and again right before the document is written: what appeared in
between stops the posting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from tools.document_register import DocumentRegister
from tools.domain.decision import InvoiceKey, Posting, PostingState
from tools.domain.documents import DocumentType, Invoice
from tools.domain.findings import Discrepancy, LineMatch
from tools.domain.identifiers import CaseId, CompanyId, SupplierId, compact
from tools.domain.supplier import Supplier
from tools.erp.contract import Erp
from tools.matching.document_print import print_of
from tools.matching.duplicates import check_duplicates
from tools.matching.facts import Facts, KnownDocument
from tools.matching.invoice_numbers import spellings


def known_documents(
    register: DocumentRegister, invoice: Invoice, supplier: Supplier, company: str, case_id: CaseId | None
) -> list[KnownDocument]:
    """Documents of ours that this one may be a copy of, whatever became of them."""
    return register.candidates(
        print_of(invoice, company),
        supplier.supplier_id,
        case_id,
        ibans=[compact(account.iban) for account in supplier.bank_accounts],
        vat_id=compact(supplier.vat_id or ""),
    )


def number_keys(invoice: Invoice, supplier_id: SupplierId, company: str, today: date) -> list[InvoiceKey]:
    """What to ask the ERP for: the number as printed and as a clerk may have typed it, and a document of
    the other type under the printed number. An ERP compares numbers exactly."""
    if not invoice.number:
        return []
    other = DocumentType.INVOICE if invoice.is_credit_note else DocumentType.CREDIT_NOTE
    asked = [(invoice.document_type, number) for number in spellings(invoice.number)]
    day = invoice.issue_date or today
    return [
        _key(company, supplier_id, kind, number, day) for kind, number in (*asked, (other, invoice.number))
    ]


def _key(company: str, supplier_id: SupplierId, kind: DocumentType, number: str, day: date) -> InvoiceKey:
    return InvoiceKey(
        company=CompanyId(company),
        supplier_id=supplier_id,
        document_type=kind,
        number=number,
        invoice_date=day,
    )


def held_before(
    register: DocumentRegister, invoice: Invoice, supplier_id: SupplierId, company: str
) -> list[Posting]:
    """Documents that came into the ERP without us and that this one may be a copy of, as of the last
    reading of its history: under any spelling, or near in amount and date."""
    return register.postings(print_of(invoice, company), supplier_id) if invoice.number else []


def draft_keys(held: Iterable[Posting], company: str, today: date) -> list[InvoiceKey]:
    """What to ask the ERP for beside: an ERP does not tell that a draft was deleted."""
    return [
        _key(company, posting.supplier_id, posting.document_type, posting.supplier_number, today)
        for posting in held
        if posting.state is PostingState.DRAFT
        and posting.supplier_id
        and posting.document_type
        and posting.supplier_number
    ]


def still_held(
    held: Iterable[Posting], asked: Collection[InvoiceKey], answers: Iterable[Posting]
) -> list[Posting]:
    """`held` without what the ERP holds no longer: it was `asked` for and is not among the `answers`. What is
    there stands as the ERP tells it now."""
    now = {posting.erp_id: posting for posting in answers}
    gone = {(key.supplier_id, key.document_type, _folded(key.number)) for key in asked}
    return [
        now.get(posting.erp_id, posting)
        for posting in held
        if posting.erp_id in now
        or (posting.supplier_id, posting.document_type, _folded(posting.supplier_number or "")) not in gone
    ]


def _folded(number: str) -> str:
    return number.strip().casefold()


def own_drafts(invoice: Invoice, postings: Collection[Posting], *, has_sent: bool) -> frozenset[str]:
    """ERP ids of drafts that an attempt of this very case left: no duplicates, they are taken up again."""
    number = (invoice.number or "").strip().casefold()
    return frozenset(
        held.erp_id
        for held in postings
        if has_sent
        and held.state is PostingState.DRAFT
        and held.document_type in (None, invoice.document_type)
        and (held.supplier_number or number).strip().casefold() == number
    )


async def suspects_now(
    erp: Erp, register: DocumentRegister, facts: Facts, matches: Sequence[LineMatch], *, has_sent: bool
) -> list[Discrepancy]:
    """The duplicate check with what the ERP and the register hold at this moment. `facts` are those the
    proposal rests on; `has_sent`: a write of the case went out before. Raises ErpError."""
    invoice, supplier = facts.invoice, facts.supplier
    before = held_before(register, invoice, supplier.supplier_id, facts.profile.company)
    keys = number_keys(invoice, supplier.supplier_id, erp.company, facts.today)
    keys += draft_keys(before, erp.company, facts.today)
    found = await erp.invoices(keys) if keys else {}
    answers = [posting for held in found.values() for posting in held]
    postings = [*still_held(before, keys, answers), *answers]
    unique = list({posting.erp_id: posting for posting in postings}.values())
    return check_duplicates(
        invoice,
        supplier.supplier_id,
        unique,
        known_documents(register, invoice, supplier, facts.profile.company, facts.case_id),
        company=facts.profile.company,
        own_case=facts.case_id,
        own_postings=facts.own_postings | own_drafts(invoice, unique, has_sent=has_sent),
        cleared=facts.cleared,
        matches=matches,
        orders=facts.orders,
    )
