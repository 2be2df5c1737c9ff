"""The record of a call-back: a person asked the supplier, on a number we knew before, whose an account is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from tools.domain.authority import ApprovalPolicy
from tools.domain.authority_rights import is_one_person
from tools.domain.identifiers import CaseId, PersonId, SupplierId
from tools.domain.record import Record
from tools.domain.telephone import full_line_among, is_telephone_number, printed_number, same_line


class NumberSource(StrEnum):
    """Where the number that was called comes from. There is no member for the document: it is no source."""

    MASTER_DATA = "master_data"
    CONTRACT = "contract"


class CallResult(StrEnum):
    CONFIRMED = "confirmed"
    DENIED = "denied"
    """The supplier says that the account is not theirs."""
    NOT_REACHED = "not_reached"


class PayeeCheck(StrEnum):
    """Answer of the bank's Verification of Payee (Regulation (EU) 2024/886); evidence beside the call."""

    MATCH = "match"
    CLOSE_MATCH = "close_match"
    NO_MATCH = "no_match"
    NOT_POSSIBLE = "not_possible"


class CallBack(Record):
    """One call, and the second person's step if there was one."""

    id: int
    supplier_id: SupplierId
    account: str
    """Letters and digits only."""
    case_id: CaseId | None = None
    """The document that made somebody call."""
    caller: PersonId
    number: str
    number_from: NumberSource
    spoken_with: str
    called_at: datetime
    result: CallResult
    payee_check: PayeeCheck | None = None
    remark: str = ""
    recorded_at: datetime
    activated_by: PersonId | None = None
    activated_at: datetime | None = None

    @property
    def evidence(self) -> str:
        """The call in one sentence, without the account."""
        checked = f", payee check: {self.payee_check.replace('_', ' ')}" if self.payee_check else ""
        return (
            f"call-back {self.id} of {self.called_at:%Y-%m-%d %H:%M} by {self.caller} to {self.number} "
            f"({self.number_from.replace('_', ' ')}) with {self.spoken_with or 'nobody'}: "
            f"{self.result.replace('_', ' ')}{checked}"
        )


def number_refusal(
    number: str,
    source: NumberSource,
    printed: Iterable[str],
    on_file: str | None,
    *,
    printed_counts: bool,
    elsewhere: Iterable[str] = (),
) -> str | None:
    """Why this number may not be the one that was called, as a sentence; None when it may.

    `printed`: every number on the document and in its mail. `elsewhere`: those of every other document that
    came in, of which nobody knows which account they are about; only the ERP's own number may be among them.
    `on_file`: the supplier's number in the ERP. `printed_counts` is false where a number that equals the
    ERP's own is allowed although it is printed.
    """
    if not is_telephone_number(number):
        return f"{number!r} is no telephone number: write one number, without words or an extension's name"
    known = on_file is not None and same_line(number, on_file)
    if printed_number(number, printed) is not None and (printed_counts or not known):
        return (
            f"{number} stands on the document or in its mail: whoever sent it answers there. "
            "Take a number from the contract or from master data"
        )
    if not known and full_line_among(number, elsewhere) is not None:
        return (
            f"{number} stands on a document that came in, and the ERP's master data does not hold it. "
            "Take a number that no document names, or have the supplier's number kept in the ERP first"
        )
    if source is NumberSource.MASTER_DATA and on_file and not known:
        return f"{number} is not the number in the ERP's master data"
    return None


def time_refusal(called_at: datetime, received_at: datetime | None, now: datetime) -> str | None:
    """Why a call cannot have been at this moment: not in the future, not before there was anything to ask."""
    if called_at > now:
        return f"{called_at:%Y-%m-%d %H:%M} has not come yet"
    if received_at is not None and called_at < received_at - timedelta(minutes=1):
        return f"{called_at:%Y-%m-%d %H:%M} is before the document came"
    return None


def result_refusal(result: CallResult, spoken_with: str) -> str | None:
    """An answer was given by somebody; nobody answers where nobody was reached."""
    if result is not CallResult.NOT_REACHED and not spoken_with.strip():
        return "name the person who answered"
    return None


def activation_refusal(
    calls: Collection[CallBack],
    person: PersonId,
    policy: ApprovalPolicy,
    doubt: Callable[[CallBack], str | None] | None = None,
) -> str | None:
    """Why `person` may not activate the account these calls are about; None when they may.

    Needed: a confirmed call, no denial, no bank that says the name is another, and a second natural person:
    another login of the caller's is no second person. `doubt` tells what came in since the last confirmed
    call and speaks against the number that was called.
    """
    if any(call.result is CallResult.DENIED for call in calls):
        return "the supplier denied this account in a call-back; it stays frozen"
    confirmed = [call for call in calls if call.result is CallResult.CONFIRMED]
    if not confirmed:
        return "no call-back has confirmed this account; record one with `erp-agent suppliers call-back`"
    if doubt is not None and (reason := doubt(confirmed[-1])) is not None:
        return f"{reason}. Call again, then activate"
    if confirmed[-1].payee_check is PayeeCheck.NO_MATCH:
        return "the bank says that the account belongs to another name; report it or call again"
    same = next((call.caller for call in confirmed if is_one_person(policy, person, call.caller)), None)
    if same is not None:
        whose = "" if same == person else f" as {same}"
        return f"{person} made the call{whose}; a second person activates the account"
    return None


def cooling_until(calls: Iterable[CallBack], cooling_off: timedelta) -> datetime | None:
    """When the wait before the first use of an account ends; None for an account no call-back activated."""
    activated = [call.activated_at for call in calls if call.activated_at is not None]
    return min(activated) + cooling_off if activated else None
