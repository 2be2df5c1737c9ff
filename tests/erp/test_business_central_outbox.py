"""Reads of one moment leave together, and each reader gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tools.erp.business_central import wire
from tools.erp.business_central.odata import Query
from tools.erp.business_central.outbox import Outbox
from tools.erp.errors import ErpRejected, ErpUnavailable


def queries(*names: str) -> list[Query]:
    return [Query(wire.Vendor, f"number eq '{name}'") for name in names]


class Service:
    """Answers each query with its own filter; refuses those that ask for `bad`."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.calls: list[tuple[int, str]] = []
        self._failure = failure

    async def send(self, asked: Sequence[Query], operation: str) -> list[list[Any] | BaseException]:
        self.calls.append((len(asked), operation))
        if self._failure is not None:
            raise self._failure
        return [ErpRejected("no") if "bad" in (one.filter or "") else [one.filter] for one in asked]


async def test_reads_of_one_moment_share_a_call_and_keep_their_answers() -> None:
    service = Service()
    outbox = Outbox(service.send, 100)
    first, second = await asyncio.gather(
        outbox.ask(queries("a", "b"), "vendors"), outbox.ask(queries("c"), "orders")
    )
    assert first == [["number eq 'a'"], ["number eq 'b'"]]
    assert second == [["number eq 'c'"]]
    assert service.calls == [(3, "vendors, orders")]


async def test_no_call_carries_more_than_the_service_takes() -> None:
    service = Service()
    found = await Outbox(service.send, 2).ask(queries("a", "b", "c", "d", "e"), "vendors")
    assert [rows for (rows,) in found] == [f"number eq '{name}'" for name in "abcde"]
    assert [count for count, _ in service.calls] == [2, 2, 1]


async def test_a_refused_query_is_told_to_its_own_reader_only() -> None:
    outbox = Outbox(Service().send, 100)
    good, bad = await asyncio.gather(
        outbox.ask(queries("a"), "vendors"), outbox.ask(queries("b", "bad"), "orders"), return_exceptions=True
    )
    assert good == [["number eq 'a'"]]
    assert isinstance(bad, ErpRejected)


async def test_a_call_that_fails_is_told_to_every_reader() -> None:
    outbox = Outbox(Service(ErpUnavailable("down")).send, 100)
    found = await asyncio.gather(
        outbox.ask(queries("a"), "vendors"), outbox.ask(queries("b"), "orders"), return_exceptions=True
    )
    assert [type(answer) for answer in found] == [ErpUnavailable, ErpUnavailable]


async def test_a_reader_that_gave_up_keeps_nobody_from_an_answer() -> None:
    outbox = Outbox(Service().send, 100)
    lost = asyncio.create_task(outbox.ask(queries("a"), "vendors"))
    kept = asyncio.create_task(outbox.ask(queries("b"), "orders"))
    await asyncio.sleep(0)
    lost.cancel()
    assert await kept == [["number eq 'b'"]]
    with pytest.raises(asyncio.CancelledError):
        await lost
