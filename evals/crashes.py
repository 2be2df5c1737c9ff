"""`erp-eval kills`: kill -9 a batch at random moments, start it again, and look at the books.

A child process takes in the invoices, approves each proposal as a person would, and answers 'is it there?'
questions by looking at the ERP's books. The parent kills it after a random time and starts it again, until
the round is done; rounds follow each other on fresh books until enough kills were dealt.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from agent.application import Application
from agent.batch import silent
from agent.bootstrap import opened
from agent.settings import Settings
from agent.state import FINAL, Stage
from evals.bench.batch import bench_settings
from evals.bench.made_up import COMPANY, MadeUp, make_up
from evals.machine import describe
from evals.servers import SandboxServer, as_json, serving
from tools.domain.documents import Record
from tools.domain.identifiers import PersonId

_PERSON, _CLERK = PersonId("bench"), PersonId("clerk")
_LATENCY = "0.02"
"""Seconds of each ERP call: enough that kills hit calls under way."""
_ROUNDS = 10
"""Most runs of one child: a call that the ERP was too busy for goes through with the next run."""
_LONGEST = (0.4, 1.5, 4.0)
"""Upper bounds of the child's random life in seconds, counted from when it begins to work: short ones hit the
start again and again, long ones let it reach the posting."""


class CrashReport(Record):
    machine: str
    seed: int
    kills: int
    rounds: int
    documents: int
    """Over all rounds."""
    posted_once: int
    posted_twice: int
    not_posted: int
    lost: int
    """Documents without a case."""
    drafts_left: int
    """Drafts without ledger effect that a killed attempt left behind in the ERP."""
    stopped_for_a_person: int
    """Unknown outcomes that a person settled by looking into the ERP."""
    logs_verified: bool
    books_balanced: bool
    not_closed: tuple[str, ...]
    """Cases that still waited for a person when everything else was done: stage and reason."""
    stages_when_killed: dict[str, int]
    """How often a case stood in a stage at the moment of a kill."""

    @property
    def safe(self) -> bool:
        whole = self.posted_once == self.documents and not (self.posted_twice or self.not_posted or self.lost)
        return whole and self.logs_verified and self.books_balanced


def run(invoices: int, kills: int, seed: int) -> CrashReport:
    """Deal at least `kills` kills over as many rounds of `invoices` documents as that takes."""
    for module in ("chromadb", "scipy.optimize", "tools.erp.business_central.connector"):
        import_module(module)  # before the children are forked, so that they begin at once
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    sums: Counter[str] = Counter()
    waiting: list[str] = []
    stages: Counter[str] = Counter()
    verified = balanced = True
    while sums["kills"] < kills:
        made = make_up(invoices, suppliers=5, seed=seed + sums["rounds"], day=datetime.now(UTC).date())
        with tempfile.TemporaryDirectory(prefix="erp-agent-kills-") as folder:
            result, was_killed_in, left = _round(Path(folder), made, source, kills - sums["kills"])
        waiting += left
        stages += was_killed_in
        verified &= bool(result.pop("verified"))
        balanced &= bool(result.pop("balanced"))
        sums.update(result, rounds=1)
    return CrashReport(
        machine=describe(),
        seed=seed,
        kills=sums["kills"],
        rounds=sums["rounds"],
        documents=sums["documents"],
        posted_once=sums["posted_once"],
        posted_twice=sums["posted_twice"],
        not_posted=sums["not_posted"],
        lost=sums["lost"],
        drafts_left=sums["drafts_left"],
        stopped_for_a_person=sums["unknown"],
        logs_verified=verified,
        books_balanced=balanced,
        not_closed=tuple(waiting),
        stages_when_killed=dict(stages),
    )


def _round(
    place: Path, made: MadeUp, source: random.Random, most: int
) -> tuple[dict[str, int], Counter[str], list[str]]:
    world = place / "world.json"
    world.write_text(as_json(made.world), encoding="utf-8")
    inbox = made.write_inbox(place / "inbox")
    kills, stages = 0, Counter[str]()
    with serving("business_central", world, COMPANY) as server:
        settings = bench_settings(server, place / "data")
        _child(lambda begun: _prepare(settings, made), None)
        server.plan(kind="slow", operation="*", times=None, seconds=_LATENCY)
        while kills < most:
            if not _child(
                lambda begun: _work(settings, server, inbox, begun),
                source.uniform(0, source.choice(_LONGEST)),
            ):
                break
            kills += 1
            stages += asyncio.run(_stages(settings))
        _child(lambda begun: _work(settings, server, inbox, begun), None)
        result, left = asyncio.run(_examine(settings, server, made))
        return {"kills": kills, **result}, stages, left


def _child(work: Callable[[Callable[[], None]], Coroutine[Any, Any, None]], seconds: float | None) -> bool:
    """Run `work` in a child process and kill it `seconds` after it says that it begins. True: it was
    killed; False: it was done before."""
    hears, speaks = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(work(partial(_speak, speaks)))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(speaks)
    try:
        os.read(hears, 1)
        return _end(child, seconds)
    finally:
        os.close(hears)


def _speak(pipe: int) -> None:
    os.write(pipe, b".")


def _end(child: int, seconds: float | None) -> bool:
    deadline = None if seconds is None else time.monotonic() + seconds
    while deadline is None or time.monotonic() < deadline:
        ended, status = os.waitpid(child, 0 if deadline is None else os.WNOHANG)
        if ended:
            if status != 0:
                raise RuntimeError(f"the batch itself failed with status {status}")
            return False
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


async def _prepare(settings: Settings, made: MadeUp) -> None:
    async with opened(settings) as application:
        await application.suppliers.sync()
        application.accounts.furnish_accounts(made.accounts, _CLERK, "made up")


async def _short(seconds: float) -> None:
    """Looks again sooner than in earnest: the sandbox answers within milliseconds."""
    await asyncio.sleep(seconds / 100)


async def _work(settings: Settings, server: SandboxServer, inbox: Path, begun: Callable[[], None]) -> None:
    """One morning of one person: take in, approve each proposal, settle what is unknown."""
    async with opened(settings, pause=_short) as application:
        begun()
        for _ in range(_ROUNDS):
            await application.run([inbox], silent)
            await _settle_unknown(application, server)
            waits = [case.case_id for case in application.service.inbox([Stage.WAITING_FOR_APPROVAL])]
            shown = await application.proposals(waits, False, _PERSON)
            agreed = [(detail.summary.case_id, digest) for detail, digest in shown]
            await application.approve(agreed, _PERSON, "")
            if all(case.stage in FINAL for case in application.service.inbox()):
                return


async def _settle_unknown(application: Application, server: SandboxServer) -> None:
    for case in application.service.inbox([Stage.OUTCOME_UNKNOWN]):
        posted = {
            document["supplier_number"]
            for document in server.books()["documents"]
            if document["state"] == "posted"
        }
        option = "posted" if case.number in posted else "not_posted"
        await application.answer(case.case_id, option, {}, _PERSON, "looked into the books")


async def _stages(settings: Settings) -> Counter[str]:
    async with opened(settings) as application:
        return Counter(case.stage for case in application.service.inbox())


async def _examine(
    settings: Settings, server: SandboxServer, made: MadeUp
) -> tuple[dict[str, int], list[str]]:
    """What the books and our own records say when everything is done."""
    books = server.books()
    posted = Counter(
        document["supplier_number"] for document in books["documents"] if document["state"] == "posted"
    )
    async with opened(settings) as application:
        cases = application.service.inbox()
        records = application.audit_records(None)
        verified = application.verify_audit(None)["ok"]
    counts = [posted[f"RE-{name}"] for name in _numbers(made)]
    left = [f"{case.case_id} {case.stage}: {case.reason}" for case in cases if case.stage not in FINAL]
    return {
        "documents": len(counts),
        "posted_once": counts.count(1),
        "not_posted": counts.count(0),
        "posted_twice": sum(count > 1 for count in counts),
        "lost": len(made.invoices) - len({case.document_id for case in cases}),
        "drafts_left": sum(document["state"] == "draft" for document in books["documents"]),
        "unknown": sum(record["event"]["kind"] == "unknown_resolved" for record in records),
        "verified": int(verified),
        "balanced": int(sum(_cents(row["balance"]) for row in books["trial_balance"]) == 0),
    }, left


def _numbers(made: MadeUp) -> list[str]:
    """The part of the invoice numbers behind `RE-`."""
    texts = (text for _, text in made.invoices)
    return [text.partition("<cbc:ID>RE-")[2].partition("<")[0] for text in texts]


def _cents(balance: str) -> int:
    return int(Decimal(balance) * 100)
