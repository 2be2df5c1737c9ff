"""CaseService: everything a screen may ask for. Screens hold no rule; every check stands here or below."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command

from agent.approval_standing import authority, verdict, word_counts
from agent.claims import CaseBusy, Claims
from agent.graph import CaseGraph, build
from agent.replies import answer_fault, answered, noted, shown_again, unheard
from agent.settling import RECHECK, programs_choice
from agent.state import FINAL, WAITING, Answer, CaseState, Deps, Stage
from agent.suggestions import option_of, taken_fault, to_take, values_of
from agent.views import CaseDetail, detail
from agent.word_left import marked
from tools.archive import Receipt
from tools.case_list import CaseList, CaseSummary
from tools.domain import audit
from tools.domain.audit import Actor, AuditRecord
from tools.domain.authority_verdict import Verdict
from tools.domain.decision import Approval, Decision
from tools.domain.documents import Reading, SourceDocument
from tools.domain.identifiers import CaseId, DocumentId, PersonId
from tools.domain.suggestion import Suggestion
from tools.erp.errors import ErpError
from tools.masking import without_accounts
from tools.matching.document_print import print_of


class Refused(Exception):
    """What was asked for is not possible or not allowed; the text says why, for people."""


class CaseService:
    """One company's cases. Waits for nobody: a case that needs a person is left waiting."""

    def __init__(
        self, deps: Deps, cases: CaseList, claims: Claims, checkpointer: BaseCheckpointSaver[Any]
    ) -> None:
        self.deps = deps
        self._cases = cases
        self.claims = claims
        self._graph: CaseGraph = build(deps, checkpointer)

    def fresh(self) -> CaseService:
        """The same service with nothing remembered of earlier reads of the ERP; one for each batch."""
        return self.with_deps(replace(self.deps, reader=self.deps.reader.fresh()))

    def with_deps(self, deps: Deps) -> CaseService:
        """The same cases and graph, worked on with other dependencies."""
        other = copy(self)
        other.deps = deps
        return other

    def knows(self, document_id: DocumentId) -> bool:
        return self.deps.archive.knows(document_id)

    def receive(self, document: SourceDocument, reading: Reading | None) -> Receipt:
        """Keep a document with its reading and open its case; None for bytes that are known."""
        if reading is None:
            return self.deps.archive.receive_again(document)
        company = self.deps.profile.company
        paper = print_of(reading.invoice, company) if reading.invoice else None
        return self.deps.archive.receive(document, reading, paper)

    def inbox(self, stages: Iterable[Stage] | None = None) -> list[CaseSummary]:
        """All cases in the order of arrival, or those in `stages`."""
        return self._cases.all(None if stages is None else [stage.value for stage in stages])

    def case(self, case_id: CaseId) -> CaseSummary:
        """Raises Refused for an unknown case."""
        found = self._cases.get(case_id)
        if found is None:
            raise Refused(f"there is no case {case_id}; `erp-agent cases` lists them")
        return found

    def unfinished(self) -> list[CaseSummary]:
        """Cases that go on without a person: left in the middle by an earlier run, or with a person's word
        that was not carried out yet."""
        return [case for case in self.inbox(set(Stage) - FINAL) if self._goes_on(case)]

    def _goes_on(self, case: CaseSummary) -> bool:
        stage = Stage(case.stage)
        if stage not in WAITING:
            return stage not in FINAL
        if stage is Stage.WAITING_FOR_APPROVAL:
            return unheard(self.follow(case.case_id)) is not None
        return case.question is None

    def stands(self, case_id: CaseId, what: str) -> str:
        """A refusal in words: `what` is not so of the case, where it stands, and what takes it further."""
        case = marked(self.deps.log, self.case(case_id))
        if case.word_left is not None:
            return f"{case_id} is {case.word_left.told}"
        way = f"; `erp-agent recheck {case_id}` goes on with it" if self._goes_on(case) else ""
        return f"{case_id} {what}; it is {case.stage.replace('_', ' ')}{way}"

    def follow(self, case_id: CaseId) -> list[AuditRecord]:
        """The case's history from the audit log."""
        return list(self.deps.log.records(self.case(case_id).case_id))

    async def show(self, case_id: CaseId) -> CaseDetail:
        """Document beside order beside receipt, the findings, and what is asked or proposed."""
        summary = marked(self.deps.log, self.case(case_id))
        state = await self.state(case_id)
        reading = self.deps.archive.reading(summary.document_id)
        found = detail(summary, state, reading, self.deps.facts.get(case_id), self.follow(case_id))
        told = found.model_copy(update={"authority": authority(self.deps, state)})
        invoice = reading.invoice if reading else None
        return without_accounts(told, invoice.other_accounts if invoice else ())

    async def may_approve(self, case_id: CaseId, person: PersonId) -> Verdict:
        """Whether `person` may approve the case's proposal now, and why (not)."""
        state = await self.state(case_id)
        proposal = state.get("proposal")
        if self.case(case_id).stage != Stage.WAITING_FOR_APPROVAL or proposal is None:
            return Verdict(allowed=False, reason=f"{case_id} does not wait for an approval")
        return verdict(self.deps, state, proposal, person)

    async def advance(self, case_id: CaseId) -> CaseSummary:
        """Start or continue a case until it waits for a person or is closed. Does nothing for a case that
        waits. Raises CaseBusy; ErpError is noted in the log first, and the case goes on with the next run.
        """
        async with self._claimed(case_id):
            snapshot = await self._graph.aget_state(_thread(case_id))
            if not snapshot.values:
                start: CaseState = {
                    "case_id": case_id,
                    "document_id": self.case(case_id).document_id,
                    "stage": Stage.RECEIVED,
                }
                await self._invoke(case_id, start)
            elif snapshot.interrupts:
                reply = unheard(self.follow(case_id))
                if reply is not None:
                    await self._invoke(case_id, Command(resume=reply))
            elif snapshot.tasks:
                # Not `next`: it leaves out a step that was done when the process died before the next
                # checkpoint, and the case would stand still for ever.
                await self._invoke(case_id, None)
        return self.case(case_id)

    async def decide(
        self, case_id: CaseId, digest: str, decision: Decision, person: PersonId, remark: str = ""
    ) -> CaseSummary:
        """A person's word on the proposal they were shown. Raises Refused (and notes it) when the proposal
        is another one by now or the person lacks the right; CaseBusy; ErpError."""
        async with self._claimed(case_id):
            state = await self.state(case_id)
            proposal = state.get("proposal")
            if self.case(case_id).stage != Stage.WAITING_FOR_APPROVAL or proposal is None:
                raise Refused(self.stands(case_id, "does not wait for an approval"))
            found = word_counts(self.deps, state, proposal, digest, decision, person)
            if not found.allowed:
                refused = audit.ApprovalRefused(digest=digest, person=person, reason=found.reason)
                self.deps.log.append(case_id, audit.person(person), refused)
                raise Refused(f"{case_id}: {found.reason}")
            approval = Approval(
                case_id=case_id,
                digest=digest,
                person=person,
                decided_at=self.deps.now(),
                decision=decision,
                remark=remark,
            )
            word = noted(approval, self.deps.approval_policy, found.reason)
            self.deps.log.append(case_id, audit.person(person), word, durable=True)
            # What an earlier step of this process read from the ERP is no ground for what follows now.
            await self.fresh()._invoke(case_id, Command(resume=approval))
        return self.case(case_id)

    async def answer(
        self,
        case_id: CaseId,
        option: str,
        values: Mapping[str, str],
        person: PersonId,
        remark: str = "",
        suggestion: Suggestion | None = None,
    ) -> CaseSummary:
        """A person's answer to the case's question; `suggestion` is the one they took. Raises Refused for an
        option that is not offered or lacks a value, and (noting it) for a person who may not answer;
        CaseBusy; ErpError."""
        question = (await self.state(case_id)).get("question")
        chosen = next((entry for entry in question.options if entry.id == option), None) if question else None
        who, day = chosen.who if chosen else "", self.deps.today()
        reason = self.deps.approval_policy.choice_refusal(person, who, day)
        if reason is not None:
            refused = audit.AnswerRefused(option=option, person=person, reason=reason)
            self.deps.log.append(self.case(case_id).case_id, audit.person(person), refused)
            raise Refused(f"{case_id}: {reason}")
        actor = audit.person(person)
        return await self.fresh()._answer(case_id, option, values, actor, remark, suggestion)

    async def take(
        self,
        case_id: CaseId,
        suggestion_id: str,
        person: PersonId,
        remark: str = "",
        values: Mapping[str, str] | None = None,
    ) -> CaseSummary:
        """A person makes a model's suggestion their own answer, with the same rights, values and reason as
        without it; an empty id means the only one there is. Raises as `answer`, and Refused for a suggestion
        that is not known or was made for other findings."""
        found = to_take(self.follow(case_id), await self.state(case_id), case_id, suggestion_id)
        if isinstance(found, str):
            raise Refused(found)
        given = {**values_of(found), **(values or {})}
        return await self.answer(case_id, option_of(found), given, person, remark, found)

    async def waiting_for_the_erp(self) -> list[CaseId]:
        """Cases that wait for something that may have changed in the ERP, or be found in it."""
        stages = (Stage.ON_HOLD, Stage.WAITING_FOR_ANSWER, Stage.OUTCOME_UNKNOWN)
        waiting = [case.case_id for case in self.inbox(stages)]
        again = [case_id for case_id in waiting if programs_choice(await self._offered(case_id))]
        return list(dict.fromkeys([*(case.case_id for case in self.unfinished()), *again]))

    async def recheck(self, case_id: CaseId, why: str = "") -> CaseSummary:
        """Read the ERP again for a waiting case and match, as the program itself; `fresh` before, for reads
        that are new. With `why`, what changed in the ERP, a proposal that is shown is made anew too. A case
        left in the middle goes on. Raises Refused when its question does not offer it; CaseBusy; ErpError."""
        if self._goes_on(self.case(case_id)):
            return await self.advance(case_id)
        choice = programs_choice(await self._offered(case_id)) or RECHECK
        return await self._answer(case_id, choice, {}, audit.SERVICE, why)

    async def _offered(self, case_id: CaseId) -> list[str]:
        question = (await self.state(case_id)).get("question")
        return [option.id for option in question.options] if question else []

    async def _answer(
        self,
        case_id: CaseId,
        option: str,
        values: Mapping[str, str],
        actor: Actor,
        remark: str,
        taken: Suggestion | None = None,
    ) -> CaseSummary:
        async with self._claimed(case_id):
            state = await self.state(case_id)
            question = state.get("question") or shown_again(state, option, actor, remark)
            if question is None:
                raise Refused(self.stands(case_id, "asks nothing"))
            fault = answer_fault(question, option, values, remark) or taken_fault(state, taken)
            if fault is not None:
                raise Refused(fault)
            answer = Answer(
                question_id=question.question_id,
                option=option,
                values=dict(values),
                person=PersonId(actor.id),
                answered_at=self.deps.now(),
                remark=remark,
                suggestion_id=taken.suggestion_id if taken else "",
                suggested_by=taken.model if taken else "",
            )
            self.deps.log.append(case_id, actor, *answered(answer, state))
            await self._invoke(case_id, Command(resume=answer))
        return self.case(case_id)

    @asynccontextmanager
    async def _claimed(self, case_id: CaseId) -> AsyncIterator[None]:
        self.deps.log.verify_case(self.case(case_id).case_id)
        async with self.claims.hold([case_id]) as taken:
            if case_id not in taken:
                raise CaseBusy(f"{case_id} is being worked on by another process; try again in a moment")
            yield

    async def state(self, case_id: CaseId) -> CaseState:
        """What the case's last checkpoint holds; for desks, not for screens."""
        state: CaseState = (await self._graph.aget_state(_thread(case_id))).values  # type: ignore[assignment]
        return state

    async def _invoke(self, case_id: CaseId, argument: CaseState | Command[Any] | None) -> None:
        try:
            await self._graph.ainvoke(argument, _thread(case_id), context=self.deps, durability="sync")
        except ErpError as error:
            self.note_failure(case_id, error)
            raise

    def note_failure(self, case_id: CaseId, error: Exception) -> None:
        """A step of the case was not finished."""
        failed = audit.StepFailed(error=type(error).__name__, message=str(error))
        self.deps.log.append(case_id, audit.SERVICE, failed)


def _thread(case_id: CaseId) -> RunnableConfig:
    return {"configurable": {"thread_id": case_id}}
