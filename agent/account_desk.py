"""The bank accounts that people verified: who may record one, and on which grounds.

An account comes in by two ways only: loaded from master data for a supplier that has none yet, or confirmed
by one person's call-back and activated by another person. Nothing here changes a supplier in the ERP, and
nothing that a document says counts for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.supplier_desk import DeskRefused, SupplierDesk
from agent.wrong_usage import WrongUsage, file_given
from tools.audit_log import AuditLog
from tools.callbacks import CallBacks, is_denied
from tools.case_list import CaseList, CaseSummary
from tools.domain import audit
from tools.domain.authority import ApprovalPolicy
from tools.domain.call_backs import (
    CallBack,
    CallResult,
    NumberSource,
    PayeeCheck,
    activation_refusal,
    number_refusal,
    result_refusal,
    time_refusal,
)
from tools.domain.csv_tables import CsvFault, Row, table_of
from tools.domain.fraud_policy import FraudPolicy
from tools.domain.identifiers import CaseId, PersonId, SupplierId, compact, masked
from tools.domain.record import Record
from tools.domain.supplier import Supplier
from tools.printed_numbers import PrintedNumbers
from tools.supplier_mirror import SupplierMirror, Verified, may_be_account

_COLUMNS = ("supplier_id", "iban", "how")
LOADED = "loaded from master data: "
"""Begins how an account was verified that came with the first load."""


class CallSlip(Record):
    """What a person writes down about a call. `account` as they heard it confirmed, in full."""

    supplier_id: str
    account: str
    number: str
    number_from: NumberSource
    spoken_with: str = ""
    result: CallResult
    called_at: datetime | None = None
    """Absent: just now."""
    case_id: str | None = None
    payee_check: PayeeCheck | None = None
    remark: str = ""


class AccountDesk:
    """Verified accounts of the suppliers in the copy."""

    def __init__(
        self,
        mirror: SupplierMirror,
        suppliers: SupplierDesk,
        calls: CallBacks,
        printed: PrintedNumbers,
        cases: CaseList,
        log: AuditLog,
        policy: ApprovalPolicy,
        fraud: FraudPolicy,
        now: Callable[[], datetime],
    ) -> None:
        self._mirror = mirror
        self._suppliers = suppliers
        self._calls = calls
        self._printed = printed
        self._cases = cases
        self._log = log
        self._policy = policy
        self._fraud = fraud
        self._now = now

    def take_down(self, said: Mapping[str, Any], person: PersonId) -> str:
        """`call_back` with what a screen was given as text; choices in any spelling of their words."""
        choices = ("number_from", "result", "payee_check")
        words = {name: str(said[name]).replace("-", "_").lower() for name in choices if said.get(name)}
        try:
            slip = CallSlip.model_validate({**said, **words})
        except ValidationError as error:
            faults = (f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
            raise DeskRefused("; ".join(faults)) from None
        return self.call_back(slip, person)

    def call_back(self, slip: CallSlip, person: PersonId) -> str:
        """Record that `person` called the supplier about an account. Raises DeskRefused, and notes that it
        was refused."""
        supplier = self._allowed(slip.supplier_id, person)
        account, now = compact(slip.account), self._now()
        case = self._case(slip.case_id, supplier)
        reason = (
            self._number_refusal(
                slip.number, slip.number_from, supplier, account, case.case_id if case else None
            )
            or result_refusal(slip.result, slip.spoken_with)
            or time_refusal(slip.called_at or now, case.received_at if case else None, now)
            or _typing_refusal(account)
        )
        if reason is not None:
            self._refuse(supplier, account, person, reason)
        kept = self._calls.record(
            CallBack(
                id=0,
                supplier_id=supplier.supplier_id,
                account=account,
                case_id=case.case_id if case else None,
                caller=person,
                number=slip.number.strip(),
                number_from=slip.number_from,
                spoken_with=slip.spoken_with.strip(),
                called_at=slip.called_at or now,
                result=slip.result,
                payee_check=slip.payee_check,
                remark=slip.remark,
                recorded_at=now,
            )
        )
        return f"{kept.evidence}. {_next_step(kept)}"

    def verify_account(self, supplier_id: str, account: str, person: PersonId) -> str:
        """The second person's step after a confirmed call-back. Raises DeskRefused, and notes it."""
        supplier = self._allowed(supplier_id, person)
        calls = self._calls.of(supplier.supplier_id, account)
        reason = activation_refusal(
            calls,
            person,
            self._policy,
            lambda call: self._number_refusal(
                call.number, call.number_from, supplier, call.account, call.case_id
            ),
        )
        if reason is not None:
            self._refuse(supplier, compact(account), person, reason)
        confirmed = [call for call in calls if call.result is CallResult.CONFIRMED][-1]
        is_new = self._calls.activate(confirmed, person)
        self._suppliers.forget()
        wait = f"; it may be used after {self._fraud.cooling_off}" if self._fraud.cooling_off else ""
        word = "activated" if is_new else "already on file"
        return f"{word}: {masked(account)} of {supplier.supplier_id} {supplier.name}{wait}"

    def _number_refusal(
        self, number: str, source: NumberSource, supplier: Supplier, account: str, case_id: CaseId | None
    ) -> str | None:
        """What came in until this moment against a number; a document may come after the call."""
        printed = self._printed.of(account, case_id)
        return number_refusal(
            number,
            source,
            printed.near,
            supplier.phone,
            printed_counts=self._fraud.printed_number_refused,
            elsewhere=printed.elsewhere,
        )

    def load_account(self, supplier_id: str, iban: str, person: PersonId, how: str) -> bool:
        """Take an account over from master data, for a supplier that has no verified account yet; False when
        it was on file. Raises DeskRefused."""
        found = self._checked(supplier_id, iban, person, how, may_have_one=False)
        return found is not None and bool(self._keep([found], person))

    def furnish_accounts(self, accounts: Iterable[tuple[str, str]], person: PersonId, how: str) -> int:
        """As `load_account`, for suppliers that may have accounts; all of them or none, how many were new.
        Only for furnishing made-up companies in measurements and tests: no command leads here, and none may,
        because one person alone would add an account to a supplier that has one."""
        checked = [self._checked(*entry, person, how, may_have_one=True) for entry in accounts]
        return self._keep([entry for entry in checked if entry is not None], person)

    def _checked(
        self, supplier_id: str, iban: str, person: PersonId, how: str, *, may_have_one: bool
    ) -> Verified | None:
        """The account as it may be kept; None when it is on file. Raises DeskRefused."""
        supplier = self._allowed(supplier_id, person)
        account = compact(iban)
        on_file = self._mirror.verified_accounts([supplier.supplier_id]).get(supplier.supplier_id, [])
        if any(compact(entry.iban) == account for entry in on_file):
            return None
        if is_denied(self._calls.of(supplier.supplier_id, account)):
            self._refuse(supplier, account, person, "the supplier denied this account in a call-back")
        if on_file and not may_have_one:
            self._refuse(
                supplier,
                account,
                person,
                f"{supplier.supplier_id} has a verified account; another one needs a call-back "
                "(`suppliers call-back`) and a second person (`suppliers verify-account`)",
            )
        if (fault := _typing_refusal(account)) is not None:
            raise DeskRefused(f"{supplier_id}: {fault}")
        return Verified(supplier.supplier_id, account, f"{LOADED}{how}")

    def _keep(self, accounts: Sequence[Verified], person: PersonId) -> int:
        added = self._mirror.verify_accounts(accounts, person)
        self._suppliers.forget()
        return added

    def import_accounts(self, file: Path, person: PersonId) -> str:
        """CSV with the columns supplier_id, iban, how: all rows are taken, or none and every faulty one is
        named. A supplier that had none before the file may have several rows; one that had gets another
        account only by call-back and second person. Raises WrongUsage for what is no such list and
        DeskRefused for accounts that may not be loaded."""
        rows, had = _rows(file), set(self._mirror.verified_accounts())
        checked: list[Verified | None] = []
        faults = []
        for row in rows:
            supplier_id, iban, how = (row.cells[name] for name in _COLUMNS)
            try:
                checked.append(
                    self._checked(supplier_id, iban, person, how, may_have_one=supplier_id not in had)
                )
            except DeskRefused as error:
                faults.append(f"line {row.line}: {error}")
        if faults:
            raise DeskRefused(f"no account was loaded: {CsvFault.of(str(file), faults)}")
        self._keep([entry for entry in checked if entry is not None], person)
        return f"{len(rows)} verified accounts are on file"

    def _allowed(self, supplier_id: str, person: PersonId) -> Supplier:
        reason = self._policy.answer_refusal(person)
        keepers = self._fraud.account_keepers
        if reason is None and keepers and person not in keepers:
            reason = f"{person} does not keep accounts; [policy.fraud] account_keepers names who does"
        if reason is not None:
            raise DeskRefused(reason)
        known = self._mirror.get(SupplierId(supplier_id))
        if known is None:
            raise DeskRefused(
                f"there is no supplier {supplier_id} in the copy; run `erp-agent suppliers sync`"
            )
        return known

    def _refuse(self, supplier: Supplier, account: str, person: PersonId, reason: str) -> None:
        event = audit.CallBackRefused(
            supplier_id=supplier.supplier_id, account=masked(account), reason=reason
        )
        self._log.append(None, audit.person(person), event)
        raise DeskRefused(f"{supplier.supplier_id}: {reason}")

    def _case(self, case_id: str | None, supplier: Supplier) -> CaseSummary | None:
        if case_id is None:
            return None
        case = self._cases.get(CaseId(case_id))
        if case is None:
            raise DeskRefused(f"there is no case {case_id}; `erp-agent cases` lists them")
        if case.supplier_id is not None and case.supplier_id != supplier.supplier_id:
            raise DeskRefused(f"{case_id} is a document of {case.supplier_id}, not of {supplier.supplier_id}")
        return case


def _typing_refusal(account: str) -> str | None:
    return None if may_be_account(account) else f"{masked(account)} is not a valid account: check it"


def _next_step(call: CallBack) -> str:
    if call.result is CallResult.CONFIRMED:
        return "A second person activates it with `erp-agent suppliers verify-account`."
    if call.result is CallResult.DENIED:
        return "The account stays frozen; reject and report its documents."
    return "Nothing is verified; call again."


def _rows(file: Path) -> tuple[Row, ...]:
    """Complete rows of the list. Raises WrongUsage naming every one that is not."""
    try:
        table = table_of(file_given(file), str(file), {name: (name,) for name in _COLUMNS})
        faults = list(table.faults)
        for row in table.rows:
            if missing := [name for name in _COLUMNS if not row.cells[name]]:
                faults.append(f"line {row.line} lacks {', '.join(missing)}")
        if faults:
            raise CsvFault.of(str(file), faults)
    except CsvFault as fault:
        raise WrongUsage(str(fault)) from None
    if not table.rows:
        raise WrongUsage(f"{file} holds no accounts")
    return table.rows
