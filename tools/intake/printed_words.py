"""Telephone numbers on a document, as they stand in its bytes and in what was read from it."""

from __future__ import annotations

from tools.domain.documents import Invoice, Reading
from tools.domain.telephone import numbers_in_markup, telephone_numbers
from tools.intake.classify import Kind, kind_of

_WRITTEN = (Kind.XML, Kind.HTML, Kind.TEXT)
_LONGEST = 2_000_000
"""Signs of a file that are looked through; a longer letter is nobody's."""


def numbers_on(content: bytes, reading: Reading) -> tuple[str, ...]:
    """Digits of what may be telephone numbers: those the reader found, those in the invoice's words, and
    those in a file that is text itself."""
    found = dict.fromkeys(reading.numbers)
    if reading.invoice is not None:
        found |= dict.fromkeys(telephone_numbers("\n".join(words_of(reading.invoice))))
    if kind_of(content) in _WRITTEN:
        found |= dict.fromkeys(numbers_in_markup(written_text(content)))
    return tuple(found)


def words_of(invoice: Invoice) -> list[str]:
    """Every text of the invoice as read."""
    found: list[str] = []
    waiting: list[object] = [invoice.model_dump(exclude={"origins"}, mode="json")]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, str):
            found.append(entry)
        elif isinstance(entry, dict):
            waiting += entry.values()
        elif isinstance(entry, list):
            waiting += entry
    return found


def written_text(content: bytes) -> str:
    """The text of a file that is text: UTF-8, or UTF-16 where every other byte of its beginning is zero;
    nothing for other files."""
    if kind_of(content) not in _WRITTEN:
        return ""
    return content.decode("utf-16" if b"\0" in content[:64] else "utf-8", "replace")[:_LONGEST]
