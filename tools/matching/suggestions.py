"""What a person may confirm with one word: for each open invoice line the order line that it most likely
bills. A suggestion pairs nothing by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.matching.assignment import assign, components
from tools.matching.billing import OrderLineKey
from tools.matching.candidates import Candidates
from tools.matching.invoice_lines import BillableLine
from tools.matching.meaning import Meaning
from tools.matching.order_lines import OpenLine

# As many lines as possible get a suggestion; which ones is decided by the scores.
_EACH = 10.0
_PREFERENCE = 1e-6
# Two different things of one trade reach 0.47 at most among the goods of `evals/alignment_goods.py`.
_SAME_GOODS = 0.6
# Above those 0.47, and enough where it holds on both sides: invoice lines and order lines.
_ONE_KIND = 0.5
POSITION, LIKENESS, PAIR = "position", "likeness", "suggested"
"""Figures of a finding that carries a suggestion."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One open line, the order line that is suggested for it, and how alike the two read in meaning."""

    billed: BillableLine
    wanted: OpenLine
    likeness: float
    """1 for the same text, about 0 for goods that have nothing in common."""
    others: tuple[OpenLine, ...] = ()
    """Order lines of the same price that the line may bill just as well: free ones that read as the same
    goods as the suggested one, and those suggested for a line that it could exchange with."""

    @property
    def figures(self) -> dict[str, str]:
        billed = self.billed.line.description or self.billed.name
        pair = " or ".join(
            (f"{billed} → {_called(self.wanted)}", *(f"just as well {_called(line)}" for line in self.others))
        )
        return {POSITION: str(self.billed.index + 1), LIKENESS: f"{self.likeness:.2f}", PAIR: pair}


_Place = tuple[int, int]


def _called(wanted: OpenLine) -> str:
    return f"{wanted.name} ({wanted.line.description})"


def read_meaning(
    meaning: Meaning, candidates: Candidates, places: Collection[_Place]
) -> Mapping[_Place, float]:
    """The likeness in meaning of each place. Each text is read once, in one call."""
    if not places:
        return {}
    printed = {row: candidates.rows[row].line.description or "" for row, _ in places}
    known = {column: candidates.columns[column].line.description for _, column in places}
    lefts, rights = list(dict.fromkeys(printed.values())), list(dict.fromkeys(known.values()))
    table = meaning.likeness(lefts, rights)
    row_of = {text: place for place, text in enumerate(lefts)}
    column_of = {text: place for place, text in enumerate(rights)}
    return {
        (row, column): float(table[row_of[printed[row]]][column_of[known[column]]]) for row, column in places
    }


def suggest(
    candidates: Candidates,
    settled: Collection[int],
    taken: Iterable[OpenLine],
    meaning: Meaning | None,
    margin: float,
) -> tuple[Suggestion, ...]:
    """The best assignment of the open lines to the free order lines of the same price; `settled` are the
    invoice lines that are paired, `taken` their order lines. Without a model there is none: figures and words
    have said what they can. Another size is never suggested, nor is anything for a text that names no goods.
    """
    if meaning is None:
        return ()
    wording = candidates.wording
    used = {id(wanted) for wanted in taken}
    edges = {
        place: edge
        for place, edge in (*candidates.edges.items(), *candidates.same_price.items())
        if place[0] not in settled
        and id(candidates.columns[place[1]]) not in used
        and not wording.is_other_size(*place)
        and not wording.names_nothing(*place)
    }
    alike = read_meaning(meaning, candidates, edges)
    scores = {
        place: _EACH + edges[place].score + likeness - place[1] * _PREFERENCE
        for place, likeness in alike.items()
    }
    chosen = {row: column for part in components(scores) for row, column in sorted(assign(part).items())}
    others = _others(chosen, alike, candidates, meaning)
    for row, column in _exchangeable(chosen, scores, candidates, meaning, margin):
        others[row].append(column)
    return tuple(
        Suggestion(
            candidates.rows[row],
            candidates.columns[column],
            alike[row, column],
            tuple(candidates.columns[other] for other in others[row]),
        )
        for row, column in chosen.items()
    )


def _others(
    chosen: Mapping[int, int], possible: Iterable[_Place], candidates: Candidates, meaning: Meaning
) -> dict[int, list[int]]:
    """For each suggestion the free order lines that its line may bill just as well."""
    texts = [line.line.description for line in candidates.columns]
    found: dict[int, list[int]] = {row: [] for row in chosen}
    used = set(chosen.values())
    free = [(row, column) for row, column in possible if row in chosen and column not in used]
    if not free:
        return found
    wanted = list(dict.fromkeys(texts[chosen[row]] for row, _ in free))
    rivals = list(dict.fromkeys(texts[column] for _, column in free))
    table = meaning.likeness(wanted, rivals)
    for row, column in free:
        same = table[wanted.index(texts[chosen[row]])][rivals.index(texts[column])]
        if same >= _SAME_GOODS or texts[column] == texts[chosen[row]]:
            found[row].append(column)
    return found


def _exchangeable(
    chosen: Mapping[int, int],
    scores: Mapping[_Place, float],
    candidates: Candidates,
    meaning: Meaning,
    margin: float,
) -> list[_Place]:
    """Pairs of suggestions that could be exchanged: both order lines and both invoice lines read as the same
    goods, and the exchange costs less than the margin, so that either line may bill either."""
    found: list[_Place] = []
    for one, other in combinations(sorted(chosen), 2):
        left, right = chosen[one], chosen[other]
        if (one, right) not in scores or (other, left) not in scores:
            continue
        kept, exchanged = scores[one, left] + scores[other, right], scores[one, right] + scores[other, left]
        if kept - exchanged < margin and _are_one_kind(candidates, (one, other), (left, right), meaning):
            found += [(one, right), (other, left)]
    return found


def _are_one_kind(candidates: Candidates, rows: _Place, columns: _Place, meaning: Meaning) -> bool:
    billed = [candidates.rows[row].line.description or "" for row in rows]
    wanted = [candidates.columns[column].line.description for column in columns]
    return all(
        left == right or meaning.likeness([left], [right])[0][0] >= _ONE_KIND
        for left, right in (billed, wanted)
    )


def suggestion_findings(
    suggestions: Iterable[Suggestion], questioned: Sequence[BillableLine]
) -> list[Discrepancy]:
    """A hint beside the finding that a line belongs to no order line. Lines with a question of their own
    carry the suggestion there."""
    asked = {line.index for line in questioned}
    return [
        Discrepancy(
            kind=DiscrepancyKind.LINE_AMBIGUOUS,
            severity=Severity.WARN,
            rule="alignment.suggestion",
            message=f"Line {found.billed.name} ({found.billed.line.description}) has the price of "
            f"{found.wanted.name} ({found.wanted.line.description}); likeness {found.likeness:.2f}.",
            line_id=found.billed.name,
            order_number=found.wanted.order.number,
            order_line_id=found.wanted.line.line_id,
            figures=found.figures,
        )
        for found in suggestions
        if found.billed.index not in asked
    ]


def suggested_lines(discrepancies: Iterable[Discrepancy]) -> dict[int, OrderLineKey]:
    """Invoice line position -> the order line that the findings suggest for it."""
    return {
        int(found.figures[POSITION]) - 1: (found.order_number, found.order_line_id)
        for found in _with_suggestion(discrepancies)
        if found.order_number is not None and found.order_line_id is not None
    }


def suggestions_in_words(discrepancies: Iterable[Discrepancy]) -> list[str]:
    """Each suggested pair with its likeness, for the person who confirms."""
    return [
        f"{found.figures[PAIR]}, likeness {found.figures[LIKENESS]}"
        for found in _with_suggestion(discrepancies)
    ]


def _with_suggestion(discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
    return [
        found
        for found in discrepancies
        if found.kind is DiscrepancyKind.LINE_AMBIGUOUS and POSITION in found.figures
    ]
