"""Which invoice line bills which order line, over one or several orders.

Identifiers decide first; what they leave open is decided by price, quantity, unit and wording, and only
with a margin. Two near candidates are a question, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.domain.findings import AlignmentEvidence, Discrepancy, DiscrepancyKind, Severity
from tools.domain.policy import MatchPolicy
from tools.matching.allocation import Capacity, Pair, allocate
from tools.matching.billing import OrderLineKey
from tools.matching.identity import Named, OrderIndex, items_differ
from tools.matching.invoice_lines import BillableLine
from tools.matching.likeness import Doubt, Why, align_by_likeness
from tools.matching.meaning import Meaning
from tools.matching.order_lines import Conversions, OpenLine, order_units
from tools.matching.suggestions import Suggestion, suggestion_findings

_STRONGEST = AlignmentEvidence.ORDER_LINE_NUMBER


@dataclass(frozen=True, slots=True)
class Alignment:
    """`pairs` may hold several for one invoice line: a split. Whatever is in neither field belongs to no
    order line."""

    pairs: tuple[Pair, ...]
    questions: tuple[Discrepancy, ...]
    suggestions: tuple[Suggestion, ...] = ()
    """What a person may confirm."""
    hints: tuple[Discrepancy, ...] = ()
    """Suggestions for lines that are no question but belong to no order line."""

    @property
    def settled(self) -> frozenset[int]:
        """Positions of the invoice lines that are aligned."""
        return frozenset(pair.billed.index for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class _Claim:
    """An invoice line with what its identifiers (or a person) name."""

    billed: BillableLine
    named: Named


def align(
    billable: Sequence[BillableLine],
    open_lines: Sequence[OpenLine],
    policy: MatchPolicy,
    *,
    credit: bool = False,
    conversions: Conversions | None = None,
    given: Mapping[int, OrderLineKey] | None = None,
    meaning: Meaning | None = None,
) -> Alignment:
    """Pair the lines. `given` is a person's choice by invoice line position and beats all evidence.

    `credit`: the document gives money back, so the open quantity is what was billed before. `meaning` is
    asked only about lines that identifiers, figures and words leave open; without it nothing is suggested.
    """
    known = conversions or {}
    index = OrderIndex(open_lines)
    capacity = Capacity(open_lines, credit=credit)
    claims = [_claim(line, index, given or {}) for line in sorted(billable, key=_reading_order)]
    questions = [_question(c.billed, _contenders(c.named)) for c in claims if _is_contested(c)]
    sure = [claim for claim in claims if claim.named.candidates and not _is_contested(claim)]
    pairs = _pair_claims(sure, capacity, known)
    open_claims = [c.billed for c in claims if not c.named.candidates and not c.billed.is_free]
    likely = align_by_likeness(open_claims, index, capacity, policy, known, meaning)
    suggested = {found.billed.index: found for found in likely.suggestions}
    questions += [_doubt(doubt, suggested.get(doubt.billed.index)) for doubt in likely.doubts]
    return Alignment(
        tuple(sorted((*pairs, *likely.pairs), key=lambda pair: (pair.billed.index, pair.wanted.key))),
        tuple(sorted(questions, key=lambda found: found.line_id or "")),
        likely.suggestions,
        tuple(suggestion_findings(likely.suggestions, [doubt.billed for doubt in likely.doubts])),
    )


def _reading_order(line: BillableLine) -> tuple[Fraction, Fraction, str, str, int]:
    """An order that does not depend on where a line stands on the document, except for equal lines."""
    return (-line.quantity, line.price, line.line.description or "", line.line.line_id or "", line.index)


def _claim(line: BillableLine, index: OrderIndex, given: Mapping[int, OrderLineKey]) -> _Claim:
    chosen = tuple(wanted for wanted in index.lines if wanted.key == given.get(line.index))
    if chosen:
        return _Claim(line, Named(chosen, (AlignmentEvidence.CLERK,)))
    named = index.named(line)
    if line.is_free and all(wanted.price for wanted in named.candidates):
        return _Claim(line, Named((), ()))
    return _Claim(line, named)


def _contenders(named: Named) -> tuple[OpenLine, ...]:
    return (*named.candidates, *named.contradicting)


def _is_contested(claim: _Claim) -> bool:
    """Identifiers contradict each other, or a line number alone fits lines of different orders."""
    named = claim.named
    if named.contradicting:
        return True
    return len(named.candidates) > 1 and named.evidence == (_STRONGEST,)


def _pair_claims(claims: Sequence[_Claim], capacity: Capacity, conversions: Conversions) -> list[Pair]:
    pairs: list[Pair] = []
    for claim in sorted(claims, key=lambda claim: len(claim.named.candidates)):
        billed, named = claim.billed, claim.named
        if len(named.candidates) == 1:
            pairs.append(_pair(claim, named.candidates[0], capacity, conversions))
        else:
            pairs += allocate(billed, named.candidates, named.evidence, capacity, conversions)
    return pairs


def _pair(claim: _Claim, wanted: OpenLine, capacity: Capacity, conversions: Conversions) -> Pair:
    share = order_units(claim.billed, wanted, conversions)
    quantity = claim.billed.quantity * (share or 1)
    capacity.take(wanted, quantity)
    chosen_by_person = AlignmentEvidence.CLERK in claim.named.evidence
    substitute = not chosen_by_person and items_differ(claim.billed, wanted)
    return Pair(claim.billed, wanted, claim.named.evidence, quantity, share, substitute)


def _doubt(doubt: Doubt, suggestion: Suggestion | None) -> Discrepancy:
    """The question about a line, with the suggested answer where there is one."""
    found = _question(doubt.billed, doubt.candidates, doubt.why)
    if suggestion is None:
        return found
    wanted = suggestion.wanted
    words = f"suggested: {wanted.name} ({wanted.line.description}), likeness {suggestion.likeness:.2f}"
    return found.model_copy(
        update={
            "message": f"{found.message.removesuffix('.')}; {words}.",
            "order_number": wanted.order.number,
            "order_line_id": wanted.line.line_id,
            "figures": {**found.figures, **suggestion.figures},
        }
    )


def _question(
    billed: BillableLine, candidates: Sequence[OpenLine], why: Why = Why.SEVERAL_FIT
) -> Discrepancy:
    names = [f"{line.name} ({line.line.description})" for line in candidates]
    title = f"Line {billed.name} ({billed.line.description})"
    if why is Why.OTHER_TEXT:
        doubt = f"has price and quantity of {names[0]} and reads like something else"
    elif len(names) > 1:
        doubt = f"may be {' or '.join(names)}"
    else:
        doubt = f"is not the only one that fits {names[0]}"
    return Discrepancy(
        kind=DiscrepancyKind.LINE_AMBIGUOUS,
        severity=Severity.BLOCK,
        rule="alignment.margin" if why is Why.SEVERAL_FIT else "alignment.other_text",
        message=f"{title} {doubt}; choose one.",
        line_id=billed.name,
        figures={f"candidate_{number}": name for number, name in enumerate(names, start=1)},
    )
