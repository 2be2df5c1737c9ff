"""Traces: spans after the conventions for generative AI, contents only where allowed and then masked."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from agent.llm.contract import Message, ModelTrouble, Rendered, Role
from agent.llm.scripted import ScriptedChat
from agent.llm.settings import TelemetrySettings
from agent.llm.telemetry import Traces
from tests.llm.desk import ACCEPT, CASE, PROMPT, SCHEMA, asking, scripted_desk
from tests.llm.endpoint import KEY, MODEL, Endpoint, failed, said

IBAN = "DE89370400440532013000"


class Kept:
    """Traces whose spans stay in memory."""

    def __init__(self, secrets: tuple[str, ...] | None = None) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.traces = Traces(provider.get_tracer("test"), secrets)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_a_call_is_a_span_with_the_conventions_attributes_and_without_its_texts() -> None:
    kept = Kept()
    prices = {"price_in": "1", "price_out": "1", "currency": "EUR"}
    endpoint = Endpoint(said(ACCEPT, tokens=(400, 50, 300)))
    async with asking(endpoint, traces=kept.traces, **prices) as desk:
        await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=77)
    (span,) = kept.spans
    found = attributes(span)
    assert (span.name, span.kind) == (f"chat {MODEL}", SpanKind.CLIENT)
    port = found.pop("server.port")
    assert endpoint.url == f"http://127.0.0.1:{port}/v1"
    assert found == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": MODEL,
        "gen_ai.request.max_tokens": 77,
        "gen_ai.output.type": "json",
        "gen_ai.prompt.name": PROMPT.label,
        "gen_ai.conversation.id": CASE,
        "gen_ai.response.model": MODEL,
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 400,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.cache_read.input_tokens": 300,
        "server.address": "127.0.0.1",
        "erp_agent.task": "investigate",
        "erp_agent.cost": "0.00045 EUR",
    }


async def test_each_attempt_and_each_repair_is_a_span_and_failures_name_their_kind() -> None:
    kept = Kept()
    endpoint = Endpoint(failed(503, f"busy {KEY}"), said("no"), said(ACCEPT))
    async with asking(endpoint, traces=kept.traces) as desk:
        await desk.choose(PROMPT, SCHEMA, case_id=CASE)
    kinds = [attributes(span).get("error.type") for span in kept.spans]
    assert kinds == ["503", "unusable", None]
    assert [span.status.status_code for span in kept.spans[:2]] == [StatusCode.ERROR] * 2
    assert not any(span.events for span in kept.spans)
    assert KEY not in "".join(span.to_json() for span in kept.spans)


async def test_a_text_that_is_streamed_has_the_time_of_its_first_piece() -> None:
    kept = Kept()
    async with asking(Endpoint(said("Dear supplier")), traces=kept.traces) as desk:
        [piece async for piece in desk.write(PROMPT, case_id=None)]
    (span,) = kept.spans
    assert attributes(span)["gen_ai.output.type"] == "text"
    assert "gen_ai.conversation.id" not in attributes(span)


async def test_a_stream_that_another_task_closes_ends_its_span(caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept()
    desk = scripted_desk(ScriptedChat.of("one two three"), traces=kept.traces)
    text = desk.write(PROMPT, case_id=CASE)
    await anext(text)
    await asyncio.create_task(text.aclose())
    assert len(kept.spans) == 1
    assert not caplog.records


async def test_contents_are_recorded_only_when_allowed_and_without_secrets_and_accounts() -> None:
    text = f"Pay to {IBAN}, key {KEY}, api_key=abcd1234."
    prompt = Rendered(name="x", version=1, sha256="0" * 64, messages=(Message(role=Role.USER, text=text),))
    for secrets in (None, (KEY,)):
        kept = Kept(secrets)
        desk = scripted_desk(ScriptedChat.of(f"I pay {IBAN}."), traces=kept.traces)
        [piece async for piece in desk.write(prompt, case_id=CASE)]
        found = attributes(kept.spans[0])
        assert ("gen_ai.input.messages" in found) == (secrets is not None)
        shown = json.dumps(found)
        for hidden in (IBAN, KEY, "abcd1234"):
            assert hidden not in shown
    turns = json.loads(str(found["gen_ai.input.messages"]))
    assert turns[0]["role"] == "user"
    assert turns[0]["parts"][0]["content"].startswith("Pay to (account number removed)")
    assert "(account number removed)" in str(found["gen_ai.output.messages"])


async def test_trouble_is_the_same_without_traces() -> None:
    traces = Traces.of(TelemetrySettings(), ())
    async with asking(Endpoint(failed(401, "no")), traces=traces) as desk:
        with pytest.raises(ModelTrouble):
            await desk.choose(PROMPT, SCHEMA, case_id=CASE)
    traces.close()


def test_spans_can_be_shown_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    from agent.llm.telemetry import Subject

    traces = Traces.of(TelemetrySettings(console=True), ())
    about = Subject("scripted", "m", None, "chat", None, "p", 10, False)
    with traces.call(about):
        pass
    traces.close()
    assert '"gen_ai.request.model": "m"' in capsys.readouterr().err


def output(program: str, **environment: str) -> str:
    """Of a process of its own: what is loaded or set for a whole process is not undone by a test."""
    command = [sys.executable, "-W", "ignore", "-c", program]
    around = {**os.environ, **environment}
    return subprocess.run(command, env=around, capture_output=True, text=True, check=True).stdout.strip()


def test_nothing_of_the_sdk_is_loaded_while_telemetry_is_off() -> None:
    program = """
import sys
from agent.llm.settings import TelemetrySettings
from agent.llm.telemetry import Traces
Traces.of(TelemetrySettings(), ())
print("opentelemetry.sdk.trace" in sys.modules)
"""
    assert output(program) == "False"


@pytest.mark.parametrize("allowed", [False, True])
def test_the_environment_alone_does_not_send_prompts_to_langsmith(allowed: bool) -> None:
    program = f"""
from langchain_core.callbacks import CallbackManager
from agent.llm.telemetry import hold_langsmith
hold_langsmith({allowed})
print([type(handler).__name__ for handler in CallbackManager.configure().handlers])
"""
    shown = output(program, LANGSMITH_TRACING="true", LANGCHAIN_TRACING_V2="true", LANGSMITH_API_KEY="none")
    assert ("LangChainTracer" in shown) == allowed
