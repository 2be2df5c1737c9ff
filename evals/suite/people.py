"""The people of a case at their work: the clerk, the approvers, and what becomes of each deed."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from agent.application import Application
from agent.chat.types import Piece, PieceKind, Talk
from agent.settings import PolicySettings
from evals.suite import steps
from evals.suite.outcome import Said
from tools.case_list import CaseSummary
from tools.domain import audit
from tools.domain.identifiers import PersonId, SupplierId

CLERK = PersonId("carl")
NO_MODEL = "no model talks"
_SPOKEN = (PieceKind.TEXT, PieceKind.QUESTION, PieceKind.NOTICE)


def account_keeper(policy: PolicySettings) -> PersonId:
    """Who verified the accounts that are on file before the case: the clerk, or, in a company without this
    one, another clerk or else the last who is listed: who verified may have to leave the approval to another.
    Nobody who may: the clerk, who is refused in words."""
    keepers, rights = policy.fraud.account_keepers, policy.approval
    known = (CLERK, *sorted(rights.clerks), *(entry.person for entry in reversed(rights.everyone)))
    allowed = (one for one in known if rights.answer_refusal(one) is None)
    return next((one for one in allowed if not keepers or one in keepers), CLERK)


@dataclass
class People:
    """What they did is kept here: `skipped` holds what was not possible or not allowed, with the reason."""

    said: list[Said] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    """Case -> digest of the proposal that the last `look` showed."""
    seconds: float = 0.0
    """In which the product worked for them."""

    async def do(self, step: steps.Step, application: Application) -> None:
        """One step of a person; others are not theirs."""
        match step:
            case steps.AnswerStep():
                await self._answer(step, application)
            case steps.TakeStep():
                await self._take(step, application)
            case steps.LookStep():
                await self._look(step, application)
            case steps.ApproveStep():
                await self._approve(step, application)
            case steps.RejectStep():
                await self._reject(step, application)
            case steps.SayStep():
                self.said.append(await self._say(step, step.text, application))
            case steps.SayUntil():
                self.said.append(await self._say_until(step, application))
            case _:
                raise TypeError(f"{step.do} is nothing that the people of a case do")

    async def timed(self, work: Awaitable[Any]) -> Any:
        """The product at work."""
        started = time.perf_counter()
        try:
            return await work
        finally:
            self.seconds += time.perf_counter() - started

    async def _answer(self, step: steps.AnswerStep, application: Application) -> None:
        deed, person = f"answer {step.option} to {step.file}", PersonId(step.person)
        for found in self._named(step.file, application, deed):
            values = dict(step.values)
            work = application.answer(found.case_id, step.option, values, person, step.remark)
            self._note(await self.timed(work), deed)

    async def _take(self, step: steps.TakeStep, application: Application) -> None:
        for found in _matching(step.file, application):
            if found.suggestion:
                made = _made(found, application)
                chosen = (made[-1] if step.last else made[0]) if made else ""
                work = application.take(found.case_id, chosen, dict(step.values), CLERK, step.remark)
                self._note(await self.timed(work), f"take the suggestion for {file_of(found)}")

    async def _look(self, step: steps.LookStep, application: Application) -> None:
        for found in self._named(step.file, application, f"look at {step.file}"):
            self.shown |= await self._proposed(found, PersonId(step.person), application)

    async def _approve(self, step: steps.ApproveStep, application: Application) -> None:
        person = PersonId(step.person)
        for found in self._named(step.file, application, f"approve {step.file}"):
            if step.seen:
                agreed = {case: self.shown[case] for case in self.shown if case == found.case_id}
            else:
                agreed = await self._proposed(found, person, application)
            deed = f"approve {file_of(found)}"
            if agreed:
                self._note(await self.timed(application.approve(agreed.items(), person, step.remark)), deed)
            elif _is_name(step.file):
                self.skipped.append(f"{deed}: nothing is proposed")

    async def _proposed(
        self, found: CaseSummary, person: PersonId, application: Application
    ) -> dict[str, str]:
        shown = await self.timed(application.proposals([found.case_id], False, person))
        return {detail.summary.case_id: digest for detail, digest in shown}

    async def _reject(self, step: steps.RejectStep, application: Application) -> None:
        deed, person = f"reject {step.file}", PersonId(step.person)
        for found in self._named(step.file, application, deed):
            self._note(await self.timed(application.reject(found.case_id, person, step.remark)), deed)

    async def _say_until(self, step: steps.SayUntil, application: Application) -> Said:
        told: list[Said] = []
        for words in step.texts:
            told.append(await self._say(step, words, application))
            if told[-1].suggested:
                break
        return Said(
            words="\n".join(said.words for said in told),
            answer="\n".join(said.answer for said in told).strip(),
            tools=tuple(tool for said in told for tool in said.tools),
            records=tuple(rows for said in told for rows in said.records),
            suggested=told[-1].suggested,
            struck=sum(said.struck for said in told),
            trouble=" ".join(said.trouble for said in told).strip(),
        )

    async def _say(self, step: steps.SayStep | steps.SayUntil, words: str, application: Application) -> Said:
        if application.chat is None:
            return Said(words=words, answer="", trouble=NO_MODEL)
        cases = {file_of(found): found.case_id for found in application.service.inbox()}
        if step.file and step.file not in cases:
            self.skipped.append(f"talk about {step.file}: there is no such document")
        supplier = SupplierId(step.supplier) if isinstance(step, steps.SayStep) and step.supplier else None
        talk = Talk(person=CLERK, case_id=cases.get(step.file), only_supplier=supplier)

        async def turn() -> list[Piece]:
            return [piece async for piece in application.require_chat().say(talk, words)]

        return _said(words, await self.timed(turn()))

    def _named(self, file: str, application: Application, deed: str) -> Iterator[CaseSummary]:
        found = _matching(file, application)
        if not found and _is_name(file):
            self.skipped.append(f"{deed}: there is no such document")
        yield from found

    def _note(self, results: Iterable[dict[str, Any]], deed: str) -> None:
        self.skipped += [f"{deed}: {result['error']}" for result in results if result["error"]]


def file_of(found: CaseSummary) -> str:
    """The file's name below the inbox; `mail.eml!name.pdf` for what came inside another."""
    return below_inbox(found.path)


def below_inbox(path: str) -> str:
    return path.partition("/inbox/")[2] or path


def _matching(file: str, application: Application) -> list[CaseSummary]:
    return [found for found in application.service.inbox() if fnmatchcase(file_of(found), file)]


def _is_name(file: str) -> bool:
    """Whether one document is meant, and no pattern."""
    return not set("*?[") & set(file)


def _made(found: CaseSummary, application: Application) -> list[str]:
    """Ids of the suggestions made since the document was last matched."""
    made: list[str] = []
    for record in application.service.follow(found.case_id):
        if isinstance(record.event, audit.InvoiceMatched):
            made = []
        if isinstance(record.event, audit.SuggestionMade):
            made.append(record.event.suggestion.suggestion_id)
    return made


def _said(words: str, pieces: list[Piece]) -> Said:
    texts = {kind: [piece.text for piece in pieces if piece.kind is kind] for kind in PieceKind}
    return Said(
        words=words,
        answer="".join(piece.text for piece in pieces if piece.kind in _SPOKEN),
        tools=tuple(texts[PieceKind.TOOL]),
        records=tuple(texts[PieceKind.RECORDS]),
        suggested=tuple(
            piece.suggestion.option or piece.suggestion.kind for piece in pieces if piece.suggestion
        ),
        struck=len(texts[PieceKind.STRUCK]),
        trouble=" ".join(texts[PieceKind.TROUBLE]),
    )
