"""A clerk sees a suspected duplicate beside its candidate."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console

from agent.commands.tables import case_detail
from agent.views import detail
from tests.builders import SUPPLIER, a_posting, an_invoice
from tools.case_list import CaseSummary
from tools.domain.documents import Reading, ReadingState
from tools.domain.findings import MatchDepth, MatchResult
from tools.domain.identifiers import CaseId, DocumentId
from tools.matching.duplicates import check_duplicates

NOW = datetime(2026, 3, 20, tzinfo=UTC)


def test_the_two_documents_stand_side_by_side_with_the_rule() -> None:
    invoice = an_invoice(number="3411")
    found = check_duplicates(invoice, SUPPLIER, [a_posting()], [])
    case = CaseSummary(
        case_id=CaseId("C-1"),
        position=1,
        document_id=DocumentId("d"),
        name="a.xml",
        path="a.xml",
        stage="waiting_for_answer",
        received_at=NOW,
        updated_at=NOW,
    )
    match = MatchResult(depth=MatchDepth.NON_PO, policy="standard", discrepancies=tuple(found))
    shown = detail(case, {"match": match}, Reading(state=ReadingState.INVOICE, invoice=invoice), None, ())
    console = Console(width=160, record=True, file=None)
    with console.capture() as captured:
        case_detail(console, shown)
    text = captured.get()
    rows = [line for line in text.splitlines() if "3411" in line and "INV-3411" in line and "number" in line]
    assert rows and "this document" in text and "the earlier one" in text
    assert "duplicate.number.normalised" in text
