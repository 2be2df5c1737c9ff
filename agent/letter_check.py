"""Whether a drafted letter is one: no copied marks, no piece of a prompt, whole, and silent about our limits.

What is none is not repaired: a person gets no draft, and the log says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tools.domain.suggestion import DraftRecipient

_MARKS = re.compile(
    r"""(?i)[<(＜&]\s*(?:lt;)?\s*/?\s*data\b\s*(?:source|hidden|cut|[>)＞]|&gt;|=)|<\|?/?\w+\|?>"""
)
"""`<data source=…>` as it stood in the prompt or as tidying leaves it, and turns of a conversation."""
_NAMES = re.compile(
    r"(?i)\[(?:finding|order|receipt|document|case|posting|policy|supplier)\b[:\w./#-]*\]|\bfinding:\d"
    r"|\{\{|\}\}|\"(?:subject|body)\"\s*:"
)
"""Names of records and of fields, which only prompts and answers have."""
_TITLES = (
    "findings, to settle first",
    "further findings, settled later",
    "what the records say",
    "similar cases before",
    "ways on:",
)
_WORDS_IN_A_ROW = 7
"""So many words of our instructions in a row are copied; shorter runs are common speech."""
_LIMITS = re.compile(
    r"(?i)\b(?:toleran\w*|toléran\w*|limit(?:s|e|es|en|iet|ieten|ation)?|grenzwert\w*|grenswaarde\w*"
    r"|(?:freigabe|wert|betrags|preis|mengen)grenze\w*|obergrenze\w*|(?:prijs|bedrag)\w*grens\w*"
    r"|seuils?|plafond|drempel\w*|schwellen?\w*|thresholds?)\b"
)
_END = re.compile(r"""[.!?…:。)\]"'”»’]\s*\Z""")
_CLOSING = re.compile(
    r"(?i)\b(?:regards|sincerely|faithfully|greetings|grüße?n?|gruss|gruß|grüssen|groete?n?|hochachtungsvoll"
    r"|cordialement|salutations|hoogachtend|accounts payable|buchhaltung|crediteurenadministratie|boekhouding"
    r"|comptabilité)\b"
)
_THANKS = re.compile(
    r"(?i)(?:many thanks|thanks|thank you|vielen dank|danke|bedankt|hartelijk dank|dank u(?: wel)?|merci)"
    r"(?: in advance| very much| im voraus| alvast| bij voorbaat| d['’]avance)?\W*"
)
_MOST_CLOSING = 6
"""Words of a closing formula."""


def letter_fault(
    to: DraftRecipient, subject: str, body: str, instructions: Iterable[str], longest: int
) -> str | None:
    """Why the draft is dropped, in words; None when a person may see it. `instructions` are the prompt's own
    texts without what it tells of the case; `longest` is how many characters a body may have."""
    text = f"{subject}\n{body}"
    if _MARKS.search(text):
        return "it copies marks of the prompt"
    if _NAMES.search(text) or any(title in text.casefold() for title in _TITLES):
        return "it copies a part of the prompt"
    if any(_copies(text, instruction) for instruction in instructions):
        return "it repeats its instructions"
    if to is DraftRecipient.SUPPLIER and (found := _LIMITS.search(text)):
        return f"it speaks of limits to the supplier ({found[0]})"
    if not body.strip() or not subject.strip():
        return "it is empty"
    return "it breaks off in the middle of a sentence" if _breaks_off(body, longest) else None


def _copies(text: str, instruction: str) -> bool:
    said, given = _words(text), _words(instruction)
    runs = {tuple(given[at : at + _WORDS_IN_A_ROW]) for at in range(len(given) - _WORDS_IN_A_ROW + 1)}
    return any(
        tuple(said[at : at + _WORDS_IN_A_ROW]) in runs for at in range(len(said) - _WORDS_IN_A_ROW + 1)
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _breaks_off(body: str, longest: int) -> bool:
    """No end of a sentence at its end, where that is no closing formula; or cut at its greatest length."""
    if len(body) >= longest:
        return True
    if _END.search(body):
        return False
    lines = [line.strip() for line in body.strip().splitlines() if line.strip()]
    closing = next((at for at in range(max(0, len(lines) - 3), len(lines)) if _is_closing(lines[at])), None)
    if closing is not None:
        before = " ".join(lines[:closing])
        return bool(before) and _END.search(before) is None
    last = re.split(r"[.!?]\s+", lines[-1])[-1]
    return not _is_closing(last)


def _is_closing(line: str) -> bool:
    is_formula = len(line.split()) <= _MOST_CLOSING and _CLOSING.search(line) is not None
    return is_formula or _THANKS.fullmatch(line.strip()) is not None
