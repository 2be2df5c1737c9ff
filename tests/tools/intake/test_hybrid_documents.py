"""A PDF that carries an invoice as XML is read from the XML; the pages are only compared."""

from __future__ import annotations

import io
import zlib

import pytest
from pypdf import PdfReader, PdfWriter

from tests.tools.intake.samples import codes, read, sample, ubl
from tools.domain.documents import DocumentFormat, ReadingState
from tools.intake.limits import Limits


def a_pdf(*attachments: tuple[str, bytes], pages: int = 1, password: str | None = None) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    for name, content in attachments:
        writer.add_attachment(name, content)
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def with_embedded(content: bytes) -> bytes:
    """The sample hybrid with another XML inside."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(sample("hybrid.pdf"))))
    names = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"]
    file = names[1].get_object()["/EF"]["/F"].get_object()
    file.set_data(content)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def embedded() -> bytes:
    reader = PdfReader(io.BytesIO(sample("hybrid.pdf")))
    return next(iter(reader.attachments.values()))[0]


def test_the_embedded_invoice_is_the_original() -> None:
    reading = read(sample("hybrid.pdf"))
    assert reading.invoice is not None
    assert reading.format is reading.invoice.format is DocumentFormat.HYBRID_PDF
    assert reading.invoice.number == "471102"
    assert reading.invoice.origins["gross_total"].xpath is not None
    assert "pdf_differs" not in codes(reading)


def test_another_total_in_the_xml_than_on_the_page_is_named() -> None:
    reading = read(with_embedded(embedded().replace(b"529.87", b"629.87")))
    assert reading.invoice is not None and str(reading.invoice.gross_total) == "629.87 EUR"
    fields = {problem.field for problem in reading.problems if problem.code == "pdf_differs"}
    assert fields == {"gross_total"}


def test_another_number_in_the_xml_than_on_the_page_is_named() -> None:
    reading = read(with_embedded(embedded().replace(b"471102", b"999999")))
    fields = {problem.field for problem in reading.problems if problem.code == "pdf_differs"}
    assert fields == {"invoice_number"}


@pytest.mark.parametrize("name", ["factur-x.xml", "xrechnung.xml", "ZUGFeRD-invoice.xml", "data.bin"])
def test_an_embedded_invoice_is_found_under_any_name(name: str) -> None:
    content = sample("zugferd1_comfort.xml") if "ZUGFeRD" in name else ubl()
    assert read(a_pdf(("notes.txt", b"hello"), (name, content))).state is ReadingState.INVOICE


def test_an_embedded_order_is_no_invoice() -> None:
    reading = read(a_pdf(("order-x.xml", sample("orderx_order.xml"))))
    assert (reading.state, reading.reason) == (ReadingState.NOT_AN_INVOICE, "purchase_order")


def test_a_stream_that_nothing_names_is_not_part_of_the_document() -> None:
    data = zlib.compress(ubl())
    head = b"9 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode /Length %d >>\nstream\n" % len(data)
    plain = a_pdf()
    at = plain.index(b"1 0 obj")
    left_behind = plain[:at] + head + data + b"\nendstream\nendobj\n" + plain[at:]
    assert read(left_behind).reason == "image_needs_ocr"


def test_an_embedded_document_whose_code_is_no_invoice_is_none() -> None:
    assert read(a_pdf(("factur-x.xml", ubl((">380<", ">351<"))))).reason == "despatch_advice"


def test_a_protected_pdf_is_named() -> None:
    assert read(a_pdf(password="secret")).reason == "encrypted"


def test_a_torn_pdf_is_damaged() -> None:
    content = sample("hybrid.pdf")
    assert read(content[: len(content) // 3]).reason == "damaged"


def test_too_many_pages_are_refused() -> None:
    assert read(a_pdf(pages=4), Limits(max_pdf_pages=3)).reason == "too_many_pages"


def test_a_pdf_without_text_needs_text_recognition() -> None:
    assert read(a_pdf()).reason == "image_needs_ocr"


def test_unsafe_xml_inside_a_pdf_is_not_parsed() -> None:
    unsafe = b'<!DOCTYPE a [<!ENTITY b "c">]>' + ubl().partition(b"?>")[2]
    assert read(a_pdf(("factur-x.xml", unsafe))).state is not ReadingState.INVOICE


def test_an_embedded_file_that_unpacks_to_too_much_is_refused() -> None:
    large = ubl().replace(b"Thank you.", b" " * 300_000)
    content = a_pdf(("factur-x.xml", large))
    assert read(content).state is ReadingState.INVOICE
    assert read(content, Limits(max_xml_bytes=100_000)).state is ReadingState.UNREADABLE
