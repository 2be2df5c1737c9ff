"""Earlier invoices: by key, and all of them or those that changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime

from tools.domain.decision import InvoiceKey, Posting
from tools.erp.exact import mapping, wire, wire_ledger
from tools.erp.exact.directory import Directory
from tools.erp.exact.odata import Query, guid, letter_cases, moment, queries_for, text
from tools.erp.exact.session import Session, parsed

_PAGE = 60
"""Rows of a page of entries: as many suppliers and payments are asked for together."""
_DRAFT = "Status eq 10"
_MANY = 3
"""From more queries on, all drafts are read at once: there are few of them at any time."""


class History:
    def __init__(self, session: Session, directory: Directory, *, drafts: bool) -> None:
        """`drafts`: whether there is a logistics module, which alone has them."""
        self._session = session
        self._directory = directory
        self._has_drafts = drafts

    async def of_keys(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        """Asked by number alone, entries and drafts beside each other; paired with suppliers here."""
        constants = [text(case) for key in keys for case in letter_cases(key.number.strip())]
        by_number = queries_for(wire.Entry, "YourRef", constants)
        entries, drafts = await asyncio.gather(
            self._session.read(wire.Entry, by_number, "earlier invoices"),
            self._session.read(wire.Draft, self._drafts(constants), "drafts"),
        )
        unique: dict[str, wire.Entry | wire.Draft] = {row.id: row for row in entries}
        unique |= {row.id: row for row in drafts}
        held: dict[tuple[object, ...], list[Posting]] = {}
        for posting in await self._postings(list(unique.values())):
            held.setdefault(_identity(posting), []).append(posting)
        found = {key: held.get(_wanted(key), []) for key in keys}
        return {key: postings for key, postings in found.items() if postings}

    def _drafts(self, constants: Sequence[str]) -> list[Query]:
        if not self._has_drafts:
            return []
        found = queries_for(wire.Draft, "YourRef", constants, also=_DRAFT)
        return [Query(wire.Draft, _DRAFT)] if len(found) > _MANY else found

    async def since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        """Without a moment the payments are read once, a thousand a call, before the entries; with one, those
        of the entries that changed."""
        changed = None if changed_since is None else f"Modified gt {moment(changed_since)}"
        paid = None
        if changed is None:
            query = Query(wire_ledger.Payment)
            paid = mapping.settled(await self._session.read(wire_ledger.Payment, [query], "payments"))
        drafts = _DRAFT if changed is None else f"{_DRAFT} and {changed}"
        kinds = ((wire.Entry, changed), (wire.Draft, drafts))
        for entity, filter_ in kinds if self._has_drafts else kinds[:1]:
            async for part in self._parts(entity, filter_):
                for posting in await self._postings(part, paid):
                    yield posting

    async def _parts(
        self, entity: type[wire.Entry] | type[wire.Draft], filter_: str | None
    ) -> AsyncIterator[list[wire.Entry | wire.Draft]]:
        part: list[wire.Entry | wire.Draft] = []
        async for row in self._session.pages(Query(entity, filter_), "invoice history"):
            part.append(parsed(entity, row))
            if len(part) == _PAGE:
                yield part
                part = []
        if part:
            yield part

    async def _postings(
        self, rows: Sequence[wire.Entry | wire.Draft], paid: frozenset[str] | None = None
    ) -> list[Posting]:
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
            else mapping.draft(row, codes.get(row.supplier))
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
