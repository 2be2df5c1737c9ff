"""An ERP that can only be asked: whatever writes is refused before the first byte and counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any, cast

from tools.domain.decision import InvoiceKey, Posting, PostingOrder
from tools.domain.identifiers import compact
from tools.erp.contract import Erp
from tools.erp.errors import NotSupported

Held = tuple[str, str]
"""Supplier and number, compact, of a document that people posted meanwhile."""


class SilentErp:
    """Everything but `write` and `attach` is the ERP's own. `hidden` documents are not told: people posted
    them, and the agent is asked what it would have done before."""

    def __init__(self, erp: Erp, hidden: Collection[Held] = ()) -> None:
        self._erp = erp
        self._hidden = frozenset(hidden)
        self.refused = 0
        """Writes that were tried. Anything but zero is a defect."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._erp, name)

    async def write(self, order: PostingOrder) -> Posting:
        self.refused += 1
        raise NotSupported(f"a rehearsal writes nothing, not {order.action.kind} either")

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        self.refused += 1
        raise NotSupported(f"a rehearsal writes nothing, not {name} either")

    async def invoices(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        found = await self._erp.invoices(keys)
        left = {key: [one for one in postings if self._told(one)] for key, postings in found.items()}
        return {key: postings for key, postings in left.items() if postings}

    async def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        async for posting in self._erp.posted_since(changed_since):
            if self._told(posting):
                yield posting

    def _told(self, posting: Posting) -> bool:
        number = compact(posting.supplier_number or "")
        supplier = compact(posting.supplier_id or "")
        return (supplier, number) not in self._hidden and ("", number) not in self._hidden

    def as_erp(self) -> Erp:
        """Itself, by the contract's name: `__getattr__` answers what is not written out here."""
        return cast(Erp, self)
