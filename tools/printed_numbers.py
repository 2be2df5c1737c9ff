"""Every number on a document and in its mail, so that none of them is called back."""

from __future__ import annotations

import re

from tools.archive import Archive
from tools.case_list import CaseList, CaseSummary
from tools.domain.documents import Invoice
from tools.domain.identifiers import CaseId, SupplierId, compact
from tools.domain.telephone import telephone_numbers
from tools.intake.classify import Kind, kind_of

_TAG = re.compile(r"<[^>]{0,2000}>")


class PrintedNumbers:
    """Looks through what came in from a supplier."""

    def __init__(self, archive: Archive, cases: CaseList) -> None:
        self._archive = archive
        self._cases = cases

    def of(self, supplier_id: SupplierId, account: str, case_id: CaseId | None) -> set[str]:
        """Digits of all numbers on the documents of the supplier that name the account, and on the case's
        own, with their mails."""
        found: set[str] = set()
        for case in self._cases.all():
            theirs = case.supplier_id == supplier_id and self._names(case, account)
            if theirs or case.case_id == case_id:
                found |= self._on(case)
        return found

    def _names(self, case: CaseSummary, account: str) -> bool:
        reading = self._archive.reading(case.document_id)
        invoice = reading.invoice if reading else None
        printed = (*invoice.ibans, *invoice.other_accounts) if invoice else ()
        return any(compact(entry) == account for entry in printed)

    def _on(self, case: CaseSummary) -> set[str]:
        reading = self._archive.reading(case.document_id)
        content = self._archive.document(case.document_id).content
        found = set(reading.numbers if reading else ())
        if reading is not None and reading.invoice is not None:
            found.update(telephone_numbers("\n".join(_words(reading.invoice))))
        if kind_of(content) is Kind.XML:
            found.update(telephone_numbers(_TAG.sub("\n", _text(content))))
        mail = reading.mail if reading else None
        while mail is not None:
            found.update(mail.numbers)
            mail = mail.carrier
        return found


def _words(invoice: Invoice) -> list[str]:
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


def _text(content: bytes) -> str:
    """XML is UTF-8, or UTF-16 where every other byte of its beginning is zero."""
    return content.decode("utf-16" if b"\0" in content[:64] else "utf-8", "replace")
