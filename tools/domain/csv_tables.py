"""Tables in CSV files, as ledgers and spreadsheets save them: encoding, separator, header, rows.

Lists that a person hands in are read whole: every faulty line is named at once, so that one correction is
enough.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

SEPARATORS = ";,\t|"
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MOST_TOLD = 50
"""Faults listed one by one; what is wrong in every line of a long list is clear before."""

_HEADER_LENGTH = 10_000
"""Characters of a line looked at for column names; what is longer is no header."""

GridRow = tuple[int, list[str]]
"""The line on which a row begins, from 1, and its cells without the blanks around them."""


class CsvFault(ValueError):
    """The file cannot be used; the text names the file, the lines and what is wrong with each."""

    @classmethod
    def of(cls, name: str, faults: Sequence[str]) -> CsvFault:
        """All of them together; one stands beside the name of the file."""
        if len(faults) == 1:
            return cls(f"{name} {faults[0]}")
        shown = [f"  {fault}" for fault in faults[:_MOST_TOLD]]
        left = len(faults) - len(shown)
        more = [f"  and {left} more"] if left else []
        return cls("\n".join([f"{name} has {len(faults)} faults:", *shown, *more]))


class Row(NamedTuple):
    line: int
    cells: Mapping[str, str]
    """By column; empty where the line is shorter than the header."""


class Table(NamedTuple):
    rows: tuple[Row, ...]
    faults: tuple[str, ...]
    """Lines that are no rows of it: `line 3: more cells than columns`."""


def text_in(content: bytes, name: str, *, western: bool = False) -> str:
    """UTF-8, or UTF-16 where a byte order mark says so; with `western` anything else is taken for
    Windows-1252, in which older programs print. Raises CsvFault."""
    encoding = "utf-16" if content.startswith(_BYTE_ORDER_MARKS) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if western:
            return content.decode("cp1252", errors="replace")
        raise CsvFault(f"{name} is not a CSV file in UTF-8: {error.reason}; save it as “CSV UTF-8”") from None


def separator_of(lines: Iterable[str], named: Callable[[Sequence[str]], int]) -> str:
    """The separator under which a line names the most columns (`named` counts them), and where none names
    any, the one that gives a line the most cells."""
    heads = [line[:_HEADER_LENGTH] for line in lines]

    def worth(separator: str) -> tuple[int, int]:
        rows = (next(csv.reader([line], delimiter=separator), []) for line in heads)
        return max(((named(cells), len(cells)) for cells in rows), default=(0, 0))

    return max(SEPARATORS, key=worth)


def grid_of(
    text: str, name: str, separator: str, *, strict: bool = True, keep_empty: bool = False
) -> list[GridRow]:
    """Rows with something in them, with `keep_empty` those of separators alone too. `strict`: a quote that
    is not closed is a fault. Raises CsvFault."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    found, begins = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) or (cells and keep_empty):
                found.append((begins, [cell.strip() for cell in cells]))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise CsvFault(f"{name} is not a CSV file in UTF-8: line {begins}: {error}") from None
    return found


def table_of(
    content: bytes,
    name: str,
    needed: Mapping[str, tuple[str, ...]],
    *,
    prefix: str = "",
    keep_empty: bool = False,
) -> Table:
    """A table whose first row names its columns, in any letter case. `needed` columns have one of several
    names; all others are called as the header calls them, without `prefix`. Raises CsvFault for a file that
    is no such table."""
    spellings = {spelling for names in needed.values() for spelling in names}
    text = text_in(content, name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = separator_of([first], lambda cells: len(spellings & set(_headings(cells))))
    grid = grid_of(text, name, separator, keep_empty=keep_empty)
    headings = _headings(grid[0][1]) if grid else []
    columns = _columns(name, headings, needed, prefix)
    rows, faults = [], []
    for line, cells in grid[1:]:
        if any(cells[len(headings) :]):
            faults.append(f"line {line}: more cells than columns")
        else:
            filled = [*cells, *[""] * (len(headings) - len(cells))]
            rows.append(Row(line, {key: filled[at] for key, at in columns.items()}))
    return Table(tuple(rows), tuple(faults))


def _headings(cells: Sequence[str]) -> list[str]:
    return [cell.strip().lower() for cell in cells]


def _columns(
    name: str, headings: Sequence[str], needed: Mapping[str, tuple[str, ...]], prefix: str
) -> dict[str, int]:
    """Where each column stands. Raises CsvFault for a header that names one twice or lacks a needed one."""
    named = [heading for heading in headings if heading]
    twice = sorted({heading for heading in named if named.count(heading) > 1})
    if twice:
        raise CsvFault(f"{name} names the column {', '.join(twice)} more than once")
    columns = {heading.removeprefix(prefix): headings.index(heading) for heading in named}
    lacking = []
    for key, names in needed.items():
        there = next((spelling for spelling in names if spelling in named), None)
        if there is None:
            lacking.append(" or ".join(names))
        else:
            columns[key] = headings.index(there)
    if lacking:
        word = "column" if len(lacking) == 1 else "columns"
        told = ", ".join(named) or "none"
        raise CsvFault(f"{name} lacks the {word} {', '.join(lacking)}; it has: {told}")
    return columns
