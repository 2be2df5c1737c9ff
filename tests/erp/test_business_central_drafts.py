"""Drafts and postings of the sandbox are refused as Business Central refuses them, in its words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.erp.business_central_client import DRAFT, LINE, ROOT, Client, a_client
from tests.erp.world import ALL_BLOCKED, FULLY_BILLED, OFFICE
from tools.erp.business_central.sandbox_master import guid
from tools.erp.sandbox.company import Company

RULE = "Application_DialogException"
NO_VENDOR = "The vendor cannot be found."


@pytest.fixture
async def client(company: Company) -> AsyncIterator[Client]:
    async with a_client(company) as connected:
        yield connected


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"iban": "NL64ABNA0417164301"}, "BadRequest", "The property 'iban' does not exist"),
        ({"totalAmountIncludingTax": 1}, "BadRequest_InvalidOperation", "read-only"),
        ({"status": "Open"}, "BadRequest_InvalidOperation", "read-only"),
        ({"orderNumber": "451001"}, "BadRequest_InvalidOperation", "read-only"),
        ({"vendorInvoiceNumber": 90001}, "BadRequest", "not of type Edm.String"),
        ({"invoiceDate": "10.03.2026"}, "BadRequest", "not of type Edm.Date"),
        ({"invoiceDate": "20260310"}, "BadRequest", "not of type Edm.Date"),
        ({"vendorInvoiceNumber": "x" * 36}, "Application_StringExceededLength", "35 characters"),
        ({"vendorId": "10010"}, "Application_InvalidGUID", "vendorId"),
        (
            {"vendorId": guid("vendor", ALL_BLOCKED)},
            RULE,
            "The vendor cannot be found.",
        ),
        ({"vendorNumber": "99999"}, RULE, NO_VENDOR),
        (
            {"vendorNumber": ""},
            RULE,
            'A "vendorNumber" or a "vendorID" must be provided.',
        ),
        (
            {"currencyCode": "CHF"},
            RULE,
            'The "currencyCode" does not match to a Currency.',
        ),
        ({"payToName": "x"}, "BadRequest_InvalidOperation", "read-only"),
        ({"purchaser": "JANSEN"}, RULE, "cannot keep the field 'purchaser'"),
        ({"purchaseInvoiceLines": {}}, "BadRequest", "must be a list"),
    ],
)
async def test_a_draft_with_a_wrong_header_is_refused(
    client: Client, company: Company, change: dict[str, Any], code: str, words: str
) -> None:
    before = company.dump()
    status, given, message = await client.refused("POST", "purchaseInvoices", {**DRAFT, **change})
    assert (status, given) == (400, code)
    assert words in message
    assert company.dump() == before


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"quantity": "2"}, "BadRequest", "not of type Edm.Decimal"),
        ({"unitCost": True}, "BadRequest", "not of type Edm.Decimal"),
        ({"description": "x" * 101}, "Application_StringExceededLength", "100 characters"),
        ({"lineObjectNumber": "9999"}, RULE, "Account does not exist."),
        ({"lineType": "Item"}, RULE, "Item does not exist."),
        ({"lineType": "Thing"}, "BadRequest", "'Thing' is not a value"),
        ({"lineType": "Charge"}, RULE, "not Charge"),
        (
            {"itemId": guid("item", "x"), "accountId": guid("account", "4100")},
            RULE,
            "Both",
        ),
        ({"unitOfMeasureCode": "H87"}, "Internal_InvalidTableRelation", "H87"),
        ({"taxCode": "X99"}, "Internal_InvalidTableRelation", "X99"),
        ({"taxPercent": 21}, "BadRequest_InvalidOperation", "read-only"),
        ({"orderLineId": 1}, "BadRequest", "does not exist"),
    ],
)
async def test_a_draft_with_a_wrong_line_is_refused(
    client: Client, company: Company, change: dict[str, Any], code: str, words: str
) -> None:
    before = company.dump()
    body = {**DRAFT, "purchaseInvoiceLines": [LINE, {**LINE, **change}]}
    status, given, message = await client.refused("POST", "purchaseInvoices", body)
    assert (status, given) == (400, code)
    assert words in message
    assert company.dump() == before


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "purchaseReceipts"), ("POST", "accounts"), ("POST", "generalLedgerSetup"), ("PUT", "vendors")],
)
async def test_what_cannot_be_inserted_is_refused(client: Client, method: str, path: str) -> None:
    assert (await client.refused(method, path, {}))[:2] == (405, "BadRequest_MethodNotAllowed")


async def test_a_draft_is_computed_by_the_server_and_posted_under_the_same_id(client: Client) -> None:
    made = await client.draft()
    assert (made["status"], made["totalTaxAmount"], made["totalAmountIncludingTax"]) == (
        "Draft",
        Decimal("21.00"),
        Decimal("121.00"),
    )
    assert "purchaseInvoiceLines" not in made
    answer = await client.send("POST", f"purchaseInvoices({made['id']})/Microsoft.NAV.post")
    assert (answer.status_code, answer.content) == (204, b"")
    posted = await client.get(f"purchaseInvoices({made['id']})")
    assert posted["status"] == "Open"
    assert posted["number"] != made["number"]


async def test_a_line_can_be_added_to_a_draft(client: Client) -> None:
    made = await client.draft()
    answer = await client.send("POST", f"purchaseInvoices({made['id']})/purchaseInvoiceLines", LINE)
    assert (answer.status_code, answer.json()["sequence"]) == (201, 20000)
    by_body = await client.send("POST", "purchaseInvoiceLines", {**LINE, "documentId": made["id"]})
    assert by_body.status_code == 201
    assert (await client.refused("POST", "purchaseInvoiceLines", LINE))[0] == 400
    assert (await client.get(f"purchaseInvoices({made['id']})"))["totalAmountExcludingTax"] == 300


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_change_needs_the_version_it_rests_on(client: Client, method: str) -> None:
    made = await client.draft()
    path, body = f"purchaseInvoices({made['id']})", {"dueDate": "2026-04-30"} if method == "PATCH" else None
    assert (await client.refused(method, path, body))[:2] == (400, "BadRequest_InvalidToken")
    stale = await client.refused(method, path, body, If_Match='W/"old"')
    assert stale == (409, "Request_EntityChanged", "Another user has already changed the record.")
    answer = await client.send(method, path, body, If_Match=made["@odata.etag"])
    assert answer.status_code == (200 if method == "PATCH" else 204)


async def test_a_posted_invoice_cannot_be_changed_deleted_or_posted_again(client: Client) -> None:
    made = await client.draft()
    path = f"purchaseInvoices({made['id']})"
    await client.send("POST", f"{path}/Microsoft.NAV.post")
    changed = await client.refused("PATCH", path, {"dueDate": "2026-04-30"}, If_Match="*")
    deleted = await client.refused("DELETE", path, If_Match="*")
    assert changed[2] == deleted[2] == "The invoice has been posted and can no longer be modified."
    again = await client.refused("POST", f"{path}/Microsoft.NAV.post")
    assert again[2] == "The action can be applied to a draft invoice only."


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"vendorInvoiceNumber": "vd-88001"}, RULE, "Invoice VD-88001 already exists for this vendor."),
        ({"postingDate": "2026-02-27"}, RULE, "not within your range of allowed posting dates"),
        ({"vendorNumber": ALL_BLOCKED}, RULE, "when Vendor 10060 is blocked with type All"),
        ({"vendorInvoiceNumber": ""}, "Application_FieldValidationException", "must have a value"),
        ({"purchaseInvoiceLines": []}, RULE, "There is nothing to post"),
    ],
)
async def test_business_rules_are_checked_only_when_posting(
    client: Client, values: dict[str, Any], code: str, words: str
) -> None:
    made = await client.draft(**values)
    status, given, message = await client.refused(
        "POST", f"purchaseInvoices({made['id']})/Microsoft.NAV.post"
    )
    assert (status, given) == (400, code)
    assert words in message


async def test_drafts_with_the_same_number_are_accepted(client: Client) -> None:
    assert (await client.draft())["id"] != (await client.draft())["id"]


async def test_posting_takes_no_body_and_only_post(client: Client) -> None:
    path = f"purchaseInvoices({(await client.draft())['id']})/Microsoft.NAV.post"
    assert (await client.refused("POST", path, {"a": 1}))[0] == 400
    assert (await client.refused("GET", path))[0] == 405


async def test_an_order_cannot_be_received_or_released_here(client: Client) -> None:
    order = guid("order", FULLY_BILLED)
    assert (await client.refused("POST", f"purchaseOrders({order})/Microsoft.NAV.receiveAndInvoice"))[
        0
    ] == 400
    assert (await client.refused("POST", f"purchaseReceipts({guid('receipt', 'GR-1')})/Microsoft.NAV.post"))[
        0
    ] == 404


BATCH = ROOT + "$batch"


def in_company(client: Client, path: str) -> str:
    return client.root.removeprefix(ROOT) + path


async def test_a_batch_answers_each_operation_by_its_id(client: Client) -> None:
    requests = [
        {"id": "a", "method": "GET", "url": in_company(client, "vendors?$select=number")},
        {"id": "b", "method": "GET", "url": in_company(client, "nothing")},
    ]
    answer = await client.send("POST", BATCH, {"requests": requests})
    responses = {each["id"]: each for each in answer.json()["responses"]}
    assert (responses["a"]["status"], responses["b"]["status"]) == (200, 404)
    assert len(responses["a"]["body"]["value"]) == 7


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [{"id": str(number), "method": "GET", "url": "companies"} for number in range(101)],
        [{"id": "1", "method": "GET", "url": "/companies"}],
        [{"id": "1", "method": "GET", "url": "https://127.0.0.1/companies"}],
        [{"id": "1", "method": "GET", "url": "companies"}] * 2,
        [{"id": 1, "method": "GET", "url": "companies"}],
        [{"id": "1", "method": "GET"}],
        [{"id": "1", "method": "GET", "url": "companies", "dependsOn": ["2"]}],
    ],
)
async def test_a_batch_of_another_form_is_refused(client: Client, requests: list[Any]) -> None:
    assert (await client.refused("POST", BATCH, {"requests": requests}))[0] == 400


async def test_a_snapshot_batch_undoes_everything_but_a_posting(client: Client, company: Company) -> None:
    made = await client.draft()
    create = {"method": "POST", "url": in_company(client, "purchaseInvoices"), "body": DRAFT}
    post = {"method": "POST", "url": in_company(client, f"purchaseInvoices({made['id']})/Microsoft.NAV.post")}
    wrong = {"method": "GET", "url": in_company(client, "nothing")}
    steps = [{**step, "id": str(number)} for number, step in enumerate((post, create, wrong))]
    answer = await client.send("POST", BATCH, {"requests": steps}, Isolation="snapshot")
    assert [each["status"] for each in answer.json()["responses"]] == [204, 201, 404]
    states = [
        document.state
        for document in company.books.documents.values()
        if document.supplier_number == "VD-90001"
    ]
    assert states == ["posted"]
    assert company.ledger.payables() == sum(company.ledger.subledger().values())


async def test_a_credit_memo_names_the_invoice_it_corrects(client: Client) -> None:
    body = {
        "vendorNumber": OFFICE,
        "vendorCreditMemoNumber": "VD-C-1",
        "creditMemoDate": "2026-03-10",
        "purchaseCreditMemoLines": [LINE],
    }
    assert (await client.refused("POST", "purchaseCreditMemos", {**body, "invoiceNumber": "PI-99"}))[0] == 400
    answer = await client.send("POST", "purchaseCreditMemos", {**body, "invoiceNumber": "510002"})
    assert answer.json()["invoiceNumber"] == "510002"
    both = {**body, "vendorId": guid("vendor", ALL_BLOCKED)}
    refused = await client.refused("POST", "purchaseCreditMemos", both)
    assert refused[2] == "The buy-from vendor values do not match to a Vendor."
