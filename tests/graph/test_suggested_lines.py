"""Lines that only meaning settles: suggested with one answer, never matched by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.graph.conftest import Furnish
from tests.graph.office import CLEO, Office
from tests.graph.papers import BRACKETS, LINE, PLAIN, a_document
from tools.domain.audit import QuestionAnswered

SIMILAR = {"angle piece": "metal part", "bracket": "metal part"}


class Kinds:
    """Two texts of one kind are alike."""

    def __init__(self, alike: float = 0.9) -> None:
        self.asked: list[tuple[list[str], list[str]]] = []
        self._alike = alike

    def likeness(self, printed: Sequence[str], known: Sequence[str]) -> list[list[float]]:
        self.asked.append((list(printed), list(known)))
        kinds = [SIMILAR.get(text.casefold(), text) for text in known]
        return [
            [self._alike if SIMILAR.get(text.casefold(), text) == kind else 0.0 for kind in kinds]
            for text in printed
        ]


def with_meaning(furnish: Furnish, folder: Path, meaning: Kinds) -> Office:
    found = furnish("sandbox", folder)
    found.meaning = meaning
    return found


PARTIAL = (("", "Angle piece", "4", "10.00"),)
OTHER_GOODS = (("", "Garden hose", "10", "10.00"),)


async def test_meaning_is_not_asked_where_item_numbers_decide(furnish: Furnish, tmp_path: Path) -> None:
    meaning = Kinds()
    office = with_meaning(furnish, tmp_path, meaning)
    async with office.open():
        case = await office.take_in(a_document(rows=(BRACKETS,)))
    assert (case.stage, meaning.asked) == ("waiting_for_approval", [])


async def test_one_answer_takes_all_suggested_lines(furnish: Furnish, tmp_path: Path) -> None:
    office = with_meaning(furnish, tmp_path, Kinds())
    async with office.open():
        case = await office.take_in(a_document(rows=PARTIAL))
        assert "unplanned_line" in case.blocks
        detail = await office.app.service.show(case.case_id)
        assert detail.question is not None
        option = next(way for way in detail.question.options if way.id == "take_suggested_lines")
        assert "Angle piece → order PO100001 line 10000 (Bracket), likeness 0.90" in option.description
        case = await office.answer(case, "take_suggested_lines")
        assert (case.stage, case.blocks) == ("waiting_for_approval", ())
        proposal = (await office.app.service.show(case.case_id)).proposal
        assert proposal is not None
        taken = f"Angle piece → order {PLAIN} line {LINE} (Bracket), likeness 0.90"
        assert any(CLEO in why and taken in why for why in proposal.reasons)
        answered = office.events(case, QuestionAnswered)
        assert [event.option for event in answered] == ["take_suggested_lines"]
        assert (await office.approve(case)).stage == "posted"


async def test_equal_figures_with_a_text_of_other_goods_are_a_question(
    furnish: Furnish, tmp_path: Path
) -> None:
    office = with_meaning(furnish, tmp_path, Kinds())
    async with office.open():
        case = await office.take_in(a_document(rows=OTHER_GOODS))
        assert case.stage == "waiting_for_answer" and "line_ambiguous" in case.blocks
        assert "take_suggested_lines" in await office.options(case)


async def test_equal_figures_with_a_text_of_the_same_kind_are_matched(
    furnish: Furnish, tmp_path: Path
) -> None:
    office = with_meaning(furnish, tmp_path, Kinds())
    async with office.open():
        case = await office.take_in(a_document(rows=(("", "Angle piece", "10", "10.00"),)))
        assert (case.stage, case.blocks) == ("waiting_for_approval", ())


async def test_without_a_model_nothing_is_suggested(plain_office: Office) -> None:
    case = await plain_office.take_in(a_document(rows=PARTIAL))
    assert "take_suggested_lines" not in await plain_office.options(case)
