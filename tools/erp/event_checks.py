"""Whether a message about a change in the ERP comes from whom it says, and which one it is. Pure.

A message is only a reason to look into the ERP. Nothing of what it says is believed or kept; so a check ends
in the message's identity, by which a repetition is known, and in nothing else.
"""

from __future__ import annotations

import binascii
import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

_MOST_NOTIFICATIONS = 1000
"""Business Central sends one collective notification instead of more."""
_EXACT_START = re.compile(r'\s*\{\s*"Content"\s*:\s*')
_EXACT_END = re.compile(r'\s*,\s*"HashCode"\s*:\s*"(?P<hash>[0-9A-Fa-f]{64})"\s*\}\s*')


class EventRefused(Exception):
    """The message is not from the ERP, or too old; the text is for our log and never for the sender."""


Check = Callable[[Mapping[str, str], bytes, str, datetime], list[str]]
"""Headers in small letters, body, secret, now -> identities of the events; an empty one has none."""


def derived_secret(secret: str, source: str) -> str:
    """What is told to one source, so that none learns the secret of another."""
    return hmac.new(secret.encode(), f"erp-agent events {source}".encode(), sha256).hexdigest()


def business_central(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> list[str]:
    """Webhook notifications: not signed, so each must carry the `clientState` of our subscription. A repeated
    one (Business Central repeats what was not answered, for 36 hours) has the same identity."""
    told = _json(body)
    notifications = told.get("value") if isinstance(told, dict) else None
    if not isinstance(notifications, list) or not 0 < len(notifications) <= _MOST_NOTIFICATIONS:
        raise EventRefused("not a list of notifications")
    expected = derived_secret(secret, "business_central")
    found = []
    for each in notifications:
        state = each.get("clientState") if isinstance(each, dict) else None
        if not isinstance(state, str) or not hmac.compare_digest(_bytes(state), expected.encode()):
            raise EventRefused("the clientState is not that of our subscription")
        found.append(_identity(each))
    return found


def _identity(notification: Mapping[str, object]) -> str:
    """A digest, because what is told may be of any length and hold characters that are none."""
    names = ("subscriptionId", "resource", "changeType", "lastModifiedDateTime")
    told = [notification.get(name) for name in names]
    if not all(each is None or isinstance(each, str) for each in told):
        raise EventRefused("a notification names its record and moment in texts")
    return sha256(_bytes("|".join(str(each) for each in told))).hexdigest()


def _bytes(text: str) -> bytes:
    """JSON may hold half a character (a lone surrogate), which plain UTF-8 refuses."""
    return text.encode("utf-8", "surrogatepass")


def exact(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> list[str]:
    """Exact Online webhooks: HMAC-SHA256 over the raw text of `Content` with the app's webhook secret.
    They carry no time and no number: two changes of one record are sent alike, so none has an identity and
    a repetition can only make us look once more."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise EventRefused("not UTF-8") from None
    start = _EXACT_START.match(text)
    if start is None:
        raise EventRefused("no Content")
    try:
        _, end = json.JSONDecoder().raw_decode(text, start.end())
    except (ValueError, RecursionError):
        raise EventRefused("the Content is not JSON") from None
    rest = _EXACT_END.fullmatch(text, end)
    if rest is None:
        raise EventRefused("no HashCode")
    expected = hmac.new(secret.encode(), text[start.end() : end].encode(), sha256).hexdigest()
    if not hmac.compare_digest(rest["hash"].lower(), expected):
        raise EventRefused("the HashCode is another one")
    return [""]


def signed(window: timedelta) -> Check:
    """For event services behind a flow that signs (SAP Integration Suite, Oracle Integration): the form of
    Standard Webhooks (www.standardwebhooks.com). `webhook-signature` is `v1,BASE64` of HMAC-SHA256 over
    `ID.TIMESTAMP.BODY`; several, with blanks between, while a secret is changed."""

    def check(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> list[str]:
        event_id, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not event_id or len(event_id) > 200 or not re.fullmatch(r"[0-9]{1,12}", moment):
            raise EventRefused("no webhook-id or no webhook-timestamp")
        age = abs(now.timestamp() - int(moment))
        if age > window.total_seconds():
            raise EventRefused(f"sent {age:.0f} seconds from now")
        expected = signature(event_id, moment, body, secret)
        given = headers.get("webhook-signature", "").split()
        if not any(hmac.compare_digest(each.encode(), expected.encode()) for each in given):
            raise EventRefused("no signature fits")
        return [event_id]

    return check


def signature(event_id: str, moment: str, body: bytes, secret: str) -> str:
    """`v1,BASE64`. A secret of the form `whsec_BASE64` is decoded first, as the standard wants it. Raises
    EventRefused for one that cannot be."""
    try:
        key = b64decode(secret[6:], validate=True) if secret.startswith("whsec_") else secret.encode()
    except binascii.Error:
        raise EventRefused("our own secret is not base64 after whsec_") from None
    text = f"{event_id}.{moment}.".encode() + body
    return "v1," + b64encode(hmac.new(key, text, sha256).digest()).decode()


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise EventRefused("not JSON") from None
