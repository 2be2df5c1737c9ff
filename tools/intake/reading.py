"""One call for every format: document in, reading out. Bad input is a reading too, never an exception."""

from __future__ import annotations

from datetime import date

from tools.domain.documents import Reading, SourceDocument
from tools.intake.checks import checked, texts_of
from tools.intake.classify import Kind, kind_of, refusal_of
from tools.intake.limits import Limits, Refusal, no_invoice, too_large
from tools.intake.open_fields import with_text_where_open
from tools.intake.printed_words import numbers_on, written_text
from tools.intake.readable_text import html_text, of_letter
from tools.intake.unread_words import element_problem, name_problem
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
    reading = with_text_where_open(checked(_read(document, limits), today))
    if (problem := name_problem(document.name)) is not None:
        reading = reading.model_copy(update={"problems": (*reading.problems, problem)})
    return reading.model_copy(update={"numbers": numbers_on(document.content, reading)})


def _read(document: SourceDocument, limits: Limits) -> Reading:
    kind = kind_of(document.content)
    refusal = refusal_of(kind)
    if kind is Kind.HTML and refusal is not None:
        return _with_letter(refusal.reading(), html_text(written_text(document.content)))
    if refusal is not None:
        return refusal.reading()
    if kind is Kind.XML:
        return _read_xml(document.content, limits)
    if kind is Kind.PDF:
        from tools.intake.pdf import read_pdf

        return read_pdf(document.content, document.name, limits)
    if kind is Kind.MAIL:
        return no_invoice("mail", "The file is a mail; the documents in it are read one by one.")
    text = no_invoice("text", "The file is plain text, not an invoice.")
    return _with_letter(text, written_text(document.content))


def _with_letter(reading: Reading, text: str) -> Reading:
    return reading.model_copy(update={"text": of_letter(text)})


def _read_xml(content: bytes, limits: Limits) -> Reading:
    root = parse_xml(content, limits)
    if isinstance(root, Refusal):
        return root.reading()
    reading = read_root(root)
    if reading.invoice is None:
        return reading
    problem = element_problem(root, [text for _, text in texts_of(reading.invoice) if text])
    return (
        reading if problem is None else reading.model_copy(update={"problems": (*reading.problems, problem)})
    )
