"""What may leave a model's call for a log, a trace or a message: no key, no bank account, no endless text."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from tools.masking import text_without

HIDDEN = "[hidden]"
LONGEST = 300
"""Characters of somebody else's words in one of our sentences."""
_SHORTEST_SECRET = 4
_CREDENTIALS = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")
"""RFC 9110."""
_VENDORS = re.compile(r"\b(?:sk|pk|rk|xai|gsk|ghp|glpat|AIza|lsv2)[-_][\w-]{8,}")
"""The usual beginnings of keys."""
_FIELDS = re.compile(
    r"(?i)((?:api[-_ ]?key|token|secret|password|authorization)[\"']?\s*[:=]\s*[\"']?)(?!\[)[^\s\"',;}]{4,}"
)


def redacted(text: str, secrets: Collection[str] = ()) -> str:
    """The text with all `secrets`, everything in the form of a key, and every bank account masked."""
    text = scrubbed(text, secrets)
    text = _CREDENTIALS.sub(HIDDEN, text)
    text = _VENDORS.sub(HIDDEN, text)
    text = _FIELDS.sub(lambda found: f"{found[1]}{HIDDEN}", text)
    return text_without(text, ())


def scrubbed(value: Any, secrets: Collection[str] = ()) -> Any:
    """A model's answer, JSON or text, without our `secrets`, and with `?` for halves of characters: no file,
    log or line takes those."""
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode("utf-8")
        for secret in sorted(secrets, key=len, reverse=True):
            value = value.replace(secret, HIDDEN) if len(secret) >= _SHORTEST_SECRET else value
    elif isinstance(value, dict):
        return {key: scrubbed(part, secrets) for key, part in value.items()}
    elif isinstance(value, list):
        return [scrubbed(part, secrets) for part in value]
    return value


def told(text: str, secrets: Collection[str] = ()) -> str:
    """The same on one line and cut, for a sentence of ours."""
    line = " ".join(redacted(text, secrets).split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
