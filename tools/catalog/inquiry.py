"""What a supplier that asks is told: its own documents, their number, day and amount, when they are due, and
whether they came, wait, are posted or paid. No finding, limit, control, reason or person: those help whoever
wants to pass them.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from types import MappingProxyType

from tools.case_list import CaseSummary
from tools.catalog.result import Sheet, ToolResult, quoted, refused
from tools.catalog.scope import Scope
from tools.catalog.sources import Sources
from tools.catalog.spec import Ref
from tools.domain.documents import OpenItem
from tools.erp.contract import Capability
from tools.store import folded

_MOST = 12
_STATES = MappingProxyType(
    {
        "received": "received",
        "read": "received",
        "posted": "posted",
        "rejected": "not posted",
        "not_an_invoice": "not posted",
        "unreadable": "not posted",
    }
)
_WAITING = "waiting"
"""Whatever we have to settle among ourselves."""


def state_of(case: CaseSummary) -> str:
    """Where a document stands, as its supplier is told: which of our steps it is in is our own affair."""
    return _state(case.stage)


def _state(stage: str) -> str:
    return _STATES.get(stage, _WAITING)


async def list_cases(
    sources: Sources, scope: Scope, stage: str = "", supplier: str = "", since: str = ""
) -> ToolResult:
    """How many stand where, then the newest. A stage of ours means all that are told alike."""
    day = date.fromisoformat(since) if since else None
    found = [
        case
        for case in _own(sources, scope)
        if (not stage or state_of(case) == _state(stage)) and (day is None or case.received_at.date() >= day)
    ]
    sheet = Sheet()
    counts = Counter(map(state_of, found))
    sheet.row(f"{len(found)} documents", *(f"{count} {name}" for name, count in sorted(counts.items())))
    _list(sheet, sources, found)
    return sheet.result()


async def search_cases(sources: Sources, scope: Scope, words: str) -> ToolResult:
    """Every word must stand in the document's number, the ERP's number or the case's id."""
    wanted = folded(words).split()
    found = [case for case in _own(sources, scope) if wanted and all(word in _named(case) for word in wanted)]
    if not found:
        return refused("no document was found with these words; it is searched by number")
    sheet = Sheet()
    sheet.row(f"{len(found)} documents")
    _list(sheet, sources, found)
    return sheet.result()


async def get_invoice(sources: Sources, scope: Scope, case: str) -> ToolResult:
    """The document, and once it is posted whether something of it is still to be paid."""
    found = next((own for own in _own(sources, scope) if own.case_id == case), None)
    if found is None:
        return refused(f"there is no case {case} here")
    sheet = Sheet()
    _list(sheet, sources, [found])
    if state_of(found) == "posted" and found.erp_number:
        sheet.row(await _payment(sources, scope, found.erp_number))
    return sheet.result()


def _own(sources: Sources, scope: Scope) -> list[CaseSummary]:
    return sources.cases.of_supplier(scope.only_supplier) if scope.only_supplier is not None else []


def _named(case: CaseSummary) -> str:
    return folded(" ".join(filter(None, (case.case_id, case.number, case.erp_number))))


def _list(sheet: Sheet, sources: Sources, cases: list[CaseSummary]) -> None:
    for case in cases[::-1][:_MOST]:
        if not sheet.row(*_row(sources, case)):
            break
        sheet.read(f"case:{case.case_id}")
        sheet.knows(Ref.CASE, case.case_id)
    if len(cases) > _MOST:
        sheet.row(f"{len(cases) - _MOST} earlier documents are not shown")


def _row(sources: Sources, case: CaseSummary) -> list[str]:
    invoice = sources.invoice_of(case)
    return [
        f"case {case.case_id}: {state_of(case)}",
        f"number {quoted(case.number, limit=40)}" if case.number else "without a number",
        f"of {invoice.issue_date}" if invoice and invoice.issue_date else "",
        f"gross {quoted(case.gross, limit=30)}" if case.gross else "",
        f"due {invoice.due_date}" if invoice and invoice.due_date else "",
        f"received {case.received_at.date()}",
    ]


async def _payment(sources: Sources, scope: Scope, number: str) -> str:
    """Nothing where the ERP does not tell, or the person who asks may not see accounts of suppliers."""
    can = Capability.READ_OPEN_ITEMS in sources.capabilities
    if not can or scope.only_supplier is None or sources.hidden("list_open_items", scope.person):
        return ""
    items = await sources.reader.open_items(scope.only_supplier)
    left = [item for item in items if item.document_number == number]
    return ", ".join(map(_left, left)) if left else "nothing of it is open any more"


def _left(item: OpenItem) -> str:
    due = f", due {item.due_date}" if item.due_date else ""
    return f"not yet paid: {item.remaining or item.amount}{due}"
