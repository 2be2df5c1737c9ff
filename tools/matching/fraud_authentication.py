"""What our own mail server found out about a mail: Authentication-Results (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from tools.domain.mail import MailFacts
from tools.domain.senders import domain_of
from tools.matching.fraud_domains import same_sender

_COMMENT = re.compile(r"\([^()]*\)")
_DEEPEST = 3
"""Comments within comments that are taken out; deeper ones are nobody's habit."""
_RESULT = re.compile(r"\s*(dmarc|dkim|spf)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_CHECKED = {
    "dkim": re.compile(r"header\.(?:d|i)\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE),
    "spf": re.compile(r"smtp\.(?:mailfrom|helo)\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE),
}


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNSURE = "unsure"
    """Nothing could be checked, or only with an error."""
    UNKNOWN = "unknown"
    """No header of ours: nothing is known."""


class Authentication(NamedTuple):
    verdict: Verdict
    results: str = ""
    """`spf fail, dmarc fail`, for people."""


class _Method(NamedTuple):
    name: str
    result: str
    aligned: bool
    """Whether what was checked is the sender's own domain; true where the header does not say which."""


def authentication(mail: MailFacts, trusted: Collection[str]) -> Authentication:
    """The verdict of the topmost header that one of our own servers (`trusted` authserv-ids) wrote. Other
    headers, and those of ours further down, may have come with the mail."""
    for header in mail.authentication:
        for _ in range(_DEEPEST):
            header = _COMMENT.sub(" ", header)
        server, *results = header.split(";")
        if (server.split() or [""])[0].casefold() in trusted:
            sender = domain_of(mail.sender)
            return _judged([found for text in results if (found := _method(text, sender)) is not None])
    return Authentication(Verdict.UNKNOWN)


def _method(text: str, sender: str | None) -> _Method | None:
    found = _RESULT.match(text)
    if found is None:
        return None
    name = found[1].lower()
    stated = _CHECKED[name].search(text) if name in _CHECKED else None
    checked = domain_of(stated[1]) if stated else None
    aligned = stated is None or bool(checked and sender and same_sender(checked, sender))
    return _Method(name, found[2].lower(), aligned)


def _judged(methods: Sequence[_Method]) -> Authentication:
    """DMARC decides where it says pass or fail (RFC 7489); else one aligned pass of SPF or DKIM is
    enough, because forwarding breaks the other."""
    shown = ", ".join(f"{each.name} {each.result}" for each in methods)
    decided = [each.result for each in methods if each.name == "dmarc" and each.result in ("pass", "fail")]
    if decided:
        return Authentication(Verdict.PASSED if decided[0] == "pass" else Verdict.FAILED, shown)
    others = [each for each in methods if each.name != "dmarc"]
    if any(each.result == "pass" and each.aligned for each in others):
        return Authentication(Verdict.PASSED, shown)
    if any(each.result == "fail" for each in others):
        return Authentication(Verdict.FAILED, shown)
    return Authentication(Verdict.UNSURE, shown)
