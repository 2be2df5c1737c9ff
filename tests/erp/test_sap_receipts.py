"""Which goods receipts are open for billing in SAP: in the order's unit, less what went back or waits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tools.erp.sap.documents import InvoiceState, Movement, OrderItem, OrderReference
from tools.erp.sap.receipts import open_receipts

ITEM = OrderItem.model_validate(
    {
        "PurchaseOrder": "4500000001",
        "PurchaseOrderItem": "00010",
        "OrderQuantity": "100",
        "PurchaseOrderQuantityUnit": "ST",
        "OrderPriceUnitToOrderUnitNmrtr": "1",
        "OrdPriceUnitToOrderUnitDnmntr": "1",
        "NetPriceAmount": "1",
        "NetPriceQuantity": "1",
    }
)
UNITS = {"ST": "H87", "DZ": "DZN", "KAR": "XCT"}


def move(document: str, kind: str, quantity: int, unit: str = "ST", **values: Any) -> Movement:
    told = {
        "MaterialDocumentYear": "2026",
        "MaterialDocument": document,
        "MaterialDocumentItem": "1",
        "GoodsMovementType": kind,
        "PurchaseOrder": "4500000001",
        "PurchaseOrderItem": "10",
        "EntryUnit": unit,
        "QuantityInEntryUnit": str(quantity),
        "MaterialBaseUnit": values.pop("base_unit", "ST"),
        "QuantityInBaseUnit": str(values.pop("base", quantity)),
        "DebitCreditCode": "H" if kind in ("102", "122", "161", "106", "124") else "S",
        **values,
    }
    return Movement.model_validate(told)


def left(*moves: Movement) -> dict[str, int]:
    """Material document -> quantity that may still be billed."""
    found = open_receipts(moves, [ITEM], UNITS.__getitem__, [], {})
    keys = found.of_item.get(("4500000001", "10"), [])
    return {key[1]: int(found.received[key]) for key in keys if found.received[key]}


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([move("1", "101", 5, "KAR", base=120)], {"1": 120}),
        ([move("1", "101", 2, "DZ", base_unit="KG", base=7)], {"1": 24}),
        ([move("1", "101", 5, "KAR", base_unit="KG", base=7)], {}),
        ([move("1", "103", 10), move("2", "105", 10)], {"2": 10}),
        ([move("1", "103", 10), move("2", "124", 10)], {}),
        ([move("1", "101", 10), move("2", "122", 10), move("3", "101", 8)], {"3": 8}),
        ([move("1", "101", 10), move("2", "101", 8), move("3", "161", 3)], {"1": 10, "2": 5}),
        ([move("5", "101", 10), move("4", "122", 4)], {"5": 6}),
        ([move("1", "101", 10), move("2", "122", 4), move("3", "123", 4)], {"1": 10}),
        ([move("1", "101", 10), move("2", "122", 1, "KAR", base_unit="KG")], {}),
    ],
)
def test_receipts_count_as_far_as_they_stayed(moves: list[Movement], expected: dict[str, int]) -> None:
    assert left(*moves) == expected


def test_a_cancelled_receipt_takes_its_cancellation_with_it() -> None:
    first = move("1", "101", 10, GoodsMovementIsCancelled=True)
    assert left(first, move("2", "101", 7), move("3", "102", 10)) == {"2": 7}


def test_a_return_takes_from_the_receipt_that_it_names() -> None:
    origin = {
        "ReferenceDocumentFiscalYear": "2026",
        "InvtryMgmtReferenceDocument": "1",
        "InvtryMgmtRefDocumentItem": "0001",
    }
    assert left(move("1", "101", 10), move("2", "101", 8), move("3", "122", 10, **origin)) == {"2": 8}


def test_a_later_debit_bills_no_quantity() -> None:
    posted = {"SupplierInvoice": "51", "FiscalYear": "2026"}
    state = InvoiceState.model_validate({**posted, "SupplierInvoiceStatus": "5"})
    reference = OrderReference.model_validate(
        {
            **posted,
            "PurchaseOrder": "4500000001",
            "PurchaseOrderItem": "10",
            "ReferenceDocument": "1",
            "ReferenceDocumentFiscalYear": "2026",
            "ReferenceDocumentItem": "1",
            "IsSubsequentDebitCredit": "X",
            "SupplierInvoiceItemAmount": "5",
            "QuantityInPurchaseOrderUnit": "10",
        }
    )
    found = open_receipts([move("1", "101", 10)], [ITEM], UNITS.__getitem__, [reference], {state.key: state})
    assert found.billed.get(("2026", "1", "1"), Decimal(0)) == 0
