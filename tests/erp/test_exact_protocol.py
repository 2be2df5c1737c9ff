"""The Exact Online sandbox reproduces the traps of the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.erp.exact_bench import ExactBench, ExactClient, a_client
from tests.erp.exact_setup import SECRET
from tests.erp.world import OFFICE, ORDERS
from tools.erp.exact.sandbox_login import LoginRefused
from tools.erp.exact.sandbox_records import guid
from tools.erp.sandbox.company import Company

ORDERS_60 = "purchaseorder/PurchaseOrders?$select=OrderNumber"
ALL_ORDERS = f"{ORDERS_60}&$filter=OrderNumber gt 0"
LINE = {"GLAccount": guid("gl account", "4100"), "AmountFC": 100, "VATCode": "S21"}
ENTRY: dict[str, Any] = {
    "Journal": "70",
    "Supplier": guid("account", OFFICE),
    "EntryDate": "2026-03-10",
    "YourRef": "VD-90001",
    "PurchaseEntryLines": [LINE],
}


@pytest.fixture
def bench(company: Company, tmp_path: Path) -> ExactBench:
    return ExactBench(company, tmp_path)


@pytest.fixture
async def client(bench: ExactBench) -> AsyncIterator[ExactClient]:
    async with a_client(bench) as found:
        yield found


def form(**values: str) -> dict[str, str]:
    return {"client_id": "sandbox-client", "client_secret": SECRET, **values}


def first_pair(bench: ExactBench) -> dict[str, Any]:
    query = {
        "client_id": "sandbox-client",
        "response_type": "code",
        "redirect_uri": "https://x/",
        "state": "s",
    }
    code = bench.server.login.consent(query).split("code=")[1].split("&")[0]
    return bench.server.login.token(
        form(grant_type="authorization_code", code=code, redirect_uri="https://x/")
    )


def renewed(bench: ExactBench, token: str) -> dict[str, Any]:
    return bench.server.login.token(form(grant_type="refresh_token", refresh_token=token))


def test_a_refresh_token_works_once_and_not_before_570_seconds(bench: ExactBench) -> None:
    pair = first_pair(bench)
    assert pair["expires_in"] == "600", "a text"
    bench.clock.pass_by(569)
    with pytest.raises(LoginRefused, match="access_token not expired") as early:
        renewed(bench, pair["refresh_token"])
    assert early.value.headers["Reason"].startswith("TooEarlyToRefreshTokens")
    bench.clock.pass_by(1)
    again = renewed(bench, pair["refresh_token"])
    assert again["refresh_token"] != pair["refresh_token"]
    with pytest.raises(LoginRefused, match="Old refresh token used") as old:
        renewed(bench, pair["refresh_token"])
    assert old.value.status == 401


def test_two_hundred_token_calls_a_day_are_all(bench: ExactBench) -> None:
    pair = first_pair(bench)
    for _ in range(199):
        with pytest.raises(LoginRefused, match="not expired"):
            renewed(bench, pair["refresh_token"])
    with pytest.raises(LoginRefused, match="too many token calls"):
        renewed(bench, pair["refresh_token"])
    bench.clock.pass_by(86_400)
    renewed(bench, pair["refresh_token"])


def test_a_refresh_token_ends_after_thirty_days(bench: ExactBench) -> None:
    pair = first_pair(bench)
    bench.clock.pass_by(31 * 86_400)
    with pytest.raises(LoginRefused, match="has expired"):
        renewed(bench, pair["refresh_token"])


async def test_an_access_token_lives_ten_minutes(bench: ExactBench, client: ExactClient) -> None:
    bench.clock.pass_by(599)
    await client.get(ALL_ORDERS)
    bench.clock.pass_by(1)
    assert (await client.send("GET", ALL_ORDERS)).status_code == 401


async def test_pages_hold_sixty_rows_and_name_the_next(client: ExactClient) -> None:
    first = await client.get("purchaseorder/PurchaseOrderLines?$select=ID")
    assert len(first["results"]) == 60
    second = await client.get(first["__next"])
    assert not {row["ID"] for row in first["results"]} & {row["ID"] for row in second["results"]}
    lines = sum(len(order.lines) for order in ORDERS.values())
    third = await client.get(second["__next"]) if "__next" in second else {"results": []}
    assert sum(len(page["results"]) for page in (first, second, third)) == lines


async def test_further_lines_of_one_order_stand_on_a_page_of_their_own(client: ExactClient) -> None:
    found = await client.get(
        f"{ORDERS_60},PurchaseOrderLines/ID&$expand=PurchaseOrderLines&$filter=OrderNumber eq 451007"
    )
    inner = found["results"][0]["PurchaseOrderLines"]
    assert len(inner["results"]) == 60
    rest = await client.get(inner["__next"])
    assert len(rest["results"]) == 4


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("purchaseentry/PurchaseEntries", "Please add a $select or a $top=1"),
        ("bulk/Cashflow/Payments", "Please add a $select or a $top=1"),
        ("crm/Accounts?$select=ID", "A filter is mandatory"),
        ("financial/GLAccounts?$select=ID", "A filter is mandatory"),
        ("bulk/Cashflow/Payments?$select=ID", "A filter is mandatory"),
        ("purchaseentry/PurchaseEntries?$select=EntryID", "A filter is mandatory"),
        (ORDERS_60, "A filter is mandatory"),
        (f"{ORDERS_60}&$skip=60", "is not supported"),
        (f"{ORDERS_60}&$filter=Supplier eq '{guid('account', OFFICE)}'", "incompatible"),
        (f"{ORDERS_60}&$filter=OrderDate eq '2026-01-12'", "incompatible"),
        (f"{ORDERS_60}&$filter=OrderNumber eq '451001'", "incompatible"),
        (f"{ORDERS_60}&$filter=Total gt 1", "No property 'Total'"),
        (f"{ORDERS_60}&$filter=OrderNumber in (1)", "Syntax error"),
        (f"{ORDERS_60},Total", "No property 'Total'"),
        (f"{ORDERS_60}&$expand=Supplier", "cannot be expanded"),
    ],
)
async def test_what_the_dialect_does_not_know_is_refused(client: ExactClient, path: str, told: str) -> None:
    status, text = await client.refused("GET", path)
    assert status == 400
    assert told in text


async def test_a_code_is_found_with_its_blanks_or_trimmed(client: ExactClient) -> None:
    base = "crm/Accounts?$select=Code&$filter="
    assert not (await client.get(f"{base}Code eq '{OFFICE}'"))["results"]
    assert len((await client.get(f"{base}Code eq '{OFFICE.rjust(18)}'"))["results"]) == 1
    assert len((await client.get(f"{base}trim(Code) eq '{OFFICE}'"))["results"]) == 1


async def test_a_query_of_more_than_2048_characters_is_not_found(client: ExactClient) -> None:
    status, _ = await client.refused(
        "GET", f"{ORDERS_60}&$filter={'OrderNumber eq 1 or ' * 120}OrderNumber eq 2"
    )
    assert status == 404


async def test_another_division_is_not_ours(client: ExactClient) -> None:
    assert (await client.send("GET", f"http://127.0.0.1/api/v1/7/{ALL_ORDERS}")).status_code == 403
    me = await client.get("http://127.0.0.1/api/v1/current/Me?$select=CurrentDivision")
    assert me["results"] == [{"CurrentDivision": 1234567}]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Journal": None}, "Mandatory: Journal"),
        ({"PurchaseEntryLines": []}, "Mandatory: Lines"),
        ({"Supplier": guid("account", "99999")}, "Invalid reference: Relationship"),
        ({"PurchaseEntryLines": [{**LINE, "VATCode": "XX"}]}, "Invalid reference: VAT code"),
        ({"PurchaseEntryLines": [{**LINE, "CostCenter": "NONE"}]}, "Invalid reference: Cost center"),
        (
            {"PurchaseEntryLines": [{**LINE, "GLAccount": guid("gl account", "1600")}]},
            "Invalid: General ledger",
        ),
        ({"ReportingYear": 2026, "ReportingPeriod": 2}, "Period is closed"),
        ({"YourRef": "VD-88001"}, "Already exists"),
    ],
)
async def test_a_business_refusal_is_a_500_with_a_sentence(
    client: ExactClient, company: Company, changes: dict[str, Any], told: str
) -> None:
    before = company.dump()
    status, text = await client.refused("POST", "purchaseentry/PurchaseEntries", {**ENTRY, **changes})
    assert status == 500
    assert told in text
    assert company.dump() == before


@pytest.mark.parametrize("name", ["AmountFC", "AmountDC", "Status", "Type", "SupplierName"])
async def test_amounts_of_the_header_and_of_the_default_currency_are_read_only(
    client: ExactClient, name: str
) -> None:
    status, text = await client.refused("POST", "purchaseentry/PurchaseEntries", {**ENTRY, name: 1})
    assert (status, "read-only" in text) == (400, True)
    line = {**LINE, "AmountDC": 100}
    body = {**ENTRY, "PurchaseEntryLines": [line]}
    assert (await client.refused("POST", "purchaseentry/PurchaseEntries", body))[0] == 400


async def test_an_entry_is_posted_at_once_and_its_total_is_the_sum_of_its_lines(
    client: ExactClient, company: Company
) -> None:
    answer = await client.send("POST", "purchaseentry/PurchaseEntries", ENTRY)
    assert answer.status_code == 201
    assert set(answer.json()["d"]) == {"EntryID"}, "nothing else without Prefer: return=representation"
    key = answer.json()["d"]["EntryID"]
    row = await client.get(f"purchaseentry/PurchaseEntries(guid'{key}')")
    assert (row["AmountFC"], row["Status"], row["Type"]) == (121, 20, 30)
    assert row["EntryDate"] == "/Date(1773100800000)/"
    assert company.ledger.payables() == sum(company.ledger.subledger().values())


async def test_changes_are_made_by_put_and_answer_nothing(client: ExactClient) -> None:
    answer = await client.send("POST", "purchaseentry/PurchaseEntries", ENTRY)
    path = f"purchaseentry/PurchaseEntries(guid'{answer.json()['d']['EntryID']}')"
    made = await client.send("POST", "documents/Documents", {"Subject": "x", "Type": 20})
    changed = await client.send("PUT", path, {"Document": made.json()["d"]["ID"]})
    assert (changed.status_code, changed.content) == (204, b"")
    assert (await client.send("PATCH", path, {})).status_code == 405
    assert (await client.send("POST", "purchaseorder/PurchaseOrderLines(guid'x')", {})).status_code == 404


async def test_the_eleventh_error_of_an_hour_blocks_the_resource_for_an_hour(
    bench: ExactBench, client: ExactClient
) -> None:
    bad = "vat/VATCodes?$select=Nothing"
    for _ in range(11):
        assert (await client.send("GET", bad)).status_code == 400
    blocked = await client.send("GET", "vat/VATCodes?$select=Code")
    assert (blocked.status_code, "Reason" in blocked.headers) == (403, True)
    await client.get(ALL_ORDERS)
    bench.clock.pass_by(590)
    assert (await client.send("GET", "vat/VATCodes?$select=Code")).status_code == 403


async def test_a_full_minute_tells_the_minute_and_not_the_day(bench: ExactBench, client: ExactClient) -> None:
    for _ in range(60):
        await client.get(ALL_ORDERS)
    full = await client.send("GET", ALL_ORDERS)
    assert full.status_code == 429
    assert full.headers["X-RateLimit-Minutely-Remaining"] == "0"
    assert "X-RateLimit-Remaining" not in full.headers
    ends = int(full.headers["X-RateLimit-Minutely-Reset"]) / 1000
    assert 0 < ends - bench.now() <= 60
    bench.clock.pass_by(60)
    answer = await client.send("GET", ALL_ORDERS)
    assert answer.headers["X-RateLimit-Limit"] == "5000"
    assert answer.headers["X-RateLimit-Remaining"] == str(5000 - 61)
