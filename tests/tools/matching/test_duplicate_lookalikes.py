"""An invoice number is what it looks like."""

from __future__ import annotations

import pytest

from tools.masking import _in as masked_text
from tools.matching.duplicates import normalise_number
from tools.matching.invoice_numbers import printed_key


@pytest.mark.parametrize("number", ["\u0410-100", "A\u200b-100", "\uff21-100", "\u0391 100", "a-100"])
def test_a_number_that_looks_the_same_is_the_same(number: str) -> None:
    assert normalise_number(number) == normalise_number("A-100") == "A100"


@pytest.mark.parametrize("number", ["RE20260017", "RE 2026 0017", "re.2026/0017"])
def test_nothing_between_letters_and_digits_makes_another_number(number: str) -> None:
    assert printed_key(number) == printed_key("RE-2026-0017")


@pytest.mark.parametrize("word", ["Duplikat", "COPY", "kopie"])
def test_a_word_that_says_it_is_a_copy_is_no_part_of_the_number(word: str) -> None:
    assert normalise_number(f"RE-2026-0017 {word}") == normalise_number("RE-2026-0017")


def test_a_letter_that_looks_like_nothing_else_still_counts() -> None:
    assert normalise_number("\u0416-100") != normalise_number("100")


@pytest.mark.parametrize("between", ["\u00a0", "  ", "/", "\u2011", "\u200b", "-", "", "_"])
def test_an_account_is_masked_whatever_stands_between_its_groups(between: str) -> None:
    account = between.join(["NL91", "ABNA", "0417", "1643", "00"])
    assert "0417" not in masked_text(f"pay to {account} now")
