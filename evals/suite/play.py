"""Plays one case: fresh books, a fresh program over them, and the people of the case at their work."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
import traceback
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from agent.application import Application
from agent.bootstrap import opened
from agent.llm.scripted import ScriptBroken
from evals.attack_company import Letters, no_pause
from evals.erp_desks import ErpDesk, desk_of
from evals.suite import steps
from evals.suite.book_changes import Dump, account_changes, book_changes, posted_twice
from evals.suite.case import CaseBroken, EvalCase
from evals.suite.ends import broken_off, document_end, named_accounts, sent_again
from evals.suite.events import Days as Days
from evals.suite.events import happen
from evals.suite.outcome import Outcome, effort_of, safety_of
from evals.suite.people import People, account_keeper, file_of
from evals.suite.sent_accounts import accounts_in
from evals.suite.trail import prompts_of, trail_of
from evals.suite.watch import Watched
from evals.suite.world import CaseWorld, limits_of, settings_of, world_of
from tools.erp.errors import ErpError
from tools.erp.sandbox.refusal import Refused
from tools.erp.sandbox.world import WorldError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True)
class Player:
    """Which model plays: `llm` is the section of the settings, `chats` replaces models by name."""

    name: str = "none"
    llm: Mapping[str, Any] = field(default_factory=dict)
    chats: Mapping[str, BaseChatModel] = field(default_factory=dict)


async def play(case: EvalCase, player: Player, erp: str = "sandbox", trial: int = 0) -> Outcome:
    """One run. What breaks it, a defect of the program too, stands in the outcome's `error`: one case stops
    no other. Raises CaseBroken for a case that cannot be played as it is written."""
    started = time.perf_counter()
    world, clock = world_of(case), Days(case)
    with tempfile.TemporaryDirectory(prefix="erp-eval-") as folder:
        try:
            async with desk_of(erp, world.books, clock) as desk:
                office = Office(case, world, desk, player, clock, Path(folder))
                before = desk.company.dump()
                found = await settled(case, office.work())
                after = desk.company.dump()
                bank = accounts_in((*desk.sent(), *office.watched.texts), office.accounts)
        except WorldError as trouble:
            raise CaseBroken(f"{case.id}: world.json: {trouble}") from None
    seconds = Decimal(time.perf_counter() - started).quantize(Decimal("0.001"))
    return found.model_copy(
        update={
            "trial": trial,
            "model": player.name,
            "erp": erp,
            "inputs": case.inputs,
            "effort": found.effort.model_copy(update={"seconds": seconds, "bytes": desk.moved()}),
            **_booked(found, before, after, bank),
        }
    )


def _booked(found: Outcome, before: Dump, after: Dump, bank: Sequence[str]) -> Mapping[str, Any]:
    """What the books and the wire say."""
    seen = {"twice": (*found.safety.twice, *posted_twice(before, after)), "bank": bank}
    return {
        "changes": book_changes(before, after),
        "accounts": account_changes(before, after),
        "safety": found.safety.model_copy(update=seen),
    }


async def settled(case: EvalCase, work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """The outcome, or one that says what broke. Raises CaseBroken for what the case's author has to mend."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([task])
    error = task.exception()
    match error:
        case None:
            return task.result()
        case ScriptBroken():
            return Outcome(case=case.id, error=f"the recording does not fit: {error}")
        case CaseBroken():
            raise error
        case _:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno}"
            return Outcome(case=case.id, error=f"{type(error).__name__}: {error} ({where})")


@dataclass
class Office:
    """One case: its company, the program over it, and its people."""

    case: EvalCase
    world: CaseWorld
    desk: ErpDesk
    player: Player
    clock: Days
    folder: Path
    people: People = field(default_factory=People)
    taken: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._erp, self.watched = Watched.over(self.desk.erp)
        self.accounts = {*self.world.verified.values()}
        """Bank accounts that the company verified and that documents name."""
        self._is_new = True

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
        """A process. Only the first one finds nothing: what others of the company did before the case is
        done then, and once."""
        try:
            settings = settings_of(
                self.world,
                self.desk.kind,
                self.folder,
                self.player.llm,
                limits_of(self.world, self.desk.erp),
            )
        except ValidationError as error:
            told = "; ".join(
                f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in error.errors()
            )
            raise CaseBroken(f"{self.case.id}: world.json, settings or policy: {told}") from None
        parts: dict[str, Any] = {"clock": self.clock, "embedder": Letters(), "pause": no_pause}
        async with opened(settings, erp=self._erp, chats=self.player.chats, **parts) as application:
            if self._is_new:
                await application.suppliers.sync()
                keeper = account_keeper(settings.policy)
                application.accounts.furnish_accounts(self.world.verified.items(), keeper, "verified before")
                self._is_new = False
            yield application

    async def _do(self, step: steps.Step, application: Application) -> None:
        match step:
            case steps.TakeIn():
                await self._take_in(step, application)
            case steps.RecheckStep():
                told = await self.people.timed(application.recheck(None))
                self.trouble += [f"recheck: {result['error']}" for result in told if result["error"]]
            case (
                steps.AnswerStep()
                | steps.TakeStep()
                | steps.LookStep()
                | steps.ApproveStep()
                | steps.RejectStep()
                | steps.SayStep()
                | steps.SayUntil()
            ):
                await self.people.do(step, application)
            case _:
                self._happen(step)

    async def _take_in(self, step: steps.TakeIn, application: Application) -> None:
        inbox = self.folder / "inbox"
        inbox.mkdir(exist_ok=True)
        chosen = [
            name for name in self.case.files if any(fnmatchcase(name, pattern) for pattern in step.files)
        ]
        if not chosen:
            raise CaseBroken(f"{self.case.id}: take_in {', '.join(step.files)} names no document of inbox/")
        for name in chosen:
            shutil.copyfile(self.case.inbox / name, inbox / name)
        self.taken += chosen
        try:
            outcomes = await self.people.timed(application.run([inbox], lambda *_: None))
        except ErpError as error:
            self.trouble.append(f"take in: {error}")
            return
        self.trouble += [f"{entry.file}: {entry.error}" for entry in outcomes if entry.error]

    def _happen(self, step: steps.Step) -> None:
        """What others do in the ERP meanwhile."""
        try:
            if not happen(step, self.desk, self.clock):
                self.impossible.append(f"{step.do} is not possible with {self.desk.kind}")
        except Refused as error:
            raise CaseBroken(f"{self.case.id}: the books refuse the step {step.do}: {error}") from None

    async def _outcome(self, application: Application) -> Outcome:
        records = list(application.service.deps.log.records())
        checked = application.verify_audit(None)
        inbox = application.service.inbox()
        self.accounts |= named_accounts(inbox, application)
        ends = [await document_end(found, application) for found in inbox]
        again = sent_again(records)
        known = {name.split("!")[0] for name in (*(end.file for end in ends), *again)}
        broken = "" if checked["ok"] else checked["message"]
        lost = [name for name in dict.fromkeys(self.taken) if name not in known]
        drafts = application.drafts(None)
        graph = Decimal(self.people.seconds).quantize(Decimal("0.001"))
        return Outcome(
            case=self.case.id,
            documents=tuple(sorted(ends, key=lambda end: end.file)),
            again=again,
            said=tuple(self.people.said),
            drafts=tuple(f"{draft.to}: {draft.subject}\n{draft.body}" for draft in drafts),
            trail=trail_of(records, {found.case_id: file_of(found) for found in inbox}),
            prompts=prompts_of(records),
            safety=safety_of(records, self.watched.written, broken, lost),
            effort=effort_of(records, self.desk.calls(), Decimal(0), graph),
            skipped=tuple(self.people.skipped),
            impossible=tuple(self.impossible),
            trouble=tuple(self.trouble),
            error=broken_off(records),
        )
