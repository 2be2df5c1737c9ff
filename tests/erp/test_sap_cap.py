"""A second opinion on the SAP connector: SAP's own OData server (CAP with its adapter for OData V2) answers
its reads and writes. The server knows only the published tables and the standard world's rows; what it makes
of addresses, filters, batches, expansions and deep inserts is SAP's work. Without npm the tests are skipped
and say so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date

import pytest

from tests.erp.chart import COST_CENTRES
from tests.erp.contract.records import as_carried
from tests.erp.orders import an_action, an_invoice, approved, billing_lines, invoice_fields
from tests.erp.sap_cap_server import made, serving
from tests.erp.sap_setup import LOSES
from tests.erp.under_test import standard_company
from tests.erp.world import (
    LONG,
    NOW,
    OFFICE,
    ORDERS,
    PARTLY_RECEIVED,
    SUPPLIERS,
    TOOLS,
    goods_receipts,
    key_of,
)
from tools.domain.decision import CreatePurchaseOrder, ParkInvoice, PostingState
from tools.domain.documents import OrderState
from tools.domain.money import Money
from tools.erp.contract import Capability, Erp
from tools.erp.errors import ErpAccessDenied, ErpRejected
from tools.erp.sandbox.company import Company
from tools.erp.sap import connector, sandbox

pytestmark = pytest.mark.slow
LOGIN = {"user": "APAGENT", "password": "sandbox-password"}


@pytest.fixture(scope="module")
def world() -> Company:
    return standard_company(lambda: NOW)


@pytest.fixture(scope="module")
def address(world: Company) -> Iterator[str]:
    reason = made()
    if reason is not None:
        pytest.skip(f"SAP's own OData server cannot be installed here, so it did not look: {reason}")
    with serving(world) as found:
        yield found


def settings(world: Company, address: str, **values: str) -> connector.Settings:
    told = {name: value for name, value in sandbox.login(world, address).items() if "client" not in name}
    del told["token_url"]
    return connector.Settings.model_validate({**told, **LOGIN, "page_size": 3, **values})


@pytest.fixture
async def erp(world: Company, address: str) -> AsyncIterator[Erp]:
    found = connector.connect(settings(world, address))
    yield found
    await found.close()


async def test_a_wrong_password_is_for_the_administrator(world: Company, address: str) -> None:
    found = connector.connect(settings(world, address, password="wrong"))
    with pytest.raises(ErpAccessDenied):
        await found.orders([LONG])
    await found.close()


async def test_every_order_arrives_as_it_is(erp: Erp) -> None:
    read = await erp.orders(list(ORDERS))
    wrong = {
        number
        for number in set(ORDERS) - {PARTLY_RECEIVED, LONG}
        if as_carried(read[number], LOSES) != as_carried(ORDERS[number], LOSES)
    }
    assert set(read) == set(ORDERS)
    assert not wrong


async def test_every_supplier_and_receipt_arrives_as_it_is(erp: Erp) -> None:
    suppliers = {supplier.supplier_id: supplier async for supplier in erp.suppliers()}
    assert {key: as_carried(value, LOSES) for key, value in suppliers.items()} == {
        key: as_carried(value, LOSES) for key, value in SUPPLIERS.items()
    }
    numbers = [number for number in goods_receipts() if number != PARTLY_RECEIVED]
    read = await erp.receipts(numbers)
    assert {number: read[number] for number in numbers} == {
        number: goods_receipts()[number] for number in numbers
    }


async def test_earlier_invoices_open_items_and_codings_are_read(erp: Erp) -> None:
    keys = [key_of(TOOLS, "re-2026/017", date(2026, 1, 1)), key_of(OFFICE, "VD-88001", date(2026, 1, 9))]
    found = await erp.invoices(keys)
    assert [(found[key][0].number, found[key][0].state) for key in keys] == [
        ("510001", PostingState.POSTED),
        ("510002", PostingState.PAID),
    ]
    assert found[keys[0]][0].tax == Money.of("113.27", "EUR")
    items = await erp.open_items([OFFICE, TOOLS])
    assert items[TOOLS][0].amount == Money.of("652.67", "EUR")
    assert {account.number for account in await erp.accounts() if account.direct_posting} >= {"4100", "4200"}
    assert {centre.code: centre for centre in await erp.cost_centres()} == {
        centre.code: centre for centre in COST_CENTRES
    }
    assert len([posting async for posting in erp.posted_since(None)]) >= 4


async def test_an_invoice_over_an_order_is_posted_and_counts_on_it(erp: Erp) -> None:
    action = an_invoice("250.00", "52.50", lines=billing_lines({"10000": ("25", "10.00")}))
    assert await erp.find(approved(action)) is None
    posting = await erp.write(approved(action))
    assert (posting.state, posting.tax) == (PostingState.POSTED, Money.of("52.50", "EUR"))
    assert await erp.find(approved(action)) == posting
    assert (await erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED].lines[0].invoiced == 25
    with pytest.raises(ErpRejected, match="already exists"):
        await erp.write(approved(action))


async def test_a_parked_invoice_is_found_as_one(erp: Erp) -> None:
    action = ParkInvoice(**invoice_fields(number="CAP-PARKED-0000000001"))
    await erp.write(approved(action))
    found = await erp.find(approved(action))
    assert found is not None
    assert (found.state, found.supplier_number) == (PostingState.DRAFT, "CAP-PARKED-0000000001")


async def test_a_goods_receipt_is_posted_and_counts_on_its_order(erp: Erp, world: Company) -> None:
    action = an_action(Capability.CREATE_GOODS_RECEIPT, world)
    posting = await erp.write(approved(action))
    assert await erp.find(approved(action)) == posting
    assert (await erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED].lines[2].received == 5


async def test_an_order_line_without_a_version_is_not_amended(erp: Erp, world: Company) -> None:
    """This server keeps no ETags: a change could overwrite a colleague's."""
    before = (await erp.orders([LONG]))[LONG]
    with pytest.raises(ErpRejected, match="gives no version"):
        await erp.write(approved(an_action(Capability.AMEND_ORDER_LINE, world)))
    assert (await erp.orders([LONG]))[LONG] == before


async def test_an_order_is_created_incomplete(erp: Erp, world: Company) -> None:
    action = an_action(Capability.CREATE_PURCHASE_ORDER, world)
    assert isinstance(action, CreatePurchaseOrder)
    posting = await erp.write(approved(action))
    (order,) = (await erp.orders([posting.number])).values()  # type: ignore[list-item]
    assert (order.state, order.lines[0].ordered) == (OrderState.DRAFT, 10)


async def test_a_posted_invoice_is_cancelled(erp: Erp, world: Company) -> None:
    action = an_action(Capability.REVERSE_INVOICE, world)
    posting = await erp.write(approved(action))
    assert await erp.find(approved(action)) == posting


async def test_what_the_server_does_not_describe_is_named(erp: Erp) -> None:
    told = await erp.shortcomings()
    assert len(told) == 3
    assert all("API_CV_ATTACHMENT_SRV" in each or "Post" in each or "Release" in each for each in told)
