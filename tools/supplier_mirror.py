"""Our copy of the supplier master, read from the ERP, and the bank accounts that people verified.

The copy is never edited here; the verified accounts are ours because some ERPs do not tell theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from tools import store as tables
from tools.audit_log import AuditLog
from tools.confirmed_senders import ConfirmedSenders
from tools.domain import audit
from tools.domain.audit import BankAccountVerified
from tools.domain.documents import Record
from tools.domain.identifiers import PersonId, SupplierId, compact, is_iban, looks_like_iban, masked
from tools.domain.supplier import BankAccount, Supplier
from tools.store import Store

_SYNCED = "suppliers_synced_at"
_INDEXED = "suppliers_indexed_by"
_AT_ONCE = 500
"""Ids in one question to the database."""
_SHORTEST_ACCOUNT = 5


class Verified(NamedTuple):
    """An account that somebody vouches for."""

    supplier_id: SupplierId
    iban: str
    how: str


class InvalidIban(ValueError):
    """The account number's check digits are wrong: it was mistyped."""


class Merged(Record):
    """What one sync brought into the copy."""

    added: tuple[Supplier, ...] = ()
    changed: tuple[Supplier, ...] = ()
    removed: tuple[SupplierId, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        return {"added": len(self.added), "changed": len(self.changed), "removed": len(self.removed)}


class SupplierMirror:
    """The copy, the accounts that people verified, and the senders they confirmed (`senders`)."""

    def __init__(self, store: Store, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._now = now
        self.senders = ConfirmedSenders(store, log, now)

    def all(self) -> list[Supplier]:
        """Every supplier of the copy, by id."""
        with self._store.read() as connection:
            return _all(connection)

    def get(self, supplier_id: SupplierId) -> Supplier | None:
        with self._store.read() as connection:
            row = connection.execute(
                select(tables.suppliers.c.supplier).where(tables.suppliers.c.supplier_id == supplier_id)
            ).first()
        return Supplier.model_validate_json(row.supplier) if row else None

    def synced_at(self) -> datetime | None:
        """Start of the last sync: changes after it are not in the copy. None: never synced."""
        mark = self._mark(_SYNCED)
        return datetime.fromisoformat(mark) if mark else None

    def indexed_by(self) -> str | None:
        """The model whose index holds the whole copy as it is now. None: none does, because something
        changed since, or a sync was stopped before the index was done."""
        return self._mark(_INDEXED)

    def note_indexed(self, model: str) -> None:
        """The index of `model` holds the whole copy."""
        with self._store.transaction() as connection:
            _set_mark(connection, _INDEXED, model)

    def _mark(self, name: str) -> str | None:
        query = select(tables.marks.c.value).where(tables.marks.c.name == name)
        with self._store.read() as connection:
            row = connection.execute(query).first()
        return str(row.value) if row else None

    def merge(self, suppliers: Iterable[Supplier], started: datetime, *, complete: bool) -> Merged:
        """Take over what the ERP returned. With `complete`, suppliers that were not returned are gone from
        the ERP and leave the copy."""
        incoming = {supplier.supplier_id: supplier for supplier in suppliers}
        with self._store.transaction() as connection:
            known = _texts(connection, None if complete else list(incoming))
            texts = {key: supplier.model_dump_json() for key, supplier in incoming.items()}
            merged = Merged(
                added=tuple(incoming[key] for key in texts if key not in known),
                changed=tuple(incoming[key] for key in texts if known.get(key, texts[key]) != texts[key]),
                removed=tuple(key for key in known if complete and key not in incoming),
            )
            self._write(connection, merged, texts)
            _set_mark(connection, _SYNCED, started.isoformat())
        return merged

    def _write(self, connection: Connection, merged: Merged, texts: dict[SupplierId, str]) -> None:
        new = [*merged.added, *merged.changed]
        for supplier_id in (*merged.removed, *(supplier.supplier_id for supplier in merged.changed)):
            connection.execute(delete(tables.suppliers).where(tables.suppliers.c.supplier_id == supplier_id))
        rows = [{"supplier_id": one.supplier_id, "supplier": texts[one.supplier_id]} for one in new]
        if rows:
            connection.execute(tables.suppliers.insert(), rows)
        if new or merged.removed:
            connection.execute(delete(tables.marks).where(tables.marks.c.name == _INDEXED))
            event = audit.SuppliersSynced(**merged.counts)
            self._log.append_in(connection, None, audit.SERVICE, event)

    def verified_accounts(
        self, ids: Collection[SupplierId] | None = None
    ) -> dict[SupplierId, list[BankAccount]]:
        """Accounts that people verified, by supplier; all suppliers when `ids` is None."""
        query = select(tables.bank_accounts).order_by(tables.bank_accounts.c.verified_at)
        if ids is not None:
            query = query.where(tables.bank_accounts.c.supplier_id.in_(list(ids)))
        found: dict[SupplierId, list[BankAccount]] = {}
        with self._store.read() as connection:
            for row in connection.execute(query):
                found.setdefault(SupplierId(row.supplier_id), []).append(
                    BankAccount(iban=row.iban, verified_by=row.verified_by, verified_how=row.verified_how)
                )
        return found

    def verify_account(self, supplier_id: SupplierId, iban: str, person: PersonId, how: str) -> bool:
        """Record that `person` verified the account outside any document. False when it was on file.

        Raises InvalidIban for wrong check digits, and for what is too short for any account number.
        """
        return bool(self.verify_accounts([Verified(supplier_id, iban, how)], person))

    def verify_accounts(self, accounts: Sequence[Verified], person: PersonId) -> int:
        """As `verify_account`, for all of them or none; how many were not on file before."""
        for account in (compact(entry.iban) for entry in accounts):
            if not may_be_account(account):
                raise InvalidIban(f"{masked(account)} is not a valid IBAN: check it for typing errors")
        with self._store.transaction(durable=True) as connection:
            return sum(self._verified(connection, entry, person) for entry in accounts)

    def _verified(self, connection: Connection, entry: Verified, person: PersonId) -> bool:
        account = compact(entry.iban)
        result = connection.execute(
            insert(tables.bank_accounts)
            .values(
                supplier_id=entry.supplier_id,
                iban=account,
                verified_by=person,
                verified_how=entry.how,
                verified_at=self._now().isoformat(),
            )
            .on_conflict_do_nothing()
        )
        if result.rowcount == 0:
            return False
        event = BankAccountVerified(supplier_id=entry.supplier_id, iban=masked(account), how=entry.how)
        self._log.append_in(connection, None, audit.person(person), event)
        return True


def may_be_account(account: str) -> bool:
    """Check digits decide where it has the form of an IBAN; a local number has none that we know."""
    return is_iban(account) if looks_like_iban(account) else len(account) >= _SHORTEST_ACCOUNT


def _texts(connection: Connection, ids: list[SupplierId] | None) -> dict[SupplierId, str]:
    """The stored suppliers as text, those with `ids` or all."""
    column = tables.suppliers.c.supplier_id
    query = select(column, tables.suppliers.c.supplier).order_by(column)
    if ids is None:
        return {SupplierId(row.supplier_id): row.supplier for row in connection.execute(query)}
    found = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = query.where(column.in_(ids[start : start + _AT_ONCE]))
        found.update({SupplierId(row.supplier_id): row.supplier for row in connection.execute(part)})
    return found


def _set_mark(connection: Connection, name: str, value: str) -> None:
    connection.execute(
        insert(tables.marks)
        .values(name=name, value=value)
        .on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )


def _all(connection: Connection) -> list[Supplier]:
    rows = connection.execute(
        select(tables.suppliers.c.supplier).order_by(tables.suppliers.c.supplier_id)
    ).all()
    return [Supplier.model_validate_json(row.supplier) for row in rows]
