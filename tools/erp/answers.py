"""An ERP's answer: exact JSON, and which error of the family a refusal is.

Nothing that leaves here holds a secret or a bank account: texts pass through `Redaction` first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import simplejson

from tools.account_numbers import without_numbers
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    OutcomeUnknown,
)
from tools.masking import text_without

_LONGEST_DETAIL = 2000
_LONGEST_READ = 3 * _LONGEST_DETAIL
"""Characters that are looked through for numbers: a body full of IBANs in groups of four, taken out, is still
longer than what is kept. Not more, because the looking takes time with the square of it."""
_TOKENS = re.compile(
    r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"
    r"|((?:access_token|refresh_token|client_secret|password|assertion|id_token)\"?\s*[=:]\s*\"?)[^\s\"&,}]+"
)


class NotJson(ValueError):
    """An answer that should be JSON is not; its text is in the log's detail only."""


@dataclass(frozen=True)
class Redaction:
    """Blots out known secrets and everything that looks like a token."""

    secrets: tuple[str, ...] = ()

    def text(self, text: str) -> str:
        """For the clerk: the ERP's own words, every IBAN masked as on all screens."""
        return text_without(self._without_secrets(text), ())[:_LONGEST_DETAIL]

    def detail(self, text: str) -> str:
        """For the log: a piece of a body, no account or card number left in it. It is cut last: half a number
        would not be known for one."""
        return without_numbers(self._without_secrets(text[:_LONGEST_READ]))[:_LONGEST_DETAIL]

    def _without_secrets(self, text: str) -> str:
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "***")
        return _TOKENS.sub(lambda match: f"{match.group(1) or match.group(2)} ***", text)


def from_json(text: str | bytes) -> Any:
    """JSON with every number that has a decimal point as Decimal; NaN and Infinity are refused."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        pass
    raise NotJson("the answer is not JSON")


def to_json(value: Any) -> bytes:
    """JSON bytes; a Decimal becomes a JSON number with exactly its digits, never through a float."""
    text: str = simplejson.dumps(value, use_decimal=True, ensure_ascii=False, allow_nan=False)
    return text.encode()


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no amount")


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in any case for HTTP answers, lower case inside batches) and body."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body. Raises ErpUnavailable when it is no JSON, for example a proxy's page."""
        try:
            return from_json(self.content)
        except NotJson:
            pass
        raise ErpUnavailable("the answer cannot be read", detail=Redaction().detail(self.summary))

    @property
    def summary(self) -> str:
        """Status and body for the log; still to be redacted, which also cuts it: a secret across a cut made
        here would not be known by its beginning."""
        return f"HTTP {self.status}: {self.content.decode('utf-8', 'replace')}"


@dataclass(frozen=True)
class Explanation:
    """What a vendor says about a refusal. `error` overrides the error that follows from the status."""

    message: str | None = None
    field: str | None = None
    error: type[ErpError] | None = None
    settled: bool = False
    """The body proves that nothing was done, although the status alone would leave a write unknown: for
    vendors whose business refusals come as 500."""


Explain = Callable[[Answer], Explanation]
"""Reads a vendor's error body."""


def plain_explanation(answer: Answer) -> Explanation:
    return Explanation()


_BY_STATUS: dict[int, tuple[type[ErpError], str]] = {
    401: (ErpAccessDenied, "does not accept our login"),
    403: (ErpAccessDenied, "does not allow us to do this"),
    409: (ErpChanged, "says the record has been changed in the meantime"),
    412: (ErpChanged, "says the record has been changed in the meantime"),
    429: (ErpUnavailable, "is busy and asks to come back later"),
}


def failure(
    answer: Answer, explanation: Explanation, name: str, redaction: Redaction, *, changes: bool
) -> ErpError:
    """The error a refusal stands for. `changes`: the request was a write, so a 5xx or a 408 leaves its
    outcome unknown, unless the vendor's own words settle it."""
    kind, text = _kind(answer.status, changes=changes)
    if explanation.error is not None and (kind is not OutcomeUnknown or explanation.settled):
        kind = explanation.error
    message = explanation.message or f"{name} {text} (status {answer.status})"
    return kind(redaction.text(message), detail=redaction.detail(answer.summary), field=explanation.field)


def _kind(status: int, *, changes: bool) -> tuple[type[ErpError], str]:
    if status >= 500 or status == 408:
        if changes:
            return OutcomeUnknown, "failed; whether it carried the request out is not known"
        return ErpUnavailable, "is not available"
    return _BY_STATUS.get(status, (ErpRejected, "refused the request"))
