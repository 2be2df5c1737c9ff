"""SAP's records in our terms: sides, units, prices, states."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from tools.domain.documents import OrderState
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.answers import Answer, to_json
from tools.erp.errors import ErpAccessDenied, ErpNotThere, ErpRejected, ErpUnavailable
from tools.erp.sap import documents, mapping, multipart, supplier_mapping, wire
from tools.erp.sap.entry import amount
from tools.erp.sap.fulfilment import Fulfilment, invoiced_by_line, received_by_line
from tools.erp.sap.invoices import cleared, open_item, posting
from tools.erp.sap.mapping import Setup
from tools.erp.sap.odata import Query, day_constant, key_path, literal, queries_for, stamp
from tools.erp.sap.session import explain, parsed, rows_of
from tools.erp.sap.settings import Settings

SETTINGS = Settings.model_validate(
    {
        "company": "1010",
        "base_url": "https://sap.example",
        "user": "U",
        "password": "p",
        "purchasing_organization": "1010",
        "tax_codes": {"V1": {"rate": "19"}},
        "units": {"KRT": "XCT"},
    }
)
SETUP = Setup(SETTINGS, "EUR", "YCOA", "A000")


def an_item(**values: Any) -> documents.OrderItem:
    told = {
        "PurchaseOrder": "4500000001",
        "PurchaseOrderItem": "00010",
        "OrderQuantity": "10",
        "PurchaseOrderQuantityUnit": "PC",
        "OrderPriceUnit": "PC",
        "OrderPriceUnitToOrderUnitNmrtr": "1",
        "OrdPriceUnitToOrderUnitDnmntr": "1",
        "NetPriceAmount": "9.50",
        "NetPriceQuantity": "1",
        **values,
    }
    return documents.OrderItem.model_validate(told)


def an_order(*items: documents.OrderItem, **values: Any) -> documents.Order:
    told = {"PurchaseOrder": "4500000001", "DocumentCurrency": "EUR", **values}
    return documents.Order.model_validate(told).model_copy(update={"items": items})


def a_move(kind: str = "101", side: str = "S", quantity: str = "4", **values: Any) -> documents.Movement:
    told = {
        "MaterialDocumentYear": "2026",
        "MaterialDocument": "5000000001",
        "MaterialDocumentItem": "1",
        "GoodsMovementType": kind,
        "PurchaseOrder": "4500000001",
        "PurchaseOrderItem": "10",
        "EntryUnit": "PC",
        "MaterialBaseUnit": "PC",
        "QuantityInEntryUnit": quantity,
        "QuantityInBaseUnit": quantity,
        "DebitCreditCode": side,
        **values,
    }
    return documents.Movement.model_validate(told)


def received(*moves: documents.Movement, **item: Any) -> Decimal:
    found = received_by_line(moves, [an_item(**item)], SETUP.unit)
    return found.get(("4500000001", "10"), Decimal(0))


def test_what_goes_back_or_is_cancelled_is_taken_off() -> None:
    cancelled = a_move("102", "H", "4", GoodsMovementIsCancelled=True)
    assert received(a_move(), cancelled, a_move(quantity="3"), a_move("122", "H", "1")) == 2


def test_blocked_stock_counts_when_it_is_released() -> None:
    assert received(a_move("103")) == 0
    assert received(a_move("103"), a_move("105")) == 4


def test_a_movement_in_another_unit_is_converted_or_does_not_count() -> None:
    dozen = a_move(quantity="2", EntryUnit="DZN", MaterialBaseUnit="DZN")
    assert received(dozen) == 24
    by_base = a_move(quantity="2", EntryUnit="KRT", MaterialBaseUnit="PC", QuantityInBaseUnit="48")
    assert received(by_base) == 48
    assert received(a_move(quantity="2", EntryUnit="KRT", MaterialBaseUnit="KG")) == 0


def test_a_frame_orders_limits_and_last_day_are_told() -> None:
    items = [an_item(OverallLimitAmount="3000.000"), an_item(OverallLimitAmount="2000.000")]
    gone = an_item(OverallLimitAmount="700", PurchasingDocumentDeletionCode="L")
    days = {"ValidityStartDate": "/Date(1767225600000)/", "ValidityEndDate": "/Date(1798675200000)/"}
    frame = mapping.order(an_order(*items, gone, **days), Fulfilment({}, {}), SETUP)
    assert frame.value_limit == Money.of("5000", "EUR")
    assert (frame.valid_from, frame.valid_to) == (date(2026, 1, 1), date(2026, 12, 31))


def test_an_order_of_which_a_part_is_bought_by_quantity_has_no_limit() -> None:
    for items in ([an_item()], [an_item(OverallLimitAmount="3000"), an_item(OverallLimitAmount="0.000")]):
        plain = mapping.order(an_order(*items), Fulfilment({}, {}), SETUP)
        assert (plain.value_limit, plain.valid_from, plain.valid_to) == (None, None, None)


def a_price(value: str, per: str = "1", kind: str = "B", how: str = "C", **more: Any) -> dict[str, Any]:
    return {
        "ConditionClass": kind,
        "ConditionCalculationType": how,
        "ConditionRateValue": value,
        "ConditionQuantity": per,
        **more,
    }


def priced(*elements: dict[str, Any], net: str = "9.50", per: str = "1") -> tuple[Decimal, Decimal, Decimal]:
    item = an_item(
        NetPriceAmount=net,
        NetPriceQuantity=per,
        to_PurchaseOrderPricingElement={"results": list(elements)},
    )
    return mapping.price_of(item)


def test_a_price_and_its_discount_are_told_apart_where_they_give_the_net_price() -> None:
    assert priced(a_price("10.00"), a_price("-5", kind="A", how="A")) == (10, 1, 5)
    assert priced(a_price("33.335"), a_price("-2.5", kind="A", how="A"), net="32.50") == (
        Decimal("33.335"),
        1,
        Decimal("2.5"),
    )


@pytest.mark.parametrize(
    "elements",
    [
        (),
        (a_price("10.00"),),
        (a_price("10.00"), a_price("-5", kind="A", how="A"), a_price("1", kind="A", how="B")),
        (a_price("5.00"), a_price("4.50")),
        (a_price("10.00"), a_price("-10", kind="A", how="A")),
    ],
)
def test_else_the_net_price_counts_alone(elements: tuple[dict[str, Any], ...]) -> None:
    assert priced(*elements) == (Decimal("9.50"), 1, 0)


def test_statistical_and_inactive_elements_do_not_count() -> None:
    silent = (
        a_price("3", kind="A", how="B", ConditionIsForStatistics=True),
        a_price("12", ConditionInactiveReason="Y"),
    )
    assert priced(a_price("10.00"), a_price("-5", kind="A", how="A"), *silent) == (10, 1, 5)


@pytest.mark.parametrize(
    ("order", "state"),
    [
        (an_order(an_item()), OrderState.OPEN),
        (an_order(an_item(), PurchasingCompletenessStatus=True), OrderState.DRAFT),
        (an_order(an_item(), ReleaseIsNotCompleted=True), OrderState.DRAFT),
        (an_order(an_item(IsFinallyInvoiced=True)), OrderState.CLOSED),
        (an_order(an_item(IsFinallyInvoiced=True), an_item(PurchaseOrderItem="00020")), OrderState.OPEN),
        (an_order(an_item(PurchasingDocumentDeletionCode="L")), OrderState.CANCELLED),
        (an_order(an_item(), PurchasingDocumentDeletionCode="L"), OrderState.CANCELLED),
    ],
)
def test_the_state_of_an_order(order: documents.Order, state: OrderState) -> None:
    assert mapping.order(order, Fulfilment({}, {}), SETUP).state is state


def test_a_line_that_is_priced_by_another_unit_says_so() -> None:
    item = an_item(
        OrderPriceUnit="KG",
        OrderPriceUnitToOrderUnitNmrtr="5",
        OrdPriceUnitToOrderUnitDnmntr="2",
        TaxCode="V1",
        ProductType="2",
    )
    (line,) = mapping.order(an_order(item), Fulfilment({}, {}), SETUP).lines
    assert (line.unit, line.price_unit, line.price_quantity) == ("H87", "KGM", 25)
    assert (line.tax_code, line.tax_rate, line.is_service) == ("V1", 19, True)


def test_the_version_moves_with_what_came_in() -> None:
    key = ("4500000001", "10")
    before = mapping.order(an_order(an_item()), Fulfilment({}, {}), SETUP)
    after = mapping.order(an_order(an_item()), Fulfilment({key: Decimal(1)}, {}), SETUP)
    assert before.version != after.version


def reference(invoice: str, quantity: str = "5", **values: Any) -> documents.OrderReference:
    told = {
        "SupplierInvoice": invoice,
        "FiscalYear": "2026",
        "PurchaseOrder": "4500000001",
        "PurchaseOrderItem": "00010",
        "SupplierInvoiceItemAmount": "1",
        "QuantityInPurchaseOrderUnit": quantity,
        **values,
    }
    return documents.OrderReference.model_validate(told)


def state(invoice: str, **values: Any) -> tuple[tuple[str, str], documents.InvoiceState]:
    told = {
        "SupplierInvoice": invoice,
        "FiscalYear": "2026",
        "SupplierInvoiceStatus": "5",
        "ReverseDocument": "",
        **values,
    }
    return (invoice, "2026"), documents.InvoiceState.model_validate(told)


def test_what_counts_as_invoiced() -> None:
    states = dict(
        (
            state("1"),
            state("2", SupplierInvoiceIsCreditMemo="X"),
            state("3", ReverseDocument="4"),
            state("4", ReverseDocument="3", IsReversal=True),
            state("5", SupplierInvoiceStatus="A"),
        )
    )
    items = [reference(number) for number in "12345"]
    items += [reference("1", "3"), reference("1", IsSubsequentDebitCredit="X"), reference("9")]
    assert invoiced_by_line(items, states) == {("4500000001", "10"): Decimal(3)}


def a_partner(**values: Any) -> wire.Partner:
    company = {"CompanyCode": "1010", **values.pop("company", {})}
    supplier = {
        "Supplier": "17300001",
        "SupplierName": "Müller",
        "to_SupplierCompany": {"results": [company]},
        **values.pop("supplier", {}),
    }
    told = {"BusinessPartner": "17300001", "Supplier": "17300001", "to_Supplier": supplier, **values}
    return wire.Partner.model_validate(told)


@pytest.mark.parametrize(
    ("partner", "block"),
    [
        (a_partner(), SupplierBlock.NONE),
        (a_partner(company={"PaymentBlockingReason": "A"}), SupplierBlock.PAYMENT),
        (a_partner(supplier={"PaymentIsBlockedForSupplier": True}), SupplierBlock.PAYMENT),
        (a_partner(company={"SupplierIsBlockedForPosting": True}), SupplierBlock.ALL),
        (a_partner(supplier={"PostingIsBlocked": True}), SupplierBlock.ALL),
        (a_partner(supplier={"DeletionIndicator": True}), SupplierBlock.ALL),
        (a_partner(BusinessPartnerIsBlocked=True), SupplierBlock.ALL),
        (a_partner(company={"CompanyCode": "2020"}), SupplierBlock.ALL),
    ],
)
def test_the_block_of_a_supplier(partner: wire.Partner, block: SupplierBlock) -> None:
    assert supplier_mapping.supplier(partner, SETUP).block is block


def test_a_tax_number_of_category_zero_is_the_vat_number() -> None:
    numbers = [{"BPTaxType": "DE2", "BPTaxNumber": "x"}, {"BPTaxType": "DE0", "BPTaxNumber": "DE136695976"}]
    partner = a_partner(to_BusinessPartnerTax={"results": numbers})
    assert supplier_mapping.supplier(partner, SETUP).vat_id == "DE136695976"


def test_an_invoice_is_paid_when_all_its_due_dates_are_cleared() -> None:
    def line(key: str, done: bool) -> documents.LedgerItem:
        told = {"AccountingDocument": "1", "TransactionCurrency": "EUR", "AmountInTransactionCurrency": "-1"}
        return documents.LedgerItem.model_validate(
            {**told, "OriginalReferenceDocument": key, "IsCleared": done}
        )

    assert cleared([line("a", True), line("a", False), line("b", True)]) == {"b"}


def test_an_open_item_of_another_origin_is_named_by_its_entry() -> None:
    told = {
        "AccountingDocument": "1500000007",
        "Supplier": "17300001",
        "DebitCreditCode": "S",
        "TransactionCurrency": "EUR",
        "AmountInTransactionCurrency": "50.00",
        "ReferenceDocumentType": "BKPFF",
        "OriginalReferenceDocument": "150000000710102026",
    }
    item = open_item(documents.LedgerItem.model_validate(told))
    assert (item.document_number, item.amount) == ("1500000007", Money.of("-50.00", "EUR"))


def test_an_unknown_status_is_not_taken_for_posted() -> None:
    told = {
        "SupplierInvoice": "1",
        "FiscalYear": "2026",
        "SupplierInvoiceStatus": "9",
        "DocumentCurrency": "EUR",
        "InvoiceGrossAmount": "1.00",
        "ReverseDocument": None,
    }
    assert posting(documents.Invoice.model_validate(told)).state == "draft"


def test_dates_moments_and_times_are_read() -> None:
    row = documents.MaterialDocument.model_validate(
        {
            "MaterialDocumentYear": "2026",
            "MaterialDocument": "1",
            "PostingDate": "/Date(1772409600000)/",
            "CreationTime": "PT09H30M01S",
        }
    )
    assert (row.posting_date, row.creation_time) == (date(2026, 3, 2), time(9, 30, 1))
    assert wire.moment_of("/Date(1772409600000+0000)/").isoformat() == "2026-03-02T00:00:00+00:00"


def test_an_amount_is_never_a_number_of_the_machine() -> None:
    with pytest.raises(ErpRejected, match="in a form this connector does not know: InvoiceGrossAmount"):
        parsed(
            documents.Invoice,
            {
                "SupplierInvoice": "1",
                "FiscalYear": "2026",
                "DocumentCurrency": "EUR",
                "InvoiceGrossAmount": 1.5,
            },
        )


def test_constants_are_written_as_odata_wants_them() -> None:
    assert literal("O'Neil") == "'O''Neil'"
    assert day_constant(date(2026, 3, 2)) == "datetime'2026-03-02T00:00:00'"
    assert key_path("A_X", A="1 2", B="ü'") == "A_X(A='1%202',B='%C3%BC''')"
    assert (amount(Decimal("251.2500")), amount(Decimal("5.000")), amount(Decimal(7))) == (
        "251.25",
        "5.00",
        "7",
    )
    with pytest.raises(ValueError, match="time zone"):
        stamp(datetime(2026, 3, 2))  # noqa: DTZ001 - that is the point


def test_many_keys_become_queries_of_bearable_length() -> None:
    queries = queries_for(documents.Order, "PurchaseOrder", [f"45{n:08d}" for n in range(300)])
    assert all(len(query.path) <= 6000 for query in queries)
    assert sum(query.path.count("%20eq%20") for query in queries) == 300
    assert Query(wire.CompanyCode).service == "API_JOURNALENTRYITEMBASIC_SRV"


def an_error(code: str, *sentences: str, top: str = "An error occurred") -> Answer:
    told = {"severity": "error", "propertyref": "to_X/Y"}
    details = [{"code": code, "message": text, **told} for text in sentences]
    own = {"code": "/IWBEP/CX_MGW_BUSI_EXCEPTION", "message": "An exception was raised", "severity": "error"}
    inner = {"errordetails": [*details, own]}
    error = {"code": code, "message": {"lang": "en", "value": top}, "innererror": inner}
    return Answer(400, {}, to_json({"error": error}))


def test_the_applications_own_sentences_are_told_and_the_gateways_are_not() -> None:
    told = explain(an_error("M8/534", "Balance is not zero.", "Check the tax"))
    assert (told.message, told.field) == ("Balance is not zero; Check the tax", "to_X/Y")
    assert explain(an_error("M8/534")).message == "An error occurred"
    assert explain(Answer(500, {}, b"<html>")).message is None


def test_a_record_in_use_is_for_later_and_a_closed_service_for_the_administrator() -> None:
    assert explain(an_error("ME/006", "User X is already processing order 1")).error is ErpUnavailable
    assert explain(an_error("XX/001", "Order 1 is locked by user X")).error is ErpUnavailable
    assert explain(an_error("/IWFND/MED/170", "No service found")).error is ErpNotThere
    assert explain(an_error("/IWFND/MED/172", "No authorization")).error is ErpAccessDenied


def test_a_batch_with_answers_missing_is_not_read_as_empty() -> None:
    boundary = {"content-type": "multipart/mixed; boundary=b"}
    one = b"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}\r\n--b--"
    assert multipart.answers(Answer(202, boundary, one), 1)[0].status == 200
    with pytest.raises(ErpUnavailable):
        multipart.answers(Answer(202, boundary, one), 2)
    with pytest.raises(ErpUnavailable):
        multipart.answers(Answer(200, {}, b"{}"), 1)


def test_lists_come_in_two_forms_and_anything_else_is_no_list() -> None:
    assert rows_of({"d": {"results": [1]}}) == rows_of({"d": [1]}) == [1]
    with pytest.raises(ErpUnavailable):
        rows_of({"value": []})
