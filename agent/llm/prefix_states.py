"""The state of a model after the constant beginning of a prompt, kept on disk: the next process need not
read it again. A file holds the constant text only, never a case."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from agent.llm.contract import Message, Role

KEPT = 8
"""Files; one is some 47 MB for 1,600 tokens of a 1.5 B model."""
WORTH_TOKENS = 256
"""A shorter beginning is read again in less time than a file costs."""


def constant_part(messages: Iterable[Message]) -> tuple[Message, ...]:
    """The system messages at the beginning: a prompt puts what never changes there, and no case."""
    found: list[Message] = []
    for message in messages:
        if message.role is not Role.SYSTEM:
            break
        found.append(message)
    return tuple(found)


class PrefixStates:
    """A folder with one file for each model, context, library version and constant text."""

    def __init__(self, folder: Path, *about: str) -> None:
        self.folder = folder
        self._about = about

    def path(self, prefix: Iterable[Message]) -> Path:
        """Where the state after these messages lies, or would lie."""
        total = hashlib.sha256()
        for part in (*self._about, *(f"{one.role}:{one.text}" for one in prefix)):
            total.update(f"{len(part)}:{part}".encode())
        return self.folder / f"{total.hexdigest()[:40]}.state"

    def make_room(self) -> None:
        """Delete the oldest files, so that with one more there are `KEPT`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = sorted(self.folder.glob("*.state"), key=lambda path: path.stat().st_mtime)
        for path in files[: max(0, len(files) - KEPT + 1)]:
            path.unlink(missing_ok=True)


def model_sign(path: Path) -> str:
    """What tells two model files apart without reading a gigabyte: size, time and the first megabyte."""
    with path.open("rb") as file:
        head = hashlib.sha256(file.read(1 << 20)).hexdigest()
    found = path.stat()
    return f"{found.st_size}:{found.st_mtime_ns}:{head}"
