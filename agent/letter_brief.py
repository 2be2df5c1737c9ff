"""What a model is told for a letter, by whom it goes to.

Colleagues may read everything. A supplier hears what its own document and the order say, and what differs: no
limit, no control, no verdict of ours and no name of a rule, so that none of it can get into the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.atoms import atoms
from agent.brief import Brief, document_signs
from agent.brief_signs import Sign, line_sign
from agent.grounding import Records
from tools.account_numbers import without_known
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchResult, Severity
from tools.domain.suggestion import DraftRecipient
from tools.known_accounts import bank_accounts_of
from tools.matching.contradictions import OUR_CODE, order_lines
from tools.matching.decision_table import table
from tools.matching.facts import Facts
from tools.untrusted_text import marked

_K = DiscrepancyKind
_OURS = frozenset(
    {
        _K.AMOUNT_LIMIT,
        _K.APPROVER_MISSING,
        _K.BUDGET_EXCEEDED,
        _K.CODING_UNSURE,
        _K.ERP_REFUSED,
        _K.FIRST_INVOICE,
        _K.LATE_DISCOUNT,
        _K.NEAR_LIMIT,
        _K.PERIOD_CLOSED,
    }
)
"""Findings about our own house, besides those of controls."""
_SAYS = {
    "invoice": "on the document",
    "document": "on the document",
    "billed": "billed",
    "credited": "credited",
    "charged": "charged",
    "actual": "on the document",
    "order": "on the order",
    "expected": "expected",
    "computed": "computed",
    "lines": "sum of the lines",
    "difference": "difference",
    "unit price": "difference of the unit price",
    "line value": "difference of the line",
    "billed so far on the order line": "difference of the order line",
}
"""Figures that a supplier may read -> how they are called. All others are ours."""
_LIMITS = ("limit", "band", "step")
_OUR_MEASURE = re.compile(
    r"(?i)\b(?:limits?|tolerances?|allowed|at most|at least|more than|polic(?:y|ies)|rules?)\b"
)
"""Words of a finding with which a measure of ours may stand that is no figure."""
_MOST_FINDINGS, _MOST_LINES = 5, 5


def letter_brief(recipient: DraftRecipient, brief: Brief, facts: Facts, match: MatchResult) -> str:
    """The text that a letter is written from and held against."""
    return supplier_brief(facts, match) if recipient is DraftRecipient.SUPPLIER else brief.told


def supplier_brief(facts: Facts, match: MatchResult) -> str:
    """What the supplier may read of its document, in lines."""
    accounts = bank_accounts_of(facts.invoice, facts.supplier, facts.verified_accounts)
    told = [entry for entry in match.discrepancies if _may_be_told(entry)][:_MOST_FINDINGS]
    found = [(f"finding:{at}", _differs(entry)) for at, entry in enumerate(told, start=1)]
    rows = [*found, *document_signs(facts, accounts), *_lines(told, facts, match)]
    text = "\n".join(
        ("What differs, and what the records say:", *(f"- [{name}] {said}" for name, said in rows))
    )
    return without_known(text, accounts)


def tells_limits(text: str, facts: Facts, match: MatchResult) -> tuple[str, ...]:
    """Figures of `text` that are a limit of ours and that nothing the supplier may read bears out."""
    ours = Records([value for entry in match.discrepancies for value in _limits(entry)])
    known = Records([supplier_brief(facts, match)])
    return tuple(
        text[atom.start : atom.end]
        for atom in atoms(text)
        if atom.measure is not None
        and (atom.measure.currency or atom.measure.is_percent)
        and ours.bear_out(atom)
        and not known.bear_out(atom)
    )


def _limits(entry: Discrepancy) -> Iterator[str]:
    for name in _LIMITS:
        if name in entry.figures:
            yield entry.figures[name]


def _may_be_told(entry: Discrepancy) -> bool:
    is_ours = entry.kind in _OURS or entry.rule.startswith(OUR_CODE) or table()[entry.kind].control
    return entry.severity is Severity.BLOCK and not is_ours


def _differs(entry: Discrepancy) -> str:
    """The finding's sentence where it holds no figure of ours, else its figures by themselves."""
    name = entry.kind.replace("_", " ").capitalize()
    if set(entry.figures) <= set(_SAYS) and not _OUR_MEASURE.search(entry.message):
        return f"{name}: {marked(entry.message, 'finding', 260)}"
    line = f"line {entry.line_id}, " if entry.line_id else ""
    said = ", ".join(
        f"{_SAYS[key]} {value}" for key, value in entry.figures.items() if key in _SAYS and value
    )
    told = f"{line}{said}".removesuffix(", ")
    return f"{name}: {marked(told, 'finding', 260)}" if told else f"{name}."


def _lines(told: Sequence[Discrepancy], facts: Facts, match: MatchResult) -> list[Sign]:
    """The order lines that the findings are about."""
    lines = order_lines(facts.orders)
    wanted = dict.fromkeys((entry.order_number, entry.order_line_id) for entry in told)
    rows = [row for row in match.lines if (row.order_number, row.order_line_id) in wanted]
    found = [
        line_sign(row, lines[(row.order_number, row.order_line_id)])
        for row in rows
        if (row.order_number, row.order_line_id) in lines
    ]
    return list(dict.fromkeys(found))[:_MOST_LINES]
