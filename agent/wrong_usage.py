"""What a person asked for in a way that cannot be meant; apart from what is refused or fails."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.intake.files import is_missing, text_of


class WrongUsage(Exception):
    """A path, a file, a name or a value that the command cannot take; the text says why, for people.
    Nothing was done."""


def require_paths(paths: Iterable[Path]) -> None:
    """Raises WrongUsage naming every path at which nothing lies."""
    missing = [text_of(path) for path in paths if is_missing(path)]
    if missing:
        raise WrongUsage(f"not found: {', '.join(missing)}")
