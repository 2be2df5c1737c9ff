"""A PDF's text layer → Reading: layout, labels, arithmetic. No model and no picture is asked.

The rule above all: a total is reported without a problem only where arithmetic proves it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tools.domain.documents import DocumentFormat, Reading, ReadingState
from tools.domain.money import is_currency
from tools.intake.limits import no_invoice, unreadable
from tools.intake.pdf_amount_rows import LabelledAmount, breakdowns, labelled_amounts
from tools.intake.pdf_amounts import Convention, convention_shown, numerals, read, usual_convention
from tools.intake.pdf_currency import currency_of
from tools.intake.pdf_dates import DateOrder, date_order
from tools.intake.pdf_evidence import Evidence, Totals
from tools.intake.pdf_fields import (
    ambiguous_date,
    dates_of,
    invoice_number,
    lonely_date,
    order_reference,
    titled_date,
)
from tools.intake.pdf_identifiers import ibans
from tools.intake.pdf_invoice import Findings, invoice_of, problems_of
from tools.intake.pdf_kind import kind_of
from tools.intake.pdf_label_words import Field
from tools.intake.pdf_language import language_of, usual_date_order
from tools.intake.pdf_lines import Layout, lay_out
from tools.intake.pdf_parties import find_parties
from tools.intake.pdf_tables import TableLine, table_lines
from tools.intake.pdf_totals import decide_totals
from tools.intake.pdf_values import Value
from tools.intake.pdf_vocabulary import Label, names_tax
from tools.intake.pdf_words import PageWords, page_words
from tools.intake.readable_text import may_be_invoice, of_pages

_FORMAT = DocumentFormat.TEXT_PDF
_MOST_PAGES = 50
"""Pages that are laid out; a longer document is read from its first and last ones."""
_LEAST_WORDS = 5
"""A page with fewer visible words is a picture with a stamp on it."""


def read_text_pdf(content: bytes, name: str) -> Reading:
    """The invoice that the pages of a PDF show, with every doubt as a problem.

    `name` is for messages. States: INVOICE; NOT_AN_INVOICE with the kind as reason; UNREADABLE
    (`image_needs_ocr`, `damaged`). Embedded XML is not looked at.
    """
    import pypdfium2 as pdfium  # loads the shared library

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError:
        return unreadable("damaged", f"{name} cannot be opened. Ask the supplier to send it again.", _FORMAT)
    try:
        pages = _pages(document)
    except pdfium.PdfiumError:
        return unreadable("damaged", f"A page of {name} cannot be opened. Ask for a new file.", _FORMAT)
    finally:
        document.close()
    return read_pages(pages)


def _pages(document: pdfium.PdfDocument) -> list[PageWords]:  # type: ignore[name-defined]  # noqa: F821
    count = len(document)
    half = _MOST_PAGES // 2
    indexes = range(count) if count <= _MOST_PAGES else [*range(half), *range(count - half, count)]
    found = []
    for index in indexes:
        page = document[index]
        found.append(page_words(page, index + 1))
        page.close()
    return found


def read_pages(pages: list[PageWords]) -> Reading:
    """The reading of pages whose words are known."""
    layout = lay_out(pages)
    if sum(len(page.words) for page in pages) < _LEAST_WORDS:
        return unreadable(
            "image_needs_ocr",
            "The PDF is a picture without text. It needs text recognition or a person to key it in.",
            _FORMAT,
        )
    kind = kind_of(layout)
    if kind.reason is not None:
        return no_invoice(kind.reason, kind.message or "The document is not an invoice.", _FORMAT)
    findings = _findings(layout)
    if not _speaks_of_money(findings):
        found = no_invoice("no_invoice_found", "The pages show no invoice number and no total.", _FORMAT)
        if not may_be_invoice(layout.text):
            return found
        return found.model_copy(update={"text": of_pages(layout, findings.ibans)})
    invoice = invoice_of(findings, kind)
    return Reading(
        state=ReadingState.INVOICE,
        format=_FORMAT,
        invoice=invoice,
        problems=problems_of(findings, kind),
        text=of_pages(layout, findings.ibans),
    )


def _speaks_of_money(findings: Findings) -> bool:
    return findings.number is not None or findings.totals.gross is not None


def _findings(layout: Layout) -> Findings:
    language = language_of(layout.text)
    currency = currency_of(layout, language)
    code = currency.text if currency is not None and is_currency(currency.text) else None
    order = date_order((cell.text for cell in layout.cells), usual_date_order(language, code, layout.text))
    convention = convention_shown(layout.cells) or usual_convention(language, code)
    lines, totals = _figures(layout, convention)
    number = invoice_number(layout)
    issued = _issue_date(layout, order)
    return Findings(
        layout=layout,
        parties=find_parties(layout),
        number=number,
        issued=issued,
        unread_issued=None if issued is not None else ambiguous_date(layout, Field.ISSUED, order),
        due=_due_date(layout, order, issued.value if issued is not None else None),
        currency=currency if code is not None else None,
        order=order_reference(layout, number.value if number is not None else None),
        ibans=tuple(ibans(layout)),
        lines=tuple(lines),
        totals=totals,
    )


def _issue_date(layout: Layout, order: DateOrder | None) -> Value[date] | None:
    found = list(dates_of(layout, Field.ISSUED, order))
    titled = titled_date(layout, order)
    found.extend(one for one in (titled, lonely_date(layout, order)) if one is not None)
    return max(found, key=lambda one: (one.strength, -one.cell.line), default=None)


def _due_date(layout: Layout, order: DateOrder | None, issued: date | None) -> Value[date] | None:
    found = [one for one in dates_of(layout, Field.DUE, order) if issued is None or one.value >= issued]
    # In a sentence the cash discount is named with its own, earlier day.
    return max(found, key=lambda one: (one.strength if one.strength > 5 else 0, one.value), default=None)


def _figures(layout: Layout, convention: Convention | None) -> tuple[list[TableLine], Totals]:
    """Lines and totals; where the document shows no decimal sign, the one under which the totals add up."""
    first = _figures_in(layout, convention)
    if convention is not None or not first[1].problems:
        return first
    trials = [_figures_in(layout, one) for one in Convention]
    proven = [one for one in trials if not one[1].problems and one[1].gross is not None]
    if len(proven) == 1 or (len(proven) == 2 and _same_total(proven[0][1], proven[1][1])):
        return proven[0]
    return first


def _same_total(left: Totals, right: Totals) -> bool:
    return left.gross is not None and right.gross is not None and left.gross.value == right.gross.value


def _figures_in(layout: Layout, convention: Convention | None) -> tuple[list[TableLine], Totals]:
    lines = table_lines(layout, convention)
    amounts = _outside_table(labelled_amounts(layout, convention), lines)
    largest = _largest(layout, convention)
    evidence = Evidence(
        amounts=tuple(amounts),
        rows=tuple(breakdowns(layout, convention)),
        line_sum=_line_sum(lines) if all(line.proven for line in lines) else None,
        lines_read=_line_sum(lines),
        names_tax=names_tax(layout.text),
        printed=frozenset(_printed(layout, convention)),
        rates=tuple(_rates(layout, convention)),
        largest=largest,
    )
    return lines, decide_totals(evidence)


def _outside_table(amounts: list[LabelledAmount], lines: list[TableLine]) -> list[LabelledAmount]:
    """Without the figures between the first and the last line: what is labelled there (`Gross: 7.00`, a
    column head `Total`) belongs to one line. Only tables whose lines prove themselves hide anything."""
    proven = [line for line in lines if line.proven]
    if not proven:
        return amounts
    first, last = proven[0].head, proven[-1].anchor
    return [one for one in amounts if not first < one.numeral.cell.line <= last]


def _line_sum(lines: list[TableLine]) -> Decimal | None:
    return sum((line.amount for line in lines), Decimal(0)) if lines else None


def _printed(layout: Layout, convention: Convention | None) -> Iterator[Decimal]:
    for cell in layout.cells:
        for one in numerals(cell):
            value = read(one, convention)
            if value is not None and not one.percent and one.currency is not None:
                yield value


def _rates(layout: Layout, convention: Convention | None) -> Iterator[Decimal]:
    for cell in layout.cells:
        for one in numerals(cell):
            rate = read(one, convention) if one.percent else None
            if rate is not None:
                yield rate


def _largest(layout: Layout, convention: Convention | None) -> LabelledAmount | None:
    """The largest amount with a currency sign, for documents that label nothing."""
    found = [
        LabelledAmount(Label.GROSS, 0, value, one)
        for cell in layout.cells
        for one in numerals(cell)
        if one.currency is not None and (value := read(one, convention)) is not None
    ]
    return max(found, key=lambda one: abs(one.value or Decimal(0)), default=None)
