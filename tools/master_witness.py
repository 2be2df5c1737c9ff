"""What the audit log says that people recorded (accounts, call-backs, senders, codings) beside what their
tables hold. `tools.log_witness` brings the records and the rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from tools.audit_log import masked_event
from tools.callbacks import activation_of, call_of, event_of
from tools.coding_history import coded_lines
from tools.domain import audit
from tools.domain.audit import AuditRecord
from tools.domain.call_backs import CallBack
from tools.domain.coding import CodedLine
from tools.domain.identifiers import CaseId, masked

Row = Mapping[Any, Any]
Key = tuple[object, ...]
"""Begins with the supplier and what people call the entry."""
_IMPORTED = "import:"
"""Begins the source of lines that came with a list; its name or digest follows."""
_ACTIVATED = re.compile(r"call-back \d+ of ")
_ONE_STEP = timedelta(minutes=1)
"""An entry and its record are written in one transaction, which may wait for another to end."""
_ONE_DAY = timedelta(days=1)
"""Days are counted where the office is, records in UTC."""


class Entries:
    """Entries with the moment of each; several may be the same."""

    def __init__(self) -> None:
        self._moments: dict[Key, list[datetime]] = {}

    def add(self, key: Key, at: datetime) -> None:
        self._moments.setdefault(key, []).append(at)

    def take(self, key: Key, at: datetime) -> bool:
        """Take out one entry of that moment; False where there is none."""
        for moment in self._moments.get(key, []):
            if abs(moment - at) <= _ONE_STEP:
                self._moments[key].remove(moment)
                return True
        return False

    def left(self) -> Iterator[Key]:
        for key, moments in self._moments.items():
            yield from [key] * len(moments)


class MasterSaid:
    """What the records say, taken in one after another; each check is asked once."""

    def __init__(self) -> None:
        self._accounts, self._activations, self._calls = Entries(), Entries(), Entries()
        self._senders: dict[Key, tuple[Key, datetime] | None] = {}
        self._heard = 0
        self._coded: dict[str, list[CodedLine]] = {}
        self._posted: dict[CaseId, list[CodedLine]] = {}
        self._closed: dict[CaseId, date] = {}
        self._imports: dict[str, int] = {}

    def hear(self, record: AuditRecord) -> None:
        match record.event:
            case audit.BankAccountVerified() as event:
                key = _account_key(event, record.actor.id)
                self._accounts.add(key, record.at)
                if _ACTIVATED.match(event.how):
                    self._activations.add(key, record.at)
            case audit.CallBackRecorded() as event:
                self._heard += 1
                self._calls.add(_call_key(self._heard, event, record.actor.id, record.case_id), record.at)
            case audit.SenderConfirmed() as event:
                key = (event.supplier_id, event.domain, record.actor.id, event.how)
                self._senders[key[:2]] = (key, record.at)
            case audit.SenderWithdrawn() as event:
                self._senders[event.supplier_id, event.domain] = None
            case _:
                self._hear_coding(record)

    def _hear_coding(self, record: AuditRecord) -> None:
        match record.event:
            case audit.ProposalMade() as event:
                self._coded[event.digest] = list(coded_lines(event.proposal, date.min))
            case audit.PostingDone() as event if record.case_id is not None:
                self._posted[record.case_id] = self._coded.get(event.digest, [])
            case audit.CaseClosed() if record.case_id is not None:
                self._closed[record.case_id] = record.at.date()
            case audit.CodingImported() as event:
                self._imports |= {event.file: event.lines, event.sha256: event.lines}

    def check_accounts(self, rows: Iterable[Row]) -> Iterator[str]:
        for row in rows:
            event = audit.BankAccountVerified(
                supplier_id=row["supplier_id"], iban=masked(row["iban"]), how=row["verified_how"]
            )
            key = _account_key(event, row["verified_by"])
            if not self._accounts.take(key, datetime.fromisoformat(row["verified_at"])):
                yield _unsaid("verified account", key)
        yield from _missing("verified account", self._accounts)

    def check_senders(self, rows: Iterable[Row]) -> Iterator[str]:
        said = Entries()
        for known in filter(None, self._senders.values()):
            said.add(*known)
        for row in rows:
            event = masked_event(
                audit.SenderConfirmed(
                    supplier_id=row["supplier_id"], domain=row["domain"], how=row["confirmed_how"]
                )
            )
            key: Key = (event.supplier_id, event.domain, row["confirmed_by"], event.how)
            if not said.take(key, datetime.fromisoformat(row["confirmed_at"])):
                yield _unsaid("confirmed sender", key)
        yield from _missing("confirmed sender", said)

    def check_calls(self, rows: Iterable[Row]) -> Iterator[str]:
        for row in rows:
            try:
                call = call_of(row)
            except ValueError:
                yield f"call-back {row['id']} cannot be read"
                continue
            same = (row["id"], row["supplier_id"], row["account"]) == (
                call.id,
                call.supplier_id,
                call.account,
            )
            key = _call_key(call.id, event_of(call), call.caller, call.case_id)
            if not same or not self._calls.take(key, call.recorded_at) or not self._is_activated(call):
                yield _unsaid(f"call-back {row['id']}", (row["supplier_id"], masked(row["account"])))
        for supplier_id, account, number, *_ in self._calls.left():
            yield f"call-back {number} about {account} of supplier {supplier_id} is missing or was changed"
        yield from _missing("activation of the account", self._activations)

    def _is_activated(self, call: CallBack) -> bool:
        """Whether the second person's step is as the log has it; True where there was none."""
        if call.activated_by is None and call.activated_at is None:
            return True
        if call.activated_by is None or call.activated_at is None:
            return False
        return self._activations.take(_account_key(activation_of(call), call.activated_by), call.activated_at)

    def check_codings(self, rows: Iterable[Row]) -> Iterator[str]:
        """Of lists that were taken over the number of lines counts."""
        kept: dict[str, list[CodedLine]] = {}
        for row in rows:
            line = CodedLine.model_validate({name: row[name] for name in CodedLine.model_fields})
            kept.setdefault(row["case_id"], []).append(line)
        for source, lines in kept.items():
            if not self._is_coded(source, lines):
                yield f"the earlier codings of {source[:40]} are not what the audit log says"
        for case_id, wanted in self._posted.items():
            if wanted and case_id in self._closed and case_id not in kept:
                yield f"the earlier codings of {case_id} are missing"

    def _is_coded(self, source: str, lines: list[CodedLine]) -> bool:
        if source.startswith(_IMPORTED):
            return self._imports.get(source.removeprefix(_IMPORTED)) == len(lines)
        closed = self._closed.get(CaseId(source))
        days = {line.posted_on for line in lines}
        in_time = closed is None or all(abs(day - closed) <= _ONE_DAY for day in days)
        return in_time and _bare(lines) == _bare(self._posted.get(CaseId(source), []))


def _bare(lines: Iterable[CodedLine]) -> Counter[str]:
    """As the log has them, without the day."""
    return Counter(
        masked_event(line.model_copy(update={"posted_on": date.min})).model_dump_json() for line in lines
    )


def _account_key(event: audit.BankAccountVerified, person: str) -> Key:
    event = masked_event(event)
    return (event.supplier_id, event.iban, person, event.how)


def _call_key(number: int, event: audit.CallBackRecorded, caller: str, case_id: CaseId | None) -> Key:
    event = masked_event(event)
    return (event.supplier_id, event.account, number, caller, case_id, event.model_dump_json())


def _unsaid(what: str, key: Key) -> str:
    return f"{what} {key[1]} of supplier {key[0]} is not in the audit log so"


def _missing(what: str, left: Entries) -> Iterator[str]:
    for key in left.left():
        yield f"{what} {key[1]} of supplier {key[0]} is missing or was changed"
