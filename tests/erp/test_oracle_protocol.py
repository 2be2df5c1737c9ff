"""The Oracle sandbox refuses and hides what Oracle refuses and hides."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.erp.oracle_client import (
    ACTION,
    BATCH,
    ERROR,
    INVOICE,
    ITEM,
    LINE,
    NAMED,
    UNIT,
    a_client,
)
from tests.erp.world import CENTS, LONG, OFFICE, PARTLY_RECEIVED, TODAY, TOOLS
from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.erp.contract import PostingWindow
from tools.erp.oracle.sandbox_master import PAYABLES, period_rows
from tools.erp.sandbox.company import Company


async def test_a_created_invoice_is_not_validated_and_owes_nothing(company: Company) -> None:
    before = company.ledger.payables()
    async with a_client(company) as client:
        made = await client.make()
    assert (made["ValidationStatus"], made["AccountingStatus"]) == ("Not validated", "Unprocessed")
    assert company.ledger.payables() == before


async def test_validating_answers_success_while_it_places_holds(company: Company) -> None:
    before = company.ledger.payables()
    async with a_client(company) as client:
        await client.make(InvoiceAmount=Decimal("150.00"))
        answer = await client.validate()
        held = await client.get(f"invoiceHolds?q=InvoiceNumber='VD-90001' and BusinessUnit='{UNIT}'")
        (row,) = (await client.get("invoices?q=InvoiceNumber='VD-90001'"))["items"]
    assert answer.status_code == 200
    assert "successfully" in answer.json()["result"]
    assert [each["HoldName"] for each in held["items"]] == ["LINE VARIANCE"]
    assert row["ValidationStatus"] == "Needs revalidation"
    assert company.ledger.payables() == before


async def test_validating_without_holds_posts(company: Company) -> None:
    before = company.ledger.payables()
    async with a_client(company) as client:
        await client.make()
        await client.validate()
        (row,) = (await client.get("invoices?q=InvoiceNumber='VD-90001'&expand=invoiceLines"))["items"]
    assert row["ValidationStatus"] == "Validated"
    assert [line["LineType"] for line in row["invoiceLines"]["items"]] == ["Item", "Tax"]
    assert company.ledger.payables() - before == Decimal("121.00")


async def test_more_than_was_received_is_held_and_validates_once_it_came(company: Company) -> None:
    line = {
        "LineNumber": 1,
        "LineType": "Item",
        "LineAmount": Decimal("300.00"),
        "Quantity": 30,
        "UnitPrice": 10,
        "TaxClassification": "S21",
        "PurchaseOrderNumber": PARTLY_RECEIVED,
        "PurchaseOrderLineNumber": 10000,
        "PurchaseOrderScheduleLineNumber": 1,
    }
    amounts = {"InvoiceAmount": Decimal("363.00"), "ControlAmount": Decimal("63.00")}
    async with a_client(company) as client:
        await client.make(invoiceLines=[line], **amounts)
        await client.validate()
        (held,) = (await client.get("invoiceHolds?q=InvoiceNumber='VD-90001'"))["items"]
        company.purchasing.receive(PARTLY_RECEIVED, {"10000": Decimal(5)}, TODAY)
        await client.validate()
        (again,) = (await client.get("invoiceHolds?q=InvoiceNumber='VD-90001'"))["items"]
    assert (held["HoldName"], held["ReleaseName"]) == ("QTY REC", None)
    assert again["ReleaseName"]
    (document,) = company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    assert document.state is PostingState.POSTED


@pytest.mark.parametrize("media", ["application/json", ITEM, "text/plain"])
async def test_an_action_without_its_media_type_is_unsupported(company: Company, media: str) -> None:
    async with a_client(company) as client:
        await client.make()
        body = {"ProcessAction": "Validate", **NAMED}
        answer = await client.send("POST", "invoices/action/validateInvoice", body, media)
    assert answer.status_code == 415


async def test_a_creation_sent_as_an_action_is_unsupported(company: Company) -> None:
    async with a_client(company) as client:
        assert (await client.send("POST", "invoices", INVOICE, ACTION)).status_code == 415
        assert (await client.send("POST", "", {"parts": []}, ITEM)).status_code == 415


async def test_ids_have_more_digits_than_a_float_keeps(company: Company) -> None:
    async with a_client(company) as client:
        rows = (await client.get("invoices"))["items"]
        as_text = await client.send("GET", "invoices", version=9)
    ids = [row["InvoiceId"] for row in rows]
    assert min(ids) > 2**53
    assert len(set(ids)) == len(rows) > 1
    assert len({float(each) for each in ids}) < len(ids), "as floats neighbours become one"
    assert {row["InvoiceId"] for row in as_text.json()["items"]} == {str(each) for each in ids}


async def test_keys_are_opaque_and_only_links_tell_them(company: Company) -> None:
    async with a_client(company) as client:
        (row,) = (await client.get("invoices?q=InvoiceNumber='VD-88001'"))["items"]
        (bare,) = (await client.get("invoices?q=InvoiceNumber='VD-88001'&onlyData=true"))["items"]
        own = next(link["href"] for link in row["links"] if link["rel"] == "self")
        by_key = await client.get(f"invoices/{own.rpartition('/')[2]}")
        by_id = await client.send("GET", f"invoices/{row['InvoiceId']}")
    assert "127.0.0.1" not in own, "the pod names itself by another host"
    assert by_key["InvoiceId"] == row["InvoiceId"]
    assert by_id.status_code == 404
    assert "links" not in bare


async def test_pages_end_at_500_start_at_25_and_say_whether_there_is_more(company: Company) -> None:
    async with a_client(company) as client:
        first = await client.get("purchaseOrders?orderBy=POHeaderId")
        rest = await client.get("purchaseOrders?orderBy=POHeaderId&limit=10000&offset=25")
        none = await client.get("purchaseOrders?q=OrderNumber='0'")
    assert (first["count"], first["limit"], first["hasMore"]) == (25, 25, True)
    assert (rest["limit"], rest["hasMore"]) == (500, False)
    assert first["count"] + rest["count"] == len(company.books.orders)
    assert "totalResults" not in first
    assert "items" not in none, "an empty collection has no items at all"


async def test_the_server_may_give_smaller_pages_than_asked(company: Company) -> None:
    async with a_client(company, page_rows=7) as client:
        page = await client.get("purchaseOrders?limit=500")
    assert (page["count"], page["limit"], page["hasMore"]) == (7, 7, True)


async def test_nested_children_are_lists_before_version_3_and_pages_after(company: Company) -> None:
    path = f"purchaseOrders?q=OrderNumber{{}}'{LONG}'&expand=lines"
    async with a_client(company) as client:
        old = await client.get(path.format("="), version=2)
        new = await client.get(path.format("="), version=3)
    assert len(old["items"][0]["lines"]) == 64
    lines = new["items"][0]["lines"]
    assert (lines["count"], lines["hasMore"]) == (25, True)


@pytest.mark.parametrize(
    ("version", "q", "found"),
    [
        (1, f"OrderNumber={CENTS}", 1),
        (1, f"OrderNumber='{CENTS}';StatusCode=OPEN", 1),
        (2, f"OrderNumber='{CENTS}' and StatusCode='OPEN'", 1),
        (4, f"OrderNumber in ('{CENTS}', '{LONG}')", 2),
        (4, f"OrderNumber='{CENTS}' and StatusCode<>'OPEN'", 0),
        (4, f"OrderNumber='{CENTS}' and StatusCode='open'", 0),
    ],
)
async def test_conditions_are_read_in_the_grammar_of_the_version(
    company: Company, version: int, q: str, found: int
) -> None:
    async with a_client(company) as client:
        assert (await client.get(f"purchaseOrders?q={q}", version=version))["count"] == found


@pytest.mark.parametrize(
    ("version", "q"),
    [
        (1, f"OrderNumber='{CENTS}' and StatusCode='OPEN'"),
        (4, f"OrderNumber='{CENTS}';StatusCode='OPEN'"),
        (4, f"OrderNumber={CENTS}"),
        (4, "Buyer='JANSEN'"),
        (4, "Nothing='1'"),
        (4, f"OrderNumber='{CENTS}' or StatusCode='OPEN'"),
        (4, f"OrderNumber in ('{CENTS}'"),
        (1, "UPPER(StatusCode)='OPEN'"),
        (4, "UPPER(StatusCode='OPEN'"),
        (4, "UPPER(POHeaderId)=1"),
        (4, "UPPER(Nothing)='1'"),
        (2, f"OrderNumber='{CENTS}' and UPPER(StatusCode)='OPEN'"),
        (4, f"upper(StatusCode) in ('OPEN', 'X') and OrderNumber='{CENTS}'"),
    ],
)
async def test_what_the_grammar_or_the_resource_does_not_know_is_refused(
    company: Company, version: int, q: str
) -> None:
    async with a_client(company) as client:
        assert (await client.send("GET", f"purchaseOrders?q={q}", version=version)).status_code == 400


async def test_an_attribute_that_is_not_there_is_a_server_error(company: Company) -> None:
    async with a_client(company) as client:
        assert (await client.send("GET", "invoices?fields=InvoiceId,Nothing")).status_code == 500


async def test_the_collection_of_life_cycles_cannot_be_read(company: Company) -> None:
    async with a_client(company) as client:
        orders = await client.get(f"purchaseOrders?q=OrderNumber='{PARTLY_RECEIVED}'")
        key = orders["items"][0]["POHeaderId"]
        assert (await client.send("GET", "purchaseOrderLifeCycleDetails")).status_code == 400
        cycle = await client.get(f"purchaseOrderLifeCycleDetails/{key}?expand=receipts,invoices")
    received = [row["ReceivedQuantity"] for row in cycle["receipts"]["items"] if row["LineNumber"] == 10000]
    assert sum(received) == 25


async def test_a_number_of_a_supplier_is_given_once_whatever_the_type_or_state(company: Company) -> None:
    async with a_client(company) as client:
        await client.make()
        again = await client.send("POST", "invoices", INVOICE, Accept=f"application/json, {ERROR}")
        credit = {
            **INVOICE,
            "InvoiceType": "Credit memo",
            "InvoiceAmount": Decimal("-121.00"),
            "ControlAmount": Decimal("-21.00"),
            "invoiceLines": [{**LINE, "LineAmount": Decimal("-100.00")}],
        }
        other_type = await client.send("POST", "invoices", credit)
        await client.send("POST", "invoices/action/cancelInvoice", NAMED, ACTION)
        after_cancel = await client.send("POST", "invoices", INVOICE)
    assert {again.status_code, other_type.status_code, after_cancel.status_code} == {400}
    (detail,) = again.json()["o:errorDetails"]
    assert (detail["o:errorCode"], detail["o:errorPath"]) == ("AP-810776", "/InvoiceNumber")


async def test_errors_are_plain_text_unless_structure_is_asked_for(company: Company) -> None:
    wrong = {**INVOICE, "Supplier": "Nobody"}
    async with a_client(company) as client:
        plain = await client.send("POST", "invoices", wrong)
        old = await client.send("POST", "invoices", wrong, version=1, Accept=ERROR)
        structured = await client.send("POST", "invoices", wrong, Accept=ERROR)
    for answer in (plain, old):
        assert answer.headers["content-type"].startswith("text/plain")
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    assert structured.json()["o:errorDetails"][0]["o:errorPath"] == "/Supplier"


@pytest.mark.parametrize(
    "wrong",
    [
        {"Nothing": 1},
        {"InvoiceId": 1},
        {"ValidationStatus": "Validated"},
        {"InvoiceAmount": "121.00"},
        {"InvoiceDate": "10.03.2026"},
        {"InvoiceNumber": "x" * 51},
        {"InvoiceNumber": None},
        {"BusinessUnit": "Another"},
        {"Supplier": "Verlopen Handel B.V."},
        {"SupplierSite": "OTHER"},
        {"InvoiceType": "Credit memo"},
        {"AccountingDate": "2026-02-27"},
        {"invoiceLines": [{**LINE, "LineAmount": None}]},
        {"invoiceLines": [{**LINE, "DistributionCombination": "01-000-9999"}]},
        {"invoiceLines": [{**LINE, "TaxClassification": "NONE"}]},
        {"invoiceLines": [{**LINE, "PurchaseOrderNumber": "451003"}]},
        {"invoiceLines": [{**LINE, "BankAccount": "NL64ABNA0417164301"}]},
    ],
)
async def test_what_an_invoice_cannot_hold_is_refused_and_nothing_is_made(
    company: Company, wrong: dict[str, Any]
) -> None:
    before = len(company.books.documents)
    async with a_client(company) as client:
        assert (await client.send("POST", "invoices", {**INVOICE, **wrong})).status_code == 400
    assert len(company.books.documents) == before


async def test_a_batch_happens_whole_or_not_at_all(company: Company) -> None:
    hold = {**NAMED, "HoldName": "AP Agent Parked", "HoldReason": "parked"}
    parts = [
        {"id": "part1", "path": "/invoices", "operation": "create", "payload": INVOICE},
        {"id": "part2", "path": "/invoiceHolds", "operation": "create", "payload": hold},
    ]
    unknown = [parts[0], {**parts[1], "payload": {**hold, "HoldName": "NOT A HOLD"}}]
    before = len(company.books.documents)
    async with a_client(company) as client:
        assert (await client.send("POST", "", {"parts": unknown}, BATCH)).status_code == 400
        assert len(company.books.documents) == before
        assert (await client.send("POST", "", {"parts": parts}, BATCH)).status_code == 200
        await client.validate()
        (row,) = (await client.get("invoices?q=InvoiceNumber='VD-90001'"))["items"]
    assert row["ValidationStatus"] == "Needs revalidation", "a validation run leaves what is held"


async def test_a_hold_is_released_by_a_release_name_and_no_other_way(company: Company) -> None:
    body = {
        "BusinessUnit": UNIT,
        "Supplier": "Müller & Söhne Werkzeugbau GmbH",
        "InvoiceNumber": "RE-2026/017",
    }
    release = {"ReleaseName": "Amount approved", "ReleaseReason": "agreed"}
    async with a_client(company) as client:
        placed = await client.send(
            "POST", "invoiceHolds", {**body, "HoldName": "PRICE", "HoldReason": "dear"}
        )
        key = placed.json()["HoldId"]
        assert company.documents.by_number("510001").holds == ("PRICE",)
        wrong = await client.send("PATCH", f"invoiceHolds/{key}", {"ReleaseName": "Because"})
        right = await client.send("PATCH", f"invoiceHolds/{key}", release)
    assert (placed.status_code, wrong.status_code, right.status_code) == (201, 400, 200)
    assert company.documents.by_number("510001").holds == ()


async def test_a_receipt_request_is_accepted_before_it_is_received(company: Company) -> None:
    async with a_client(company, receipts_at_once=False) as client:
        order = (await client.get(f"purchaseOrders?q=OrderNumber='{LONG}'&expand=lines.schedules"))["items"][
            0
        ]
        line = order["lines"]["items"][1]
        body = {
            "ReceiptSourceCode": "VENDOR",
            "OrganizationCode": "M1",
            "VendorName": order["Supplier"],
            "ShipmentNumber": "LS-1",
            "lines": [
                {
                    "SourceDocumentCode": "PO",
                    "TransactionType": "RECEIVE",
                    "DocumentNumber": LONG,
                    "POHeaderId": order["POHeaderId"],
                    "POLineLocationId": line["schedules"]["items"][0]["LineLocationId"],
                    "Quantity": 2,
                    "UnitOfMeasure": line["UOM"],
                }
            ],
        }
        answer = await client.send("POST", "receivingReceiptRequests", body)
        assert (answer.status_code, answer.json()["ProcessingStatusCode"]) == (201, "PENDING")
        assert not company.purchasing.receipts_of(LONG)
        client.server.receiving.process()
        waiting = await client.get("receivingReceiptRequests")
        too_many = {**body["lines"][0], "Quantity": 99}
        await client.send("POST", "receivingReceiptRequests", {**body, "lines": [too_many]})
        client.server.receiving.process()
        (refused,) = (await client.get("receivingReceiptRequests"))["items"]
        path = f"receivingReceiptRequests/{refused['HeaderInterfaceId']}"
        lines = (await client.get(f"{path}/child/lines"))["items"]
        errors = await client.get(
            f"{path}/child/lines/{lines[0]['InterfaceTransactionId']}/child/processingErrors"
        )
    assert waiting["count"] == 0, "what was processed leaves the interface"
    assert [receipt.delivery_note for receipt in company.purchasing.receipts_of(LONG)] == ["LS-1"]
    assert refused["ProcessingStatusCode"] == "ERROR"
    assert "99" in errors["items"][0]["ErrorMessage"] or "received" in errors["items"][0]["ErrorMessage"]


async def test_files_stand_under_the_opaque_key(company: Company) -> None:
    async with a_client(company) as client:
        (row,) = (await client.get("invoices?q=InvoiceNumber='RE-2026/017'"))["items"]
        key = row["links"][0]["href"].rpartition("/")[2]
        body = {"FileName": "a.pdf", "FileContents": "JVBERi0="}
        kept = await client.send("POST", f"invoices/{key}/child/attachments", body)
        by_id = await client.send("POST", f"invoices/{row['InvoiceId']}/child/attachments", body)
        listed = await client.get(f"invoices/{key}/child/attachments")
    assert (kept.status_code, by_id.status_code) == (201, 404)
    assert [each["FileName"] for each in listed["items"]] == ["a.pdf"]
    assert company.documents.by_number("510001").supplier_id == TOOLS


async def test_nobody_gets_in_without_a_login(company: Company) -> None:
    async with a_client(company) as client:
        client.http.auth = None
        for header in ("", "Bearer nothing", "Basic bm9ib2R5Om5vdGhpbmc="):
            answer = await client.send("GET", "invoices", Authorization=header)
            assert answer.status_code == 401


async def test_a_resource_that_is_not_granted_is_not_there(company: Company) -> None:
    async with a_client(company, hidden=frozenset({"invoiceHolds"})) as client:
        assert (await client.send("GET", "invoiceHolds")).status_code == 404
        assert (await client.send("GET", "invoiceHolds/describe")).status_code == 404


def test_every_month_that_the_books_are_open_in_is_a_period(company: Company) -> None:
    company.books.window = PostingWindow(first_open=date(2010, 1, 1), last_open=date(2030, 12, 31))
    rows = [row for row in period_rows(company, 1) if row["ApplicationId"] == PAYABLES]
    opened = [row["StartDate"] for row in rows if row["ClosingStatus"] == "O"]
    assert (min(opened), max(opened), len(opened)) == ("2010-01-01", "2030-12-01", 21 * 12)
    company.books.window = PostingWindow(first_open=date(2026, 3, 1), last_open=date(2026, 3, 31))
    closed = [row for row in period_rows(company, 1) if row["ClosingStatus"] == "C"]
    assert len(closed) == 35
