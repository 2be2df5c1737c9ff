"""The table of a statement that is a PDF with text: rows under the columns that its header names."""

from __future__ import annotations

from tools.intake.pdf_lines import Cell, Layout, Line, lay_out
from tools.intake.pdf_words import PageWords, page_words
from tools.intake.statement import NoStatement, Row, Sheet, find_header
from tools.intake.statement_columns import Column, column_of

_LEAST_WORDS = 5


def pdf_sheet(content: bytes, name: str) -> Sheet:
    """Rows of all pages; a repeated header starts the next page. Raises NoStatement."""
    layout = lay_out(_pages(content, name))
    if sum(len(line.cells) for line in layout.lines) < _LEAST_WORDS:
        raise NoStatement(
            f"{name} is a picture without text; ask the supplier for a CSV file or a PDF with text"
        )
    start, heads = find_header([[cell.text for cell in line.cells] for line in layout.lines])
    if heads is None:
        raise NoStatement(f"{name} shows no table whose header names an amount and a date or number")
    columns = [(column, layout.lines[start].cells[at]) for at, column in sorted(heads.items())]
    rows = [
        (line.index + 1, _row(line, columns)) for line in layout.lines[start + 1 :] if not _is_header(line)
    ]
    return Sheet(tuple((at, row) for at, row in rows if row), _above(layout, start))


def _pages(content: bytes, name: str) -> list[PageWords]:
    import pypdfium2 as pdfium  # loads the shared library

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError:
        raise NoStatement(f"{name} cannot be opened; ask the supplier to send it again") from None
    try:
        return [page_words(document[index], index + 1) for index in range(len(document))]
    except pdfium.PdfiumError:
        raise NoStatement(f"a page of {name} cannot be opened; ask for it again") from None
    finally:
        document.close()


def _row(line: Line, columns: list[tuple[Column, Cell]]) -> Row:
    """Each cell under the column whose head is nearest; several under one are joined."""
    row: Row = {}
    for cell in line.cells:
        column = min(columns, key=lambda entry: _distance(cell, entry[1]))[0]
        row[column] = f"{row[column]} {cell.text}" if column in row else cell.text
    return row


def _distance(cell: Cell, head: Cell) -> float:
    """Between left or right edges, whichever are nearer: figures stand flush right, words flush left."""
    return min(abs(cell.box.x0 - head.box.x0), abs(cell.box.x1 - head.box.x1))


def _is_header(line: Line) -> bool:
    return len(line.cells) > 1 and all(column_of(cell.text) is not None for cell in line.cells)


def _above(layout: Layout, start: int) -> str:
    return "\n".join(line.text for line in layout.lines[:start])
