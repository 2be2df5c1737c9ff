"""One operation as it was sent, by itself or inside a batch, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from tools.erp.answers import NotJson, from_json
from tools.erp.business_central.sandbox_schema import bad_request

MOST_IN_BATCH = 100


@dataclass
class Reply:
    status: int
    body: Any = None
    """JSON, or bytes of the type that `headers` names."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One operation, sent by itself or inside a batch."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    address: str
    """The API's own address, for links to further pages."""


def batched(body: Any, address: str) -> list[tuple[str, Call]]:
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise bad_request("A batch needs a list of requests.")
    if len(requests) > MOST_IN_BATCH:
        raise bad_request(f"A batch may have at most {MOST_IN_BATCH} operations.")
    calls: list[tuple[str, Call]] = []
    for each in requests:
        if not isinstance(each, dict) or set(each) - {"id", "method", "url", "headers", "body"}:
            raise bad_request("A request of a batch has an id, a method, a url, headers and a body.")
        number, method, url = each.get("id"), each.get("method"), each.get("url")
        if not (isinstance(number, str) and isinstance(method, str) and isinstance(url, str)):
            raise bad_request("A request of a batch needs an id, a method and a url.")
        if url.startswith("/") or "://" in url or any(number == used for used, _ in calls):
            raise bad_request("The urls of a batch are relative, and each id stands once.")
        path, _, query = url.partition("?")
        headers = {str(name).lower(): str(value) for name, value in each.get("headers", {}).items()}
        call = Call(method, unquote(path), params_of(query), headers, each.get("body"), address)
        calls.append((number, call))
    return calls


def params_of(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    params = dict(pairs)
    if len(params) != len(pairs):
        raise bad_request("A query option stands twice.")
    return params


def body_of(content: bytes, headers: Mapping[str, str]) -> Any:
    if not content:
        return None
    if not headers.get("content-type", "").startswith("application/json"):
        raise bad_request("The body must be JSON.")
    try:
        return from_json(content)
    except NotJson:
        pass
    raise bad_request("The body is not JSON.")
