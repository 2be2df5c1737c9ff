"""Calls to one company of Business Central: pages, batches, changes, and its words for a refusal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from tools.erp.answers import Answer, Explanation, NotJson, from_json, to_json
from tools.erp.business_central.odata import MOST_IN_BATCH, Query
from tools.erp.business_central.outbox import Outbox
from tools.erp.business_central.wire import Wire
from tools.erp.errors import ErpAccessDenied, ErpChanged, ErpError, ErpNotThere, ErpRejected, ErpUnavailable
from tools.erp.http import HttpClient, Request

W = TypeVar("W", bound=Wire)

_CORRELATION = re.compile(r"\s*CorrelationId:\s*[0-9a-fA-F-]+\.?\s*$")
_CHANGED = "Another user has already changed the record"
_KINDS: tuple[tuple[str, type[ErpError]], ...] = (
    ("Request_EntityChanged", ErpChanged),
    ("Authentication_", ErpAccessDenied),
    ("Authorization_", ErpAccessDenied),
    ("Internal_TenantUnavailable", ErpUnavailable),
    ("Internal_CompanyNotFound", ErpNotThere),
    ("NoEnvironment", ErpNotThere),
)
_SETTINGS = {
    "Internal_CompanyNotFound": "check company_id, or leave it out: then `company` is looked up by its name",
    "NoEnvironment": "check tenant and environment",
}
"""Code of a refusal -> what to mend for it."""
_NO_RESOURCE = "No HTTP resource was found"


def explain(answer: Answer) -> Explanation:
    """Business Central's own sentence, without the correlation id (the log's detail keeps it)."""
    try:
        body = from_json(answer.content)
    except NotJson:
        return Explanation()
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return Explanation()
    message = _CORRELATION.sub("", error["message"]).strip()
    code = str(error.get("code", ""))
    kind = next((kind for start, kind in _KINDS if code.startswith(start)), None)
    if _CHANGED in message:
        kind = ErpChanged
    remedy = next((words for start, words in _SETTINGS.items() if code.startswith(start)), None)
    if message.startswith(_NO_RESOURCE):
        kind, remedy = ErpNotThere, "check base_url, tenant and environment"
    if remedy is not None:
        message = f"{message.rstrip('.')}: {remedy}"
    return Explanation(message=message or None, error=kind)


class Session:
    """One company. `company_id` is its GUID; without one it is looked up once by `company`."""

    def __init__(
        self, http: HttpClient, *, company: str, company_id: str | None, batch_operations: int
    ) -> None:
        self._http = http
        self._company = company
        self._company_id = company_id
        self._outbox = Outbox(self._batch, min(batch_operations, MOST_IN_BATCH))
        self._lookup = asyncio.Lock()

    async def path(self) -> str:
        """`companies(GUID)/`, relative to the API's address."""
        if self._company_id is None:
            async with self._lookup:
                if self._company_id is None:
                    self._company_id = await self._look_up()
        return f"companies({self._company_id})/"

    async def _look_up(self) -> str:
        answer = await self._http.read(Request("GET", "companies", "company"))
        names = {str(row["name"]): str(row["id"]) for row in _rows(answer.json())}
        if self._company not in names:
            raise ErpAccessDenied(
                f"Business Central shows our login no company named {self._company}; "
                f"it shows: {', '.join(sorted(names)) or 'none'}"
            )
        return names[self._company]

    async def pages(
        self, query: Query, *, operation: str, page_size: int | None = None
    ) -> AsyncIterator[Any]:
        """The rows of one query, page by page; the link to the next page is followed as given."""
        headers = {"Prefer": f"odata.maxpagesize={page_size}"} if page_size else None
        url: str | None = await self.path() + query.path
        while url is not None:
            body = (await self._http.read(Request("GET", url, operation, headers=headers))).json()
            for row in _rows(body):
                yield row
            url = body.get("@odata.nextLink")

    async def read(self, entity: type[W], queries: Sequence[Query], *, operation: str) -> list[W]:
        """All records of all queries, read as `entity`, in as few calls as possible."""
        rows: list[Any] = []
        if len(queries) == 1:
            rows = [row async for row in self.pages(queries[0], operation=operation)]
        elif queries:
            rows = [row for answer in await self._outbox.ask(queries, operation) for row in answer]
        return [parsed(entity, row) for row in rows]

    async def read_each(self, queries: Sequence[Query], *, operation: str) -> list[list[Any]]:
        """The rows of different queries, by one call."""
        return await self._outbox.ask(queries, operation)

    async def _batch(self, queries: Sequence[Query], operation: str) -> list[list[Any] | BaseException]:
        """Each query's rows, or what kept it from being answered."""
        company = await self.path()
        body = {
            "requests": [
                {"id": str(number), "method": "GET", "url": company + query.path}
                for number, query in enumerate(queries)
            ]
        }
        request = Request("POST", "$batch", operation, json=body, weight=len(queries))
        answers = (await self._http.read(request)).json()
        by_id = {str(answer.get("id")): answer for answer in answers.get("responses", ())}
        return list(
            await asyncio.gather(
                *(
                    self._part(query, by_id.get(str(number)), operation)
                    for number, query in enumerate(queries)
                ),
                return_exceptions=True,
            )
        )

    async def _part(self, query: Query, answer: Any, operation: str) -> list[Any]:
        """One answer of a batch. What was too busy, or has a further page, is read by itself."""
        status = int(answer.get("status", 503)) if isinstance(answer, dict) else 503
        if status in (408, 429) or status >= 500:
            return [row async for row in self.pages(query, operation=operation)]
        if status >= 400:
            inner = Answer(status, {}, to_json(answer.get("body") or {}))
            raise self._http.explained(inner, changes=False)
        body = answer.get("body")
        rows = list(_rows(body))
        url = body.get("@odata.nextLink")
        while url is not None:
            body = (await self._http.read(Request("GET", url, operation))).json()
            rows += _rows(body)
            url = body.get("@odata.nextLink")
        return rows

    async def change(
        self, method: str, path: str, *, operation: str, body: Any = None, etag: str | None = None
    ) -> Answer:
        """Send a change, once. `path` is relative to the company."""
        headers = None if etag is None else {"If-Match": etag}
        url = await self.path() + path
        return await self._http.write(Request(method, url, operation, json=body, headers=headers))

    async def upload(self, path: str, content: bytes, *, operation: str, etag: str) -> Answer:
        """Send a file's bytes, once."""
        headers = {"If-Match": etag, "Content-Type": "application/octet-stream"}
        url = await self.path() + path
        return await self._http.write(Request("PATCH", url, operation, headers=headers, content=content))

    async def metadata(self) -> bytes:
        """The API's description of itself, as XML."""
        headers = {"Accept": "application/xml"}
        return (await self._http.read(Request("GET", "$metadata", "metadata", headers=headers))).content


def parsed(entity: type[W], row: Any) -> W:
    """Raises ErpRejected when a record lacks a field or has one of another type: the API is another
    version than this connector was written for."""
    try:
        return entity.model_validate(row)
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()})
    raise ErpRejected(
        f"Business Central sent {entity.entity_set} in a form this connector does not know: "
        f"{', '.join(where)}"
    )


def only(entity: type[W], rows: Sequence[Any]) -> W:
    """The one record of a setup entity. Raises ErpAccessDenied when our login is shown none."""
    if not rows:
        raise ErpAccessDenied(f"Business Central shows our login no {entity.entity_set}")
    return parsed(entity, rows[0])


def _rows(body: Any) -> list[Any]:
    value = body.get("value") if isinstance(body, dict) else None
    if not isinstance(value, list):
        raise ErpUnavailable("Business Central's answer is not a list", detail=str(type(body)))
    return value
