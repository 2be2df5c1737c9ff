"""Parked documents in SAP: exactly what was approved is posted, anything else is a person's and stays."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.orders import MemoryLog, a_line, an_invoice, approved, billing_lines, invoice_fields
from tests.erp.sap_bench import Bench
from tests.erp.world import PARTLY_RECEIVED
from tools.domain.decision import ParkInvoice, PostingState
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.books import DocumentLine
from tools.erp.sandbox.company import Company
from tools.erp.sap.documents import WholeInvoice
from tools.erp.sap.parked import differences

CHAIRS = DocumentLine(
    description="Chairs",
    account="4100",
    unit_price=Decimal(100),
    net_amount=Decimal("100.00"),
    tax_code="S21",
)


async def no_pause(seconds: float) -> None:
    return None


async def parked(company: Company, **values: Any) -> Bench:
    """A bench where our own document is parked."""
    bench = Bench(company)
    await bench.write(approved(ParkInvoice(**{**invoice_fields(), **values})))
    bench.recorder.requests.clear()
    return bench


def marked(bench: Bench, **fields: Any) -> None:
    """A clerk changed the parked document on SAP's screen."""
    (document,) = bench.documents()
    kept = bench.server.services.invoices.kept[document.document_id]
    kept.block = fields.pop("block", kept.block)
    kept.status = fields.pop("status", kept.status)
    kept.header |= fields


async def test_another_posting_date_deletes_nothing_and_names_the_document(company: Company) -> None:
    bench = await parked(company, posting_date=date(2026, 2, 27))
    (document,) = bench.documents()
    log = MemoryLog()
    told = f"{document.number}.*posting date is 2026-02-27 there and 2026-03-10 here.*delete it there"
    with pytest.raises(ErpRejected, match=told):
        await post_once(bench.erp, approved(an_invoice()), log, no_pause)
    assert not bench.changes()
    assert bench.documents() == [document]
    assert [note.partition(":")[0] for note in log.notes] == ["sent", "refused"]


async def test_a_clerks_parked_document_of_another_day_stays(company: Company) -> None:
    bench = Bench(company)
    document = bench.parked(CHAIRS, due_date=date(2026, 4, 9))
    with pytest.raises(ErpRejected, match=document.number):
        await bench.write(approved(an_invoice(posting_date=date(2026, 3, 12))))
    assert bench.documents() == [document]


async def test_a_closed_period_leaves_the_parked_document(company: Company) -> None:
    """SAP refuses to post it: it is still there, and nothing else was tried."""
    bench = await parked(company, posting_date=date(2025, 2, 3))
    with pytest.raises(ErpRejected):
        await bench.write(approved(an_invoice(posting_date=date(2025, 2, 3))))
    assert [request.url.path.rpartition("/")[2] for request in bench.changes()] == ["Post"]
    assert [document.state for document in bench.documents()] == [PostingState.DRAFT]


async def test_a_clerks_document_of_exactly_the_approved_content_is_posted(company: Company) -> None:
    bench = Bench(company)
    document = bench.parked(CHAIRS, due_date=date(2026, 4, 9))
    posted = await bench.write(approved(an_invoice()))
    assert (posted.number, posted.state) == (document.number, PostingState.POSTED)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"BPBankAccountInternalID": "0002"}, "supplier's bank account 0002"),
        ({"AlternativePayeePayer": "99999"}, "other payee 99999"),
        ({"PaymentMethod": "C"}, "payment method C"),
        ({"PaymentTerms": "ZB30"}, "payment terms ZB30"),
        ({"PaymentReference": "RF18539007547034"}, "payment reference RF18"),
        ({"HouseBank": "BANK2"}, "house bank BANK2"),
        ({"CashDiscount1Percent": Decimal(50)}, "cash discount of 50 %"),
        ({"ManualCashDiscount": Decimal(5)}, "cash discount of 5"),
        ({"UnplannedDeliveryCost": Decimal(5)}, "delivery costs of 5"),
        ({"NetPaymentDays": Decimal(1)}, "due after 1 days there and after 30 here"),
        ({"DueCalculationBaseDate": date(2026, 1, 1)}, "counts from is 2026-01-01"),
        ({"InvoiceReference": "510002"}, "refers to invoice 510002"),
        ({"block": "A"}, "payment block A"),
        ({"status": "D"}, "status is D"),
    ],
)
async def test_a_parked_document_that_is_paid_otherwise_is_never_taken_up(
    company: Company, fields: dict[str, Any], told: str
) -> None:
    bench = await parked(company)
    marked(bench, **fields)
    for action in (an_invoice(), ParkInvoice(**invoice_fields())):
        with pytest.raises(ErpRejected, match=told):
            await bench.write(approved(action))
    assert not bench.changes()


async def test_another_due_date_is_not_the_approved_one(company: Company) -> None:
    bench = await parked(company, due_date=date(2026, 3, 11))
    with pytest.raises(ErpRejected, match="due after 1 days there and after 30 here"):
        await bench.write(approved(an_invoice()))


async def test_another_tax_code_of_an_item_over_an_order_is_not_the_approved_one(company: Company) -> None:
    lines = billing_lines({"10000": ("10", "10.00")})
    bench = await parked(company, lines=lines)
    other = tuple(line.model_copy(update={"tax_code": "S0"}) for line in lines)
    with pytest.raises(ErpRejected, match="items over orders differ"):
        await bench.write(approved(an_invoice(lines=other)))


async def test_a_tax_that_was_changed_on_the_screen_is_not_the_approved_one(company: Company) -> None:
    bench = await parked(company)
    action = an_invoice("99.99", "21.01", lines=(a_line("99.99"),))
    with pytest.raises(ErpRejected, match="items on accounts differ; the tax differs"):
        await bench.write(approved(action))


async def test_dozens_that_were_parked_in_pieces_are_recognised(company: Company) -> None:
    (line,) = billing_lines({"10000": ("2", "120.00")})
    fields = invoice_fields("240.00", "50.40", lines=(line.model_copy(update={"unit": "DZN"}),))
    bench = Bench(company)
    first = await bench.write(approved(ParkInvoice(**fields)))
    again = await bench.write(approved(ParkInvoice(**fields)))
    posted = await bench.write(approved(an_invoice("240.00", "50.40", lines=fields["lines"])))
    assert {first.erp_id, again.erp_id, posted.erp_id} == {first.erp_id}
    assert company.purchasing.line(PARTLY_RECEIVED, "10000").invoiced == 24


def test_the_suppliers_own_terms_bring_their_own_discount() -> None:
    row = WholeInvoice.model_validate(
        {
            "SupplierInvoice": "5100000001",
            "FiscalYear": "2026",
            "SupplierInvoiceStatus": "A",
            "DocumentDate": "/Date(1773100800000)/",
            "PostingDate": "/Date(1773100800000)/",
            "DueCalculationBaseDate": "/Date(1773100800000)/",
            "DocumentCurrency": "EUR",
            "InvoiceGrossAmount": "121.00",
            "NetPaymentDays": "30",
            "PaymentTerms": "0002",
            "CashDiscount1Percent": "2.000",
            "ManualCashDiscount": "",
            "UnplannedDeliveryCost": "0.000",
            "CashDiscount2Percent": "0.000",
        }
    )
    day = "2026-03-10T00:00:00"
    body = {
        **dict.fromkeys(("DocumentDate", "PostingDate", "DueCalculationBaseDate"), day),
        "DocumentCurrency": "EUR",
        "InvoiceGrossAmount": "121.00",
        "NetPaymentDays": "30",
    }
    assert differences(row, body, {"0002"}) == []
    assert differences(row, body, {"0001"}) == ["it has payment terms 0002"]


@pytest.mark.parametrize(
    ("sent", "kept", "told"),
    [
        (b'"TaxAmount": "21.00"', b'"TaxAmount": "05.00"', "the tax is"),
        (
            b'"SupplierInvoiceItemAmount": "100.00"',
            b'"SupplierInvoiceItemAmount": "116.00"',
            "the net amount is",
        ),
    ],
)
async def test_what_is_read_back_with_another_tax_or_net_amount_is_for_a_person(
    company: Company, sent: bytes, kept: bytes, told: str
) -> None:
    class Altered(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await bench.recorder.handle_async_request(request)
            content = await answer.aread()
            if request.method == "GET":
                content = content.replace(sent, kept)
            return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    bench = Bench(company)
    with pytest.raises(OutcomeUnknown, match=told):
        await bench.through(Altered()).write(approved(an_invoice()))
