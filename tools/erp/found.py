"""What `Erp.find` found, beside the order it was looked up for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tools.domain.decision import InvoiceAction, ParkInvoice, Posting, PostingState
from tools.erp.errors import ErpRejected

Compare = Callable[[], Awaitable[str | None]]
"""What the document says otherwise than the order, in words that go on after `it stands there, but`; None
for nothing. Raises ErpRejected for an order that this ERP cannot hold, and what reads raise."""


async def compared(posting: Posting, action: InvoiceAction, compare: Compare) -> Posting:
    """`posting` with what it says otherwise than `action`. A draft of an invoice that is to be posted is
    compared by whoever takes it up, so it is not here."""
    if posting.state is PostingState.DRAFT and not isinstance(action, ParkInvoice):
        return posting
    try:
        told = await compare()
    except ErpRejected as error:
        told = f"it cannot be compared with what was approved: {error}"
    return posting if told is None else posting.model_copy(update={"differs": told})
