"""The SAP sandbox minds the protocol of receipts, orders, files and batches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.erp.sap_bench import Bench
from tests.erp.sap_client import FILES, MOVEMENTS, ORDERS, PARTNERS, ROOT, Client, client_of
from tests.erp.world import BULK, LONG, MANY, PARTLY_RECEIVED
from tools.erp.sandbox.company import Company

RECEIVE = MOVEMENTS + "A_MaterialDocumentHeader"
ORDER = ORDERS + "A_PurchaseOrder"
ITEM = f"{ORDERS}A_PurchaseOrderItem(PurchaseOrder='{LONG}',PurchaseOrderItem='20000')"


@pytest.fixture
async def client(company: Company) -> AsyncIterator[Client]:
    async with client_of(company) as found:
        yield found


def a_receipt(**item: Any) -> dict[str, Any]:
    row = {
        "Plant": "1010",
        "GoodsMovementType": "101",
        "GoodsMovementRefDocType": "B",
        "PurchaseOrder": PARTLY_RECEIVED,
        "PurchaseOrderItem": "30000",
        "QuantityInEntryUnit": "5",
        "EntryUnit": "PC",
        **item,
    }
    kept = {name: value for name, value in row.items() if value is not None}
    return {
        "GoodsMovementCode": "01",
        "PostingDate": "2026-03-10T00:00:00",
        "DocumentDate": "2026-03-10T00:00:00",
        "ReferenceDocument": "LS-90001",
        "to_MaterialDocumentItem": [kept],
    }


async def test_a_receipt_answers_without_its_items_and_has_them_when_read_again(client: Client) -> None:
    row = await client.posted(RECEIVE, a_receipt())
    assert row["to_MaterialDocumentItem"] == {"results": []}
    key = f"MaterialDocumentYear='{row['MaterialDocumentYear']}',MaterialDocument='{row['MaterialDocument']}'"
    again = await client.get(f"{RECEIVE}({key})?$expand=to_MaterialDocumentItem")
    (item,) = again["to_MaterialDocumentItem"]["results"]
    assert (item["MaterialDocumentItem"], item["PurchaseOrderItem"]) == ("1", "30000")


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"GoodsMovementRefDocType": None}, "MM_IM_ODATA_API_MDOC/011"),
        ({"GoodsMovementRefDocType": "F"}, "MM_IM_ODATA_API_MDOC/011"),
        ({"Material": "SCREW"}, "M7/360"),
        ({"QuantityInEntryUnit": "6"}, "M7/021"),
        ({"EntryUnit": "KG"}, "M7/225"),
        ({"PurchaseOrderItem": "77"}, "06/019"),
    ],
)
async def test_a_receipt_that_does_not_fit_is_refused(
    client: Client, company: Company, item: dict[str, Any], code: str
) -> None:
    before = company.dump()
    assert (await client.refused(RECEIVE, a_receipt(**item)))[0] == code
    assert company.dump() == before


async def test_a_receipt_in_a_closed_period_is_refused(client: Client) -> None:
    body = {**a_receipt(), "PostingDate": "2026-02-27T00:00:00"}
    assert (await client.refused(RECEIVE, body))[0] == "M7/053"


async def test_an_order_in_use_cannot_be_received(client: Client) -> None:
    client.server.services.locked.add(PARTLY_RECEIVED)
    code, told = await client.refused(RECEIVE, a_receipt())
    assert (code, "already processing" in told) == ("ME/006", True)


def an_order(**values: Any) -> dict[str, Any]:
    item = {
        "PurchaseOrderItem": "10",
        "PurchaseOrderItemText": "Bracket",
        "Plant": "1010",
        "Material": "BRACKET",
        "OrderQuantity": "10",
        "PurchaseOrderQuantityUnit": "PC",
        "NetPriceAmount": "10.00",
        "NetPriceQuantity": "1",
    }
    return {
        "CompanyCode": "NZT",
        "PurchaseOrderType": "NB",
        "Supplier": BULK,
        "PurchasingOrganization": "1010",
        "PurchasingGroup": "001",
        "DocumentCurrency": "EUR",
        "to_PurchaseOrderItem": [item],
        **values,
    }


async def test_an_order_is_released_unless_it_is_kept_incomplete(client: Client, company: Company) -> None:
    at_once = await client.posted(ORDER, an_order())
    held = await client.posted(ORDER, an_order(PurchasingCompletenessStatus=True))
    states = [company.purchasing.order(row["PurchaseOrder"]).state for row in (at_once, held)]
    assert states == ["open", "draft"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"PurchaseOrderType": "UB"}, "APPL_MM_PUR_PO/064"),
        ({"PurchasingOrganization": "9999"}, "06/321"),
        ({"Surprise": "x"}, "/IWCOR/CX_DS_EP_PROPERTY_ERROR"),
        ({"CorrespncInternalReference": "x" * 13}, "/IWBEP/CM_MGW_RT/000"),
    ],
)
async def test_an_order_that_does_not_fit_is_refused(
    client: Client, values: dict[str, Any], code: str
) -> None:
    assert (await client.refused(ORDER, an_order(**values)))[0] == code


async def test_a_change_needs_the_version_it_rests_on(client: Client, company: Company) -> None:
    etag = (await client.get(ITEM))["__metadata"]["etag"]
    change = {"OrderQuantity": "7"}
    assert (await client.send("PATCH", ITEM, change)).status_code == 428
    assert (await client.send("PATCH", ITEM, change, if_match='W/"other"')).status_code == 412
    assert (await client.send("PATCH", ITEM, change, if_match=etag)).status_code == 204
    assert company.purchasing.line(LONG, "20000").ordered == 7
    assert (await client.send("PATCH", ITEM, {"OrderQuantity": "8"}, if_match=etag)).status_code == 412


async def test_a_price_has_the_decimals_of_its_currency(client: Client) -> None:
    answer = await client.send("PATCH", ITEM, {"NetPriceAmount": "2.505"}, if_match="*")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "06/208")


async def test_a_file_names_its_invoice_in_the_header(client: Client) -> None:
    headers = {
        "content-type": "application/pdf",
        "Slug": "a.pdf",
        "BusinessObjectTypeName": "BUS2081",
        "LinkedSAPObjectKey": "00005100012026",
        **client.session,
    }
    url = f"{ROOT}{FILES}AttachmentContentSet"
    assert (await client.http.post(url, content=b"%PDF", headers=headers)).status_code == 201
    del headers["LinkedSAPObjectKey"]
    assert (await client.http.post(url, content=b"%PDF", headers=headers)).status_code == 400
    listed = await client.get(f"{FILES}GetAllOriginals?LinkedSAPObjectKey='00005100012026'")
    assert [row["FileName"] for row in listed["results"]] == ["a.pdf"]


async def batch(client: Client, *paths: str, accept: str = "application/json") -> httpx.Response:
    part = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    parts = "".join(f"--b\r\n{part}GET {path} HTTP/1.1\r\nAccept: {accept}\r\n\r\n\r\n" for path in paths)
    headers = {"content-type": "multipart/mixed; boundary=b", **client.session}
    return await client.http.post(
        f"{ROOT}{PARTNERS}$batch", content=f"{parts}--b--\r\n".encode(), headers=headers
    )


async def test_each_read_of_a_batch_has_its_own_answer(client: Client) -> None:
    chosen = quote("Supplier eq '10010'")
    answer = await batch(
        client, f"A_BusinessPartner?$filter={chosen}", "A_BusinessPartner?$filter=No%20eq%201"
    )
    assert answer.status_code == 202
    assert (answer.text.count("HTTP/1.1 200"), answer.text.count("HTTP/1.1 400")) == (1, 1)


async def test_a_batch_needs_the_token_too(client: Client) -> None:
    client.session = {}
    answer = await batch(client, "A_BusinessPartner")
    assert (answer.status_code, answer.headers["x-csrf-token"]) == (403, "Required")


@pytest.mark.parametrize(
    "query",
    [
        "$filter=Supplier like '1'",
        "$filter=Supplier eq 1",
        "$filter=(Supplier eq '1'",
        "$filter=LastChangeDate ge '2026'",
        "$select=Nothing",
        "$expand=to_Nothing",
        "$select=to_Supplier/SupplierName",
        "$orderby=Supplier sideways",
        "$apply=x",
        "$top=-1",
        "$format=atom",
    ],
)
async def test_options_that_sap_does_not_understand_are_refused(client: Client, query: str) -> None:
    assert (await client.http.get(f"{ROOT}{PARTNERS}A_BusinessPartner?{query}")).status_code == 400


async def test_a_link_that_names_an_inner_host_is_followed_at_our_own_address(company: Company) -> None:
    class BehindAProxy(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            assert request.url.host == "127.0.0.1"
            answer = await bench.recorder.handle_async_request(request)
            content = (await answer.aread()).replace(b"http://127.0.0.1/sap", b"http://s4prd.inner:8000/sap")
            headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
            return httpx.Response(answer.status_code, headers=headers, content=content)

    bench = Bench(company, page_size=7)
    assert set(await bench.through(BehindAProxy()).orders(MANY)) == set(MANY)
