"""Whether a document came before: in the ERP, in a case, or in the same batch.

Duplicates are suspected, never decided: each finding names its candidate and a person clears or confirms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tools.domain.decision import Posting, PostingState
from tools.domain.documents import DocumentType, Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.identifiers import CaseId, SupplierId, compact
from tools.domain.money import Money
from tools.matching.facts import KnownDocument
from tools.matching.invoice_lines import document_sign

# Words that suppliers put before a running number.
_PREFIXES = frozenset(
    "INV INVOICE RE RG RN RECHNUNG FAC FACT FACTURE FACTURA FACTUUR FATTURA "
    "FT F FV VF VFA NR NO CN CR CREDIT".split()
)
_GLUED = re.compile(rf"^(?:{'|'.join(sorted(_PREFIXES, key=len, reverse=True))})(?=\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NEAR = timedelta(days=5)
_REJECTED = "rejected"


# Cyrillic and Greek letters that look like Latin ones (Unicode Technical Standard 39, confusables).
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # noqa: RUF001
    "ABESIJKMHOPCTYXQWABEZHIKMNOPTYX",
)


def _words(text: str) -> list[str]:
    """Letters and digits, upper case, as they look: an invoice is no other one for an invisible character
    or a letter of another script."""
    folded = unicodedata.normalize("NFKC", text).upper().translate(_LOOKALIKES)
    seen = "".join(char for char in folded if not unicodedata.category(char).startswith("C"))
    return re.findall(r"[^\W_]+", seen)


def normalise_number(text: str) -> str:
    """The running number in a supplier's invoice number: `003411`, `INV-3411` and `2026/3411` are `3411`.

    Upper case, letters and digits only; known prefixes, a year of its own and leading zeros go.
    """
    words = _words(text)
    while len(words) > 1 and (words[0] in _PREFIXES or _YEAR.fullmatch(words[0])):
        words = words[1:]
    joined = _GLUED.sub("", "".join(words))
    return joined.lstrip("0") or joined


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An earlier document, wherever it is kept."""

    reference: str
    """`posting:ID` or `case:ID`: what a person clears."""
    where: str
    number: str
    document_type: DocumentType | None
    invoice_date: date | None
    gross: Money | None
    is_void: bool
    """Cancelled or sent back: a new copy is expected."""

    @property
    def title(self) -> str:
        day = self.invoice_date.isoformat() if self.invoice_date else "no date"
        return f"{self.number} of {day} over {self.gross or 'an unknown amount'} ({self.where})"


def check_duplicates(
    invoice: Invoice,
    supplier_id: SupplierId,
    postings: Iterable[Posting],
    known: Iterable[KnownDocument],
    *,
    own_case: CaseId | None = None,
    own_postings: frozenset[str] = frozenset(),
    cleared: frozenset[str] = frozenset(),
) -> list[Discrepancy]:
    """DUPLICATE_SUSPECT for each candidate of the same supplier, certain ones first.

    `known` may hold cases of the same batch as well. `cleared` are references a person has cleared.
    """
    if not invoice.number:
        return []
    earlier = [_posted(found) for found in postings if found.erp_id not in own_postings]
    earlier += [
        _in_case(found) for found in known if found.supplier_id == supplier_id and found.case_id != own_case
    ]
    found = [
        finding
        for candidate in sorted(earlier, key=lambda entry: entry.reference)
        if candidate.reference not in cleared and (finding := _compare(invoice, candidate))
    ]
    return sorted(found, key=lambda finding: finding.severity is not Severity.BLOCK)


def _posted(posting: Posting) -> _Candidate:
    return _Candidate(
        reference=f"posting:{posting.erp_id}",
        where=f"in the ERP as {posting.number}, {posting.state}",
        number=posting.supplier_number or posting.number,
        document_type=posting.document_type,
        invoice_date=posting.invoice_date,
        gross=posting.gross,
        is_void=posting.state is PostingState.CANCELLED,
    )


def _in_case(document: KnownDocument) -> _Candidate:
    return _Candidate(
        reference=f"case:{document.case_id}",
        where=f"case {document.case_id}, {document.stage}",
        number=document.number,
        document_type=document.document_type,
        invoice_date=document.invoice_date,
        gross=document.gross,
        is_void=document.stage.casefold() == _REJECTED,
    )


def _compare(invoice: Invoice, candidate: _Candidate) -> Discrepancy | None:
    number, other = invoice.number or "", candidate.number
    same_amount = _same_amount(invoice, candidate)
    if normalise_number(number) == normalise_number(other):
        return _same_number(invoice, candidate, same_amount=same_amount)
    near = _days_apart(invoice, candidate)
    same_type = candidate.document_type is invoice.document_type
    if same_amount and same_type and not candidate.is_void and near is not None and near <= _NEAR:
        return _finding("duplicate.amount", Severity.WARN, candidate, "the same amount within five days")
    return None


def _same_number(invoice: Invoice, candidate: _Candidate, *, same_amount: bool) -> Discrepancy | None:
    exact = compact(invoice.number or "") == compact(candidate.number)
    if candidate.document_type not in (None, invoice.document_type):
        text = "the same number and amount as another type of document"
        return _finding("duplicate.type", Severity.WARN, candidate, text) if same_amount else None
    if _years_printed(invoice.number or "") != _years_printed(candidate.number) and not exact:
        text = "the same running number and amount in another year"
        return _finding("duplicate.year", Severity.WARN, candidate, text) if same_amount else None
    if _other_year(invoice, candidate) and not same_amount:
        text = "the same number in another year, another amount: numbering may restart"
        return _finding("duplicate.year", Severity.WARN, candidate, text)
    if candidate.is_void:
        return _finding("duplicate.void", Severity.WARN, candidate, "the same number, void")
    rule = "duplicate.number" if exact else "duplicate.number.normalised"
    return _finding(
        rule, Severity.BLOCK, candidate, "the same number" if exact else "the same running number"
    )


def _same_amount(invoice: Invoice, candidate: _Candidate) -> bool:
    gross = invoice.gross_total
    return gross is not None and candidate.gross == gross * document_sign(invoice)


def _years_printed(number: str) -> frozenset[str]:
    """Years that stand apart in a number; none where there is only a year."""
    words = _words(number)
    return frozenset(word for word in words if _YEAR.fullmatch(word)) if len(words) > 1 else frozenset()


def _other_year(invoice: Invoice, candidate: _Candidate) -> bool:
    dates = (invoice.issue_date, candidate.invoice_date)
    return dates[0] is not None and dates[1] is not None and dates[0].year != dates[1].year


def _days_apart(invoice: Invoice, candidate: _Candidate) -> timedelta | None:
    if invoice.issue_date is None or candidate.invoice_date is None:
        return None
    return abs(invoice.issue_date - candidate.invoice_date)


def _finding(rule: str, severity: Severity, candidate: _Candidate, why: str) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.DUPLICATE_SUSPECT,
        severity=severity,
        rule=rule,
        message=f"Possible duplicate of {candidate.title}: {why}.",
        figures={
            "candidate": candidate.reference,
            "number": candidate.number,
            "date": candidate.invoice_date.isoformat() if candidate.invoice_date else "",
            "amount": str(candidate.gross or ""),
            "where": candidate.where,
        },
    )


def check_correction(
    invoice: Invoice, preceding: Sequence[Posting], cleared: frozenset[str]
) -> list[Discrepancy]:
    """A corrected invoice (384) replaces another: posting both pays twice, so a person decides."""
    reference = f"correction:{invoice.preceding_invoice or invoice.number or ''}"
    if invoice.type_code != "384" or invoice.is_credit_note or reference in cleared:
        return []
    posted = ", ".join(f"{found.number} ({found.state}, {found.gross})" for found in preceding)
    original = f"invoice {invoice.preceding_invoice or 'it does not name'}"
    return [
        Discrepancy(
            kind=DiscrepancyKind.DUPLICATE_SUSPECT,
            severity=Severity.BLOCK,
            rule="document.corrected",
            message=f"This corrects {original}; in the ERP: {posted or 'none'}. Posting both pays twice.",
            figures={"candidate": reference, "where": posted or "not found"},
        )
    ]
