"""Keys under which an earlier document is found again: each names what two copies would share.

A key is 63 bits of a hash: small in an index. Two documents that share a key by chance are told apart by the
rules, which look at the documents themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tools.domain.identifiers import SupplierId
from tools.domain.legal_forms import LEGAL_FORMS
from tools.matching.document_print import DocumentPrint, PrintedLine
from tools.matching.invoice_numbers import lookalike_numbers, printed_key
from tools.matching.number_readings import dated_numbers, parts_of

VERSION = 5
"""Goes up whenever a key of the same document changes: registers of an older version are built anew."""
_MOST_LINES = 3


class Kind(StrEnum):
    NUMBER = "number"
    """Sender and number, letters that look like digits read as digits."""
    AMOUNT = "amount"
    """Sender, gross amount and currency."""
    ANYWHERE = "anywhere"
    """Number, amount and currency, whoever sent it and to whichever company of ours."""
    ORDER = "order"
    PRECEDING = "preceding"
    """Sender and the number of the invoice it corrects."""
    SENDER = "sender"
    """The supplier alone, once decided: how they number."""
    LINE = "line"
    """Sender, quantity and amount of one of its largest lines."""


@dataclass(frozen=True, slots=True)
class Key:
    kind: Kind
    code: int


def _key(kind: Kind, *parts: object) -> Key:
    text = "\x1f".join(map(str, (kind.value, *parts)))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return Key(kind, int.from_bytes(digest, "big") >> 1)


def register_keys(paper: DocumentPrint, supplier_id: SupplierId | None = None) -> frozenset[Key]:
    """Under what a document is kept."""
    return frozenset(_keys(paper, _senders(paper, supplier_id), paper.preceding))


def supplier_keys(paper: DocumentPrint, supplier_id: SupplierId) -> frozenset[Key]:
    """What is added once the supplier is decided."""
    return frozenset(_of_sender(paper, f"id:{supplier_id}", paper.preceding))


def search_keys(
    paper: DocumentPrint, supplier_id: SupplierId, ibans: Collection[str] = (), vat_id: str = ""
) -> frozenset[Key]:
    """Under what its earlier copies may be kept. `ibans` and `vat_id`: from master data, for documents that
    do not print them."""
    known = paper.model_copy(
        update={
            "ibans": tuple(dict.fromkeys((*paper.ibans, *ibans))),
            "vat_id": paper.vat_id or vat_id,
        }
    )
    senders = _senders(known, supplier_id)
    found = {*_keys(known, senders, known.preceding)}
    for sender in senders:
        found.update(_of_number(Kind.PRECEDING, sender, paper.number))
        if paper.preceding:
            found.update(_of_number(Kind.NUMBER, sender, paper.preceding))
    return frozenset(found)


def _senders(paper: DocumentPrint, supplier_id: SupplierId | None) -> tuple[str, ...]:
    name = folded_name(paper.supplier_name)
    return (
        *((f"id:{supplier_id}",) if supplier_id else ()),
        *((f"vat:{paper.vat_id}",) if paper.vat_id else ()),
        *((f"name:{name}",) if name else ()),
        *(f"iban:{iban}" for iban in paper.ibans),
    )


def _keys(paper: DocumentPrint, senders: Collection[str], preceding: str) -> Iterator[Key]:
    for sender in senders:
        yield from _of_sender(paper, sender, preceding)
    if paper.number and paper.gross is not None:
        for form in lookalike_numbers(paper.number):
            yield _key(Kind.ANYWHERE, form, _figure(paper.gross.amount), paper.gross.currency)
    for order in paper.orders:
        yield _key(Kind.ORDER, order)


def _of_number(kind: Kind, sender: str, number: str) -> Iterator[Key]:
    """One key for each form in which two spellings of a number can agree."""
    for form in lookalike_numbers(number):
        yield _key(kind, sender, form)
    yield _key(kind, sender, "printed", printed_key(number))
    for year, running in dated_numbers(number):
        yield _key(kind, sender, "dated", year, running)
    if (parts := parts_of(number)) is not None:
        yield _key(kind, sender, "parts", *parts.letters, parts.digits)


def _of_sender(paper: DocumentPrint, sender: str, preceding: str) -> Iterator[Key]:
    if paper.number:
        yield from _of_number(Kind.NUMBER, sender, paper.number)
    if sender.startswith("iban:"):
        return
    if sender.startswith("id:"):
        yield _key(Kind.SENDER, sender)
    if paper.gross is not None:
        yield _key(Kind.AMOUNT, sender, _figure(paper.gross.amount), paper.gross.currency)
    if preceding:
        yield from _of_number(Kind.PRECEDING, sender, preceding)
    if len(paper.lines) > 1 and not sender.startswith("id:"):
        for line in sorted(paper.lines, key=_size, reverse=True)[:_MOST_LINES]:
            yield _key(Kind.LINE, sender, _figure(line.quantity), _figure(line.amount))


def _size(line: PrintedLine) -> Decimal:
    return abs(line.amount or Decimal(0))


def _figure(value: Decimal | None) -> str:
    """Without sign and trailing zeros."""
    return "" if value is None else f"{abs(value).normalize():f}"


def folded_name(name: str) -> str:
    """The words of a firm's name without its legal form, in their order."""
    words = "".join(sign for sign in name.casefold() if sign.isalnum() or sign.isspace()).split()
    return " ".join(word for word in words if word not in LEGAL_FORMS)
