"""What counts as a word on the page, and how words come together in lines and cells."""

from __future__ import annotations

import pytest

from tests.tools.intake.pdf_builder import HEIGHT, Text, a_pdf
from tools.intake.pdf_lines import Layout, folded, lay_out
from tools.intake.pdf_words import page_words


def layout_of(content: bytes) -> Layout:
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(content)
    try:
        return lay_out([page_words(document[index], index + 1) for index in range(len(document))])
    finally:
        document.close()


def test_a_word_has_its_box_in_points_from_the_top_left_corner() -> None:
    (line,) = layout_of(a_pdf([Text(100, 200, "Total")])).lines
    box = line.box
    assert 99 < box.x0 < 101
    assert 188 < box.y0 < 195 < 198 < box.y1 < 205
    assert 115 < box.x1 < 130


def test_a_page_turned_by_its_own_entry_is_read_as_it_is_seen() -> None:
    (line,) = layout_of(a_pdf([Text(100, 200, "Total due")], rotate=90, turned=True)).lines
    assert line.text == "Total due"
    assert 99 < line.box.x0 < 101
    assert 188 < line.box.y0 < line.box.y1 < 205


def test_text_that_stands_on_its_side_is_left_out() -> None:
    assert layout_of(a_pdf([Text(100, 200, "Margin note")], rotate=90)).lines == ()


@pytest.mark.parametrize(
    "text",
    [
        Text(100, 200, "x", white=True),
        Text(100, 200, "x", invisible=True),
        Text(100, 200, "x", size=1),
        Text(100, HEIGHT + 50, "x"),
        Text(-200, 200, "x"),
    ],
    ids=["white", "invisible", "tiny", "below the page", "left of the page"],
)
def test_text_that_nobody_sees_is_left_out(text: Text) -> None:
    assert layout_of(a_pdf([text])).lines == ()


def test_a_wide_gap_begins_a_new_cell() -> None:
    page = [Text(50, 100, "Net total"), Text(300, 100, "200.00")]
    (line,) = layout_of(a_pdf(page)).lines
    assert [cell.text for cell in line.cells] == ["Net total", "200.00"]


def test_lines_come_in_reading_order_whatever_the_file_order() -> None:
    page = [Text(50, 300, "third"), Text(200, 100, "second"), Text(50, 100, "first")]
    assert [line.text for line in layout_of(a_pdf(page)).lines] == ["first  second", "third"]


def test_a_word_drawn_twice_for_weight_is_one_word() -> None:
    page = [Text(50, 100, "Total"), Text(50.4, 100, "Total")]
    assert [line.text for line in layout_of(a_pdf(page)).lines] == ["Total"]


@pytest.mark.parametrize(
    ("text", "same"),
    [("Facture N° :", "facture no"), ("Fällig", "fallig"), ("Straße", "strasse"), ("BELØB", "belob")],
)
def test_labels_are_compared_without_accents_and_punctuation(text: str, same: str) -> None:
    assert folded(text) == same
