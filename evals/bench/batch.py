"""`erp-eval bench batch`: wall time from files to proposals when every ERP call is slow.

Three figures in one run over one made-up company: the batch, the physical limit (the longest chain of calls
of which each needs the answer before it, times the latency), and a plain loop that takes one case after
another and makes one call at a time, measured on a slice and scaled.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.application import Application
from agent.batch import Outcome, run_batch
from agent.bootstrap import opened
from agent.settings import Settings
from agent.state import Stage
from evals.bench.made_up import COMPANY, MadeUp, make_up
from evals.machine import describe
from evals.servers import SandboxServer, as_json, serving
from tools.domain.documents import Record
from tools.domain.identifiers import OrderNumber, PersonId
from tools.domain.supplier import Supplier
from tools.erp.reader import ErpReader

CHAIN = (
    "log in",
    "suppliers changed since yesterday, and orders",
    "order's supplier, receipts, earlier invoices",
)
"""Calls of which each needs the answer before it; those named together go out together."""
_PERSON, _CLERK = PersonId("bench"), PersonId("clerk")


class BatchReport(Record):
    machine: str
    invoices: int
    latency: float
    seconds: float
    calls: int
    peak: int
    """Most calls at the same moment, counted by the server."""
    proposals: int
    limit_seconds: float
    plain_seconds_each: float
    plain_slice: int
    plain_calls_each: float

    @property
    def against_limit(self) -> float:
        return self.seconds / self.limit_seconds

    @property
    def against_plain(self) -> float:
        return self.plain_seconds_each * self.invoices / self.seconds


class OneByOne(ErpReader):
    """The plain loop's reads: each key by itself, one call at a time, nothing kept."""

    def __init__(self, reader: ErpReader, erp: Any) -> None:
        super().__init__(erp)
        self._plain = erp
        self._turn = asyncio.Lock()

    def fresh(self) -> OneByOne:
        return self

    async def order(self, number: OrderNumber) -> Any:
        async with self._turn:
            return (await self._plain.orders([number])).get(number)

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, Any]:
        found = {number: await self.order(number) for number in numbers}
        return {number: order for number, order in found.items() if order is not None}

    async def supplier(self, supplier_id: Any) -> Supplier | None:
        async with self._turn:
            return (await self._plain.suppliers_by_id([supplier_id])).get(supplier_id)  # type: ignore[no-any-return]

    async def receipts(self, number: OrderNumber) -> list[Any]:
        async with self._turn:
            return (await self._plain.receipts([number])).get(number, [])  # type: ignore[no-any-return]

    async def invoices(self, key: Any) -> list[Any]:
        async with self._turn:
            return (await self._plain.invoices([key])).get(key, [])  # type: ignore[no-any-return]

    async def posting_window(self) -> Any:
        async with self._turn:
            return await self._plain.posting_window()


def bench_settings(server: SandboxServer, folder: Path) -> Settings:
    """Settings of the made-up company."""
    values: dict[str, Any] = {
        "company": {"company": COMPANY, "names": ["Made-up company"], "tax_codes": {"S:19": "S19"}},
        "erp": server.settings,
        "data": {"folder": str(folder)},
        "policy": {
            "approval": {
                "approvers": [
                    {"person": _PERSON, "name": "Bench", "limit": {"amount": "100000000", "currency": "EUR"}}
                ],
                "clerks": [_CLERK],
            }
        },
    }
    return Settings.model_validate(values)


def run(invoices: int, latency: float, plain_slice: int = 3) -> BatchReport:
    """Runs for about `latency` x (10 + 6 x `plain_slice`) seconds."""
    today = datetime.now(UTC).date()
    made = make_up(invoices, day=today)
    with tempfile.TemporaryDirectory(prefix="erp-agent-bench-") as folder:
        place = Path(folder)
        world = place / "world.json"
        world.write_text(as_json(made.world), encoding="utf-8")
        inbox = made.write_inbox(place / "inbox")
        with serving("business_central", world, COMPANY) as server:
            asyncio.run(_prepare(server, place / "batch", made))
            asyncio.run(_prepare(server, place / "plain", made))
            server.plan(kind="slow", operation="*", times=None, seconds=str(latency))
            before = server.calls()["total"]
            outcomes, seconds = asyncio.run(_batch(server, place / "batch", inbox))
            after = server.calls()
            each, calls_each = asyncio.run(
                _plain(server, place / "plain", sorted(inbox.iterdir())[:plain_slice])
            )
    return BatchReport(
        machine=describe(),
        invoices=invoices,
        latency=latency,
        seconds=seconds,
        calls=after["total"] - before,
        peak=after["peak"],
        proposals=sum(outcome.state == Stage.WAITING_FOR_APPROVAL for outcome in outcomes),
        limit_seconds=len(CHAIN) * latency,
        plain_seconds_each=each,
        plain_slice=plain_slice,
        plain_calls_each=calls_each,
    )


async def _prepare(server: SandboxServer, folder: Path, made: MadeUp) -> None:
    """What a company has before its first morning: the supplier copy and the verified accounts."""
    async with opened(bench_settings(server, folder)) as application:
        await application.suppliers.sync()
        application.accounts.furnish_accounts(made.accounts, _CLERK, "made up")


async def _batch(server: SandboxServer, folder: Path, inbox: Path) -> tuple[list[Outcome], float]:
    async with opened(bench_settings(server, folder)) as application:
        started = time.perf_counter()
        outcomes = await application.run([inbox], lambda what, done, total: None)
        return outcomes, time.perf_counter() - started


async def _plain(server: SandboxServer, folder: Path, files: Sequence[Path]) -> tuple[float, float]:
    """Seconds and calls for each invoice of the slice, one after another."""
    async with opened(bench_settings(server, folder)) as application:
        erp = application.service.deps.erp
        await erp.posting_window()  # logs in, so that the slice does not carry it
        deps = replace(application.service.deps, reader=OneByOne(application.service.deps.reader, erp))
        service = application.service.with_deps(deps)
        before, started = server.calls()["total"], time.perf_counter()
        for file in files:
            await run_batch(service, [file], application.pool, cases_at_once=1, prepare=_nothing)
        seconds = time.perf_counter() - started
    return seconds / len(files), (server.calls()["total"] - before) / len(files)


async def _nothing(progress: object) -> None:
    """The plain loop does not even bring the supplier copy up to date."""


__all__ = ["Application", "BatchReport", "run"]
