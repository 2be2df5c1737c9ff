"""Earlier documents wherever they are kept, and how their sender is tied to that of the new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from tools.domain.decision import Posting, PostingState
from tools.domain.documents import DocumentType
from tools.domain.identifiers import SupplierId
from tools.matching.company_name import is_same_company
from tools.matching.document_print import DocumentPrint
from tools.matching.facts import KnownDocument

NEAR = timedelta(days=5)
_REJECTED = "rejected"
_POSTED = "posted"
_OFTEN = 6
_HABIT = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier document."""

    reference: str
    """`posting:ID` or `case:ID`: what a person clears."""
    where: str
    paper: DocumentPrint
    supplier_id: SupplierId | None
    is_void: bool
    """Cancelled or sent back: another document in its place is expected."""
    is_posted: bool
    """Counted by the ERP as billed; a draft is not."""
    is_rejected: bool = False
    """Sent back by a person: the same document once more says nothing new."""
    came_later: bool = False
    """And a person who let it be posted saw the document in question beside it."""

    @property
    def title(self) -> str:
        paper = self.paper
        day = paper.invoice_date.isoformat() if paper.invoice_date else "no date"
        return f"{paper.number} of {day} over {paper.gross or 'an unknown amount'} ({self.where})"


def in_erp(posting: Posting, supplier_id: SupplierId, company: str) -> Candidate:
    """A document the ERP holds for the supplier it was asked about."""
    gross = posting.gross
    if gross is not None and posting.document_type is DocumentType.CREDIT_NOTE:
        gross = abs(gross)
    return Candidate(
        reference=f"posting:{posting.erp_id}",
        where=f"in the ERP as {posting.number}, {posting.state}",
        paper=DocumentPrint(
            company=company,
            document_type=posting.document_type,
            number=posting.supplier_number or posting.number,
            invoice_date=posting.invoice_date,
            gross=gross,
        ),
        supplier_id=supplier_id,
        is_void=posting.state is PostingState.CANCELLED,
        is_posted=posting.state is not PostingState.DRAFT,
    )


def in_case(document: KnownDocument, *, is_cancelled: bool = False) -> Candidate:
    """A document of a case of ours, whatever became of it. `is_cancelled`: in the ERP, after we posted it."""
    kept = f", in the ERP as {document.erp_number}" if document.erp_number else ""
    ended = f" {document.sent_back}" if document.sent_back else ""
    stage = document.stage.casefold()
    return Candidate(
        reference=f"case:{document.case_id}",
        where=f"case {document.case_id}, {document.stage.replace('_', ' ')}{ended}{kept}",
        paper=document.paper or _plain(document),
        supplier_id=document.supplier_id,
        is_void=is_cancelled or stage == _REJECTED,
        is_posted=stage == _POSTED,
        is_rejected=stage == _REJECTED,
        came_later=document.came_later,
    )


def _plain(document: KnownDocument) -> DocumentPrint:
    gross = document.gross
    if gross is not None and document.document_type is DocumentType.CREDIT_NOTE:
        gross = abs(gross)
    return DocumentPrint(
        document_type=document.document_type,
        number=document.number,
        invoice_date=document.invoice_date,
        gross=gross,
    )


class Tie(IntEnum):
    """What says that two documents come from one sender, weakest first."""

    NONE = 0
    ACCOUNT = 1
    """They ask for payment to one bank account: the same firm, or two that sold to one factor."""
    NAME = 2
    FIRM = 3
    """One VAT id, kept as two supplier accounts."""
    SUPPLIER = 4


def tie_of(mine: DocumentPrint, supplier_id: SupplierId, other: Candidate) -> Tie:
    """A VAT id on both that differs leaves nothing but a shared account."""
    theirs = other.paper
    if other.supplier_id == supplier_id:
        return Tie.SUPPLIER
    known = bool(mine.vat_id and theirs.vat_id)
    if known and mine.vat_id == theirs.vat_id:
        return Tie.SUPPLIER if other.supplier_id is None else Tie.FIRM
    names = bool(mine.supplier_name and theirs.supplier_name)
    if not known and names and is_same_company(mine.supplier_name, theirs.supplier_name):
        return Tie.SUPPLIER if other.supplier_id is None else Tie.NAME
    return Tie.ACCOUNT if {*mine.ibans} & {*theirs.ibans} else Tie.NONE


def is_same_amount(one: DocumentPrint, two: DocumentPrint) -> bool:
    """The same figure in the same currency, whatever the sign: a credit note booked as an invoice has it."""
    if one.gross is None or two.gross is None or one.gross.currency != two.gross.currency:
        return False
    return abs(one.gross.amount) == abs(two.gross.amount)


def days_apart(one: DocumentPrint, two: DocumentPrint) -> timedelta | None:
    if one.invoice_date is None or two.invoice_date is None:
        return None
    return abs(one.invoice_date - two.invoice_date)


@dataclass(frozen=True, slots=True)
class Habit:
    """What the sender's earlier documents over the same amount say about a further one."""

    repeats: bool
    """The amount comes again and again: it tells nothing about a single document."""
    within_days: bool
    """And so often that five days say nothing, as with rides or parcels."""
    given: tuple[tuple[date, str], ...] = ()
    """Dates and numbers of the supplier's documents."""
    periods: tuple[tuple[str, ...], ...] = ()
    """Periods that were billed more than once, as by a weekly service that names only its month."""


def habit_of(mine: DocumentPrint, others: Sequence[Candidate], numbered: Sequence[Candidate]) -> Habit:
    """`others`: documents of the same sender; `numbered`: those of the same supplier account."""
    alike = [other.paper for other in others if is_same_amount(mine, other.paper) and not other.is_void]
    days = sorted({paper.invoice_date for paper in alike if paper.invoice_date})
    close = sum(later - earlier <= NEAR for earlier, later in zip(days, days[1:], strict=False))
    named = [paper.periods for paper in alike if paper.periods]
    return Habit(
        repeats=len(days) >= _HABIT,
        within_days=close >= _HABIT or len(days) >= _OFTEN,
        given=tuple(
            (other.paper.invoice_date, other.paper.number) for other in numbered if other.paper.invoice_date
        ),
        periods=tuple(sorted({period for period in named if named.count(period) > 1})),
    )


def candidates(
    postings: Iterable[Posting], known: Iterable[KnownDocument], supplier_id: SupplierId, company: str
) -> list[Candidate]:
    """All of them, by reference. What one of our cases posted is told as that case, not twice."""
    held = list(postings)
    cancelled = {posting.number for posting in held if posting.state is PostingState.CANCELLED}
    ours = [document for document in known if document.number]
    numbers = {document.erp_number for document in ours if document.erp_number}
    found = [in_erp(posting, supplier_id, company) for posting in held if posting.number not in numbers]
    found += [in_case(document, is_cancelled=document.erp_number in cancelled) for document in ours]
    return sorted(found, key=lambda entry: entry.reference)
