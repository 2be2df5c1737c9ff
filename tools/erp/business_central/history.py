"""All purchase invoices and credit memos of the company, or those that changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from tools.erp.business_central import wire
from tools.erp.business_central.documents import CREDIT_MEMOS, INVOICES
from tools.erp.business_central.odata import Query, moment
from tools.erp.business_central.session import Session, parsed


async def changed_documents(
    session: Session, changed_since: datetime | None, page_size: int
) -> AsyncIterator[wire.Invoice | wire.CreditMemo]:
    """Drafts and posted documents, headers only. Documents without a vendor are left out: nobody is yet
    said to have sent them. A draft's record is the same one after it was posted."""
    since = None if changed_since is None else f"lastModifiedDateTime gt {moment(changed_since)}"
    for kind in (INVOICES, CREDIT_MEMOS):
        query = Query(kind.entity, since)
        async for row in session.pages(query, operation="invoice history", page_size=page_size):
            found = parsed(kind.entity, row)
            if found.vendor_number:
                yield found
