"""What the reader of a document could not settle, as findings: errors block, warnings are shown or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tools.domain.documents import Problem, ProblemSeverity
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity

_K = DiscrepancyKind


@dataclass(frozen=True, slots=True)
class _Row:
    """How a problem of one code is told."""

    kind: DiscrepancyKind
    shown: bool = True
    """Whether a warning reaches the approver; an error always does."""
    summed_up: str = ""
    """Begins the one sentence that replaces many: it ends with the fields they are about."""
    why: str = ""
    """Why a warning is left out."""


# Every warning of the readers stands here. What does not is shown: a person judges what we do not know.
_TABLE: Mapping[str, _Row] = {
    "text_gives_orders": _Row(_K.TEXT_GIVES_ORDERS),
    "hidden_text": _Row(_K.TEXT_GIVES_ORDERS),
    "bank_change_announced": _Row(_K.BANK_CHANGE),
    "reply_to_differs": _Row(_K.BANK_CHANGE),
    "iban_check_digits": _Row(_K.BANK_CHANGE),
    "pdf_differs": _Row(_K.TOTAL_MISMATCH),
    "editions_differ": _Row(_K.TOTAL_MISMATCH),
    "lines_incomplete": _Row(_K.TOTAL_MISMATCH),
    "tax_base_differs": _Row(_K.TAX_WRONG),
    "due_date_far": _Row(_K.DATE_IMPLAUSIBLE),
    "third_party_amounts": _Row(_K.UNREADABLE_VALUE),
    "read_by_model": _Row(_K.READ_BY_MODEL),
    "model_reads_otherwise": _Row(_K.READ_BY_MODEL),
    "weak_evidence": _Row(_K.UNREADABLE_VALUE, summed_up="Read on thin evidence, compare with the document"),
    "line_unproven": _Row(
        _K.UNREADABLE_VALUE, summed_up="Quantity and price do not give the amount as read, compare"
    ),
    "vat_id_check_digits": _Row(
        _K.UNREADABLE_VALUE, shown=False, why="ids decide only where they equal one on file"
    ),
    "issue_date_in_future": _Row(_K.DATE_IMPLAUSIBLE, shown=False, why="date.future blocks"),
    "issue_date_too_old": _Row(_K.DATE_IMPLAUSIBLE, shown=False, why="date.old blocks, by policy"),
    "due_before_issue": _Row(_K.DATE_IMPLAUSIBLE, shown=False, why="date.due warns"),
    **{
        f"{amount}_rounding": _Row(
            _K.TOTAL_MISMATCH, shown=False, why="total.lines and the tax rules judge it"
        )
        for amount in (
            "line_amount",
            "line_total",
            "net_total",
            "tax_row",
            "tax_total",
            "gross_total",
            "payable",
        )
    },
}
# Parts of the codes of errors that speak of amounts which do not add up.
_TOTALS = ("total", "amount", "tax", "payable")


def check_reading(problems: Iterable[Problem]) -> list[Discrepancy]:
    """One finding for each problem, or for all of one code where the table sums them up."""
    found: list[Discrepancy] = []
    summed_up: dict[str, list[Problem]] = {}
    for problem in problems:
        row = _TABLE.get(problem.code, _Row(_K.UNREADABLE_VALUE))
        if problem.severity is ProblemSeverity.ERROR:
            found.append(_finding(_error_kind(problem), Severity.BLOCK, problem.code, problem.message))
        elif row.summed_up:
            summed_up.setdefault(problem.code, []).append(problem)
        elif row.shown:
            found.append(_finding(row.kind, Severity.WARN, problem.code, problem.message))
    return found + [_summary(code, alike) for code, alike in summed_up.items()]


def _finding(kind: DiscrepancyKind, severity: Severity, code: str, message: str) -> Discrepancy:
    return Discrepancy(kind=kind, severity=severity, rule=f"reading.{code}", message=message)


def _summary(code: str, problems: Sequence[Problem]) -> Discrepancy:
    row = _TABLE[code]
    fields = dict.fromkeys((problem.field or "document").replace("_", " ") for problem in problems)
    return _finding(row.kind, Severity.WARN, code, f"{row.summed_up}: {', '.join(fields)}.")


def _error_kind(problem: Problem) -> DiscrepancyKind:
    code = problem.code.casefold()
    if code in ("read_by_model", "model_reads_otherwise"):
        return _K.READ_BY_MODEL
    if "missing" in code:
        return _K.MISSING_FIELD
    if any(part in code for part in _TOTALS):
        return _K.TOTAL_MISMATCH
    return _K.UNREADABLE_VALUE
