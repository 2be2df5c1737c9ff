"""Exact Online's JSON in our terms: doubles, moments, percentages, units, signs, days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType, OrderState
from tools.domain.identifiers import CompanyId
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.answers import from_json
from tools.erp.exact import mapping, wire, wire_ledger

COMPANY = mapping.Company(CompanyId("NZT"), "EUR", {"doos12": "XCT"})
LINE: dict[str, Any] = {
    "ID": "l-1",
    "PurchaseOrderID": "o-1",
    "LineNumber": 1,
    "ItemCode": "BRACKET",
    "Description": "Bracket",
    "Unit": "pc",
    "Quantity": 10,
    "QuantityInPurchaseUnits": 10,
    "UnitPrice": 4.5,
}
ENTRY: dict[str, Any] = {
    "EntryID": "e-1",
    "EntryNumber": 26700017,
    "Type": 30,
    "Status": 20,
    "Supplier": "s-1",
    "YourRef": "RE-1",
    "EntryDate": "/Date(1773100800000)/",
    "Currency": "EUR",
    "AmountFC": Decimal("121.00000000000001"),
    "VATAmountFC": 21,
    "ReportingYear": 2026,
    "ReportingPeriod": 3,
}
MARCH = wire_ledger.Period.model_validate(
    {
        "FinYear": 2026,
        "FinPeriod": 3,
        "StartDate": "/Date(1772323200000)/",
        "EndDate": "/Date(1774915200000)/",
    }
)
APRIL = wire_ledger.Period.model_validate(
    {
        "FinYear": 2026,
        "FinPeriod": 4,
        "StartDate": "/Date(1775001600000)/",
        "EndDate": "/Date(1777507200000)/",
    }
)


def a_line(**values: Any) -> wire.OrderLine:
    return wire.OrderLine.model_validate({**LINE, **values})


def an_order(**values: Any) -> wire.Order:
    row = {
        "PurchaseOrderID": "o-1",
        "OrderNumber": 451001,
        "SupplierCode": "             10010",
        "Currency": "EUR",
        "OrderStatus": 10,
        "PurchaseOrderLines": {"results": [LINE]},
    }
    return wire.Order.model_validate({**row, **values})


def an_entry(**values: Any) -> wire.Entry:
    return wire.Entry.model_validate({**ENTRY, **values})


def posted(**values: Any) -> Any:
    return mapping.entry(an_entry(**values), "10010", [MARCH, APRIL], frozenset())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("121.00000000000001", "121"), ("0.1", "0.1"), ("33.335", "33.335"), ("1e2", "100"), ("-7", "-7")],
)
def test_a_double_is_the_number_that_was_meant(text: str, expected: str) -> None:
    read = wire.OrderLine.model_validate({**LINE, "UnitPrice": from_json(text)})
    assert read.unit_price == Decimal(expected)
    assert "E" not in str(read.unit_price)


def test_moments_are_days_in_utc_and_a_missing_one_is_absent() -> None:
    assert an_entry().entry_date == date(2026, 3, 10)
    assert an_entry(EntryDate="/Date(-62135596800000)/").entry_date == date(1, 1, 1)
    assert an_entry(EntryDate=None).entry_date is None


@pytest.mark.parametrize(
    ("given", "expected"), [("0.21", "21"), ("21", "21"), ("0.055", "5.5"), ("0", "0"), ("5.5", "5.5")]
)
def test_a_tax_rate_is_in_percent_however_it_is_written(given: str, expected: str) -> None:
    assert mapping.percent(Decimal(given)) == Decimal(expected)


@pytest.mark.parametrize(
    ("discount", "net", "expected"),
    [
        ("0.025", "97.5", "2.5"),
        ("2.5", "97.5", "2.5"),
        ("0.5", "99.5", "0.5"),
        ("0.5", "50", "50"),
        ("0.1", None, "10"),
        ("10", None, "10"),
        (None, "100", "0"),
    ],
)
def test_the_net_price_tells_what_a_discount_means(
    discount: str | None, net: str | None, expected: str
) -> None:
    row = a_line(UnitPrice=100, Discount=discount and Decimal(discount), NetPrice=net and Decimal(net))
    assert mapping.discount(row) == Decimal(expected)


def test_a_price_for_another_purchase_unit_is_for_one_item_unit() -> None:
    """Two boxes of twelve at 60 each."""
    row = a_line(Quantity=24, QuantityInPurchaseUnits=2, UnitPrice=60)
    order = mapping.order(an_order(PurchaseOrderLines={"results": [row.model_dump(by_alias=True)]}), COMPANY)
    assert (order.lines[0].ordered, order.lines[0].unit_price) == (24, Money.of("5", "EUR"))


@pytest.mark.parametrize(("code", "unit"), [("pc", "H87"), ("doos12", "XCT"), ("", "C62"), ("wat", "wat")])
def test_units_are_read_by_name_or_as_the_settings_say(code: str, unit: str) -> None:
    assert COMPANY.unit(code) == unit


@pytest.mark.parametrize(
    ("status", "approval", "state"),
    [
        (10, 1, OrderState.OPEN),
        (20, 2, OrderState.OPEN),
        (10, 0, OrderState.DRAFT),
        (30, 0, OrderState.CLOSED),
        (40, 1, OrderState.CANCELLED),
        (10, None, OrderState.OPEN),
    ],
)
def test_an_order_that_awaits_approval_is_a_draft(
    status: int, approval: int | None, state: OrderState
) -> None:
    assert mapping.order(an_order(OrderStatus=status, ApprovalStatus=approval), COMPANY).state is state


def test_a_line_without_an_item_needs_no_receipt() -> None:
    order = mapping.order(an_order(PurchaseOrderLines={"results": [{**LINE, "ItemCode": None}]}), COMPANY)
    assert (order.lines[0].receipt_required, order.lines[0].item_number) == (False, None)
    assert order.supplier_id == "10010"


def test_any_change_of_a_line_is_another_version_of_its_order() -> None:
    changed = {"results": [{**LINE, "ReceivedQuantity": 1}]}
    before, after = (
        mapping.order(an_order(), COMPANY),
        mapping.order(an_order(PurchaseOrderLines=changed), COMPANY),
    )
    assert before.version != after.version
    assert before.version == mapping.order(an_order(), COMPANY).version


def test_an_entry_is_positive_and_its_type_or_its_sign_tells_a_credit_note() -> None:
    credit = posted(Type=31, AmountFC=-121, VATAmountFC=-21)
    assert (credit.document_type, credit.gross, credit.tax, credit.net) == (
        DocumentType.CREDIT_NOTE,
        Money.of("121", "EUR"),
        Money.of("21", "EUR"),
        Money.of("100", "EUR"),
    )
    assert posted().gross == Money.of("121", "EUR")
    below_zero = posted(Type=30, AmountFC=-5, VATAmountFC=0)
    assert (below_zero.document_type, below_zero.gross) == (DocumentType.CREDIT_NOTE, Money.of("5", "EUR"))


def test_a_rejected_entry_counts_for_nothing() -> None:
    assert posted(Status=5).state is PostingState.CANCELLED
    assert posted(Status=50).state is PostingState.POSTED


def test_the_posting_day_follows_the_reporting_period() -> None:
    assert posted().posting_date == date(2026, 3, 10)
    assert posted(ReportingPeriod=4).posting_date == date(2026, 4, 1)
    assert posted(ReportingYear=2030).posting_date == date(2026, 3, 10), "a period nobody knows"


def test_an_entry_is_paid_when_all_its_terms_are() -> None:
    rows = [
        wire_ledger.Payment.model_validate({"ID": str(at), "TransactionEntryID": entry, "Status": status})
        for at, (entry, status) in enumerate(
            [("a", 50), ("a", 20), ("b", 40), ("b", 50), ("c", 30), (None, 50)]
        )
    ]
    assert mapping.settled(rows) == {"b"}


@pytest.mark.parametrize(("blocked", "block"), [(True, SupplierBlock.ALL), (False, SupplierBlock.NONE)])
def test_a_supplier_is_read_with_its_accounts_main_one_first(blocked: bool, block: SupplierBlock) -> None:
    row = wire.Account.model_validate(
        {
            "ID": "a-1",
            "Code": "                25",
            "Name": "Nord",
            "TradeName": "Nord Shop",
            "GLAccountPurchase": "g-1",
            "Blocked": blocked,
            "BankAccounts": {
                "results": [
                    {"Account": "a-1", "BankAccount": "NL44 RABO 0123 4567 89", "Main": False},
                    {"Account": "a-1", "BankAccount": "NL64ABNA0417164301", "Main": True},
                    {"Account": "a-1", "BankAccount": None, "Main": None},
                ]
            },
        }
    )
    read = mapping.supplier(row, COMPANY, {"g-1": "4100"})
    assert (read.supplier_id, read.block, read.default_account) == ("25", block, "4100")
    assert [account.iban for account in read.bank_accounts] == ["NL64ABNA0417164301", "NL44RABO0123456789"]
    assert (read.trading_names, read.currency) == (("Nord Shop",), None)


def test_lines_that_were_not_asked_for_are_an_address_and_no_lines() -> None:
    deferred = {"__deferred": {"uri": "…/PurchaseOrderLines"}}
    assert an_order(PurchaseOrderLines=deferred).order_lines == ()


def test_a_delivery_of_two_orders_is_a_receipt_of_each() -> None:
    header = wire.Receipt.model_validate(
        {"ID": "r-1", "ReceiptNumber": 7, "ReceiptDate": "/Date(1773100800000)/"}
    )
    lines = [
        wire.ReceiptLine.model_validate(
            {
                "ID": f"x-{at}",
                "GoodsReceiptID": "r-1",
                "PurchaseOrderNumber": order,
                "PurchaseOrderLineID": f"l-{at}",
                "LineNumber": at,
                "QuantityReceived": at,
            }
        )
        for at, order in enumerate((451001, 451002, 451001, None), start=1)
    ]
    found = mapping.receipts([header], lines, {"l-1": 3, "l-2": 1}, COMPANY)
    assert {each.order_number: [line.order_line_id for line in each.lines] for each in found} == {
        "451001": ["3", None],
        "451002": ["1"],
    }
