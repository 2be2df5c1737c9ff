"""The decision table of accounts payable, from `decision_table.toml` beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tools.domain.findings import DiscrepancyKind
from tools.matching.ways_out import Entry, Resolution


@cache
def table() -> Mapping[DiscrepancyKind, Entry]:
    """A row for each kind of finding. Read once; raises KeyError or ValueError for a row that names an
    unknown resolution or lacks a part: a defect of the file that ships with the program."""
    text = (files("tools.matching") / "decision_table.toml").read_text(encoding="utf-8")
    return rows(tomllib.loads(text))


def rows(values: Mapping[str, Any]) -> Mapping[DiscrepancyKind, Entry]:
    """The table out of parsed TOML."""
    ways = {name: Resolution(id=name, **way) for name, way in values["resolutions"].items()}
    return {
        DiscrepancyKind(kind): Entry(
            **{**row, "resolutions": tuple(ways[name] for name in row["resolutions"])}
        )
        for kind, row in values["findings"].items()
    }
