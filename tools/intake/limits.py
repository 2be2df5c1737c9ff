"""How much of a foreign file is looked at, and how a refusal is worded."""

from __future__ import annotations

from pydantic import Field

from tools.domain.documents import DocumentFormat, Reading, ReadingState, Record

MEGABYTE = 1024 * 1024


class Limits(Record):
    """Upper bounds for one file. What lies above is refused by name, never read in part."""

    max_bytes: int = Field(default=25 * MEGABYTE, gt=0)
    """Bytes of one file, and of one part of a mail."""
    max_xml_bytes: int = Field(default=20 * MEGABYTE, gt=0)
    """Bytes of an XML document, after unpacking where it comes out of a PDF."""
    max_xml_depth: int = Field(default=200, gt=0)
    max_xml_nodes: int = Field(default=500_000, gt=0)
    """Elements of an XML document."""
    max_pdf_pages: int = Field(default=200, gt=0)
    max_attachments: int = Field(default=100, gt=0)
    """Parts of one mail, embedded files of one PDF, members of one archive."""
    max_nesting: int = Field(default=5, ge=0)
    """Mails forwarded within mails, archives within mails."""
    max_expanded_bytes: int = Field(default=100 * MEGABYTE, gt=0)
    """Bytes of all parts that come out of one file."""
    max_expansion_ratio: int = Field(default=200, gt=0)
    """Unpacked size over packed size of an archive member; text rarely exceeds 30."""
    max_memory: int = Field(default=2048 * MEGABYTE, gt=0)
    """Address space of a process that reads documents, in bytes."""


class Refusal(Record):
    """Why something is not read. `reason` is a stable word, `message` tells people what to do."""

    reason: str
    message: str

    def reading(self, format: DocumentFormat = DocumentFormat.UNKNOWN) -> Reading:
        return unreadable(self.reason, self.message, format)


def unreadable(reason: str, message: str, format: DocumentFormat = DocumentFormat.UNKNOWN) -> Reading:
    """A file that may be an invoice and cannot be read."""
    return Reading(state=ReadingState.UNREADABLE, format=format, reason=reason, message=message)


def no_invoice(reason: str, message: str, format: DocumentFormat = DocumentFormat.UNKNOWN) -> Reading:
    """A file that is recognised as something else than an invoice."""
    return Reading(state=ReadingState.NOT_AN_INVOICE, format=format, reason=reason, message=message)


def too_large(size: int, limit: int) -> Refusal:
    shown = f"{size / MEGABYTE:.1f} MB; the limit is {limit / MEGABYTE:.1f} MB"
    return Refusal(reason="too_large", message=f"The file has {shown}. Ask the supplier for a smaller file.")
