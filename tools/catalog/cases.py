"""The inbox: which documents there are and where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from tools.case_list import CaseSummary
from tools.catalog.result import Sheet, ToolResult, quoted, refused
from tools.catalog.scope import Scope
from tools.catalog.sources import Sources
from tools.catalog.spec import Ref

_MOST = 12


async def list_cases(
    sources: Sources, scope: Scope, stage: str = "", supplier: str = "", since: str = ""
) -> ToolResult:
    """How many in each stage, then the newest."""
    day = date.fromisoformat(since) if since else None
    found = [
        case
        for case in _visible(sources, scope)
        if (not stage or case.stage == stage)
        and (not supplier or case.supplier_id == supplier)
        and (day is None or case.received_at.date() >= day)
    ]
    sheet = Sheet()
    counts = Counter(case.stage for case in found)
    told = [f"{count} {name.replace('_', ' ')}" for name, count in sorted(counts.items())]
    sheet.row(f"{len(found)} documents", *told)
    _list(sources, sheet, found)
    return sheet.result()


async def search_cases(sources: Sources, scope: Scope, words: str) -> ToolResult:
    """Every word must stand in the number, the name, the supplier or the reason."""
    wanted = words.casefold().split()
    found = [case for case in _visible(sources, scope) if wanted and _holds(case, wanted)]
    if not found:
        return refused("no document was found with these words")
    sheet = Sheet()
    sheet.row(f"{len(found)} documents")
    _list(sources, sheet, found)
    return sheet.result()


def _visible(sources: Sources, scope: Scope) -> list[CaseSummary]:
    return [case for case in sources.cases.all() if scope.may_be_about(case.supplier_id)]


def _holds(case: CaseSummary, words: Iterable[str]) -> bool:
    parts = (case.case_id, case.number, case.supplier_id, case.supplier_name, case.name, case.reason)
    text = " ".join(filter(None, (*parts, case.erp_number, *case.blocks))).casefold()
    return all(word in text for word in words)


def _list(sources: Sources, sheet: Sheet, cases: list[CaseSummary]) -> None:
    for case in cases[::-1][:_MOST]:
        if not sheet.row(*_row(case, sources.accounts_of(case.case_id))):
            break
        sheet.read(f"case:{case.case_id}")
        sheet.knows(Ref.CASE, case.case_id)
        sheet.knows(Ref.SUPPLIER, case.supplier_id)
    if len(cases) > _MOST:
        sheet.row(f"{len(cases) - _MOST} earlier documents are not shown")


def _row(case: CaseSummary, hidden: tuple[str, ...]) -> list[str]:
    name = quoted(case.supplier_name, hidden, limit=40)
    return [
        f"case {case.case_id} {case.stage.replace('_', ' ')}",
        f"number {quoted(case.number or case.name, hidden, limit=40)}",
        f"supplier {case.supplier_id or ''} {name}".rstrip(),
        f"gross {quoted(case.gross, limit=30)}" if case.gross else "",
        " ".join(case.blocks),
        f"ERP number {case.erp_number}" if case.erp_number else "",
        f"received {case.received_at.date()}",
    ]
