"""Whether a document came before: in the ERP, in a case, or in the same batch.

Duplicates are suspected, never decided: each finding names its candidate and a person clears or confirms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tools.domain.decision import Posting
from tools.domain.documents import Invoice, PurchaseOrder
from tools.domain.findings import Discrepancy, DiscrepancyKind, LineMatch, Severity
from tools.domain.identifiers import CaseId, SupplierId
from tools.matching.document_print import DocumentPrint, print_of
from tools.matching.duplicate_candidates import Candidate, Habit, Tie, candidates, habit_of, tie_of
from tools.matching.duplicate_pair import Pair, Suspicion
from tools.matching.duplicate_rules import suspicion
from tools.matching.facts import KnownDocument
from tools.matching.invoice_numbers import normalise_number
from tools.matching.order_line_duplicates import billed_again, deliverable

__all__ = ["check_correction", "check_duplicates", "new_suspects", "normalise_number"]

_RANK = {severity: place for place, severity in enumerate(Severity)}


def check_duplicates(
    invoice: Invoice,
    supplier_id: SupplierId,
    postings: Iterable[Posting],
    known: Iterable[KnownDocument],
    *,
    company: str = "",
    own_case: CaseId | None = None,
    own_postings: frozenset[str] = frozenset(),
    cleared: frozenset[str] = frozenset(),
    matches: Sequence[LineMatch] = (),
    orders: Iterable[PurchaseOrder] = (),
) -> list[Discrepancy]:
    """DUPLICATE_SUSPECT for each candidate, certain ones first.

    `known` may hold cases of the same batch, of other suppliers and of other companies of ours. `cleared`
    are references a person has cleared. `matches` are the order lines that the document bills, of `orders`.
    """
    if not invoice.number:
        return []
    mine = print_of(invoice, company)
    earlier = candidates(
        (found for found in postings if found.erp_id not in own_postings),
        (found for found in known if found.case_id != own_case),
        supplier_id,
        company,
    )
    ties = {entry.reference: tie_of(mine, supplier_id, entry) for entry in earlier}
    habit = _habit(mine, earlier, ties)
    again = _billed_again(mine, matches, orders, earlier, ties)
    found = []
    for entry in earlier:
        covered = entry.reference in again and again[entry.reference] is None
        suspected = suspicion(Pair(mine, entry, ties[entry.reference], habit, covered))
        suspected = _surer(suspected, again.get(entry.reference))
        if suspected is None or entry.reference in cleared:
            continue
        if suspected.severity is Severity.BLOCK or not entry.came_later:
            found.append(_finding(suspected, mine, entry))
    return sorted(found, key=lambda finding: _RANK[finding.severity])


def _habit(mine: DocumentPrint, earlier: Sequence[Candidate], ties: Mapping[str, Tie]) -> Habit:
    senders = [entry for entry in earlier if ties[entry.reference] >= Tie.NAME]
    return habit_of(mine, senders, [entry for entry in senders if ties[entry.reference] is Tie.SUPPLIER])


def _billed_again(
    mine: DocumentPrint,
    matches: Sequence[LineMatch],
    orders: Iterable[PurchaseOrder],
    earlier: Sequence[Candidate],
    ties: Mapping[str, Tie],
) -> dict[str, Suspicion | None]:
    others = [
        entry
        for entry in earlier
        if ties[entry.reference] >= Tie.NAME
        and not entry.is_void
        and entry.paper.is_credit == mine.is_credit
        and entry.paper.company in ("", mine.company)
    ]
    return billed_again(mine, matches, deliverable(orders, matches), others) if matches and others else {}


def _surer(one: Suspicion | None, two: Suspicion | None) -> Suspicion | None:
    """What weighs more; the first where both weigh the same."""
    if one is None or two is None:
        return one or two
    return two if _RANK[two.severity] < _RANK[one.severity] else one


def _finding(suspected: Suspicion, mine: DocumentPrint, candidate: Candidate) -> Discrepancy:
    paper = candidate.paper
    return Discrepancy(
        kind=DiscrepancyKind.DUPLICATE_SUSPECT,
        severity=suspected.severity,
        rule=suspected.rule,
        message=f"Possible duplicate of {candidate.title}: {suspected.why}.",
        figures={
            "candidate": candidate.reference,
            "number": paper.number,
            "date": paper.invoice_date.isoformat() if paper.invoice_date else "",
            "amount": str(paper.gross or ""),
            "where": candidate.where,
            "this number": mine.number,
            "this date": mine.invoice_date.isoformat() if mine.invoice_date else "",
            "this amount": str(mine.gross or ""),
        },
    )


def new_suspects(shown: Iterable[Discrepancy], now: Iterable[Discrepancy]) -> list[Discrepancy]:
    """Suspects found now that a person should see and has not: candidates that were not among `shown`, or
    weigh more than they did."""
    before = {
        entry.figures.get("candidate"): _RANK[entry.severity]
        for entry in shown
        if entry.kind is DiscrepancyKind.DUPLICATE_SUSPECT
    }
    return [
        entry
        for entry in now
        if entry.severity is not Severity.INFO
        and _RANK[entry.severity] < before.get(entry.figures["candidate"], len(_RANK))
    ]


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
