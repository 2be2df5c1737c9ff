"""The AFAS sandbox refuses what Profit refuses, and has its traps."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from tests.erp.afas_client import HEADER, a_client, an_entry
from tests.erp.world import OFFICE, PARTLY_RECEIVED
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults

ORDERED = "orderbyfieldids=CreditorId"


@pytest.mark.parametrize(
    "header", ["", "Bearer abc", HEADER[:-6], "AfasToken not-base64!", HEADER.replace("AfasToken", "Basic")]
)
async def test_a_token_of_another_form_is_not_let_in(company: Company, header: str) -> None:
    async with a_client(company) as client:
        answer = await client.send("GET", "metainfo", Authorization=header)
        assert (answer.status_code, answer.content) == (401, b"")


async def test_a_refusal_of_substance_is_a_500_and_books_nothing(company: Company) -> None:
    before = company.dump()
    async with a_client(company) as client:
        told = await client.refused("POST", "connectors/FiEntries", an_entry({"AcNr": "99999"}))
        assert told == "The entered value for 'Account Number' does not exist."
    assert company.dump() == before


async def test_pages_without_an_order_repeat_rows_and_leave_others_out(company: Company) -> None:
    async with a_client(company) as client:
        loose = [
            row["CreditorId"]
            for skip in (0, 3, 6)
            for row in await client.rows(f"Profit_Creditor?skip={skip}&take=3")
        ]
        firm = [
            row["CreditorId"]
            for skip in (0, 3, 6)
            for row in await client.rows(f"Profit_Creditor?skip={skip}&take=3&{ORDERED}")
        ]
    assert len(set(loose)) < len(company.books.suppliers)
    assert firm == sorted(company.books.suppliers)


@pytest.mark.parametrize(
    ("fields", "values", "operators", "found"),
    [
        ("CreditorId", OFFICE, "1", {"10010"}),
        ("CreditorId;CreditorId", f"{OFFICE};10020", "1;1", {"10010", "10020"}),
        ("CreditorId,TempBlocked", "10050,true", "1,1", {"10050"}),
        ("CreditorName", "b.v.", "6", set()),
        ("CreditorName", "Müller", "10", {"10020"}),
        ("CreditorId", "10060", "2", {"10060", "10070"}),
        ("CreditorId", "10010", "5", set()),
        ("Adressline1", '""', "8", {"10030", "10040", "10050", "10060", "10070"}),
    ],
)
async def test_filters_join_by_comma_and_semicolon(
    company: Company, fields: str, values: str, operators: str, found: set[str]
) -> None:
    parts = {"filterfieldids": fields, "filtervalues": values, "operatortypes": operators}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parts.items())
    async with a_client(company) as client:
        rows = await client.rows(f"Profit_Creditor?{query}&{ORDERED}")
    assert {row["CreditorId"] for row in rows} == found


async def test_a_json_filter_takes_values_with_separators(company: Company) -> None:
    field = {"@FieldId": "Fref", "@OperatorType": "1", "#text": "RE-2026/017"}
    other = {"@FieldId": "CrId", "@OperatorType": "1", "#text": "10020"}
    told = json.dumps({"Filters": {"Filter": [{"@FilterId": "F1", "Field": [field, other]}]}})
    async with a_client(company) as client:
        rows = await client.rows(f"ErpAgent_Invoices?filterjson={quote(told, safe='')}")
    assert [(row["EnNo"], row["AmIn"]) for row in rows] == [(510001, Decimal("652.67"))]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("filterfieldids=Nothing&filtervalues=1&operatortypes=1", 500),
        ("filterfieldids=CreditorId&filtervalues=1;2&operatortypes=1", 500),
        ("filterfieldids=CreditorId,Email%3BIBAN&filtervalues=1,2%3B3&operatortypes=1,1%3B1", 500),
        ("filterfieldids=CreditorId&filtervalues=1&operatortypes=16", 500),
        ("filterfieldids=TempBlocked&filtervalues=perhaps&operatortypes=1", 500),
        ("skip=2&take=-1", 500),
        ("skip=x", 500),
        ("$filter=CreditorId", 500),
        (f"{ORDERED}&filterfieldids=CreditorId&filtervalues={'9' * 2000}&operatortypes=1", 404),
    ],
)
async def test_a_question_that_profit_cannot_read_is_refused(
    company: Company, query: str, status: int
) -> None:
    async with a_client(company) as client:
        answer = await client.send("GET", f"connectors/Profit_Creditor?{query}")
    assert answer.status_code == status


async def test_a_connector_that_nobody_made_is_not_there(company: Company) -> None:
    async with a_client(company, closed=frozenset({"ErpAgent_Orders"})) as client:
        for name in ("ErpAgent_Orders", "Profit_Purchase_Orders"):
            told = await client.refused("GET", f"connectors/{name}")
            assert "not supported for this app" in told
        listed = (await client.send("GET", "metainfo")).json()["getConnectors"]
    assert "ErpAgent_Orders" not in {each["id"] for each in listed}


@pytest.mark.parametrize(
    ("lines", "header", "words"),
    [
        ([{"InId": "VD-2026-90001"}] * 3, {}, "'InId' is longer than 12 characters"),
        ([{"BpNr": "9" * 33, "InId": None}] * 3, {"AuNu": "1"}, "'BpNr' is longer than 32 characters"),
        ([{"AmCr": "100.00"}, {}, {"AmDe": None, "AmCr": "0"}], {}, "exactly one side"),
        ([{"AmCr": "120.00"}], {}, "not in balance"),
        ([{}, {"AmDe": "121.00"}, {"AmDe": "0.00", "AmCr": "0"}], {}, "exactly one side"),
        ([{}, {"VaId": "S9"}, {"VaId": "S9"}], {}, "should be 9.00"),
        ([{}, {"AcNr": "1234"}], {}, "does not exist"),
        ([{}, {"AcNr": "4500"}], {}, "is blocked"),
        ([{}, {"VaId": "ZZ"}], {}, "VAT code"),
        ([{}, {"VaId": "AE21"}], {}, "'VaId' is longer than 3 characters"),
        ([{"AmCr": "121.005"}, {"AmDe": "100.005"}], {}, "two decimals"),
        ([{"EnNo": "7"}], {}, "does not keep the field 'EnNo'"),
        ([{"Colour": "red"}], {}, "'Colour' does not exist"),
        ([], {"Peri": "2"}, "period 2 of the year 2026 is blocked"),
        ([{"EnDa": "2026-03-31"}], {}, "same dates"),
        ([{"EnDa": "2026-04-01"}] * 3, {}, "does not lie in period"),
        ([{"EnDa": "10-03-2026"}] * 3, {}, "'EnDa' is not of type"),
        ([], {"UnId": "2"}, "No unit available"),
        ([], {"JoCo": "99"}, "Journal"),
        ([], {"JoCo": None}, "Enter a value for 'JoCo'"),
        ([], {"AuNu": "1"}, "not both"),
        ([{"InId": None}] * 3, {}, "not neither"),
        ([{"InId": "VD-88001", "Fref": "vd-88001"}, *[{"InId": "VD-88001"}] * 2], {}, "already exists"),
    ],
)
async def test_an_entry_that_profit_would_not_book_is_refused_and_leaves_nothing(
    company: Company, lines: list[dict[str, Any]], header: dict[str, Any], words: str
) -> None:
    before = company.dump()
    async with a_client(company) as client:
        told = await client.refused("POST", "connectors/FiEntries", an_entry(*lines, **header))
    assert words in told
    assert company.dump() == before


async def test_the_vat_has_to_be_a_line_of_its_own(company: Company) -> None:
    body = an_entry({"AmCr": "100.00"})
    del body["FiEntryPar"]["Element"]["Objects"]["FiEntries"]["Element"][2]
    async with a_client(company) as client:
        told = await client.refused("POST", "connectors/FiEntries", body)
    assert told == "The VAT of code S21 is 0 and should be 21.00."


async def test_an_entry_is_final_at_once_and_tells_its_keys(company: Company) -> None:
    owed = company.ledger.payables()
    async with a_client(company) as client:
        answer = await client.send("POST", "connectors/FiEntries", an_entry())
        keys = answer.json()["results"]["FiEntryPar"]
        (row,) = await client.rows(
            f"ErpAgent_Invoices?filterfieldids=EnNo&filtervalues={keys['EnNo']}&operatortypes=1"
        )
    assert (answer.status_code, keys["UnId"], keys["InId"]) == (201, "1", "VD-90001")
    assert (row["InId"], row["BpDa"], row["AmIn"]) == ("VD-90001", "2026-03-10T00:00:00Z", Decimal("121.00"))
    assert company.ledger.payables() - owed == Decimal("121.00")


async def test_an_account_may_ask_for_an_allocation(company: Company) -> None:
    async with a_client(company, needs_allocation=frozenset({"4100"})) as client:
        told = await client.refused("POST", "connectors/FiEntries", an_entry())
        assert told == "Allocation code for axis 'Cost center' must be filled for account 4100"
        body = an_entry()
        line = body["FiEntryPar"]["Element"]["Objects"]["FiEntries"]["Element"][1]
        line["Objects"] = [{"FiDimEntries": {"Element": {"Fields": {"DiC1": "WORKS"}}}}]
        assert (await client.send("POST", "connectors/FiEntries", body)).status_code == 201


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"InId": "NOTHING"}, "Invoice number"),
        ({"DcNr": None}, "Enter a value for 'DcNr'"),
        ({"VaAd": "2"}, "Invoice number"),
        ({"BlPa": "maybe"}, "'BlPa' is not of type boolean"),
        ({"BankAccount": "NL91ABNA0417164300"}, "does not keep the field 'BankAccount'"),
    ],
)
async def test_an_invoice_is_changed_by_its_whole_key_only(
    company: Company, fields: dict[str, Any], words: str
) -> None:
    told = {"UnId": "1", "VaAd": "3", "DcNr": "10020", "InId": "RE-2026/017", "BlPa": "1"} | fields
    body = {"FiInvoice": {"Element": {"Fields": {name: value for name, value in told.items() if value}}}}
    async with a_client(company) as client:
        assert words in await client.refused("PUT", "connectors/FiInvoice", body)
    assert not company.documents.by_number("510001").holds


async def test_a_payment_block_is_a_flag_without_a_reason(company: Company) -> None:
    fields = {"UnId": "1", "VaAd": "3", "DcNr": "10020", "InId": "RE-2026/017", "BlPa": "1"}
    async with a_client(company) as client:
        answer = await client.send(
            "PUT", "connectors/FiInvoice", {"FiInvoice": {"Element": {"Fields": fields}}}
        )
        assert (answer.status_code, answer.content) == (201, b"")
        (row,) = await client.rows(
            "ErpAgent_Invoices?filterfieldids=EnNo&filtervalues=510001&operatortypes=1"
        )
    assert (row["BlPa"], row["Ds"]) == (True, ""), "nobody of ours gave a reason"


async def test_being_busy_is_a_503_with_seconds_to_wait(company: Company, faults: Faults) -> None:
    faults.plan("*", FaultKind.TOO_MANY, retry_after=7200)
    async with a_client(company, faults) as client:
        answer = await client.send("GET", "connectors/Profit_Creditor")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7200")
    assert answer.json()["retry_after"] == 7200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "ProfitVersion", 200),
        ("GET", "metainfo/get/Profit_Creditor", 200),
        ("GET", "metainfo/update/FiEntries", 200),
        ("GET", "metainfo/update/KnEmployee", 404),
        ("GET", "nothing", 404),
        ("POST", "connectors/KnPurchaseRelationOrg", 404),
        ("DELETE", "connectors/FiEntries", 404),
    ],
)
async def test_addresses_that_are_not_served_are_404(
    company: Company, method: str, path: str, status: int
) -> None:
    async with a_client(company) as client:
        assert (await client.send(method, path, {} if method != "GET" else None)).status_code == status


async def test_an_order_line_is_named_by_its_guid(company: Company) -> None:
    async with a_client(company) as client:
        rows = await client.rows(
            f"ErpAgent_Orders?filterfieldids=OrNu&filtervalues={PARTLY_RECEIVED}&operatortypes=1"
            "&orderbyfieldids=LiNr"
        )
        *rows, text = rows
        assert [row["LiNr"] for row in rows] == [10000, 20000, 30000]
        assert (text["VaIt"], text["QuUn"], text["Upri"]) == ("3", None, None)
        line = {"Fields": {"GuLi": rows[0]["GuLi"], "Upri": "11.50"}}
        lines = {"FbPurchLines": {"Element": line}}
        body = {"FbPurch": {"Element": {"Fields": {"OrNu": PARTLY_RECEIVED}, "Objects": lines}}}
        assert (await client.send("PUT", "connectors/FbPurch", body)).status_code == 201
        line["Fields"]["GuLi"] = "{00000000-0000-0000-0000-000000000000}"
        assert "'GuLi' does not exist" in await client.refused("PUT", "connectors/FbPurch", body)
    assert company.purchasing.line(PARTLY_RECEIVED, "10000").unit_price.amount == Decimal("11.50")


async def test_a_sixth_call_at_once_is_told_to_wait(company: Company, faults: Faults) -> None:
    async def lets_others_run(seconds: float) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    faults.plan("*", FaultKind.SLOW, times=None, seconds="1")
    async with a_client(company, faults, sleep=lets_others_run) as client:
        calls = (client.send("GET", f"connectors/Profit_Creditor?{ORDERED}") for _ in range(7))
        answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [503] * 2


async def test_an_answer_that_would_be_too_large_is_refused(company: Company) -> None:
    async with a_client(company) as client:
        told = await client.refused("GET", f"connectors/Profit_Creditor?take=7500&{ORDERED}")
        assert told == "Out of memory"
        assert await client.rows(f"Profit_Creditor?take=7499&{ORDERED}")


async def test_an_order_may_have_lines_of_costs_and_of_text(company: Company) -> None:
    each = {"BiUn": "stk", "QuUn": "2"}
    kinds = [{"VaIt": "2", "ItCd": "BRACKET"}, {"VaIt": "6", "ItCd": "4200"}, {"VaIt": "3", "ItCd": "T"}]
    lines = [{"Fields": {**each, **kind, "Ds": f"Line {kind['VaIt']}"}} for kind in kinds]
    header = {"CrId": OFFICE, "RfCs": "REQ-9", "Unit": "1", "Fina": "0"}
    objects = {"FbPurchLines": {"Element": lines}}
    async with a_client(company) as client:
        answer = await client.send(
            "POST", "connectors/FbPurch", {"FbPurch": {"Element": {"Fields": header, "Objects": objects}}}
        )
        number = answer.json()["results"]["FbPurch"]["OrNu"]
        rows = await client.rows(
            f"ErpAgent_Orders?filterfieldids=OrNu&filtervalues={number}&operatortypes=1&orderbyfieldids=LiNr"
        )
    assert [(row["VaIt"], row["ItCd"], row["AcNr"], row["Ds"]) for row in rows] == [
        ("2", "BRACKET", None, "Line 2"),
        ("6", "4200", "4200", "Line 6"),
        ("3", "T", None, "Line 3"),
    ]
