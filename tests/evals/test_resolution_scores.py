"""Measuring suggestions: the cases are genuine, a run can be continued, the figures count what happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.investigator import ABSTAIN
from agent.llm.contract import Task
from agent.llm.desks import ModelDesks
from agent.llm.prompts import Prompts
from agent.llm.scripted import ScriptedChat, ScriptedReply
from agent.llm.settings import LlmSettings
from agent.llm.telemetry import Traces
from evals.resolution_variants import Variant
from evals.resolution_world import SPLITS, CasesBroken, ResolutionCase, read_cases, world_of
from evals.resolutions import Answered, report, run

SETTINGS = LlmSettings.model_validate(
    {"investigate": "big", "models": {"big": {"kind": "scripted", "path": "none.jsonl"}}}
)
CASES = read_cases("dev")[:3]


def answer(case: ResolutionCase, choose: str) -> ScriptedReply:
    evidence = list(world_of(case).brief.evidence[:1])
    return ScriptedReply(reply={"reason": "It is so.", "choose": choose, "evidence": evidence})


async def answered(
    keep: Path, *replies: ScriptedReply, variants: tuple[Variant, ...] = (Variant.AS_BUILT,)
) -> list[Answered]:
    with ScriptedChat.of(*replies) as chat:
        desks = ModelDesks(SETTINGS, lambda case_id, called: None, Traces(), given={"big": chat})
        asker = desks.asker(Task.INVESTIGATE)
        assert asker is not None
        return await run(CASES, asker, Prompts(), keep, variants=variants)


def test_every_case_has_a_finding_of_the_real_rules_and_not_everything_is_permitted() -> None:
    cases = [case for split in SPLITS for case in read_cases(split)]
    assert len(cases) >= 80
    for case in cases:
        world = world_of(case)
        assert not world.match.is_clean
        assert {option.id for option in world.options} - set(case.permitted), case.id


def test_no_case_of_one_split_stands_in_another() -> None:
    splits = [{(case.title, str(case.world)) for case in read_cases(split)} for split in SPLITS]
    assert len(set().union(*splits)) == sum(len(cases) for cases in splits)


def test_a_case_that_permits_what_is_not_offered_is_refused() -> None:
    with pytest.raises(CasesBroken, match="offered"):
        world_of(CASES[0].model_copy(update={"permitted": ("pay_now",)}))


async def test_figures_count_what_was_permitted_and_what_was_not(tmp_path: Path) -> None:
    found = await answered(
        tmp_path / "kept.jsonl",
        answer(CASES[0], CASES[0].permitted[0]),
        answer(CASES[1], ABSTAIN),
        answer(CASES[2], CASES[2].permitted[0]),
    )
    column = report(CASES, found).columns[0]
    assert [answer.permitted for answer in found] == [True, False, True]
    assert (column.cases, round(column.permitted, 3), round(column.abstained, 3)) == (3, 0.667, 0.333)
    assert column.valid == 1.0
    assert [entry.case for entry in report(CASES, found).wrong] == [CASES[1].id]


async def test_a_run_that_was_cut_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    keep = tmp_path / "kept.jsonl"
    first = await answered(keep, *(answer(case, ABSTAIN) for case in CASES))
    whole = keep.read_text(encoding="utf-8").splitlines()
    keep.write_text("\n".join([whole[0], whole[1][:40]]) + "\n", encoding="utf-8")
    again = await answered(keep, *(answer(case, ABSTAIN) for case in CASES[1:]))
    assert [entry.case for entry in again] == [entry.case for entry in first]


async def test_an_answer_outside_of_the_schema_is_no_answer(tmp_path: Path) -> None:
    loose = ScriptedReply(reply={"choose": "anything"})
    found = await answered(tmp_path / "kept.jsonl", *[loose] * 6)
    assert [(entry.chosen, entry.valid, entry.permitted) for entry in found] == [("", False, False)] * 3


async def test_without_constraint_the_text_itself_must_keep_to_the_schema(tmp_path: Path) -> None:
    wrapped = answer(CASES[0], CASES[0].permitted[0])
    fenced = wrapped.model_copy(update={"reply": f"```json\n{wrapped.text}\n```"})
    prose = ScriptedReply(reply="I would wait for the receipt.")
    found = await answered(
        tmp_path / "kept.jsonl", fenced, prose, answer(CASES[2], "pay"), variants=(Variant.UNCONSTRAINED,)
    )
    assert [entry.permitted for entry in found] == [True, False, False]
    assert [entry.chosen for entry in found][1:] == ["", ""]


@pytest.mark.parametrize("variant", Variant)
async def test_every_variant_asks_about_the_same_case(tmp_path: Path, variant: Variant) -> None:
    replies = [answer(case, case.permitted[0]) for case in CASES]
    found = await answered(tmp_path / "kept.jsonl", *replies, variants=(variant,))
    assert all(entry.permitted and entry.variant is variant for entry in found)


def test_the_choosers_that_look_at_nothing_are_worse_than_a_right_answer() -> None:
    worlds = [case for split in SPLITS for case in read_cases(split)]
    found = report(worlds, [_right(case) for case in worlds])
    assert max(found.trivial.values()) < found.columns[0].permitted == 1.0


def _right(case: ResolutionCase) -> Answered:
    return Answered(
        case=case.id,
        variant=Variant.AS_BUILT,
        model="m",
        prompt="p",
        chosen=case.permitted[0],
        permitted=True,
        valid=True,
    )
