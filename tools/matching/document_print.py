"""What two documents are compared by when one may be a copy of the other: a few fields of each, small enough
to keep one for every document that ever came in."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import date

from tools.domain.documents import DocumentType, Invoice, InvoiceLine, Record
from tools.domain.identifiers import compact
from tools.domain.money import Exact, Money
from tools.matching.service_periods import periods_in

_MOST_LINES = 30
_SKETCH = 48
"""Smallest hashes kept of a document's words: exact for up to 48 different words, an estimate beyond."""
_PERIOD_NOTE = re.compile(r"zeitraum|period|périod|leistung|service|monat|month|mois|maand|mese|mes\b", re.I)


class PrintedLine(Record):
    """One line as far as it tells what was delivered."""

    order: str = ""
    """The order it names, or the document's, letters and digits only."""
    marks: tuple[str, ...] = ()
    """Order line and item numbers on the line, letters and digits only."""
    quantity: Exact | None = None
    amount: Exact | None = None
    text: str = ""


class DocumentPrint(Record):
    """The comparable part of a document. `gross` is positive for invoices and for credit notes however they
    print it, negative only for an invoice below zero."""

    company: str = ""
    """The company of ours that it was received for; empty where it is not known."""
    document_type: DocumentType | None = None
    type_code: str | None = None
    number: str = ""
    invoice_date: date | None = None
    gross: Money | None = None
    supplier_name: str = ""
    vat_id: str = ""
    ibans: tuple[str, ...] = ()
    order: str = ""
    """The order that the document as a whole names, letters and digits only."""
    preceding: str = ""
    """The number of the invoice it corrects or credits."""
    periods: tuple[str, ...] = ()
    lines: tuple[PrintedLine, ...] = ()
    words: tuple[int, ...] = ()
    """Smallest 32-bit hashes of the words and figures on its lines, ascending."""

    @property
    def orders(self) -> frozenset[str]:
        return frozenset(filter(None, (self.order, *(line.order for line in self.lines))))

    @property
    def is_credit(self) -> bool:
        """Gives money back: a credit note, or an invoice below zero."""
        if self.document_type is DocumentType.CREDIT_NOTE:
            return True
        return self.gross is not None and self.gross.amount < 0


def print_of(invoice: Invoice, company: str = "") -> DocumentPrint:
    """The print of a document that `company` of ours received."""
    texts = [line.description or "" for line in invoice.lines]
    notes = [note for note in invoice.notes if _PERIOD_NOTE.search(note)]
    gross = invoice.gross_total
    if gross is not None and invoice.is_credit_note:
        gross = abs(gross)
    return DocumentPrint(
        company=company,
        document_type=invoice.document_type,
        type_code=invoice.type_code,
        number=(invoice.number or "").strip(),
        invoice_date=invoice.issue_date,
        gross=gross,
        supplier_name=invoice.supplier.name or "",
        vat_id=compact(invoice.supplier.vat_id or ""),
        ibans=tuple(dict.fromkeys(compact(iban) for iban in invoice.ibans)),
        order=compact(invoice.order_number or ""),
        preceding=(invoice.preceding_invoice or "").strip(),
        periods=periods_in((*texts, *notes), invoice.issue_date),
        lines=tuple(_line(line, invoice) for line in invoice.lines[:_MOST_LINES]),
        words=_sketch(invoice),
    )


def _line(line: InvoiceLine, invoice: Invoice) -> PrintedLine:
    marks = (line.order_line_ref, line.buyer_item_id, line.supplier_item_id, line.gtin)
    return PrintedLine(
        order=compact(line.order_number or invoice.order_number or ""),
        marks=tuple(dict.fromkeys(compact(mark) for mark in marks if mark)),
        quantity=line.quantity,
        amount=line.net_amount.amount if line.net_amount else None,
        text=" ".join(_words(line.description or ""))[:60],
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _sketch(invoice: Invoice) -> tuple[int, ...]:
    hashes = {zlib.crc32(word.encode()) for line in invoice.lines for word in _line_words(line)}
    return tuple(sorted(hashes)[:_SKETCH])


def _line_words(line: InvoiceLine) -> Iterator[str]:
    yield from _words(line.description or "")
    amount = None if line.net_amount is None else line.net_amount.amount
    for name, figure in (("q", line.quantity), ("a", amount)):
        if figure is not None:
            yield f"{name}{figure.normalize():f}"


def likeness(one: DocumentPrint, two: DocumentPrint) -> float:
    """Share of the words and figures of both that stand on both, 0 to 1 (Jaccard; estimated from the
    smallest hashes of the union where documents are long)."""
    left, right = set(one.words), set(two.words)
    union = sorted(left | right)[:_SKETCH]
    return sum(word in left and word in right for word in union) / len(union) if union else 0.0
