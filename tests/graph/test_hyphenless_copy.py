"""The same invoice whose number lost its hyphens is not paid twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.graph.office import Office
from tests.graph.papers import SHARED, TODAY, a_document

ROWS = (("BRACKET", "Bracket", "10", "2.50"),)


@pytest.mark.parametrize(
    "number",
    ["RE20260017", "RE 2026 0017", "RE-2026-0017 Duplikat", "RE-26-0017", "2026RE0017", "ReNr 2026-17-R1"],
)
async def test_a_copy_with_its_number_written_otherwise_is_asked_about(tmp_path: Path, number: str) -> None:
    office = Office("sandbox", tmp_path)
    async with office.open():
        await office.prepare()
        first = await office.take_in(a_document("RE-2026-0017", order=SHARED, rows=ROWS))
        await office.approve(first)
        earlier = TODAY.replace(month=TODAY.month - 1)
        copy = await office.take_in(a_document(number, order=SHARED, rows=ROWS, day=earlier))
        assert copy.stage == "waiting_for_answer"
        assert "duplicate_suspect" in copy.blocks
