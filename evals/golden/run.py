"""Golden vectors: what the rules must say, worked out by hand, kept as data, compared exactly.

Each area is one module of this folder with `evaluate(given)` and one file of lines
`{"id", "source", "given", "expect"}`: JSON in, JSON out. `source` names the rule, the worked example or
the derivation the expected value comes from; it was never taken from a run.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent


class Vector(BaseModel):
    """One case of one area."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    source: str
    given: dict[str, Any]
    expect: Any


class Result(BaseModel):
    """What came out for one vector; `found` is what the rules said instead."""

    model_config = ConfigDict(frozen=True)

    area: str
    id: str
    source: str
    passed: bool
    expect: Any
    found: Any


class VectorError(Exception):
    """A file of vectors cannot be used; the text names the file and the line."""


def areas(folder: Path = FOLDER) -> list[str]:
    """Names of all areas, by their files."""
    return sorted(path.stem for path in folder.glob("*.jsonl"))


def vectors(area: str, folder: Path = FOLDER) -> Iterator[Vector]:
    """All vectors of an area. Raises VectorError for a faulty line and for an id used twice."""
    path, seen = folder / f"{area}.jsonl", set[str]()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            vector = Vector.model_validate(json.loads(line))
        except ValueError as error:
            raise VectorError(f"{path.name} line {number}: {error}") from None
        if vector.id in seen or not vector.source.strip():
            raise VectorError(f"{path.name} line {number}: id used twice, or no source")
        seen.add(vector.id)
        yield vector


def run(only: str | None = None) -> list[Result]:
    """Evaluate every vector. Raises VectorError for an area that does not exist."""
    chosen = [area for area in areas() if only in (None, area)]
    if not chosen:
        raise VectorError(f"there is no area {only}; there are: {', '.join(areas())}")
    results = []
    for area in chosen:
        module = importlib.import_module(f"evals.golden.{area}")
        for vector in vectors(area):
            found = module.evaluate(vector.given)
            results.append(
                Result(
                    area=area,
                    id=vector.id,
                    source=vector.source,
                    passed=found == vector.expect,
                    expect=vector.expect,
                    found=found,
                )
            )
    return results


def print_report(results: list[Result], console: Console) -> None:
    """One row for each area, then every vector that failed."""
    table = Table("area", "vectors", "right", "wrong", title="golden vectors")
    for area in dict.fromkeys(result.area for result in results):
        mine = [result for result in results if result.area == area]
        right = sum(result.passed for result in mine)
        table.add_row(area, str(len(mine)), str(right), str(len(mine) - right))
    right = sum(result.passed for result in results)
    table.add_row("all", str(len(results)), str(right), str(len(results) - right))
    console.print(table)
    for result in results:
        if not result.passed:
            console.print(
                f"{result.area}/{result.id}: expected {result.expect}, found {result.found} "
                f"({result.source})",
                markup=False,
            )
