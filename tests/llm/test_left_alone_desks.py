"""The desks of a process tell every task that a trouble met, and count the questions left to people."""

from __future__ import annotations

import pytest

from agent.llm.contract import ModelTrouble, Rendered, Task
from agent.llm.desks import ModelDesks
from agent.llm.left_alone import LeftAlone
from agent.llm.settings import LlmSettings
from agent.llm.telemetry import Traces
from tests.llm.desk import ACCEPT, PROMPT, SCHEMA, a_model
from tests.llm.endpoint import Endpoint, Hang, Reply, failed, said, serving
from tools.domain.identifiers import CaseId

TASKS = (Task.EXTRACT, Task.INVESTIGATE)
CLOSED = "http://127.0.0.1:9/v1"


async def no_pause(seconds: float) -> None:
    """Attempts follow each other at once."""


def desks_of(url: str, **more: object) -> ModelDesks:
    model = a_model(url, timeout_seconds=0.3)
    values = {"investigate": "big", "extract": "big", "models": {"big": model}, **more}
    return ModelDesks(LlmSettings.model_validate(values), lambda case, call: None, Traces(), pause=no_pause)


async def ask(desks: ModelDesks, task: Task, case: str, prompt: Rendered | None = None) -> None:
    asker = desks.asker(task)
    assert asker is not None
    asked = prompt or PROMPT.model_copy(update={"name": task.value})
    await asker.choose(asked, SCHEMA, case_id=CaseId(case))


async def ask_in_vain(desks: ModelDesks, cases: int) -> None:
    """The second readings of all cases come first, as in a batch."""
    for task in TASKS:
        for case in range(cases):
            with pytest.raises(ModelTrouble):
                await ask(desks, task, f"C-{case}")


@pytest.mark.parametrize("cases", [1, 4])
async def test_a_closed_port_is_one_line_with_both_tasks_also_when_it_is_spared_meanwhile(cases: int) -> None:
    desks = desks_of(CLOSED)
    await ask_in_vain(desks, cases)
    (told,) = desks.untold()
    assert told.startswith("no model for extract and investigate: big cannot be reached")
    left = desks.left_alone()
    await desks.close()
    assert left is not None
    assert left.startswith(f"{cases} question") and f" and {cases} document" in left
    assert "in a row" not in left and "cannot be reached" not in left


@pytest.mark.parametrize(
    "reply", [failed(401, "no"), failed(429, "slower"), {"odd": 1}, Hang()], ids=["401", "429", "odd", "hang"]
)
async def test_an_endpoint_in_trouble_is_told_with_both_tasks(reply: Reply) -> None:
    with serving(Endpoint(*[reply] * 6)) as endpoint:
        desks = desks_of(endpoint.url)
        await ask_in_vain(desks, 1)
        await desks.close()
    (told,) = desks.untold()
    assert told.startswith("no model for extract and investigate: big ")


async def test_a_task_that_meets_a_known_trouble_later_is_still_told() -> None:
    desks = desks_of(CLOSED)
    for task in TASKS:
        with pytest.raises(ModelTrouble):
            await ask(desks, task, "C-1")
        (told,) = desks.untold()
        assert told.startswith(f"no model for {task}: ")
    await desks.close()


async def test_a_question_that_is_answered_in_the_end_is_not_counted() -> None:
    with serving(Endpoint(failed(401, "no"), said(ACCEPT))) as endpoint:
        desks = desks_of(endpoint.url)
        with pytest.raises(ModelTrouble):
            await ask(desks, Task.INVESTIGATE, "C-1")
        await ask(desks, Task.INVESTIGATE, "C-1")
        await desks.close()
    assert desks.left_alone() is None


async def test_a_letter_that_was_not_drafted_is_no_question_without_a_suggestion() -> None:
    desks = desks_of(CLOSED)
    with pytest.raises(ModelTrouble):
        await ask(desks, Task.INVESTIGATE, "C-1", PROMPT.model_copy(update={"name": "letter"}))
    await desks.close()
    assert desks.left_alone() is None


def test_at_most_three_reasons_are_named_the_most_frequent_first() -> None:
    left = LeftAlone()
    for case, reason in enumerate(["a", "b", "b", "c", "d"]):
        left.failed(Task.INVESTIGATE, CaseId(f"C-{case}"), reason)
    assert left.sentence(()) == (
        "5 questions went to people without the suggestion of a model: b; a; c; "
        "other reasons stand in the audit log"
    )
    assert left.sentence(()) is None
