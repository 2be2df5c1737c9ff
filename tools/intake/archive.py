"""Opens a ZIP archive within bounds. Nothing is written to disk, no name in it is used as a path."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from tools.intake.limits import Limits, Refusal, too_large

_CHUNK = 64 * 1024


class Member(NamedTuple):
    name: str
    content: bytes
    refusal: Refusal | None = None


def open_archive(content: bytes, limits: Limits) -> tuple[Member, ...] | Refusal:
    """The files of a ZIP in the order of their names; one refusal for an archive that is a trap."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and _is_wanted(entry)]
            refusal = _refusal(entries, limits)
            if refusal is not None:
                return refusal
            return tuple(_members(archive, entries, limits))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, IndexError):
        return Refusal(reason="damaged", message="The archive is damaged. Ask the supplier to send it again.")


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    base = entry.filename.rpartition("/")[2]
    return bool(base) and not base.startswith(".") and not entry.filename.startswith("__MACOSX/")


def _refusal(entries: list[zipfile.ZipInfo], limits: Limits) -> Refusal | None:
    if len(entries) > limits.max_attachments:
        return Refusal(
            reason="archive_bomb",
            message=f"The archive holds {len(entries)} files; the limit is {limits.max_attachments}. "
            "Unpack it and hand in the invoices.",
        )
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    # A ratio says nothing about files of a few kilobytes.
    if unpacked > limits.max_expanded_bytes or (
        unpacked > 1_000_000 and unpacked > packed * limits.max_expansion_ratio
    ):
        return _bomb()
    return None


def _bomb() -> Refusal:
    return Refusal(
        reason="archive_bomb",
        message="The archive unpacks to far more than an invoice needs and was not opened. "
        "Ask the supplier for the invoice itself.",
    )


def _members(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: Limits) -> Iterator[Member]:
    left = limits.max_expanded_bytes
    for entry in sorted(entries, key=lambda each: each.filename):
        name = entry.filename.replace("\\", "/").rpartition("/")[2][:200]
        if entry.flag_bits & 0x1:
            yield Member(name, b"", _encrypted())
            continue
        content = _unpacked(archive, entry, min(limits.max_bytes, left))
        if isinstance(content, Refusal):
            yield Member(name, b"", content)
        else:
            left -= len(content)
            yield Member(name, content)


def _encrypted() -> Refusal:
    return Refusal(reason="encrypted", message="The archive is protected by a password. Ask for an open one.")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes | Refusal:
    # The size in the directory is the sender's word, so what comes out is counted.
    parts: list[bytes] = []
    size = 0
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    return too_large(size, limit)
                parts.append(chunk)
    except (zlib.error, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        return Refusal(reason="damaged", message="A file in the archive cannot be unpacked.")
    return b"".join(parts)
