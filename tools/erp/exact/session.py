"""Calls to one division of Exact Online: pages, changes, and its words for a refusal.

A business refusal comes as HTTP 500 with a sentence in the user's language. A sentence that is known to be
one (`refusals`) is a refusal, believed of a write only after a look (see `entries`); every other 500 is a
failure, whatever it says, and leaves a write's outcome unknown.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from tools.erp.answers import Answer, Explanation, NotJson, from_json
from tools.erp.errors import ErpAccessDenied, ErpError, ErpRejected, ErpUnavailable
from tools.erp.exact.error_budget import COUNTED
from tools.erp.exact.odata import Query
from tools.erp.exact.refusals import is_known_refusal
from tools.erp.exact.wire import Me, Wire
from tools.erp.http import HttpClient, Request
from tools.erp.taught_pacing import Told, ToldLimits

W = TypeVar("W", bound=Wire)

NAME = "Exact Online"
_FIELD = re.compile(r"^[^:]{3,40}:\s*(?P<field>\w[\w /.-]{0,60})")


def explain(answer: Answer) -> Explanation:
    """Exact's sentence, and the field it names behind a colon ("Mandatory: Journal"). A 500 with a known
    sentence is its refusal; what a write then means is not decided here."""
    message = sentence(answer)
    if answer.status == 429:
        return Explanation(message=message or f"{NAME} is busy and asks to come back later")
    if message is None:
        return Explanation()
    field = _FIELD.match(message)
    kind = ErpRejected if answer.status == 500 and is_known_refusal(message) else None
    return Explanation(message=message, field=field["field"].strip() if field else None, error=kind)


def sentence(answer: Answer) -> str | None:
    """What the error body says, if it is one of Exact's: `error.message.value`."""
    try:
        body = from_json(answer.content)
    except NotJson:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    value = message.get("value") if isinstance(message, dict) else message
    return value.strip() or None if isinstance(value, str) else None


def read_limits(headers: Mapping[str, str]) -> ToldLimits:
    """`X-RateLimit-…` is the day, `X-RateLimit-Minutely-…` the minute; either may be missing. `Reset` is in
    milliseconds since 1970, compared with the answer's own `Date`."""
    return ToldLimits(
        short=_told(headers, "x-ratelimit-minutely-"),
        day=_told(headers, "x-ratelimit-"),
    )


def _told(headers: Mapping[str, str], start: str) -> Told | None:
    try:
        limit, remaining = int(headers[f"{start}limit"]), int(headers[f"{start}remaining"])
        reset = float(Decimal(headers[f"{start}reset"])) / 1000.0
    except (KeyError, ValueError, InvalidOperation):
        return None
    now = _answered(headers.get("date", ""))
    # A 429 for the minute tells a day of zero calls that ended in 1970 (seen by users).
    if limit <= 0 or now is None or reset <= 0:
        return None
    return Told(limit, max(0, remaining), max(0.0, reset - now))


def _answered(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except ValueError:
        return None


class Session:
    """One division. Without a number the one is asked for that the login stands in."""

    def __init__(self, http: HttpClient, division: int | None, at_once: int = 4) -> None:
        """`at_once`: queries of one read that are under way beside each other."""
        self._http = http
        self._division = division
        self._at_once = at_once
        self._lookup = asyncio.Lock()

    async def path(self) -> str:
        """`api/v1/<division>/`."""
        if self._division is None:
            async with self._lookup:
                if self._division is None:
                    self._division = await self._look_up()
        return f"api/v1/{self._division}/"

    async def _look_up(self) -> int:
        answer = await self._get("api/v1/current/Me?$select=CurrentDivision", "division")
        rows, _ = _page(answer)
        if not rows:
            raise ErpAccessDenied(f"{NAME} tells our login no division")
        return parsed(Me, rows[0]).current_division

    async def pages(self, query: Query, operation: str) -> AsyncIterator[Any]:
        """The rows of one query; the address of the next page is followed as given, also that of further
        lines of one row."""
        url: str | None = await self.path() + query.path
        while url is not None:
            rows, url = _page(await self._get(url, operation))
            for row in rows:
                if query.with_lines:
                    await self._complete(row, query.entity.lines_field, operation)
                yield row

    async def _complete(self, row: Any, field: str, operation: str) -> None:
        inner = row.get(field) if isinstance(row, dict) else None
        url = inner.get("__next") if isinstance(inner, dict) else None
        while url is not None and isinstance(inner, dict):
            rows, url = _page(await self._get(url, operation))
            inner["results"] = [*inner["results"], *rows]

    async def read(self, entity: type[W], queries: Sequence[Query], operation: str) -> list[W]:
        """All records of all queries; some run beside each other. After the first failure no further query is
        begun, and those under way are waited for: their answers count."""
        found: list[list[W]] = [[] for _ in queries]
        waiting, failed = deque(enumerate(queries)), list[ErpError]()

        async def work() -> None:
            while waiting and not failed:
                place, query = waiting.popleft()
                try:
                    async for row in self.pages(query, operation):
                        found[place].append(parsed(entity, row))
                except ErpError as error:
                    failed.append(error)

        await asyncio.gather(*(work() for _ in range(min(self._at_once, len(queries)))))
        if failed:
            raise failed[0]
        return [row for rows in found for row in rows]

    async def _get(self, url: str, operation: str) -> Any:
        answer = await self._http.read(Request("GET", url, operation), allow=COUNTED)
        if not answer.ok:
            raise self._http.explained(answer, changes=False)
        return answer.json()

    async def change(self, method: str, path: str, body: Any, operation: str) -> Answer:
        """Send a change, once. `path` is relative to the division. A known refusal is handed back;
        every other failure is raised, OutcomeUnknown for every other 500."""
        url = await self.path() + path
        headers = {"Prefer": "return=representation"} if method == "POST" else None
        request = Request(method, url, operation, json=body, headers=headers)
        answer = await self._http.write(request, allow=COUNTED | {500})
        if answer.ok or (answer.status == 500 and is_known_refusal(sentence(answer) or "")):
            return answer
        raise self._http.explained(answer, changes=True)

    def refusal(self, answer: Answer) -> ErpRejected:
        """A 500 with a known sentence, once a look has shown that nothing was done."""
        error = self._http.explained(answer, changes=False)
        return ErpRejected(str(error), detail=error.detail, field=error.field)


def _page(body: Any) -> tuple[list[Any], str | None]:
    """Rows and the next page's address: `{"d": {"results": […], "__next": …}}` or `{"d": […]}`."""
    inner = body.get("d") if isinstance(body, dict) else None
    if isinstance(inner, list):
        return inner, None
    if not isinstance(inner, dict):
        raise ErpUnavailable(f"{NAME}'s answer is not a list", detail=str(type(body)))
    if not isinstance(inner.get("results"), list):
        return [inner], None
    return inner["results"], inner.get("__next")


def created_key(answer: Answer, name: str) -> str:
    """The key of the record that a POST made. Raises ErpUnavailable for an answer that names none."""
    rows, _ = _page(answer.json())
    key = rows[0].get(name) if rows and isinstance(rows[0], dict) else None
    if not isinstance(key, str) or not key:
        raise ErpUnavailable(f"{NAME}'s answer names no {name}")
    return key


def parsed(entity: type[W], row: Any) -> W:
    """Raises ErpRejected when a record lacks a field or has one of another type: the API is another than
    this connector was written for."""
    try:
        return entity.model_validate(row)
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()})
    raise ErpRejected(
        f"{NAME} sent {entity.resource} in a form this connector does not know: {', '.join(where)}"
    )
