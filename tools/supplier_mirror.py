"""Our copy of the supplier master, read from the ERP, and the bank accounts that people verified.

The copy is never edited here; the verified accounts are ours because some ERPs do not tell theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from tools import store as tables
from tools.audit_log import AuditLog
from tools.domain import audit
from tools.domain.audit import BankAccountVerified
from tools.domain.identifiers import PersonId, SupplierId, compact, is_iban, looks_like_iban, masked
from tools.domain.supplier import BankAccount, Supplier
from tools.store import Store

_SYNCED = "suppliers_synced_at"
_SHORTEST_ACCOUNT = 5


class InvalidIban(ValueError):
    """The account number's check digits are wrong: it was mistyped."""


class SupplierMirror:
    def __init__(self, store: Store, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._now = now

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
        with self._store.read() as connection:
            row = connection.execute(
                select(tables.marks.c.value).where(tables.marks.c.name == _SYNCED)
            ).first()
        return datetime.fromisoformat(row.value) if row else None

    def merge(
        self, suppliers: Iterable[Supplier], started: datetime, *, complete: bool
    ) -> tuple[int, int, int]:
        """Take over what the ERP returned: (added, changed, removed). With `complete`, suppliers that
        were not returned are gone from the ERP and leave the copy."""
        incoming = {supplier.supplier_id: supplier for supplier in suppliers}
        with self._store.transaction() as connection:
            known = {supplier.supplier_id: supplier for supplier in _all(connection)}
            added = [entry for key, entry in incoming.items() if key not in known]
            changed = [entry for key, entry in incoming.items() if key in known and known[key] != entry]
            gone = [key for key in known if complete and key not in incoming]
            for entry in (*added, *changed):
                text = entry.model_dump_json()
                connection.execute(
                    insert(tables.suppliers)
                    .values(supplier_id=entry.supplier_id, supplier=text)
                    .on_conflict_do_update(index_elements=["supplier_id"], set_={"supplier": text})
                )
            for key in gone:
                connection.execute(delete(tables.suppliers).where(tables.suppliers.c.supplier_id == key))
            connection.execute(
                insert(tables.marks)
                .values(name=_SYNCED, value=started.isoformat())
                .on_conflict_do_update(index_elements=["name"], set_={"value": started.isoformat()})
            )
            if added or changed or gone:
                self._log.append_in(
                    connection,
                    None,
                    audit.SERVICE,
                    audit.SuppliersSynced(added=len(added), changed=len(changed), removed=len(gone)),
                )
        return len(added), len(changed), len(gone)

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
        account = compact(iban)
        if not _may_be_account(account):
            raise InvalidIban(f"{masked(account)} is not a valid IBAN: check it for typing errors")
        with self._store.transaction(durable=True) as connection:
            result = connection.execute(
                insert(tables.bank_accounts)
                .values(
                    supplier_id=supplier_id,
                    iban=account,
                    verified_by=person,
                    verified_how=how,
                    verified_at=self._now().isoformat(),
                )
                .on_conflict_do_nothing()
            )
            if result.rowcount == 0:
                return False
            self._log.append_in(
                connection,
                None,
                audit.person(person),
                BankAccountVerified(supplier_id=supplier_id, iban=masked(account), how=how),
            )
        return True


def _may_be_account(account: str) -> bool:
    """Check digits decide where it has the form of an IBAN; a local number has none that we know."""
    return is_iban(account) if looks_like_iban(account) else len(account) >= _SHORTEST_ACCOUNT


def _all(connection: Connection) -> list[Supplier]:
    rows = connection.execute(
        select(tables.suppliers.c.supplier).order_by(tables.suppliers.c.supplier_id)
    ).all()
    return [Supplier.model_validate_json(row.supplier) for row in rows]
