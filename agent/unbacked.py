"""Deeds of ours and states of goods and papers that a model claims in words: sent, deleted, changed, lifted,
received in full, in the books.

No figure stands in such a sentence by which it could be compared, so its words are known by their language
(`claim_words.toml`): English, German, Dutch and French. What asks, denies, offers, hedges or sets a condition
claims nothing. What is approved, posted or paid is the affair of `deeds.py`. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from tools.domain.languages import NAMES


class ClaimKind(StrEnum):
    SENT = "sent"
    MADE = "made"
    CHANGED = "changed"
    REMOVED = "removed"
    LIFTED = "lifted"
    TOLD = "told"
    CAME = "came"
    """All that was ordered came."""
    ARRIVED = "arrived"
    """Some of it came."""
    BOOKED = "booked"
    """It stands in the books."""
    PAID = "paid"
    """Its money is on the way."""


class _Form(NamedTuple):
    """One way to claim it in one language."""

    kind: ClaimKind
    pattern: re.Pattern[str]
    denies: bool = False
    """A claim by its denial, as `nothing is missing`: a denial in it does not undo it."""
    is_passive: bool = False
    """Others may have done it, where it says so."""


_ADVERBS = {
    "en": r"(?:(?:now|just|already|since|all|both|today|also|then|been|not only"
    r"|went\s+ahead\s+and|[a-z]+ly)\s+)*",
    "fr": r"(?:(?:déjà|bien|maintenant|désormais|tous|toutes|tout|aussi|été|[a-zé]+ment)\s+)*",
}
_I_DID = {
    "en": r"\b(?:i|we)(?:\s+have|['’]ve)?\s+{adverbs}(?:{done})\b",
    "de": r"\b(?:ich\s+habe|wir\s+haben|habe\s+ich|haben\s+wir)\b[^.;:!?]{{0,80}}?\b(?:{done})\b",
    "nl": r"\b(?:ik\s+heb|wij\s+hebben|we\s+hebben|heb\s+ik|hebben\s+(?:we|wij))\b"
    r"[^.;:!?]{{0,80}}?\b(?:{done})\b",
    "fr": r"\b(?:j['’]\s?ai|je\s+(?:l['’]|les?\s+|la\s+|lui\s+|leur\s+|vous\s+)ai"
    r"|nous\s+(?:l['’]|vous\s+|lui\s+)?avons|on\s+a)\s+{adverbs}(?:{done})\b",
}
_WAS = {
    "en": r"(?:is|was|are|were|has\s+been|have\s+been|got)",
    "de": r"(?:ist|sind|wurden?)",
    "nl": r"(?:is|zijn|werd(?:en)?)",
    "fr": r"(?:est|sont|a\s+été|ont\s+été|fut)",
}
_WAS_ASKED = r"(?:was|were|has\s+been|have\s+been)"
"""`The supplier is asked for it` is a plan."""
_THING_WAS = {
    "en": r"\b(?:{things})\b(?:\s+(?!that\b|which\b|who\b)[\w/#.-]+){{0,4}}?\s+{was}\s+{adverbs}(?:{done})\b",
    "de": r"\b(?:{things})\b(?:[^.;:!?,]{{0,40}}?\b{was}\b[^.;:!?,]{{0,60}}?\b(?:{done})\b"
    r"|[^.;:!?,]{{0,60}}?\b(?:{done})\s+(?:worden\s+)?{was}\b)",
    "nl": r"\b(?:{things})\b(?:[^.;:!?,]{{0,40}}?\b{was}\b[^.;:!?,]{{0,60}}?\b(?:{done})\b"
    r"|[^.;:!?,]{{0,60}}?\b(?:{done})\s+(?:geworden\s+)?{was}\b)",
    "fr": r"\b(?:{things})\b(?:\s+(?!que\b|qui\b)[\w/#.'’-]+){{0,4}}?\s+{was}\s+{adverbs}(?:{done})\b",
}
_THINGS = {
    ClaimKind.SENT: ("letters",),
    ClaimKind.MADE: ("letters",),
    ClaimKind.CHANGED: ("records",),
    ClaimKind.REMOVED: ("records",),
    ClaimKind.LIFTED: ("holds",),
    ClaimKind.TOLD: ("people",),
}
_ALL_CAME = {
    "en": r"(?:^|[,;:]\s*|\b(?:and|that|so|but|because|now)\s+)(?:{all})"
    r"(?:\s+(?!that\b|which\b|(?:{papers})s?\b)[\w/#-]+){{0,6}}?\s+{had}\s+{adverbs}(?:{came})\b"
    r"|\b(?:we|warehouse|receiver)(?:\s+ha(?:ve|s)|['’]ve)?\s+{adverbs}received\s+(?:{all})\b(?!\s+(?:\w+\s+)?(?:{papers}))"
    r"|\b{had}\s+{adverbs}(?:{came})\s+(?:\w+\s+)?(?:{wholly})\b(?!\s+(?:late|wrong|damaged|un\w+|too)\b)"
    r"|\b{had}\s+(?:{wholly})\s+(?:{came})\b"
    r"|^(?:{came})\s+(?:{wholly})\b",
    "de": r"\b(?:{all})(?!\s+(?:\w+\s+)?(?:{papers}))\b[^.;:!?,]{{0,50}}?"
    r"(?:\b{had}\b[^.;:!?,]{{0,40}}?\b(?:{came})\b|\b(?:{came})\s+(?:worden\s+)?{had}\b)"
    r"|\b(?:haben?|hat)\b(?:\s+(?!(?:{papers}))[\w-]+){{0,4}}?\s+(?:{all}|{wholly})"
    r"(?!\s+(?:\w+\s+)?(?:{papers}))\b[^.;:!?,]{{0,30}}?\b(?:{came})\b"
    r"|\b{had}\b(?:\s+\w+){{0,4}}?\s+(?:{wholly})\s+(?:{came})\b|\b(?:{wholly})\s+(?:{came})\s+{had}\b"
    r"|^(?:{wholly})\s+(?:{came})\b",
    "nl": r"\b(?:{all})(?!\s+(?:\w+\s+)?(?:{papers}))\b[^.;:!?,]{{0,50}}?"
    r"(?:\b{had}\b[^.;:!?,]{{0,40}}?\b(?:{came})\b|\b(?:{came})\s+{had}\b)"
    r"|\b(?:hebben|heb|heeft)\b(?:\s+(?!(?:{papers}))[\w-]+){{0,4}}?\s+(?:{all}|{wholly})"
    r"(?!\s+(?:\w+\s+)?(?:{papers}))\b[^.;:!?,]{{0,30}}?\b(?:{came})\b"
    r"|\b{had}\b(?:\s+\w+){{0,4}}?\s+(?:{wholly})\s+(?:{came})\b|\b(?:{wholly})\s+(?:{came})\s+{had}\b"
    r"|^(?:{wholly})\s+(?:{came})\b",
    "fr": r"\b(?:{all})(?!\s+(?:\w+\s+)?(?:{papers}))\b(?:\s+(?!que\b|qui\b)[\w/#.'’-]+){{0,6}}?"
    r"\s+{had}\s+{adverbs}(?:{came})\b"
    r"|\b(?:avons|ai|ont|a)\s+(?:bien\s+)?(?:tout|toute\s+la\s+\w+|toutes\s+les\s+\w+)\s+(?:{came})\b"
    r"|\b(?:avons|ai)\s+{adverbs}(?:{came})\s+(?:toute?s?\s+l|(?:{wholly}))"
    r"|\b{had}\s+(?:été\s+)?(?:{wholly})\s+(?:{came})\b|\b{had}\s+{adverbs}(?:{came})\s+(?:{wholly})(?!\w)",
}
_COMPLETE = {
    "en": r"\b(?:{delivery})(?:\s+(?!that\b|which\b)[\w/#-]+){{0,4}}?\s+(?:is|was|has\s+been)\s+"
    r"(?:(?:now|already|therefore|thus)\s+)*(?:{complete})\b",
    "de": r"\b(?:{delivery})\b(?:\s+[\w/#-]+){{0,4}}?\s+(?:ist|war|wurde)\s+"
    r"(?:(?:jetzt|nun|bereits|schon|somit|damit)\s+)*(?:{complete})\b|\b(?:{delivery})\s+(?:{complete})\s+(?:ist|war)\b",
    "nl": r"\b(?:{delivery})\b(?:\s+[\w/#-]+){{0,4}}?\s+(?:is|was|werd)\s+"
    r"(?:(?:nu|al|reeds|dus|inmiddels)\s+)*(?:{complete})\b",
    "fr": r"\b(?:{delivery})\b(?:\s+(?!que\b|qui\b)[\w/#.'’-]+){{0,4}}?\s+(?:est|était|a\s+été)\s+"
    r"(?:(?:maintenant|déjà|donc|bien)\s+)*(?:{complete})(?!\w)",
}
_HAD = {
    "en": r"(?:is|are|was|were|has|have|has\s+been|have\s+been)",
    "de": r"(?:ist|sind|wurden?|haben|hat)",
    "nl": r"(?:is|zijn|werd(?:en)?|hebben|heeft)",
    "fr": r"(?:est|sont|a|ont|a\s+été|ont\s+été)",
}
_RELATIVE = r"(?:that|which|who|die|der|das|dat|que|qui)\b"
_ENDINGS = {"fr": r"(?:e?s?)"}
_BY_OTHERS = {
    "en": r"\bby\s+(?!us\b|me\b|e?-?mail|letter|phone|\d)",
    "de": r"\b(?:von|vom|durch)\s+(?!uns\b|mir\b|\d)",
    "nl": r"\bdoor\s+(?!ons\b|mij\b|\d)",
    "fr": r"\bpar\s+(?!nous\b|moi\b|e?-?mail|courriel|lettre|téléphone|\d)",
}
_CLAUSE = re.compile(r"[.;:!?,](?=\s|\Z)|\s[–—-]\s")
_MARKS = re.compile(r"[*_`~\"“”„«»\u200b-\u200f\u2060\ufeff]")


def claimed(sentence: str) -> tuple[ClaimKind, ...]:
    """What the sentence claims, each kind once; empty where it asks, denies, offers or sets a condition."""
    words = " ".join(_MARKS.sub("", sentence).split())
    if words.endswith("?"):
        return ()
    return tuple(dict.fromkeys(kind for language in NAMES for kind in _claims(words, language)))


def _claims(words: str, language: str) -> Iterator[ClaimKind]:
    checks = _checks(language)
    words = checks["assures"].sub(lambda found: " " * len(found[0]), words)
    if checks["condition_first"].match(words):
        return
    for form in _forms(language):
        for found in form.pattern.finditer(words):
            if not _is_undone(words, found, form, checks):
                yield form.kind
                break


def _is_undone(words: str, found: re.Match[str], form: _Form, checks: Mapping[str, re.Pattern[str]]) -> bool:
    """Whether the clause hedges or denies it, others did it, or a condition follows."""
    start = max((mark.end() for mark in _CLAUSE.finditer(words[: found.start()])), default=0)
    end = next((mark.start() for mark in _CLAUSE.finditer(words, found.end())), len(words))
    before = words[start : found.start()] if form.denies else words[start : found.end()]
    if checks["hedges"].search(before) or checks["condition"].search(words[found.end() : end]):
        return True
    return form.is_passive and checks["by_others"].search(words[found.start() : end]) is not None


@cache
def _vocabulary() -> Mapping[str, Any]:
    return tomllib.loads((files("agent") / "claim_words.toml").read_text(encoding="utf-8"))


@cache
def _checks(language: str) -> Mapping[str, re.Pattern[str]]:
    words = _vocabulary()
    conditions = words["conditions"][language]
    hedges = "|".join(part.strip() for part in words["hedges"][language].split("|"))
    return {
        "hedges": _pattern(rf"\b(?:{hedges})(?!\w)"),
        "condition": _pattern(rf"\b(?:{conditions})\b"),
        "condition_first": _pattern(rf"\s*(?:{conditions})\b"),
        "assures": _pattern(rf"\b(?:{words['assures'][language]})\b"),
        "by_others": _pattern(_BY_OTHERS[language]),
    }


@cache
def _forms(language: str) -> tuple[_Form, ...]:
    """Every way to claim something in one language."""
    words = _vocabulary()
    goods = {
        **words["goods"][language],
        "had": _HAD[language],
        "adverbs": _ADVERBS.get(language, ""),
    }
    return (
        *_deeds(language, words),
        _Form(ClaimKind.CAME, _pattern(_ALL_CAME[language].format(**goods))),
        _Form(ClaimKind.CAME, _pattern(_COMPLETE[language].format(**goods))),
        _Form(ClaimKind.CAME, _pattern(rf"\b(?:{goods['missing']})\b"), denies=True),
        _Form(ClaimKind.BOOKED, _pattern(rf"\b(?:{words['ledger'][language]})\b")),
        *_left_or_came(language, words),
    )


def _left_or_came(language: str, words: Mapping[str, Any]) -> Iterator[_Form]:
    """Letters and money that are on their way, goods that are here: said by how they move."""
    for kind, named in words["moves"].items():
        parts = named[language]
        text = rf"\b(?:{parts['what']})(?:\s+(?!{_RELATIVE})[\w/#.-]+){{0,3}}?\s+(?:{parts['moved']})(?!\w)"
        yield _Form(ClaimKind(kind), _pattern(text), is_passive=True)


def _deeds(language: str, words: Mapping[str, Any]) -> Iterator[_Form]:
    ending = _ENDINGS.get(language, "")
    for kind, lists in words["deeds"].items():
        done = "|".join(f"{re.escape(word)}{ending}" for word in lists[language].split())
        parts = {"done": done, "adverbs": _ADVERBS.get(language, ""), "was": _WAS[language]}
        yield _Form(ClaimKind(kind), _pattern(_I_DID[language].format(**parts)))
        things = "|".join(words["things"][name][language] for name in _THINGS[ClaimKind(kind)])
        if (language, kind) == ("en", ClaimKind.TOLD):
            parts["was"] = _WAS_ASKED
        pattern = _pattern(_THING_WAS[language].format(**parts, things=things))
        yield _Form(ClaimKind(kind), pattern, is_passive=True)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
