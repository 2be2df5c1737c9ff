"""Writing to Oracle: what counts is the status that is read back, not the answer 'successfully'."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.oracle_client import Bench
from tests.erp.orders import MemoryLog, a_line, an_invoice, approved, billing_lines, invoice_fields
from tests.erp.world import COMPANY, OFFICE, PARTLY_RECEIVED, TODAY, TOOLS
from tools.domain.decision import (
    HoldInvoice,
    ParkInvoice,
    PostCreditNote,
    PostingState,
    ReleaseHold,
    ReverseInvoice,
)
from tools.domain.documents import DocumentType
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.books import DocumentLine
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


async def no_pause(seconds: float) -> None:
    return None


def too_much(**values: Any) -> Any:
    """Bills 30 of which 25 were received."""
    return an_invoice("300.00", "63.00", lines=billing_lines({"10000": ("30", "10.00")}), **values)


def chairs(net: str = "100.00") -> DocumentLine:
    return DocumentLine(
        account="4100",
        description="Chairs",
        unit_price=Decimal(net),
        net_amount=Decimal(net),
        tax_code="S21",
    )


async def test_a_posting_creates_validates_and_reads_back(bench: Bench) -> None:
    posting = await bench.erp.write(approved(an_invoice()))
    assert posting.state is PostingState.POSTED
    assert bench.changes() == ["POST invoices", "POST validateInvoice"]
    assert posting.reference == "Validated, accounting Unprocessed, approval Not required, payment Unpaid"
    assert (posting.erp_id.isdigit(), int(posting.erp_id) > 2**53) == (True, True)


async def test_the_body_names_what_oracle_knows_and_nothing_about_banks(bench: Bench) -> None:
    lines = (a_line("100.00", cost_centre="SALES"),)
    await bench.erp.write(approved(an_invoice(lines=lines)))
    (body,) = bench.bodies("/invoices")
    assert body["InvoiceAmount"] == Decimal("121.00")
    assert body["ControlAmount"] == Decimal("21.00")
    assert (body["BusinessUnit"], body["Supplier"]) == ("Noordzee Techniek NL", "Van Dijk Kantoor B.V.")
    assert (body["SupplierSite"], body["InvoiceType"]) == ("MAIN", "Standard")
    assert body["invoiceLines"][0]["DistributionCombination"] == "01-SALES-4100"
    assert not [name for name in (*body, *body["invoiceLines"][0]) if "bank" in name.lower()]


async def test_holds_that_validation_placed_are_told_and_nothing_counts_as_posted(bench: Bench) -> None:
    before = bench.company.ledger.payables()
    with pytest.raises(ErpRejected, match="QTY REC: Quantity billed exceeds quantity received") as error:
        await bench.erp.write(approved(too_much()))
    assert "did not post it (Needs revalidation)" in str(error.value)
    assert bench.company.ledger.payables() == before
    found = await bench.erp.find(approved(too_much()))
    assert found is not None
    assert found.state is PostingState.DRAFT


async def test_a_held_invoice_is_taken_up_when_it_is_approved_again(bench: Bench) -> None:
    order, log = approved(too_much()), MemoryLog()
    with pytest.raises(ErpRejected):
        await post_once(bench.erp, order, log, no_pause)
    bench.company.purchasing.receive(PARTLY_RECEIVED, {"10000": Decimal(5)}, TODAY)
    posting = await post_once(bench.erp, order, log, no_pause)
    assert posting.state is PostingState.POSTED
    assert bench.changes().count("POST invoices") == 1, "its number is taken; it is never created again"


async def test_an_own_unvalidated_invoice_does_not_look_like_a_change_of_its_order(bench: Bench) -> None:
    read = (await bench.erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED]
    action = an_invoice("250.00", "52.50", lines=billing_lines({"10000": ("25", "10.00")}))
    order = approved(action, {f"order:{PARTLY_RECEIVED}": read.version})
    bench.faults.plan("validateInvoice", FaultKind.CONNECTION_REFUSED)
    log = MemoryLog()
    with pytest.raises(ErpRejected, match="stands in Oracle on hold: AP Agent Parked"):
        await post_once(bench.erp, order, log, no_pause)
    again = (await bench.erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED]
    assert (again.version, again.lines[0].invoiced) == (read.version, 0)
    posting = await post_once(bench.erp, order, log, no_pause)
    assert posting.state is PostingState.POSTED
    after = (await bench.erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED]
    assert (after.lines[0].invoiced, after.version == read.version) == (25, False)


async def test_tax_that_oracle_computes_otherwise_is_a_hold(bench: Bench) -> None:
    with pytest.raises(ErpRejected, match="TAX VARIANCE"):
        await bench.erp.write(approved(an_invoice("100.00", "19.00")))


async def test_an_unvalidated_invoice_of_other_content_is_a_persons_work(bench: Bench) -> None:
    kept = bench.unvalidated(chairs("90.00"), stated_gross=Decimal("108.90"))
    with pytest.raises(ErpRejected, match=f"already exists in Oracle.*{kept.number}"):
        await bench.erp.write(approved(an_invoice()))
    assert bench.changes() == []


async def test_a_number_used_on_another_day_or_as_a_credit_memo_is_refused_before_sending(
    bench: Bench,
) -> None:
    bench.company.documents.create(
        DocumentType.CREDIT_NOTE, OFFICE, supplier_number="VD-90001", invoice_date=date(2026, 3, 10)
    )
    with pytest.raises(ErpRejected, match="already exists"):
        await bench.erp.write(approved(an_invoice()))
    with pytest.raises(ErpRejected, match="already exists"):
        await bench.erp.write(approved(an_invoice(number="VD-88001")))
    assert bench.changes() == []


async def test_two_that_could_be_meant_are_for_a_person(bench: Bench) -> None:
    bench.unvalidated(chairs())
    bench.unvalidated(chairs())
    with pytest.raises(OutcomeUnknown, match="holds 2 invoices"):
        await bench.erp.find(approved(an_invoice()))


async def test_a_credit_memo_goes_out_negative_and_comes_back_positive(bench: Bench) -> None:
    fields = invoice_fields("20.00", "4.20", number="VD-C-90001", preceding_invoice="510002")
    posting = await bench.erp.write(approved(PostCreditNote(**fields)))
    (body,) = bench.bodies("/invoices")
    assert (body["InvoiceType"], body["InvoiceAmount"]) == ("Credit memo", Decimal("-24.20"))
    assert (body["ControlAmount"], body["invoiceLines"][0]["LineAmount"]) == (
        Decimal("-4.20"),
        Decimal("-20.00"),
    )
    assert "510002" in body["Description"]
    assert posting.gross is not None
    assert (posting.document_type, posting.gross.amount) == (DocumentType.CREDIT_NOTE, Decimal("24.20"))


async def test_parking_makes_the_invoice_and_its_hold_in_one_batch(bench: Bench) -> None:
    posting = await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    assert posting.state is PostingState.DRAFT
    assert bench.changes() == ["POST 11.13.18.05"]
    (document,) = bench.documents()
    (held,) = bench.server.payables.active(document)
    assert held.name == "AP Agent Parked"


async def test_a_parked_invoice_survives_a_validation_run_and_is_posted_when_approved(bench: Bench) -> None:
    await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    named = {
        "ProcessAction": "Validate",
        "BusinessUnit": "Noordzee Techniek NL",
        "Supplier": "Van Dijk Kantoor B.V.",
        "InvoiceNumber": "VD-90001",
    }
    bench.server.desk.validate(named)
    assert bench.documents()[0].state is PostingState.DRAFT
    posting = await bench.erp.write(approved(an_invoice()))
    assert posting.state is PostingState.POSTED
    (_, release, validation) = bench.changes()
    assert (release.partition(" ")[0], validation) == ("PATCH", "POST validateInvoice")


async def test_parking_with_a_hold_that_oracle_does_not_know_leaves_nothing_behind(
    company: Company, faults: Faults
) -> None:
    bench = Bench(company, faults, park_hold="NO SUCH HOLD")
    with pytest.raises(ErpRejected, match="NO SUCH HOLD"):
        await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    assert bench.documents() == []


async def test_an_unvalidated_invoice_without_its_hold_gets_it_when_parked_again(bench: Bench) -> None:
    bench.unvalidated(chairs(), stated_gross=Decimal("121.00"), stated_tax=Decimal("21.00"))
    await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    assert bench.changes() == ["POST invoiceHolds"]
    assert len(bench.documents()) == 1


class CutOff(httpx.AsyncBaseTransport):
    """Once a change to an address with this end has got through, no GET does any more."""

    def __init__(self, inner: httpx.AsyncBaseTransport, end: str) -> None:
        self._inner = inner
        self._end = end
        self._cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._cut and request.method == "GET":
            raise httpx.ConnectError("cut off", request=request)
        answer = await self._inner.handle_async_request(request)
        self._cut = self._cut or (
            request.method != "GET" and request.url.path.rstrip("/").endswith(self._end)
        )
        return answer


POSTED = {"company": COMPANY, "supplier_id": TOOLS, "posted_number": "510001"}


@pytest.mark.parametrize(
    ("end", "action"),
    [
        ("validateInvoice", an_invoice()),
        ("11.13.18.05", ParkInvoice(**invoice_fields())),
        ("invoiceHolds", HoldInvoice(**POSTED, reason_code="PRICE")),
        ("cancelInvoice", ReverseInvoice(**POSTED, posting_date=TODAY, reason="wrong")),
    ],
)
async def test_a_change_that_cannot_be_read_back_never_sounds_like_nothing_happened(
    bench: Bench, end: str, action: Any
) -> None:
    erp = bench.through(CutOff(bench.recorder, end))
    with pytest.raises(OutcomeUnknown):
        await erp.write(approved(action))


async def test_an_invoice_is_found_by_its_voucher_number_or_else_by_the_suppliers(bench: Bench) -> None:
    for number in ("510001", "RE-2026/017"):
        action = HoldInvoice(company=COMPANY, supplier_id=TOOLS, posted_number=number, reason_code="PRICE")
        await bench.erp.write(approved(action))
        assert bench.company.documents.by_number("510001").holds == ("PRICE",)
        await bench.erp.write(
            approved(ReleaseHold(**{**POSTED, "posted_number": number}, reason_code="PRICE"))
        )
        assert bench.company.documents.by_number("510001").holds == ()


async def test_a_hold_that_is_there_and_a_release_of_none_are_refused(bench: Bench) -> None:
    hold, release = (kind(**POSTED, reason_code="PRICE") for kind in (HoldInvoice, ReleaseHold))
    with pytest.raises(ErpRejected, match="is not on hold"):
        await bench.erp.write(approved(release))
    await bench.erp.write(approved(hold))
    with pytest.raises(ErpRejected, match="already on hold"):
        await bench.erp.write(approved(hold))
    with pytest.raises(ErpRejected, match="no invoice 599999"):
        missing = {**POSTED, "posted_number": "599999"}
        await bench.erp.write(approved(HoldInvoice(**missing, reason_code="PRICE")))


async def test_a_release_name_that_oracle_does_not_know_leaves_the_hold(
    company: Company, faults: Faults
) -> None:
    bench = Bench(company, faults, release_name="Because")
    await bench.erp.write(approved(HoldInvoice(**POSTED, reason_code="PRICE")))
    with pytest.raises(ErpRejected, match="release name"):
        await bench.erp.write(approved(ReleaseHold(**POSTED, reason_code="PRICE")))
    assert company.documents.by_number("510001").holds == ("PRICE",)


async def test_a_paid_invoice_is_not_canceled(bench: Bench) -> None:
    paid = {"company": COMPANY, "supplier_id": OFFICE, "posted_number": "510002"}
    with pytest.raises(ErpRejected, match="paid"):
        await bench.erp.write(approved(ReverseInvoice(**paid, posting_date=TODAY, reason="wrong")))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"item_number": "BRACKET", "account": None}, "only by its order line"),
        ({"order_number": PARTLY_RECEIVED, "order_line_id": "99"}, "no line 99 of order 451001"),
        ({"order_number": PARTLY_RECEIVED, "order_line_id": "x"}, "no line x of order 451001"),
        ({"order_number": PARTLY_RECEIVED, "order_line_id": "10000", "unit": "KGM"}, "billed in KGM"),
    ],
)
async def test_what_oracle_cannot_hold_is_refused_before_sending(
    bench: Bench, line: dict[str, Any], told: str
) -> None:
    with pytest.raises(ErpRejected, match=told):
        await bench.erp.write(approved(an_invoice(lines=(a_line("100.00", **line),))))
    assert bench.changes() == []


async def test_a_number_of_more_than_fifty_characters_is_refused_before_sending(bench: Bench) -> None:
    with pytest.raises(ErpRejected, match="more than 50 characters"):
        await bench.erp.write(approved(an_invoice(number="9" * 51)))
    assert bench.changes() == []


async def test_a_cost_centre_without_a_place_in_the_combination_is_refused(
    company: Company, faults: Faults
) -> None:
    bench = Bench(company, faults, account_combination="01-000-{account}")
    with pytest.raises(ErpRejected, match="no place for cost centre SALES"):
        await bench.erp.write(approved(an_invoice(lines=(a_line("100.00", cost_centre="SALES"),))))
    assert bench.changes() == []
