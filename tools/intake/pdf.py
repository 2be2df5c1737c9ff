"""PDF files: the embedded invoice of a hybrid (Factur-X, ZUGFeRD), else the text layer."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from tools.domain.documents import (
    DocumentFormat,
    Invoice,
    Problem,
    ProblemSeverity,
    Reading,
)
from tools.domain.telephone import telephone_numbers
from tools.intake.hidden_text import hidden_text
from tools.intake.limits import Limits, Refusal, too_large, unreadable
from tools.intake.unread_words import unseen_problem
from tools.intake.xml_fields import Element
from tools.intake.xml_kinds import is_invoice_root, read_root
from tools.intake.xml_safe import looks_like_xml, parse_xml

_PASSWORD_ERROR = 4
"""FPDF_ERR_PASSWORD of fpdfview.h."""
# A page with less text than this is a picture with a stamp on it.
_LEAST_TEXT = 20


def read_pdf(content: bytes, name: str, limits: Limits) -> Reading:
    """The reading of a PDF, without the checks of the amounts."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        return _refused(getattr(error, "err_code", None))
    try:
        if len(document) > limits.max_pdf_pages:
            return _too_many_pages(len(document), limits)
        reading = _read_open(document, content, name, limits)
        if (unseen := unseen_problem(hidden_text(document))) is not None:
            reading = reading.model_copy(update={"problems": (*reading.problems, unseen)})
        return reading.model_copy(update={"numbers": telephone_numbers("\n".join(_page_texts(document)))})
    except pdfium.PdfiumError:
        return _refused(None)
    finally:
        document.close()


def _read_open(document: Any, content: bytes, name: str, limits: Limits) -> Reading:
    others: list[Reading] = []
    refusal: Refusal | None = None
    for data in _embedded_files(document, limits):
        if isinstance(data, Refusal):
            refusal = refusal or data
            continue
        root = parse_xml(data, limits) if looks_like_xml(data) else None
        if isinstance(root, Refusal):
            refusal = refusal or root
        elif root is not None and is_invoice_root(root):
            return _read_hybrid(root, document)
        elif root is not None:
            others.append(read_root(root))
    for other in others:
        if other.reason != "unknown_xml":
            return other
    return _read_text(document, content, name, refusal)


def _embedded_files(document: Any, limits: Limits) -> Iterator[bytes | Refusal]:
    """The files of the name tree. A stream that nothing in the document names is not part of it (a former
    revision may have left it behind) and is not looked for."""
    import pypdfium2 as pdfium

    for index in range(min(document.count_attachments(), limits.max_attachments)):
        try:
            yield _attachment(document.get_attachment(index), limits)
        except pdfium.PdfiumError:
            yield Refusal(reason="damaged", message="A file inside the PDF cannot be unpacked.")


def _attachment(attachment: Any, limits: Limits) -> bytes | Refusal:
    from pypdfium2 import raw

    size = ctypes.c_ulong()
    raw.FPDFAttachment_GetFile(attachment, None, 0, size)
    if size.value > limits.max_xml_bytes:
        return too_large(size.value, limits.max_xml_bytes)
    return bytes(attachment.get_data())


def _read_hybrid(root: Element, document: Any) -> Reading:
    reading = read_root(root)
    if reading.invoice is None:
        return reading
    invoice = reading.invoice.model_copy(update={"format": DocumentFormat.HYBRID_PDF})
    problems = (*reading.problems, *_differences(invoice, document))
    return reading.model_copy(
        update={"format": DocumentFormat.HYBRID_PDF, "invoice": invoice, "problems": problems}
    )


def _read_text(document: Any, content: bytes, name: str, refusal: Refusal | None) -> Reading:
    if not _has_text(document):
        return unreadable(
            "image_needs_ocr",
            "The PDF is a picture without text. It needs text recognition or a person to key it in.",
            DocumentFormat.TEXT_PDF,
        )
    from tools.intake.pdf_text import read_text_pdf

    reading = read_text_pdf(content, name)
    if refusal is None:
        return reading
    problem = Problem(
        code="embedded_file_refused",
        severity=ProblemSeverity.ERROR,
        message=f"A file inside the PDF was not read: {refusal.message}",
    )
    return reading.model_copy(update={"problems": (*reading.problems, problem)})


def _refused(code: int | None) -> Reading:
    if code == _PASSWORD_ERROR:
        return unreadable(
            "encrypted", "The PDF is protected by a password. Ask the supplier for an open one."
        )
    return unreadable("damaged", "The PDF is damaged. Ask the supplier to send it again.")


def _too_many_pages(pages: int, limits: Limits) -> Reading:
    return unreadable(
        "too_many_pages",
        f"The PDF has {pages} pages; the limit is {limits.max_pdf_pages}. Hand in the invoice alone.",
    )


def _page_texts(document: Any) -> Iterator[str]:
    for index in range(len(document)):
        page = document[index]
        textpage = page.get_textpage()
        yield textpage.get_text_bounded()
        textpage.close()
        page.close()


def _has_text(document: Any) -> bool:
    return any(_letters(text) >= _LEAST_TEXT for text in _page_texts(document))


def _letters(text: str) -> int:
    return len(re.sub(r"\W", "", text))


def _differences(invoice: Invoice, document: Any) -> tuple[Problem, ...]:
    """`pdf_differs` where the pages show another number or total than the XML, which is the original."""
    missing = _expected(invoice)
    letters = 0
    for text in _page_texts(document):
        letters += _letters(text)
        missing = {field: what for field, what in missing.items() if not what.is_on(text)}
        if not missing:
            return ()
    if letters < _LEAST_TEXT:
        return ()
    return tuple(
        Problem(
            code="pdf_differs",
            severity=ProblemSeverity.WARNING,
            message=f"The pages of the PDF do not show {what.name} of the embedded invoice. "
            "The embedded invoice counts; compare both.",
            field=field,
        )
        for field, what in missing.items()
    )


class _Shown(NamedTuple):
    """What a page must show: any of the patterns."""

    name: str
    number: str | None
    amounts: tuple[Decimal, ...] = ()

    def is_on(self, text: str) -> bool:
        if self.number is not None:
            return _squeezed(self.number) in _squeezed(text)
        return any(_shows(text, amount) for amount in self.amounts)


def _expected(invoice: Invoice) -> dict[str, _Shown]:
    expected = {}
    if invoice.number is not None:
        name = f"the invoice number {invoice.number}"
        expected["invoice_number"] = _Shown(name, invoice.number)
    if invoice.gross_total is not None:
        payable = (invoice.payable.amount,) if invoice.payable is not None else ()
        amounts = (invoice.gross_total.amount, *payable)
        expected["gross_total"] = _Shown(f"the total {amounts[0]}", None, amounts)
    return expected


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text).casefold()


def _shows(text: str, amount: Decimal) -> bool:
    """Whether the amount occurs with any marks for thousands and decimals."""
    digits = f"{abs(amount).quantize(Decimal('0.01')):f}"
    whole, cents = digits.split(".")
    grouped = "".join(
        digit + (r"[\s.,'\u2019]?" if (len(whole) - index) % 3 == 1 and index < len(whole) - 1 else "")
        for index, digit in enumerate(whole)
    )
    decimals = rf"(?:\s?[.,]\s?{cents})"
    if cents == "00":
        decimals += r"|(?:[.,][-\u2013]+)?"
    elif cents.endswith("0"):
        decimals += rf"|(?:[.,]{cents[0]})"
    return re.search(rf"(?<!\d){grouped}(?:{decimals})(?!\d)", text) is not None
