"""Traces of the calls: OpenTelemetry spans after its conventions for generative AI, where configured.

opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans (attributes of release 1.41). Without
`[llm.telemetry]` nothing of the SDK is started. Texts are recorded only with `record_content`, and then with
secrets and bank accounts masked. LangChain's own tracing, which a variable of the environment turns on and
which sends whole documents to LangSmith, is off unless the settings allow it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from langchain_core.messages import AIMessage, BaseMessage
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from agent.llm.contract import Usage
from agent.llm.redaction import redacted, told
from agent.llm.settings import TelemetrySettings

_SECONDS = 2
"""For one delivery: a collector that is down must not keep a command from ending."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}


class TelemetryUnusable(Exception):
    """The configured exporter is not installed; the text says what to install."""


@dataclass(frozen=True)
class Subject:
    """What a span is about."""

    provider: str
    """`openai` for an endpoint, `llama_cpp` in this process, `scripted`."""
    model: str
    base_url: str | None
    task: str
    case_id: str | None
    prompt: str
    max_tokens: int
    structured: bool
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """No attribute: what no attribute may hold, also where an endpoint repeats it as its own name."""


class CallSpan:
    """One call's span; does nothing where no traces are configured."""

    def __init__(self, span: Span, secrets: Collection[str] | None, hidden: Collection[str] = ()) -> None:
        """`secrets` is None where contents are not recorded; `hidden` stands in no attribute either way."""
        self._span = span
        self._secrets = secrets
        self._hidden = hidden

    def asked(self, messages: Sequence[BaseMessage]) -> None:
        """The conversation, where contents are recorded."""
        self._content("gen_ai.input.messages", messages)

    def answered(self, message: AIMessage, usage: Usage) -> None:
        details, response = message.response_metadata, message.response_metadata.get("id") or message.id
        found: dict[str, Any] = {
            "gen_ai.usage.input_tokens": usage.tokens_in,
            "gen_ai.usage.output_tokens": usage.tokens_out,
            "gen_ai.usage.cache_read.input_tokens": usage.tokens_cached,
            "gen_ai.response.model": self._named(details.get("model_name")),
            "gen_ai.response.id": self._named(response),
            "gen_ai.response.finish_reasons": [self._named(details["finish_reason"])]
            if "finish_reason" in details
            else None,
            "gen_ai.response.time_to_first_chunk": (usage.first_token_ms or 0) / 1000 or None,
            "erp_agent.cost": None if usage.cost is None else str(usage.cost),
        }
        self._span.set_attributes({key: value for key, value in found.items() if value is not None})
        self._content("gen_ai.output.messages", [message])

    def _named(self, name: object) -> str | None:
        """What the endpoint calls something."""
        return None if name is None else told(str(name), self._hidden)

    def failed(self, kind: str) -> None:
        """`kind` is an HTTP status or an error's name; no text, which could hold what it complains of."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))

    def _content(self, name: str, messages: Sequence[BaseMessage]) -> None:
        if self._secrets is not None and self._span.is_recording():
            turns = [
                {
                    "role": _ROLES.get(message.type, message.type),
                    "parts": [{"type": "text", "content": _masked(message.text, self._secrets)}],
                }
                for message in messages
            ]
            self._span.set_attribute(name, json.dumps(turns, ensure_ascii=False))


def _masked(text: str, secrets: Collection[str]) -> str:
    """A collector gets no account in any dress: a model may write one inside of a word, or as escapes."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return redacted(plain, secrets)


class Traces:
    """Makes the spans. `secrets` is None where contents are not recorded."""

    def __init__(
        self,
        tracer: trace.Tracer | None = None,
        secrets: Collection[str] | None = None,
        close: Callable[[], object] | None = None,
    ) -> None:
        self._tracer = tracer or trace.NoOpTracer()
        self._secrets = secrets
        self._close = close

    @classmethod
    def of(cls, settings: TelemetrySettings, secrets: Collection[str]) -> Traces:
        """As configured; off by default. Raises TelemetryUnusable."""
        if not settings.is_on:
            return cls()
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import (
            BatchSpanProcessor,
            ConsoleSpanExporter,
            SimpleSpanProcessor,
        )

        provider = TracerProvider(resource=Resource({"service.name": settings.service_name}))
        if settings.console:
            provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr)))
        if settings.otlp_endpoint is not None:
            provider.add_span_processor(BatchSpanProcessor(_exporter(settings.otlp_endpoint)))
        kept = tuple(secrets) if settings.record_content else None
        return cls(provider.get_tracer("erp-agent"), kept, provider.shutdown)

    def close(self) -> None:
        """Send what is left."""
        if self._close is not None:
            self._close()

    @contextmanager
    def call(self, subject: Subject) -> Iterator[CallSpan]:
        """A span around one call."""
        # Not made the current one: a stream may be closed from another task than the one that opened it.
        span = self._tracer.start_span(
            f"chat {subject.model}", kind=SpanKind.CLIENT, attributes=_attributes(subject)
        )
        try:
            yield CallSpan(span, self._secrets, subject.secrets)
        finally:
            span.end()


def _attributes(subject: Subject) -> dict[str, Any]:
    address = urlsplit(subject.base_url) if subject.base_url else None
    found = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": subject.provider,
        "gen_ai.request.model": subject.model,
        "gen_ai.request.max_tokens": subject.max_tokens,
        "gen_ai.output.type": "json" if subject.structured else "text",
        "gen_ai.prompt.name": subject.prompt,
        "gen_ai.conversation.id": subject.case_id,
        "server.address": address.hostname if address else None,
        "server.port": (address.port or {"https": 443}.get(address.scheme, 80)) if address else None,
        "erp_agent.task": subject.task,
    }
    return {key: value for key, value in found.items() if value is not None}


def _exporter(endpoint: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise TelemetryUnusable(
            "otlp_endpoint needs the package opentelemetry-exporter-otlp-proto-grpc"
        ) from None
    return OTLPSpanExporter(endpoint=endpoint, insecure=endpoint.startswith("http://"), timeout=_SECONDS)


def hold_langsmith(allowed: bool) -> None:
    """Whether LangChain's and LangGraph's own tracing may follow the environment, for this whole process."""
    import langsmith

    langsmith.configure(enabled=None if allowed else False)
