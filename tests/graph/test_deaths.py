"""The process dies at any call; the next one goes on over the same folder and posts the document once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.application import Application
from tests.graph.conftest import Furnish
from tests.graph.office import ANNA, Office
from tests.graph.papers import a_document
from tools.domain import audit
from tools.domain.decision import Decision
from tools.erp.errors import OutcomeUnknown


class Died(BaseException):
    """The process is gone: nothing that is not on disk is left."""


class Fuse:
    """Counts the moments at which the process could die, and dies at one of them."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.moments: list[str] = []

    def pass_by(self, moment: str) -> None:
        self.moments.append(moment)
        if len(self.moments) - 1 == self.at:
            raise Died(moment)


class Mortal:
    """Any of our parts: before and after each call of the named methods the process may die."""

    def __init__(self, part: Any, fuse: Fuse, name: str, *methods: str) -> None:
        self._part, self._fuse, self._name, self._methods = part, fuse, name, methods

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if name not in self._methods:
            return found
        moment = f"{self._name}.{name}"

        async def call(*values: Any, **named: Any) -> Any:
            self._fuse.pass_by(f"before {moment}")
            answer = await found(*values, **named)
            self._fuse.pass_by(f"after {moment}")
            return answer

        def call_at_once(*values: Any, **named: Any) -> Any:
            self._fuse.pass_by(f"before {moment}")
            answer = found(*values, **named)
            self._fuse.pass_by(f"after {moment}")
            return answer

        return call if inspect.iscoroutinefunction(found) else call_at_once


def mortal(app: Application, fuse: Fuse) -> Application:
    """The application with every part mortal that leaves a trace."""
    deps = app.service.deps
    erp: Any = Mortal(deps.erp, fuse, "erp", "find", "write", "attach")
    parts = replace(
        deps,
        archive=Mortal(deps.archive, fuse, "archive", "receive"),
        log=Mortal(deps.log, fuse, "log", "append"),
        facts=Mortal(deps.facts, fuse, "facts", "keep"),
        ledger=Mortal(deps.ledger, fuse, "ledger", "begin", "sent", "done", "refused", "unknown"),
        erp=erp,
    )
    return replace(app, service=app.service.with_deps(parts))


async def a_morning(office: Office) -> None:
    """Take in what lies in the inbox; Anna approves what waits."""
    await office.run()
    for case in office.app.service.inbox():
        if case.stage == "waiting_for_approval":
            await office.approve(case)


async def die(office: Office, fuse: Fuse, work: Callable[[Office], Any] = a_morning) -> bool:
    """One process that may die at work. True: it died."""
    async with office.open() as app:
        office.app = mortal(app, fuse)
        try:
            await work(office)
        except Died:
            return True
        return False


@pytest.mark.parametrize("kind", ["sandbox", "business_central"])
async def test_dying_at_any_moment_and_starting_again_posts_the_document_once(
    kind: str, furnish: Furnish, tmp_path: Path
) -> None:
    def prepared(name: str) -> Office:
        office = furnish(kind, tmp_path / name)
        office.lay("invoice.xml", a_document())
        return office

    whole = Fuse()
    assert not await die(prepared("whole"), whole)
    assert {"before erp.write", "after erp.write", "after ledger.done"} <= set(whole.moments)
    for at, moment in enumerate(whole.moments):
        if kind != "sandbox" and not moment.split()[1].startswith(("erp.", "ledger.")):
            continue
        office = prepared(str(at))
        assert await die(office, Fuse(at)), moment
        async with office.open():
            await a_morning(office)
            await settle(office)
            (case,) = office.app.service.inbox()
            assert case.stage == "posted", moment
            assert len(office.posted()) == 1, moment
            assert len(office.events(case, audit.PostingDone)) == 1, moment
            office.verified()


async def settle(office: Office) -> None:
    """What a person does about an unknown outcome: look into the books and say so."""
    for case in office.app.service.inbox():
        if case.stage == "outcome_unknown":
            await office.answer(case, "posted" if office.posted() else "not_posted", ANNA, "looked")


async def test_an_approval_that_only_the_log_heard_is_carried_out_by_the_next_run(office: Office) -> None:
    """The process dies between the log and the graph; the file is not in the next run's folder."""
    case = await office.take_in(a_document())
    elsewhere = office.folder / "elsewhere"
    elsewhere.mkdir()
    await die_after_the_log(office, lambda: office.approve(case))
    assert office.case(case.case_id).stage == "waiting_for_approval"
    await office.run(elsewhere)
    assert office.case(case.case_id).stage == "posted"
    assert len(office.posted()) == 1
    assert len(office.events(case, audit.ApprovalGiven)) == 1


async def test_an_approval_that_only_the_log_heard_survives_a_copy_and_a_refused_attempt(
    office: Office,
) -> None:
    case = await office.take_in(a_document())
    await die_after_the_log(office, lambda: office.approve(case))
    office.lay("copy.xml", a_document())
    with pytest.raises(Exception, match="not an approver"):
        await office.approve(case, "mallory")
    await office.run()
    assert office.case(case.case_id).stage == "posted"


async def test_a_rejection_that_only_the_log_heard_closes_the_case_with_the_next_run(office: Office) -> None:
    case = await office.take_in(a_document())
    office.inbox.mkdir()
    await die_after_the_log(office, lambda: office.decide(case, Decision.REJECT, remark="not ours"))
    await office.run()
    assert office.case(case.case_id).stage == "rejected"
    assert office.posted() == []


async def test_an_answer_that_only_the_log_heard_is_followed_by_the_next_run(office: Office) -> None:
    case = await office.take_in(a_document(rows=(("BRACKET", "Bracket", "10", "12.00"),)))
    office.inbox.mkdir()
    await die_after_the_log(office, lambda: office.answer(case, "accept_price", reason="agreed"))
    await office.run()
    assert office.case(case.case_id).stage == "waiting_for_approval"


async def die_after_the_log(office: Office, work: Callable[[], Any]) -> None:
    """The word stands in the log, then the process dies; the office is as before, the graph heard nothing."""
    alive, fuse = office.app, Fuse(1)
    parts = replace(alive.service.deps, log=Mortal(alive.service.deps.log, fuse, "log", "append"))
    office.app = replace(alive, service=alive.service.with_deps(parts))
    with pytest.raises(Died):
        await work()
    assert fuse.moments == ["before log.append", "after log.append"]
    office.app = alive


async def test_an_old_not_posted_does_not_free_what_was_sent_after_it(plain_office: Office) -> None:
    """The step that took the answer is cut off after sending again and runs again with the old answer."""
    office = plain_office
    case = await office.take_in(a_document())
    lost = OutcomeUnknown("no answer")
    office.line.before["write"] = raise_always(lost)
    case = await office.approve(case)
    assert case.stage == "outcome_unknown"
    alive, fuse = office.app, Fuse()
    parts = replace(alive.service.deps, ledger=Mortal(alive.service.deps.ledger, fuse, "ledger", "unknown"))
    fuse.at = 1
    office.app = replace(alive, service=alive.service.with_deps(parts))
    with pytest.raises(Died):
        await office.answer(case, "not_posted")
    office.app = alive
    sent = office.line.calls["write"]
    await office.run(office.lay("other.xml", a_document("RE-9", iban=None)))
    assert office.case(case.case_id).stage == "outcome_unknown"
    assert office.line.calls["write"] == sent


def raise_always(error: Exception) -> Callable[[], object]:
    def strike() -> None:
        raise error

    return strike
