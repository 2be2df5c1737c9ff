"""What a person asked for in a way that cannot be meant; apart from what is refused or fails."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.intake.files import LargerThanAllowed, is_missing, read_file, text_of
from tools.intake.limits import MEGABYTE, Limits


class WrongUsage(Exception):
    """A path, a file, a name or a value that the command cannot take; the text says why, for people.
    Nothing was done."""


def require_paths(paths: Iterable[Path]) -> None:
    """Raises WrongUsage naming every path at which nothing lies."""
    missing = [text_of(path) for path in paths if is_missing(path)]
    if missing:
        raise WrongUsage(f"not found: {', '.join(missing)}")


def file_given(path: Path) -> bytes:
    """The bytes of a list or statement that a person named. Raises WrongUsage for what cannot be read."""
    most = Limits().max_bytes
    try:
        return read_file(path, most)
    except LargerThanAllowed:
        raise WrongUsage(f"{text_of(path)} has more than {most // MEGABYTE} MB") from None
    except OSError as error:
        raise WrongUsage(f"{text_of(path)} cannot be read: {error.strerror}") from None
