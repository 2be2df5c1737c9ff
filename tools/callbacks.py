"""Call-backs and the accounts they activate: a table of its own, each step an event of the audit log.

The account itself is kept in full, as the verified ones are; the log has it masked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, Text, func, select, update
from sqlalchemy.dialects.sqlite import insert

from tools import store as tables
from tools.audit_log import AuditLog
from tools.domain import audit
from tools.domain.call_backs import CallBack, CallResult
from tools.domain.identifiers import PersonId, SupplierId, compact, masked
from tools.masking import text_without
from tools.store import Store

call_backs = Table(
    "call_backs",
    tables.metadata,
    Column("id", Integer, primary_key=True),
    Column("supplier_id", String(80), nullable=False, index=True),
    Column("account", String(40), nullable=False),
    Column("call", Text, nullable=False),
    Column("activated_by", String(200)),
    Column("activated_at", String(40)),
)


class CallBacks:
    """Everything people recorded about calls to suppliers."""

    def __init__(self, store: Store, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._now = now

    def of(self, supplier_id: SupplierId, account: str | None = None) -> list[CallBack]:
        """The calls about a supplier's accounts, or about one of them, in their order."""
        query = select(call_backs).where(call_backs.c.supplier_id == supplier_id).order_by(call_backs.c.id)
        if account is not None:
            query = query.where(call_backs.c.account == compact(account))
        with self._store.read() as connection:
            return [call_of(row) for row in connection.execute(query).mappings()]

    def record(self, call: CallBack) -> CallBack:
        """Keep a call that has no id yet (0); returned with its id."""
        with self._store.transaction(durable=True) as connection:
            last = connection.execute(select(func.max(call_backs.c.id))).scalar() or 0
            kept = call.model_copy(
                update={"id": last + 1, "account": compact(call.account), "recorded_at": self._now()}
            )
            connection.execute(
                insert(call_backs).values(
                    id=kept.id,
                    supplier_id=kept.supplier_id,
                    account=kept.account,
                    call=kept.model_dump_json(exclude={"activated_by", "activated_at"}),
                )
            )
            self._log.append_in(connection, call.case_id, audit.person(call.caller), event_of(kept))
        return kept

    def activate(self, call: CallBack, person: PersonId) -> bool:
        """The second person's step: the account counts as verified from now on. False when it did before."""
        now = self._now()
        with self._store.transaction(durable=True) as connection:
            if not _add_verified(connection, call, person, now):
                return False
            connection.execute(
                update(call_backs)
                .where(call_backs.c.id == call.id)
                .values(activated_by=person, activated_at=now.isoformat())
            )
            self._log.append_in(connection, call.case_id, audit.person(person), activation_of(call))
        return True

    def holders(self, accounts: list[str], other_than: SupplierId) -> list[tuple[str, SupplierId]]:
        """Account and supplier, for each of these accounts that is verified for another supplier."""
        query = select(tables.bank_accounts.c.iban, tables.bank_accounts.c.supplier_id).where(
            tables.bank_accounts.c.iban.in_(accounts), tables.bank_accounts.c.supplier_id != other_than
        )
        with self._store.read() as connection:
            return [(row.iban, SupplierId(row.supplier_id)) for row in connection.execute(query)]


def _add_verified(connection: Connection, call: CallBack, person: PersonId, now: datetime) -> bool:
    result = connection.execute(
        insert(tables.bank_accounts)
        .values(
            supplier_id=call.supplier_id,
            iban=call.account,
            verified_by=person,
            verified_how=activation_of(call).how,
            verified_at=now.isoformat(),
        )
        .on_conflict_do_nothing()
    )
    return result.rowcount > 0


def call_of(row: Mapping[Any, Any]) -> CallBack:
    """The call of a row of `call_backs`. Raises ValueError for what is no call."""
    activated = {"activated_by": row["activated_by"], "activated_at": None}
    if row["activated_at"] is not None:
        activated["activated_at"] = datetime.fromisoformat(row["activated_at"])
    return CallBack.model_validate_json(row["call"]).model_copy(update=activated)


def event_of(call: CallBack) -> audit.CallBackRecorded:
    """The call as the log has it."""
    return audit.CallBackRecorded(
        supplier_id=call.supplier_id,
        account=masked(call.account),
        number=call.number,
        number_from=call.number_from.value,
        spoken_with=text_without(call.spoken_with, [call.account]),
        called_at=call.called_at,
        result=call.result.value,
        payee_check=call.payee_check.value if call.payee_check else None,
        remark=text_without(call.remark, [call.account]),
    )


def activation_of(call: CallBack) -> audit.BankAccountVerified:
    """The second person's step as the log has it."""
    return audit.BankAccountVerified(
        supplier_id=call.supplier_id,
        iban=masked(call.account),
        how=text_without(call.evidence, [call.account]),
    )


def is_denied(calls: list[CallBack]) -> bool:
    """Whether the supplier denied the account these calls are about."""
    return any(call.result is CallResult.DENIED for call in calls)
