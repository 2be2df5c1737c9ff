"""Deeds said by how a thing moves, or as off one's hands: marked where no record tells of them."""

from __future__ import annotations

import pytest

from agent.checked_words import checked_words
from agent.grounding import DENIED, UNBACKED, Records

CASE = "(case:C-000007)\ncase C-000007: invoice, number <data>RE-1</data>, stage {}"
ROW = "(order:PO-7)\nPO-7/10 <data>Nut</data>, ordered 10 H87 at 1.00 EUR, received {}, billed 0"
OPEN = Records([CASE.format("waiting for approval")])


@pytest.mark.parametrize(
    "text",
    [
        "The mail went out.",
        "The e-mail has gone out to the supplier.",
        "Die Mail ist raus.",
        "De herinnering is de deur uit.",
        "Le courriel est parti.",
        "The goods arrived yesterday.",
        "The receipt was entered.",
        "Die Ware ist gestern eingetroffen.",
        "De goederen zijn gisteren aangekomen.",
        "La marchandise est arrivée hier.",
        "The money is on its way.",
        "Das Geld ist unterwegs.",
        "Het geld is onderweg.",
        "Le virement est parti.",
    ],
)
def test_what_is_said_to_have_left_or_come_is_marked(text: str) -> None:
    found = checked_words(text, OPEN)
    assert found.flagged == (text,)
    assert found.text.startswith(text)


@pytest.mark.parametrize(
    "text",
    [
        "Consider it booked.",
        "Done, consider it paid!",
        "Posted ✓",
        "✅ Approved",
        "I took care of the approval.",
        "Took care of the approval.",
        "The payment has been taken care of.",
        "Ich habe mich um die Freigabe gekümmert.",
        "Ik heb de betaling geregeld.",
        "Je me suis occupé du paiement.",
    ],
)
def test_a_deed_off_ones_hands_is_taken_out(text: str) -> None:
    assert checked_words(text, OPEN).struck == (text,)


@pytest.mark.parametrize(
    "text",
    [
        "The mail has not gone out.",
        "Once the goods arrived, accept the quantity.",
        "Has the money left?",
        "Please check whether the goods have arrived.",
        "The delivery is late.",
        "Das Geld ist noch nicht unterwegs.",
        "Wenn die Ware eingetroffen ist, bitte melden.",
        "De goederen zijn nog niet aangekomen.",
        "La marchandise n'est pas arrivée.",
        "Do not consider it paid.",
        "A person takes care of the approval.",
        "The payment must be taken care of by a person.",
        "We consider the price too high.",
        "The receipt of the goods is open.",
        "Not approved ✗",
    ],
)
def test_what_claims_no_such_thing_is_left_alone(text: str) -> None:
    found = checked_words(text, OPEN)
    assert not found.struck and not found.flagged


@pytest.mark.parametrize(("received", "mark"), [("0", f" {DENIED}"), ("4", ""), ("10", "")])
def test_goods_that_came_in_part_may_be_said_to_have_arrived(received: str, mark: str) -> None:
    text = "The goods arrived yesterday."
    assert checked_words(text, Records([ROW.format(received)])).text == f"{text}{mark}"


def test_where_no_row_tells_it_is_said() -> None:
    assert checked_words("The mail went out.", Records([])).text == f"The mail went out. {UNBACKED}"


def test_what_a_case_tells_may_be_said_with_a_tick() -> None:
    posted = Records([], facts=("case C-000007 posted, number RE-1, ERP number 4711",), own="C-000007")
    assert not checked_words("Posted ✓", posted).struck
    assert checked_words("The money is on its way.", posted).text.endswith(DENIED)
