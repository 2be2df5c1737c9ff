"""The index of keys under which earlier documents are found again: how keys are kept and candidates chosen.

One form for the register of what came in and for the copy of what the ERP held before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from tools.matching.document_print import DocumentPrint
from tools.matching.duplicate_keys import Key, Kind
from tools.matching.invoice_numbers import are_one_apart, normalise_number

_MOST = 16
"""Candidates of one kind, nearest by date first; copies are near each other or share the number."""
_NEIGHBOURS = 8
"""Documents of the sender before this one, to see how they number."""
_SEASON = 92
_SEASONAL = (Kind.AMOUNT, Kind.ORDER, Kind.LINE)
"""Of these only documents within a quarter of a year are looked at; numbers are looked up without bound."""


class KeyTable:
    """A table with the columns `code`, `day`, `id` and `number`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        columns = table.c
        self._by_code = select(columns.code, columns.day, columns.id, columns.number).where(
            columns.code.in_(bindparam("codes", expanding=True))
        )
        self._before = (
            select(columns.id)
            .where(columns.code == bindparam("code"), columns.day <= bindparam("day"))
            .order_by(columns.day.desc())
            .limit(_NEIGHBOURS)
        )

    def keep(self, connection: Connection, place: int, paper: DocumentPrint, keys: Iterable[Key]) -> None:
        """Enter the document with the id `place` under `keys`; what stands already is left."""
        day = paper.invoice_date.toordinal() if paper.invoice_date else 0
        number = normalise_number(paper.number)[:80]
        rows = [
            {"code": key.code, "day": day, "id": place, "number": number if key.kind is Kind.AMOUNT else None}
            for key in keys
        ]
        if rows:
            connection.execute(insert(self._table).on_conflict_do_nothing(), rows)

    def drop(self, connection: Connection, place: int) -> None:
        """Take the document with the id `place` out again."""
        connection.execute(delete(self._table).where(self._table.c.id == place))

    def chosen(self, connection: Connection, paper: DocumentPrint, kinds: Mapping[int, Kind]) -> set[int]:
        """Ids of the documents worth reading."""
        day = paper.invoice_date.toordinal() if paper.invoice_date else 0
        found: dict[Kind, list[Any]] = {kind: [] for kind in Kind}
        codes = [code for code, kind in kinds.items() if kind is not Kind.SENDER]
        for row in connection.execute(self._by_code, {"codes": codes}):
            found[kinds[row.code]].append(row)
        chosen = self._last_ones(connection, kinds, day)
        number = normalise_number(paper.number)
        apart = [row.id for row in found[Kind.AMOUNT] if are_one_apart(number, row.number or "")]
        chosen.update(sorted(apart, reverse=True)[:_MOST])
        for kind, rows in found.items():
            near = sorted({(abs(row.day - day), row.id) for row in rows})
            if day and kind in _SEASONAL:
                near = [entry for entry in near if entry[0] <= _SEASON]
            chosen.update(place for _, place in near[:_MOST])
        return chosen

    def _last_ones(self, connection: Connection, kinds: Mapping[int, Kind], day: int) -> set[int]:
        """The supplier's last documents until that day."""
        codes = [code for code, kind in kinds.items() if kind is Kind.SENDER]
        until = day or date.max.toordinal()
        return {
            row.id for code in codes for row in connection.execute(self._before, {"code": code, "day": until})
        }
