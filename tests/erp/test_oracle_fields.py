"""Every attribute that is read, searched by, written or served stands in the table that was derived from
Oracle's pages, or is named as unverified; and the doctor sees what a pod lacks of it."""

from __future__ import annotations

import json
import re
import types
import typing
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from tests.erp.oracle_client import Bench
from tests.erp.orders import a_line, an_invoice, approved, billing_lines, invoice_fields
from tests.erp.world import COMPANY, LONG, TODAY, TOOLS
from tools.domain.decision import (
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    DraftOrderLine,
    HoldInvoice,
    ParkInvoice,
    PostCreditNote,
    ReceivedLine,
    ReleaseHold,
)
from tools.domain.money import Money
from tools.erp.oracle import metadata, sandbox_schema
from tools.erp.oracle.sandbox_schema import Attribute, Resource, resources
from tools.erp.oracle.wire import Wire
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults

TABLES = {path: table for resource in resources().values() for path, table in resource.walk()}
TYPES = {
    str: {"Text", "Id", "Moment"},
    Decimal: {"Number"},
    date: {"Date", "Moment"},
    bool: {"Flag"},
}
UNVERIFIED = {
    "invoices.attachments.CreationDate",
    "purchaseOrderSchedules.LastUpdateDate",
    "receivingReceiptRequests.lines.processingErrors.ErrorMessage",
    "receivingReceiptRequests.lines.processingErrors.ErrorMessageName",
}
"""Attributes of the table that no source names; the README says so too."""


def plain_type(field: FieldInfo) -> type:
    kind: Any = field.annotation
    while True:
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif typing.get_origin(kind) in (types.UnionType, typing.Union):
            (kind,) = (each for each in typing.get_args(kind) if each is not types.NoneType)
        else:
            return typing.cast(type, kind)


def read_fields() -> Iterator[tuple[str, str, FieldInfo]]:
    def of(entity: type[Wire], path: str) -> Iterator[tuple[str, str, FieldInfo]]:
        for field in entity.model_fields.values():
            name = str(field.alias)
            if not name.startswith("@") and name not in entity.children:
                yield path, name, field
        for name, child in entity.children.items():
            yield from of(child, f"{path}.{name}")

    for entity in metadata.READ:
        path = "invoices.attachments" if entity.resource == "attachments" else entity.resource
        yield from of(entity, path)


@pytest.mark.parametrize(("path", "name", "field"), list(read_fields()))
def test_what_is_read_is_in_the_table_with_that_type(path: str, name: str, field: FieldInfo) -> None:
    assert TABLES[path].fields[name].type in TYPES[plain_type(field)]


@pytest.mark.parametrize("path", sorted(metadata.SEARCHED))
def test_what_is_searched_by_is_queryable(path: str) -> None:
    assert set(metadata.SEARCHED[path]) <= TABLES[path].queryable


@pytest.mark.parametrize("path", sorted(metadata.WRITTEN))
def test_what_is_written_is_writable(path: str) -> None:
    for name in metadata.WRITTEN[path]:
        assert TABLES[path].fields[name].writable, f"{path}.{name}"


ORDER = CreatePurchaseOrder(
    company=COMPANY,
    supplier_id=TOOLS,
    currency="EUR",
    reference="CASE-1",
    lines=(
        DraftOrderLine(
            item_number="BRACKET",
            description="Bracket",
            quantity=Decimal(10),
            unit="H87",
            unit_price=Money.of("10.00", "EUR"),
        ),
    ),
)


async def written(bench: Bench) -> dict[str, set[str]]:
    """Every attribute that some write sends, by resource path."""
    centre = (a_line("100.00", cost_centre="SALES"),)
    order = billing_lines({"10000": ("25", "10.00")})
    posted = {"company": COMPANY, "supplier_id": TOOLS, "posted_number": "510001"}
    credit = invoice_fields("20.00", "4.20", number="VD-C-9", preceding_invoice="510002")
    receipt = CreateGoodsReceipt(
        company=COMPANY,
        order_number=LONG,
        delivery_note="LS-1",
        received_on=TODAY,
        lines=(ReceivedLine(order_line_id="20000", quantity=Decimal(1)),),
    )
    for action in (
        an_invoice(lines=centre),
        an_invoice("250.00", "52.50", number="VD-90002", lines=order),
        PostCreditNote(**credit),
        ParkInvoice(**invoice_fields(number="VD-90003")),
        HoldInvoice(**posted, reason_code="PRICE"),
        ReleaseHold(**posted, reason_code="PRICE"),
        receipt,
        ORDER,
    ):
        posting = await bench.erp.write(approved(action))
    posting = await bench.erp.write(approved(an_invoice(number="VD-90004")))
    await bench.erp.attach(posting, "a.pdf", b"%PDF-")
    found: dict[str, set[str]] = {}
    for request in bench.recorder.requests:
        step = request.url.path.rpartition("11.13.18.05/")[2]
        if request.method == "GET" or "action" in step:
            continue
        body = json.loads(request.content)
        for part in body["parts"] if not step else [{"path": f"/{step}", "payload": body}]:
            if part.get("payload") is not None and part.get("operation") != "get":
                note(found, part["path"], part["payload"])
    return found


def note(found: dict[str, set[str]], path: str, body: dict[str, Any]) -> None:
    name = "invoices.attachments" if path.endswith("attachments") else path.strip("/").partition("/")[0]
    for key, value in body.items():
        if isinstance(value, list):
            for row in value:
                found.setdefault(f"{name}.{key}", set()).update(row)
        else:
            found.setdefault(name, set()).add(key)


async def test_the_doctor_asks_for_exactly_what_is_written(company: Company, faults: Faults) -> None:
    more: dict[str, Any] = {"employee_id": 3, "subinventory": "Stores", "invoice_group": "AP"}
    sent = await written(Bench(company, faults, **more))
    assert sent == {path: set(names) for path, names in metadata.WRITTEN.items()}
    assert not [name for names in sent.values() for name in names if re.search("(?i)bank|iban|payee", name)]


def test_what_no_source_names_is_known_and_said() -> None:
    found = {
        f"{path}.{name}"
        for path, table in TABLES.items()
        for name, attribute in table.fields.items()
        if attribute.source == "unverified"
    }
    assert found == UNVERIFIED
    readme = Path(sandbox_schema.__file__).with_name("README.md").read_text(encoding="utf-8")
    for path in UNVERIFIED:
        assert path.rpartition(".")[2] in readme


def test_the_read_me_counts_what_stands_behind_the_attributes_that_are_used() -> None:
    used = metadata.read_attributes()
    for told in (metadata.SEARCHED, metadata.WRITTEN):
        for path, names in told.items():
            used.setdefault(path, set()).update(names)
    counts = Counter(
        TABLES[path].fields[name].source or "listed" for path, names in used.items() for name in names
    )
    readme = Path(sandbox_schema.__file__).with_name("README.md").read_text(encoding="utf-8")
    said = (
        f"{counts.total()} attributes are used: {counts['listed']} listed for their resource, "
        f"{counts['client']} seen in public clients, {counts['draft']} listed for the draft of it, "
        f"{counts['unverified']} unverified."
    )
    assert said in " ".join(readme.split()), said


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("invoices", "InvoiceId", ("Id", False)),
        ("invoices", "ControlAmount", ("Number", True)),
        ("invoices", "ValidationStatus", ("Text", False)),
        ("invoices.invoiceLines", "PurchaseOrderScheduleLineNumber", ("Number", True)),
        ("invoiceHolds", "ReleaseName", ("Text", True)),
        ("purchaseOrderLifeCycleDetails.receipts", "ReceivedQuantity", ("Number", False)),
        ("receivingReceiptRequests", "ProcessingStatusCode", ("Text", False)),
    ],
)
def test_the_table_says_what_oracle_publishes(path: str, name: str, expected: tuple[str, bool]) -> None:
    attribute = TABLES[path].fields[name]
    assert (attribute.type, attribute.writable) == expected


def test_the_longest_texts_are_known() -> None:
    assert TABLES["invoices"].fields["InvoiceNumber"].max_length == 50
    assert TABLES["invoices.invoiceLines"].fields["Description"].max_length == 240


SERVED = sorted(set(resources()) - {"purchaseOrderLifeCycleDetails", "receivingReceiptRequests"})


@pytest.mark.parametrize("name", SERVED)
async def test_the_sandbox_serves_exactly_the_attributes_of_the_table(name: str, company: Company) -> None:
    bench = Bench(company, Faults())
    company.documents.create("invoice", TOOLS, supplier_number="X")  # type: ignore[arg-type]
    company.payables.hold(company.documents.by_number("510001").document_id, "PRICE")
    await bench.erp.write(approved(ORDER))
    rows = bench.server.records.rows(name)
    assert rows
    for row in rows:
        fits(row, resources()[name])


async def test_a_life_cycle_is_served_as_the_table_says(company: Company) -> None:
    bench = Bench(company, Faults())
    name = "purchaseOrderLifeCycleDetails"
    cycles = [bench.server.records.life_cycle(row["POHeaderId"]) for row in rows_of(bench, "purchaseOrders")]
    assert [cycle for cycle in cycles if cycle and cycle["receipts"] and cycle["invoices"]]
    for cycle in cycles:
        assert cycle is not None
        fits(cycle, resources()[name])


def rows_of(bench: Bench, name: str) -> list[dict[str, Any]]:
    return bench.server.records.rows(name)


def fits(row: dict[str, Any], table: Resource) -> None:
    assert {name for name in row if not name.startswith("@")} - set(table.children) == set(table.fields)
    for name, attribute in table.fields.items():
        served(attribute, row[name])
    for name, child in table.children.items():
        for each in row.get(name, []):
            fits(each, child)


def served(attribute: Attribute, value: Any) -> None:
    """Read-only attributes are served too, and their values must be of the type."""
    if attribute.max_length is None or value is None or len(value) <= attribute.max_length:
        attribute.check(value)


async def test_a_pod_that_has_all_has_no_shortcomings(company: Company, faults: Faults) -> None:
    assert await Bench(company, faults).erp.shortcomings() == []


async def test_a_resource_that_is_not_granted_is_named_with_what_to_do(
    company: Company, faults: Faults
) -> None:
    bench = Bench(company, faults, {"hidden": frozenset({"invoiceHolds", "receivingReceiptRequests"})})
    told = await bench.erp.shortcomings()
    assert len(told) == 2
    assert all("grant the user the roles" in sentence for sentence in told)
    assert "invoiceHolds" in told[0]


async def test_business_units_that_may_not_be_listed_are_not_called_missing(
    company: Company, faults: Faults
) -> None:
    bench = Bench(company, faults, {"hidden": frozenset({"finBusinessUnitsLOV"})})
    assert await bench.erp.shortcomings() == []


def test_missing_unsearchable_and_unwritable_attributes_are_each_named() -> None:
    described = resources()["invoiceHolds"].described()
    kept = [row for row in described["attributes"] if row["name"] not in ("HoldReason", "HoldDetails")]
    changed = [{**row, "queryable": row["name"] != "InvoiceId"} for row in kept]
    told = list(metadata.missing("invoiceHolds", {**described, "attributes": changed}))
    assert told == [
        "invoiceHolds has no attribute HoldReason in this pod; it is read as empty or refused",
        "invoiceHolds cannot be searched by InvoiceId in this pod; the connector does",
        "invoiceHolds has no attribute HoldReason in this pod; the connector writes it",
    ]
    assert list(metadata.missing("invoiceHolds", {})) == [], "a description that says nothing says nothing"


async def test_another_spelling_of_the_life_cycle_is_asked_for(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, life_cycle_resource="purchaseOrderLifecycleDetails")
    (told,) = await bench.erp.shortcomings()
    assert "purchaseOrderLifecycleDetails" in told
