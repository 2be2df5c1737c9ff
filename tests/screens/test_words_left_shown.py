"""What the screens say of an approval that stands in the log and was not carried out: never that the case
waits for one, and never that a "no" had stopped it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent import bootstrap
from agent.application import Application
from agent.chat.types import Talk
from agent.commands import chat
from agent.replies import noted
from agent.settings import load, login
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.office import ANNA, Office
from tests.graph.papers import a_document
from tests.screens.desk import Desk, joined
from tools.domain import audit
from tools.domain.decision import Approval, Decision
from tools.domain.identifiers import CaseId, PersonId

CASE = CaseId("C-000001")


def leave_approval(application: Application, person: PersonId) -> None:
    """As a process leaves the case that dies between the approval's record and the posting."""
    service = application.service
    word = Approval(
        case_id=CASE,
        digest=service.case(CASE).digest or "",
        person=person,
        decided_at=service.deps.now(),
        decision=Decision.APPROVE,
    )
    service.deps.log.append(
        CASE, audit.person(person), noted(word, service.deps.approval_policy), durable=True
    )


def cut_off(desk: Desk) -> None:
    async def go() -> None:
        async with bootstrap.opened(load(desk.config)) as application:
            leave_approval(application, login())

    asyncio.run(go())


@pytest.fixture
def left(desk: Desk) -> Desk:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    cut_off(desk)
    return desk


@pytest.mark.parametrize("words", [("cases",), ("queue",), ("show", CASE)])
def test_every_list_says_that_it_is_approved_and_what_becomes_of_it(
    left: Desk, words: tuple[str, ...]
) -> None:
    told = joined(left.call(*words).stdout)
    assert "waiting for approval" not in told.partition("history")[0]
    assert "waits for" not in told.partition("history")[0]
    assert f"approved by {login()} at " in told and f"`erp-agent reject {CASE}` stops it" in told


@pytest.mark.parametrize("words", [(CASE,), (CASE, "--yes"), ("--clean",), ("--clean", "--yes")])
def test_approve_asks_nobody_and_says_how_it_stands(left: Desk, words: tuple[str, ...]) -> None:
    found = left.call("approve", *words, answer="n\n", code=1)
    assert "Approve and post" not in found.output and "nothing was sent" not in found.output
    assert f"is approved by {login()} at" in joined(found.stdout)
    assert left.rows("cases")[0]["stage"] == "waiting_for_approval"


def test_a_rejection_stops_it_and_a_run_posts_nothing(left: Desk) -> None:
    left.call("reject", CASE, "--remark", "billed twice")
    left.call("run", left.inbox)
    assert left.rows("cases")[0]["stage"] == "rejected"


def test_a_recheck_posts_it(left: Desk) -> None:
    left.call("recheck")
    assert left.rows("cases")[0]["stage"] == "posted"


def test_a_no_that_comes_after_anothers_approval_is_not_said_to_stop_it(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    command = [sys.executable, "-m", "agent.cli", "--config", str(desk.config), "approve", CASE]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None and process.stdin is not None
        shown = ""
        while "[y/N]: " not in shown:
            letter = process.stdout.read(1)
            assert letter, shown
            shown += letter
        cut_off(desk)
        process.stdin.write("n\n")
        process.stdin.close()
        told = joined(process.stdout.read())
    assert process.returncode == 1 and "nothing was sent" not in told
    assert f"approved by {login()} at" in told and "stops it" in told


@pytest.fixture
async def office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:  # noqa: F811
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


class Typist(chat.Keyboard):
    """Types "no" after the case was approved elsewhere."""

    def __init__(self, office: Office) -> None:
        self.office, self.asked = office, 0

    def is_there(self) -> bool:
        return True

    async def types(self, question: str) -> str:
        self.asked += 1
        leave_approval(self.office.app, ANNA)
        return "no"


async def test_the_conversation_says_so_too(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    await office.take_in(a_document())
    talk, typist = Talk(person=ANNA, case_id=CASE), Typist(office)
    for _ in range(2):
        await chat.commanded(office.app, talk, ["approve"], typist)
        told = joined(capsys.readouterr().out)
        assert "nothing was sent" not in told
        assert f"{CASE} is approved by {ANNA} at" in told
    assert typist.asked == 1 and office.posted() == []
