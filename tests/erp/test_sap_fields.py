"""Every property that is read, written or served stands in SAP's published services."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic.fields import FieldInfo

from tests.erp.orders import a_line, an_action, an_invoice, billing_lines, invoice_fields
from tests.erp.sap_bench import Bench, items_of
from tests.erp.sap_client import client_of
from tests.erp.sap_published import SPECS, missing, tables
from tools.domain.decision import (
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    DraftOrderLine,
    PostCreditNote,
)
from tools.domain.money import Money
from tools.erp.contract import Capability
from tools.erp.sandbox.company import Company
from tools.erp.sap import entry, ordering, published, receiving, wire
from tools.erp.sap.entry import Billed
from tools.erp.sap.metadata import FUNCTIONS, READ, WRITTEN, described_by, uses
from tools.erp.sap.published import Property, entity_of, services
from tools.erp.sap.receipts import OpenReceipts
from tools.erp.sap.sandbox_metadata import metadata as described
from tools.erp.sap.sandbox_schema import read_value

EDM = {
    str: {"String"},
    Decimal: {"Decimal"},
    date: {"DateTime"},
    datetime: {"DateTimeOffset"},
    time: {"Time"},
    bool: {"Boolean", "String"},
}
"""A flag is a Boolean, or the older form: a String of one character."""


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


def entities_read(roots: typing.Iterable[type[wire.Wire]] = READ) -> Iterator[type[wire.Wire]]:
    for entity in roots:
        yield entity
        yield from entities_read(entity.expands.values())


def fields_read() -> list[tuple[type[wire.Wire], str, FieldInfo]]:
    return [
        (entity, str(field.alias), field)
        for entity in dict.fromkeys(entities_read())
        for field in entity.model_fields.values()
        if not str(field.alias).startswith(("__", "to_"))
    ]


@pytest.mark.parametrize(("entity", "name", "field"), fields_read())
def test_a_property_that_is_read_is_published_with_that_type(
    entity: type[wire.Wire], name: str, field: FieldInfo
) -> None:
    told = entity_of(entity.entity_set).properties[name]
    assert told.kind in EDM[plain_type(field)]
    assert plain_type(field) is not bool or told.kind == "Boolean" or told.length == 1


@pytest.mark.parametrize("entity", list(dict.fromkeys(entities_read())))
def test_what_is_expanded_is_a_published_navigation_and_is_kept(entity: type[wire.Wire]) -> None:
    aliases = {str(field.alias) for field in entity.model_fields.values()}
    for navigation, behind in entity.expands.items():
        assert entity_of(entity.entity_set).navigation[navigation][0] == behind.entity_set
        assert navigation in aliases


async def bodies(company: Company) -> list[tuple[str, dict[str, Any]]]:
    """What is sent, by entity set; every property that may be sent stands in one of them."""
    setup = await Bench(company).setup()
    items = await items_of(company)
    based = {
        key: item.model_copy(update={"invoice_is_goods_receipt_based": True}) for key, item in items.items()
    }
    receipt = ("2026", "500003", "1")
    left = OpenReceipts({receipt: Decimal(20)}, {}, {("451001", "10000"): [receipt]})
    account = a_line("10.00", quantity=Decimal(1), cost_centre="SALES", description="x" * 80)
    lines = (*billing_lines({"10000": ("5", "10.00")}), account)
    long = {"number": "RE-2026-0000000000815", "lines": lines}
    credit = PostCreditNote(**{**invoice_fields("60.00", "12.60"), "lines": lines})
    reference = {"InvoiceReference": "510002", "InvoiceReferenceFiscalYear": "2026"}
    receiving_action = an_action(Capability.CREATE_GOODS_RECEIPT, company)
    assert isinstance(receiving_action, CreateGoodsReceipt)
    amended = AmendOrderLine(
        company="NZT",
        order_number="451001",
        order_line_id="10000",
        quantity=Decimal(50),
        unit_price=Money.of("10.005", "EUR"),
    )
    lines_of_order = {line_id: item for (_, line_id), item in items.items()}
    return [
        (
            "A_SupplierInvoice",
            entry.body_of(an_invoice("60.00", "12.60", **long), Billed(based, left), setup, "A"),
        ),
        ("A_SupplierInvoice", {**entry.body_of(credit, Billed(items), setup, None), **reference}),
        ("A_MaterialDocumentHeader", receiving.body_of(receiving_action, lines_of_order)),
        ("A_PurchaseOrder", ordering.body_of(new_order(), setup)),
        (
            "A_PurchaseOrderItem",
            dict(ordering.change_of(amended, lines_of_order["10000"], "EUR")),
        ),
    ]


def new_order() -> CreatePurchaseOrder:
    part = {"description": "x" * 60, "quantity": Decimal(2), "unit": "H87", "tax_code": "S21"}
    return CreatePurchaseOrder(
        company="NZT",
        supplier_id="10070",
        currency="EUR",
        reference="CASE-1234567890",
        lines=(
            DraftOrderLine(item_number="BRACKET", unit_price=Money.of("10.005", "EUR"), **part),
            DraftOrderLine(account="4100", unit_price=Money.of("3.00", "EUR"), **part),
        ),
    )


def sent(entity_set: str, body: dict[str, Any]) -> Iterator[tuple[str, Property, Any]]:
    entity = entity_of(entity_set)
    for name, value in body.items():
        if name.startswith("to_"):
            for row in value:
                yield from sent(entity.navigation[name][0], row)
        else:
            yield entity_set, entity.properties[name], value


async def test_a_property_that_is_sent_is_published_writable_and_fits(company: Company) -> None:
    for entity_set, body in await bodies(company):
        for where, told, value in sent(entity_set, body):
            assert told.creatable or told.updatable, f"{where}.{told.name}"
            read_value(told, value)


async def test_what_doctor_asks_for_is_exactly_what_is_sent(company: Company) -> None:
    names: dict[str, set[str]] = {}
    for entity_set, body in await bodies(company):
        for where, told, _ in sent(entity_set, body):
            names.setdefault(where, set()).add(told.name)
    assert names == {entity_set: set(listed.split()) for entity_set, listed in WRITTEN.items()}


async def test_nothing_about_a_bank_account_can_be_sent(company: Company) -> None:
    names = {told.name.casefold() for each in await bodies(company) for _, told, _ in sent(*each)}
    assert not [name for name in names if "bank" in name or "iban" in name or "payee" in name]


@pytest.mark.parametrize("service", sorted(services()))
def test_the_sandbox_describes_exactly_the_published_tables(service: str) -> None:
    told = described_by(described(service).encode())
    wanted = services()[service]
    assert told.functions == set(wanted.functions)
    assert told.members == {
        name: {*entity.properties, *entity.navigation} for name, entity in wanted.entities.items()
    }


async def test_the_sandbox_answers_with_exactly_the_published_properties(company: Company) -> None:
    async with client_of(company) as client:
        for entity in dict.fromkeys(READ):
            if entity is wire.KeptFile:
                continue
            path = f"{entity_of(entity.entity_set).service}/{entity.entity_set}"
            rows = (await client.get(path))["results"]
            assert rows, entity.entity_set
            told = entity_of(entity.entity_set)
            assert set(rows[0]) == {"__metadata", *told.properties, *told.navigation}


def test_every_service_that_is_used_is_published() -> None:
    assert set(uses()) == set(services())
    assert all(set(names) == set(services()[name].functions) for name, names in FUNCTIONS.items())
    count = sum(len(names) for entities in uses().values() for names in entities.values())
    assert count > 200


@pytest.mark.skipif(not SPECS.exists(), reason="SAP's published descriptions are not on this machine")
def test_the_tables_say_what_sap_publishes() -> None:
    kept = json.loads(Path(published.__file__).with_name("fields.json").read_text(encoding="utf-8"))
    assert list(missing(kept, tables())) == []


@pytest.mark.parametrize(
    ("entity_set", "name", "expected"),
    [
        ("A_SupplierInvoice", "SupplierInvoiceIDByInvcgParty", ("String", 16, True, False)),
        ("A_SupplierInvoice", "PaymentBlockingReason", ("String", 1, True, False)),
        ("A_SupplierInvoice", "ReverseDocument", ("String", 10, False, False)),
        ("A_SupplierInvoice", "InvoiceGrossAmount", ("Decimal", 14, True, False)),
        ("A_PurchaseOrderItem", "NetPriceQuantity", ("Decimal", 5, True, True)),
        ("A_MaterialDocumentItem", "GoodsMovementRefDocType", ("String", 1, True, True)),
        ("A_BusinessPartnerBank", "IBAN", ("String", 34, True, True)),
    ],
)
def test_the_list_says_what_the_vendor_publishes(
    entity_set: str, name: str, expected: tuple[str, int, bool, bool]
) -> None:
    told = entity_of(entity_set).properties[name]
    updatable = told.updatable and "update" in entity_of(entity_set).allows
    if entity_set == "A_MaterialDocumentItem":
        updatable = told.updatable
    assert (told.kind, told.length, told.creatable, updatable) == expected


def test_an_order_item_has_no_quantity_received_or_invoiced() -> None:
    names = entity_of("A_PurchaseOrderItem").properties
    assert not [name for name in names if "received" in name.lower() or "invoicedq" in name.lower()]
    assert entity_of("A_SupplierInvoice").allows == {"create", "delete"}


def test_the_descriptions_are_well_formed() -> None:
    for service in services():
        assert ElementTree.fromstring(described(service)).tag.endswith("Edmx")  # noqa: S314
