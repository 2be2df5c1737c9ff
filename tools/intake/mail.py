"""Opens a mail: its parts that may be documents, and what the mail itself gives reason to warn of.

The mail's own text is data. It is searched for warnings and otherwise left alone.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parsedate_to_datetime
from typing import NamedTuple, cast

from tools.domain.documents import Problem, ProblemSeverity
from tools.domain.mail import MailFacts
from tools.intake.checks import text_problems
from tools.intake.classify import Kind, kind_of
from tools.intake.limits import Limits, Refusal, too_large
from tools.intake.mail_facts import mail_facts, named_sender
from tools.intake.readable_text import mail_text

# Small pictures inside the text are logos and signatures; a scan is larger.
_LOGO_BYTES = 30_000
_SIGNATURES = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "text/calendar",
        "text/vcard",
        "text/x-vcard",
        "message/delivery-status",
        "message/disposition-notification",
    }
)


# The standard parser takes time that grows faster than a header or the number of parts.
_LONGEST_HEADER = 2_000
_LARGEST_HEADERS = 1_000_000
_MOST_PARTS_PER_ATTACHMENT = 20


class _ShortHeaders(EmailPolicy):
    """The default policy on headers cut to a length that people write."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        # Bytes beyond ASCII arrive as lone surrogates, which no database and no JSON can hold.
        text = value[:_LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return name, text


class Envelope(NamedTuple):
    """Who sent a mail, as its header claims."""

    sender: str | None
    subject: str | None
    message_id: str | None
    received_at: datetime | None


class MailPart(NamedTuple):
    """One document of a mail. `content` is absent where it was refused."""

    name: str
    content: bytes
    envelope: Envelope
    problems: tuple[Problem, ...]
    refusal: Refusal | None = None
    size: int = 0
    mail: MailFacts | None = None


class OpenedMail(NamedTuple):
    envelope: Envelope
    problems: tuple[Problem, ...]
    parts: tuple[MailPart, ...]
    mail: MailFacts | None = None
    text: str = ""
    """What the mail itself says, where it carries no document."""


def open_mail(content: bytes, limits: Limits) -> OpenedMail | Refusal:
    """The mail's parts in their order; forwarded mails are opened as far as `max_nesting`."""
    if _is_overfull(content, limits):
        return Refusal(
            reason="too_many_attachments",
            message="The mail has more headers or parts than any honest mail. Ask for the invoice itself.",
        )
    try:
        message = cast(EmailMessage, email.message_from_bytes(content, policy=_ShortHeaders()))
        envelope = _envelope(message)
        problems = _mail_problems(message, envelope)
        facts = mail_facts(message, "\n".join(_spoken(message)), None)
        parts = tuple(_parts(message, limits, 0, problems, facts))
        text = "" if parts else mail_text(message)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        # The standard parser raises these for header and encoding faults it did not foresee.
        return Refusal(reason="damaged", message="The mail is malformed. Ask the sender to send it again.")
    return OpenedMail(envelope, problems, parts[: limits.max_attachments + 1], facts, text)


def _is_overfull(content: bytes, limits: Limits) -> bool:
    head = re.search(rb"\r?\n\r?\n", content)
    parts = len(re.findall(rb"^content-type[ \t]*:|^--", content, re.IGNORECASE | re.MULTILINE))
    return (
        parts > 2 * _MOST_PARTS_PER_ATTACHMENT * limits.max_attachments
        or (head.start() if head else len(content)) > _LARGEST_HEADERS
    )


def _header(message: EmailMessage, name: str) -> str | None:
    value = message.get(name)
    text = " ".join(str(value).split()) if value is not None else ""
    return text[:500] or None


def _envelope(message: EmailMessage) -> Envelope:
    name, sender = named_sender(message, "from")
    return Envelope(
        sender=sender or name,
        subject=_header(message, "subject"),
        message_id=_header(message, "message-id"),
        received_at=_received_at(_header(message, "date")),
    )


def _received_at(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError, IndexError):
        return None


def _mail_problems(message: EmailMessage, envelope: Envelope) -> tuple[Problem, ...]:
    problems = list(text_problems("\n".join(_spoken(message)), None))
    _, reply_to = named_sender(message, "reply-to")
    if reply_to and envelope.sender and _domain(reply_to) != _domain(envelope.sender):
        problems.append(
            Problem(
                code="reply_to_differs",
                severity=ProblemSeverity.WARNING,
                message=f"Answers to this mail would go to {reply_to[:100]}, not to its sender "
                f"{envelope.sender[:100]}. Use a contact from the master data.",
            )
        )
    return tuple(problems)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip(" >").casefold()


def _spoken(message: EmailMessage) -> Iterator[str]:
    yield str(message.get("subject") or "")
    for kind in (("plain",), ("html",)):
        body = message.get_body(preferencelist=kind)
        if isinstance(body, EmailMessage) and not body.is_multipart():
            yield (_payload(body) or b"").decode("utf-8", "replace")


def _payload(part: EmailMessage) -> bytes | None:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else None


def _parts(
    message: EmailMessage, limits: Limits, depth: int, problems: tuple[Problem, ...], facts: MailFacts
) -> Iterator[MailPart]:
    envelope = _envelope(message)
    for number, part in enumerate(_leaves(message), start=1):
        name = _name(part, number)
        if part.get_content_type() == "message/rfc822":
            yield from _forwarded(part, name, limits, depth, problems, facts)
            continue
        content = _payload(part)
        if content is None or not _may_be_document(part, content):
            continue
        if len(content) > limits.max_bytes:
            refusal = too_large(len(content), limits.max_bytes)
            yield MailPart(name, b"", envelope, problems, refusal, len(content), facts)
        else:
            yield MailPart(name, content, envelope, problems, None, len(content), facts)


def _forwarded(
    part: EmailMessage,
    name: str,
    limits: Limits,
    depth: int,
    problems: tuple[Problem, ...],
    carrier: MailFacts,
) -> Iterator[MailPart]:
    inner = part.get_payload()
    if depth >= limits.max_nesting:
        refusal = Refusal(
            reason="too_deep",
            message=f"More than {limits.max_nesting} mails are forwarded within each other. "
            "Ask for the invoice itself.",
        )
        yield MailPart(name, b"", _envelope(part), problems, refusal, 0, carrier)
        return
    for message in inner if isinstance(inner, list) else []:
        if isinstance(message, EmailMessage):
            found = _mail_problems(message, _envelope(message))
            facts = mail_facts(message, "\n".join(_spoken(message)), carrier)
            yield from _parts(message, limits, depth + 1, (*problems, *found), facts)


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """Parts that hold content; a forwarded mail is one part."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    for part in message.iter_parts():
        if isinstance(part, EmailMessage):
            yield from _leaves(part)


def _name(part: EmailMessage, number: int) -> str:
    given = (part.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    cleaned = "".join(char for char in given if char.isprintable()).strip()
    return cleaned[:200] or f"part-{number}"


def _may_be_document(part: EmailMessage, content: bytes) -> bool:
    if part.get_content_type() in _SIGNATURES:
        return False
    kind = kind_of(content)
    inline = part.get_content_disposition() != "attachment"
    if kind is Kind.IMAGE:
        return not (inline or part.get("content-id")) or len(content) > _LOGO_BYTES
    if kind in (Kind.TEXT, Kind.HTML, Kind.EMPTY, Kind.UNKNOWN):
        # The mail's own words, and what mail programs put beside them.
        return not inline and part.get_filename() is not None
    return True
