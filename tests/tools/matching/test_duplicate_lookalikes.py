"""An invoice number is what it looks like."""

from __future__ import annotations

import pytest

from tools.masking import _in as masked_text
from tools.matching.duplicates import normalise_number


@pytest.mark.parametrize("number", ["\u0410-100", "A\u200b-100", "\uff21-100", "\u0391 100", "a-100"])
def test_a_number_that_looks_the_same_is_the_same(number: str) -> None:
    assert normalise_number(number) == normalise_number("A-100") == "A100"


def test_a_letter_that_looks_like_nothing_else_still_counts() -> None:
    assert normalise_number("\u0416-100") != normalise_number("100")


@pytest.mark.parametrize("between", ["\u00a0", "  ", "/", "\u2011", "\u200b", "-", "", "_"])
def test_an_account_is_masked_whatever_stands_between_its_groups(between: str) -> None:
    account = between.join(["NL91", "ABNA", "0417", "1643", "00"])
    assert "0417" not in masked_text(f"pay to {account} now")
