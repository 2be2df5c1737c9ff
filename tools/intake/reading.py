"""One call for every format: document in, reading out. Bad input is a reading too, never an exception."""

from __future__ import annotations

from datetime import date

from tools.domain.documents import Reading, SourceDocument
from tools.intake.checks import checked
from tools.intake.classify import Kind, kind_of, refusal_of
from tools.intake.limits import Limits, Refusal, no_invoice, too_large
from tools.intake.printed_words import numbers_on
from tools.intake.xml_kinds import read_root
from tools.intake.xml_safe import parse_xml


def read_document(
    document: SourceDocument, limits: Limits | None = None, today: date | None = None
) -> Reading:
    """The reading of one file, with all checks run. `today` lets future and very old dates be named.

    Mails and archives are opened by `folder.collect`; here they are only named.
    """
    limits = limits or Limits()
    if len(document.content) > limits.max_bytes:
        return too_large(len(document.content), limits.max_bytes).reading()
    reading = checked(_read(document, limits), today)
    return reading.model_copy(update={"numbers": numbers_on(document.content, reading)})


def _read(document: SourceDocument, limits: Limits) -> Reading:
    kind = kind_of(document.content)
    refusal = refusal_of(kind)
    if refusal is not None:
        return refusal.reading()
    if kind is Kind.XML:
        return _read_xml(document.content, limits)
    if kind is Kind.PDF:
        from tools.intake.pdf import read_pdf

        return read_pdf(document.content, document.name, limits)
    if kind is Kind.MAIL:
        return no_invoice("mail", "The file is a mail; the documents in it are read one by one.")
    return no_invoice("text", "The file is plain text, not an invoice.")


def _read_xml(content: bytes, limits: Limits) -> Reading:
    root = parse_xml(content, limits)
    return root.reading() if isinstance(root, Refusal) else read_root(root)
