"""Every property that is read, written or served stands in the published lists."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from tests.erp.exact_bench import ExactBench
from tests.erp.orders import a_line, an_action, an_invoice, approved, invoice_fields
from tools.domain.decision import PostCreditNote
from tools.erp.answers import from_json
from tools.erp.contract import Capability
from tools.erp.exact import wire
from tools.erp.exact.sandbox_query import LINES
from tools.erp.exact.sandbox_records import Records
from tools.erp.exact.sandbox_schema import resources
from tools.erp.exact.wire_ledger import READ
from tools.erp.sandbox.company import Company

EDM = {
    str: {"String", "Guid"},
    Decimal: {"Double"},
    date: {"DateTime"},
    bool: {"Boolean"},
    int: {"Int16", "Int32", "Int64"},
}
UNVERIFIED = {("current/Me", "CurrentDivision")}
"""Newer than the list of properties with types: known from a client's classes only."""


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


def fields_read() -> Iterator[tuple[type[wire.Wire], str, FieldInfo]]:
    for entity in READ:
        for field in entity.model_fields.values():
            if str(field.alias) != entity.lines_field:
                yield entity, str(field.alias), field


@pytest.mark.parametrize(("entity", "name", "field"), list(fields_read()))
def test_a_property_that_is_read_is_published_with_that_type(
    entity: type[wire.Wire], name: str, field: FieldInfo
) -> None:
    published = resources()[entity.resource].fields[name]
    assert published.type in EDM[plain_type(field)]
    assert published.verified is ((entity.resource, name) not in UNVERIFIED)


@pytest.mark.parametrize("entity", READ)
def test_every_resource_that_is_read_may_be_read_and_its_lines_are_published(
    entity: type[wire.Wire],
) -> None:
    published = resources()[entity.resource]
    assert "get" in published.methods
    if entity.lines is not None:
        assert published.fields[entity.lines_field].type == entity.lines_field
        assert LINES[(entity.resource, entity.lines_field)] == entity.lines.resource


@pytest.fixture
async def bodies(company: Company, tmp_path: Path) -> list[tuple[str, str, str, Any]]:
    """Everything the connector writes: method, resource, property, value."""
    bench = ExactBench(company, tmp_path)
    await bench.consent()
    erp = bench.connect()
    line = a_line("100.00", cost_centre="SALES", description="x" * 250)
    posting = await erp.write(approved(an_invoice(lines=(line,))))
    await erp.write(approved(PostCreditNote(**invoice_fields("20.00", "4.20", number="C-1"))))
    await erp.write(approved(an_action(Capability.CREATE_GOODS_RECEIPT, company)))
    await erp.attach(posting, "a.pdf", b"%PDF")
    await erp.subscribe("https://ap.example/events/exact", "", company.clock())
    found = []
    for method in ("POST", "PUT"):
        for request in bench.sent(method):
            resource = "/".join(request.url.path.partition("(")[0].split("/")[-2:])
            found += list(written(method.lower(), resource, from_json(request.content)))
    return found


def written(method: str, resource: str, body: dict[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    for name, value in body.items():
        lines = LINES.get((resource, name))
        yield method, resource, name, value
        if lines is not None:
            for line in value:
                yield from written(method, lines, line)


def test_a_property_that_is_written_is_published_as_writable(bodies: list[tuple[str, str, str, Any]]) -> None:
    assert {(method, resource) for method, resource, _, _ in bodies} == {
        ("post", "purchaseentry/PurchaseEntries"),
        ("post", "purchaseentry/PurchaseEntryLines"),
        ("post", "purchaseorder/GoodsReceipts"),
        ("post", "purchaseorder/GoodsReceiptLines"),
        ("post", "documents/Documents"),
        ("post", "documents/DocumentAttachments"),
        ("post", "webhooks/WebhookSubscriptions"),
        ("put", "purchaseentry/PurchaseEntries"),
    }
    for method, resource, name, value in bodies:
        published = resources()[resource]
        field = published.fields[name]
        assert method in published.methods, resource
        assert field.post if method == "post" else field.put, f"{resource}.{name}"
        assert field.verified, f"{resource}.{name}"
        if (resource, name) not in LINES:
            published.check({name: value}, method)


def test_nothing_of_a_bank_account_is_written(bodies: list[tuple[str, str, str, Any]]) -> None:
    names = {f"{resource}.{name}".casefold() for _, resource, name, _ in bodies}
    assert not [name for name in names if "bank" in name or "iban" in name or "payment" in name]
    assert not [name for name in names if name.startswith("crm/")]


SERVED = sorted({entity.resource for entity in READ})
MOMENTS = (date, datetime)


@pytest.mark.parametrize("resource", SERVED)
def test_the_sandbox_serves_exactly_the_published_properties(resource: str, company: Company) -> None:
    company.payables.attach(company.documents.by_number("510001").document_id, "a.pdf", b"%PDF")
    company.documents.create(next(iter(company.books.documents.values())).document_type, "10010")
    records = Records(company, 1234567)
    records.papers.loose["x"] = []
    records.papers.subscriptions["x"] = ("https://x/", "Accounts")
    rows = records.rows(resource)
    assert rows
    published = resources()[resource]
    for row in rows:
        assert set(row) == set(published.fields)
        for name, value in row.items():
            kind = published.fields[name].type
            if isinstance(value, MOMENTS):
                assert kind == "DateTime", name
            elif (
                value is not None and not isinstance(value, list) and kind in ("Double", "String", "Boolean")
            ):
                wanted = {"Double": (Decimal, int), "String": (str,), "Boolean": (bool,)}[kind]
                assert isinstance(value, wanted), name


@pytest.mark.parametrize(
    ("resource", "name", "expected"),
    [
        ("purchaseentry/PurchaseEntries", "AmountDC", ("Double", False)),
        ("purchaseentry/PurchaseEntries", "AmountFC", ("Double", False)),
        ("purchaseentry/PurchaseEntries", "Status", ("Int16", False)),
        ("purchaseentry/PurchaseEntries", "Type", ("Int32", False)),
        ("purchaseentry/PurchaseEntries", "YourRef", ("String", True)),
        ("purchaseentry/PurchaseEntryLines", "AmountFC", ("Double", True)),
        ("purchaseentry/PurchaseEntryLines", "AmountDC", ("Double", False)),
        ("purchaseentry/PurchaseEntryLines", "VATAmountFC", ("Double", True)),
        ("purchaseorder/PurchaseOrders", "OrderNumber", ("Int32", True)),
        ("purchaseorder/PurchaseOrderLines", "ReceivedQuantity", ("Double", False)),
        ("purchaseorder/GoodsReceipts", "Supplier", ("Guid", False)),
        ("purchaseorder/GoodsReceiptLines", "PurchaseOrderLineID", ("Guid", True)),
        ("crm/Accounts", "Blocked", ("Boolean", True)),
    ],
)
def test_the_list_says_what_the_vendor_publishes(
    resource: str, name: str, expected: tuple[str, bool]
) -> None:
    field = resources()[resource].fields[name]
    assert (field.type, field.post) == expected


def test_the_list_gives_the_reasons_of_what_is_declined() -> None:
    assert resources()["purchaseorder/PurchaseOrderLines"].methods == {"get", "post", "delete"}
    entries = resources()["purchaseentry/PurchaseEntries"].fields
    lines = resources()["purchaseentry/PurchaseEntryLines"].fields
    assert not [
        name for name in (*entries, *lines) if "block" in name.lower() or name.lower().startswith("hold")
    ]
    assert not [name for name in lines if "order" in name.lower()]
    assert not [name for name in resources()["financial/FinancialPeriods"].fields if "clos" in name.lower()]
