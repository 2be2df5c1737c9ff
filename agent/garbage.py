"""How often the interpreter looks for garbage.

It looks whenever some hundred objects were made. A program that loads libraries and then works on cases makes
objects that stay: looking took a fifth of the processor time of loading and an eighth of that of a batch.
"""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """For the rest of this process; whatever begins one calls it."""
    gc.set_threshold(100_000, 50, 100)
