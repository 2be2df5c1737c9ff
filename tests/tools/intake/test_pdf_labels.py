"""Labels of fields and amounts, and the values that belong to them."""

from __future__ import annotations

import pytest

from tests.tools.intake.pdf_builder import Text, a_pdf
from tools.intake.pdf_fields import identifier
from tools.intake.pdf_label_words import Field
from tools.intake.pdf_labels import meaning
from tools.intake.pdf_lines import Layout, lay_out
from tools.intake.pdf_names import clean_name, has_legal_form
from tools.intake.pdf_values import surest, values_of
from tools.intake.pdf_vocabulary import Label, label_of
from tools.intake.pdf_words import page_words


def a_layout(*texts: Text) -> Layout:
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(a_pdf(texts))
    try:
        return lay_out([page_words(document[0], 1)])
    finally:
        document.close()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Total", Label.GROSS),
        ("Total HT", Label.NET),
        ("Total TTC", Label.GROSS),
        ("TOTAL TVA", Label.TAX),
        ("Net à payer", Label.PAYABLE),
        ("Rechnungssumme ohne USt.", Label.NET),
        ("Brut tosumme", Label.GROSS),
        ("Summe Umsatzsteuer", Label.TAX),
        ("21% btw", Label.TAX),
        ("Totaal excl. btw", Label.NET),
        ("Totaalbedrag", Label.GROSS),
        ("Amount due", Label.PAYABLE),
        ("Previous unpaid balance", Label.OTHER),
        ("Übertrag", Label.OTHER),
        ("Imponibile", Label.NET),
        ("Totale fattura EUR", Label.GROSS),
        ("Base imponible", Label.BASE),
        ("IVA 21%", Label.TAX),
        ("Att betala", Label.PAYABLE),
        ("I alt DKK", Label.GROSS),
        ("Yhteensä", Label.GROSS),
        ("Razem netto", Label.NET),
        ("Razem brutto", Label.GROSS),
        ("Total com IVA", Label.GROSS),
        ("Erhaltene Anzahlungen", Label.PREPAID),
        ("Gesamtbetrag der Zuschläge", Label.CHARGE),
        ("Versandkosten USt. 19,00%", Label.TAX),
    ],
)
def test_a_label_of_an_amount_is_understood_by_its_words(text: str, label: Label) -> None:
    found = label_of(text)
    assert found is not None
    assert found[0] is label


@pytest.mark.parametrize(
    "text", ["Total Station rental", "the total is", "Date", "Payment Terms", "Totaliser", "Acme Ltd", "4711"]
)
def test_a_text_with_a_foreign_word_is_no_label(text: str) -> None:
    assert label_of(text) is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("FACTURE N° :", Field.NUMBER),
        ("Beleg-Nr", Field.NUMBER),
        ("Date d'échéance", Field.DUE),
        ("Förfallodatum", Field.DUE),
        ("Forfaldsdato", Field.DUE),
        ("P.O. Number", Field.ORDER),
        ("Käufer/Leistungsempfänger", Field.BUYER),
        ("N° TVA client", Field.BUYER_VAT),
        ("Lieferschein-Datum", Field.DELIVERED),
        ("Numer zamówienia", Field.ORDER),
    ],
)
def test_a_label_of_a_field_is_known_in_any_writing(text: str, field: Field) -> None:
    found = meaning(text)
    assert found is not None
    assert found[0] is field


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("INV-100", "INV-100"),
        ("(380) Nr. 471102 vom 15.11.2024", "471102"),
        ("FT 12", "FT 12"),
        ("# invoice_number_1", "invoice_number_1"),
        ("FV/12/2026 rest", "FV/12/2026"),
        ("15.11.2024", None),
        ("€ 12,50", None),
        ("see below", None),
    ],
)
def test_a_document_number_has_a_digit_and_is_no_date_or_amount(text: str, value: str | None) -> None:
    assert identifier(text) == value


@pytest.mark.parametrize(
    "texts",
    [
        (Text(50, 100, "Invoice number: A-1"),),
        (Text(50, 100, "Invoice number"), Text(200, 100, "A-1")),
        (Text(50, 100, "Invoice number"), Text(200, 100, "Date"), Text(50, 114, "A-1")),
    ],
    ids=["behind", "right", "below"],
)
def test_the_value_stands_behind_right_of_or_below_its_label(texts: tuple[Text, ...]) -> None:
    found = surest(values_of(a_layout(*texts), Field.NUMBER, identifier))
    assert found is not None
    assert found.value == "A-1"


def test_the_value_of_another_label_is_not_taken() -> None:
    layout = a_layout(Text(50, 100, "Invoice number"), Text(200, 100, "Customer no: 77"))
    assert surest(values_of(layout, Field.NUMBER, identifier)) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Au bon moulin SARL - 1242 chemin de l'olive - 84340 Malaucène", "Au bon moulin SARL"),
        ("Alphabet, Lilienthalallee 26, 80786 München", "Alphabet"),
        ("Contoso, Ltd.", "Contoso, Ltd."),
        ("Bellevue, WA 99501", None),
        ("Kundenstraße 15", None),
        ("80333 München", None),
        ("mail@example.com", None),
        ("+49 30 1234", None),
        ("Herr", None),
    ],
)
def test_a_name_ends_where_the_address_begins(text: str, name: str | None) -> None:
    assert clean_name(text) == name


@pytest.mark.parametrize(
    "text", ["Muster GmbH", "Bakker B.V.", "Rossi S.r.l.", "Nordbyg A/S", "Budex Sp. z o.o."]
)
def test_a_registered_company_is_known_by_its_form(text: str) -> None:
    assert has_legal_form(text)


@pytest.mark.parametrize("text", ["Musterstadt", "Delivery", "AG", "Limited offer today only"])
def test_other_words_are_no_legal_form(text: str) -> None:
    assert not has_legal_form(text)
