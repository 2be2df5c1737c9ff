"""An answer in another language than the clerk's is told to the clerk; what is unclear is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.chat.answer_language import clear_language, other_language_told
from agent.chat.types import PieceKind, Talk
from tests.agent.test_chat import ANSWER, Script, a_chat, a_dear_case, said
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.office import CLEO, Office

ASKED = {
    "en": "Why does the invoice not go through, and what is missing on it?",
    "de": "Warum geht die Rechnung nicht durch und was fehlt auf ihr?",
    "nl": "Waarom gaat de factuur er niet door en wat ontbreekt er op?",
    "fr": "Pourquoi la facture ne passe pas et que manque-t-il sur elle ?",
}
ANSWERED = {
    "en": "The price on the invoice is higher than the price of the order. The buyer has to decide.",
    "de": "Der Preis auf der Rechnung ist höher als der Preis der Bestellung. Es entscheidet der Einkauf.",
    "nl": "De prijs op de factuur is hoger dan de prijs van de bestelling. De inkoper beslist.",
    "fr": "Le prix de la facture est plus élevé que le prix de la commande. C'est à l'acheteur de décider.",
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("answered", ANSWERED)
def test_each_pair_is_told_apart(asked: str, answered: str) -> None:
    line = other_language_told(ASKED[asked], ANSWERED[answered])
    if asked == answered:
        assert line is None
    else:
        assert line is not None and clear_language(line, 3) == asked


@pytest.mark.parametrize("answer", ["Ja.", "OK", "12.00 EUR", "PO-77: 10 H87", "Der Preis.", ""])
def test_a_short_answer_decides_nothing(answer: str) -> None:
    assert other_language_told(ASKED["en"], answer) is None


@pytest.mark.parametrize("asked", ["RE-1?", "Status", "PO-77 bitte", "case C-000001"])
def test_a_short_question_decides_nothing(asked: str) -> None:
    assert other_language_told(asked, ANSWERED["fr"]) is None


@pytest.mark.parametrize(
    "asked",
    [
        "Please tell me in German what is wrong with it.",
        "Was steht auf der Rechnung? Bitte auf Englisch.",
    ],
)
def test_who_speaks_of_languages_gets_what_was_asked_for(asked: str) -> None:
    assert other_language_told(asked, ANSWERED["de"]) is None
    assert other_language_told(asked, ANSWERED["en"]) is None


def test_what_is_quoted_from_a_document_is_not_the_answer() -> None:
    quoted = f"The note on it says: „{ANSWERED['de']}“ That is all of it."
    assert other_language_told(ASKED["en"], quoted) is None


def test_a_mixed_answer_decides_nothing() -> None:
    assert other_language_told(ASKED["en"], f"{ANSWERED['en']} {ANSWERED['de']}") is None


@pytest.fixture
async def office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:  # noqa: F811
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


async def test_the_clerk_is_told_behind_the_answer_and_the_model_is_not_asked_again(office: Office) -> None:
    case, words = (
        await a_dear_case(office),
        "Das muss der Einkauf entscheiden, nicht die Buchhaltung und nicht wir.",
    )
    script = Script([ANSWER], words)
    pieces = await said(a_chat(office, script), Talk(person=CLEO, case_id=case), ASKED["en"])
    assert "".join(piece.text for piece in pieces if piece.kind is PieceKind.TEXT).strip() == words
    assert pieces[-1].kind is PieceKind.NOTICE and "your language" in pieces[-1].text
    assert len(script.shown) == 2
