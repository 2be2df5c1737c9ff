"""Looking for garbage seldom: for a block, or for the rest of a process that works on cases."""

from __future__ import annotations

import gc

import pytest

from agent.garbage import few_collections


def test_a_block_looks_seldom_and_leaves_everything_as_it_was() -> None:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        with few_collections():
            assert gc.get_threshold() > (10_000, 10, 10)
        with pytest.raises(ZeroDivisionError), few_collections():
            raise ZeroDivisionError
        assert gc.get_threshold() == (700, 10, 10)
    finally:
        gc.set_threshold(*before)
