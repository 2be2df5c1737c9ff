"""Signs, prices, dates and states between Business Central and our terms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.erp.orders import a_line
from tools.domain.decision import PostingState
from tools.domain.documents import OrderState
from tools.domain.money import Money, round_amount
from tools.domain.supplier import SupplierBlock
from tools.erp.business_central import mapping, wire
from tools.erp.business_central.documents import cost_centre
from tools.erp.business_central.mapping import Priced, priced
from tools.erp.business_central.odata import (
    LONGEST_URL,
    MOST_COMPARISONS,
    Query,
    letter_cases,
    literal,
    moment,
    queries_for,
)
from tools.erp.contract import PostingWindow
from tools.erp.errors import ErpRejected

UNITS = [("PCS", "H87"), ("STK", "H87"), ("KG", ""), ("ODD", "")]
SETUP = mapping.setup_of(
    "NZT",
    wire.LedgerSetup.model_validate({"localCurrencyCode": "EUR"}),
    [wire.Unit.model_validate({"code": code, "internationalStandardCode": iso}) for code, iso in UNITS],
)


def an_order(**values: Any) -> wire.Order:
    header = {
        "@odata.etag": "W/1",
        "id": "0a4f4f0e-3a55-5b7e-9a08-2f1c5d7e6b91",
        "number": "106001",
        "vendorNumber": "10010",
        "status": "Open",
        "purchaseOrderLines": [],
    }
    return wire.Order.model_validate({**header, **values})


def a_wire_line(**values: Any) -> dict[str, Any]:
    return {
        "@odata.etag": "W/9",
        "sequence": 10000,
        "lineType": "Item",
        "lineObjectNumber": "1896-S",
        "unitOfMeasureCode": "PCS",
        "quantity": Decimal(4),
        "directUnitCost": Decimal("780.7"),
        "receivedQuantity": Decimal(0),
        "invoicedQuantity": Decimal(0),
        **values,
    }


def an_invoice(**values: Any) -> wire.Invoice:
    header = {
        "@odata.etag": "W/1",
        "id": "1",
        "number": "108001",
        "vendorNumber": "10010",
        "totalAmountExcludingTax": Decimal("100.00"),
        "totalTaxAmount": Decimal("21.00"),
        "totalAmountIncludingTax": Decimal("121.00"),
        "status": "Open",
    }
    return wire.Invoice.model_validate({**header, **values})


def sent_amount(quantity: Decimal, price: Decimal, discount: Decimal, currency: str) -> Decimal:
    """What Business Central makes of a line."""
    return round_amount(quantity * price, currency) - discount


@given(
    net=st.decimals(Decimal("-99999.99"), Decimal("99999.99"), places=2),
    quantity=st.decimals(Decimal("0.001"), Decimal(10000), places=3),
    price=st.decimals(Decimal(0), Decimal(99999), places=7),
)
def test_the_line_amount_is_right_to_the_cent_whatever_the_price(
    net: Decimal, quantity: Decimal, price: Decimal
) -> None:
    line = a_line(str(net), quantity=quantity, unit_price=price)
    sent = priced(line)
    assert sent is not None
    assert sent_amount(sent.quantity, sent.unit_cost, sent.discount, "EUR") == net
    assert abs(sent.quantity) == quantity
    assert sent.unit_cost == round(sent.unit_cost, 5)
    assert sent.discount * net >= 0


@pytest.mark.parametrize(
    ("net", "quantity", "price", "expected"),
    [
        ("100.00", "10", "10.00", ("10", "10.00", "0")),
        ("308.50", "2500", "0.1234", ("2500", "0.1234", "0")),
        ("12.50", "3", "4.1666667", ("3", "4.16667", "0")),
        ("97.50", "10", "10.00", ("10", "10.00", "2.50")),
        ("105.00", "10", "10.00", ("10", "10.5", "0")),
        ("-20.00", "2", "10.00", ("-2", "10.00", "0")),
        ("-20.00", "-2", "10.00", ("-2", "10.00", "0")),
        ("-20.00", "2", "-10.00", ("-2", "10.00", "0")),
        ("-18.00", "-2", "10.00", ("-2", "10.00", "-2.00")),
    ],
)
def test_prices_are_sent_as_approved_where_that_gives_the_amount(
    net: str, quantity: str, price: str, expected: tuple[str, str, str]
) -> None:
    sent = priced(a_line(net, quantity=Decimal(quantity), unit_price=Decimal(price)))
    assert sent is not None
    assert (sent.quantity, sent.unit_cost, sent.discount) == tuple(Decimal(value) for value in expected)


def test_an_amount_without_a_quantity_cannot_be_sent() -> None:
    line = a_line("5.00").model_copy(update={"quantity": Decimal(0)})
    assert priced(line) is None
    nothing = line.model_copy(update={"net_amount": Money.zero("EUR")})
    assert priced(nothing) == Priced(Decimal(0), Decimal("5.00"), Decimal(0))


def test_yen_have_no_cents() -> None:
    sent = priced(a_line("100", currency="JPY", quantity=Decimal(3), unit_price=Decimal("33.3333")))
    assert sent is not None
    assert sent_amount(sent.quantity, sent.unit_cost, sent.discount, "JPY") == 100


@pytest.mark.parametrize(
    ("code", "unit"), [("PCS", "H87"), ("KG", "KGM"), ("ODD", "ODD"), ("", "C62"), ("NEW", "NEW")]
)
def test_units_are_read_by_their_international_code(code: str, unit: str) -> None:
    assert SETUP.unit(code) == unit


@pytest.mark.parametrize(
    ("unit", "code"),
    [("H87", "PCS"), ("EA", "PCS"), ("KGM", "KG"), ("GRM", None), ("LTR", None), ("XYZ", None)],
)
def test_units_are_written_in_the_companys_code(unit: str, code: str | None) -> None:
    assert SETUP.own_unit(unit) == code


def test_a_blank_currency_is_the_local_one() -> None:
    order = mapping.order(an_order(purchaseOrderLines=[a_wire_line()]), SETUP)
    assert order.currency == "EUR"
    assert order.lines[0].unit_price == Money.of("780.7", "EUR")
    assert mapping.posting(an_invoice(currencyCode="USD"), SETUP).gross == Money.of("121.00", "USD")


@pytest.mark.parametrize(
    ("status", "state"),
    [("Draft", OrderState.DRAFT), ("In_x0020_Review", OrderState.DRAFT), ("Open", OrderState.OPEN)],
)
def test_an_order_is_open_once_it_is_released(status: str, state: OrderState) -> None:
    assert mapping.order(an_order(status=status), SETUP).state is state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Draft", PostingState.DRAFT),
        ("In_x0020_Review", PostingState.DRAFT),
        ("_x0020_", PostingState.DRAFT),
        ("Open", PostingState.POSTED),
        ("Paid", PostingState.PAID),
        ("Canceled", PostingState.CANCELLED),
        ("Corrective", PostingState.POSTED),
        ("Something_x0020_New", PostingState.DRAFT),
    ],
)
def test_only_what_is_surely_posted_counts_as_posted(status: str, state: PostingState) -> None:
    assert mapping.posting(an_invoice(status=status), SETUP).state is state


def test_a_missing_date_is_absent() -> None:
    assert mapping.posting(an_invoice(invoiceDate="0001-01-01"), SETUP).invoice_date is None
    assert mapping.posting(an_invoice(invoiceDate="2026-03-10"), SETUP).invoice_date == date(2026, 3, 10)


def test_comments_are_no_order_lines_and_accounts_are_not_received() -> None:
    lines = [
        a_wire_line(sequence=30000, lineType="Comment"),
        a_wire_line(sequence=20000, lineType="Account", lineObjectNumber="4200"),
        a_wire_line(),
        a_wire_line(sequence=15000, lineType="Fixed_x0020_Asset"),
    ]
    order = mapping.order(an_order(purchaseOrderLines=lines), SETUP)
    assert [line.line_id for line in order.lines] == ["10000", "15000", "20000"]
    assert [line.receipt_required for line in order.lines] == [True, True, False]
    assert (order.lines[2].account, order.lines[2].item_number) == ("4200", None)


def test_the_version_of_an_order_changes_with_any_line() -> None:
    before = mapping.order(an_order(purchaseOrderLines=[a_wire_line()]), SETUP)
    line = mapping.order(an_order(purchaseOrderLines=[a_wire_line(**{"@odata.etag": "W/10"})]), SETUP)
    header = mapping.order(an_order(**{"@odata.etag": "W/2", "purchaseOrderLines": [a_wire_line()]}), SETUP)
    assert len({before.version, line.version, header.version}) == 3


@pytest.mark.parametrize(
    ("blocked", "block"),
    [
        ("_x0020_", SupplierBlock.NONE),
        ("Payment", SupplierBlock.PAYMENT),
        ("All", SupplierBlock.ALL),
        ("Whatever", SupplierBlock.ALL),
    ],
)
def test_an_unknown_block_stops_everything(blocked: str, block: SupplierBlock) -> None:
    vendor = {"@odata.etag": "W/1", "number": "1", "displayName": "A", "blocked": blocked}
    assert mapping.supplier(wire.Vendor.model_validate(vendor), SETUP).block is block


@pytest.mark.parametrize(
    ("setup", "closed_until", "window"),
    [
        ({}, 0, PostingWindow()),
        ({"allowPostingFrom": "2026-03-01"}, 0, PostingWindow(first_open=date(2026, 3, 1))),
        (
            {"allowPostingTo": "2026-03-31"},
            2,
            PostingWindow(first_open=date(2026, 3, 1), last_open=date(2026, 3, 31)),
        ),
        ({"allowPostingFrom": "2026-01-15"}, 1, PostingWindow(first_open=date(2026, 2, 1))),
        ({"allowPostingFrom": "0001-01-01"}, 3, PostingWindow()),
    ],
)
def test_the_window_is_the_narrower_of_setup_and_open_years(
    setup: dict[str, str], closed_until: int, window: PostingWindow
) -> None:
    ledger = wire.LedgerSetup.model_validate({"localCurrencyCode": "EUR", **setup})
    periods = [
        wire.Period(startingDate=date(2026, month, 1), closed=month <= closed_until) for month in (1, 2, 3)
    ]
    assert mapping.posting_window(ledger, periods) == window


def test_different_cost_centres_are_refused_by_name() -> None:
    lines = [a_line().model_copy(update={"cost_centre": centre}) for centre in ("SALES", None)]
    with pytest.raises(ErpRejected, match="SALES, none"):
        cost_centre(lines)


def test_many_keys_become_queries_within_the_limits() -> None:
    queries = queries_for(wire.Order, "number", [f"PO-{number}" for number in range(500)], with_lines=True)
    assert len(queries) == 34
    assert all((query.filter or "").count(" eq ") <= MOST_COMPARISONS for query in queries)
    long = queries_for(
        wire.Invoice, "vendorInvoiceNumber", [f"{n:€>35}" for n in range(40)], also="status eq 'Open'"
    )
    assert all(len(query.path) <= LONGEST_URL for query in long)
    assert sum((query.filter or "").count("vendorInvoiceNumber eq") for query in long) == 40


def test_the_same_key_is_asked_for_once_and_no_key_is_no_query() -> None:
    assert len(queries_for(wire.Order, "number", ["1"] * 100)) == 1
    assert queries_for(wire.Order, "number", []) == []


def test_a_query_asks_for_the_fields_that_are_read() -> None:
    path = Query(wire.Receipt, "orderNumber eq 'A&B'", with_lines=True).path
    assert path == (
        "purchaseReceipts?$select=number,postingDate,orderNumber"
        "&$expand=purchaseReceiptLines($select=sequence,lineType,lineObjectNumber,description,"
        "unitOfMeasureCode,quantity)&$filter=orderNumber%20eq%20%27A%26B%27"
    )


def test_quotes_moments_and_letter_cases() -> None:
    assert literal("O'Neill") == "'O''Neill'"
    berlin = datetime(2026, 5, 1, 2, 0, tzinfo=timezone(timedelta(hours=2)))
    assert moment(berlin) == "2026-05-01T00:00:00.000Z"
    assert moment(datetime(2026, 5, 1, tzinfo=UTC)) == moment(berlin)
    with pytest.raises(ValueError, match="time zone"):
        moment(datetime(2026, 5, 1))  # noqa: DTZ001
    assert letter_cases("Re-1") == ("RE-1", "Re-1", "re-1")
    assert letter_cases("2026/17") == ("2026/17",)


def test_prices_including_tax_are_read_without_it() -> None:
    lines = [a_wire_line(directUnitCost=Decimal("121.00"), taxPercent=Decimal(21))]
    order = mapping.order(an_order(pricesIncludeTax=True, purchaseOrderLines=lines), SETUP)
    assert order.lines[0].unit_price == Money.of("100", "EUR")
    plain = mapping.order(an_order(purchaseOrderLines=lines), SETUP)
    assert plain.lines[0].unit_price == Money.of("121.00", "EUR")
