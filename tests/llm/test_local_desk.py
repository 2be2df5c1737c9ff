"""The desk that cases are asked over, with a local model of the settings behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.llm.contract import ModelUnavailable
from agent.llm.engine import EngineName
from agent.llm.models import Models
from tests.llm.desk import CASE, PROMPT, SCHEMA, desk_of, llm_settings


def a_local_model(path: Path, engine: EngineName = EngineName.AUTO) -> dict[str, object]:
    return {"kind": "local", "path": str(path), "n_ctx": 1024, "engine": engine.value}


@pytest.mark.slow
async def test_a_local_model_answers_a_case_and_tells_what_it_used(
    small_model: Path, engine_name: EngineName
) -> None:
    settings = llm_settings(a_local_model(small_model, engine_name))
    models = Models(settings)
    desk = desk_of(models, settings)
    first = await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=60)
    second = await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=60)
    pieces = [piece async for piece in desk.write(PROMPT, case_id=CASE, max_tokens=8)]
    await models.close()
    assert {reply.data["option"] for reply in (first, second)} <= {"accept", "wait"}
    assert second.usage.tokens_cached > 0
    assert first.usage.first_token_ms is not None
    assert first.usage.first_token_ms <= first.usage.milliseconds
    assert pieces
    assert desk.outcomes == ["ok", "ok", "ok"]


async def test_a_case_goes_on_without_a_local_model_that_is_not_there(tmp_path: Path) -> None:
    settings = llm_settings(a_local_model(tmp_path / "absent.gguf"))
    desk = desk_of(Models(settings), settings)
    with pytest.raises(ModelUnavailable):
        await desk.choose(PROMPT, SCHEMA, case_id=CASE)
    assert len(desk.outcomes) == 1
    assert "absent.gguf" in desk.outcomes[0] or "is installed" in desk.outcomes[0]
