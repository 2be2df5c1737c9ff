"""All purchase invoices and credit memos of the company, or those that changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from tools.erp.business_central.documents import CREDIT_MEMOS, INVOICES, Document, Kind
from tools.erp.business_central.odata import Query, moment
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
