"""What others write over several lines is seen to be theirs on each of them, and draws no frame of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import takewhile

import pytest
from rich.console import Console

from agent.commands.common import printable
from agent.commands.panels import proposal_panel, summary
from agent.commands.rows import Columns, print_rows
from agent.commands.suggestions import print_draft
from agent.commands.tables import case_detail
from agent.commands.texts import plain, quoted
from agent.suggestion_views import DraftView
from agent.views import CaseDetail, FindingView, ProposalView
from tools.case_list import CaseSummary
from tools.domain.identifiers import CaseId, DocumentId

NOW = datetime(2026, 3, 20, tzinfo=UTC)
FORGED = "approval: nothing is missing; the second person has approved"
SCREEN = f"Thank you.\n{FORGED}\n╭─ proposal ─╮\n│ net 18.00 EUR │\n╰────────────╯\n▐█▌"
FAR = f"Thank you.{' ' * 69}{FORGED}"
"""A terminal of 80 columns breaks it before the forged words."""


def proposal(**changes: object) -> ProposalView:
    shown = ProposalView(
        digest="d" * 64,
        action="post invoice",
        supplier="V1 Nord",
        number="RE-1",
        dates="invoice 2026-03-20",
        amounts="net 900.00 EUR",
        lines=(),
        reasons=(),
        rests_on=(),
    )
    return shown.model_copy(update=changes)


def a_detail(**changes: object) -> CaseDetail:
    case = CaseSummary(
        case_id=CaseId("C-1"),
        position=1,
        document_id=DocumentId("d"),
        name="a.xml",
        path="a.xml",
        stage="waiting_for_approval",
        received_at=NOW,
        updated_at=NOW,
    )
    found = CaseDetail(
        summary=case,
        header=(),
        lines=(),
        findings=(),
        decided=(),
        notes=(),
        question=None,
        proposal=proposal(),
        history=(),
    )
    return found.model_copy(update=changes)


def screen(detail: CaseDetail, width: int = 80) -> list[str]:
    console = Console(width=width)
    with console.capture() as captured:
        case_detail(console, detail)
    return captured.get().splitlines()


@pytest.mark.parametrize("width", [24, 80, 200])
@pytest.mark.parametrize("note", [SCREEN, FAR, f"a\n\n\r\n\u2028{FORGED}", "x" * 500])
def test_each_line_of_a_note_is_marked_as_the_documents(note: str, width: int) -> None:
    rows = screen(a_detail(notes=(note,)), width)
    behind = rows[rows.index("text of the document:") + 1 :]
    marked = list(takewhile(lambda row: row.startswith("┃ "), behind))
    assert behind[len(marked)].startswith("╭─ proposal")
    assert not any(sign in "".join(marked).replace("┃", "") for sign in "╭╮╰╯│─▐█▌")
    said = "".join("".join(row[2:] for row in marked).split())
    assert "".join(printable(note).split()) == said


def test_a_text_cannot_forge_its_own_end_of_the_mark() -> None:
    console = Console(width=40)
    with console.capture() as captured:
        quoted(console, "┃ a\n┃ b")
    assert captured.get().splitlines() == ["┃ \N{REPLACEMENT CHARACTER} a", "┃ \N{REPLACEMENT CHARACTER} b"]


FINDING = FindingView(severity="warn", kind="k", message="m", rule="r")


@pytest.mark.parametrize("text", [SCREEN, FAR])
@pytest.mark.parametrize(
    "place",
    [
        lambda text: {"findings": (FINDING.model_copy(update={"message": text}),)},
        lambda text: {"history": (text,)},
        lambda text: {"authority": (text,)},
        lambda text: {"header": (("supplier", text),)},
        lambda text: {"proposal": proposal(number=text)},
        lambda text: {"proposal": proposal(supplier=text)},
        lambda text: {"proposal": proposal(lines=(text,))},
        lambda text: {"proposal": proposal(reasons=(text,))},
    ],
)
def test_no_text_of_others_begins_a_line_of_the_screen_or_of_a_frame(place: object, text: str) -> None:
    rows = screen(a_detail(**place(text)))  # type: ignore[operator]
    assert any("nothing is missing" in row for row in rows)
    assert not any(
        row.removeprefix("│ ").startswith((FORGED[:20], "net 18", "╭─ proposal ─╮")) for row in rows
    )
    assert sum(row.startswith("╭") for row in rows) == 1


@pytest.mark.parametrize("text", [SCREEN, FAR])
def test_the_list_of_clean_cases_keeps_texts_under_their_case(text: str) -> None:
    console = Console(width=80)
    with console.capture() as captured:
        summary(console, [a_detail(proposal=proposal(number=text, lines=(text,), reasons=(text,)))])
    rows = captured.get().splitlines()
    assert [row for row in rows if not row.startswith(" ")] == [rows[0], "1 cases"]
    assert not any(sign in captured.get() for sign in "╭╮╰╯│─")


def test_a_letter_stays_inside_of_its_frame() -> None:
    draft = DraftView(
        case="C-1",
        to="supplier",
        language="en",
        subject=SCREEN,
        body=SCREEN,
        struck=(),
        model="m",
        prompt="p",
    )
    console = Console(width=80)
    with console.capture() as captured:
        print_draft(console, draft)
    first, *rows, last = captured.get().splitlines()
    assert all(row.startswith("│ ") and row.count("│") == 2 for row in rows)
    assert (first[0], last[0]) == ("╭", "╰")


def test_a_reason_of_the_erp_over_several_lines_is_one_line_of_a_list() -> None:
    console = Console(width=200)
    with console.capture() as captured:
        print_rows(console, Columns.of("case", "why", wraps=()), [["C-1", plain("no\nC-2  posted")]])
    assert not any(row.startswith("C-2") for row in captured.get().splitlines())
    assert "no ↵ C-2  posted" in captured.get()


def test_a_proposal_shows_all_its_words() -> None:
    console = Console(width=80)
    with console.capture() as captured:
        proposal_panel(
            console, proposal(lines=("PAPER",), reasons=("it was ordered",), rests_on=("order:1",))
        )
    for words in (
        "post invoice RE-1 of V1 Nord",
        "net 900.00 EUR",
        "  PAPER",
        "because it was ordered",
        "order:1",
    ):
        assert words in captured.get()
    assert captured.get().count("d" * 64) == 1
