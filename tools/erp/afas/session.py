"""Speaking to one Profit environment: pages to their end, changes once, refusals in Profit's own words.

Every refusal of substance is HTTP 500 with `externalMessage`: then nothing was done, because a message is
one transaction. Three kinds of 500 say something else: the record is being edited by somebody (nothing was
done, try later), the connector is closed to us (for the administrator), and messages that tell no reason or
report that time or memory ran out, after which the outcome of a write is not known.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from tools.erp.afas.filters import Condition, Group, Is, Query, any_of
from tools.erp.afas.wire import Row
from tools.erp.answers import Answer, Explanation, NotJson, from_json
from tools.erp.errors import ErpAccessDenied, ErpRejected, ErpUnavailable
from tools.erp.http import HttpClient, Request

R = TypeVar("R", bound=Row)

_MOST_RESTARTS = 3
_LOCKED = re.compile(r"another user|andere gebruiker", re.IGNORECASE)
_CLOSED = re.compile(
    r"not supported for this app|not authori[sz]ed|niet geautoriseerd|\(definition\) is blocked"
    r"|definitie\) is geblokkeerd",
    re.IGNORECASE,
)
_TELLS_NOTHING = re.compile(
    r"unexpected error|onverwachte fout|onbekende fout|maximum duration|maximale tijdsduur|time-?out"
    r"|out of (memory|string)|deadlock",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?:value (?:entered )?(?:for|of)|waarde (?:voor|van)|field|veld)\D{0,12}'([^']{1,60})'", re.I
)


def explain(answer: Answer) -> Explanation:
    """What Profit says about a refusal."""
    body = _object(answer)
    text = str(body.get("externalMessage") or "").strip()
    if answer.status == 500 and text:
        return _explained(text)
    busy = body.get("error")
    if answer.status == 503 and isinstance(busy, dict):
        return Explanation(message=f"AFAS says: {busy.get('message')}")
    if answer.status == 401:
        return Explanation(
            message="AFAS does not accept the token, or the app connector lacks this connector"
        )
    if answer.status == 404:
        return Explanation(message="AFAS knows no such connector, or the question was too long")
    return Explanation()


def _explained(text: str) -> Explanation:
    if _TELLS_NOTHING.search(text):
        return Explanation(message=f"AFAS says: {text}")
    field = _FIELD.search(text)
    named = field[1] if field else None
    if _LOCKED.search(text):
        return Explanation(message=f"AFAS says: {text}", error=ErpUnavailable, settled=True)
    if _CLOSED.search(text):
        return Explanation(message=f"AFAS says: {text}", error=ErpAccessDenied, settled=True)
    return Explanation(message=text, field=named, error=ErpRejected, settled=True)


def _object(answer: Answer) -> dict[str, Any]:
    try:
        body = from_json(answer.content)
    except NotJson:
        return {}
    return body if isinstance(body, dict) else {}


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

    async def change(
        self, method: str, connector: str, message: dict[str, Any], operation: str
    ) -> dict[str, Any]:
        """Send one message, once. Answers what Profit tells about keys, without the names around them."""
        request = Request(method, f"connectors/{connector}", operation, json={**message})
        answer = await self._http.write(request)
        return _keys(_object(answer))


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
