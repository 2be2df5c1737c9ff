"""Speaking to one Profit environment: pages to their end, changes once.

What a refusal proves stands in `refusals`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from tools.erp.afas.filters import Condition, Group, Is, Query, any_of
from tools.erp.afas.refusals import Look, RecordLocked, believed, body_of, explain
from tools.erp.afas.wire import Row
from tools.erp.answers import Answer
from tools.erp.errors import ErpAccessDenied, ErpRejected, ErpUnavailable
from tools.erp.http import HttpClient, Request

__all__ = ["Session", "explain", "parsed"]

R = TypeVar("R", bound=Row)

_MOST_RESTARTS = 3


class Session:
    def __init__(
        self,
        http: HttpClient,
        *,
        administration: int,
        rows: int,
        names: Mapping[str, str],
        patience: float,
    ) -> None:
        """`rows`: most rows in one answer to a question by key. `names`: our name of a GetConnector -> the
        customer's. `patience`: seconds for a read."""
        self.administration = administration
        self._http = http
        self._rows = rows
        self._names = names
        self._patience = patience
        self._offered: set[str] = set()

    def query(self, row: type[Row], *groups: Group) -> Query:
        return Query(self._name(row), row.order, groups)

    def _name(self, row: type[Row]) -> str:
        return self._names.get(row.connector, row.connector)

    async def pages(self, row: type[R], query: Query, operation: str, take: int) -> AsyncIterator[R]:
        """Pages until one is not full: there is neither a total nor a link. Each begins with the last row of
        the one before; where it does not, rows came or went meanwhile and all are read again, each given
        once. `take` is at least 2. Raises ErpUnavailable when the rows keep moving."""
        given: set[tuple[Any, ...]] = set()
        skip, last, restarts = 0, None, 0
        while True:
            answer = await self._get(query.path(skip, take), operation)
            rows = [(parsed(row, each), _place(row, each)) for each in _rows(answer.json())]
            if last is not None and [place for _, place in rows[:1]] != [last]:
                restarts += 1
                if restarts > _MOST_RESTARTS:
                    raise ErpUnavailable(f"AFAS's rows of {row.connector} keep moving while they are read")
                skip, last = 0, None
                continue
            for each, place in rows if last is None else rows[1:]:
                if not restarts or place not in given:
                    given.add(place)
                    yield each
            if len(rows) < take:
                return
            skip, last = skip + take - 1, rows[-1][1]

    async def all(self, row: type[R], operation: str, *conditions: Condition) -> list[R]:
        """All rows for which all conditions hold."""
        query = self.query(row, conditions) if conditions else self.query(row)
        return [each async for each in self.pages(row, query, operation, self._rows)]

    async def first(self, row: type[R], query: Query, operation: str, take: int) -> list[R]:
        """One page."""
        answer = await self._get(query.path(0, take), operation)
        return [parsed(row, each) for each in _rows(answer.json())]

    async def where(self, row: type[R], groups: Collection[Group], operation: str) -> list[R]:
        """All rows of which any group holds, each once, in as few calls as fit."""
        queries = any_of(self._name(row), row.order, groups)
        parts = await asyncio.gather(*(self._read(row, query, operation) for query in queries))
        return list({each: None for part in parts for each in part})

    async def by(self, row: type[R], field: str, values: Collection[str], operation: str) -> list[R]:
        """All rows whose `field` is one of `values`."""
        groups = [(Condition(field, Is.EQUAL, value),) for value in values if value.strip()]
        return await self.where(row, groups, operation)

    async def _read(self, row: type[R], query: Query, operation: str) -> list[R]:
        return [each async for each in self.pages(row, query, operation, self._rows)]

    async def _get(self, path: str, operation: str, allow: frozenset[int] = frozenset()) -> Answer:
        request = Request("GET", path, operation, patience=self._patience)
        return await self._http.read(request, allow=allow)

    async def described(self, path: str, *, must_be_there: bool = False) -> Any:
        """A part of Profit's description of itself; None where there is none."""
        allow = frozenset() if must_be_there else frozenset({401, 404, 500})
        answer = await self._get(path, "metainfo", allow)
        return answer.json() if answer.ok else None

    async def offers(self, row: type[Row]) -> bool:
        """Whether Profit lists the row's GetConnector for this token. Asked until it does."""
        name = self._name(row).casefold()
        if name not in self._offered:
            overview = await self.described("metainfo", must_be_there=True)
            listed = overview.get("getConnectors") if isinstance(overview, dict) else None
            self._offered |= {
                str(each.get("id")).casefold() for each in listed or () if isinstance(each, dict)
            }
        return name in self._offered

    async def change(
        self, method: str, connector: str, message: dict[str, Any], operation: str, look: Look
    ) -> dict[str, Any]:
        """Send one message, once. Answers what Profit tells about keys, without the names around them.
        `look` is asked after a refusal: one of what stands in Profit is not believed."""
        request = Request(method, f"connectors/{connector}", operation, json={**message})
        try:
            answer = await self._http.write(request)
        except (ErpRejected, ErpAccessDenied, RecordLocked) as refusal:
            raise await believed(refusal, look) from None
        return _keys(body_of(answer))


def _keys(body: Any) -> dict[str, Any]:
    """`{"results": {"FiEntryPar": {…}}}`; the vendor's pages also show it without `results`."""
    while isinstance(body, dict) and body and all(isinstance(value, dict) for value in body.values()):
        body = next(iter(body.values()))
    return body if isinstance(body, dict) else {}


def parsed(row: type[R], data: Any) -> R:
    """Raises ErpRejected when a row lacks a field or has one of another type: the GetConnector is not the
    one this connector was written for."""
    try:
        return row.model_validate(data)
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()})
    raise ErpRejected(
        f"AFAS sent rows of {row.connector} in a form this connector does not know: {', '.join(where)}"
    )


def _place(row: type[Row], data: dict[str, Any]) -> tuple[Any, ...]:
    """What the order of the question tells rows apart by."""
    return tuple(data.get(name) for name in row.order)


def _rows(body: Any) -> Sequence[Any]:
    rows = body.get("rows") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise ErpUnavailable("AFAS's answer has no rows", detail=str(type(body)))
    return rows
