"""Oracle's records in our terms: statuses, signs, ids, names and addresses, one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from tests.erp.orders import a_line, an_invoice
from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType, OrderState
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.answers import Answer
from tools.erp.contract import PostingWindow
from tools.erp.errors import ErpRejected, ErpUnavailable
from tools.erp.oracle import mapping, mapping_orders, wire, wire_orders
from tools.erp.oracle.context import Context, House
from tools.erp.oracle.documents import Billed, Chart, body_of
from tools.erp.oracle.mapping import Setup
from tools.erp.oracle.query import LONGEST_URL, MOST_KEYS, MOST_ROWS, literal, moment, queries_for
from tools.erp.oracle.session import _more, explain, key_of, parsed

SETUP = Setup("NZT", "EUR", {"XZ": "XBX"})  # type: ignore[arg-type]
CHART = Chart("01-{cost_centre}-{account}", "000")


def an_oracle_invoice(**values: Any) -> wire.Invoice:
    return wire.Invoice.model_validate(
        {
            "InvoiceId": 300000000000000001,
            "InvoiceNumber": "RE-1",
            "InvoiceType": "Standard",
            "InvoiceCurrency": "EUR",
            "InvoiceAmount": Decimal("121.00"),
            "SupplierNumber": "10010",
            "ValidationStatus": "Validated",
            "invoiceLines": [
                {"LineNumber": 1, "LineType": "Item", "LineAmount": Decimal("100.00")},
                {"LineNumber": 2, "LineType": "Tax", "LineAmount": Decimal("21.00")},
            ],
            **values,
        }
    )


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, PostingState.POSTED),
        ({"PaidStatus": "Paid"}, PostingState.PAID),
        ({"PaidStatus": "Partially paid"}, PostingState.POSTED),
        ({"ValidationStatus": "Not validated"}, PostingState.DRAFT),
        ({"ValidationStatus": "Needs revalidation"}, PostingState.DRAFT),
        ({"ValidationStatus": "Needs revalidation", "AccountingStatus": "Accounted"}, PostingState.POSTED),
        ({"ValidationStatus": "Needs revalidation", "AccountingStatus": "Unprocessed"}, PostingState.DRAFT),
        ({"ValidationStatus": "Some new status"}, PostingState.DRAFT),
        ({"ValidationStatus": None}, PostingState.DRAFT),
        ({"ValidationStatus": "Canceled"}, PostingState.CANCELLED),
        ({"CanceledFlag": True, "PaidStatus": "Paid"}, PostingState.CANCELLED),
        ({"CanceledFlag": "Y"}, PostingState.CANCELLED),
    ],
)
def test_only_what_is_validated_or_in_the_ledger_is_posted(
    values: dict[str, Any], state: PostingState
) -> None:
    assert mapping.state_of(an_oracle_invoice(**values)) is state


def test_amounts_come_from_the_lines_and_discarded_ones_do_not_count() -> None:
    lines = [
        {"LineNumber": 1, "LineType": "Item", "LineAmount": Decimal("90.00")},
        {"LineNumber": 2, "LineType": "Freight", "LineAmount": Decimal("10.00")},
        {"LineNumber": 3, "LineType": "Item", "LineAmount": Decimal("55.00"), "DiscardedFlag": True},
        {"LineNumber": 4, "LineType": "Tax", "LineAmount": Decimal("21.00")},
    ]
    net, tax, gross = mapping.amounts(an_oracle_invoice(invoiceLines=lines))
    assert (net, tax, gross) == tuple(Money.of(amount, "EUR") for amount in ("100.00", "21.00", "121.00"))


@pytest.mark.parametrize(("control", "tax"), [(Decimal("20.99"), "20.99"), (None, "21.00")])
def test_before_validation_the_tax_is_what_was_entered_or_what_is_left(
    control: Decimal | None, tax: str
) -> None:
    row = an_oracle_invoice(
        ValidationStatus="Not validated",
        ControlAmount=control,
        invoiceLines=[{"LineNumber": 1, "LineType": "Item", "LineAmount": Decimal("100.00")}],
    )
    assert mapping.amounts(row)[1] == Money.of(tax, "EUR")


def test_a_credit_memo_is_negative_there_and_positive_here() -> None:
    row = an_oracle_invoice(
        InvoiceType="Credit memo",
        InvoiceAmount=Decimal("-24.20"),
        invoiceLines=[
            {"LineNumber": 1, "LineType": "Item", "LineAmount": Decimal("-20.00")},
            {"LineNumber": 2, "LineType": "Tax", "LineAmount": Decimal("-4.20")},
        ],
    )
    posting = mapping.posting(row)
    assert posting.document_type is DocumentType.CREDIT_NOTE
    assert (posting.net, posting.tax, posting.gross) == tuple(
        Money.of(amount, "EUR") for amount in ("20.00", "4.20", "24.20")
    )


def test_an_invoice_without_a_voucher_number_goes_by_the_suppliers() -> None:
    assert mapping.posting(an_oracle_invoice()).number == "RE-1"
    assert mapping.posting(an_oracle_invoice(VoucherNumber="510001")).number == "510001"


@pytest.mark.parametrize(
    ("given", "kept"),
    [(300000000000000001, "300000000000000001"), ("300000000000000001", "300000000000000001")],
)
def test_an_id_keeps_all_its_digits(given: Any, kept: str) -> None:
    assert an_oracle_invoice(InvoiceId=given).invoice_id == kept


@pytest.mark.parametrize("given", [3e17, Decimal("3E+17"), True, "3e17", "", None])
def test_an_id_that_went_through_a_float_is_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        an_oracle_invoice(InvoiceId=given)


def test_a_record_in_another_form_is_named() -> None:
    with pytest.raises(ErpRejected, match="invoices in a form this connector does not know: InvoiceId"):
        parsed(wire.Invoice, {"InvoiceNumber": "1", "InvoiceCurrency": "EUR", "InvoiceAmount": 1})


def test_open_items_tell_what_is_left_and_the_oldest_date_of_it() -> None:
    row = wire.OpenInvoice.model_validate(
        {
            **an_oracle_invoice().model_dump(by_alias=True),
            "invoiceInstallments": [
                {"UnpaidAmount": Decimal(0), "DueDate": "2026-03-01"},
                {"UnpaidAmount": Decimal("60.00"), "DueDate": "2026-05-01"},
                {"UnpaidAmount": Decimal("1.00"), "DueDate": "2026-04-01"},
            ],
        }
    )
    item = mapping.open_item(row)
    assert (item.due_date, item.remaining) == (date(2026, 4, 1), Money.of("61.00", "EUR"))


@pytest.mark.parametrize(
    ("values", "block"),
    [
        ({}, SupplierBlock.NONE),
        ({"Status": "INACTIVE"}, SupplierBlock.ALL),
        ({"BusinessRelationshipCode": "PROSPECTIVE"}, SupplierBlock.ALL),
        ({"sites": [{"SupplierSite": "A", "HoldAllInvoicesFlag": True}]}, SupplierBlock.PAYMENT),
        (
            {"sites": [{"SupplierSite": "A", "HoldAllInvoicesFlag": True, "Status": "INACTIVE"}]},
            SupplierBlock.NONE,
        ),
    ],
)
def test_a_supplier_is_blocked_by_status_relationship_or_site(
    values: dict[str, Any], block: SupplierBlock
) -> None:
    assert mapping.supplier(a_supplier(**values), SETUP).block is block


def a_supplier(**values: Any) -> wire.Supplier:
    return wire.Supplier.model_validate(
        {
            "SupplierId": 3,
            "Supplier": "ACME",
            "SupplierNumber": "10010",
            "Status": "ACTIVE",
            "BusinessRelationshipCode": "SPEND_AUTHORIZED",
            **values,
        }
    )


def test_the_address_is_that_of_the_pay_site_and_a_foreign_currency_stays() -> None:
    found = mapping.supplier(
        a_supplier(
            sites=[
                {"SupplierSite": "BUY", "SupplierAddressName": "WORKS"},
                {
                    "SupplierSite": "PAY",
                    "SupplierAddressName": "HQ",
                    "SitePurposePayFlag": True,
                    "InvoiceCurrencyCode": "USD",
                },
            ],
            addresses=[
                {"AddressName": "WORKS", "City": "Essen"},
                {"AddressName": "HQ", "City": "Bonn", "AddressLine1": "Weg 1", "AddressLine2": "Hof"},
            ],
        ),
        SETUP,
    )
    assert (found.city, found.street, found.currency) == ("Bonn", "Weg 1, Hof", "USD")


def test_the_version_of_a_supplier_moves_with_a_site() -> None:
    one, other = (
        mapping.supplier(a_supplier(sites=[{"SupplierSite": "A", "LastUpdateDate": stamp}]), SETUP)
        for stamp in ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
    )
    assert one.version != other.version


HOUSE = House("NL", None, None, "Parked", "Amount approved", CHART)


@pytest.mark.parametrize(
    ("sites", "of_orders", "told"),
    [
        (["A", "B"], set(), "pay sites: A, B"),
        ([], set(), "pay sites: none"),
        (["A", "B"], {"A", "B"}, "different sites"),
    ],
)
def test_a_site_that_is_not_clear_is_a_question(sites: list[str], of_orders: set[str], told: str) -> None:
    context = Context(None, None, HOUSE, SETUP)  # type: ignore[arg-type]
    supplier = a_supplier(sites=[{"SupplierSite": name} for name in sites])
    with pytest.raises(ErpRejected, match=told):
        context._site(supplier, of_orders)
    assert context._site(supplier, {"A"}) == "A"


def test_a_site_of_another_procurement_unit_is_not_ours() -> None:
    house = House("NL", "Unit 1", None, "Parked", "Amount approved", CHART)
    context = Context(None, None, house, SETUP)  # type: ignore[arg-type]
    sites = [
        {"SupplierSite": name, "ProcurementBU": unit} for name, unit in (("A", "Unit 1"), ("B", "Unit 2"))
    ]
    assert context._site(a_supplier(sites=sites), set()) == "A"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("OPEN", OrderState.OPEN),
        ("CLOSED FOR RECEIVING", OrderState.OPEN),
        ("CLOSED_FOR_INVOICING", OrderState.CLOSED),
        ("FINALLY CLOSED", OrderState.CLOSED),
        ("CANCELED", OrderState.CANCELLED),
        ("INCOMPLETE", OrderState.DRAFT),
        ("PENDING APPROVAL", OrderState.DRAFT),
        ("ON HOLD", OrderState.OPEN),
        ("", OrderState.OPEN),
    ],
)
def test_an_orders_status_code_is_read(code: str, state: OrderState) -> None:
    assert mapping_orders.order_state(code) is state


def test_goods_that_went_back_are_taken_off_and_only_validated_invoices_bill() -> None:
    cycle = wire_orders.LifeCycle.model_validate(
        {
            "POHeaderId": 1,
            "receipts": [
                {"Receipt": "1", "ReceiptDate": "2026-02-03T23:00:00-06:00", "LineNumber": 1}
                | {"ScheduleNumber": 1, "ReceivedQuantity": 10, "ReturnedQuantity": 3, "UOMCode": "XZ"},
            ],
            "invoices": [
                {"InvoiceId": 1, "LineNumber": 1, "MatchedQuantity": 4, "InvoiceStatus": "Validated"},
                {"InvoiceId": 2, "LineNumber": 1, "MatchedQuantity": 2, "InvoiceStatus": "Not validated"},
                {"InvoiceId": 3, "LineNumber": 1, "MatchedQuantity": 1, "LineNumberScheduleNumber": "1-2"},
            ],
        }
    )
    assert mapping_orders._fulfilled(Decimal(1), Decimal(1), cycle) == (7, 4)
    assert mapping_orders._fulfilled(Decimal(1), Decimal(2), cycle) == (0, 1)
    (receipt,) = mapping_orders.receipts("451001", cycle, SETUP)
    assert receipt.received_on == date(2026, 2, 3), "the day as it is written, wherever we are"
    assert (receipt.lines[0].quantity, receipt.lines[0].unit) == (7, "XBX")


def test_line_ids_and_schedules_belong_together() -> None:
    assert mapping_orders.line_id(Decimal("10000"), Decimal(1)) == "10000"
    assert mapping_orders.line_id(Decimal(3), Decimal(2)) == "3-2"
    assert mapping_orders.schedule_of("3-2") == (3, 2)
    with pytest.raises(ValueError, match="no line of an Oracle order"):
        mapping_orders.schedule_of("x")


def test_only_open_periods_make_the_window() -> None:
    rows = [
        wire.Period.model_validate({"ClosingStatus": status, "StartDate": start, "EndDate": end})
        for status, start, end in (
            ("C", "2026-01-01", "2026-01-31"),
            ("O", "2026-02-01", "2026-02-28"),
            ("O", "2026-03-01", "2026-03-31"),
            ("F", "2026-04-01", "2026-04-30"),
        )
    ]
    assert mapping.posting_window(rows) == PostingWindow(
        first_open=date(2026, 2, 1), last_open=date(2026, 3, 31)
    )
    assert mapping.posting_window([]) == PostingWindow()


def an_order(match_option: str = "P") -> wire_orders.Order:
    schedule = {"LineLocationId": 5, "ScheduleNumber": 1, "InvoiceMatchOptionCode": match_option}
    line = {"LineNumber": 1, "UOMCode": "PCS", "schedules": [schedule]}
    return wire_orders.Order.model_validate(
        {"POHeaderId": 1, "OrderNumber": "451001", "SupplierId": 3, "CurrencyCode": "EUR", "lines": [line]}
    )


def billed_line(**values: Any) -> Any:
    return a_line(order_number="451001", order_line_id="1", unit="EA", **values)


def test_the_price_that_was_paid_goes_out_where_the_approved_one_does_not_give_the_amount() -> None:
    billed = Billed("NL", "ACME", "A", "AP", {"451001": an_order()})
    exact = billed_line(net="30.00", quantity=Decimal(3), unit_price=Decimal("10.00"))
    less = billed_line(net="29.00", quantity=Decimal(3), unit_price=Decimal("10.00"))
    body = body_of(an_invoice("59.00", "12.39", lines=(exact, less)), billed, CHART, SETUP)
    assert [line["UnitPrice"] for line in body["invoiceLines"]] == [
        Decimal("10.00"),
        Decimal("9.6666666667"),
    ]
    assert body["InvoiceGroup"] == "AP"


def test_an_order_that_is_matched_to_receipts_is_refused_with_what_to_do() -> None:
    billed = Billed("NL", "ACME", "A", None, {"451001": an_order("R")})
    with pytest.raises(ErpRejected, match="must be entered in Oracle"):
        body_of(an_invoice(lines=(billed_line(net="100.00"),)), billed, CHART, SETUP)


def test_questions_stay_within_the_limits_of_keys_and_address() -> None:
    queries = queries_for(wire.Invoice, "InvoiceNumber", [f"RE-2026/{number:06}" for number in range(1000)])
    assert sum(query.q.count("RE-2026") for query in queries if query.q) == 1000
    for query in queries:
        assert query.q is not None
        assert query.q.count("RE-2026") <= MOST_KEYS
        assert len(query.address(MOST_ROWS, 0)) <= LONGEST_URL


def test_constants_are_quoted_and_moments_have_a_zone() -> None:
    assert literal("O'Brien") == "'O''Brien'"
    there = datetime(2026, 3, 16, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    assert moment(there) == "'2026-03-16T09:00:00.000+00:00'"
    assert moment(datetime(2026, 3, 16, 9, 0, tzinfo=UTC)) == moment(there)
    with pytest.raises(ValueError, match="time zone"):
        moment(datetime(2026, 3, 16))  # noqa: DTZ001 - what is refused here


@pytest.mark.parametrize(
    ("content", "media", "message", "field"),
    [
        (
            b'{"title":"Bad Request","o:errorDetails":[{"detail":"JBO-27024: Wrong.","o:errorPath":"/A"}]}',
            "application/json",
            "Wrong.",
            "A",
        ),
        (b'{"title":"Bad Request","status":"400"}', "application/json", "Bad Request", None),
        (b"JBO-27014:::You must provide a value.", "text/plain", "You must provide a value.", None),
        (b"<html><body>Sorry</body></html>", "text/html", None, None),
        (b"", "text/plain", None, None),
        (b"[]", "application/json", None, None),
    ],
)
def test_refusals_are_told_in_oracles_words_and_web_pages_are_not(
    content: bytes, media: str, message: str | None, field: str | None
) -> None:
    told = explain(Answer(400, {"content-type": media}, content))
    assert (told.message, told.field) == (message, field)


@pytest.mark.parametrize(
    ("href", "key"),
    [
        ("https://other.host/fscmRestApi/resources/11.13.18.05/invoices/00AB", "00AB"),
        ("https://other.host/fscmRestApi/resources/latest/invoices/00AB", "00AB"),
        ("https://other.host/elsewhere/invoices/00AB", ""),
        (None, ""),
    ],
)
def test_a_key_is_the_last_step_of_the_records_own_link(href: str | None, key: str) -> None:
    links = [{"rel": "canonical", "href": "x"}, {"rel": "self", "href": href}]
    assert key_of({"links": links}) == key


def test_more_records_that_never_come_are_an_error_and_no_endless_loop() -> None:
    with pytest.raises(ErpUnavailable, match="gave none"):
        _more({"hasMore": True}, [])
