"""What a conversation offers when a letter is wanted, and what it does with a question given back."""

from __future__ import annotations

import pytest

from agent.chat.acts import asks_for_a_letter
from agent.chat.types import Talk
from agent.chat.wishes import gives_back
from tests.agent.test_chat import ANSWER, Script, a_chat, a_dear_case, office, said  # noqa: F401
from tests.graph.conftest import furnish  # noqa: F401
from tests.graph.office import CLEO, Office


@pytest.mark.parametrize(
    ("words", "is_wish"),
    [
        ("Write to the supplier that the price is wrong.", True),
        ("Draft a message to the buyer, please.", True),
        ("Can you reply to them?", True),
        ("Kannst du dem Lieferanten schreiben?", True),
        ("Verfasse eine Nachfrage an den Einkauf.", True),
        ("Schrijf het magazijn een bericht.", True),
        ("Stel een brief aan de leverancier op.", True),
        ("Rédige un message à l'acheteur.", True),
        ("Peux-tu écrire au fournisseur ?", True),
        ("Keep it as a draft.", False),
        ("What did the buyer write?", True),
        ("Was schreibt der Lieferant dazu?", False),
        ("Was antwortet der Einkauf?", False),
        ("Maak er een concept van.", False),
        ("Qu'est-ce qui est écrit dans la note ?", False),
        ("Did it come by mail or letter?", False),
    ],
)
def test_a_letter_that_is_wanted_is_told_from_one_that_is_spoken_of(words: str, is_wish: bool) -> None:
    """A question with `write` counts as a wish: the draft that comes of it is for a person, who drops it."""
    assert asks_for_a_letter(words) is is_wish


@pytest.mark.parametrize(
    ("question", "is_given_back"),
    [
        ("Which price is right?", True),
        ("which price is right", True),
        ("Which order does the clerk mean?", False),
        ("", False),
    ],
)
def test_the_clerks_own_question_is_no_question_to_the_clerk(question: str, is_given_back: bool) -> None:
    call = {"tool": "ask_clerk", "arguments": {"question": question}}
    assert gives_back(call, "Tell me: which price is right?") is is_given_back
    assert not gives_back({**call, "tool": "explain_match"}, "which price is right")


async def test_a_question_given_back_is_answered_from_the_case_instead(office: Office) -> None:  # noqa: F811
    case = await a_dear_case(office)
    words = "What does the order say?"
    given_back = {"tool": "ask_clerk", "arguments": {"question": words}}
    script = Script([given_back, ANSWER], "The order says 10.00 EUR.")
    pieces = await said(a_chat(office, script), Talk(person=CLEO, case_id=case), words)
    assert words not in [piece.text for piece in pieces]
    assert any("explain match" in piece.text for piece in pieces)
    assert "10.00 EUR" in "".join(piece.text for piece in pieces)


async def test_outside_a_case_a_question_given_back_ends_the_turn_with_an_answer(office: Office) -> None:  # noqa: F811
    words = "Which documents wait?"
    script = Script([{"tool": "ask_clerk", "arguments": {"question": words}}], "I do not know.")
    pieces = await said(a_chat(office, script), Talk(person=CLEO), words)
    assert "I do not know." in "".join(piece.text for piece in pieces)
