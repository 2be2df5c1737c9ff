"""A served case answers whatever it is sent with words, and has one end."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from case_process import ServedCase, served

TOO_DEEP = "no JSON: it lies too deep within itself"
ORDER = {"order_number": "4500001", "order_line_id": "10000"}


@pytest.fixture(scope="module")
def server() -> Iterator[ServedCase]:
    with served("0001") as found:
        yield found


def sent(server: ServedCase, tool: str, body: bytes) -> httpx.Response:
    return httpx.post(f"{server.url}/tools/{tool}", content=body, timeout=30)


@pytest.mark.parametrize("number", ["1e999999", '"1e999999"', "1e400", "-1e13", "1e-400", "9" * 4000, "NaN"])
def test_a_number_no_books_can_hold_is_refused_in_words(server: ServedCase, number: str) -> None:
    bodies = {
        "amend_order_line": f'{{"order_number":"4500001","order_line_id":"10000","quantity":{number}}}',
        "post_invoice": '{"document":"re-2026-117.xml","supplier_id":"10001","number":"1",'
        f'"invoice_date":"2026-03-11","tax":"0","lines":[{{"quantity":{number},"unit_price":1}}]}}',
    }
    for tool, body in bodies.items():
        answer = sent(server, tool, body.encode())
        assert answer.status_code == 422, answer.text
        assert "wrong arguments" in answer.json()["error"] and "quantity" in answer.json()["error"]


def test_json_that_lies_deep_within_itself_and_bytes_that_are_none_are_refused(server: ServedCase) -> None:
    answer = sent(server, "wait", b"[" * 100_000 + b"]" * 100_000)
    assert (answer.status_code, answer.json()["error"]) == (400, TOO_DEEP)
    assert sent(server, "wait", b'{"a":' * 65 + b"1" + b"}" * 65).status_code == 400
    assert sent(server, "wait", b'{"a":' * 60 + b"1" + b"}" * 60).status_code == 422
    assert sent(server, "say", json.dumps({"text": '[\\"{' * 100}).encode()).status_code == 200
    assert sent(server, "wait", b"\xff").status_code == 400
    assert sent(server, "wait", b"[]").status_code == 422


def over_mcp(server: ServedCase, quantity: str) -> httpx.Response:
    """A change of an order."""
    arguments = f'{{"order_number":"4500001","order_line_id":"10000","quantity":{quantity}}}'
    call = f'{{"name":"amend_order_line","arguments":{arguments}}}'
    body = f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{call}}}'
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    return httpx.post(f"{server.url}/mcp/", content=body, headers=headers, timeout=30)


@pytest.mark.parametrize("number", ["1e999999", '"1e999999"', "9" * 4000, "NaN", "null"])
def test_over_mcp_such_a_number_is_refused_too_and_changes_nothing(server: ServedCase, number: str) -> None:
    told = over_mcp(server, number).json()["result"]
    assert told["isError"] and "wrong arguments" in told["content"][0]["text"]


def test_over_mcp_what_lies_too_deep_is_refused_too(server: ServedCase) -> None:
    answer = over_mcp(server, "[" * 100_000 + "]" * 100_000)
    assert (answer.status_code, answer.json()["error"]) == (400, TOO_DEEP)


def test_a_key_of_any_letters_is_only_a_wrong_one(server: ServedCase) -> None:
    for key in ("ä".encode(), "ä".encode("latin-1"), b"\xff\xfe"):
        answer = httpx.post(f"{server.url}/end", headers={b"X-Judge": key}, timeout=30)
        assert answer.status_code == 403


def test_after_the_end_nothing_can_be_done_and_the_end_stays_what_it_was() -> None:
    with served("0001") as server:
        first = server.end().json()
        told = {
            tool: server.call(tool, **arguments)
            for tool, arguments in {
                "wait": {},
                "reject": {"document": "re-2026-117.xml", "reason": "late"},
                "amend_order_line": {**ORDER, "quantity": "9"},
            }.items()
        }
        assert set(told.values()) == {"the case has ended: nothing can be done here any more"}
        assert server.end().json() == first
