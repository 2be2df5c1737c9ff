"""Every property that is read, written or served stands in the vendor's published lists."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic.fields import FieldInfo

from tests.erp.orders import a_line, an_action, an_invoice, invoice_fields
from tools.domain.decision import CreatePurchaseOrder, PostCreditNote, Posting, PostingState
from tools.domain.documents import DocumentType
from tools.erp.business_central import wire
from tools.erp.business_central.documents import CREDIT_MEMOS, INVOICES, Kind, body_of
from tools.erp.business_central.files import entry_of
from tools.erp.business_central.mapping import Setup
from tools.erp.business_central.metadata import used_fields
from tools.erp.business_central.orders import order_body
from tools.erp.business_central.sandbox_records import LINES, Records
from tools.erp.business_central.sandbox_schema import Entity, check_value, entities
from tools.erp.contract import Capability
from tools.erp.sandbox.company import Company

READ = [entity for entity in wire.READ if entity is not wire.Company]
EDM = {
    str: {"String", "Guid"},
    Decimal: {"Decimal"},
    date: {"Date"},
    bool: {"Boolean"},
    int: {"Int32"},
}
SETUP = Setup(company="NZT", currency="EUR", units={"PCS": "H87"})  # type: ignore[arg-type]


def plain_type(field: FieldInfo) -> type:
    """The type of a wire field without `None` and annotations."""
    kind: Any = field.annotation
    while True:
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif typing.get_origin(kind) in (types.UnionType, typing.Union):
            (kind,) = (each for each in typing.get_args(kind) if each is not types.NoneType)
        else:
            return typing.cast(type, kind)


def wire_fields() -> Iterator[tuple[type[wire.Wire], str, FieldInfo]]:
    for entity in READ:
        for field in entity.model_fields.values():
            name = str(field.alias)
            if not name.startswith("@") and not (entity.lines and name == entity.lines.entity_set):
                yield entity, name, field


@pytest.mark.parametrize(("entity", "name", "field"), list(wire_fields()))
def test_a_field_that_is_read_is_published_with_that_type(
    entity: type[wire.Wire], name: str, field: FieldInfo
) -> None:
    published = entities()[entity.entity_set].fields[name]
    assert published.type in EDM[plain_type(field)]


@pytest.mark.parametrize("entity", READ)
def test_lines_are_published_navigations(entity: type[wire.Wire]) -> None:
    if entity.lines is not None:
        lines = entity.lines.entity_set
        assert entities()[entity.entity_set].navigation[lines] == lines
        assert f"{lines}" in {str(field.alias) for field in entity.model_fields.values()}


def bodies() -> Iterator[tuple[Kind, dict[str, Any]]]:
    item = a_line(
        "37.50", quantity=Decimal(3), unit="H87", item_number="BRACKET", account=None, description="x" * 250
    )
    expense = a_line("10.00", quantity=Decimal(3), unit_price=Decimal("4.00"))
    lines = (item, expense)
    for line in lines:
        assert line.tax_code is not None
    with_centre = tuple(line.model_copy(update={"cost_centre": "SALES"}) for line in lines)
    yield INVOICES, body_of(an_invoice(lines=with_centre), INVOICES, SETUP)
    memo = PostCreditNote(**{**invoice_fields(lines=with_centre), "preceding_invoice": "510002"})
    yield CREDIT_MEMOS, body_of(memo, CREDIT_MEMOS, SETUP)


def written(kind: Kind, body: dict[str, Any]) -> Iterator[tuple[Entity, str, Any]]:
    for name, value in body.items():
        if name != kind.lines_field:
            yield entities()[kind.entity.entity_set], name, value
    for line in body[kind.lines_field]:
        for name, value in line.items():
            yield entities()[kind.lines_field], name, value


@pytest.mark.parametrize(("kind", "body"), list(bodies()))
def test_a_field_that_is_written_is_published_writable_and_fits(kind: Kind, body: dict[str, Any]) -> None:
    for entity, name, value in written(kind, body):
        field = entity.fields[name]
        assert not field.read_only, f"{entity.name}.{name}"
        assert field.max_length is None or len(value) <= field.max_length, f"{entity.name}.{name}"
        check_value(field, value)


def more_bodies(company: Company) -> Iterator[tuple[Entity, str, Any]]:
    """What a draft order and a kept file send."""
    action = an_action(Capability.CREATE_PURCHASE_ORDER, company)
    assert isinstance(action, CreatePurchaseOrder)
    body = order_body(action, SETUP)
    lines = body.pop("purchaseOrderLines")
    yield from ((entities()["purchaseOrders"], name, value) for name, value in body.items())
    for line in lines:
        yield from ((entities()["purchaseOrderLines"], name, value) for name, value in line.items())
    for kind in DocumentType:
        posting = Posting(erp_id=str(UUID(int=1)), number="1", state=PostingState.POSTED, document_type=kind)
        for name, value in entry_of(posting, "x" * 250).items():
            yield entities()["documentAttachments"], name, value


def test_orders_and_files_send_published_fields_that_fit(company: Company) -> None:
    sent = list(more_bodies(company))
    assert {entity.name for entity, _, _ in sent} == {
        "purchaseOrders",
        "purchaseOrderLines",
        "documentAttachments",
    }
    for entity, name, value in sent:
        field = entity.fields[name]
        assert not field.read_only, f"{entity.name}.{name}"
        check_value(field, value)


def test_what_doctor_compares_with_the_live_description_is_exactly_what_is_used(company: Company) -> None:
    used: dict[str, set[str]] = {}
    for read in READ:
        used.setdefault(read.entity_set, set()).update(read.select())
    for kind, body in bodies():
        for entity, name, _ in written(kind, body):
            used[entity.name].add(name)
    for entity, name, _ in more_bodies(company):
        used[entity.name].add(name)
    used["documentAttachments"].add("attachmentContent")
    assert used_fields() == used
    for name, fields in used.items():
        assert fields <= set(entities()[name].fields)


@pytest.mark.parametrize(("kind", "body"), list(bodies()))
def test_all_fields_a_document_may_need_are_tried_here(kind: Kind, body: dict[str, Any]) -> None:
    names = {name for _, name, _ in written(kind, body)}
    assert {"dueDate", "shortcutDimension1Code", "discountAmount", "unitOfMeasureCode", "taxCode"} <= names
    assert ("invoiceNumber" in names) == (kind is CREDIT_MEMOS)


def test_nothing_about_a_bank_account_can_be_written() -> None:
    names = {name.casefold() for kind, body in bodies() for _, name, _ in written(kind, body)}
    assert not [name for name in names if "bank" in name or "iban" in name or "payto" in name]


SERVED = sorted(set(entities()) - set(LINES.values()))


@pytest.mark.parametrize("entity_set", SERVED)
def test_the_sandbox_serves_exactly_the_published_fields(entity_set: str, company: Company) -> None:
    company.payables.attach(company.documents.by_number("510001").document_id, "invoice.pdf", b"%PDF-")
    rows = list(Records(company).rows(entity_set))
    assert rows
    lines = LINES.get(entity_set)
    for row in rows:
        assert row.keys() - {"@odata.etag", lines} == records_fields(entities()[entity_set])
        assert_fits(entities()[entity_set], row)
        for line in row[lines] if lines else ():
            assert line.keys() - {"@odata.etag"} == records_fields(entities()[lines])
            assert_fits(entities()[lines], line)


def records_fields(entity: Entity) -> set[str]:
    """Streams have an address of their own and are no part of a record."""
    return {field.name for field in entity.fields.values() if field.type != "Stream"}


def assert_fits(entity: Entity, row: dict[str, Any]) -> None:
    for field in (entity.fields[name] for name in records_fields(entity)):
        if field.type in ("DateTimeOffset", "String(option)"):
            assert isinstance(row[field.name], str)
        elif row[field.name] != field.empty:
            check_value(field, row[field.name])


@pytest.mark.parametrize("entity_set", sorted(LINES.values()))
def test_lines_are_served_by_themselves_too(entity_set: str, company: Company) -> None:
    assert list(Records(company).rows(entity_set))


@pytest.mark.parametrize(
    ("entity_set", "name", "expected"),
    [
        ("purchaseInvoices", "vendorInvoiceNumber", ("String", 35, False)),
        ("purchaseInvoices", "totalAmountIncludingTax", ("Decimal", None, True)),
        ("purchaseInvoices", "status", ("String", None, True)),
        ("purchaseInvoices", "orderId", ("Guid", None, True)),
        ("purchaseInvoiceLines", "description", ("String", 100, False)),
        ("purchaseInvoiceLines", "taxPercent", ("Decimal", None, True)),
        ("purchaseCreditMemos", "vendorCreditMemoNumber", ("String", 35, False)),
        ("purchaseCreditMemos", "creditMemoDate", ("Date", None, False)),
        ("purchaseOrderLines", "receivedQuantity", ("Decimal", None, False)),
        ("purchaseReceiptLines", "quantity", ("Decimal", None, True)),
        ("vendors", "taxRegistrationNumber", ("String", 50, False)),
        ("generalLedgerSetup", "allowPostingFrom", ("Date", None, True)),
        ("accountingPeriods", "closed", ("Boolean", None, True)),
        ("dimensions", "code", ("String", 20, True)),
        ("dimensionValues", "dimensionId", ("Guid", None, True)),
        ("dimensionValues", "displayName", ("String", 50, True)),
        ("documentAttachments", "fileName", ("String", 250, False)),
        ("documentAttachments", "byteSize", ("Int32", None, True)),
        ("documentAttachments", "parentId", ("Guid", None, False)),
        ("purchaseOrders", "number", ("String", 20, True)),
        ("purchaseOrders", "lastModifiedDateTime", ("DateTimeOffset", None, True)),
        ("purchaseReceipts", "lastModifiedDateTime", ("DateTimeOffset", None, True)),
        ("purchaseOrderLines", "directUnitCost", ("Decimal", None, False)),
    ],
)
def test_the_list_says_what_the_vendor_publishes(
    entity_set: str, name: str, expected: tuple[str, int | None, bool]
) -> None:
    field = entities()[entity_set].fields[name]
    assert (field.type, field.max_length, field.read_only) == expected


def test_the_list_knows_no_bank_account_of_a_vendor_and_no_order_line_of_a_receipt() -> None:
    assert not [name for name in entities() if "bank" in name.lower()]
    assert not [name for name in entities()["vendors"].fields if "bank" in name.lower() or "iban" in name]
    assert not [name for name in entities()["purchaseReceiptLines"].fields if "order" in name.lower()]
    assert not [name for name in entities()["purchaseInvoiceLines"].fields if "order" in name.lower()]
    assert not entities()["purchaseReceipts"].insert
    assert entities()["purchaseInvoices"].actions == ("Microsoft.NAV.post",)
