"""Draft orders at Oracle: header and lines for a buyer, found by our reference."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.erp.oracle_client import Bench
from tests.erp.orders import an_action, approved
from tests.erp.world import BULK, TOOLS
from tools.domain.decision import CreatePurchaseOrder, PostingState
from tools.domain.documents import OrderState
from tools.domain.money import Money
from tools.erp.contract import Capability
from tools.erp.errors import ErpRejected, NotSupported, OutcomeUnknown
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


def an_order(company: Company, line: dict[str, Any] | None = None, **values: Any) -> CreatePurchaseOrder:
    action = an_action(Capability.CREATE_PURCHASE_ORDER, company)
    assert isinstance(action, CreatePurchaseOrder)
    lines = tuple(each.model_copy(update=line or {}) for each in action.lines)
    return action.model_copy(update={"lines": lines, **values})


async def test_a_draft_names_buyer_style_and_unit_and_waits_for_its_buyer(bench: Bench) -> None:
    posting = await bench.erp.write(approved(an_order(bench.company)))
    (body,) = bench.bodies("/draftPurchaseOrders")
    assert (body["BuyerId"], body["DocumentStyleId"], body["Description"]) == (300000047, 1, "CASE-90001")
    assert body["SupplierId"] > 2**53
    assert body["lines"] == [
        {"LineNumber": 1, "LineType": "Goods", "Item": "BRACKET", "Description": "Bracket, steel"}
        | {"Quantity": 10, "UOMCode": "PCS", "Price": Decimal("10.00")}
    ]
    card = bench.company.purchasing.card(posting.number)
    assert (posting.state, card.order.state) == (PostingState.POSTED, OrderState.DRAFT)
    assert await bench.erp.orders([card.order.number]) == {}, "it is no order before it was submitted"


async def test_a_draft_is_found_after_its_buyer_submitted_it_too(bench: Bench) -> None:
    order = approved(an_order(bench.company))
    posting = await bench.erp.write(order)
    bench.company.purchasing.change_state(posting.number, OrderState.OPEN)
    found = await bench.erp.find(order)
    assert found is not None
    assert (found.erp_id, found.number) == (posting.erp_id, posting.number)
    assert await bench.erp.find(approved(an_order(bench.company, supplier_id=TOOLS))) is None


async def test_several_orders_under_one_reference_are_for_a_person(bench: Bench) -> None:
    for _ in range(2):
        await bench.erp.write(approved(an_order(bench.company, reference=f"R{_}")))
    for card in list(bench.company.books.orders.values()):
        if card.order.supplier_id == BULK and card.reference is not None:
            same = card.model_copy(update={"reference": "SAME"})
            bench.company.books.orders[card.order.number] = same
    with pytest.raises(OutcomeUnknown, match="several orders are described as SAME"):
        await bench.erp.find(approved(an_order(bench.company, reference="SAME")))


@pytest.mark.parametrize(
    ("line", "values", "told"),
    [
        ({"item_number": None, "account": "4100"}, {}, "without an item needs a category"),
        ({"unit": "KGM"}, {}, "no unit code of Oracle for KGM"),
        ({"unit_price": Money.of("1", "USD")}, {}, "priced in USD"),
        ({}, {"reference": "x" * 241}, "cannot be kept as the description"),
    ],
)
async def test_what_a_draft_cannot_hold_is_refused_before_sending(
    bench: Bench, line: dict[str, Any], values: dict[str, Any], told: str
) -> None:
    with pytest.raises(ErpRejected, match=told):
        await bench.erp.write(approved(an_order(bench.company, line, **values)))
    assert bench.changes() == []


async def test_without_a_buyer_in_the_settings_drafts_are_declined(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, draft_orders=None)
    with pytest.raises(NotSupported, match="draft_orders"):
        await bench.erp.write(approved(an_order(company)))
    assert await bench.erp.shortcomings() == []


async def test_a_buyer_that_oracle_does_not_know_makes_no_draft(company: Company, faults: Faults) -> None:
    wrong = {"buyer_id": 1, "document_style_id": 1, "procurement_bu_id": 300000048}
    bench = Bench(company, faults, draft_orders=wrong)
    before = len(company.books.orders)
    with pytest.raises(ErpRejected, match="BuyerId"):
        await bench.erp.write(approved(an_order(company)))
    assert len(company.books.orders) == before
