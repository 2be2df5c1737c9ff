"""Cases of judgement: each can be brought to its end, by each of its right answers and by no other.

The books do not tell for what a case waits: two ways out that both wait end alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from agent.investigator import ABSTAIN
from evals.suite.case import CASES, EvalCase, read_case
from evals.suite.choosing import ChoosingChat, chooser, choosing, first_chooser, number_of, offered_to
from evals.suite.judge import Verdict, judge
from evals.suite.play import play
from evals.suite.world import world_of
from tools.matching.model_ways import parts
from tools.matching.ways_out import Effect

FOLDERS = sorted(folder for folder in CASES.glob("01*_*") if (folder / "case.toml").is_file())
FOR_FEW = FOLDERS[::5]
Options = Mapping[str, tuple[str, ...]]
cases = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name[:4])


@cache
def read(folder: Path) -> EvalCase:
    return read_case(folder)


async def played(case: EvalCase, options: Options) -> tuple[ChoosingChat, Verdict]:
    chat = chooser(case, options)
    outcome = await play(case, choosing(chat))
    assert outcome.error == ""
    return chat, judge(case, outcome)


@cases
async def test_the_right_answers_bring_a_case_to_a_permitted_end(folder: Path) -> None:
    case = read(folder)
    assert case.story.options.keys() <= set(case.files)
    chat, verdict = await played(case, case.story.options)
    assert verdict.reasons == ()
    for file, right in case.story.options.items():
        offered = offered_to(chat, [number_of(case, file)])
        assert offered.intersection(right) or ABSTAIN in right, f"{file}: nothing right is offered to a model"


@cases
async def test_another_right_answer_is_as_good(folder: Path) -> None:
    case = read(folder)
    options = case.story.options
    chat, _ = await played(case, options)
    for file, right in options.items():
        last = next(chosen for number, chosen in reversed(chat.chosen) if number == number_of(case, file))
        for other in set(right) - {chosen for _, chosen in chat.chosen}:
            place = right.index(last)
            wanted = tuple(dict.fromkeys((*right[:place], other, *right[place:])))
            if other == ABSTAIN:
                wanted = (ABSTAIN,)
            _, verdict = await played(case, {**options, file: wanted})
            assert verdict.reasons == (), f"{other} for {file}"


@cases
async def test_a_wrong_answer_does_not_pass(folder: Path) -> None:
    case = read(folder)
    options = case.story.options
    chat, _ = await played(case, options)
    for file, right in options.items():
        offered = offered_to(chat, [number_of(case, file)])
        for wrong in sorted(name for name in offered - set(right) if not waits(name)):
            _, verdict = await played(case, {**options, file: (wrong,)})
            assert verdict.reasons, f"{wrong} for {file}"


@cases
async def test_without_any_answer_a_case_is_not_passed_and_nothing_harmful_happens(folder: Path) -> None:
    case = read(folder)
    _, verdict = await played(case, {})
    assert verdict.reasons
    assert verdict.harmful == ()


@pytest.mark.parametrize("folder", FOR_FEW, ids=lambda folder: folder.name[:4])
async def test_what_is_offered_first_does_no_harm(folder: Path) -> None:
    case = read(folder)
    outcome = await play(case, choosing(first_chooser()))
    assert judge(case, outcome).harmful == ()


async def test_most_cases_are_not_passed_by_what_is_offered_first() -> None:
    passed = 0
    for folder in FOR_FEW:
        case = read(folder)
        passed += judge(case, await play(case, choosing(first_chooser()))).passed
    assert 0 < passed < len(FOR_FEW) * 3 // 4


def test_every_case_says_which_answers_are_right_and_has_books_of_its_own() -> None:
    assert len(FOLDERS) >= 50
    for folder in FOLDERS:
        case = read(folder)
        assert case.story.options, folder.name
        assert case.story.tier == "judgement"
        assert world_of(case).books["suppliers"]


def waits(way: str) -> bool:
    return bool(parts(way)) and all(part.effect is Effect.WAIT for part in parts(way))
