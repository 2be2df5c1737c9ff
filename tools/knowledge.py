"""What a model's answers may rest on besides the records of a case: how earlier cases were settled and why,
the rules for each kind of finding, the chart of accounts. Found by kind first, then by meaning.

Filled by difference and late: when somebody asks, at most every ten minutes and a hundred cases at a time, so
no document waits for it. Kept of people is the role in which they decided, and the words of their reason.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from tools.audit_log import AuditLog
from tools.case_list import CaseList, CaseSummary
from tools.catalog.sources import ResolvedCase, kinds_in
from tools.domain.audit import ActorType, AuditRecord
from tools.domain.authority import ApprovalPolicy
from tools.domain.case_events import InvoiceMatched, QuestionAnswered
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.identifiers import CaseId, PersonId
from tools.erp.contract import Account
from tools.matching.decision_table import table
from tools.untrusted_text import tidied
from tools.vector_store import Entry, VectorStore

_CASES, _RULES, _ACCOUNTS = "resolved-cases", "policy-texts", "ledger-accounts"
_CLOSED = ("posted", "parked", "rejected")
_AT_ONCE = 100
"""Cases taken up in one go: about a second."""
_EVERY = timedelta(minutes=10)
_NEAR = 40
"""Cases with a finding of the same kind that are looked at more closely."""
_REASON, _MESSAGE = 300, 160
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_RECHECK = "recheck"
_NOTHING = "no person chose anything"


class Knowledge:
    """Over one folder of vectors. Nothing in it is kept only there. Several threads may ask; one is answered
    at a time."""

    def __init__(
        self,
        vectors: VectorStore,
        log: AuditLog,
        cases: CaseList,
        policy: ApprovalPolicy,
        now: Callable[[], datetime],
    ) -> None:
        self._vectors = vectors
        self._log = log
        self._cases = cases
        self._policy = policy
        self._now = now
        self._refreshed: datetime | None = None
        self._rules_are_there = False
        self._one_at_a_time = threading.RLock()

    def close(self) -> None:
        """Let go of the folder."""
        with self._one_at_a_time:
            self._vectors.close()

    def similar(
        self, findings: Sequence[Discrepancy], *, but: CaseId | None, limit: int
    ) -> list[ResolvedCase]:
        """Settled cases with findings of the same kinds: most in common first, then nearest in words. `but`
        leaves the case itself out."""
        blocking = [entry for entry in findings if entry.severity is Severity.BLOCK]
        kinds = kinds_in(blocking)
        if not kinds or limit < 1:
            return []
        asked = [{_flag(kind): "1"} for kind in kinds]
        where = asked[0] if len(asked) == 1 else {"$or": asked}
        with self._one_at_a_time:
            self._refresh()
            if not self._vectors.count(_CASES):
                return []
            near = self._vectors.nearest(_CASES, _words(blocking), _NEAR, where)
        found = [(_case_of(key, tags), score) for key, tags, score in near if key != but]
        found.sort(key=lambda hit: (-_in_common(hit[0], kinds), -hit[1], hit[0].case_id))
        return [case for case, _ in found[:limit]]

    def rules(self, text: str, limit: int = 3) -> list[DiscrepancyKind]:
        """Kinds of findings whose rule is nearest to the words of a person."""
        if not text.strip():
            return []
        with self._one_at_a_time:
            if not self._rules_are_there:
                self._bring(_RULES, _rules())
                self._rules_are_there = True
            return [DiscrepancyKind(key) for key, _, _ in self._vectors.nearest(_RULES, text, limit)]

    def accounts(self, chart: Collection[Account], text: str, limit: int = 5) -> list[Account]:
        """Ledger accounts that take postings, by the meaning of their names."""
        open_ones = {account.number: account for account in chart if account.direct_posting}
        usable = {number: account for number, account in open_ones.items() if not account.blocked}
        if not usable or not text.strip():
            return []
        entries = [Entry(key=account.number, text=account.name) for account in usable.values()]
        with self._one_at_a_time:
            self._bring(_ACCOUNTS, {entry.key: entry for entry in entries})
            return [usable[key] for key, _, _ in self._vectors.nearest(_ACCOUNTS, text, limit)]

    def take_up(self, most: int | None = _AT_ONCE) -> int:
        """Take up settled cases that are not there yet, the newest first; how many are left."""
        with self._one_at_a_time:
            return self._taken_up(most)

    def _taken_up(self, most: int | None) -> int:
        settled = set(self._log.cases_with(QuestionAnswered.model_fields["kind"].default))
        closed = {case.case_id: case for case in self._cases.all(_CLOSED) if case.case_id in settled}
        held = self._vectors.stored(_CASES)
        missing = [case for case_id, case in reversed(closed.items()) if case_id not in held]
        taken = missing[:most]
        entries = [self._entry(case) for case in taken]
        kept = {key: tags for key, tags in held.items() if key not in closed}
        self._vectors.bring(_CASES, {entry.key: entry for entry in entries}, kept)
        return len(missing) - len(taken)

    def _refresh(self) -> None:
        now = self._now()
        if self._refreshed is None or now - self._refreshed >= _EVERY:
            self.take_up()
            self._refreshed = now

    def _bring(self, collection: str, wanted: Mapping[str, Entry]) -> None:
        self._vectors.bring(collection, wanted, self._vectors.stored(collection))

    def _entry(self, case: CaseSummary) -> Entry:
        records = list(self._log.records(case.case_id))
        answer = _answer(records)
        found = _findings_before(records, answer)
        kinds = kinds_in(found)
        tags = {_flag(kind): "1" for kind in kinds} | {
            "findings": " ".join(kinds),
            "resolution": _option(answer),
            "decided_by": self._role(PersonId(answer.actor.id)) if answer else "",
            "reason": _reason(answer),
            "outcome": case.stage,
        }
        return Entry(key=case.case_id, text=_words(found) or _NOTHING, tags=tags)

    def _role(self, person: PersonId) -> str:
        known = self._policy.person(person)
        roles = sorted(role.words for role in self._policy.roles_of(known)) if known else []
        return " and ".join(roles) or "clerk"


def _answer(records: Sequence[AuditRecord]) -> AuditRecord | None:
    """The last choice of a person; looking again is none."""
    answers = [
        record
        for record in records
        if isinstance(record.event, QuestionAnswered)
        and record.actor.type is ActorType.PERSON
        and record.event.option != _RECHECK
    ]
    return answers[-1] if answers else None


def _findings_before(records: Sequence[AuditRecord], answer: AuditRecord | None) -> list[Discrepancy]:
    """What needed a person when they chose."""
    last = answer.sequence if answer else 0
    matched = [
        record.event
        for record in records
        if isinstance(record.event, InvoiceMatched) and record.sequence < last
    ]
    found = matched[-1].findings if matched else ()
    return [entry for entry in found if entry.severity is Severity.BLOCK]


def _option(answer: AuditRecord | None) -> str:
    """Without what was only true of that case: `order` for `order:PO-77`."""
    if answer is None or not isinstance(answer.event, QuestionAnswered):
        return ""
    return answer.event.option.partition(":")[0]


def _reason(answer: AuditRecord | None) -> str:
    if answer is None or not isinstance(answer.event, QuestionAnswered):
        return ""
    said = answer.event.remark or answer.event.values.get("reason", "")
    return tidied(_MAIL.sub("(address)", said), _REASON)


def _words(findings: Sequence[Discrepancy]) -> str:
    """By what a case is found: kinds and messages, without their figures."""
    messages = (re.sub(r"\d[\d.,]*", "", entry.message)[:_MESSAGE] for entry in findings[:4])
    kinds = (kind.replace("_", " ") for kind in kinds_in(findings))
    return tidied(" ".join((*kinds, *messages)))


def _flag(kind: DiscrepancyKind) -> str:
    return f"is_{kind.value}"


def _case_of(key: str, tags: Mapping[str, str]) -> ResolvedCase:
    return ResolvedCase(
        case_id=CaseId(key),
        findings=tuple(tags["findings"].split()),
        resolution=tags["resolution"],
        decided_by=tags["decided_by"],
        reason=tags["reason"],
        outcome=tags["outcome"],
    )


def _in_common(case: ResolvedCase, kinds: Collection[DiscrepancyKind]) -> float:
    """Share of kinds that both have of all that either has."""
    one, other = set(case.findings), {kind.value for kind in kinds}
    return len(one & other) / len(one | other)


def _rules() -> dict[str, Entry]:
    """A text for each row of the decision table."""
    texts = {
        kind.value: " ".join(
            (kind.replace("_", " "), entry.first_look, *(way.label for way in entry.resolutions))
        )
        for kind, entry in table().items()
    }
    return {key: Entry(key=key, text=text) for key, text in texts.items()}
