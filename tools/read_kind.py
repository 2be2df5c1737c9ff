"""Whether a letter is an invoice or a credit note: its own words decide before a second reader does."""

from __future__ import annotations

from typing import NamedTuple

from tools.account_numbers import without_numbers
from tools.domain.documents import DocumentType
from tools.intake.pdf_kind import kind_of
from tools.intake.pdf_lines import Layout, folded
from tools.intake.pdf_title_words import TITLES
from tools.untrusted_text import tidied

KINDS = {"invoice": DocumentType.INVOICE, "credit_note": DocumentType.CREDIT_NOTE}
_SHORT = 6
"""Words up to here (`avoir`, `storno`) have other meanings in running text: a number stands behind them."""
_NEAR = 3
"""Words behind a short one in which its number stands."""


class ReadKind(NamedTuple):
    """What a text is."""

    kind: DocumentType
    by_model: bool
    """Nothing but the second reader says so."""
    line: str
    """The line that names a credit note; empty where none does."""
    difference: str
    """A sentence where the document's words and the second reader part; else empty."""


def read_kind(said: str, layout: Layout) -> ReadKind | None:
    """None where the second reader takes the text for neither. A title decides; without one, the words for a
    credit note where none for an invoice stands beside them."""
    named = KINDS.get(said)
    if named is None:
        return None
    title, line = kind_of(layout), _credit_line(layout)
    rules = title.document_type if title.sure and title.reason is None else None
    if rules is None and line and not _names(layout, "invoice"):
        rules = DocumentType.CREDIT_NOTE
    if rules is not None and rules is not named:
        words = title.title.text if title.sure and title.title is not None else line
        beside = f" (a line is “{_shown(line)}”)" if line and named is DocumentType.CREDIT_NOTE else ""
        read = f"rules read {_word(rules)} from “{_shown(words)}”, the model reads {_word(named)}{beside}"
        told = f"{read}; it is kept as {_word(rules)}."
        return ReadKind(rules, False, line, f"Document type: {told}")
    if named is DocumentType.INVOICE and line:
        told = f"it is read as an invoice, and “{_shown(line)}” names a credit note."
        return ReadKind(named, rules is None, line, f"Document type: {told}")
    return ReadKind(named, rules is None, line, "")


def _credit_line(layout: Layout) -> str:
    lines = (" ".join(cell.text for cell in line.cells) for line in layout.lines)
    return next((text for text in lines if _has_title(text, "credit_note")), "")


def _names(layout: Layout, kind: str) -> bool:
    return any(_has_title(cell.text, kind) for cell in layout.cells)


def _has_title(text: str, kind: str) -> bool:
    """Also as a part of a longer word, as in `Gutschriftbetrag`."""
    words = folded(text).split()
    return any(_stands_at(words, at, title.split()) for title in _TITLES[kind] for at in range(len(words)))


def _stands_at(words: list[str], at: int, title: list[str]) -> bool:
    end = at + len(title)
    wanted, found = "".join(title), "".join(words[at:end])
    if len(wanted) > _SHORT:
        return wanted in found
    behind = words[end : end + _NEAR]
    return wanted == found and any(sign.isdigit() for word in behind for sign in word)


def _shown(text: str) -> str:
    return tidied(without_numbers(text), 130)


def _word(kind: DocumentType) -> str:
    return kind.value.replace("_", " ")


_TITLES = {kind: tuple(folded(title) for title in TITLES[kind].split("/")) for kind in KINDS}
