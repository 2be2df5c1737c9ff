"""What earlier codings say of a line: the latest documents count most, so a changed policy is followed.

Each document has one vote. Votes lose two fifths of their weight with each later document, so two
codings in a row outweigh any older habit and one alone does not: then a person is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from tools.domain.coding import CodedLine, CodingSource, Suggestion
from tools.matching.coding_texts import Weights, words

_ALIKE = 0.5
"""Texts below this say nothing of each other."""
_FADING = 0.6
_DOUBT = 0.3
"""Weight of not knowing: a single earlier line never counts as certain."""
_HABIT_FADING, _HABIT_SHARE, _HABIT_DOCUMENTS = 0.8, 0.9, 3
_OTHERS_ALIKE, _OTHERS_SHARE, _OTHERS = 0.75, 0.8, 2
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Vote:
    line: CodedLine
    weight: float


def suggestions(
    text: str,
    own: Sequence[CodedLine],
    others: Sequence[CodedLine] = (),
    allowed: Collection[str] | None = None,
) -> list[Suggestion]:
    """Accounts for a line of this text, the surest first; empty when nothing speaks for any.

    `own` are the supplier's earlier lines, `others` those of other suppliers; `allowed` are the accounts
    that may be posted to, None where that is not known.
    """
    own = _allowed(own, allowed)
    found, habit = _from_texts(text, own), _from_habit(own)
    if not found or (habit[0].account == found[0].account and habit[0].confidence > found[0].confidence):
        found = habit
    return found or _from_others(text, _allowed(others, allowed))


def _allowed(lines: Iterable[CodedLine], allowed: Collection[str] | None) -> list[CodedLine]:
    return [line for line in lines if allowed is None or line.account in allowed]


def _from_texts(text: str, own: Sequence[CodedLine]) -> list[Suggestion]:
    weights = Weights(line.description for line in own)
    best: dict[tuple[object, ...], tuple[float, CodedLine]] = {}
    for line in own:
        likeness = _likeness(weights, text, line.description)
        if likeness >= _ALIKE and likeness > best.get(_document(line), (0.0, line))[0]:
            best[_document(line)] = (likeness, line)
    ordered = sorted(best.values(), key=lambda entry: _age(entry[1]), reverse=True)
    votes = [_Vote(line, likeness**3 * _FADING**place) for place, (likeness, line) in enumerate(ordered)]
    return _counted(votes, CodingSource.HISTORY, "same supplier, like text", _DOUBT)


def _likeness(weights: Weights, one: str, two: str) -> float:
    """Documents without lines have no text: they are like each other."""
    if not words(one) and not words(two):
        return 1.0
    return weights.likeness(one, two)


def _document(line: CodedLine) -> tuple[object, ...]:
    return (line.posted_on, line.document)


def _age(line: CodedLine) -> tuple[object, ...]:
    return (line.posted_on, line.document, line.account)


def _from_habit(own: Sequence[CodedLine]) -> list[Suggestion]:
    """One account for whatever the supplier bills, by its latest documents."""
    documents: dict[tuple[object, ...], list[CodedLine]] = {}
    for line in sorted(own, key=_age, reverse=True):
        documents.setdefault(_document(line), []).append(line)
    votes = [
        _Vote(line, _HABIT_FADING**place / len(lines))
        for place, lines in enumerate(documents.values())
        for line in lines
    ]
    found = _counted(votes, CodingSource.SUPPLIER_HABIT, "all that this supplier bills", 0.0)
    if not found:
        return []
    steady = float(found[0].confidence) >= _HABIT_SHARE and len(documents) >= _HABIT_DOCUMENTS
    share = 1 - 1 / (len(documents) + 1) if steady else 0.5
    return [
        entry.model_copy(update={"confidence": _rounded(float(entry.confidence) * share)}) for entry in found
    ]


def _from_others(text: str, others: Sequence[CodedLine]) -> list[Suggestion]:
    """What others bill under the same words, where at least two suppliers and most lines agree."""
    weights = Weights(line.description for line in others)
    near = [
        _Vote(line, likeness)
        for line in others
        if (likeness := weights.likeness(text, line.description)) >= _OTHERS_ALIKE
    ]
    found = _counted(near, CodingSource.SIMILAR_SUPPLIERS, "other suppliers, same text", _DOUBT)
    if not found:
        return []
    top = {vote.line.supplier_id for vote in near if vote.line.account == found[0].account}
    agreed = float(found[0].confidence) >= _OTHERS_SHARE and len(top) >= _OTHERS
    share = 0.7 if agreed else 0.5
    return [
        entry.model_copy(update={"confidence": _rounded(float(entry.confidence) * share)}) for entry in found
    ]


def _counted(votes: Sequence[_Vote], source: CodingSource, why: str, doubt: float) -> list[Suggestion]:
    sums: dict[str, float] = {}
    for vote in votes:
        sums[vote.line.account] = sums.get(vote.line.account, 0.0) + vote.weight
    ranked = sorted(sums, key=lambda account: (-sums[account], account))
    whole = sum(sums.values()) + doubt
    found = []
    for place, account in enumerate(ranked):
        mine = [vote for vote in votes if vote.line.account == account]
        other = ranked[1] if place == 0 and len(ranked) > 1 else ranked[0] if place else None
        found.append(_suggestion(mine, sums[account] / whole, other, source, why))
    return found


def _suggestion(
    votes: Sequence[_Vote], share: float, other: str | None, source: CodingSource, why: str
) -> Suggestion:
    documents = list(dict.fromkeys(vote.line.document for vote in votes if vote.line.document))
    shown = ", ".join(documents[:_SHOWN]) or f"{len(votes)} earlier lines"
    latest = max(vote.line.posted_on for vote in votes)
    return Suggestion(
        account=votes[0].line.account,
        source=source,
        reason=f"{why}: {shown}, last on {latest.isoformat()}",
        confidence=_rounded(share),
        evidence=tuple(documents[:_SHOWN]),
        runner_up=other,
        cost_centre=_agreed([(vote.line.cost_centre, vote.weight) for vote in votes]),
        tax_code=_agreed([(vote.line.tax_code, vote.weight) for vote in votes]),
    )


def _agreed(values: Sequence[tuple[str | None, float]]) -> str | None:
    """The value with three fifths of the weight; else none is proposed."""
    sums: dict[str | None, float] = {}
    for value, weight in values:
        sums[value] = sums.get(value, 0.0) + weight
    best = max(sums, key=lambda value: (sums[value], value or ""))
    return best if sums[best] >= 0.6 * sum(sums.values()) else None


def _rounded(share: float) -> Decimal:
    """Two places, never more than it is: rounding makes nothing sure enough."""
    return min(Decimal(repr(share)), Decimal(1)).quantize(Decimal("0.01"), rounding=ROUND_FLOOR)
