"""Calls to the OData services of one SAP system: pages, batches, changes, and SAP's words for a refusal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from tools.erp.answers import Answer, Explanation, NotJson, from_json
from tools.erp.errors import ErpAccessDenied, ErpError, ErpNotThere, ErpRejected, ErpUnavailable
from tools.erp.http import HttpClient, Request
from tools.erp.sap.multipart import CONTENT_TYPE, answers, reads
from tools.erp.sap.odata import Query, parts
from tools.erp.sap.wire import Wire

W = TypeVar("W", bound=Wire)
ROOT = "sap/opu/odata/sap/"
MOST_IN_BATCH = 50
_LOCKED = re.compile(r"is already processing|is locked by|currently being processed", re.IGNORECASE)
_LOCK_CODES = frozenset({"ME/006", "M3/022", "F5/263"})
_NO_SERVICE = "/IWFND/MED/170"
_FORBIDDEN = frozenset({_NO_SERVICE, "/IWFND/MED/172"})


def explain(answer: Answer) -> Explanation:
    """The errors of the application in SAP's words; the top message alone is often a general one. A record
    that somebody else is working on was not touched: later is another try."""
    error = _error_of(answer)
    if error is None:
        return Explanation()
    told = [each for each in _details(error) if each.get("severity", "error") in ("error", "")]
    sentences = [str(each.get("message", "")).strip() for each in told]
    value = error.get("message")
    top = value.get("value") if isinstance(value, dict) else value
    shown = [text for text in dict.fromkeys((*sentences,)) if text] or [str(top or "").strip()]
    code = str(error.get("code", ""))
    codes = {code, *(str(each.get("code", "")) for each in told)}
    field = next((str(each["propertyref"]) for each in told if each.get("propertyref")), None)
    message = "; ".join(text.rstrip(".") for text in shown) or None
    if message is not None and _NO_SERVICE in codes:
        message += ": check base_url; where only this service is missing, have it activated in SAP"
    return Explanation(
        message=message,
        field=field,
        error=_kind(codes, " ".join(shown)),
    )


def _kind(codes: set[str], text: str) -> type[ErpError] | None:
    if codes & _LOCK_CODES or _LOCKED.search(text):
        return ErpUnavailable
    if _NO_SERVICE in codes:
        return ErpNotThere
    if codes & _FORBIDDEN:
        return ErpAccessDenied
    return None


def _error_of(answer: Answer) -> dict[str, Any] | None:
    try:
        body = from_json(answer.content)
    except NotJson:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else None


def _details(error: Mapping[str, Any]) -> list[dict[str, Any]]:
    inner = error.get("innererror")
    listed = inner.get("errordetails") if isinstance(inner, dict) else None
    found = listed if isinstance(listed, list) else []
    # The gateway closes the list with an entry of its own that says nothing.
    return [
        each for each in found if isinstance(each, dict) and "/IWBEP/CX_" not in str(each.get("code", ""))
    ]


class Session:
    """One system and one SAP client."""

    def __init__(self, http: HttpClient, *, client: str | None, batch_operations: int) -> None:
        self._http = http
        self._client = client
        self._most = min(batch_operations, MOST_IN_BATCH)

    def _address(self, service: str, path: str) -> str:
        return self.addressed(f"{ROOT}{service}/{path}")

    def addressed(self, url: str) -> str:
        """The address with the SAP client, where one is set."""
        if self._client is None or "sap-client=" in url:
            return url
        return f"{url}{'&' if '?' in url else '?'}sap-client={self._client}"

    async def pages(self, query: Query, *, operation: str, page_size: int) -> AsyncIterator[Any]:
        """The rows of one query, page by page: the server's own links are followed as given, and where it
        answers a full page without one, the next is asked for. The query needs an order."""
        read = 0
        while True:
            wanted = replace(query, top=page_size, skip=read)
            rows = [row async for row in self._linked(wanted, operation)]
            for row in rows:
                yield row
            read += len(rows)
            if len(rows) < page_size:
                return

    async def _linked(self, query: Query, operation: str, address: str | None = None) -> AsyncIterator[Any]:
        """From the query's own address, or from a link to its next page."""
        address = address or self._path(query)
        while address is not None:
            body = (await self._http.read(Request("GET", address, operation))).json()
            for row in rows_of(body):
                yield row
            address = self._next(body, query.service)

    def _next(self, body: Any, service: str) -> str | None:
        """The link to the next page below our own address: behind a proxy SAP names its inner host."""
        link = body["d"].get("__next") if isinstance(body["d"], dict) else None
        if link is None:
            return None
        _, found, path = str(link).partition(f"/{ROOT}")
        if found:
            return self.addressed(f"{ROOT}{path}")
        return self.addressed(link if "://" in link else f"{ROOT}{service}/{link}")

    async def read(self, entity: type[W], queries: Sequence[Query], *, operation: str) -> list[W]:
        """All records of all queries of one service, read as `entity`, in as few calls as possible."""
        if len(queries) == 1:
            rows = [row async for row in self._linked(queries[0], operation)]
        else:
            found = await asyncio.gather(
                *(self._batch(part, operation) for part in parts(queries, self._most))
            )
            rows = [row for part in found for row in part]
        return [parsed(entity, row) for row in rows]

    def _path(self, query: Query) -> str:
        return self._address(query.service, query.path)

    async def _batch(self, queries: Sequence[Query], operation: str) -> list[Any]:
        body = reads([self.addressed(query.path) for query in queries])
        headers = {"Content-Type": CONTENT_TYPE, "Accept": "multipart/mixed"}
        address = self._address(queries[0].service, "$batch")
        answer = await self._http.read(
            Request("POST", address, operation, content=body, headers=headers, weight=len(queries))
        )
        rows: list[Any] = []
        for query, part in zip(queries, answers(answer, len(queries)), strict=True):
            rows += await self._part(query, part, operation)
        return rows

    async def _part(self, query: Query, answer: Answer, operation: str) -> list[Any]:
        """One answer of a batch. What was too busy, or has a further page, is read by itself."""
        if answer.status in (408, 429) or answer.status >= 500:
            return [row async for row in self._linked(query, operation)]
        if not answer.ok:
            raise self._http.explained(answer, changes=False)
        body = answer.json()
        rows = list(rows_of(body))
        link = self._next(body, query.service)
        if link is not None:
            rows += [row async for row in self._linked(query, operation, link)]
        return rows

    async def metadata(self, service: str) -> Answer:
        """The service's own description, or the refusal to give it."""
        request = Request(
            "GET",
            self._address(service, "$metadata"),
            "metadata",
            headers={"Accept": "application/xml"},
        )
        return await self._http.read(request, allow=frozenset({401, 403, 404}))

    async def call(self, service: str, path: str, *, operation: str) -> Any:
        """What a function that only reads answers."""
        return (await self._http.read(Request("GET", self._address(service, path), operation))).json()

    async def change(
        self,
        method: str,
        service: str,
        path: str,
        *,
        operation: str,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a change, once."""
        request = Request(
            method,
            self._address(service, path),
            operation,
            json=body,
            content=content,
            headers=headers,
        )
        return await self._http.write(request)


def rows_of(body: Any) -> list[Any]:
    """The records of an answer: `d.results`, or `d` itself where the release answers a list."""
    inner = body.get("d") if isinstance(body, dict) else None
    rows = inner.get("results") if isinstance(inner, dict) else inner
    if not isinstance(rows, list):
        raise ErpUnavailable("SAP's answer is not a list", detail=str(type(body)))
    return rows


def one_of(body: Any) -> dict[str, Any]:
    """The record of an answer to a change."""
    inner = body.get("d") if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        raise ErpUnavailable("SAP's answer is no record", detail=str(type(body)))
    return inner


def parsed(entity: type[W], row: Any) -> W:
    """Raises ErpRejected when a record lacks a property or has one of another type: the service is another
    release than this connector was written for."""
    try:
        return entity.model_validate(row)
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()})
    raise ErpRejected(
        f"SAP sent {entity.entity_set} in a form this connector does not know: {', '.join(where)}"
    )
