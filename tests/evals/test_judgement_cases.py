"""Cases of judgement: each can be brought to its end by each of its right answers and by no other.

The books do not tell for what a case waits: two ways out that both wait end alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
async def test_each_right_answer_brings_a_case_to_its_end_and_no_other_does(folder: Path) -> None:
    """One test, so that the right play is played once."""
    case = read(folder)
    options = case.story.options
    assert options.keys() <= set(case.files)
    chat, verdict = await played(case, options)
    assert verdict.reasons == ()
    for file, right in options.items():
        offered = offered_to(chat, [number_of(case, file)])
        assert offered.intersection(right) or ABSTAIN in right, f"{file}: nothing right is offered to a model"
        for other, wanted in variants(chat, number_of(case, file), right):
            _, verdict = await played(case, {**options, file: wanted})
            assert verdict.reasons == (), f"{other} for {file}"
        for wrong in sorted(name for name in offered - set(right) if not waits(name)):
            _, verdict = await played(case, {**options, file: (wrong, *right)})
            assert verdict.reasons, f"{wrong} for {file}"


@cases
async def test_without_any_answer_a_case_is_not_passed_and_nothing_harmful_happens(folder: Path) -> None:
    case = read(folder)
    _, verdict = await played(case, {})
    assert verdict.reasons
    assert verdict.harmful == ()


async def test_what_is_offered_first_is_seldom_right_and_never_harmful() -> None:
    verdicts = []
    for folder in FOR_FEW:
        case = read(folder)
        verdicts.append(judge(case, await play(case, choosing(first_chooser()))))
    assert not any(verdict.harmful for verdict in verdicts)
    assert 0 < sum(verdict.passed for verdict in verdicts) < len(FOR_FEW) * 3 // 4


def test_every_case_says_which_answers_are_right_and_has_books_of_its_own() -> None:
    assert len(FOLDERS) >= 50
    for folder in FOLDERS:
        case = read(folder)
        assert case.story.options, folder.name
        assert case.story.tier == "judgement"
        assert world_of(case).books["suppliers"]


def variants(
    chat: ChoosingChat, number: str, right: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each right option that was not chosen, with options by which it is chosen in the last round."""
    chosen = [way for asked, way in chat.chosen if asked == number]
    for other in right:
        if other == ABSTAIN:
            yield other, (ABSTAIN,)
        elif other not in chosen:
            place = right.index(chosen[-1])
            yield other, tuple(dict.fromkeys((*right[:place], other, *right[place:])))


def waits(way: str) -> bool:
    return bool(parts(way)) and all(part.effect is Effect.WAIT for part in parts(way))
