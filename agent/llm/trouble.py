"""What went wrong with a model's endpoint, in words that say what to mend, without keys and accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import openai
from langchain_core.exceptions import LangChainException

from agent.llm.contract import ModelDisobeyed, ModelTrouble, ModelUnavailable
from agent.llm.redaction import told

EXPECTED = (
    openai.OpenAIError,
    LangChainException,
    ModelTrouble,
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RuntimeError,
    ArithmeticError,
)
"""What a call may raise: the clients' errors, and whatever their parsing makes of an answer that is no chat
completion. TimeoutError is an OSError, RecursionError a RuntimeError."""
_LONGEST_WAIT = 20.0
"""Seconds; who is told to wait longer leaves the case to a person."""
_ATTEMPTS = 3
_NO_CHUNKS = "No generation chunks"
"""How the client library says that nothing of a stream came."""
_BEGINNING = 500
"""Characters of an answer in which a web page shows its first mark."""
_REDIRECTS = range(300, 400)
_TOO_MANY, _SERVER_ERRORS = 429, range(500, 600)
_ENDPOINTS = frozenset({"connection", "timeout", "401", "403", "404"})
_HINTS = {
    400: "refuses the request; if it does not know `response_format`, set structured to tools or prompt",
    401: "refuses the key: set it as ERP_AGENT_LLM__MODELS__{variable}__API_KEY",
    403: "does not allow this key to use the model",
    404: "knows no such model or address: check model and base_url (it ends with /v1 for most endpoints)",
    408: "took too long",
    413: "refuses the prompt: it is too large",
    422: "refuses the request; if it does not know `response_format`, set structured to tools or prompt",
    429: "is over its limit of calls or of credit",
}


class CutOff(ModelDisobeyed):
    """The answer was longer than it may be; a shorter one can be asked for."""


@dataclass(frozen=True)
class Fault:
    """One failed call."""

    trouble: ModelTrouble
    kind: str
    """For traces: the HTTP status, or the name of the error's class."""
    wait: float | None
    """Seconds after which another attempt makes sense; None where none does."""

    @property
    def is_the_endpoints(self) -> bool:
        """Whether every other question would fare the same now."""
        return self.kind in _ENDPOINTS or (self.kind.isdigit() and int(self.kind) in _SERVER_ERRORS)


def understood(error: Exception, name: str, secrets: Collection[str], attempt: int) -> Fault:
    """What an error of the call means. `name` is the model's in the settings, `attempt` counts from 1."""
    if isinstance(error, ModelTrouble):
        return Fault(error, type(error).__name__, None)
    if isinstance(error, openai.LengthFinishReasonError):
        return Fault(CutOff(f"{name}: the answer was cut off"), "length", None)
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return Fault(ModelDisobeyed(f"{name}: its filter withheld the answer"), "content_filter", None)
    if isinstance(error, openai.APIStatusError):
        return _refused(error, name, secrets, attempt)
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return Fault(ModelUnavailable(f"{name} took too long to answer"), "timeout", None)
    if isinstance(error, openai.APIConnectionError | ConnectionError):
        unreachable = ModelUnavailable(f"{name} cannot be reached: check base_url, and whether it runs")
        return Fault(unreachable, "connection", _wait(None, attempt))
    return Fault(ModelUnavailable(f"{name} {_junk(error)}"), type(error).__name__, None)


def _junk(error: Exception) -> str:
    """What came instead of a chat completion; the clients hand on a page as it is and fail on it."""
    if isinstance(error, IndexError):
        return "answers without a choice, which is no chat completion: is base_url right?"
    if isinstance(error, ValueError) and str(error).startswith(_NO_CHUNKS):
        return (
            "answers a request for a stream with no chat completion: does base_url speak chat completions? "
            "It ends with /v1 for most endpoints"
        )
    if isinstance(error, AttributeError) and isinstance(error.obj, str):
        if "<" in error.obj[:_BEGINNING]:
            return "answers with a web page: is base_url right?"
        return "answers with plain text, which is no chat completion: is base_url right?"
    return "answers with what is no chat completion: check base_url (it ends with /v1 for most endpoints)"


def _refused(error: openai.APIStatusError, name: str, secrets: Collection[str], attempt: int) -> Fault:
    status = error.status_code
    hint = _HINTS.get(status) or _hint(status)
    words = told(_words(error), secrets)
    text = f"{name} {hint.format(variable=name.upper())} (HTTP {status}{f': {words}' if words else ''})"
    again = status in _SERVER_ERRORS or (status == _TOO_MANY and "insufficient_quota" not in words)
    wait = _wait(error.response.headers.get("retry-after"), attempt) if again else None
    return Fault(ModelUnavailable(text), str(status), wait)


def _hint(status: int) -> str:
    if status in _SERVER_ERRORS:
        return "has trouble of its own"
    if status in _REDIRECTS:
        return "redirects to another address, which is not followed: name that address as base_url"
    return "refuses the request"


def _words(error: openai.APIStatusError) -> str:
    """The endpoint's own sentence. Pages of HTML say nothing."""
    body = error.body
    if isinstance(body, dict):
        found = body.get("message") or body.get("error") or body.get("detail") or ""
        code = body.get("code")
        return f"{found}{f' [{code}]' if isinstance(code, str) else ''}" if isinstance(found, str) else ""
    return body if isinstance(body, str) and "<" not in body else ""


def _wait(retry_after: str | None, attempt: int) -> float | None:
    """Seconds before the next attempt: as told, else 1, 2, … None after the last, or when told to wait
    longer than a batch should."""
    if attempt >= _ATTEMPTS:
        return None
    seconds = float(2 ** (attempt - 1))
    if retry_after is not None and retry_after.strip().replace(".", "", 1).isdigit():
        seconds = float(retry_after)
    return seconds if seconds <= _LONGEST_WAIT else None
