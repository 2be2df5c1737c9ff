"""Earlier invoices: by key, and all of them or those that changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from tools.domain.decision import InvoiceKey, Posting
from tools.erp.exact import mapping, wire, wire_ledger
from tools.erp.exact.directory import Directory
from tools.erp.exact.odata import Query, guid, letter_cases, moment, queries_for, text
from tools.erp.exact.session import Session, parsed

_PAGE = 60
"""Rows of a page of entries: as many suppliers and payments are asked for together."""
R = TypeVar("R", wire.Entry, wire.LogisticsInvoice)
Row = wire.Entry | wire.LogisticsInvoice
Marks = set[tuple[object, ...]]


class History:
    def __init__(self, session: Session, directory: Directory, *, logistics: bool) -> None:
        """`logistics`: whether there is a module that has invoices of its own."""
        self._session = session
        self._directory = directory
        self._logistics = logistics

    async def of_keys(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        """Asked by number alone, entries and invoices of the logistics module beside each other; paired with
        suppliers here."""
        constants = [text(case) for key in keys for case in letter_cases(key.number.strip())]
        others = queries_for(wire.LogisticsInvoice, "YourRef", constants) if self._logistics else []
        entries, invoices = await asyncio.gather(
            self._session.read(wire.Entry, queries_for(wire.Entry, "YourRef", constants), "earlier invoices"),
            self._session.read(wire.LogisticsInvoice, others, "invoices of logistics"),
        )
        unique: dict[str, Row] = {row.id: row for row in entries}
        unique |= {row.id: row for row in _not_among(_marks_of(entries), invoices)}
        held: dict[tuple[object, ...], list[Posting]] = {}
        for posting in await self._postings(list(unique.values())):
            held.setdefault(_identity(posting), []).append(posting)
        found = {key: held.get(_wanted(key), []) for key in keys}
        return {key: postings for key, postings in found.items() if postings}

    async def since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        """Without a moment the payments are read once, a thousand a call, before the entries; with one, those
        of the entries that changed."""
        changed = None if changed_since is None else f"Modified gt {moment(changed_since)}"
        paid, seen = None, Marks()
        if changed is None:
            query = Query(wire_ledger.Payment)
            paid = mapping.settled(await self._session.read(wire_ledger.Payment, [query], "payments"))
        async for entries in self._parts(wire.Entry, changed):
            seen |= _marks_of(entries)
            for posting in await self._postings(entries, paid):
                yield posting
        if not self._logistics:
            return
        async for invoices in self._parts(wire.LogisticsInvoice, changed):
            if changed is not None:
                seen |= await self._marks_under(invoices)
            for posting in await self._postings(_not_among(seen, invoices), paid):
                yield posting

    async def _marks_under(self, invoices: Sequence[wire.LogisticsInvoice]) -> Marks:
        """Of the entries under these references: they may have changed at another moment."""
        references = [row.your_ref for row in invoices if row.your_ref and row.status != mapping.DRAFT]
        constants = [text(case) for each in references for case in letter_cases(each)]
        queries = queries_for(wire.Entry, "YourRef", constants)
        return _marks_of(await self._session.read(wire.Entry, queries, "entries of logistics"))

    async def _parts(self, entity: type[R], filter_: str | None) -> AsyncIterator[list[R]]:
        part: list[R] = []
        async for row in self._session.pages(Query(entity, filter_), "invoice history"):
            part.append(parsed(entity, row))
            if len(part) == _PAGE:
                yield part
                part = []
        if part:
            yield part

    async def _postings(self, rows: Sequence[Row], paid: frozenset[str] | None = None) -> list[Posting]:
        if not rows:
            return []
        entries = [row for row in rows if isinstance(row, wire.Entry)]
        codes, periods, settled = await asyncio.gather(
            self._directory.codes({row.supplier for row in rows}),
            self._directory.periods.all(),
            self._paid(entries) if paid is None else _known(paid),
        )
        return [
            mapping.entry(row, codes.get(row.supplier), periods, settled)
            if isinstance(row, wire.Entry)
            else mapping.logistics_invoice(row, codes.get(row.supplier))
            for row in rows
        ]

    async def _paid(self, entries: Iterable[wire.Entry]) -> frozenset[str]:
        queries = queries_for(
            wire_ledger.Payment, "TransactionEntryID", [guid(entry.id) for entry in entries]
        )
        return mapping.settled(await self._session.read(wire_ledger.Payment, queries, "payments"))


async def _known(paid: frozenset[str]) -> frozenset[str]:
    return paid


def _identity(posting: Posting) -> tuple[object, ...]:
    return posting.supplier_id, posting.document_type, (posting.supplier_number or "").casefold()


def _wanted(key: InvoiceKey) -> tuple[object, ...]:
    return key.supplier_id, key.document_type, key.number.strip().casefold()


def _marks_of(entries: Iterable[wire.Entry]) -> Marks:
    found = Marks()
    for row in entries:
        if row.status != mapping.REJECTED:
            found |= set(_marks(row, row.entry_date))
    return found


def _marks(row: Row, day: date | None) -> tuple[tuple[object, ...], ...]:
    """Two ways to tell that an entry and an invoice of the logistics module are one document; that they share
    the entry number is not published."""
    reference = row.your_ref.casefold()
    return (
        ("number", row.supplier, reference, row.number),
        ("amount", row.supplier, reference, day, row.currency, row.amount),
    )


def _not_among(known: Marks, invoices: Iterable[wire.LogisticsInvoice]) -> list[wire.LogisticsInvoice]:
    """Without those that an entry tells already. Drafts stay: none is an entry yet."""
    return [
        row
        for row in invoices
        if row.status == mapping.DRAFT or not known.intersection(_marks(row, row.invoice_date))
    ]
