"""Files and folders in, documents out: one `Found` for every file, mails and archives opened.

A file that is not to be read (too large, no access, a mail without documents) comes with its reading.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.domain.documents import DocumentFormat, Problem, Reading, Record, SourceDocument
from tools.domain.identifiers import DocumentId
from tools.domain.mail import MailFacts, carried
from tools.intake.archive import open_archive
from tools.intake.classify import Kind, kind_of
from tools.intake.files import LargerThanAllowed, NotAFile, files_below, is_folder, read_file, text_of
from tools.intake.limits import Limits, Refusal, no_invoice, too_large, unreadable
from tools.intake.mail import Envelope, MailPart, open_mail
from tools.intake.readable_text import of_letter


class Found(Record):
    """One document as found. `reading` is set where there is nothing left to read."""

    document: SourceDocument
    reading: Reading | None = None
    group: str
    """Path of the file it came from: parts of one mail or archive share it."""
    problems: tuple[Problem, ...] = ()
    """What the mail around the document gives reason to warn of."""
    mail: MailFacts | None = None

    def completed(self, reading: Reading) -> Reading:
        """A reading of this document with the warnings of its mail and what the mail says of its sender."""
        found = (*reading.problems, *self.problems)
        return reading.model_copy(update={"problems": found, "mail": self.mail or reading.mail})


def collect(paths: Iterable[Path], limits: Limits | None = None) -> Iterator[Found]:
    """All documents below `paths` in a stable order. A path that does not exist is a `Found` too."""
    limits = limits or Limits()
    for path in paths:
        for file in files_below(path):
            yield from _open_file(file, limits)


def _open_file(path: Path, limits: Limits) -> Iterator[Found]:
    try:
        content = read_file(path, limits.max_bytes)
    except LargerThanAllowed as found:
        yield _unread(path, DocumentId(found.digest), too_large(found.size, limits.max_bytes).reading())
    except NotAFile:
        message = "This is a folder, a pipe or a device, not a file."
        yield _unread(path, _digest(os.fsencode(path)), unreadable("not_a_file", message))
    except OSError as error:
        what = "folder" if is_folder(path) else "file"
        message = f"The {what} cannot be opened ({error.strerror or 'unknown cause'})."
        yield _unread(path, _digest(os.fsencode(path)), unreadable("no_access", message))
    else:
        yield from open_content(content, text_of(path.name), text_of(path), limits)


def open_content(content: bytes, name: str, path: str, limits: Limits) -> Iterator[Found]:
    """The documents in one file's bytes, wherever they come from (a folder, a mailbox)."""
    document = SourceDocument(document_id=_digest(content), name=name, content=content, path=path)
    yield from _opened(document, path, limits, depth=0)


def _opened(document: SourceDocument, group: str, limits: Limits, depth: int) -> Iterator[Found]:
    kind = kind_of(document.content)
    if kind is Kind.MAIL:
        yield from _mail(document, group, limits, depth)
    elif kind is Kind.ZIP:
        yield from _archive(document, group, limits, depth)
    else:
        yield Found(document=document, group=group)


def _mail(document: SourceDocument, group: str, limits: Limits, depth: int) -> Iterator[Found]:
    opened = open_mail(document.content, limits)
    if isinstance(opened, Refusal):
        yield Found(document=document, group=group, reading=opened.reading(DocumentFormat.MAIL))
        return
    if not opened.parts:
        yield Found(
            document=_addressed(document, opened.envelope),
            group=group,
            problems=opened.problems,
            mail=opened.mail,
            reading=no_invoice(
                "no_invoice_attached", "The mail carries no document.", DocumentFormat.MAIL
            ).model_copy(update={"text": of_letter(opened.text)}),
        )
    for part in opened.parts[: limits.max_attachments]:
        yield from _part(document, part, group, limits, depth)
    if len(opened.parts) > limits.max_attachments:
        message = f"The mail has more than {limits.max_attachments} attachments; the rest was not read."
        reading = unreadable("too_many_attachments", message, DocumentFormat.MAIL)
        yield Found(document=_addressed(document, opened.envelope), group=group, reading=reading)


def _part(mail: SourceDocument, part: MailPart, group: str, limits: Limits, depth: int) -> Iterator[Found]:
    document = _addressed(
        SourceDocument(
            document_id=_digest(
                part.content if part.refusal is None else f"{mail.document_id}!{part.name}".encode()
            ),
            name=part.name,
            content=part.content,
            path=f"{mail.path}!{part.name}",
        ),
        part.envelope,
    )
    if part.refusal is not None:
        reading = part.refusal.reading()
        yield Found(document=document, group=group, reading=reading, problems=part.problems, mail=part.mail)
        return
    for found in _within(document, group, limits, depth):
        known = {
            "document": _addressed(found.document, part.envelope),
            "problems": (*part.problems, *found.problems),
            "mail": carried(found.mail, part.mail),
        }
        yield found.model_copy(update=known)


def _within(document: SourceDocument, group: str, limits: Limits, depth: int) -> Iterator[Found]:
    if depth < limits.max_nesting:
        yield from _opened(document, group, limits, depth + 1)
        return
    message = f"More than {limits.max_nesting} mails or archives lie within each other."
    yield Found(document=document, group=group, reading=unreadable("too_deep", message))


def _archive(document: SourceDocument, group: str, limits: Limits, depth: int) -> Iterator[Found]:
    opened = open_archive(document.content, limits)
    if isinstance(opened, Refusal):
        yield Found(document=document, group=group, reading=opened.reading())
        return
    if not opened:
        yield Found(document=document, group=group, reading=unreadable("empty", "The archive is empty."))
    for member in opened:
        identity = (
            member.content if member.refusal is None else f"{document.document_id}!{member.name}".encode()
        )
        part = SourceDocument(
            document_id=_digest(identity),
            name=member.name,
            content=member.content,
            path=f"{document.path}!{member.name}",
        )
        if member.refusal is not None:
            yield Found(document=part, group=group, reading=member.refusal.reading())
        else:
            yield from _within(part, group, limits, depth)


def _addressed(document: SourceDocument, envelope: Envelope) -> SourceDocument:
    if document.message_id or document.sender:
        return document
    return document.model_copy(update=envelope._asdict())


def _unread(path: Path, document_id: DocumentId, reading: Reading) -> Found:
    name, place = text_of(path.name), text_of(path)
    document = SourceDocument(document_id=document_id, name=name, content=b"", path=place)
    return Found(document=document, group=place, reading=reading)


def _digest(content: bytes) -> DocumentId:
    return DocumentId(hashlib.sha256(content).hexdigest())
