"""Invoices and credit memos the company holds: all, those that changed, those under given numbers. And
which orders changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import datetime

from tools.domain.decision import InvoiceKey, Posting
from tools.domain.identifiers import OrderNumber
from tools.erp.business_central import mapping, wire
from tools.erp.business_central.documents import CREDIT_MEMOS, INVOICES, Document, Kind
from tools.erp.business_central.mapping import Setup
from tools.erp.business_central.odata import Query, letter_cases, moment, queries_for
from tools.erp.business_central.session import Session, parsed


async def changed_documents(
    session: Session, changed_since: datetime | None, page_size: int
) -> AsyncIterator[Document]:
    """Drafts and posted documents, headers only. Documents without a vendor are left out: nobody is yet
    said to have sent them. A draft's record is the same one after it was posted."""
    since = None if changed_since is None else f"lastModifiedDateTime gt {moment(changed_since)}"
    memos = asyncio.ensure_future(_all(session, CREDIT_MEMOS, since, page_size))  # read beside the invoices
    try:
        async for row in _pages(session, INVOICES, since, page_size):
            yield row
        for row in await memos:
            yield row
    finally:
        memos.cancel()


async def _all(session: Session, kind: Kind, since: str | None, page_size: int) -> list[Document]:
    return [row async for row in _pages(session, kind, since, page_size)]


async def _pages(session: Session, kind: Kind, since: str | None, page_size: int) -> AsyncIterator[Document]:
    query = Query(kind.entity, since)
    async for row in session.pages(query, operation="invoice history", page_size=page_size):
        found = parsed(kind.entity, row)
        if found.vendor_number:
            yield found


async def changed_orders(session: Session, changed_since: datetime) -> set[OrderNumber]:
    """Orders whose header changed, or for which a receipt was posted or changed, after a moment. Asked at
    both: a receipt is a record of its own, and lines carry no moment of change."""
    since = f"lastModifiedDateTime gt {moment(changed_since)}"
    queries = [Query(wire.OrderNumber, since), Query(wire.ReceivedOrder, since)]
    orders, receipts = await session.read_each(queries, operation="changed orders")
    named = {parsed(wire.OrderNumber, row).number for row in orders}
    named |= {parsed(wire.ReceivedOrder, row).order_number for row in receipts}
    return {OrderNumber(number) for number in named if number}


async def numbered(
    session: Session, reading_setup: Awaitable[Setup], kind: Kind, keys: Sequence[InvoiceKey]
) -> dict[InvoiceKey, list[Posting]]:
    """Asked by number alone, because one filter cannot pair numbers with suppliers; the pairing is done
    here."""
    numbers = [case for key in keys for case in letter_cases(key.number.strip())]
    queries = queries_for(kind.entity, kind.number_field, numbers)
    setup, rows = await asyncio.gather(
        reading_setup, session.read(kind.entity, queries, operation="earlier invoices")
    )
    unique = {row.id: mapping.posting(row, setup) for row in rows}
    held: dict[tuple[str, str], list[Posting]] = {}
    for posting in unique.values():
        held.setdefault(_pair(posting.supplier_id, posting.supplier_number), []).append(posting)
    found = {key: held.get(_pair(key.supplier_id, key.number)) for key in keys}
    return {key: postings for key, postings in found.items() if postings}


def _pair(supplier_id: str | None, number: str | None) -> tuple[str, str]:
    return (supplier_id or "").casefold(), (number or "").strip().casefold()
