"""Suppliers with their bank accounts: one read for many suppliers, one batch for the accounts of fifty."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from urllib.parse import quote

from tools.domain.supplier import Supplier
from tools.erp.errors import ErpUnavailable
from tools.erp.oracle import mapping, wire
from tools.erp.oracle.mapping import Setup
from tools.erp.oracle.query import MOST_ROWS, Query, moment, parts, queries_for
from tools.erp.oracle.session import Session, parsed

FINDER = "finder=SearchExternalBankAccount;Intent=Supplier"
"""The accounts of suppliers, not those of customers or employees."""
_TOGETHER = 50


class Suppliers:
    """`with_accounts`: read bank accounts too. They are only ever read."""

    def __init__(self, session: Session, setup: Setup, *, with_accounts: bool) -> None:
        self._session = session
        self._setup = setup
        self._with_accounts = with_accounts

    async def changed(self, changed_since: datetime | None) -> AsyncIterator[Supplier]:
        """All, or what changed. That is asked for twice, because a change of a site does not stamp its
        supplier; a change of a bank account stamps neither."""
        queries = [Query(wire.Supplier)]
        if changed_since is not None:
            after = f">{moment(changed_since)}"
            queries = [Query(wire.Supplier, f"{level}LastUpdateDate{after}") for level in ("", "sites.")]
        told: set[str] = set()
        waiting: list[wire.Supplier] = []
        for query in queries:
            async for row in self._session.stream(query, operation="suppliers"):
                found = parsed(wire.Supplier, row)
                if found.supplier_id not in told:
                    told.add(found.supplier_id)
                    waiting.append(found)
                if len(waiting) == _TOGETHER:
                    for supplier in await self._mapped(waiting):
                        yield supplier
                    waiting = []
        for supplier in await self._mapped(waiting):
            yield supplier

    async def by_number(self, numbers: Collection[str]) -> list[Supplier]:
        return await self._mapped(await self.rows(numbers))

    async def rows(self, numbers: Collection[str]) -> list[wire.Supplier]:
        queries = queries_for(wire.Supplier, "SupplierNumber", numbers)
        return await self._session.read(wire.Supplier, queries, operation="suppliers by id")

    async def _mapped(self, rows: Sequence[wire.Supplier]) -> list[Supplier]:
        if not self._with_accounts:
            return [mapping.supplier(row, self._setup) for row in rows]
        found: list[Supplier] = []
        for part in parts(rows, _TOGETHER):
            accounts = await self._accounts(part)
            found += [
                mapping.supplier(row, self._setup, held) for row, held in zip(part, accounts, strict=True)
            ]
        return found

    async def _accounts(self, rows: Sequence[wire.Supplier]) -> list[list[wire.SupplierAccount]]:
        """Each supplier's accounts, asked for by its id, because an account does not say whose it is."""
        entity = wire.SupplierAccount
        addresses = [
            f"{entity.resource}?{FINDER}&q=VendorId={row.supplier_id}"
            f"&fields={quote(entity.selection(), safe=',')}&orderBy={entity.order_by}:asc&limit={MOST_ROWS}"
            for row in rows
        ]
        pages = await self._session.batch_read(addresses, operation="bank accounts")
        if any(page.get("hasMore") is True for page in pages):
            raise ErpUnavailable(f"a supplier has more than {MOST_ROWS} bank accounts in Oracle")
        return [[parsed(entity, row) for row in page.get("items") or ()] for page in pages]

    async def masked(self) -> bool:
        """Whether Oracle shows this login only a part of account numbers."""
        address = f"{wire.SupplierAccount.resource}?{FINDER}&fields=BankAccountId,IBAN&limit=25"
        (page,) = await self._session.batch_read([address], operation="bank accounts")
        ibans = [str(row.get("IBAN") or "") for row in page.get("items") or ()]
        return any(iban and mapping.is_masked(iban) for iban in ibans)
