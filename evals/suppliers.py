"""How well suppliers are found by name and city alone, and how seldom a wrong one is chosen.

A folder holds `master.csv` (id, name, street, city, postcode, country, vat_id, iban) and `queries.csv`
(query_name, query_city, expected_id; empty where the supplier is not in the master).
"""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import computed_field
from rich.console import Console
from rich.table import Table

from tools.domain.documents import Party, Record
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import BankAccount, Supplier, SupplierChoice
from tools.suppliers.candidates import MeaningIndex
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.evidence import SupplierClaim
from tools.suppliers.resolve import SHOWN, resolve

Clock = Callable[[], float]
"""Seconds that only go forward."""


class Query(Record):
    name: str
    city: str | None
    expected: SupplierId | None
    """Absent: the supplier is not in the master and must not be chosen."""


class Mistake(Record):
    query: Query
    chosen: SupplierId
    reason: str


class Report(Record):
    """Counts over the queries asked. `recall_*`: share of the known suppliers
    that stand first, or among the five, that a person is shown."""

    queries: int
    known: int
    right: int
    wrong: int
    unknown_chosen: int
    asked: int
    recall_1: float
    recall_5: float
    ms_per_query: float
    by_spelling_only: bool
    mistakes: tuple[Mistake, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def precision(self) -> float:
        """Share of the decided that is right; 1 when nothing was decided."""
        decided = self.right + self.wrong + self.unknown_chosen
        return self.right / decided if decided else 1.0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def wrong_per_mille(self) -> float:
        """Suppliers wrongly chosen, known and unknown, in 1000 queries."""
        return 1000 * (self.wrong + self.unknown_chosen) / self.queries if self.queries else 0.0


def load_master(folder: Path) -> list[Supplier]:
    """The suppliers of `master.csv`."""
    return [
        Supplier(
            supplier_id=SupplierId(row["id"]),
            name=row["name"],
            street=row["street"] or None,
            city=row["city"] or None,
            postcode=row["postcode"] or None,
            country=row["country"] or None,
            vat_id=row["vat_id"] or None,
            bank_accounts=(BankAccount(iban=row["iban"]),) if row["iban"] else (),
        )
        for row in _rows(folder / "master.csv")
    ]


def load_queries(folder: Path, sample: int | None = None, seed: int = 7) -> list[Query]:
    """The queries of `queries.csv`; `sample` of them drawn with `seed`, all when it is None."""
    queries = [
        Query(
            name=row["query_name"],
            city=row["query_city"] or None,
            expected=SupplierId(row["expected_id"]) if row["expected_id"] else None,
        )
        for row in _rows(folder / "queries.csv")
    ]
    random.Random(seed).shuffle(queries)  # noqa: S311 - a repeatable sample, no secret
    return queries if sample is None else queries[:sample]


def develop(queries: list[Query]) -> list[Query]:
    """The half that weights and thresholds were set on: the first half of all queries in the order of
    seed 7."""
    return queries[: len(queries) // 2]


def held_out(queries: list[Query]) -> list[Query]:
    """The half that the thresholds were not set on: the second half of all queries in the order of
    seed 7."""
    return queries[len(queries) // 2 :]


def score(
    folder: Path,
    sample: int | None = None,
    seed: int = 7,
    *,
    index: MeaningIndex | None = None,
    only_held_out: bool = False,
    clock: Clock = time.perf_counter,
) -> Report:
    """Resolve the queries of `folder` against its master; `index` must be synced with that master."""
    directory = SupplierDirectory(load_master(folder))
    directory.lexical.search("warm", 1)
    queries = held_out(load_queries(folder)) if only_held_out else load_queries(folder, None, seed)
    return score_queries(queries if sample is None else queries[:sample], directory, index, clock)


def score_queries(
    queries: list[Query],
    directory: SupplierDirectory,
    index: MeaningIndex | None = None,
    clock: Clock = time.perf_counter,
) -> Report:
    """Resolve `queries` against `directory` by name and city."""
    started = clock()
    choices = [resolve(_claim(query), directory, index) for query in queries]
    seconds = clock() - started
    ranks = [_rank(query, choice) for query, choice in zip(queries, choices, strict=True) if query.expected]
    wrong = [
        Mistake(query=query, chosen=choice.chosen, reason=choice.reason)
        for query, choice in zip(queries, choices, strict=True)
        if choice.chosen and choice.chosen != query.expected
    ]
    return Report(
        queries=len(queries),
        known=len(ranks),
        right=sum(_is_right(query, choice) for query, choice in zip(queries, choices, strict=True)),
        wrong=sum(mistake.query.expected is not None for mistake in wrong),
        unknown_chosen=sum(mistake.query.expected is None for mistake in wrong),
        asked=sum(choice.chosen is None for choice in choices),
        recall_1=sum(rank < 1 for rank in ranks) / len(ranks) if ranks else 0.0,
        recall_5=sum(rank < 5 for rank in ranks) / len(ranks) if ranks else 0.0,
        ms_per_query=1000 * seconds / len(queries) if queries else 0.0,
        by_spelling_only=index is None,
        mistakes=tuple(wrong),
    )


def print_report(report: Report, console: Console | None = None) -> None:
    """The report as a table, with each mistake under it."""
    table = Table("measure", "value", title="Suppliers by name and city")
    method = "spelling" if report.by_spelling_only else "spelling and meaning"
    table.add_row("names compared by", method)
    table.add_row("queries (supplier known / unknown)", f"{report.known} / {report.queries - report.known}")
    table.add_row("decided, right", str(report.right))
    table.add_row("decided, wrong", str(report.wrong))
    table.add_row("unknown supplier, chosen wrongly", str(report.unknown_chosen))
    table.add_row("wrong in 1000 queries", f"{report.wrong_per_mille:.2f} ‰")
    table.add_row("precision of the decided", f"{report.precision:.4f}")
    table.add_row("asked", f"{report.asked} ({report.asked / max(1, report.queries):.0%})")
    table.add_row("candidates: recall at 1 / at 5", f"{report.recall_1:.4f} / {report.recall_5:.4f}")
    table.add_row("time for one query", f"{report.ms_per_query:.1f} ms")
    out = console or Console()
    out.print(table)
    for mistake in report.mistakes:
        expected = mistake.query.expected or "nobody"
        out.print(f"{mistake.query.name!r}: {mistake.chosen}, expected {expected}", markup=False)


def _claim(query: Query) -> SupplierClaim:
    return SupplierClaim(party=Party(name=query.name, city=query.city))


def _is_right(query: Query, choice: SupplierChoice) -> bool:
    return query.expected is not None and choice.chosen == query.expected


def _rank(query: Query, choice: SupplierChoice) -> int:
    """Position of the expected supplier among the candidates shown, from 0; past all when not shown."""
    ids = [candidate.supplier_id for candidate in choice.candidates]
    return ids.index(query.expected) if query.expected in ids else len(ids) + SHOWN


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
