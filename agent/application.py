"""What one process offers its screens: the cases, the suppliers, the log, the state of health."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.account_desk import AccountDesk
from agent.approval_outcome import not_finished
from agent.batch import Outcome, run_batch
from agent.call_limits import files_below, require_calls
from agent.claims import CaseBusy
from agent.clean_cases import is_clean
from agent.coding_desk import CodingDesk
from agent.doctor import examine
from agent.service import CaseService, Refused
from agent.settings import Settings
from agent.state import Stage
from agent.suggestion_views import DraftView, draft_views
from agent.supplier_desk import DeskRefused, SupplierDesk
from agent.triggers.health import watch_check
from agent.views import CaseDetail
from agent.word_left import all_marked
from agent.work_desk import WorkDesk
from agent.wrong_usage import WrongUsage, require_paths
from tools.audit_log import AuditBroken
from tools.case_list import CaseSummary
from tools.change_marks import ChangeMarks
from tools.domain.decision import Decision
from tools.domain.identifiers import CaseId, PersonId
from tools.erp.errors import ErpError
from tools.intake.workers import ReadingPool
from tools.log_witness import NOT_PROVED, contradictions
from tools.masking import without_accounts

if TYPE_CHECKING:  # its libraries take a second to load, and most processes use no model
    from agent.chat.conversation import Chat
    from agent.llm.desks import ModelDesks
    from agent.llm.mcp_tools import McpTools

Progress = Callable[[str, int, int], None]
Result = dict[str, Any]
"""`case`, `stage`, `reason`, `erp_number`: what became of one case; `error` says why it was not done,
`error_kind` the same as the name of the error's class."""
_POSTINGS_AT_ONCE = 20


@dataclass(frozen=True)
class Application:
    settings: Settings
    service: CaseService
    suppliers: SupplierDesk
    accounts: AccountDesk
    pool: ReadingPool
    changes: ChangeMarks
    desks: ModelDesks | None = None
    """Absent: the settings name no model."""
    chat: Chat | None = None
    foreign: McpTools | None = None
    """Tools of other servers, which conversations use."""

    def require_chat(self) -> Chat:
        """Raises WrongUsage where no model talks."""
        if self.chat is None:
            raise WrongUsage(
                "no model talks: name one as [llm] chat in the settings; `show`, `answer` and `approve` do "
                "everything without one"
            )
        return self.chat

    @property
    def work(self) -> WorkDesk:
        """What comes first, and suppliers' statements."""
        return WorkDesk(self.service)

    @property
    def coding(self) -> CodingDesk:
        """Earlier codings."""
        return CodingDesk(self.service.deps)

    async def run(self, paths: Sequence[Path], progress: Progress, *, beyond: bool = False) -> list[Outcome]:
        """Bring the supplier copy up to date and take in all documents below `paths`. `beyond`: even if the
        ERP's vendor allows too few calls today (see `call_limits`)."""
        require_paths(paths)
        self._require_calls(reading=files_below(paths) + len(self.service.unfinished()), beyond=beyond)
        self._begin_batch()
        return await run_batch(
            self.service,
            paths,
            self.pool,
            progress=progress,
            prepare=self.suppliers.sync,
            cases_at_once=self.settings.batch.cases_at_once,
        )

    def _require_calls(self, *, reading: int = 0, posting: int = 0, beyond: bool = False) -> None:
        beyond = beyond or self.settings.batch.beyond_daily_limit
        require_calls(self.service.deps.erp, reading=reading, posting=posting, beyond=beyond)

    def _begin_batch(self) -> None:
        """What models may use up counts from here."""
        if self.desks is not None:
            self.desks.begin_batch()

    async def inbox(self, stages: Sequence[str] | None) -> list[CaseSummary]:
        unknown = [stage for stage in stages or () if stage not in set(Stage)]
        if unknown:
            raise WrongUsage(f"there is no stage {', '.join(unknown)}; there are: {', '.join(Stage)}")
        found = self.service.inbox(None if not stages else [Stage(stage) for stage in stages])
        return all_marked(self.service.deps.log, found)

    async def proposals(
        self, cases: Sequence[str] | None, clean: bool, person: PersonId
    ) -> list[tuple[CaseDetail, str]]:
        """Cases to approve with the digest of what is shown: the named ones that wait for an approval, each
        once, or all clean ones whose next approval may be this person's. Those with a word that is on its
        way are none of them (see `not_waiting`)."""
        waiting = [case.case_id for case in self._waiting() if case.word_left is None]
        chosen = [case_id for case_id in self._named(cases) if case_id in waiting]
        if clean:
            chosen = [case for case in waiting if (await self.service.may_approve(case, person)).allowed]
        details = [await self.service.show(case_id) for case_id in chosen]
        return [
            (detail, detail.proposal.digest)
            for detail in details
            if detail.proposal is not None and (not clean or is_clean(detail))
        ]

    def _named(self, cases: Sequence[str] | None) -> list[CaseId]:
        """Each named case once. Raises Refused for one that does not exist."""
        return [self.service.case(CaseId(case)).case_id for case in dict.fromkeys(cases or ())]

    def not_waiting(self, cases: Sequence[str] | None) -> list[Result]:
        """The named cases that wait for no approval, as results: they keep no other case from its own. None
        named: all whose approval or rejection is in the log and was not carried out yet."""
        waiting = {case.case_id: case.word_left is not None for case in self._waiting()}
        left = [case_id for case_id, has_word in waiting.items() if has_word]
        named = [case_id for case_id in self._named(cases) if waiting.get(case_id, True)]
        said = "does not wait for an approval"
        found = named if cases else left
        return [self._told(case_id, Refused(self.service.stands(case_id, said))) for case_id in found]

    def _waiting(self) -> list[CaseSummary]:
        return all_marked(self.service.deps.log, self.service.inbox([Stage.WAITING_FOR_APPROVAL]))

    async def approve(
        self, agreed: Iterable[tuple[str, str]], person: PersonId, remark: str, *, beyond: bool = False
    ) -> list[Result]:
        """Post what `person` agreed to, several at a time; each case has its own result, with an error unless
        it was posted or waits for the next approver. `beyond`: as for `run`."""
        chosen = dict.fromkeys((CaseId(case), digest) for case, digest in agreed)
        self._require_calls(posting=len(chosen), beyond=beyond)
        room = asyncio.Semaphore(_POSTINGS_AT_ONCE)

        async def one(case_id: CaseId, digest: str) -> Result:
            async with room:
                result = await self._result(
                    case_id, lambda: self.service.decide(case_id, digest, Decision.APPROVE, person, remark)
                )
            if result["error"] is None:
                case, history = self.service.case(case_id), self.service.follow(case_id)
                if told := not_finished(case, history, digest, person):
                    return {**result, "error": told, "error_kind": "NotFinished"}
            return result

        return list(await asyncio.gather(*(one(case_id, digest) for case_id, digest in chosen)))

    async def reject(self, case: str, person: PersonId, remark: str) -> list[Result]:
        """Close a case without posting; the supplier will ask why."""
        if not remark.strip():
            raise WrongUsage("a rejection needs a reason")
        case_id = CaseId(case)
        detail = await self.service.show(case_id)
        digest = detail.proposal.digest if detail.proposal else ""
        return [
            await self._result(
                case_id, lambda: self.service.decide(case_id, digest, Decision.REJECT, person, remark)
            )
        ]

    async def answer(
        self, case: str, option: str, values: dict[str, str], person: PersonId, remark: str
    ) -> list[Result]:
        case_id = CaseId(case)
        return [
            await self._result(case_id, lambda: self.service.answer(case_id, option, values, person, remark))
        ]

    async def take(
        self, case: str, suggestion: str, values: dict[str, str], person: PersonId, remark: str
    ) -> list[Result]:
        """Take a model's suggestion as one's own answer; an empty id means the only one there is."""
        case_id = CaseId(case)
        return [
            await self._result(
                case_id, lambda: self.service.take(case_id, suggestion, person, remark, values)
            )
        ]

    def drafts(self, case: str | None) -> tuple[DraftView, ...]:
        """Letters that a model drafted, of one case or of all."""
        case_id = self.service.case(CaseId(case)).case_id if case else None
        found = draft_views(self.service.deps.log.records(case_id))
        return tuple(without_accounts(draft) for draft in found)

    async def recheck(self, cases: Sequence[str] | None, *, beyond: bool = False) -> list[Result]:
        """Read the ERP again for these cases, or for all that wait for something that may have changed; cases
        left in the middle go on."""
        self._begin_batch()
        service, room = self.service.fresh(), asyncio.Semaphore(self.settings.batch.cases_at_once)
        chosen = self._named(cases) if cases else await service.waiting_for_the_erp()
        self._require_calls(reading=len(chosen), beyond=beyond)

        async def one(case_id: CaseId) -> Result:
            async with room:
                return await self._result(case_id, lambda: service.recheck(case_id))

        found = await asyncio.gather(*(one(case_id) for case_id in chosen))
        # Nobody asked for a case that another process is just working on.
        return [result for result in found if cases or result["error_kind"] != CaseBusy.__name__]

    async def _result(self, case_id: CaseId, work: Callable[[], Any]) -> Result:
        error: Exception | None = None
        try:
            await work()
        except (Refused, CaseBusy, ErpError, AuditBroken) as trouble:
            error = trouble
        return self._told(case_id, error)

    def _told(self, case_id: CaseId, error: Exception | None) -> Result:
        case = self.service.case(case_id)
        return {
            "case": case_id,
            "stage": case.stage,
            "reason": case.reason,
            "erp_number": case.erp_number,
            "error": None if error is None else str(error),
            "error_kind": None if error is None else type(error).__name__,
        }

    def verify_audit(self, head: str | None) -> Result:
        """Recompute the chain and compare the tables; `head` is `SEQUENCE:HASH` written down earlier."""
        log = self.service.deps.log
        expected = None
        if head is not None:
            sequence, _, digest = head.partition(":")
            if not sequence.isdigit() or not digest:
                raise WrongUsage("--head takes SEQUENCE:HASH, as `audit verify` printed it")
            expected = (int(sequence), digest)
        try:
            count = log.verify(expected)
        except AuditBroken as error:
            return {"ok": False, "message": f"the audit log is broken: {error}"}
        found = contradictions(log)
        if found:
            return {"ok": False, "message": "\n".join(found), "contradictions": found}
        last, digest = log.head()
        return {
            "ok": True,
            "records": count,
            "head": f"{last}:{digest}",
            "message": f"{count} records, chain unbroken; cases, documents, postings, billed lines, "
            "accounts, call-backs, senders and codings as the log says\n"
            f"not proved by the log: {NOT_PROVED}\n"
            f"head {last}:{digest} (write it down: it proves later that nothing was cut off)",
        }

    def audit_records(self, case: str | None) -> list[Result]:
        case_id = self.service.case(CaseId(case)).case_id if case else None
        return [record.model_dump(mode="json") for record in self.service.deps.log.records(case_id)]

    async def doctor(self, person: PersonId) -> list[Result]:
        checks = await examine(self.settings, self.service.deps, person)
        checks.append(watch_check(self.settings.events, self.changes, self.service.deps.now()))
        return checks + (await self.desks.examine() if self.desks is not None else [])


__all__ = ["Application", "DeskRefused"]
