"""The check of every text of a model: dates and figures in many dresses, citations, quotes, and deeds."""

from __future__ import annotations

import pytest

from agent.chat.told import grounds_of
from agent.chat.turns import CLERK, REFUSED, turn
from agent.chat.turns import RECORDS as TOLD
from agent.checked_words import checked_words
from agent.deeds import claims_a_deed
from agent.grounding import ONLY_SAID, STRUCK, Records
from agent.sentences import Sentences
from tools.catalog import Scope
from tools.catalog.hearing import _orders

RECORDS = Records(
    [
        "(order:PO100001) (order_line:PO100001/10000) (receipt:GR000107)\n"
        "order PO100001 of supplier V10001, ordered on 2026-11-21, ordered 1234.56 EUR\n"
        "PO100001/10000 <data>Bracket</data>, ordered 10 H87 at 10.00 EUR, received 10, billed 12",
        "(case:C-000001) case C-000001: invoice, number <data>RE-1</data>, 7 lines, tax 19 %, "
        "net 100.00 EUR, gross 119.00 EUR\n"
        'note <data source="note on the document">We delivered 777 pieces on 2026-05-05.</data>',
        "(posting:4711) ERP invoice 4711: posted, posted on 2026-01-02",
    ]
)


def streamed(text: str, size: int) -> str:
    cut = Sentences()
    found = [part for at in range(0, len(text), size) for part in cut.more(text[at : at + size])]
    return "".join(checked_words(part, RECORDS).text for part in (*found, *cut.end()))


@pytest.mark.parametrize(
    "text",
    [
        "Bestellt am 21. November 2026, also am 21.11. oder 21. Nov. 2026. Es fehlen 10 Stück.",
        "Es sind z. B. ca. 10 Stück, vgl. Nr. 5 vom 21.11.",
        "De order is van 21 nov. 2026, d.w.z. 21-Nov-2026, max. 10 stuks.",
        "La commande du 21 nov. 2026, env. 10 pièces (order PO100001).",
        "See order PO 100001 (line 10000) of 2026/11/21, approx. 10 pieces, no. 5.",
        "It has dix pièces, ten, tien, zehn and EUR 1,234.56, or 19 percent (receipt GR000107).",
        "It was posted on 2026-01-02 (posting 4711).",
        "A person has to approve it; it is not posted yet and can be posted once the price is agreed.",
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 400])
def test_what_is_true_stays_however_the_stream_is_cut(text: str, size: int) -> None:
    assert streamed(text, size) == text


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("It is 100.00 USD.", "100.00"),
        ("They ask 2026 EUR.", "2026"),
        ("100001 EUR are owed.", "100001"),
        ("The total is -100.00 EUR.", "100.00"),
        ("It costs 19 EUR.", "19"),
        ("That is 10 % too much.", "10"),
        ("100k EUR are open.", "100k"),
        ("It is 10M EUR.", "10M"),
        ("It is 10 Mio. EUR.", "10 Mio"),
        ("Seventeen are missing.", "Seventeen"),
        ("Neunzig Stück fehlen.", "Neunzig"),
        ("Zweihundert Stück fehlen.", "Zweihundert"),
        ("Er ontbreken driehonderdvijfentwintig stuks.", "driehonderdvijfentwintig"),
        ("Il manque soixante-dix pièces.", "soixante-dix"),
        ("Il manque deux cents pièces.", "deux cents"),
        ("Half a dozen are missing.", "Half a dozen"),
        ("Half of it came.", "Half"),
        ("Thousands are missing.", "Thousands"),
        ("It costs two EUR more.", "two"),
        ("XIV pieces are missing.", "XIV"),
        ("Nr. 8 is wrong.", "8"),
        ("It is open (order PO-77).", "order PO-77"),
        ("It is known (case RX-77).", "case RX-77"),
        ("It came (receipt 107).", "receipt 107"),
    ],
)
def test_what_is_not_so_is_struck(text: str, claim: str) -> None:
    found = checked_words(text, RECORDS)
    assert found.struck == (claim,)
    assert found.text == text.replace(claim, STRUCK)


def test_a_sentence_that_cites_what_was_not_read_is_flagged() -> None:
    found = checked_words("The price was agreed (order PO-77). It is 10.00 EUR.", RECORDS)
    assert found.flagged == ("The price was agreed (order PO-77).",)


def test_a_figure_that_only_a_free_text_holds_is_marked_unless_it_is_told_as_said() -> None:
    found = checked_words("777 pieces came on 2026-05-05.", RECORDS)
    assert found.struck == () and found.flagged == ("777", "2026-05-05")
    assert found.text == f"777 {ONLY_SAID} pieces came on 2026-05-05 {ONLY_SAID}."
    for said in ("The document says", "Laut Beleg", "Volgens de factuur", "Selon le document"):
        assert checked_words(f"{said}: 777.", RECORDS).flagged == ()


@pytest.mark.parametrize(
    "text",
    [
        "The invoice has been approved and posted.",
        "Approved.",
        "Done: approved and posted.",
        "We have paid it.",
        "I\nhave approved it.",
        "I **have approved** it.",
        "I have, as asked, approved it.",
        "I'll post it.",
        "We will pay tomorrow.",
        "It will be paid tomorrow.",
        "It was not only approved but posted.",
        "Your approval was recorded.",
        "The supplier's bank account has been changed.",
        "Die Rechnung wurde freigegeben.",
        "Freigabe erteilt.",
        "Wir werden die Rechnung morgen bezahlen.",
        "De factuur is geboekt.",
        "Wij hebben de factuur betaald.",
        "La facture a été approuvée.",
        "Nous avons payé la facture.",
        "Nous paierons demain.",
        "It was posted (posting 4712).",
        "I have posted it (posting 4711).",
    ],
)
def test_a_deed_that_no_read_record_tells_of_is_taken_out_whole(text: str) -> None:
    found = checked_words(f"{text} The price is 10.00 EUR.", RECORDS)
    assert found.text == "The price is 10.00 EUR."
    assert found.struck == (" ".join(text.split()),)


@pytest.mark.parametrize(
    "text",
    [
        "It must be approved by a person.",
        "The invoice has not been approved.",
        "We cannot pay before a corrected invoice comes.",
        "Was it approved?",
        "If it is posted, the order is closed.",
        "It will be posted once a person approves.",
        "Die Rechnung kann nicht gebucht werden.",
        "Sie wird gebucht, sobald eine Person sie freigibt.",
        "De factuur is nog niet goedgekeurd.",
        "La facture n'est pas encore comptabilisée.",
        "The goods were received and billed.",
        "Please send us a corrected invoice.",
        "We have received the invoice that you sent, and noticed that the price changed.",
        "The price is higher than the one approved with the order.",
        "Wir haben die Rechnung erhalten, die Sie uns geschickt haben.",
        "The payment terms are given in the order.",
        "The account named on it has changed.",
    ],
)
def test_rules_denials_and_questions_are_no_deeds(text: str) -> None:
    assert not claims_a_deed(text)


@pytest.mark.parametrize(
    "piece", ["hundert", "tausendund", "twenty ", "a-", "(order 1", "i have, a, ", "1.", "en"]
)
def test_a_long_row_of_anything_is_checked(piece: str) -> None:
    assert checked_words(piece * 1500, RECORDS).text


def test_where_nothing_is_left_it_is_said() -> None:
    assert checked_words("Approved.", RECORDS).text == STRUCK


def test_an_amount_or_a_quantity_that_the_clerk_typed_is_no_order() -> None:
    assert _orders(("PO-77", "12500EUR", "500kg", "4500001")) == ("PO-77", "4500001")


def test_what_the_clerk_named_and_a_refusal_repeats_is_no_record() -> None:
    words = turn(CLERK, "What about order PO100003 and PO-77?")
    refusal = turn(REFUSED, "there is no order PO100003 here")
    read = turn(TOLD, "(order:PO-77)\norder PO-77 of supplier V10001")
    records = grounds_of({"turns": [words, refusal, read]}, Scope(), "")
    found = checked_words("PO100003 is late (order PO100003), PO-77 is not (order PO-77).", records)
    assert found.struck == ("PO100003", "order PO100003")
