"""Files as the file system has them: names that may be no text, folders that may be closed, entries that are
no files at all. Nothing here blocks and nothing reads without a bound."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_NOISE = frozenset({"thumbs.db", "desktop.ini", "icon\r", "__macosx"})
_NOISE_ENDINGS = ("~", ".swp", ".swo", ".part", ".crdownload", ".lock")
_CHUNK = 1024 * 1024


class NotAFile(OSError):
    """A pipe, a device, a socket or a folder where a file is needed."""

    def __init__(self) -> None:
        super().__init__(None, "it is not a regular file")


class LargerThanAllowed(Exception):
    """The file has more bytes than may be read; `digest` is the SHA-256 of all of them."""

    def __init__(self, size: int, digest: str) -> None:
        super().__init__(size)
        self.size = size
        self.digest = digest


def text_of(path: Path | str) -> str:
    r"""The path as text that any database and JSON can hold: bytes that are not UTF-8 as `\xff`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_missing(path: Path) -> bool:
    """Whether nothing lies there. What may not be looked at, or dangles, is not missing."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def files_below(path: Path) -> Iterator[Path]:
    """The files in a folder and the folders in it, by name; anything else is itself the only one.

    Marks of the desktop, half-written files, linked folders and special files are no documents. A folder or
    an entry that cannot be opened is named like a file, so that its reading says why.
    """
    if not is_folder(path):
        yield path
        return
    try:
        entries = sorted(path.iterdir(), key=lambda each: each.name)
    except OSError:
        yield path
        return
    for entry in entries:
        if not _is_noise(entry.name):
            yield from _below(entry)


def _below(entry: Path) -> Iterator[Path]:
    try:
        mode = entry.stat().st_mode
    except OSError:
        yield entry
        return
    if stat.S_ISREG(mode):
        yield entry
    elif stat.S_ISDIR(mode) and not entry.is_symlink():
        yield from files_below(entry)


def is_folder(path: Path) -> bool:
    """False too for what may not be looked at."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def _is_noise(name: str) -> bool:
    lower = name.lower()
    return name.startswith((".", "~$", "#")) or lower in _NOISE or lower.endswith(_NOISE_ENDINGS)


def read_file(path: Path, most: int) -> bytes:
    """All bytes of a regular file. Raises OSError (NotAFile too) and LargerThanAllowed above `most` bytes."""
    # A pipe without a writer would hold the opening up for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotAFile
    with os.fdopen(descriptor, "rb") as stream:
        # What the file system says of the size is a promise only: it may grow, and /proc says 0.
        content = stream.read(most + 1)
        if len(content) > most:
            raise LargerThanAllowed(max(status.st_size, len(content)), _digest_of(stream, content))
    return content


def _digest_of(stream: BinaryIO, begun: bytes) -> str:
    digest = hashlib.sha256(begun)
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
