"""Files inside a PDF, each bounded in size before it is unpacked into memory."""

from __future__ import annotations

import ctypes
import re
import zlib
from collections.abc import Iterator
from typing import Any

from tools.intake.limits import Limits, Refusal, too_large

# The type of an embedded file stream; the name tree entry is called /EmbeddedFiles.
_MARK = re.compile(rb"/EmbeddedFile(?![A-Za-z])")
_NEAR = 4096
"""Bytes around the mark in which its dictionary must begin and end."""


def embedded_files(document: Any, content: bytes, limits: Limits) -> Iterator[bytes | Refusal]:
    """The files of the name tree; where the PDF has none there, streams that only an /AF entry names."""
    import pypdfium2 as pdfium

    count = document.count_attachments()
    for index in range(min(count, limits.max_attachments)):
        try:
            yield _attachment(document.get_attachment(index), limits)
        except pdfium.PdfiumError:
            yield Refusal(reason="damaged", message="A file inside the PDF cannot be unpacked.")
    if count == 0 and b"/EmbeddedFile" in content:
        yield from _loose_streams(content, limits)


def _attachment(attachment: Any, limits: Limits) -> bytes | Refusal:
    from pypdfium2 import raw

    size = ctypes.c_ulong()
    raw.FPDFAttachment_GetFile(attachment, None, 0, size)
    if size.value > limits.max_xml_bytes:
        return too_large(size.value, limits.max_xml_bytes)
    return bytes(attachment.get_data())


def _loose_streams(content: bytes, limits: Limits) -> Iterator[bytes | Refusal]:
    # Such a stream is always an object of its own in the body (ISO 32000-1, 7.5.7 and 7.11.4).
    for number, mark in enumerate(_MARK.finditer(content)):
        if number >= limits.max_attachments:
            return
        start = content.rfind(b"obj", max(0, mark.start() - _NEAR), mark.start())
        opened = re.compile(rb"stream\r?\n").search(content, mark.end(), mark.end() + _NEAR)
        if start < 0 or opened is None:
            continue
        end = content.find(b"endstream", opened.end())
        data = content[opened.end() : end if end >= 0 else len(content)]
        yield _inflated(data, limits) if b"/FlateDecode" in content[start : opened.start()] else data


def _inflated(data: bytes, limits: Limits) -> bytes | Refusal:
    unpacker = zlib.decompressobj()
    try:
        result = unpacker.decompress(data, limits.max_xml_bytes + 1)
    except zlib.error:
        return Refusal(reason="damaged", message="A file inside the PDF cannot be unpacked.")
    if len(result) > limits.max_xml_bytes:
        return too_large(len(result), limits.max_xml_bytes)
    return result
