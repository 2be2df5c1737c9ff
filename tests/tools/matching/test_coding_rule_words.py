"""The words of a coding rule: whole ones, in any letter case and writing, unless a star says otherwise."""

from __future__ import annotations

import unicodedata

import pytest
from pydantic import ValidationError

from tools.domain.coding import CodingPolicy, CodingRule
from tools.matching.coding_rules import by_rule


def fits(words: str, text: str) -> bool:
    policy = CodingPolicy(rules=(CodingRule(name="r", text=(words,), account="6530"),))
    return by_rule(policy, "S1", text, None, None) is not None


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("fuel", "Fuel"),
        ("fuel", "Diesel/FUEL, 40 l"),
        ("office rent", "Office \n rent March"),
        ("essence", "l'essence sans plomb"),
        ("diesel", "Diesel-Kraftstoff"),
        ("straße", "MAUT STRASSE"),
        ("café", unicodedata.normalize("NFD", "Café Nord")),
        ("c++", "Course C++ (two days)"),
        ("топливо", "ТОПЛИВО А-95"),
        ("fuel*", "Fuelling of two cars"),
        ("*stoff", "Kraftstoff"),
        ("*kraftstoff*", "Dieselkraftstoffkosten"),
        ("kraft* liefer*", "Kraftstoff Lieferung"),
        ("*燃料*", "月次燃料費"),
    ],
)
def test_a_word_that_stands_there_counts(words: str, text: str) -> None:
    assert fits(words, text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("fuel", "Refuelling service"),
        ("fuel", "fuels"),
        ("rent", "Current account fee"),
        ("car", "Zeitungskarren, Oscar, cars"),
        ("office rent", "Office and rent"),
        ("fuel*", "Biofuel"),
        ("*stoff", "Kraftstoffe"),
        ("fuel*card", "fuel for the card"),
        ("c.o", "cao"),
    ],
)
def test_a_part_of_another_word_does_not(words: str, text: str) -> None:
    assert not fits(words, text)


@pytest.mark.parametrize("words", ["", " ", "*", "* *", "-"])
def test_a_rule_whose_words_would_fit_everything_is_refused(words: str) -> None:
    with pytest.raises(ValidationError, match="names no word"):
        CodingRule(name="r", text=("diesel", words), account="6530")
