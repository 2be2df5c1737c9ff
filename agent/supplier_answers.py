"""Many names resolved at once, from files: needs neither settings nor an ERP, and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.domain.supplier import SupplierChoice
from tools.suppliers.csv_files import CsvFault, read_claims, read_master
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.resolve import resolve

__all__ = ["CsvFault", "answers"]
_SHOWN = 10
_PLAUSIBLE = 0.05
"""Score below which a candidate is no more than a chance likeness."""


def answers(queries: Path, master: Path) -> Iterator[dict[str, Any]]:
    """For each line of `queries`, in its order: `query`, `decision` (`match`, `ask`, or `none` where no
    supplier of `master` is plausible), `supplier_id`, `candidates` with `id` and `score`, best first, and
    the `reason`. Raises CsvFault before the first answer."""
    claims = read_claims(queries)
    directory = SupplierDirectory(read_master(master))
    for name, claim in claims:
        yield {"query": name, **_answer(resolve(claim, directory, shown=_SHOWN))}


def _answer(choice: SupplierChoice) -> dict[str, Any]:
    scores = {candidate.supplier_id: float(candidate.score) for candidate in choice.candidates}
    best = max(scores.values(), default=0.0)
    if choice.chosen is not None:
        scores[choice.chosen] = best
        decision = "match"
    else:
        decision = "ask" if best >= _PLAUSIBLE else "none"
    ordered = sorted(scores, key=lambda i: (i != choice.chosen, -scores[i]))
    return {
        "decision": decision,
        "supplier_id": choice.chosen,
        "candidates": [{"id": supplier_id, "score": scores[supplier_id]} for supplier_id in ordered],
        "reason": choice.reason,
    }
