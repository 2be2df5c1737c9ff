"""Reads of one moment, whatever they are for, leave together: a `$batch` may carry reads of many entities,
and the service answers only a few calls at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tools.erp.business_central.odata import Query, parts

Rows = list[Any]
Send = Callable[[Sequence[Query], str], Awaitable[list[Rows | BaseException]]]
_MOMENT = 0.01
"""Seconds to wait for further reads: little beside a call, long beside the program's own steps."""


@dataclass(frozen=True, slots=True)
class _Letter:
    queries: Sequence[Query]
    operation: str
    answer: asyncio.Future[list[Rows]]


class Outbox:
    """`send` carries at most `most` queries in one call and answers each with its rows or its own error."""

    def __init__(self, send: Send, most: int) -> None:
        self._send = send
        self._most = most
        self._letters: list[_Letter] = []
        self._leaving: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def ask(self, queries: Sequence[Query], operation: str) -> list[Rows]:
        """The rows of each query. Raises what the first failing query, or the call as a whole, raised."""
        letter = _Letter(queries, operation, asyncio.get_running_loop().create_future())
        self._letters.append(letter)
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())
        return await letter.answer

    async def _leave(self) -> None:
        await asyncio.sleep(_MOMENT)
        letters, self._letters, self._leaving = self._letters, [], None
        task = asyncio.create_task(self._carry(letters))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _carry(self, letters: Sequence[_Letter]) -> None:
        queries = [query for letter in letters for query in letter.queries]
        operation = ", ".join(dict.fromkeys(letter.operation for letter in letters))
        answers: list[Rows | BaseException] = []
        for found in await asyncio.gather(
            *(self._call(part, operation) for part in parts(queries, self._most))
        ):
            answers += found
        for letter in letters:
            own, answers = answers[: len(letter.queries)], answers[len(letter.queries) :]
            _hand_out(letter, own)

    async def _call(self, part: Sequence[Query], operation: str) -> list[Rows | BaseException]:
        """A call that fails as a whole fails for each of its queries: every reader is told."""
        found = await asyncio.gather(self._send(part, operation), return_exceptions=True)
        answer = found[0]
        return [answer] * len(part) if isinstance(answer, BaseException) else answer


def _hand_out(letter: _Letter, answers: Sequence[Rows | BaseException]) -> None:
    if letter.answer.done():
        return  # its reader was cancelled
    rows: list[Rows] = []
    for answer in answers:
        if isinstance(answer, BaseException):
            letter.answer.set_exception(answer)
            return
        rows.append(answer)
    letter.answer.set_result(rows)
