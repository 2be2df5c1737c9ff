"""What kind of document the pages are: invoice, credit note, or something that is not booked.

The title decides: words at the top, in large print, alone in their cell. The same words in running text
or beside a number (`delivery note 4711`) say nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from tools.domain.documents import DocumentType
from tools.intake.pdf_lines import Cell, Layout, folded
from tools.intake.pdf_title_words import MESSAGES, TITLES

_WEAK = frozenset(
    folded(word).replace(" ", "")
    for word in (
        "statement",
        "receipt",
        "avis",
        "commande",
        "pedido",
        "bestellung",
        "offerte",
        "bill",
        "storno",
    )
)
"""Titles that real invoices carry as a word beside something else; they need larger print or the top."""
_LARGE = 1.22
"""Times the usual print from which words with a colon or number behind them are still a title."""
_SURE = 2
"""The score from which words are a title."""
_LISTS_INVOICES = frozenset({"statement", "reminder", "remittance_advice"})
_AMOUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:[., '’]?\d{3})*[.,]\d{2}(?![\d.,/-])")  # noqa: RUF001
_TITLE_ZONE = 0.45
"""Part of the first page in which a title stands."""


@dataclass(frozen=True, slots=True)
class Title:
    kind: str
    cell: Cell
    score: float


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """`reason` is set for documents that are no invoice; `sure` is false without any title."""

    document_type: DocumentType
    reason: str | None
    message: str | None
    sure: bool
    title: Cell | None = None


_BY_TITLE = {
    folded(title).replace(" ", ""): kind for kind, titles in TITLES.items() for title in titles.split("/")
}
_LONGEST_TITLE = 5


@lru_cache(maxsize=8192)
def _kind_named(text: str) -> str | None:
    return _BY_TITLE.get(folded(text).replace(" ", ""))


def kind_of(layout: Layout) -> DocumentKind:
    """The kind by the best title of the first page; without one, an invoice that is not sure."""
    titles = _without_rows(_titles(layout), layout)
    best = max(titles, key=lambda one: one.score, default=None)
    if best is None or best.score < _SURE:
        return DocumentKind(DocumentType.INVOICE, None, None, False)
    if best.kind in MESSAGES:
        rival = any(one.kind in ("invoice", "credit_note") and one.score >= best.score - 1 for one in titles)
        if not rival:
            return DocumentKind(DocumentType.INVOICE, best.kind, MESSAGES[best.kind], True, best.cell)
        return DocumentKind(DocumentType.INVOICE, None, None, False, best.cell)
    is_credit = best.kind == "credit_note"
    return DocumentKind(
        DocumentType.CREDIT_NOTE if is_credit else DocumentType.INVOICE, None, None, True, best.cell
    )


def _without_rows(titles: list[Title], layout: Layout) -> list[Title]:
    """Under the title of a document that lists invoices, `Factuur VD-2540 19-02-2026 345,00` is a row."""
    lists = [one for one in titles if one.kind in _LISTS_INVOICES and not _is_row(one, layout)]
    top = min((one.cell.box.y0 for one in lists if one.score >= _SURE), default=None)
    if top is None:
        return titles
    return [one for one in titles if one.cell.box.y0 <= top or not _is_row(one, layout)]


def _is_row(title: Title, layout: Layout) -> bool:
    """Whether an amount stands behind it."""
    line = layout.lines[title.cell.line]
    text = " ".join(cell.text for cell in line.cells if cell.box.x0 >= title.cell.box.x0)
    return _AMOUNT.search(text) is not None


def is_title(cell: Cell) -> bool:
    """Whether a cell begins with the name of a kind of document."""
    return _title_at_start(cell) is not None


def _titles(layout: Layout) -> list[Title]:
    if not layout.pages:
        return []
    first = [cell for cell in layout.cells if cell.page == layout.pages[0].number]
    usual = median(cell.size for cell in first) if first else 10.0
    found = []
    for cell in first:
        named = _title_at_start(cell)
        if named is not None and _names_other(layout, cell, named, usual):
            continue
        if named is not None and cell.box.y0 < _TITLE_ZONE * layout.height(cell.page):
            found.append(Title(named[0], cell, _score(cell, named[1], usual, layout)))
    return found


def _names_other(layout: Layout, cell: Cell, named: tuple[str, int], usual: float) -> bool:
    """`Lieferschein: L4711` on an invoice names another document: the label has a colon or a number."""
    if named[0] not in MESSAGES:
        return False
    if cell.size >= _LARGE * usual:
        return False
    if cell.words[named[1] - 1].text.endswith(":"):
        return True
    right = [one for one in layout.lines[cell.line].cells if one.box.x0 >= cell.box.x1]
    behind = " ".join(word.text for word in cell.words[named[1] :]) or (right[0].text if right else "")
    near = bool(cell.words[named[1] :]) or (bool(right) and right[0].box.x0 - cell.box.x1 < 25 * cell.size)
    return near and any(c.isdigit() for c in behind)


def _title_at_start(cell: Cell) -> tuple[str, int] | None:
    """The kind and how many words of the cell spell it; the longest title wins."""
    for last in range(min(len(cell.words), 12), 0, -1):
        text = " ".join(word.text for word in cell.words[:last])
        if last > _LONGEST_TITLE and max(len(word.text) for word in cell.words[:last]) > 2:
            continue
        kind = _kind_named(text)
        if kind is not None:
            return kind, last
    return None


def _score(cell: Cell, words: int, usual: float, layout: Layout) -> float:
    """Large print and standing alone speak for a title; more text behind it speaks against."""
    score = min(4.0, 2.5 * (cell.size / usual - 1.0) * 2)
    rest = cell.words[words:]
    text = " ".join(word.text for word in cell.words[:words])
    if not rest:
        score += 2 - (1 if text.endswith(":") else 0)
    elif any(c.isdigit() for word in rest[:3] for c in word.text) and len(rest) <= 6:
        score += 1.5
    else:
        score -= 1.5
    if text.isupper() or cell.words[0].text[:1].isupper():
        score += 0.5
    if folded(text).replace(" ", "") in _WEAK:
        score -= 1
    return score + 1.0 * (1 - cell.box.y0 / layout.height(cell.page))
