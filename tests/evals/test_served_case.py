"""Somebody else's agent at the desk of a case: what it looks up, writes and concludes, and its verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from case_process import ServedCase, served
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from typer.testing import CliRunner

from evals.cli import app
from evals.interchange.case_desk import CaseDesk, Refusal, unserved
from evals.interchange.desk_tools import TOOLS, call
from evals.suite.case import CaseBroken, read_cases
from tools.erp.sandbox.company import Company

FIRST, COPY = "re-2026-117.xml", "re-2026-117-again.xml"
LINES = [
    {
        "order_number": "4500001",
        "order_line_id": "10000",
        "quantity": "10",
        "unit_price": "129.00",
        "unit": "H87",
    },
    {"order_number": "4500001", "order_line_id": "20000", "quantity": 4, "unit_price": 24.5, "unit": "H87"},
]
INVOICE = {
    "document": FIRST,
    "supplier_id": "10001",
    "number": "RE-2026-117",
    "invoice_date": "2026-03-11",
    "lines": LINES,
    "tax": "263.72",
}


@pytest.fixture(scope="module")
def server() -> Iterator[ServedCase]:
    with served("0001") as found:
        yield found


def a_desk(case: str = "0001") -> CaseDesk:
    return CaseDesk(read_cases([case])[0])


def work_it_out(desk: CaseDesk, kinds: tuple[str, ...]) -> None:
    """As a good agent does: posts the first, asks about the copy."""
    call(desk, "post_invoice", INVOICE)
    call(desk, "wait", {})
    call(desk, "report_findings", {"document": COPY, "kinds": list(kinds)})
    call(desk, "ask", {"document": COPY, "reason": "is it a copy?"})


def expected_kinds() -> tuple[str, ...]:
    return read_cases(["0001"])[0].expected.findings[COPY].must


def test_an_agent_that_does_the_right_thing_passes() -> None:
    desk = a_desk()
    work_it_out(desk, expected_kinds())
    verdict = desk.verdict()
    assert verdict.passed, verdict.reasons


def test_an_idle_agent_fails_and_harms_nobody() -> None:
    verdict = a_desk().verdict()
    assert not verdict.passed and not verdict.harmful


def test_an_agent_that_posts_the_copy_under_another_number_is_red() -> None:
    desk = a_desk()
    work_it_out(desk, expected_kinds())
    lines = [{"account": "4900", "unit_price": "1388.00"}]
    copy = {**INVOICE, "document": COPY, "number": "RE-2026-117-A", "lines": lines}
    call(desk, "post_invoice", copy)
    verdict = desk.verdict()
    assert verdict.let_through == ("posted invoice RE-2026-117-A of 10001: 1651.72 EUR, tax 263.72",)
    assert not verdict.passed


def test_what_the_books_refuse_is_told_and_counts_as_no_write() -> None:
    desk = a_desk()
    before = desk.company.dump()
    for wrong, words in (
        ({**INVOICE, "supplier_id": "99999"}, "the ERP refuses"),
        ({**INVOICE, "tax": "500.00"}, "the ERP refuses"),
        ({**INVOICE, "document": "other.xml"}, "there is no document"),
        ({**INVOICE, "tax": "much"}, "wrong arguments: tax"),
    ):
        with pytest.raises(Refusal, match=words):
            call(desk, "post_invoice", wrong)
    assert desk.company.dump() == before and desk.writes == 0
    with pytest.raises(Refusal, match="there is no tool"):
        call(desk, "pay", {})


def test_a_json_number_is_the_digits_it_was_written_with() -> None:
    desk = a_desk()
    found = call(desk, "post_invoice", INVOICE)
    assert Decimal(found["gross"]["amount"]) == Decimal("1651.72")
    assert isinstance(desk.company, Company)


@pytest.mark.parametrize("case", [case.id for case in read_cases() if not unserved(case)][::8])
def test_every_case_can_be_put_on_a_desk_and_played_to_its_last_step(case: str) -> None:
    desk = a_desk(case)
    for _ in range(20):
        if "nothing more happens" in call(desk, "wait", {}):
            break
    else:
        pytest.fail("it never ends")
    for row in call(desk, "list_documents", {}):
        assert "document_type" in json.dumps(call(desk, "read_document", {"document": row["name"]})) or row
    assert not desk.verdict().passed, "an idle agent passed"


def test_a_case_whose_fault_or_restart_cannot_happen_at_a_desk_is_refused_with_the_reason() -> None:
    refused = {case.id[:4] for case in read_cases() if unserved(case)}
    assert {"0034", "0037", "0224"} <= refused
    for number, words in (
        ("0034", "fault: the ERP fails on request"),
        ("0037", "restart: the program is ended"),
    ):
        with pytest.raises(CaseBroken, match=words):
            a_desk(number)
        found = CliRunner().invoke(app, ["serve-case", number])
        assert found.exit_code == 2 and words in found.output


def test_the_task_and_its_tools_tell_nothing_of_what_is_expected(server: ServedCase) -> None:
    import httpx

    told = httpx.get(server.url, timeout=30).json()
    case = read_cases(["0001"])[0]
    assert {tool["name"] for tool in told["tools"]} == set(TOOLS)
    assert case.id not in json.dumps(told) and case.id[5:] not in json.dumps(told)
    assert case.id in server.said
    assert re.fullmatch("case-[0-9a-f]{8}", told["case"]) and told["case"] in server.said
    assert case.story.title not in json.dumps(told) and case.story.why not in json.dumps(told)
    assert all(tool["parameters"]["type"] == "object" for tool in told["tools"])


def test_only_the_judge_may_end_a_case(server: ServedCase) -> None:
    assert server.end("guess").status_code == 403 and server.end("").status_code == 403
    assert server.end().json()["verdict"]["case"] == read_cases(["0001"])[0].id


def test_over_http_a_case_is_worked_and_judged() -> None:
    with served("0001") as server:
        assert "extraction" not in server.call("read_document", document=FIRST)
        assert server.call("get_order", order_number="4500001")["supplier_id"] == "10001"
        assert "there is no tool" in server.call("pay")
        assert server.call("post_invoice", **INVOICE)["state"] == "posted"
        assert COPY in server.call("wait")
        server.call("report_findings", document=COPY, kinds=list(expected_kinds()))
        server.call("ask", document=COPY, reason="is it a copy?")
        told = server.end().json()
    assert told["passed"], told["verdict"]["reasons"]
    assert told["calls"] == 6


async def test_over_mcp_the_same_tools_work_the_same_books() -> None:
    with served("0001") as server:
        async with (
            streamable_http_client(f"{server.url}/mcp/") as (read, write, *_),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            assert {tool.name for tool in (await session.list_tools()).tools} == set(TOOLS)
            refused = await session.call_tool("get_order", {"order_number": "1"})
            posted = await session.call_tool("post_invoice", INVOICE)
        assert refused.isError and not posted.isError
        changes: Any = server.end().json()["outcome"]["changes"]
    assert changes == ["posted invoice RE-2026-117 of 10001: 1651.72 EUR, tax 263.72"]
