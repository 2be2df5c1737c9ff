"""One bad file ends its own reading: the pool names it, recovers and goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import date
from pathlib import Path

import pytest

from tests.tools.intake.samples import a_document, sample, ubl
from tools.domain.documents import Reading, SourceDocument
from tools.intake.limits import Limits, no_invoice
from tools.intake.workers import ReadingPool, read_files


def obedient(document: SourceDocument, limits: Limits, today: date | None) -> Reading:
    """A reader that does what the document says."""
    if document.content == b"die":
        os._exit(11)
    if document.content == b"hang":
        signal.pause()
    if document.content == b"grow":
        return no_invoice("grew", "x" * len(bytearray(limits.max_memory * 2)))
    return no_invoice("read", str(os.getpid()))


def pool(seconds: float = 20, processes: int = 1) -> ReadingPool:
    limits = Limits(max_memory=700 * 1024 * 1024)
    return ReadingPool(processes, limits, seconds, reader=obedient, isolate_all=True)


async def test_a_reader_that_dies_is_named_and_replaced() -> None:
    async with pool() as readers:
        reasons = [(await readers.read(a_document(word))).reason for word in (b"a", b"die", b"b")]
    assert reasons == ["read", "reader_crashed", "read"]


async def test_a_reader_that_hangs_is_ended() -> None:
    async with pool(seconds=0.5) as readers:
        reasons = [(await readers.read(a_document(word))).reason for word in (b"hang", b"b")]
    assert reasons == ["took_too_long", "read"]


async def test_a_reader_that_grows_without_end_is_stopped() -> None:
    async with pool() as readers:
        reasons = [(await readers.read(a_document(word))).reason for word in (b"grow", b"b")]
    assert reasons == ["reader_crashed", "read"]


async def test_the_others_go_on_beside_a_bad_file() -> None:
    words = [b"a", b"die", b"b", b"c", b"die", b"d"]
    async with pool(processes=2) as readers:
        readings = await asyncio.gather(*(readers.read(a_document(word)) for word in words))
    assert [reading.reason for reading in readings] == [
        "reader_crashed" if word == b"die" else "read" for word in words
    ]


async def test_documents_are_read_in_other_processes() -> None:
    async with pool() as readers:
        first, second = [await readers.read(a_document(word)) for word in (b"a", b"b")]
    assert first.message == second.message != str(os.getpid())


async def test_small_xml_is_read_here_and_a_pdf_elsewhere() -> None:
    async with ReadingPool(1, reader=obedient) as readers:
        small = await readers.read(a_document(ubl()))
        pdf = await readers.read(a_document(sample("hybrid.pdf")))
    assert small.message == str(os.getpid()) != pdf.message


async def test_a_closed_pool_reads_nothing() -> None:
    readers = pool()
    await readers.read(a_document(b"a"))
    readers.close()
    with pytest.raises(RuntimeError):
        await readers.read(a_document(b"a"))


async def test_every_file_of_a_folder_comes_out_in_order(tmp_path: Path) -> None:
    contents = {
        "1.xml": ubl(),
        "2.pdf": sample("hybrid.pdf"),
        "3.pdf": sample("hybrid.pdf")[:5000],
        "4.txt": b"terms",
        "5.xml": sample("ubl_order.xml"),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    async with ReadingPool(2) as readers:
        found = [
            (document.name, reading.reason) async for document, reading in read_files([tmp_path], readers)
        ]
    assert found == [
        ("1.xml", None),
        ("2.pdf", None),
        ("3.pdf", "damaged"),
        ("4.txt", "text"),
        ("5.xml", "purchase_order"),
    ]
