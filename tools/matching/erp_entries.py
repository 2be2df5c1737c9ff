"""Entries in the ERP that a finding may call for besides the posting, from `erp_entries.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.record import Record
from tools.domain.suggestion import SuggestionKind

EntryKind = Literal["create_goods_receipt", "hold_invoice", "release_hold", "amend_order_line"]


class EntryRow(Record):
    """One kind of entry as people are offered it."""

    id: str
    label: str
    description: str
    who: str
    """Who decides it, in the words of the decision table."""
    action: EntryKind
    """Kind of the action; also the name of the ERP's capability."""
    findings: tuple[DiscrepancyKind, ...]
    """Blocking findings that call for it; empty: the books decide."""
    needs: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def applies(self, found: Iterable[Discrepancy]) -> bool:
        """Whether one of the findings calls for it."""
        kinds = {entry.kind for entry in found if entry.severity is Severity.BLOCK}
        return not self.findings or bool(kinds & set(self.findings))


@cache
def entry_rows() -> tuple[EntryRow, ...]:
    """All kinds of entries, in the order they are offered. Read once."""
    text = (files("tools.matching") / "erp_entries.toml").read_text(encoding="utf-8")
    return tuple(EntryRow(id=name, **row) for name, row in tomllib.loads(text).items())


def entry_for(kind: SuggestionKind) -> EntryRow | None:
    """The row behind a kind of suggestion; None for one that only chooses an answer."""
    return next((row for row in entry_rows() if row.action == kind.value), None)
