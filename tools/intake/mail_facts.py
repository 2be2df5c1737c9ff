"""What a mail says about its sender: headers as data, to be judged by the fraud controls."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage

from tools.domain.ibans import ibans_in
from tools.domain.mail import MailFacts
from tools.domain.telephone import numbers_in_markup

_MOST_HEADERS = 10
_LONGEST = 300
_LONGEST_TEXT = 100_000
_BRACKETED = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")
_BARE = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")


def mail_facts(message: EmailMessage, spoken: str, carrier: MailFacts | None) -> MailFacts:
    """The facts of one mail; `spoken` is its text, `carrier` the mail it was attached to."""
    name, sender = named_sender(message, "from")
    _, reply_to = named_sender(message, "reply-to")
    return MailFacts(
        sender=sender,
        display_name=name,
        reply_to=reply_to if reply_to and reply_to != sender else None,
        authentication=tuple(_raw(message, "authentication-results")[:_MOST_HEADERS]),
        numbers=numbers_in_markup(spoken[:_LONGEST_TEXT]),
        accounts=ibans_in(spoken[:_LONGEST_TEXT]),
        carrier=carrier,
    )


def named_sender(message: EmailMessage, header: str) -> tuple[str | None, str | None]:
    """Display name and address as a mail program takes them: the address is the one in brackets, what
    stands before it is the name, even where that has the form of an address.

    Of several addresses the first is the sender and all are in the name, so that the others are seen.
    """
    text = _decoded(" ".join(_raw(message, header)))
    bracketed = list(_BRACKETED.finditer(text))
    bare = _BARE.findall(text)
    if len(bracketed) == 1:
        (found,) = bracketed
        name = f"{text[: found.start()]} {text[found.end() :]}"
        return _short(name), _short(found[1])
    if not bare:
        return _short(text), None
    address = bracketed[0][1] if bracketed else bare[0]
    return (_short(text) if len(bare) > 1 else None), _short(address)


def _raw(message: EmailMessage, header: str) -> list[str]:
    """The header's values as sent, topmost first: parsing drops what does not follow the grammar."""
    return [" ".join(str(value).split()) for name, value in message.raw_items() if name.lower() == header]


def _decoded(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, ValueError, LookupError):
        return text


def _short(text: str) -> str | None:
    return " ".join(text.split()).strip(' "')[:_LONGEST] or None
