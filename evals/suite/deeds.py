"""Which changes of the books could happen in a case, right or wrong, worded as `book_changes` words them.

A forbidden pattern has to mean one of them: a pattern that no deed can ever match protects nothing. What can
be done is taken from the case alone: its documents, and the suppliers, documents, orders and receipts of its
company. It is a sample of what is possible, not all of it: quantities and prices are those of the records,
amounts those that stand in a document or come of its lines with signs or returns overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import product
from pathlib import PurePosixPath
from typing import Any

from evals.suite.book_changes import as_number
from tools.domain.documents import DocumentType, Invoice, Reading
from tools.domain.money import round_amount

_STATES = ("posted", "draft", "paid", "cancelled")
_KINDS = (DocumentType.INVOICE.value, DocumentType.CREDIT_NOTE.value)
_HOLDS = ("PRICE", "QUANTITY", "PAYMENT")
"""Besides those that the books know."""
_SUM = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,' ]?\d{3})*[.,]\d{2}(?!\d|[.,]\d)")
_NONE = Decimal(0)

Books = Mapping[str, Any]
"""A world of the sandbox ERP."""


def deeds(readings: Iterable[tuple[str, Reading]], books: Books, pages: Iterable[str] = ()) -> frozenset[str]:
    """Every change that documents (file, what was read of it) and books give occasion for. `pages`: texts
    that people see beside the data, whose amounts may be others."""
    shown = _in(list(pages))
    suppliers = [str(entry["supplier"]["supplier_id"]) for entry in books["suppliers"]]
    return frozenset(
        [
            *(line for file, reading in readings for line in _documents(file, reading, suppliers, shown)),
            *(line for standing in books.get("invoices", ()) for line in _standing(standing)),
            *(line for order in books.get("orders", ()) for line in _orders(order)),
            *(line for receipt in books.get("receipts", ()) for line in _receipts(receipt)),
        ]
    )


def spellings(number: str) -> tuple[str, ...]:
    """A document's number as it stands there, and as others write it: without signs between, in one case."""
    bare = re.sub(r"[\W_]", "", number)
    return tuple(dict.fromkeys((number, bare, number.upper(), number.lower(), bare.upper())))


def spelt(change: str) -> tuple[str, ...]:
    """A document's change line with its number in every other spelling."""
    found = re.fullmatch(r"(\S+ \S+ )(.+)( of \S+: .+)", change)
    others = spellings(found[2])[1:] if found else ()
    return tuple(f"{found[1]}{number}{found[3]}" for number in others) if found else ()


def _documents(file: str, reading: Reading, suppliers: list[str], shown: set[Decimal]) -> Iterator[str]:
    """Booked as billed for any supplier, whatever its state and kind; posted over any amount it gives
    occasion for. What has no number a person may book under any: here under its file's name."""
    invoice = reading.invoice
    number = invoice.number if invoice is not None else None
    number = number or PurePosixPath(file.rpartition("!")[2]).stem
    currency = invoice.currency if invoice is not None else "EUR"
    gross, tax = _totals(invoice)
    names = [f"{own} of {supplier}" for own, supplier in product(spellings(number), suppliers)]
    for state, kind, name in product(_STATES, _KINDS, names):
        yield f"{state} {kind} {name}: {_sum(gross, currency)}, tax {round_amount(tax, currency)}"
    for amount, kind, supplier in product(shown | _amounts(reading), _KINDS, suppliers):
        name, taxed = f"{number} of {supplier}", round_amount(tax, currency)
        yield f"posted {kind} {name}: {_sum(amount, currency)}, tax {taxed}"
    yield from (f"{word} of {name}: {why}" for word, name, why in product(("hold", "release"), names, _HOLDS))


def _sum(amount: Decimal, currency: str) -> str:
    return f"{round_amount(amount, currency)} {currency}"


def _totals(invoice: Invoice | None) -> tuple[Decimal, Decimal]:
    """Gross and tax, without their signs; 0 where they are not to be had."""
    both = (invoice.gross_total, invoice.tax_total) if invoice is not None else (None, None)
    gross, tax = (abs(money.amount) if money is not None else _NONE for money in both)
    return gross, tax


def _amounts(reading: Reading) -> set[Decimal]:
    """Without their signs."""
    return {*_in(reading.model_dump(mode="json")), *_without_signs(reading.invoice)}


def _in(value: Any) -> set[Decimal]:
    """Every amount of money and every one in a text, below a value of JSON."""
    if isinstance(value, Mapping):
        money = {abs(Decimal(value["amount"]))} if {*value} == {"amount", "currency"} else set[Decimal]()
        return money.union(*map(_in, value.values()))
    if isinstance(value, list):
        return set[Decimal]().union(*map(_in, value))
    if not isinstance(value, str):
        return set()
    return {Decimal(re.sub(r"\D", "", found)) / 100 for found in _SUM.findall(value)}


def _without_signs(invoice: Invoice | None) -> Iterator[Decimal]:
    """The gross sum of the lines where what is taken back is added instead, and where it is left out."""
    if invoice is None or invoice.net_total is None or not invoice.net_total.amount:
        return
    gross, _ = _totals(invoice)
    share = gross / abs(invoice.net_total.amount)
    nets = [line.net_amount.amount for line in invoice.lines if line.net_amount is not None]
    yield share * sum(map(abs, nets), _NONE)
    yield share * sum((net for net in nets if net > 0), _NONE)


def _standing(document: Mapping[str, Any]) -> Iterator[str]:
    """Of a document that is in the books: a hold that is set or lifted."""
    name = f"{document.get('supplier_number') or document.get('number')} of {document.get('supplier_id')}"
    reasons = dict.fromkeys((*_HOLDS, *document.get("holds", ())))
    yield from (f"{word} of {name}: {reason}" for word, reason in product(("hold", "release"), reasons))


def _orders(order: Mapping[str, Any]) -> Iterator[str]:
    """A line changed, cancelled or received as ordered; the order closed."""
    number = order["number"]
    yield f"order {number}: closed"
    for line in order.get("lines", ()):
        name, ordered = f"{number}/{line['line_id']}", as_number(str(line["ordered"]))
        price = as_number(str(line["unit_price"]["amount"]))
        yield f"order {name}: unit price {price}, ordered {ordered}"
        yield f"order {name}: unit price {price}, ordered {ordered}, cancelled"
        yield f"receipt for {name}: {ordered}"


def _receipts(receipt: Mapping[str, Any]) -> Iterator[str]:
    for line in receipt.get("lines", ()):
        name = f"{receipt['order_number']}/{line['order_line_id']}: {as_number(str(line['quantity']))}"
        yield from (f"{word}receipt for {name}" for word in ("", "changed ", "gone: "))
