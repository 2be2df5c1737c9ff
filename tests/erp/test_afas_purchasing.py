"""Receipts, draft orders, changed lines and files in AFAS: written by GUID, found by reference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.afas_client import Bench
from tests.erp.orders import an_invoice, approved
from tests.erp.world import COMPANY, LONG, OF_BLOCKED, OFFICE, PARTLY_RECEIVED, PER_HUNDRED, TODAY, TOOLS
from tools.domain.decision import (
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    DraftOrderLine,
    ReceivedLine,
)
from tools.domain.documents import OrderState
from tools.domain.identifiers import OrderNumber
from tools.domain.money import Money
from tools.erp.afas.dossier import Files
from tools.erp.contract import KeptFile
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults


def a_receipt(**values: Any) -> CreateGoodsReceipt:
    fields: dict[str, Any] = {
        "company": COMPANY,
        "order_number": PARTLY_RECEIVED,
        "delivery_note": "LS-90001",
        "received_on": date(2026, 3, 12),
        "lines": (ReceivedLine(order_line_id="30000", quantity=Decimal("2.5")),),
    }
    return CreateGoodsReceipt(**{**fields, **values})


def an_order(**values: Any) -> CreatePurchaseOrder:
    line = DraftOrderLine(
        item_number="BRACKET",
        description="Bracket, steel",
        quantity=Decimal(10),
        unit="H87",
        unit_price=Money.of("9.995", "EUR"),
        tax_code="S21",
    )
    fields: dict[str, Any] = {
        "company": COMPANY,
        "supplier_id": OFFICE,
        "currency": "EUR",
        "reference": "REQ-77",
        "lines": (line,),
    }
    return CreatePurchaseOrder(**{**fields, **values})


async def test_a_receipt_names_the_line_by_its_guid_and_makes_no_invoice(company: Company) -> None:
    bench = Bench(company)
    posting = await bench.erp.write(approved(a_receipt()))
    (element,) = [message["FbGoodsReceived"]["Element"] for message in bench.sent("FbGoodsReceived")]
    assert element["Fields"] == {
        "CrId": OFFICE,
        "SoOr": PARTLY_RECEIVED,
        "OrDa": "2026-03-12",
        "DaAc": "2026-03-12",
        "RfCs": "LS-90001",
        "Unit": "1",
        "PuIn": "0",
        "War": "01",
    }
    (line,) = [each["Fields"] for each in element["Objects"]["FbGoodsReceivedLines"]["Element"]]
    assert (line["QuUn"], line["BiUn"], line["SoGu"][0]) == ("2.5", "stk", "{")
    assert (posting.reference, posting.posting_date) == ("LS-90001", date(2026, 3, 12))
    assert company.purchasing.line(PARTLY_RECEIVED, "30000").received == Decimal("2.5")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (a_receipt(order_number=OrderNumber("459999")), "has no order 459999"),
        (a_receipt(lines=(ReceivedLine(order_line_id="70000", quantity=Decimal(1)),)), "no line 70000"),
        (a_receipt(delivery_note="L" * 51), "1 to 50 characters"),
        (a_receipt(delivery_note="  "), "1 to 50 characters"),
    ],
)
async def test_a_receipt_that_cannot_be_is_refused_in_words(
    company: Company, action: CreateGoodsReceipt, words: str
) -> None:
    before = company.dump()
    with pytest.raises(ErpRejected, match=words):
        await Bench(company).erp.write(approved(action))
    assert company.dump() == before


async def test_two_receipts_under_one_delivery_note_are_for_a_person(company: Company) -> None:
    for _ in range(2):
        company.purchasing.receive(PARTLY_RECEIVED, {"30000": Decimal(1)}, TODAY, delivery_note="ls-90001 ")
    with pytest.raises(OutcomeUnknown, match="decided by a person"):
        await Bench(company).erp.find(approved(a_receipt()))


async def test_a_new_order_is_a_draft_in_profits_units(company: Company) -> None:
    bench = Bench(company, warehouse="02")
    posting = await bench.erp.write(approved(an_order()))
    element = bench.sent("FbPurch")[0]["FbPurch"]["Element"]
    assert (element["Fields"]["Fina"], element["Fields"]["War"]) == ("0", "02")
    (line,) = [each["Fields"] for each in element["Objects"]["FbPurchLines"]["Element"]]
    assert (line["BiUn"], line["Upri"], line["VaRc"]) == ("stk", "9.995", "S21")
    number = OrderNumber(posting.number)
    order = (await bench.erp.orders([number]))[number]
    assert (order.state, order.lines[0].unit_price) == (OrderState.DRAFT, Money.of("9.995", "EUR"))
    again = await bench.erp.find(approved(an_order(reference="req-77")))
    assert again is not None
    assert again.number == posting.number


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reference": "R" * 51}, "1 to 50 characters"),
        ({"supplier_id": "99999"}, "does not exist"),
        ({"currency": "CHF"}, "'Currency' does not exist"),
    ],
)
async def test_an_order_that_cannot_be_is_refused_in_words(
    company: Company, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(ErpRejected, match=words):
        await Bench(company).erp.write(approved(an_order(**values)))


async def test_an_order_line_without_an_item_is_refused_before_it_is_sent(company: Company) -> None:
    bench = Bench(company)
    line = an_order().lines[0].model_copy(update={"item_number": None, "account": "4100"})
    with pytest.raises(ErpRejected, match="needs an item"):
        await bench.erp.write(approved(an_order(lines=(line,))))
    assert bench.sent("FbPurch") == []


def an_amendment(**values: Any) -> AmendOrderLine:
    fields: dict[str, Any] = {"company": COMPANY, "order_number": LONG, "order_line_id": "20000"}
    return AmendOrderLine(**{**fields, **values})


async def test_a_changed_line_keeps_what_was_not_changed(company: Company) -> None:
    bench = Bench(company)
    before = company.purchasing.line(LONG, "20000")
    action = an_amendment(quantity=Decimal(7))
    assert await bench.erp.find(approved(action)) is None
    await bench.erp.write(approved(action))
    assert await bench.erp.find(approved(action)) is not None
    after = company.purchasing.line(LONG, "20000")
    assert after == before.model_copy(update={"ordered": Decimal(7)})
    (line,) = bench.sent("FbPurch")[0]["FbPurch"]["Element"]["Objects"]["FbPurchLines"]["Element"]
    assert set(line["Fields"]) == {"GuLi", "QuUn"}


async def test_a_price_for_one_unit_is_changed_for_what_it_is_kept(company: Company) -> None:
    action = an_amendment(order_number=PER_HUNDRED, order_line_id="10000", unit_price=Money.of("0.13", "EUR"))
    await Bench(company).erp.write(approved(action))
    assert company.purchasing.line(PER_HUNDRED, "10000").unit_price == Money.of("13.00", "EUR")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (an_amendment(unit_price=Money.of("1.00", "USD")), "is in EUR"),
        (an_amendment(order_line_id="1"), "has no line 1"),
    ],
)
async def test_a_change_that_cannot_be_is_refused_in_words(
    company: Company, action: AmendOrderLine, words: str
) -> None:
    before = company.dump()
    with pytest.raises(ErpRejected, match=words):
        await Bench(company).erp.write(approved(action))
    assert company.dump() == before


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (a_receipt(lines=(ReceivedLine(order_line_id="30000", quantity=Decimal(6)),)), "6 received of 5"),
        (
            a_receipt(
                order_number=OF_BLOCKED, lines=(ReceivedLine(order_line_id="10000", quantity=Decimal(1)),)
            ),
            "blocked",
        ),
        (
            an_amendment(order_number=PARTLY_RECEIVED, order_line_id="10000", quantity=Decimal(20)),
            "less than",
        ),
    ],
)
async def test_words_that_nobody_published_are_shown_and_leave_the_outcome_to_a_person(
    company: Company, action: CreateGoodsReceipt | AmendOrderLine, words: str
) -> None:
    before = company.dump()
    with pytest.raises(OutcomeUnknown, match=words):
        await Bench(company).erp.write(approved(action))
    assert company.dump() == before


async def test_what_was_written_and_cannot_be_read_back_is_not_called_undone(company: Company) -> None:
    class CutOff(httpx.AsyncBaseTransport):
        """Once something was written, nothing can be read any more."""

        written = False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if self.written:
                raise httpx.ConnectError("cut off", request=request)
            self.written = request.method != "GET"
            return await bench.recorder.handle_async_request(request)

    bench = Bench(company)
    for action in (a_receipt(), an_order(), an_amendment(quantity=Decimal(7)), an_invoice()):
        with pytest.raises(OutcomeUnknown, match="could not be read back"):
            await bench.through(CutOff()).write(approved(action))


async def test_a_file_is_kept_with_the_invoice_it_belongs_to(company: Company) -> None:
    bench = Bench(company)
    ours = await bench.erp.write(approved(an_invoice()))
    other = await bench.erp.write(approved(an_invoice(supplier_id=TOOLS)))
    await bench.erp.attach(ours, "Rechnung 17.pdf", b"%PDF-1.7 \x00\xff")
    link = bench.sent("KnSubject")[0]["KnSubject"]["Element"]["Objects"]["KnSubjectLink"]["Element"]["Fields"]
    assert link == {
        "DoCRM": "1",
        "SfTp": "11",
        "SfId": OFFICE,
        "BcId": f"1{OFFICE}",
        "PiUn": "1",
        "PiTp": "1",
        "PiId": "VD-90001",
    }
    assert await bench.erp.attachments(ours) == [KeptFile(name="Rechnung 17.pdf")]
    assert await bench.erp.attachments(other) == [], "the same number of another creditor"


async def test_a_file_is_kept_with_an_invoice_that_profit_numbered(company: Company) -> None:
    bench = Bench(company)
    ours = await bench.erp.write(approved(an_invoice(number="RE-2026/00000815")))
    await bench.erp.attach(ours, "a.xml", b"<a/>")
    assert [kept.name for kept in await bench.erp.attachments(ours)] == ["a.xml"]


@pytest.mark.parametrize(("name", "content"), [("x" * 256, b"1"), ("", b"1"), ("big.pdf", b"x" * 9000)])
async def test_a_file_that_no_call_can_carry_is_refused_before_it_is_sent(
    company: Company, name: str, content: bytes
) -> None:
    bench = Bench(company)
    bench.erp._files = Files(bench.erp._session, -5, largest=10_000)
    ours = await bench.erp.write(approved(an_invoice()))
    with pytest.raises(ErpRejected, match="too large"):
        await bench.erp.attach(ours, name, content)
    assert bench.sent("KnSubject") == []


@pytest.mark.parametrize("kind", [FaultKind.REPLY_LOST, FaultKind.ERROR_AFTER, FaultKind.REQUEST_LOST])
async def test_a_file_that_may_have_arrived_is_not_kept_twice(
    company: Company, faults: Faults, kind: FaultKind
) -> None:
    bench = Bench(company, faults)
    ours = await bench.erp.write(approved(an_invoice()))
    faults.plan("POST KnSubject", kind)
    with pytest.raises(OutcomeUnknown):
        await bench.erp.attach(ours, "a.pdf", b"%PDF-")
    await bench.erp.attach(ours, "a.pdf", b"%PDF-")
    await bench.erp.attach(ours, "b.pdf", b"%PDF-")
    assert [kept.name for kept in await bench.erp.attachments(ours)] == ["a.pdf", "b.pdf"]
