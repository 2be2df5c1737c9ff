"""What a file is, by its content. The name and the extension are never asked."""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum

from tools.intake.limits import Refusal
from tools.intake.xml_safe import looks_like_xml


class Kind(StrEnum):
    XML = "xml"
    PDF = "pdf"
    MAIL = "mail"
    ZIP = "zip"
    ARCHIVE = "archive"
    """An archive other than ZIP."""
    IMAGE = "image"
    OFFICE = "office"
    HTML = "html"
    EMPTY = "empty"
    TEXT = "text"
    UNKNOWN = "unknown"


_SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n", Kind.IMAGE),
    (b"\xff\xd8\xff", Kind.IMAGE),
    (b"GIF8", Kind.IMAGE),
    (b"II*\0", Kind.IMAGE),
    (b"MM\0*", Kind.IMAGE),
    (b"BM", Kind.IMAGE),
    (b"\x1f\x8b", Kind.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Kind.ARCHIVE),
    (b"Rar!", Kind.ARCHIVE),
    (b"BZh", Kind.ARCHIVE),
    (b"\xfd7zXZ", Kind.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Kind.ARCHIVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OFFICE),
    (b"{\\rtf", Kind.OFFICE),
    (b"\x78\x9f\x3e\x22", Kind.OFFICE),  # TNEF, Outlook's winmail.dat
)
_HTML = re.compile(rb"<!doctype html|<html[\s>]", re.IGNORECASE)
_HEADER = re.compile(
    rb"^(from|to|cc|subject|date|message-id|received|return-path|mime-version|content-type|delivered-to|"
    rb"reply-to|x-[a-z0-9-]+|dkim-signature|arc-[a-z-]+|in-reply-to|references|sender)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
# ISO 32000-1, 7.5.2 note: readers accept the header within the first 1024 bytes.
_PDF_HEAD = 1024


def kind_of(content: bytes) -> Kind:
    """The kind of a file; only its first kilobytes and, for ZIP, its directory are looked at."""
    head = content[:4096]
    if not content.strip(b" \t\r\n\0"):
        return Kind.EMPTY
    if b"%PDF-" in head[:_PDF_HEAD] and not looks_like_xml(content):
        return Kind.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(content)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[257:262] == b"ustar":
        return Kind.ARCHIVE
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" or head[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1"):
        return Kind.IMAGE
    return _text_kind(content, head)


def _text_kind(content: bytes, head: bytes) -> Kind:
    plain = head.replace(b"\0", b"")
    if _HTML.search(plain[:1024]) and not plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<?xml"):
        return Kind.MAIL if _is_mail(plain) else Kind.HTML
    if looks_like_xml(content):
        return Kind.HTML if re.search(rb"<html[\s>]", plain[:1024], re.IGNORECASE) else Kind.XML
    if _is_mail(plain):
        return Kind.MAIL
    control = sum(byte < 9 or 13 < byte < 32 for byte in plain)
    return Kind.TEXT if control <= len(plain) // 50 else Kind.UNKNOWN


def _is_mail(plain: bytes) -> bool:
    block = re.split(rb"\r?\n\r?\n", plain.lstrip(b"\xef\xbb\xbf\xff\xfe\r\n"), maxsplit=1)[0]
    names = {match[1].lower() for match in _HEADER.finditer(block)}
    starts = re.match(rb"(From |[A-Za-z0-9-]+[ \t]*:)", block) is not None
    return starts and len(names) >= 2


def _zip_kind(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return Kind.ZIP
    if "[Content_Types].xml" in names or "mimetype" in names:
        return Kind.OFFICE
    return Kind.ZIP


_REFUSED: dict[Kind, Refusal] = {
    Kind.ZIP: Refusal(
        reason="archive", message="The file is an archive. Unpack it and hand in the invoices in it."
    ),
    Kind.ARCHIVE: Refusal(
        reason="archive",
        message="The file is a packed archive of a kind that is not opened here. Unpack it, or ask the "
        "supplier for the invoice itself.",
    ),
    Kind.IMAGE: Refusal(
        reason="image_needs_ocr",
        message="The file is a picture without text. It needs text recognition or a person to key it in.",
    ),
    Kind.OFFICE: Refusal(
        reason="office_file",
        message="The file is an office document. Ask the supplier for a PDF or an electronic invoice.",
    ),
    Kind.HTML: Refusal(
        reason="html",
        message="The file is a web page. Ask the supplier for a PDF or an electronic invoice.",
    ),
    Kind.EMPTY: Refusal(reason="empty", message="The file is empty. Ask the supplier to send it again."),
    Kind.UNKNOWN: Refusal(
        reason="unknown_format",
        message="The file is of no known kind. Ask the supplier for a PDF or an electronic invoice.",
    ),
}


def refusal_of(kind: Kind) -> Refusal | None:
    """Why a kind is never read; None for the kinds that have a reader or are plainly no invoice."""
    return _REFUSED.get(kind)
