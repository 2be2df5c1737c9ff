"""A run that somebody ends by Ctrl-C says what is kept of it and how to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from evals.suite.run import kept_outcomes

INTERRUPTED = 130
"""Exit code of a program ended by SIGINT, as shells give it (128 + 2)."""


@contextmanager
def telling_what_is_kept(keep: Path | None, say: Callable[[str], object]) -> Iterator[None]:
    """Ends the command with exit code 130 where it is interrupted within."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"cut off: {_kept(keep)}")
        raise SystemExit(INTERRUPTED) from None


def _kept(keep: Path | None) -> str:
    if keep is None:
        return "nothing is kept; with --keep FILE.jsonl a run goes on where it was cut off"
    number = len(kept_outcomes(keep))
    outcomes = "1 outcome is" if number == 1 else f"{number} outcomes are"
    return f"{outcomes} kept in {keep}; the same command with --keep {keep} goes on"
