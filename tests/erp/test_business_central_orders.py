"""Draft purchase orders in Business Central: our reference is a comment line, what differs is taken out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.business_central_bench import Bench, CutOff
from tests.erp.business_central_client import a_client
from tests.erp.orders import an_action, approved
from tests.erp.under_test import ClockOnTheWall
from tests.erp.world import BULK, CENTS, LONG, MANY, NOW, PARTLY_RECEIVED, TODAY
from tools.domain.decision import CreatePurchaseOrder, DraftOrderLine
from tools.domain.documents import OrderState
from tools.domain.money import Money
from tools.erp.answers import from_json, to_json
from tools.erp.contract import Capability
from tools.erp.errors import ErpRejected, NotSupported, OutcomeUnknown
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults


class Altered(httpx.AsyncBaseTransport):
    """Orders that are read by their number come back changed, as by another app on the ERP's side."""

    def __init__(self, inner: httpx.AsyncBaseTransport, change: Callable[[Any], None]) -> None:
        self._inner = inner
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if request.method != "GET" or "number eq" not in str(request.url.params.get("$filter", "")):
            return answer
        body = from_json(await answer.aread())
        self._change(body["value"][0])
        return httpx.Response(200, content=to_json(body))


@pytest.fixture
async def bench(company: Company, faults: Faults) -> AsyncIterator[Bench]:
    made = Bench(company, faults)
    yield made
    await made.erp.close()


def an_order(company: Company, **values: Any) -> CreatePurchaseOrder:
    action = an_action(Capability.CREATE_PURCHASE_ORDER, company)
    assert isinstance(action, CreatePurchaseOrder)
    return action.model_copy(update=values)


def a_draft_line(**values: Any) -> DraftOrderLine:
    fields = {
        "account": "4100",
        "description": "Chairs",
        "quantity": Decimal(2),
        "unit": "H87",
        "unit_price": Money.of("10.00", "EUR"),
    }
    return DraftOrderLine.model_validate({**fields, **values})


def orders(company: Company) -> list[str]:
    return sorted(company.books.orders)


async def test_an_order_is_a_draft_with_our_reference_above_its_lines(bench: Bench, company: Company) -> None:
    posting = await bench.erp.write(approved(an_order(company)))
    read = (await bench.erp.orders([posting.number]))[posting.number]  # type: ignore[index,list-item]
    assert (read.state, read.supplier_id, len(read.lines)) == (OrderState.DRAFT, BULK, 1)
    assert company.books.orders[posting.number].reference == "CASE-90001"
    assert (await bench.erp.find(approved(an_order(company, reference="case-90001")))) == posting.model_copy(
        update={"reference": "case-90001"}
    )
    assert await bench.erp.find(approved(an_order(company, reference="CASE-90002"))) is None


async def test_two_orders_under_one_reference_are_for_a_person(bench: Bench, company: Company) -> None:
    made = await bench.erp.write(approved(an_order(company)))
    line = company.books.orders[made.number].order.lines[0]
    company.purchasing.create_order(BULK, "EUR", [line], reference="CASE-90001")
    with pytest.raises(OutcomeUnknown, match="2 orders under reference CASE-90001"):
        await bench.erp.find(approved(an_order(company)))


async def test_an_order_under_our_reference_that_says_otherwise_is_told(
    bench: Bench, company: Company
) -> None:
    await bench.erp.write(approved(an_order(company)))
    line = an_order(company).lines[0]
    found = await bench.erp.find(
        approved(an_order(company, lines=(line.model_copy(update={"tax_code": "S0"}),)))
    )
    assert found is not None and found.differs is not None
    assert found.differs.endswith("the tax code is S21 there and S0 here")


async def test_a_reference_that_stands_there_is_not_created_again(bench: Bench, company: Company) -> None:
    await bench.erp.write(approved(an_order(company)))
    before = orders(company)
    with pytest.raises(ErpRejected, match="already stands in Business Central on order"):
        await bench.erp.write(approved(an_order(company)))
    assert orders(company) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: row.update(currencyCode="USD"), "the currency is USD there and EUR here"),
        (lambda row: row["purchaseOrderLines"][1].update(directUnitCost=Decimal("9.5")), "at 9.5 there"),
        (lambda row: row["purchaseOrderLines"][1].update(quantity=Decimal(12)), "12 of BRACKET"),
        (lambda row: row["purchaseOrderLines"][1].update(discountPercent=Decimal(5)), "discount of 5 %"),
        (lambda row: row["purchaseOrderLines"][1].update(unitOfMeasureCode="BOX"), "the unit is BOX there"),
        (lambda row: row["purchaseOrderLines"][1].update(unitOfMeasureCode=""), "the unit is none there"),
        (lambda row: row["purchaseOrderLines"][1].update(taxCode="S9"), "the tax code is S9 there and S21"),
        (
            lambda row: row["purchaseOrderLines"][1].update(lineType="Account"),
            "is Account there and Item here",
        ),
        (lambda row: row["purchaseOrderLines"].pop(), "0 lines there and 1 here"),
    ],
)
async def test_an_order_that_differs_from_what_was_approved_is_taken_out(
    bench: Bench, company: Company, change: Callable[[Any], None], words: str
) -> None:
    before = orders(company)
    erp = bench.through(Altered(bench.recorder, change))
    with pytest.raises(ErpRejected, match=words):
        await erp.write(approved(an_order(company)))
    assert orders(company) == before
    await erp.close()


async def test_an_order_that_cannot_be_taken_out_is_named(bench: Bench, company: Company) -> None:
    erp = bench.through(Altered(bench.recorder, lambda row: row.update(currencyCode="USD")))
    bench.faults.plan("delete", FaultKind.CONNECTION_REFUSED)
    with pytest.raises(ErpRejected, match=r"draft order \d+ could not be deleted"):
        await erp.write(approved(an_order(company)))
    await erp.close()


async def test_an_order_that_cannot_be_read_back_is_unknown_and_found_later(
    bench: Bench, company: Company
) -> None:
    erp = bench.through(CutOff(bench.recorder, "purchaseOrders"))
    with pytest.raises(OutcomeUnknown, match="could not be read back"):
        await erp.write(approved(an_order(company)))
    found = await bench.erp.find(approved(an_order(company)))
    assert found is not None
    await erp.close()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (a_draft_line(unit_price=Money.of("1.000001", "EUR")), "five decimals"),
        (a_draft_line(unit="TNE"), "the unit TNE is not set up"),
        (a_draft_line(account=None), "neither an item nor an account"),
    ],
)
async def test_what_business_central_cannot_hold_is_refused_before_anything_is_sent(
    bench: Bench, company: Company, line: DraftOrderLine, words: str
) -> None:
    with pytest.raises(ErpRejected, match=words):
        await bench.erp.write(approved(an_order(company, lines=(line,))))
    assert not [
        request
        for request in bench.recorder.requests
        if request.method == "POST" and request.url.path.endswith("purchaseOrders")
    ]


async def test_a_reference_longer_than_a_description_is_refused(bench: Bench, company: Company) -> None:
    with pytest.raises(ErpRejected, match="more than 100 characters"):
        await bench.erp.write(approved(an_order(company, reference="x" * 101)))


async def test_a_released_order_refuses_a_new_price_which_is_why_amending_is_declined(
    bench: Bench, company: Company
) -> None:
    async with a_client(company) as client:
        rows = await client.get(f"purchaseOrders?$filter=number eq '{LONG}'&$expand=purchaseOrderLines")
        line = rows["value"][0]["purchaseOrderLines"][0]
        path = f"purchaseOrderLines({line['id']})"
        told = await client.refused("PATCH", path, {"directUnitCost": 2}, If_Match=line["@odata.etag"])
        assert told[0] == 400
        assert "Current value is 'Released'" in told[2]
    with pytest.raises(NotSupported, match="no action to reopen"):
        await bench.erp.write(approved(an_action(Capability.AMEND_ORDER_LINE, company)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": "1"}, "read-only"),
        ({"status": "Open"}, "read-only"),
        ({"yourReference": "x"}, "does not exist"),
        ({"vendorNumber": ""}, 'A "vendorNumber" or a "vendorId" must be provided.'),
        ({"vendorNumber": "99999"}, "The buy-from vendor cannot be found."),
        ({"shipToName": "x"}, "cannot keep the field 'shipToName'"),
        ({"pricesIncludeTax": True}, "without tax"),
        ({"purchaseOrderLines": {}}, "must be a list"),
        ({"purchaseOrderLines": [{"lineType": "Comment"}]}, "a description and nothing else"),
        ({"purchaseOrderLines": [{"lineType": "Comment", "description": "a"}] * 2}, "one comment line"),
        ({"purchaseOrderLines": [{"lineType": "Item", "lineObjectNumber": "BRACKET"}]}, "unit of measure"),
    ],
)
async def test_a_draft_order_is_checked_as_the_service_does(
    company: Company, change: dict[str, Any], words: str
) -> None:
    async with a_client(company) as client:
        body = {"vendorNumber": BULK, **change}
        assert words in (await client.refused("POST", "purchaseOrders", body))[2]


async def test_a_released_order_is_not_deleted(company: Company) -> None:
    async with a_client(company) as client:
        rows = await client.get(f"purchaseOrders?$filter=number eq '{LONG}'")
        path = f"purchaseOrders({rows['value'][0]['id']})"
        assert "Released" in (await client.refused("DELETE", path, If_Match="*"))[2]
    assert LONG in company.books.orders


async def test_orders_changed_by_their_header_or_by_a_receipt_come_in_one_call(
    bench: Bench, company: Company, clock: ClockOnTheWall
) -> None:
    await bench.erp.orders([CENTS])
    before = len(bench.recorder.requests)
    clock.now += timedelta(minutes=1)
    company.purchasing.change_state(MANY[0], OrderState.DRAFT)
    company.purchasing.receive(PARTLY_RECEIVED, {"30000": Decimal(1)}, TODAY)
    assert await bench.erp.orders_changed_since(NOW) == {MANY[0], PARTLY_RECEIVED}
    assert len(bench.recorder.requests) - before == 1
    with pytest.raises(ValueError, match="time zone"):
        await bench.erp.orders_changed_since(NOW.replace(tzinfo=None))
