"""What the bare sandbox does beyond the contract every connector keeps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.erp.books import DAY
from tests.erp.orders import INVOICE_DAY, an_action, an_invoice, approved, billing_lines, invoice_fields
from tests.erp.world import LONG, OFFICE, PARTLY_RECEIVED, TOOLS
from tools.domain.decision import (
    AmendOrderLine,
    ParkInvoice,
    PostingState,
    ReleaseHold,
    ReverseInvoice,
)
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.contract import Capability
from tools.erp.errors import ErpChanged, ErpRejected, OutcomeUnknown
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.connector import SandboxErp
from tools.erp.sandbox.refusal import Refusal

COMPANY = "NZT"


@pytest.fixture
def erp(company: Company) -> SandboxErp:
    return SandboxErp(company)


def same(company: Company) -> list[PostingState]:
    documents = company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    return [document.state for document in documents]


@pytest.mark.parametrize("reference", [f"order:{PARTLY_RECEIVED}", f"supplier:{OFFICE}"])
async def test_the_books_themselves_refuse_a_version_that_was_overtaken(
    erp: SandboxErp, company: Company, reference: str
) -> None:
    company.purchasing.receive(PARTLY_RECEIVED, {"30000": Decimal(1)}, DAY)
    company.master.block_supplier(OFFICE, SupplierBlock.PAYMENT)
    with pytest.raises(ErpChanged) as error:
        await erp.write(approved(an_invoice(), {reference: "1"}))
    assert error.value.detail == Refusal.STALE_VERSION
    assert same(company) == []


async def test_a_refused_invoice_leaves_no_draft(erp: SandboxErp, company: Company) -> None:
    before = company.dump()
    with pytest.raises(ErpRejected) as error:
        await erp.write(approved(an_invoice(posting_date=date(2026, 2, 1))))
    assert (error.value.detail, error.value.field) == (Refusal.PERIOD_CLOSED, "posting_date")
    assert company.dump() == before


async def test_a_refused_invoice_leaves_our_draft_as_it_was(erp: SandboxErp, company: Company) -> None:
    await erp.write(approved(ParkInvoice(**invoice_fields())))
    before = company.dump()
    with pytest.raises(ErpRejected):
        await erp.write(approved(an_invoice("200.00", "42.00", posting_date=date(2026, 2, 1))))
    assert company.dump() == before


async def test_parking_again_changes_our_own_draft(erp: SandboxErp, company: Company) -> None:
    first = await erp.write(approved(ParkInvoice(**invoice_fields())))
    again = await erp.write(approved(ParkInvoice(**invoice_fields("200.00", "42.00"))))
    assert again.erp_id == first.erp_id
    assert again.gross == Money.of("242.00", "EUR")
    assert same(company) == [PostingState.DRAFT]


async def test_the_posted_document_is_found_before_any_draft(erp: SandboxErp, company: Company) -> None:
    company.documents.create(
        DocumentType.INVOICE, OFFICE, supplier_number="VD-90001", invoice_date=INVOICE_DAY
    )
    posted = await erp.write(approved(an_invoice()))
    found = await erp.find(approved(an_invoice()))
    assert found is not None
    assert found.number == posted.number


async def test_our_own_draft_is_found_among_others_and_several_others_are_a_question(
    erp: SandboxErp, company: Company
) -> None:
    order = approved(an_invoice())
    for _ in range(2):
        company.documents.create(
            DocumentType.INVOICE, OFFICE, supplier_number="vd-90001", invoice_date=INVOICE_DAY
        )
    with pytest.raises(OutcomeUnknown, match="531004, 531005"):
        await erp.find(order)
    parked = await erp.write(approved(ParkInvoice(**invoice_fields())))
    found = await erp.find(order)
    assert found is not None
    assert found.erp_id == parked.erp_id


async def test_a_number_of_another_day_is_another_document(erp: SandboxErp) -> None:
    await erp.write(approved(an_invoice()))
    assert await erp.find(approved(an_invoice(invoice_date=date(2026, 3, 11)))) is None


async def test_a_reversed_invoice_is_not_held_any_more_and_may_be_posted_again(
    erp: SandboxErp, company: Company
) -> None:
    posted = await erp.write(approved(an_invoice()))
    reverse = ReverseInvoice(
        company=COMPANY,
        supplier_id=OFFICE,
        posted_number=posted.number,
        posting_date=INVOICE_DAY,
        reason="wrong order",
    )
    reversal = await erp.write(approved(reverse))
    assert (reversal.number, reversal.state) == ("541", PostingState.POSTED)
    assert await erp.find(approved(an_invoice())) is None
    await erp.write(approved(an_invoice()))
    assert same(company) == [PostingState.CANCELLED, PostingState.POSTED]


async def test_a_matched_invoice_clears_the_receipt_and_counts_on_the_order(
    erp: SandboxErp, company: Company
) -> None:
    before = company.ledger.balance("1610")
    lines = billing_lines({"10000": ("25", "10.00")})
    await erp.write(approved(an_invoice("250.00", "52.50", lines=lines)))
    assert company.ledger.balance("1610") - before == Decimal("250.00")
    assert company.purchasing.line(PARTLY_RECEIVED, "10000").invoiced == 25


async def test_the_total_that_was_approved_is_the_total_that_is_posted(
    erp: SandboxErp, company: Company
) -> None:
    wrong = an_invoice().model_copy(update={"gross": Money.of("121.01", "EUR")})
    with pytest.raises(ErpRejected, match="adds up to 121.00 EUR, stated is 121.01"):
        await erp.write(approved(wrong))
    assert same(company) == []


async def test_an_amended_line_is_found_only_when_price_and_quantity_stand(erp: SandboxErp) -> None:
    price = Money.of("2.50", "EUR")
    amend = AmendOrderLine(company=COMPANY, order_number=LONG, order_line_id="20000", unit_price=price)
    await erp.write(approved(amend))
    assert await erp.find(approved(amend)) is not None
    more = amend.model_copy(update={"quantity": Decimal(99)})
    assert await erp.find(approved(more)) is None


async def test_a_hold_names_its_reason_and_another_reason_is_another_hold(
    erp: SandboxErp, company: Company
) -> None:
    hold = an_action(Capability.HOLD_INVOICE, company)
    assert (await erp.write(approved(hold))).reference == "PRICE"
    other = hold.model_copy(update={"reason_code": "QUANTITY"})
    assert await erp.find(approved(other)) is None
    release = ReleaseHold(company=COMPANY, supplier_id=TOOLS, posted_number="510001", reason_code="PRICE")
    assert await erp.find(approved(release)) is None
    await erp.write(approved(release))
    assert await erp.find(approved(hold)) is None


async def test_an_action_on_something_unknown_is_refused_and_not_found(
    erp: SandboxErp, company: Company
) -> None:
    hold = an_action(Capability.HOLD_INVOICE, company).model_copy(update={"posted_number": "PI-99"})
    assert await erp.find(approved(hold)) is None
    with pytest.raises(ErpRejected, match="no posted document PI-99"):
        await erp.write(approved(hold))
