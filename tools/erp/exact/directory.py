"""What is looked up once a day: suppliers' ids, accounts, tax codes, journals, periods.

Ids of Exact Online's records never change; codes and lists change seldom. A day, because a connector may live
for months: a new year's periods and a blocked account must reach it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

from pydantic import Field

from tools.erp.errors import ErpRejected
from tools.erp.exact import wire, wire_ledger
from tools.erp.exact.odata import Query, account_codes, guid, queries_for
from tools.erp.exact.session import NAME, Session
from tools.erp.exact.wire import Wire

W = TypeVar("W", bound=Wire)


LIFE = 86_400.0
"""Seconds that what was read is believed."""


class Once(Generic[W]):
    """All records of one resource, read when first asked for and again after a day; who asks meanwhile waits
    for that read. `now` gives seconds."""

    def __init__(self, session: Session, entity: type[W], operation: str, now: Callable[[], float]) -> None:
        self._session = session
        self._entity = entity
        self._operation = operation
        self._lock = asyncio.Lock()
        self._now = now
        self._rows: tuple[W, ...] = ()
        self._until: float | None = None

    async def all(self) -> tuple[W, ...]:
        async with self._lock:
            if self._until is None or not self._until - LIFE <= self._now() < self._until:
                rows = await self._session.read(self._entity, [Query(self._entity)], self._operation)
                self._rows, self._until = tuple(rows), self._now() + LIFE
            return self._rows


class _Named(Wire):
    """The two names of an account."""

    resource = "crm/Accounts"
    id: str = Field(alias="ID")
    code: wire.Text = Field(alias="Code")


class Directory:
    def __init__(self, session: Session, now: Callable[[], float]) -> None:
        self._session = session
        self._now = now
        self._known_until = now() + LIFE
        self.accounts = Once(session, wire_ledger.LedgerAccount, "accounts", now)
        self.vat_codes = Once(session, wire_ledger.VatCode, "tax codes", now)
        self.journals = Once(session, wire_ledger.Journal, "journals", now)
        self.periods = Once(session, wire_ledger.Period, "periods", now)
        self._ids: dict[str, str] = {}
        self._codes: dict[str, str] = {}

    def know(self, rows: Collection[wire.Account]) -> None:
        """Suppliers that were read for another reason."""
        for row in rows:
            self._ids[row.code], self._codes[row.id] = row.id, row.code

    async def ids(self, codes: Collection[str]) -> dict[str, str]:
        """Supplier's code -> id; absent where there is none."""
        self._forget_after_a_day()
        wanted = set(codes)
        await self._look_up("Code", account_codes(sorted(wanted - self._ids.keys())))
        return {code: self._ids[code] for code in wanted if code in self._ids}

    async def codes(self, ids: Collection[str]) -> dict[str, str]:
        """Supplier's id -> code."""
        self._forget_after_a_day()
        await self._look_up("ID", [guid(each) for each in sorted(set(ids) - self._codes.keys())])
        return {each: self._codes[each] for each in ids if each in self._codes}

    def _forget_after_a_day(self) -> None:
        """A supplier's code may be given to another one."""
        if self._now() >= self._known_until:
            self._ids, self._codes, self._known_until = {}, {}, self._now() + LIFE

    async def supplier_id(self, code: str) -> str | None:
        return (await self.ids([code])).get(code)

    async def account_codes(self) -> Mapping[str, str]:
        """G/L account's id -> code."""
        return {row.id: row.code for row in await self.accounts.all()}

    async def account(self, code: str) -> wire_ledger.LedgerAccount:
        """Raises ErpRejected where there is none, or it is blocked."""
        for row in await self.accounts.all():
            if row.code == code:
                if row.blocked:
                    raise ErpRejected(f"G/L account {code} is blocked in {NAME}", field="GLAccount")
                return row
        raise ErpRejected(f"there is no G/L account {code} in {NAME}", field="GLAccount")

    async def _look_up(self, field: str, constants: list[str]) -> None:
        queries = queries_for(_Named, field, constants)
        for row in await self._session.read(_Named, queries, "supplier ids"):
            self._ids[row.code], self._codes[row.id] = row.id, row.code
