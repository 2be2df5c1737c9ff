"""Login, queries and limits of the sandbox are as strict as Business Central's: each refusal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.erp.business_central_client import FORM, ROOT, TOKEN, Client, a_client, logged_in
from tests.erp.under_test import ClockOnTheWall
from tests.erp.world import FULLY_BILLED
from tools.erp.business_central import sandbox
from tools.erp.business_central.sandbox_master import guid
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults
from tools.erp.sandbox.gate import InProcess


@pytest.fixture
async def client(company: Company) -> AsyncIterator[Client]:
    async with a_client(company) as connected:
        yield connected


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 400, "unauthorized_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "wrong"}, 400, "invalid_scope"),
    ],
)
async def test_a_login_with_wrong_data_is_refused(
    client: Client, change: dict[str, str], status: int, code: str
) -> None:
    answer = await client.http.post(TOKEN, data={**FORM, **change})
    assert (answer.status_code, answer.json()["error"]) == (status, code)


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic abc"])
async def test_a_call_without_a_valid_token_is_refused(client: Client, header: str) -> None:
    client.http.headers["Authorization"] = header
    assert (await client.refused("GET", "vendors"))[:2] == (401, "Authentication_InvalidCredentials")


async def test_a_token_dies_when_its_time_is_over(client: Client, clock: ClockOnTheWall) -> None:
    clock.now = clock.now.replace(hour=clock.now.hour + 1)
    assert (await client.refused("GET", "vendors"))[0] == 401


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "$filter=number eq '1' or displayName eq 'x'",
            "The 'OR' operator is not supported on distinct fields",
        ),
        ("$filter=(number eq '1' and city eq 'x') or number eq '2'", "not supported on distinct fields"),
        ("$filter=startswith(number,'1')", "Could not find a property named 'startswith'"),
        ("$filter=nothing eq '1'", "Could not find a property named 'nothing'"),
        ("$filter=number in ('1','2')", "only eq, ne, gt, ge, lt, le"),
        ("$filter=number eq 1", "incompatible types"),
        ("$filter=balance eq '1'", "incompatible types"),
        ("$filter=number eq 'open", "cannot be read"),
        ("$filter=(number eq '1'", "ends too early"),
        ("$filter=number eq '1' number eq '2'", "unexpected number"),
        ("$filter=blocked eq 'Sometimes'", "not a valid enumeration"),
        ("$filter=lastModifiedDateTime gt 2026-01-01", "no constant"),
        ("$select=iban", "Could not find a property named 'iban'"),
        ("$expand=vendorBankAccounts", "cannot be expanded"),
        ("$orderby=nothing", "Could not find a property"),
        ("$orderby=number sideways", "not understood"),
        ("$skip=5", "'$skip' is not supported"),
        ("$apply=x", "'$apply' is not supported"),
        ("$top=many", "Invalid value 'many'"),
        ("$select=number&$select=city", "twice"),
    ],
)
async def test_a_query_the_service_does_not_understand_is_refused(
    client: Client, query: str, words: str
) -> None:
    status, code, message = await client.refused("GET", f"vendors?{query}")
    assert status == 400
    assert code in ("BadRequest", "Application_FilterErrorException")
    assert words in message


async def test_sixteen_keys_fit_into_a_filter_and_seventeen_do_not(client: Client) -> None:
    sixteen = " or ".join(f"number eq '{number}'" for number in range(16))
    await client.get(f"vendors?$filter={sixteen}")
    _, _, message = await client.refused("GET", f"vendors?$filter={sixteen} or number eq 'x'")
    assert "node count limit of '100'" in message


async def test_filters_select_order_count_and_expansion_work(client: Client) -> None:
    body = await client.get(
        f"purchaseOrders?$filter=(number eq '{FULLY_BILLED}' or number eq '451001') and status eq 'Open'"
        "&$select=number&$orderby=number desc&$count=true"
        "&$expand=purchaseOrderLines($select=sequence;$filter=sequence ge 20000)"
    )
    assert [row["number"] for row in body["value"]] == [FULLY_BILLED, "451001"]
    assert body["@odata.count"] == 2
    assert set(body["value"][0]) == {"@odata.etag", "number", "purchaseOrderLines"}
    assert [line["sequence"] for line in body["value"][1]["purchaseOrderLines"]] == [20000, 30000]


async def test_a_quote_in_a_text_is_doubled(client: Client) -> None:
    assert (await client.get("vendors?$filter=displayName eq 'O''Neill'"))["value"] == []


async def test_the_comparison_of_texts_minds_letter_case(client: Client) -> None:
    path = "purchaseInvoices?$filter=vendorInvoiceNumber eq '{}'"
    assert len((await client.get(path.format("RE-2026/017")))["value"]) == 1
    assert (await client.get(path.format("re-2026/017")))["value"] == []


async def test_pages_follow_the_link_with_the_same_query(client: Client) -> None:
    body = await client.get("vendors?$select=number&$orderby=number", Prefer="odata.maxpagesize=3")
    numbers = [row["number"] for row in body["value"]]
    while "@odata.nextLink" in body:
        body = await client.get(body["@odata.nextLink"], Prefer="odata.maxpagesize=3")
        assert all(set(row) == {"@odata.etag", "number"} for row in body["value"])
        numbers += [row["number"] for row in body["value"]]
    assert numbers == sorted(numbers)
    assert len(numbers) == 7


async def test_lines_are_read_only_through_their_document(client: Client) -> None:
    _, _, message = await client.refused("GET", "purchaseOrderLines")
    assert message == "You must specify an Id or a Document Id to get the lines."
    order = guid("order", FULLY_BILLED)
    by_filter = await client.get(f"purchaseOrderLines?$filter=documentId eq {order}")
    by_parent = await client.get(f"purchaseOrders({order})/purchaseOrderLines")
    assert len(by_filter["value"]) == len(by_parent["value"]) == 1


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nothing", 404, "BadRequest_NotFound"),
        ("vendorBankAccounts", 404, "BadRequest_NotFound"),
        ("vendors(00000000-0000-0000-0000-000000000001)", 404, "BadRequest_ResourceNotFound"),
        ("vendors(10010)", 400, "Application_InvalidGUID"),
        ("vendors(00000000-0000-0000-0000-000000000001)/nothing", 404, "BadRequest_NotFound"),
    ],
)
async def test_what_is_not_there_is_not_found(client: Client, path: str, status: int, code: str) -> None:
    assert (await client.refused("GET", path))[:2] == (status, code)


async def test_another_company_is_not_found(client: Client) -> None:
    other = f"{ROOT}companies(00000000-0000-0000-0000-000000000001)/vendors"
    assert (await client.refused("GET", other))[0] == 404


async def test_a_sixth_call_at_once_is_turned_away(company: Company, faults: Faults) -> None:
    faults.plan("*", FaultKind.SLOW, times=None, seconds="1")
    release = asyncio.Event()

    async def until_released(seconds: float) -> None:
        await release.wait()

    app = sandbox.app(company, faults, sleep=until_released, retry_after=3)
    async with httpx.AsyncClient(transport=InProcess(app)) as http:
        release.set()
        await logged_in(http)
        release.clear()
        calls = [asyncio.create_task(http.get(ROOT + "companies")) for _ in range(6)]
        done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        release.set()
        statuses = sorted([(await call).status_code for call in calls])
    (refused,) = done
    assert refused.result().headers["retry-after"] == "3"
    assert statuses == [200, 200, 200, 200, 200, 429]


async def test_calls_beyond_the_window_are_turned_away(company: Company, clock: ClockOnTheWall) -> None:
    async with httpx.AsyncClient(transport=InProcess(sandbox.app(company, calls=2))) as http:
        await logged_in(http)
        statuses = [(await http.get(ROOT + "companies")).status_code for _ in range(3)]
        clock.now = clock.now.replace(minute=clock.now.minute + 6)
        statuses.append((await http.get(ROOT + "companies")).status_code)
    assert statuses == [200, 200, 429, 200]


async def test_the_control_door_needs_no_login(company: Company) -> None:
    async with httpx.AsyncClient(transport=InProcess(sandbox.app(company))) as http:
        assert (await http.get("http://127.0.0.1/_sandbox/calls")).status_code == 200
