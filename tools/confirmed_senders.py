"""Mail domains that a person confirmed as a supplier's own: who said so, when, and how it was checked.

The from-address of a mail is easily forged. A confirmed domain therefore only supports a name, and it
never stands against another id of the document; see `tools.suppliers`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from tools import store as tables
from tools.audit_log import AuditLog
from tools.domain import audit
from tools.domain.documents import Record
from tools.domain.identifiers import PersonId, SupplierId
from tools.domain.senders import domain_of, is_shared_domain
from tools.store import Store


class DomainRefused(ValueError):
    """The domain cannot stand for one supplier; the text says why, for people."""


class ConfirmedSender(Record):
    """One domain of one supplier, on a person's word."""

    supplier_id: SupplierId
    domain: str
    confirmed_by: PersonId
    confirmed_how: str
    """For example `address on the signed contract`."""
    confirmed_at: datetime


def own_domain(address: str) -> str:
    """The domain of a mail address or a domain, in one spelling. Raises DomainRefused for what is no
    domain, for free mailboxes and for services that send for many companies."""
    domain = domain_of(address)
    if domain is None:
        raise DomainRefused(f"{address[:80]!r} is no mail domain")
    if is_shared_domain(domain):
        raise DomainRefused(f"many companies send mail from {domain}; it cannot stand for one supplier")
    return domain


class ConfirmedSenders:
    """The confirmed domains of all suppliers. Each change is an event of the audit log."""

    def __init__(self, store: Store, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._now = now

    def of(self, supplier_id: SupplierId) -> tuple[ConfirmedSender, ...]:
        """The domains confirmed for this supplier, by domain; empty when nobody confirmed one."""
        return tuple(sender for sender in self.all() if sender.supplier_id == supplier_id)

    def domains_of(self, supplier_id: SupplierId) -> frozenset[str]:
        """The same as bare domains, as `tools.domain.senders.domain_of` spells them."""
        return frozenset(sender.domain for sender in self.of(supplier_id))

    def all(self) -> tuple[ConfirmedSender, ...]:
        """Every confirmed domain, by domain and supplier."""
        table = tables.confirmed_senders
        with self._store.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.domain, table.c.supplier_id)).all()
        return tuple(_sender(row) for row in rows)

    def by_domain(self) -> dict[str, frozenset[SupplierId]]:
        """The suppliers confirmed for each domain; sister companies may share one."""
        found: dict[str, frozenset[SupplierId]] = {}
        for sender in self.all():
            found[sender.domain] = found.get(sender.domain, frozenset()) | {sender.supplier_id}
        return found

    def confirm(self, supplier_id: SupplierId, address: str, person: PersonId, how: str) -> bool:
        """Record that `person` confirmed the domain as the supplier's own. False when it was on file.
        Raises DomainRefused."""
        domain = own_domain(address)
        with self._store.transaction(durable=True) as connection:
            result = connection.execute(
                insert(tables.confirmed_senders)
                .values(
                    supplier_id=supplier_id,
                    domain=domain,
                    confirmed_by=person,
                    confirmed_how=how,
                    confirmed_at=self._now().isoformat(),
                )
                .on_conflict_do_nothing()
            )
            if result.rowcount == 0:
                return False
            event = audit.SenderConfirmed(supplier_id=supplier_id, domain=domain, how=how)
            self._log.append_in(connection, None, audit.person(person), event)
        return True

    def withdraw(self, supplier_id: SupplierId, address: str, person: PersonId, why: str) -> bool:
        """Take a confirmation back, for example after a mailbox was broken into. False when there was
        none."""
        domain, table = domain_of(address), tables.confirmed_senders
        with self._store.transaction(durable=True) as connection:
            result = connection.execute(
                delete(table).where(table.c.supplier_id == supplier_id, table.c.domain == domain)
            )
            if domain is None or result.rowcount == 0:
                return False
            event = audit.SenderWithdrawn(supplier_id=supplier_id, domain=domain, why=why)
            self._log.append_in(connection, None, audit.person(person), event)
        return True


def _sender(row: Row[tuple[str, str, str, str, str]]) -> ConfirmedSender:
    return ConfirmedSender(
        supplier_id=SupplierId(row.supplier_id),
        domain=row.domain,
        confirmed_by=PersonId(row.confirmed_by),
        confirmed_how=row.confirmed_how,
        confirmed_at=datetime.fromisoformat(row.confirmed_at),
    )
