"""What may leave a model's call for a log, a trace or a message: no key, no bank account, no endless text."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection
from typing import Any

from agent.llm.secret_forms import hidden_in, joined, secret_spans
from tools.account_numbers import without_numbers
from tools.untrusted_text import is_hidden

HIDDEN = "[hidden]"
LONGEST = 300
"""Characters of somebody else's words in one of our sentences."""
_MOST_READ = 20_000
"""Of these at most are looked at for one sentence of ours."""
_LONGEST_WORD = 1000
_CREDENTIALS = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")
"""RFC 9110."""
_VENDORS = re.compile(r"\b(?:sk|pk|rk|xai|gsk|ghp|glpat|AIza|lsv2)[-_][\w-]{8,}")
"""The usual beginnings of keys."""
_FIELDS = re.compile(
    r"(?i)((?:api[-_ ]?key|token|secret|password|authorization)[\"']?\s*[:=]\s*[\"']?)(?!\[)[^\s\"',;}]{4,}"
)
_WHOSE = (
    r"(?:key|token|secret|password|passwd|credential|account|card|iban|passwort|kennwort|schl(?:ü|ue)ssel|konto"
    r"|karte|sleutel|wachtwoord|rekening|kaart|cl[ée]|jeton|mot\s+de\s+passe|compte|carte)"
)
"""What a piece is told of, as the beginning or the end of a word (English, German, Dutch, French)."""
_ENDS = (
    r"\b(?:ends|ending|ended|endet|endend|eindigt|eindigend|terminant|se\s+termine|finit|finissant|starts|starting"
    r"|begins|beginning|beginnt|begint|commence|commençant)\s+(?:with|in|on|by|mit|auf|met|op|par|avec)\b"
)
_SIGNS = (
    r"(?:characters?|digits?|chars?|letters?|zeichen|ziffern|stellen|tekens|cijfers|caract[èe]res|chiffres)"
)
_LAST = (
    r"\b(?:last|first|letzte[nr]?|erste[nr]?|laatste|eerste|derniers?|dernières|premiers?|premières)\s+(?:\w+\s+)?"
    rf"(?:{_SIGNS}|\d\b)"
)
_FILLING = rf"(?:\W|\d\b|(?:the|as|are|is|sind|lauten|zijn|sont|of|von|van|de|your|this|{_SIGNS})\b)*"
_TAIL = re.compile(
    rf"(?i)(?P<before>(?:{_WHOSE}[^\n]{{0,80}}?(?:{_ENDS}|{_LAST})|{_LAST}[^\n]{{0,60}}?{_WHOSE}\w*){_FILLING})"
    r"(?P<tail>[\w-]{2,})"
)
"""`the key ends with abcd`, `last 4 digits of the card: 4242`."""
_STARRED = re.compile(
    r"(?<![\w-])[\w-]++[*•●∗]{3,}[\w-]+|[*•●∗]{4,}[\w-]*|(?<![\w.])(?:…|\.{3})[\w-]*\d[\w-]*"
)
"""`sk-proj-****abcd`, `…3000`: masked by others, who leave the last signs. Three stars before a word are bold
print. A word is looked at from its beginning only: from each of its signs, a long one would take its length
squared."""


def redacted(text: str, secrets: Collection[str] = ()) -> str:
    """Somebody else's words with all `secrets` and pieces of them, everything in the form of a key, and every
    bank account taken out, and without invisible signs."""
    text = _without_halves(text)
    # Whole forms first: a foreign key that begins like ours would be cut in two, and its rest has no form.
    whole = [found.span() for found in _VENDORS.finditer(text)]
    text = hidden_in(text, joined([*whole, *secret_spans(text, secrets, in_pieces=True)]), HIDDEN)
    text = "".join(sign for sign in text if not is_hidden(sign))
    text = _CREDENTIALS.sub(HIDDEN, text)
    text = _VENDORS.sub(HIDDEN, text)
    text = _FIELDS.sub(lambda found: f"{found[1]}{HIDDEN}", text)
    text = _STARRED.sub(HIDDEN, text)
    text = _TAIL.sub(lambda found: f"{found['before']}{HIDDEN}", text)
    return without_numbers(text)


def scrubbed(value: Any, secrets: Collection[str] = ()) -> Any:
    """A model's answer, JSON or text, without our `secrets` in any form, and with `?` for halves of
    characters: no file, log or line takes those. Everything else stays sign for sign."""
    if isinstance(value, str):
        text = _without_halves(value)
        return hidden_in(text, secret_spans(text, secrets, in_pieces=False), HIDDEN)
    if isinstance(value, dict):
        return {scrubbed(key, secrets): scrubbed(part, secrets) for key, part in value.items()}
    if isinstance(value, list):
        return [scrubbed(part, secrets) for part in value]
    return value


async def scrubbed_stream(pieces: AsyncIterator[str], secrets: Collection[str] = ()) -> AsyncIterator[str]:
    """The same for an answer that comes in pieces: a word is passed on when it is whole, since a key may come
    in several pieces too."""
    rest = ""
    async for piece in pieces:
        rest += piece
        end = max((rest.rfind(blank) + 1 for blank in " \n\t"), default=0)
        if not end and len(rest) > _LONGEST_WORD:
            end = len(rest)
        if end:
            yield scrubbed(rest[:end], secrets)
            rest = rest[end:]
    if rest:
        yield scrubbed(rest, secrets)


def told(text: str, secrets: Collection[str] = ()) -> str:
    """Somebody else's words on one line and cut, for a sentence of ours."""
    line = " ".join(redacted(text[:_MOST_READ], secrets).split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _without_halves(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
