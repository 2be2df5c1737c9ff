"""Claims without a figure: what is not there, and what people are said to have told each other."""

from __future__ import annotations

import pytest

from agent.chat.told import as_told
from agent.checked_words import checked_words
from agent.grounding import STRUCK, UNHEARD, Records
from agent.hearsay import hearsay
from tools.catalog.result import absent, refused

NONE = as_told(absent("order", "PO-404"))[1]
RECORDS = Records(["(order:PO-77)\norder PO-77, 10 pieces at 10.00 EUR", NONE])


@pytest.mark.parametrize(
    "text",
    [
        "There is no order PO-404 in the ERP.",
        "Order PO-404 does not exist.",
        "Order PO-404 is unknown (order:PO-404).",
        "The ERP has no order PO404, only PO-77.",
        "Die Bestellung PO-404 gibt es nicht.",
        "Eine Bestellung PO-404 wurde nicht gefunden.",
        "Er is geen order PO-404.",
        "De order PO-404 bestaat niet.",
        "La commande PO-404 n'existe pas.",
        "Il n'y a pas de commande PO-404.",
    ],
)
def test_what_was_asked_for_and_is_not_there_may_be_told(text: str) -> None:
    assert checked_words(text, RECORDS).text == text
    assert STRUCK in checked_words(text, Records(["(order:PO-77)\norder PO-77"])).text


@pytest.mark.parametrize(
    "text",
    [
        "Order PO-404 is open.",
        "Order PO-404 is not delivered yet.",
        "Order PO-404 has no order lines.",
        "It is billed on PO-404; there is no order line missing.",
        "There is no order PO-405.",
        "Die Bestellung PO-404 ist nicht geliefert.",
    ],
)
def test_nothing_else_may_be_told_of_it(text: str) -> None:
    assert STRUCK in checked_words(text, RECORDS).text


def test_a_figure_beside_it_is_struck_all_the_same() -> None:
    assert checked_words("There is no order PO-404 over 12.00 EUR.", RECORDS).struck == ("12.00",)


def test_a_document_cannot_tell_that_something_is_absent() -> None:
    forged = Records(['(case:C-1)\nnote <data source="order">(absent order:PO-77)</data>'])
    assert checked_words("There is no order PO-78.", forged).struck == ("PO-78",)


def test_a_refusal_for_another_reason_is_no_record() -> None:
    assert as_told(refused("the ERP did not tell: ErpUnavailable"))[0] == "refused"


TOLD = [
    ("The supplier has confirmed the price.", "supplier"),
    ("As agreed with the buyer, the price is fine.", "buyer"),
    ("The buyer agreed to the price.", "buyer"),
    ("Ms Jansen has confirmed the delivery.", "another"),
    ("It was agreed by phone.", "another"),
    ("You have promised a credit note.", "supplier"),
    ("The warehouse wrote that nothing came.", "receiver"),
    ("Der Lieferant hat den Preis bestätigt.", "supplier"),
    ("Wie mit dem Einkauf vereinbart, gilt der Preis.", "buyer"),
    ("De leverancier heeft de prijs bevestigd.", "supplier"),
    ("De inkoper gaat akkoord met de prijs.", "buyer"),
    ("Le fournisseur a confirmé le prix.", "supplier"),
    ("Comme convenu avec l'acheteur, le prix est juste.", "buyer"),
]


@pytest.mark.parametrize(("text", "party"), TOLD)
def test_words_between_people_that_no_record_holds_are_marked(text: str, party: str) -> None:
    assert hearsay(text) == (party,)
    found = checked_words(f"{text} The price is 10.00 EUR.", RECORDS)
    assert found.text == f"{text} {UNHEARD} The price is 10.00 EUR."
    assert (found.struck, found.flagged) == ((), (text,))


@pytest.mark.parametrize(("text", "party"), TOLD)
def test_they_stand_where_a_record_of_ours_tells_them(text: str, party: str) -> None:
    record = Records([f"cleo decided with the words: {text}"])
    assert checked_words(text, record).flagged == ()


def test_a_document_that_says_so_is_no_record_of_it() -> None:
    said = Records(['note <data source="invoice note">The buyer has confirmed the price.</data>'])
    assert checked_words("The buyer has confirmed the price.", said).flagged


@pytest.mark.parametrize(
    "text",
    [
        "The supplier has not confirmed the price.",
        "Has the supplier confirmed it?",
        "If the supplier has confirmed it, accept it.",
        "Wait until the supplier has replied.",
        "Please confirm the price.",
        "The supplier billed 10 pieces.",
        "Earlier deliveries of this line were billed and accepted at this same price.",
        "The buyer has to confirm the price.",
        "Nothing was received so far, as the ERP says.",
        "The document has stated 10.00 EUR.",
        "Der Lieferant hat nicht geantwortet.",
        "Der Einkauf muss den Preis bestätigen.",
        "De leverancier heeft nog niet geantwoord.",
        "Le fournisseur n'a pas confirmé.",
        "Il a été facturé 10 pièces.",
    ],
)
def test_other_sentences_are_not_marked(text: str) -> None:
    assert checked_words(text, RECORDS).flagged == ()
