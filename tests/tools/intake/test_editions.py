"""The same invoice in two files of one mail is booked once, and nothing disappears."""

from __future__ import annotations

from tests.tools.intake.samples import a_document, codes, read, ubl
from tools.domain.documents import DocumentFormat, Reading, ReadingState
from tools.intake.editions import Pair, select_originals


def pair(name: str, *replacements: tuple[str, str], format: DocumentFormat = DocumentFormat.UBL) -> Pair:
    reading = read(ubl(*replacements))
    return a_document(b"", name), reading.model_copy(update={"format": format})


def states(pairs: list[Pair]) -> list[tuple[str, str | None]]:
    return [(document.name, reading.reason) for document, reading in pairs]


def test_the_xml_is_the_original_and_the_page_text_the_other_edition() -> None:
    found = select_originals([pair("a.pdf", format=DocumentFormat.TEXT_PDF), pair("a.xml")])
    assert states(found) == [("a.pdf", "other_edition"), ("a.xml", None)]
    assert found[0][1].state is ReadingState.NOT_AN_INVOICE
    assert "a.xml" in (found[0][1].message or "")


def test_among_structured_editions_the_first_one_counts() -> None:
    found = select_originals([pair("a.pdf", format=DocumentFormat.HYBRID_PDF), pair("a.xml")])
    assert states(found) == [("a.pdf", None), ("a.xml", "other_edition")]


def test_an_edition_that_differs_leaves_a_warning_on_the_original() -> None:
    found = select_originals([pair("a.xml"), pair("b.xml", ("2026-03-01", "2026-03-05"))])
    assert states(found) == [("a.xml", None), ("b.xml", "other_edition")]
    assert "editions_differ" in codes(found[0][1])


def test_three_editions_leave_one_invoice() -> None:
    found = select_originals([pair("a.xml"), pair("b.xml"), pair("c.xml")])
    assert [reason for _, reason in states(found)] == [None, "other_edition", "other_edition"]


def test_another_number_total_or_supplier_is_another_invoice() -> None:
    others = [
        pair("b.xml", ("INV-1", "INV-2")),
        pair("c.xml", (">121.00<", ">122.00<")),
        pair("d.xml", ("Brackets BV", "Screws AG"), ("NL810462783B01", "DE136695976")),
    ]
    found = select_originals([pair("a.xml"), *others])
    assert [reason for _, reason in states(found)] == [None] * 4


def test_a_mistyped_vat_id_does_not_make_another_supplier() -> None:
    found = select_originals([pair("a.xml"), pair("b.xml", ("NL810462783B01", "NL810462784B01"))])
    assert states(found)[1] == ("b.xml", "other_edition")


def test_what_is_no_invoice_is_left_alone() -> None:
    text: Reading = read(b"general terms")
    found = select_originals([(a_document(b""), text), pair("a.xml")])
    assert found[0][1] == text
