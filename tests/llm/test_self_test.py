"""What `doctor` says of a model: able, or what to set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.llm.desks import ModelDesks
from agent.llm.scripted import ScriptedChat
from agent.llm.self_test import Finding
from agent.llm.settings import LlmSettings
from agent.llm.telemetry import Traces
from tests.llm.desk import a_model, llm_settings
from tests.llm.endpoint import KEY, Endpoint, Reply, called, failed, said, serving

READY = said("ready")
HIGHER = said('{"invoice_is": "higher"}')
LOOKS = '{"answer": {"tool": "find_supplier", "arguments": {"supplier": "Meyer"}}}'


async def examined(settings: LlmSettings, **more: Any) -> list[Finding]:
    async def pause(seconds: float) -> None: ...

    desks = ModelDesks(settings, lambda case_id, event: None, Traces(), pause=pause, **more)
    try:
        return await desks.examine()
    finally:
        await desks.close()


async def over(*replies: Reply, declines: tuple[str, ...] = (), **model: Any) -> list[Finding]:
    endpoint = Endpoint(*replies, declines=declines)
    with serving(endpoint):
        return await examined(llm_settings(a_model(endpoint.url, **model)))


def states(findings: list[Finding]) -> dict[str, str]:
    return {found["what"].removeprefix("model big").removeprefix(": "): found["state"] for found in findings}


async def test_an_able_model_passes_every_question() -> None:
    prices = {"price_in": "1", "price_out": "2", "currency": "EUR"}
    findings = await over(READY, HIGHER, said(LOOKS), **prices)
    assert states(findings) == {
        "answers": "ok",
        "keeps to a schema": "ok",
        "calls a tool": "ok",
        "price": "ok",
    }


async def test_a_wrong_key_is_told_once_and_nothing_more_is_asked() -> None:
    findings = await over(api_key="sk-not-the-right-one")
    assert states(findings) == {"answers": "fault", "price": "note"}
    assert "ERP_AGENT_LLM__MODELS__BIG__API_KEY" in findings[0]["message"]
    assert findings[0]["error_kind"] == "ModelUnavailable"
    assert "right-one" not in str(findings)


async def test_an_unknown_model_is_told_with_where_to_look() -> None:
    findings = await over(model="large-9")
    assert "check model and base_url" in findings[0]["message"]


async def test_an_endpoint_without_schemas_is_told_which_setting_works() -> None:
    findings = await over(
        READY, called('{"invoice_is": "higher"}'), declines=("response_format",), structured="json_schema"
    )
    assert states(findings)["keeps to a schema"] == "fault"
    assert 'structured = "tools"' in findings[1]["message"]


async def test_an_endpoint_that_knows_no_tools_either_is_told_to_take_the_prompt() -> None:
    findings = await over(READY, HIGHER, declines=("response_format", "tools"))
    assert 'structured = "prompt"' in findings[1]["message"]


async def test_a_model_that_keeps_to_nothing_is_told_as_such() -> None:
    findings = await over(READY, *[said("no")] * 6)
    assert "any other value of structured" in findings[1]["message"]


async def test_a_model_that_compares_or_calls_wrongly_is_pointed_out_and_is_no_fault() -> None:
    other = LOOKS.replace("find_supplier", "list_open_items")
    findings = await over(READY, said('{"invoice_is": "lower"}'), said(other))
    assert states(findings)["keeps to a schema"] == "note"
    assert states(findings)["calls a tool"] == "note"


async def test_a_tool_call_that_breaks_the_schema_is_a_fault() -> None:
    findings = await over(READY, HIGHER, failed(400, f"no: {KEY}"))
    assert states(findings)["calls a tool"] == "fault"
    assert KEY not in str(findings)


async def test_a_model_without_a_task_is_not_asked() -> None:
    settings = LlmSettings.model_validate({"models": {"big": {"kind": "scripted", "path": "x"}}})
    (finding,) = await examined(settings)
    assert (finding["state"], "no task uses it" in finding["message"]) == ("note", True)


async def test_a_model_that_cannot_be_made_is_a_fault_with_its_reason(tmp_path: Path) -> None:
    (finding,) = await examined(llm_settings({"kind": "scripted", "path": str(tmp_path / "none.jsonl")}))
    assert (finding["state"], "cannot be read" in finding["message"]) == ("fault", True)


async def test_a_script_can_stand_for_a_model() -> None:
    chat = ScriptedChat.of("ready", {"invoice_is": "higher"}, LOOKS[len('{"answer": ') : -1])
    findings = await examined(llm_settings({"kind": "scripted", "path": "x"}), given={"big": chat})
    assert set(states(findings).values()) == {"ok"}


async def test_a_local_model_that_is_not_there_is_told_without_loading_anything(tmp_path: Path) -> None:
    settings = llm_settings({"kind": "local", "path": str(tmp_path / "none.gguf")})
    found = await examined(settings)
    assert [finding["state"] for finding in found] == ["fault", "ok"]
    assert "none.gguf" in found[0]["message"]
