"""How often the interpreter looks for garbage.

It looks whenever some hundred objects were made. A program that loads libraries and then works on cases makes
objects that stay: looking took a fifth of the processor time of loading and an eighth of that of a batch.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (100_000, 50, 100)


def collect_seldom() -> None:
    """For the rest of this process."""
    gc.set_threshold(*_SELDOM)


@contextmanager
def few_collections() -> Iterator[None]:
    """For the length of a block."""
    usual = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
