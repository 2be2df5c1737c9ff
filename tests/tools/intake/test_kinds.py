"""A reader is picked by what is in the file; what cannot be read has a name of its own."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.intake.samples import a_document, read, sample, ubl
from tools.domain.documents import ReadingState
from tools.intake.classify import Kind, kind_of
from tools.intake.limits import Limits
from tools.intake.reading import read_document


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (zipped(a=b"x"), "archive"),
        (b"PK\x03\x04 torn", "archive"),
        (gzip.compress(b"x", mtime=0), "archive"),
        (b"7z\xbc\xaf\x27\x1c rest", "archive"),
        (zipped(**{"[Content_Types].xml": b"x", "word/document.xml": b"x"}), "office_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 20, "office_file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "image_needs_ocr"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 20, "image_needs_ocr"),
        (b"II*\0" + b"\1" * 20, "image_needs_ocr"),
        (b"<!DOCTYPE html><html><body>Invoice 1</body></html>", "html"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"></html>', "html"),
        (bytes(range(1, 32)) * 10, "unknown_format"),
        (b"%PDF-1.7\ntorn", "damaged"),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, reason: str) -> None:
    reading = read(content)
    assert (reading.state, reading.reason) == (ReadingState.UNREADABLE, reason)
    assert reading.message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (sample("ubl_order.xml"), "purchase_order"),
        (sample("ubl_order_response.xml"), "order_response"),
        (sample("ubl_despatch_advice.xml"), "despatch_advice"),
        (sample("orderx_order.xml"), "purchase_order"),
        (sample("orderx_response.xml"), "order_response"),
        (sample("fatturapa.xml"), "unsupported_format"),
        (
            sample("ubl_order.xml")
            .replace(b"xsd:Order-2", b"xsd:OrderChange-2")
            .replace(b"Order>", b"OrderChange>")
            .replace(b"<Order ", b"<OrderChange "),
            "order_change",
        ),
        (b"<Invoice><Number>1</Number></Invoice>", "unsupported_format"),
        (b"<catalog/>", "unknown_xml"),
        (b"Dear all, the invoice follows.", "text"),
        (ubl((">380<", ">351<")), "despatch_advice"),
    ],
)
def test_what_is_no_invoice_is_named(content: bytes, reason: str) -> None:
    reading = read(content)
    assert (reading.state, reading.reason) == (ReadingState.NOT_AN_INVOICE, reason)
    assert reading.invoice is None and reading.message


@pytest.mark.parametrize("name", ["scan.pdf", "invoice.txt", "logo.png", "mail.eml", "x"])
def test_the_name_of_a_file_decides_nothing(name: str) -> None:
    assert read_document(a_document(ubl(), name)).state is ReadingState.INVOICE


def test_a_file_above_the_limit_is_not_looked_at() -> None:
    assert read(ubl(), Limits(max_bytes=100)).reason == "too_large"


def test_a_mail_is_known_by_its_header() -> None:
    assert kind_of(b"From: a@b.example\nSubject: Invoice\n\nHello") is Kind.MAIL
    assert kind_of(b"Received: by x\r\nFrom: a@b.example\r\n\r\n<html></html>") is Kind.MAIL
    assert kind_of(b"Note: we sell brackets\nPlease order.\n\nBye") is Kind.TEXT


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [b"", b"%PDF-1.4\n", b"PK\x03\x04", b"<", b"<?xml ", b"From: ", b"\x1f\x8b", b"\xff\xfe"]
    ),
    st.binary(max_size=300),
)
def test_no_bytes_make_the_reader_raise(start: bytes, rest: bytes) -> None:
    assert read(start + rest).state is not ReadingState.INVOICE
