"""Names of the parties as a page sets them: over two lines, in capitals, beside persons and sentences."""

from __future__ import annotations

import pytest

from tests.tools.intake.pdf_builder import Text, a_pdf, table_row
from tests.tools.intake.pdf_invoices import (
    META,
    ROWS,
    TOTALS,
    an_invoice,
    invoice_in,
    read,
    rows_at,
    totals_at,
)
from tools.intake.pdf_names import clean_name, is_sentence, runs_on, stands_beside_name
from tools.intake.pdf_spelling import usual_spelling


def a_page(*texts: Text) -> bytes:
    """Number, date, lines and totals below `texts`, which name the parties."""
    meta = [
        one for n, pair in enumerate(META) for one in table_row(250 + 14 * n, (50, pair[0]), (200, pair[1]))
    ]
    head = table_row(330, (50, "Description"), (-300, "Quantity"), (-400, "Unit price"), (-520, "Amount"))
    title = Text(50, 225, "Invoice", 18)
    return a_pdf([*texts, title, *meta, *head, *rows_at(350, ROWS), *totals_at(450, TOTALS)])


def addressed_to(*lines: str) -> list[Text]:
    return [Text(50, 133 + 12 * n, line) for n, line in enumerate(lines)]


SENDER = (Text(350, 40, "Northwind Tools Ltd", 16), Text(350, 60, "1 Dock Road, London E1 6AN", 8))


@pytest.mark.parametrize(
    "text",
    [
        "vos prochaines factures ou",
        "and payable on receipt",
        "Your order of last week",
        "Ihre Bestellung im Mai",
        "Goods are ours until paid",
        "Wij doen het graag zelf.",
        "Thanks for the visit!",
    ],
)
def test_words_of_running_text_are_no_name(text: str) -> None:
    assert is_sentence(text)
    assert clean_name(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Your Carrier Ltd",
        "de Jong Installaties",
        "coolshop",
        "Theodor Est",
        "Müller Nachf.",
        "Acme Inc.",
        "Will & Sons",
        "Vos Logistics",
        "Our Lady Hospital",
        "Clinique Notre-Dame",
    ],
)
def test_a_name_with_unusual_words_stays_a_name(text: str) -> None:
    assert clean_name(text) == text


@pytest.mark.parametrize(
    "text", ["M DUPONT JEAN", "Herrn Max Muster", "Attn: J. Doe", "Geschäftsstelle Nord"]
)
def test_a_person_or_a_department_stands_beside_the_name(text: str) -> None:
    assert stands_beside_name(text)


@pytest.mark.parametrize("text", ["M Dietz GmbH", "Drage Tools", "Servicebund", "Mustermann"])
def test_a_name_that_begins_like_a_title_is_no_person(text: str) -> None:
    assert not stands_beside_name(text)


def test_a_name_runs_on_in_a_line_that_opens_with_a_joint_or_is_a_legal_form() -> None:
    assert runs_on("Muster", "& Sohn AG")
    assert runs_on("Muster und", "Sohn AG")
    assert runs_on("Muster Werkzeuge", "GmbH & Co. KG")
    assert not runs_on("Max Muster", "Sohn AG")


@pytest.mark.parametrize(
    ("name", "texts", "spelled"),
    [
        ("ACME LTD.", ("Acme Warehouse",), "Acme Ltd."),
        ("ACME CORPORATION", ("Sold to", "Acme Corp"), "Acme Corp"),
        ("ACME TOOLS GMBH", ("Acme Tools GmbH - Musterweg 1 - 12345 Ort",), "Acme Tools GmbH"),
        ("ACME LTD.", ("Acmeware", "the acme of it"), "ACME LTD."),
        ("LE CLIENT", ("Adresse du Client",), "LE CLIENT"),
        ("ACME TOOLS", ("Acme Works",), "ACME TOOLS"),
        ("IBM LTD", ("Ibm office",), "IBM LTD"),
        ("Acme ltd", ("Acme Ltd",), "Acme ltd"),
    ],
)
def test_capitals_give_way_to_the_mixed_case_of_the_page(
    name: str, texts: tuple[str, ...], spelled: str
) -> None:
    assert usual_spelling(name, texts) == spelled


def test_a_person_above_the_company_is_not_the_buyer() -> None:
    page = a_page(
        *SENDER,
        Text(50, 118, "Bill to:"),
        *addressed_to("Mr John Doe", "Acme Ltd", "5 High Street", "Leeds LS1 4AP"),
    )
    assert invoice_in(page).buyer.name == "Acme Ltd"


def test_a_person_without_company_is_the_buyer() -> None:
    page = a_page(
        *SENDER, Text(50, 118, "Bill to:"), *addressed_to("Mr John Doe", "5 High Street", "Leeds LS1 4AP")
    )
    assert invoice_in(page).buyer.name == "Mr John Doe"


def test_a_name_over_two_lines_is_put_together_and_its_place_holds_both() -> None:
    page = a_page(
        *SENDER,
        Text(50, 118, "Bill to:"),
        *addressed_to("Acme Widgets &", "Sons Ltd", "5 High Street", "Leeds LS1 4AP"),
    )
    invoice = invoice_in(page)
    assert invoice.buyer.name == "Acme Widgets & Sons Ltd"
    box = invoice.origins["buyer_name"].box
    assert box is not None
    assert box[3] - box[1] > 15


def test_a_company_below_another_name_is_not_joined_without_a_label() -> None:
    page = a_page(
        *SENDER,
        Text(50, 118, "Bill to:"),
        *addressed_to("Jane Doe", "Acme Ltd", "5 High Street", "Leeds LS1 4AP"),
    )
    assert invoice_in(page).buyer.name == "Jane Doe"


@pytest.mark.parametrize(
    ("above", "name"), [(137, "Acme Widgets Society Leeds Ltd"), (125, "Society Leeds Ltd")]
)
def test_lines_behind_a_name_label_are_joined_only_in_ordinary_spacing(above: int, name: str) -> None:
    buyer = (Text(50, 120, "Bill to:"), Text(50, 149, "Name:"), Text(200, 149, "Society Leeds Ltd"))
    assert invoice_in(a_page(*SENDER, *buyer, Text(200, above, "Acme Widgets"))).buyer.name == name


def test_an_addressee_abroad_is_found_under_the_senders_line() -> None:
    line = Text(50, 120, "Northwind Tools Ltd - 1 Dock Road - London E1 6AN", 7)
    address = addressed_to("Acme Trading", "93B Long Road", "Yuen Long, N.T.", "Hong Kong")
    assert invoice_in(a_page(*SENDER, line, *address)).buyer.name == "Acme Trading"


def test_a_postcode_that_touches_its_place_ends_an_address() -> None:
    invoice = invoice_in(a_page(*SENDER, *addressed_to("Theodor Est", "Bahnstr. 42", "88802Spielkreis")))
    assert invoice.buyer.name == "Theodor Est"


def test_an_addressee_is_never_taken_for_a_sender_that_is_missing() -> None:
    reading = read(a_page(*addressed_to("M DUPONT JEAN", "ACME SARL", "35 rue Haute", "69100 Villeurbanne")))
    assert reading.invoice is not None
    assert (reading.invoice.supplier.name, reading.invoice.buyer.name) == (None, "ACME SARL")
    assert ("missing_field", "supplier_name") in {(one.code, one.field) for one in reading.problems}


def test_a_plain_page_misses_no_name() -> None:
    assert read(an_invoice()).problems == ()
