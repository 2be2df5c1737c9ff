"""Golden vectors of line alignment: which order line an invoice line bills, and what is asked instead.

`given`: `invoice` lines and `orders` as in `evals.alignment_cases`; `meaning` ("text = text" -> likeness,
0 for all others; absent: no model); `chosen` (invoice line -> "ORDER/LINE", a person's word); `credit`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.alignment_cases import own_case
from tools.domain.identifiers import OrderNumber
from tools.domain.policy import MatchPolicy
from tools.matching.alignment import align
from tools.matching.invoice_lines import billable_lines
from tools.matching.order_lines import open_lines


class _Told:
    """Likeness as the vector tells it."""

    def __init__(self, table: Mapping[str, float]) -> None:
        self._table = table

    def likeness(self, printed: Sequence[str], known: Sequence[str]) -> list[list[float]]:
        return [[self._table.get(f"{left} = {right}", 0.0) for right in known] for left in printed]


def evaluate(given: Mapping[str, Any]) -> Any:
    """`pairs`: invoice line -> "ORDER/LINE quantity" in order units; `asked`: lines that are questions;
    `substitutes` and `suggested` where there are any."""
    case = own_case({"id": "vector", "kind": "golden", "expect": [], **given})
    billable = billable_lines(case.document())
    names = {line.index: line.line.line_id or "" for line in billable}
    places = {name: index for index, name in names.items()}
    found = align(
        billable,
        open_lines(case.orders, [], {}),
        MatchPolicy(),
        credit=bool(given.get("credit")),
        given={places[line]: _key(wanted) for line, wanted in given.get("chosen", {}).items()},
        meaning=_Told(given["meaning"]) if "meaning" in given else None,
    )
    pairs: dict[str, list[str]] = {}
    for pair in found.pairs:
        order, line = pair.wanted.key
        pairs.setdefault(names[pair.billed.index], []).append(f"{order}/{line} {pair.quantity}")
    result: dict[str, Any] = {"pairs": pairs, "asked": [found.line_id for found in found.questions]}
    if substitutes := [names[pair.billed.index] for pair in found.pairs if pair.substitute]:
        result["substitutes"] = substitutes
    if found.suggestions:
        result["suggested"] = {
            names[entry.billed.index]: "/".join(entry.wanted.key) for entry in found.suggestions
        }
    return result


def _key(name: str) -> tuple[OrderNumber, str]:
    order, _, line = name.rpartition("/")
    return OrderNumber(order), line
