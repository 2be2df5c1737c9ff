"""The SAP sandbox minds the protocol: what the real services refuse, and the traps they set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import httpx
import pytest

from tests.erp.sap_client import FORM, INVOICES, ORDERS, PARTNERS, ROOT, Client, client_of
from tests.erp.world import OFFICE, PARTLY_RECEIVED
from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.gate import InProcess
from tools.erp.sap import sandbox

CREATE = INVOICES + "A_SupplierInvoice"


@pytest.fixture
async def client(company: Company) -> AsyncIterator[Client]:
    async with client_of(company) as found:
        yield found


async def test_the_login_is_looked_at_before_anything_else(company: Company) -> None:
    async with httpx.AsyncClient(transport=InProcess(sandbox.app(company))) as http:
        assert (await http.get(ROOT + "NO_SUCH_SERVICE/")).status_code == 401
        assert (await http.post(ROOT + CREATE, json={})).status_code == 401
        refused = await http.get(ROOT + INVOICES, auth=("APAGENT", "wrong"))
        assert refused.status_code == 401


async def test_a_token_of_client_credentials_opens_the_services(company: Company) -> None:
    async with httpx.AsyncClient(transport=InProcess(sandbox.app(company))) as http:
        answer = await http.post("http://127.0.0.1/oauth/token", data=FORM)
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await http.get(ROOT + INVOICES, headers=headers)).status_code == 200
        wrong = await http.post("http://127.0.0.1/oauth/token", data={**FORM, "client_secret": "x"})
        assert wrong.status_code == 401


async def test_an_unknown_service_and_a_hidden_one_are_forbidden(company: Company) -> None:
    async with client_of(company, hidden=frozenset({"API_BUSINESS_PARTNER"})) as client:
        for service in ("API_NOTHING/", PARTNERS):
            assert (await client.http.get(ROOT + service)).status_code == 403


async def test_the_sap_client_must_be_the_one_that_is_there(company: Company) -> None:
    gate = sandbox.app(company, client="100")
    async with httpx.AsyncClient(transport=InProcess(gate), auth=("APAGENT", "sandbox-password")) as http:
        assert (await http.get(ROOT + INVOICES)).status_code == 401
        assert (await http.get(ROOT + INVOICES + "?sap-client=100")).status_code == 200


async def test_a_change_without_the_token_is_refused_as_required(client: Client) -> None:
    client.session = {}
    answer = await client.send("POST", CREATE, client.invoice())
    assert (answer.status_code, answer.headers["x-csrf-token"]) == (403, "Required")


async def test_a_token_without_its_cookies_is_refused(client: Client, company: Company) -> None:
    del client.session["cookie"]
    answer = await client.send("POST", CREATE, client.invoice())
    assert (answer.status_code, answer.headers["x-csrf-token"]) == (403, "Required")
    assert not company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")


async def test_a_token_with_the_cookies_of_another_session_is_refused(client: Client) -> None:
    first = dict(client.session)
    await client.start()
    client.http.cookies.clear()
    client.session["cookie"] = first["cookie"]
    answer = await client.send("POST", CREATE, client.invoice())
    assert answer.status_code == 403
    client.session = first
    assert (await client.send("POST", CREATE, client.invoice())).status_code == 201


async def test_a_created_invoice_is_posted_at_once(client: Client, company: Company) -> None:
    before = company.ledger.payables()
    row = await client.posted(CREATE, client.invoice())
    assert row["SupplierInvoiceStatus"] == "5"
    assert company.ledger.payables() - before == Decimal("121.00")


@pytest.mark.parametrize("status", ["A", "B", "D"])
async def test_only_a_status_keeps_it_from_being_posted(
    client: Client, company: Company, status: str
) -> None:
    before = company.ledger.payables()
    row = await client.posted(CREATE, client.invoice(SupplierInvoiceStatus=status))
    assert row["SupplierInvoiceStatus"] == status
    assert company.ledger.payables() == before


@pytest.mark.parametrize("verb", ["PATCH", "MERGE", "PUT"])
async def test_an_invoice_cannot_be_changed(client: Client, verb: str) -> None:
    row = await client.posted(CREATE, client.invoice(SupplierInvoiceStatus="A"))
    path = f"{CREATE}(SupplierInvoice='{row['SupplierInvoice']}',FiscalYear='{row['FiscalYear']}')"
    answer = await client.send(verb, path, {"PaymentBlockingReason": "A"})
    assert answer.status_code == 405


async def test_a_parked_document_keeps_its_number_when_it_is_posted(client: Client) -> None:
    row = await client.posted(CREATE, client.invoice(SupplierInvoiceStatus="A"))
    key = f"SupplierInvoice='{row['SupplierInvoice']}'&FiscalYear='2026'"
    answer = await client.send("POST", f"{INVOICES}Post?{key}")
    assert answer.json() == {"d": {"Post": {"Success": True}}}
    again = await client.get(f"{CREATE}(SupplierInvoice='{row['SupplierInvoice']}',FiscalYear='2026')")
    assert again["SupplierInvoiceStatus"] == "5"
    assert (await client.send("POST", f"{INVOICES}Post?{key}")).status_code == 400


async def test_the_same_invoice_is_taken_a_second_time(client: Client, company: Company) -> None:
    for _ in range(2):
        await client.posted(CREATE, client.invoice())
    same = company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    assert [entry.state for entry in same] == [PostingState.POSTED, PostingState.POSTED]


async def test_a_reference_has_sixteen_characters(client: Client) -> None:
    fits = client.invoice(SupplierInvoiceIDByInvcgParty="A" * 16)
    assert (await client.posted(CREATE, fits))["SupplierInvoiceIDByInvcgParty"] == "A" * 16
    _, told = await client.refused(CREATE, client.invoice(SupplierInvoiceIDByInvcgParty="A" * 17))
    assert "more than 16 characters" in told


async def test_a_price_beyond_the_tolerance_is_posted_and_blocked(client: Client, company: Company) -> None:
    before = company.ledger.payables()
    row = await client.posted(CREATE, client.billing(net="60.00", gross="72.60"))
    assert (row["SupplierInvoiceStatus"], row["PaymentBlockingReason"]) == ("5", "R")
    assert company.ledger.payables() - before == Decimal("72.60")


async def test_a_quantity_that_was_not_received_is_posted_and_blocked(client: Client) -> None:
    row = await client.posted(CREATE, client.billing("26", "260.00", "314.60"))
    assert row["PaymentBlockingReason"] == "R"
    within = await client.posted(CREATE, client.billing("1", "10.00", "12.10"))
    assert within["PaymentBlockingReason"] == "R", "the order is billed beyond what came in"


async def test_the_goods_receipt_is_named_if_and_only_if_the_item_wants_it(company: Company) -> None:
    triple = {
        "ReferenceDocument": "500003",
        "ReferenceDocumentFiscalYear": "2026",
        "ReferenceDocumentItem": "0001",
    }
    async with client_of(company, receipt_based=frozenset({PARTLY_RECEIVED})) as client:
        code, _ = await client.refused(CREATE, client.billing())
        assert code == "M8/286"
        other = {**triple, "ReferenceDocument": "500001"}
        assert (await client.refused(CREATE, client.billing(**other)))[0] == "M8/287"
        await client.posted(CREATE, client.billing(**triple))
    async with client_of(company) as client:
        _, told = await client.refused(CREATE, client.billing(**triple))
        assert "Only fill ReferenceDocument" in told


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Surprise": "1"}, "/IWCOR/CX_DS_EP_PROPERTY_ERROR"),
        ({"SupplierInvoice": "1"}, "/IWCOR/CX_DS_EP_PROPERTY_ERROR"),
        ({"InvoiceGrossAmount": Decimal("121.00")}, "/IWBEP/CM_MGW_RT/000"),
        ({"InvoiceGrossAmount": "121.0000"}, "/IWBEP/CM_MGW_RT/000"),
        ({"DocumentDate": "2026-03-10"}, "/IWBEP/CM_MGW_RT/000"),
        ({"SupplierInvoiceIDByInvcgParty": None}, "F5/480"),
        ({"PostingDate": None}, "M8/375"),
        ({"PostingDate": "2026-02-27T00:00:00"}, "M8/535"),
        ({"CompanyCode": "ELSE"}, "F5/165"),
        ({"InvoiceGrossAmount": "120.00"}, "M8/534"),
        ({"SupplierInvoiceStatus": "E"}, "M8_2/057"),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    client: Client, company: Company, values: dict[str, object], code: str
) -> None:
    before = company.dump()
    assert (await client.refused(CREATE, client.invoice(**values)))[0] == code
    assert company.dump() == before


async def test_a_cancelled_invoice_has_a_document_that_cancels_it(client: Client) -> None:
    row = await client.posted(CREATE, client.invoice())
    call = f"Cancel?SupplierInvoice='{row['SupplierInvoice']}'&FiscalYear='2026'"
    more = "&PostingDate=datetime'2026-03-12T00:00:00'&ReversalReason='01'"
    told = (await client.send("POST", INVOICES + call + more)).json()["d"]["Cancel"]
    again = await client.get(f"{CREATE}(SupplierInvoice='{row['SupplierInvoice']}',FiscalYear='2026')")
    assert (again["ReverseDocument"], again["IsReversed"]) == (told["ReverseDocument"], True)
    other = await client.get(f"{CREATE}(SupplierInvoice='{told['ReverseDocument']}',FiscalYear='2026')")
    assert (other["IsReversal"], other["ReverseDocument"]) == (True, row["SupplierInvoice"])


async def test_an_order_item_has_no_received_or_invoiced_quantity(client: Client) -> None:
    (item,) = (
        await client.get(
            f"{ORDERS}A_PurchaseOrderItem?$filter=PurchaseOrder eq '451004' and PurchaseOrderItem eq '10000'"
        )
    )["results"]
    assert not [name for name in item if "Received" in name or "InvoicedQ" in name]
    assert item["OrderQuantity"] == "6"


async def test_reversed_cannot_be_used_in_a_filter_but_can_be_read(client: Client) -> None:
    answer = await client.http.get(f"{ROOT}{CREATE}?$filter=IsReversed eq true")
    assert answer.status_code == 400
    rows = (await client.get(f"{CREATE}?$select=SupplierInvoice,IsReversed"))["results"]
    assert all(row["IsReversed"] is False for row in rows)


async def test_amounts_are_texts_and_days_are_milliseconds(client: Client) -> None:
    row = await client.get(f"{CREATE}(SupplierInvoice='510001',FiscalYear='2026')")
    assert row["InvoiceGrossAmount"] == "652.67"
    moment = int(row["DocumentDate"].removeprefix("/Date(").removesuffix(")/")) // 86_400_000
    assert date.fromordinal(date(1970, 1, 1).toordinal() + moment) == date(2026, 2, 2)


async def test_links_to_further_pages_are_given_and_lead_on(company: Company) -> None:
    async with client_of(company, page_size=3) as client:
        first = await client.get(
            f"{PARTNERS}A_BusinessPartner?$inlinecount=allpages&$orderby=BusinessPartner"
        )
        assert (len(first["results"]), first["__count"]) == (3, "7")
        second = (await client.http.get(first["__next"])).json()["d"]
        third = (await client.http.get(second["__next"])).json()["d"]
        assert "__next" not in third
        numbers = [row["BusinessPartner"] for page in (first, second, third) for row in page["results"]]
        assert len(set(numbers)) == 7
