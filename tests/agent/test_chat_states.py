"""What a conversation says of states: held against the case's own facts, though no model was shown them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.chat.types import PieceKind, Talk
from agent.grounding import DENIED, UNBACKED
from tests.agent.test_chat import ANSWER, Script, a_chat, a_dear_case, said
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.office import ANNA, CLEO, Office
from tests.graph.papers import a_document
from tools.domain.decision import Decision


@pytest.fixture
async def office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:  # noqa: F811
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


async def told(office: Office, case: str, words: str) -> str:
    pieces = await said(a_chat(office, Script([ANSWER], words)), Talk(person=CLEO, case_id=case), "So?")
    return "".join(piece.text for piece in pieces if piece.kind is PieceKind.TEXT).strip()


async def test_goods_are_told_as_the_match_of_the_case_has_them(office: Office) -> None:
    came = await a_dear_case(office)
    words = "The goods were received in full."
    (line,) = (await office.app.service.state(came))["match"].lines
    assert line.received == line.ordered
    assert await told(office, came, words) == words


async def test_a_deed_that_nobody_did_is_shown_with_its_mark(office: Office) -> None:
    case = await a_dear_case(office)
    assert await told(office, case, "I have deleted the line.") == f"I have deleted the line. {UNBACKED}"
    assert (
        await told(office, case, "It is already in the ledger.") == f"It is already in the ledger. {DENIED}"
    )


async def test_a_posted_document_may_be_called_posted_and_no_other(office: Office) -> None:
    case = await office.take_in(a_document())
    assert await told(office, case.case_id, "The invoice was posted.") == ""
    await office.app.service.decide(case.case_id, case.digest, Decision.APPROVE, ANNA, "")
    assert await told(office, case.case_id, "The invoice was posted.") == "The invoice was posted."
    other = await a_dear_case(office, number="RE-9")
    assert await told(office, other, "The invoice was posted.") == ""
