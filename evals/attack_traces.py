"""Spans whose texts are kept, so that what a collector would get can be looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from agent.llm.telemetry import Traces


class _Span:
    def __init__(self, texts: list[str]) -> None:
        self._texts = texts

    def set_attribute(self, name: str, value: Any) -> None:
        self._texts.append(f"{name} {value}")

    def set_attributes(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.set_attribute(name, value)

    def set_status(self, status: Any) -> None:
        self._texts.append(str(getattr(status, "description", status)))

    def end(self) -> None:
        """Nothing is sent."""

    def is_recording(self) -> bool:
        return True


class SpanTexts:
    """Traces with contents, as `record_content` asks for."""

    def __init__(self, secrets: Collection[str]) -> None:
        self.texts: list[str] = []
        self.traces = Traces(cast(Any, self), secrets)

    def start_span(self, name: str, attributes: Mapping[str, Any], **_: Any) -> _Span:
        span = _Span(self.texts)
        span.set_attributes({"name": name, **attributes})
        return span
