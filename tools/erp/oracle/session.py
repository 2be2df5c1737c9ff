"""Calls to one Oracle Fusion pod: pages, children, batches, changes, actions, and its words for a refusal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from tools.erp.answers import Answer, Explanation, NotJson, from_json, to_json
from tools.erp.errors import ErpError, ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.http import HttpClient, Request
from tools.erp.oracle.query import MOST_ROWS, Query, parts
from tools.erp.oracle.wire import KEY, VERSION, Wire

W = TypeVar("W", bound=Wire)
T = TypeVar("T")

ITEM = "application/vnd.oracle.adf.resourceitem+json"
ACTION = "application/vnd.oracle.adf.action+json"
BATCH = "application/vnd.oracle.adf.batch+json"
ACCEPT = "application/json, application/vnd.oracle.adf.error+json"
_LONGEST_TEXT = 600
_PREFIX = re.compile(r"^(JBO-[\w:.-]*?[:\s]+)+")
_RESOURCES = re.compile(r"^.*?/fscmRestApi/resources/[^/]+/")


def explain(answer: Answer) -> Explanation:
    """Oracle's own sentence: from the structured error where there is one, else from the plain text. A web
    page is no sentence for people."""
    try:
        body = from_json(answer.content)
    except NotJson:
        return Explanation(message=_plain(answer))
    if not isinstance(body, dict):
        return Explanation()
    details = [each for each in body.get("o:errorDetails") or () if isinstance(each, dict)]
    told = [_tidy(str(each["detail"])) for each in details if each.get("detail")]
    path = next((str(each["o:errorPath"]) for each in details if each.get("o:errorPath")), "")
    message = "; ".join(dict.fromkeys(told)) or _tidy(str(body.get("detail") or body.get("title") or ""))
    return Explanation(message=message or None, field=path.strip("/").replace("/", ".") or None)


def _plain(answer: Answer) -> str | None:
    text = answer.content.decode("utf-8", "replace").strip()
    if "html" in answer.headers.get("content-type", "") or text.startswith("<"):
        return None
    return _tidy(text) or None


def _tidy(text: str) -> str:
    return _PREFIX.sub("", text.strip())[:_LONGEST_TEXT]


@dataclass(frozen=True)
class Part:
    """One operation of a batch, which is carried out whole or not at all."""

    path: str
    operation: str
    payload: Mapping[str, Any] | None = None

    def body(self, number: int) -> dict[str, Any]:
        body: dict[str, Any] = {"id": f"part{number}", "path": f"/{self.path}", "operation": self.operation}
        return body if self.payload is None else {**body, "payload": dict(self.payload)}


class Session:
    """One login at one pod. `page_size` is for lists that are read to their end one page after the other."""

    def __init__(self, http: HttpClient, *, page_size: int, batch_parts: int) -> None:
        self._http = http
        self._page_size = page_size
        self._batch_parts = batch_parts

    async def stream(self, query: Query, *, operation: str) -> AsyncIterator[Any]:
        """All records of a long list as they come."""
        async for row in self._pages(query, self._page_size, operation):
            yield row

    async def _pages(self, query: Query, limit: int, operation: str) -> AsyncIterator[Any]:
        """The records of one query, page by page, children whole. The server may give smaller pages than
        asked, and never more than 500 records."""
        offset = 0
        while True:
            url = query.address(limit, offset)
            body = (await self._http.read(Request("GET", url, operation))).json()
            rows = _items(body)
            for row in rows:
                yield await self.whole(row, query.entity, operation)
            if not _more(body, rows):
                return
            offset += len(rows)  # the page may be smaller than asked

    async def read(self, entity: type[W], queries: Sequence[Query], *, operation: str) -> list[W]:
        """All records of all queries; a record that two pages show counts once."""
        found = await asyncio.gather(*(self._all(query, operation) for query in queries))
        return [parsed(entity, row) for rows in found for row in rows]

    async def _all(self, query: Query, operation: str) -> list[Any]:
        rows = [row async for row in self._pages(query, MOST_ROWS, operation)]
        key = query.entity.order_by
        if not key or any(row.get(key) is None for row in rows):
            return rows
        return list({str(row[key]): row for row in rows}.values())

    async def whole(self, row: Any, entity: type[Wire], operation: str) -> Any:
        """The record with its key and change indicator, and with plain lists of all its children."""
        if not isinstance(row, dict):
            raise ErpUnavailable("Oracle's answer is not a record", detail=str(type(row)))
        found = {**row, KEY: key_of(row), VERSION: _indicator(row)}
        for name, child in entity.children.items():
            link = None if name in row else _link_to(row, name)
            children = await self._children(row.get(name), link, child, operation)
            found[name] = [await self.whole(each, child, operation) for each in children]
        return found

    async def _children(self, value: Any, link: str | None, entity: type[Wire], operation: str) -> list[Any]:
        """A list (framework versions 1 and 2), or a collection whose further pages are read from its own
        address. Children that were asked for and did not come along, as those of a deep level may not, are
        read from the record's `link` to them."""
        if isinstance(value, list) or (value is None and link is None):
            return value or []
        rows = [] if value is None else _items(value)
        address = link if value is None else _self_of(value)
        more = value is None or _more(value, rows)
        while more:
            if address is None:
                raise ErpUnavailable("Oracle told of more lines and not where they are")
            fields = quote(entity.selection(), safe=",;:.")
            url = f"{address}?fields={fields}&limit={MOST_ROWS}&offset={len(rows)}"
            page = (await self._http.read(Request("GET", url, operation))).json()
            found = _items(page)
            rows, more = [*rows, *found], _more(page, found)
        return rows

    async def batch_read(self, addresses: Sequence[str], *, operation: str) -> list[Any]:
        """The records at these addresses, many in one call; the answers keep the order."""
        chunks = list(parts(addresses, self._batch_parts))
        found = await asyncio.gather(*(self._chunk(chunk, operation) for chunk in chunks))
        return [row for rows in found for row in rows]

    async def _chunk(self, addresses: Sequence[str], operation: str) -> list[Any]:
        if len(addresses) == 1:
            return [(await self._http.read(Request("GET", addresses[0], operation))).json()]
        answer = await self._http.read(self._batch([Part(each, "get") for each in addresses], operation))
        return _payloads(answer.json(), len(addresses))

    async def batch_write(self, batch: Sequence[Part], *, operation: str) -> None:
        """Changes that all happen or none; once. What came of them is read, not taken from the answer."""
        await self._http.write(self._batch(batch, operation))

    def _batch(self, batch: Sequence[Part], operation: str) -> Request:
        body = {"parts": [part.body(number) for number, part in enumerate(batch, start=1)]}
        headers = {"Content-Type": BATCH}
        return Request("POST", "", operation, content=to_json(body), headers=headers, weight=len(batch))

    async def change(self, method: str, path: str, *, operation: str, body: Any = None) -> Answer:
        """Create, change or delete one record, once."""
        content = None if body is None else to_json(body)
        headers = None if body is None else {"Content-Type": ITEM}
        return await self._http.write(Request(method, path, operation, content=content, headers=headers))

    async def act(self, path: str, body: Mapping[str, Any], *, operation: str) -> Answer:
        """Carry out an action, once. Its own media type is what makes it one."""
        headers = {"Content-Type": ACTION}
        return await self._http.write(
            Request("POST", path, operation, content=to_json(dict(body)), headers=headers)
        )

    async def answered_at(self, path: str, *, operation: str) -> datetime:
        """When Oracle answered a read, by its own clock. Raises ErpUnavailable when it does not say."""
        answer = await self._http.read(Request("GET", path, operation))
        try:
            told = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            raise ErpUnavailable("Oracle's answer does not say when it was given") from None
        return told if told.tzinfo is not None else told.replace(tzinfo=UTC)

    async def describe(self, resource: str) -> Any:
        """The live description of a resource. Raises ErpError where our login is not shown it."""
        return (await self._http.read(Request("GET", f"{resource}/describe", "describe"))).json()


def parsed(entity: type[W], row: Any) -> W:
    """Raises ErpRejected when a record lacks an attribute or has one of another type."""
    try:
        return entity.model_validate(row)
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()})
    raise ErpRejected(
        f"Oracle sent {entity.resource} in a form this connector does not know: {', '.join(where)}"
    )


async def seen(read: Awaitable[T], done: str) -> T:
    """What is read after a change. The change was made whatever happens here, so no failure of the read may
    sound like 'nothing happened'."""
    try:
        return await read
    except ErpError as error:
        told, detail = str(error), error.detail
    raise OutcomeUnknown(f"{done} and could not be read back: {told}", detail=detail)


def there(found: T | None) -> T:
    """What was just written. Raises OutcomeUnknown when it cannot be seen."""
    if found is None:
        raise OutcomeUnknown("it was accepted by Oracle and cannot be seen there")
    return found


def key_of(row: Mapping[str, Any]) -> str:
    """The opaque key: the last segment of the record's own address, never computed. Empty without one."""
    address = _self_of(row)
    return "" if address is None else address.rpartition("/")[2]


def _links(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [link for link in row.get("links") or () if isinstance(link, dict)]


def _self_of(row: Mapping[str, Any]) -> str | None:
    """The record's own address."""
    return next((_ours(link) for link in _links(row) if link.get("rel") == "self"), None)


def _link_to(row: Mapping[str, Any], child: str) -> str | None:
    """The address of a record's children of one name."""
    named = (link for link in _links(row) if link.get("rel") == "child" and link.get("name") == child)
    return next((_ours(link) for link in named), None)


def _ours(link: Mapping[str, Any]) -> str | None:
    """A link's address relative to ours: the pod may name itself by another host than we do, and no other
    host than ours is ever asked."""
    path = urlsplit(link["href"]).path if isinstance(link.get("href"), str) else ""
    return _RESOURCES.sub("", path) if _RESOURCES.match(path) else None


def _indicator(row: Mapping[str, Any]) -> str:
    for link in _links(row):
        if link.get("rel") == "self":
            return str((link.get("properties") or {}).get("changeIndicator", ""))
    return ""


def _items(body: Any) -> list[Any]:
    """`items` may be missing when there are none."""
    items = body.get("items", []) if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise ErpUnavailable("Oracle's answer is not a list", detail=str(type(body)))
    return items


def _more(body: Mapping[str, Any], rows: Sequence[Any]) -> bool:
    if body.get("hasMore") is not True:
        return False
    if not rows:
        raise ErpUnavailable("Oracle told of more records and gave none")
    return True


def _payloads(body: Any, expected: int) -> list[Any]:
    """Answers of a batch by part, in the order they were asked."""
    told = body.get("parts") if isinstance(body, dict) else None
    by_id = {str(part.get("id")): part.get("payload") for part in told or () if isinstance(part, dict)}
    payloads = [by_id.get(f"part{number}") for number in range(1, expected + 1)]
    if any(not isinstance(payload, dict) for payload in payloads):
        raise ErpUnavailable("Oracle answered a batch in part")
    return payloads
