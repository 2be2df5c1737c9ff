"""Deeds and states that a model claims in words: received in full, sent, deleted, already posted.

Half of the sentences claim nothing. The last two lists were written before the detection and not looked at
while it was made.
"""

from __future__ import annotations

import pytest

from agent.chat.turns import ANSWER, everything, turn
from agent.checked_words import checked_words
from agent.grounding import DENIED, UNBACKED, Grounded, Records
from agent.unbacked import ClaimKind, claimed

OPEN = Records(
    [
        "(case:C-000007)\ncase C-000007: invoice, number <data>RE-1</data>, stage waiting for approval",
        "(order:PO-77) (order_line:PO-77/10)\n"
        "PO-77/10 <data>Bracket</data>, ordered 10 H87 at 10.00 EUR, received 6, billed 0",
    ]
)
DONE = Records(
    [
        "(order:PO-77)\nPO-77/10 <data>Bracket</data>, ordered 10 H87 at 10.00 EUR, received 10, billed 10\n"
        "PO-77/20 <data>Bolt</data>, ordered 5 H87 at 1.00 EUR, received 2, billed 0, cancelled",
        "(order:PO-88)\nPO-88/10 <data>Nut</data>, ordered 5.5 KGM at 1.00 EUR, received 5.5, billed 0",
        "(case:C-000008)\ncase C-000008 waiting for approval, number <data>RE-8</data>",
    ],
    facts=("case C-000007 posted, number RE-1, ERP number 4711",),
    own="C-000007",
)
CLAIMS = (
    "Good news: the warehouse has received all the boxes.",
    "I went ahead and cancelled the order line.",
    "The goods were received in full.",
    "Everything has arrived.",
    "All items have been delivered.",
    "The delivery is complete.",
    "The order was delivered completely last week.",
    "I sent a credit note to the supplier.",
    "I have sent you the mail.",
    "The reminder was sent this morning.",
    "The invoice was posted.",
    "The invoice has already been paid.",
    "It is fully paid.",
    "The invoice is already in the ledger.",
    "I've deleted the duplicate.",
    "I changed the order line.",
    "The order line has been amended.",
    "I have released the hold.",
    "The hold has been lifted.",
    "A credit note was issued.",
    "The supplier has been notified of the difference.",
    "We have already corrected the quantity.",
    "Die Ware ist vollständig eingegangen.",
    "Alles ist angekommen.",
    "Die Lieferung ist komplett.",
    "Ich habe die Gutschrift verschickt.",
    "Ich habe dem Lieferanten eine Mail geschickt.",
    "Die Rechnung wurde bereits gebucht.",
    "Die Rechnung ist vollständig bezahlt.",
    "Die Sperre wurde aufgehoben.",
    "Ich habe den doppelten Beleg gelöscht.",
    "Die Bestellung wurde angepasst.",
    "Alle Positionen wurden geliefert.",
    "De goederen zijn volledig ontvangen.",
    "Alles is binnen.",
    "De levering is compleet.",
    "Ik heb de creditnota verstuurd.",
    "De factuur is al geboekt.",
    "De factuur is volledig betaald.",
    "De blokkering is opgeheven.",
    "Ik heb de dubbele factuur verwijderd.",
    "De orderregel is aangepast.",
    "La marchandise a été entièrement reçue.",
    "Tout est arrivé.",
    "La livraison est complète.",
    "J'ai envoyé un avoir au fournisseur.",
    "La facture a déjà été comptabilisée.",
    "La facture est entièrement payée.",
    "Le blocage a été levé.",
    "J'ai supprimé le doublon.",
    "La commande a été modifiée.",
    "Toutes les pièces ont été livrées.",
)
OTHERS = (
    "Some of the lines were delivered completely late.",
    "The goods were not received in full.",
    "Not everything has arrived yet.",
    "Has everything arrived?",
    "Shall I send a credit note request?",
    "I can send a letter to the supplier.",
    "Once the invoice is posted, the order is closed.",
    "It can be posted after approval.",
    "The invoice cannot be paid before the goods arrive.",
    "Please check whether the delivery is complete.",
    "If all items have been delivered, accept the quantity.",
    "The case waits until everything has been received.",
    "Nobody has sent a credit note.",
    "The credit note has not been sent yet.",
    "A complete delivery is required before posting.",
    "The order was placed in full pallets.",
    "The supplier sent an invoice for 10 pieces.",
    "The invoice was sent by the supplier.",
    "The quantity on the invoice differs from the received quantity.",
    "You could ask the supplier to send a credit note.",
    "Only 6 of 10 pieces have been received.",
    "The goods were received in part.",
    "Nothing has been deleted or changed.",
    "Die Ware ist noch nicht vollständig eingegangen.",
    "Ist alles angekommen?",
    "Soll ich dem Lieferanten eine Mail schicken?",
    "Sobald die Rechnung gebucht ist, wird die Bestellung geschlossen.",
    "Die Rechnung kann nach der Freigabe gebucht werden.",
    "Es wurde keine Gutschrift verschickt.",
    "Bitte prüfen Sie, ob die Lieferung komplett ist.",
    "Wenn alles geliefert wurde, kann die Menge angenommen werden.",
    "Der Lieferant hat 10 Stück berechnet.",
    "De goederen zijn nog niet volledig ontvangen.",
    "Is alles binnen?",
    "Zal ik de leverancier een mail sturen?",
    "Zodra de factuur geboekt is, wordt de order gesloten.",
    "De factuur kan na goedkeuring worden geboekt.",
    "Er is geen creditnota verstuurd.",
    "Controleer of de levering compleet is.",
    "Als alles geleverd is, kan de hoeveelheid worden aanvaard.",
    "De leverancier heeft 10 stuks gefactureerd.",
    "La marchandise n'a pas été entièrement reçue.",
    "Est-ce que tout est arrivé ?",
    "Voulez-vous que j'envoie un avoir ?",
    "Une fois la facture comptabilisée, la commande est close.",
    "La facture peut être comptabilisée après approbation.",
    "Aucun avoir n'a été envoyé.",
    "Vérifiez si la livraison est complète.",
    "Si tout a été livré, la quantité peut être acceptée.",
    "Le fournisseur a facturé 10 pièces.",
)
UNSEEN_CLAIMS = (
    "All ten pieces are here, so nothing is missing.",
    "The shipment has been received completely.",
    "I've just emailed the supplier about it.",
    "The purchase order has been updated.",
    "Sämtliche Artikel sind bei uns eingetroffen.",
    "Ich habe die Bestellzeile geändert.",
    "Alle stuks zijn geleverd.",
    "Ik heb de leverancier een bericht gestuurd.",
    "Nous avons tout reçu.",
    "L'avoir a été envoyé ce matin.",
)
UNSEEN_OTHERS = (
    "Wait for the rest of the delivery before you accept it.",
    "The delivery may be complete by Friday.",
    "I would send the supplier a reminder.",
    "Should the invoice be paid in full, close the case.",
    "Es fehlt noch ein Teil der Lieferung.",
    "Falls die Gutschrift verschickt wurde, bitte melden.",
    "Een deel van de levering ontbreekt nog.",
    "Wil je dat ik de leverancier een bericht stuur?",
    "Il manque encore une partie de la livraison.",
    "L'avoir doit encore être envoyé.",
)


def is_marked(found: Grounded) -> bool:
    return bool(found.struck or found.flagged)


@pytest.mark.parametrize("text", [*CLAIMS, *UNSEEN_CLAIMS])
def test_a_deed_or_state_that_no_record_tells_is_marked_and_shown(text: str) -> None:
    found = checked_words(text, OPEN)
    assert is_marked(found)
    assert text in found.text or found.struck == (text,)


@pytest.mark.parametrize("text", [*OTHERS, *UNSEEN_OTHERS])
def test_denials_questions_conditions_offers_and_deeds_of_others_are_not_marked(text: str) -> None:
    assert not is_marked(checked_words(text, Records(["order PO-77, 10 pieces, 6 received"])))


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("The goods of order PO-88 were received in full.", ""),
        ("PO-77/10 was delivered completely.", ""),
        ("Order PO-77 was delivered completely.", DENIED),
        ("Everything has arrived.", DENIED),
        ("Die Ware ist vollständig eingegangen.", DENIED),
        ("The order line was cancelled.", ""),
        ("The reminder was sent this morning.", UNBACKED),
        ("Die Rechnung steht bereits in den Büchern.", ""),
        ("De factuur staat al in de boeken.", ""),
        ("RE-8 is already in the ledger.", DENIED),
        ("The document says that everything was delivered.", ""),
        ("As the ERP says, everything was delivered.", DENIED),
        ("I can confirm that everything has arrived.", DENIED),
    ],
)
def test_a_state_is_held_against_the_rows_that_were_read(text: str, mark: str) -> None:
    found = checked_words(text, DONE)
    assert found.text == (f"{text} {mark}" if mark else text)
    assert found.flagged == ((text,) if mark else ())


def test_where_no_row_tells_of_goods_it_is_said() -> None:
    assert checked_words("Everything has arrived.", Records([])).text == f"Everything has arrived. {UNBACKED}"


@pytest.mark.parametrize(
    "text",
    [
        "The invoice was posted.",
        "It has been approved and posted.",
        "Die Rechnung wurde bereits gebucht.",
        "De factuur is al geboekt.",
        "La facture a été comptabilisée.",
    ],
)
def test_what_the_case_itself_tells_of_its_document_may_be_said(text: str) -> None:
    assert checked_words(text, DONE).text == text


@pytest.mark.parametrize(
    "text",
    [
        "The invoice is fully paid.",
        "It was posted and paid.",
        "RE-8 was posted.",
        "It was posted (case C-000008).",
        "I have posted the invoice.",
        "The invoice was posted and the account was changed.",
    ],
)
def test_nothing_beyond_it_and_no_deed_of_the_model(text: str) -> None:
    assert checked_words(text, DONE).struck == (text,)


def test_a_row_of_others_backs_no_deed() -> None:
    forged = Records(
        ['note <data source="invoice note">PO-9/1, ordered 1, received 1\nIt was cancelled.</data>']
    )
    assert checked_words("Everything has arrived.", forged).flagged
    assert checked_words("The order line was cancelled.", forged).flagged


def test_a_later_reading_replaces_an_earlier_one() -> None:
    rows = "(order:PO-1)\nPO-1/1, ordered 4 at 1.00 EUR, received {}, billed 0"
    later = Records([rows.format(0), rows.format(4)])
    assert not checked_words("Everything has arrived.", later).flagged


def test_the_brief_of_a_case_tells_of_goods_too() -> None:
    brief = Records(
        ["- [order:PO-7] Order line 1 <data>Nut</data>: ordered 4 pieces at 1 EUR, received 4, billed now 4."]
    )
    assert not checked_words("The goods were received in full.", brief).flagged


@pytest.mark.parametrize(
    "piece", ["all ", "we have ", "delivery complete ", "wir haben alles ", "tout a été "]
)
def test_a_long_row_of_such_words_is_looked_through(piece: str) -> None:
    assert checked_words(piece * 1500, DONE).text


def test_kinds_are_told_apart() -> None:
    assert claimed("I have deleted the duplicate, and everything has arrived.") == (
        ClaimKind.REMOVED,
        ClaimKind.CAME,
    )


def test_the_model_does_not_see_the_marks_on_its_own_answer() -> None:
    said = [turn(ANSWER, f"It was sent. {UNBACKED} All came. {DENIED}")]
    assert everything(said)[0].text == "It was sent. All came."
