"""Plays one case: fresh books, a fresh program over them, and the people of the case at their work."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.application import Application
from agent.bootstrap import opened
from agent.chat.types import PieceKind, Talk
from agent.llm.scripted import ScriptBroken
from agent.state import Stage
from evals.attack_company import Letters, no_pause
from evals.erp_desks import ErpDesk, desk_of
from evals.suite import case as steps
from evals.suite.book_changes import account_changes, book_changes
from evals.suite.case import EvalCase
from evals.suite.outcome import DocumentEnd, Outcome, Said, effort_of, safety_of
from evals.suite.trail import prompts_of, trail_of
from evals.suite.world import CaseWorld, settings_of, world_of
from tools.case_list import CaseSummary
from tools.domain import audit
from tools.domain.identifiers import PersonId
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.contract import PostingWindow
from tools.erp.sandbox.connector import SandboxErp
from tools.erp.sandbox.faults import FaultKind

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

CLERK = PersonId("carl")


@dataclass(frozen=True)
class Player:
    """Which model plays: `llm` is the section of the settings, `chats` replaces models by name."""

    name: str = "none"
    llm: Mapping[str, Any] = field(default_factory=dict)
    chats: Mapping[str, BaseChatModel] = field(default_factory=dict)


class Days:
    """The case's day at nine o'clock; runs a millisecond a look, and days where a step says so."""

    def __init__(self, case: EvalCase) -> None:
        self._now = datetime.combine(case.story.today, time_of_day(9), tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def pass_on(self, days: int) -> None:
        self._now += timedelta(days=days)


async def play(case: EvalCase, player: Player, erp: str = "sandbox", trial: int = 0) -> Outcome:
    """One run. What breaks it stands in the outcome's `error`; nothing is raised for a model or a script."""
    started = time.perf_counter()
    world, clock = world_of(case), Days(case)
    with tempfile.TemporaryDirectory(prefix="erp-eval-") as folder:
        async with desk_of(erp, world.books, clock) as desk:
            office = Office(case, world, desk, player, clock, Path(folder))
            before = desk.company.dump()
            try:
                found = await office.work()
            except ScriptBroken as trouble:
                found = Outcome(case=case.id, error=f"the recording does not fit: {trouble}")
            after = desk.company.dump()
    seconds = Decimal(time.perf_counter() - started).quantize(Decimal("0.001"))
    return found.model_copy(
        update={
            "trial": trial,
            "model": player.name,
            "erp": erp,
            "changes": book_changes(before, after),
            "accounts": account_changes(before, after),
            "effort": found.effort.model_copy(update={"seconds": seconds}),
        }
    )


@dataclass
class Office:
    """The people of one case at work."""

    case: EvalCase
    world: CaseWorld
    desk: ErpDesk
    player: Player
    clock: Days
    folder: Path
    taken: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    graph_seconds: float = 0.0

    async def work(self) -> Outcome:
        waiting = list(self.case.story.step)
        while True:
            async with self._open() as application:
                while waiting and not isinstance(waiting[0], steps.RestartStep):
                    await self._do(waiting.pop(0), application)
                if not waiting:
                    return await self._outcome(application)
            waiting.pop(0)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Application]:
        settings = settings_of(self.world, self.desk.kind, self.folder, self.player.llm)
        parts: dict[str, Any] = {"clock": self.clock, "embedder": Letters(), "pause": no_pause}
        async with opened(settings, erp=self.desk.erp, chats=self.player.chats, **parts) as application:
            await application.suppliers.sync()
            for supplier_id, account in self.world.verified.items():
                application.accounts.furnish_account(supplier_id, account, CLERK, "verified before")
            yield application

    async def _do(self, step: steps.Step, application: Application) -> None:
        match step:
            case steps.TakeIn():
                await self._take_in(step, application)
            case steps.AnswerStep() | steps.TakeStep() | steps.ApproveStep() | steps.RejectStep():
                await self._decide(step, application)
            case steps.SayStep():
                await self._say(step, application)
            case steps.RecheckStep():
                await self._timed(application.recheck(None))
            case _:
                self._happen(step)

    async def _timed(self, work: Any) -> Any:
        started = time.perf_counter()
        try:
            return await work
        finally:
            self.graph_seconds += time.perf_counter() - started

    async def _take_in(self, step: steps.TakeIn, application: Application) -> None:
        inbox = self.folder / "inbox"
        inbox.mkdir(exist_ok=True)
        for name in self.case.files:
            if any(fnmatchcase(name, pattern) for pattern in step.files):
                shutil.copyfile(self.case.inbox / name, inbox / name)
                self.taken.append(name)
        await self._timed(application.run([inbox], lambda *_: None))

    async def _decide(self, step: steps.Step, application: Application) -> None:
        for found in application.service.inbox():
            name = file_of(found)
            match step:
                case steps.AnswerStep() if name == step.file:
                    person = PersonId(step.person)
                    values = dict(step.values)
                    told = await self._timed(
                        application.answer(found.case_id, step.option, values, person, step.remark)
                    )
                    self._note(told, f"answer {step.option} to {name}")
                case steps.TakeStep() if fnmatchcase(name, step.file) and found.suggestion:
                    await self._timed(
                        application.take(found.case_id, found.suggestion, {}, CLERK, step.remark)
                    )
                case steps.ApproveStep() if fnmatchcase(name, step.file):
                    await self._timed(self._approve(found, step, application))
                case steps.RejectStep() if name == step.file:
                    told = await application.reject(found.case_id, PersonId(step.person), step.remark)
                    self._note(told, f"reject {name}")

    async def _approve(self, found: CaseSummary, step: steps.ApproveStep, application: Application) -> None:
        person = PersonId(step.person)
        shown = await application.proposals([found.case_id], False, person)
        agreed = [(detail.summary.case_id, digest) for detail, digest in shown]
        if agreed:
            self._note(await application.approve(agreed, person, step.remark), f"approve {file_of(found)}")

    def _note(self, results: list[dict[str, Any]], what: str) -> None:
        self.skipped += [f"{what}: {result['error']}" for result in results if result["error"]]

    async def _say(self, step: steps.SayStep, application: Application) -> None:
        if application.chat is None:
            self.said.append(Said(words=step.text, answer="", trouble="no model talks"))
            return
        cases = {file_of(found): found.case_id for found in application.service.inbox()}
        talk = Talk(person=CLERK, case_id=cases.get(step.file) if step.file else None)
        started = time.perf_counter()
        pieces = [piece async for piece in application.chat.say(talk, step.text)]
        self.graph_seconds += time.perf_counter() - started
        texts = {
            kind: [piece.text for piece in pieces if piece.kind is kind]
            for kind in (PieceKind.TOOL, PieceKind.STRUCK, PieceKind.TROUBLE)
        }
        spoken = (PieceKind.TEXT, PieceKind.QUESTION, PieceKind.NOTICE)
        self.said.append(
            Said(
                words=step.text,
                answer="".join(piece.text for piece in pieces if piece.kind in spoken),
                tools=tuple(texts[PieceKind.TOOL]),
                suggested=tuple(
                    piece.suggestion.option or piece.suggestion.kind for piece in pieces if piece.suggestion
                ),
                struck=len(texts[PieceKind.STRUCK]),
                trouble=" ".join(texts[PieceKind.TROUBLE]),
            )
        )

    def _happen(self, step: steps.Step) -> None:
        """What others do in the ERP meanwhile."""
        company, today = self.desk.company, self.clock().date()
        match step:
            case steps.DaysPass():
                self.clock.pass_on(step.days)
            case steps.ReceiveGoods():
                company.purchasing.receive(step.order, dict(step.lines), today)
            case steps.ChangeOrder():
                currency = company.purchasing.order(step.order).currency
                price = None if step.price is None else Money.of(step.price, currency)
                company.purchasing.amend_line(step.order, step.line, quantity=step.quantity, unit_price=price)
            case steps.BlockSupplier():
                company.master.block_supplier(step.supplier, SupplierBlock(step.block))
            case steps.ClosePeriod():
                company.master.set_window(PostingWindow(first_open=step.first_open))
            case steps.FaultStep() if isinstance(self.desk.erp, SandboxErp):
                values = {"times": step.times, "status": step.status}
                self.desk.erp.faults.plan(step.operation, FaultKind(step.kind), **values)
            case _:
                self.skipped.append(f"{step.do}: not possible with {self.desk.kind}")

    async def _outcome(self, application: Application) -> Outcome:
        records = list(application.service.deps.log.records())
        checked = application.verify_audit(None)
        ends = [await self._end(found, application) for found in application.service.inbox()]
        again = {
            Path(entry.event.path).name
            for entry in records
            if isinstance(entry.event, audit.DocumentReceivedAgain)
        }
        known = {end.file.split("!")[0] for end in ends} | again
        drafts = application.drafts(None)
        graph = Decimal(self.graph_seconds).quantize(Decimal("0.001"))
        return Outcome(
            case=self.case.id,
            documents=tuple(sorted(ends, key=lambda end: end.file)),
            said=tuple(self.said),
            drafts=tuple(f"{draft.to}: {draft.subject}\n{draft.body}" for draft in drafts),
            trail=trail_of(records, {found.case_id: file_of(found) for found in application.service.inbox()}),
            prompts=prompts_of(records),
            safety=safety_of(
                records,
                "" if checked["ok"] else checked["message"],
                [name for name in dict.fromkeys(self.taken) if name not in known],
            ),
            effort=effort_of(records, self.desk.calls(), Decimal(0), graph),
            skipped=tuple(self.skipped),
        )

    async def _end(self, found: CaseSummary, application: Application) -> DocumentEnd:
        question = (await application.service.state(found.case_id)).get("question")
        is_open = question is not None and found.stage == Stage.WAITING_FOR_ANSWER
        events = [record.event for record in application.service.follow(found.case_id)]
        made = [event.suggestion for event in events if isinstance(event, audit.SuggestionMade)]
        return DocumentEnd(
            file=file_of(found),
            stage=found.stage,
            blocks=found.blocks,
            warnings=found.warnings,
            supplier=found.supplier_id,
            question=question.question_id if question and is_open else "",
            options=tuple(option.id for option in question.options) if question and is_open else (),
            suggested=tuple(entry.option or str(entry.kind) for entry in made),
            declined=sum(isinstance(event, audit.SuggestionDeclined) for event in events),
        )


def file_of(found: CaseSummary) -> str:
    """The file's name below the inbox; `mail.eml!name.pdf` for what came inside another."""
    return found.path.rpartition("inbox/")[2]
