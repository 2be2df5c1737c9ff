"""What Profit's refusals prove.

Every refusal of substance is HTTP 500 with `externalMessage`, and so is every failure of Profit itself; the
error number does not tell them apart (the vendor's troubleshooting.md). So only sentences that the vendor
publishes as refusals settle that nothing was done. After any other words, in whatever language, the outcome
of a write is unknown. And even a settled refusal of a write is believed only after a look: see `believed`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from tools.erp.answers import Answer, Explanation, NotJson, from_json
from tools.erp.errors import ErpAccessDenied, ErpError, ErpRejected, ErpUnavailable, OutcomeUnknown

_NAME = r"'([^'\n]{1,80})'"
# AFASSoftware/OASContent, commit 64278d23, markdownpages: endpoint/(en|nl)/fientries-post.md,
# profit/(en|nl)/troubleshooting.md; the last one profit/nl/howto-workflow-acties.md.
_REFUSALS = (
    rf"The entered value for {_NAME} does not exist",
    rf"De ingevulde waarde bij {_NAME} bestaat niet",
    rf"Enter a value for {_NAME}",
    rf"Vul een waarde in bij {_NAME}",
    r"Date '[\d-]{8,10}' belongs to a blocked period",
    r"Datum '[\d-]{8,10}' valt in een geblokkeerde periode",
    r"For this administration, period \d{1,3} of the year \d{4} is blocked",
    r"Voor deze administratie is periode \d{1,3} van jaar \d{4} geblokkeerd",
    rf"Allocation code for axis {_NAME} must be filled for account \S{{1,16}}",
    rf"Code verbijzondering voor as {_NAME} moet gevuld worden voor rekening \S{{1,16}}",
    rf"Connector field {_NAME} not found",
    rf"Connector-veld {_NAME} niet gevonden",
    r"Deze bestemming is niet geldig voor dit type dossieritem",
)
# troubleshooting.md; it names GetConnectors only, UpdateConnectors are taken to be called likewise.
_CLOSED = (
    r"(?:This )?(?:Get|Update)Connector (?:is )?not supported for this app or the user is not authorized",
    r"(?:Deze )?(?:Get|Update)Connector (?:wordt )?niet ondersteund(?: voor deze app)? of de gebruiker is "
    r"niet geautoriseerd",
    r"This (?:Get|Update)Connector \(definition\) is blocked",
    r"Deze (?:Get|Update)Connector \(definitie\) is geblokkeerd",
)
# troubleshooting.md, in prose, for entries only.
_LOCKED = (
    r"(?:The )?booking layout is (?:currently )?blocked by another user",
    r"(?:De )?boekings?lay-?out is (?:op dit moment )?geblokkeerd door een andere gebruiker",
)


class RecordLocked(ErpUnavailable):
    """Somebody has the booking layout open: nothing was booked, try again later."""


def explain(answer: Answer) -> Explanation:
    """What Profit says about a refusal."""
    body = body_of(answer)
    text = str(body.get("externalMessage") or "").strip()
    if answer.status == 500 and text:
        return _explained(text)
    busy = body.get("error")
    if answer.status == 503 and isinstance(busy, dict):
        return Explanation(message=f"AFAS says: {busy.get('message')}")
    if answer.status == 401:
        return Explanation(
            message="AFAS does not accept the token, or the app connector lacks this connector"
        )
    if answer.status == 404:
        return Explanation(message="AFAS knows no such connector, or the question was too long")
    return Explanation()


def _explained(text: str) -> Explanation:
    said = text.removeprefix("General message:").strip().removesuffix(".")
    found = _one_of(_REFUSALS, said)
    if found is not None:
        field = next((group for group in found.groups() if group), None)
        return Explanation(message=text, field=field, error=ErpRejected, settled=True)
    told = f"AFAS says: {text}"
    if _one_of(_LOCKED, said) is not None:
        return Explanation(message=told, error=RecordLocked, settled=True)
    if _one_of(_CLOSED, said) is not None:
        return Explanation(message=told, error=ErpAccessDenied, settled=True)
    return Explanation(message=told)


def _one_of(sentences: tuple[str, ...], said: str) -> re.Match[str] | None:
    """The whole text, not a part of it: what stands around a known sentence is not known."""
    return re.fullmatch("|".join(sentences), said, re.IGNORECASE)


def body_of(answer: Answer) -> dict[str, Any]:
    """The answer as an object; empty where it is none."""
    try:
        body = from_json(answer.content)
    except NotJson:
        return {}
    return body if isinstance(body, dict) else {}


Look = Callable[[], Awaitable[object | None]]
"""Reads whether Profit holds what a message asks for; None: it does not."""


async def believed(refusal: ErpError, look: Look) -> ErpError:
    """The error that a refused write stands for: OutcomeUnknown where Profit holds what it refused, and where
    nobody can look. Without the right to read there is nothing to look with; then closed stays closed."""
    try:
        found = await look()
    except OutcomeUnknown as error:
        return error
    except ErpAccessDenied:
        if isinstance(refusal, ErpAccessDenied):
            return refusal
        return _unsure(refusal, "nobody can look")
    except ErpError as error:
        return _unsure(refusal, f"looking it up failed: {error}")
    return refusal if found is None else _unsure(refusal, "holds it all the same")


def _unsure(refusal: ErpError, what: str) -> OutcomeUnknown:
    return OutcomeUnknown(f"AFAS refused ({refusal}) and {what}", detail=refusal.detail)
