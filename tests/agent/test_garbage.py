"""A process that works on cases looks for garbage seldom."""

from __future__ import annotations

import gc

from agent.garbage import collect_seldom


def test_a_process_looks_seldom_from_then_on() -> None:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        collect_seldom()
        assert gc.get_threshold() > (10_000, 10, 10)
    finally:
        gc.set_threshold(*before)
