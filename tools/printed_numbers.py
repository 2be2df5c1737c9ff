"""Every number that came in with a document or its mail, so that none of them is called back."""

from __future__ import annotations

from typing import NamedTuple

from tools.archive import Archive, Mention
from tools.domain.identifiers import CaseId, compact
from tools.intake.printed_words import numbers_on, written_text

_LARGEST_LETTER = 200_000
"""Bytes of a file whose words are looked through again; scans are larger and hold none."""


class Printed(NamedTuple):
    """Digits of numbers on documents, with their mails."""

    near: frozenset[str]
    """On the case's own document, and on those that name the account."""
    elsewhere: frozenset[str]
    """On every other document that ever came in."""


class PrintedNumbers:
    """Looks through everything that came in, whatever became of it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def of(self, account: str, case_id: CaseId | None) -> Printed:
        """The numbers to keep away from in a call about an account (letters and digits only)."""
        near: set[str] = set()
        elsewhere: set[str] = set()
        for found in self._archive.mentions():
            is_near = found.case_id == case_id or self._names(found, account)
            (near if is_near else elsewhere).update(self._on(found))
        return Printed(frozenset(near), frozenset(elsewhere - near))

    def _names(self, found: Mention, account: str) -> bool:
        """Whether the document names the account: among those read from it, or in the words of a letter."""
        if any(compact(entry) == account for entry in found.accounts):
            return True
        return _is_letter(found) and account in compact(written_text(self._content(found)))

    def _on(self, found: Mention) -> set[str]:
        numbers = set(found.numbers or self._looked_up(found))
        mail = found.mail
        while mail is not None:
            numbers.update(mail.numbers)
            mail = mail.carrier
        return numbers

    def _looked_up(self, found: Mention) -> tuple[str, ...]:
        """Of a document that was read before its numbers were kept."""
        reading = self._archive.reading(found.document_id)
        if reading is None or not (found.is_invoice or _is_letter(found)):
            return ()
        return numbers_on(self._content(found), reading)

    def _content(self, found: Mention) -> bytes:
        return self._archive.document(found.document_id).content


def _is_letter(found: Mention) -> bool:
    return not found.is_invoice and found.size <= _LARGEST_LETTER
