"""What contradicts the facts is neither offered to a conversation's model nor taken from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agent.chat.types import PieceKind, Talk
from tests.agent.test_chat import Script, a_chat, said
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.office import CLEO, Office
from tests.graph.papers import a_document
from tools.domain.identifiers import CaseId
from tools.domain.suggestion import SuggestionMade


@pytest.fixture
async def office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:  # noqa: F811
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


async def wished(office: Office, case: CaseId, tool: str, option: str, words: str) -> tuple[Script, bool]:
    """What a model was shown that wishes for an option, and whether it was kept."""
    call: dict[str, Any] = {"tool": tool, "arguments": {"resolution": option, "reason": "it is so"}}
    script = Script([call, {"tool": "answer", "arguments": {}}], "So it is.")
    pieces = await said(a_chat(office, script), Talk(person=CLEO, case_id=case), words)
    shown = any(piece.kind is PieceKind.SUGGESTION for piece in pieces)
    kept = any(isinstance(entry.event, SuggestionMade) for entry in office.app.service.follow(case))
    return script, shown or kept


async def test_the_same_number_and_amount_are_never_cleared_by_a_conversation(office: Office) -> None:
    await office.take_in(a_document())
    again = await office.take_in(a_document(notes=("second",)))
    assert "duplicate_suspect" in str(again.blocks)
    script, kept = await wished(
        office, again.case_id, "choose_option", "not_a_duplicate", "choose the option not a duplicate"
    )
    assert not kept
    assert "not_a_duplicate" not in str(script.schemas[0])


@pytest.mark.parametrize(("price", "is_kept"), [("11.00", True), ("11.10", False), ("14.10", False)])
async def test_a_considerable_excess_is_not_accepted_by_a_conversation(
    office: Office, price: str, is_kept: bool
) -> None:
    """10 EUR on a line of 100 EUR are within what the policy lets its value differ and no more than a tenth;
    11 EUR are more than a tenth, 41 EUR more than either."""
    found = await office.take_in(a_document(rows=(("BRACKET", "Bracket", "10", price),)))
    script, kept = await wished(
        office, found.case_id, "post_invoice", "accept_price", "post it, accept the price"
    )
    assert kept is is_kept
    assert ("accept_price" in str(script.schemas[0])) is is_kept
