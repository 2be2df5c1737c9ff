"""Every field that is read, written or served stands in the vendor's field lists, or in ours for the
GetConnectors that a customer makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest

from tests.erp.afas_client import Bench
from tests.erp.orders import a_line, an_action, an_invoice, approved
from tests.erp.under_test import WRITES
from tests.erp.world import DOLLARS
from tools.erp.afas import wire
from tools.erp.afas.checks import WRITTEN, own_connectors
from tools.erp.afas.declined import DECLINED
from tools.erp.afas.sandbox import Server
from tools.erp.afas.sandbox_lines import line_rows
from tools.erp.afas.sandbox_orders import order_rows, receipt_rows
from tools.erp.afas.sandbox_schema import get_fields, metainfo, published
from tools.erp.afas.wire_entries import READ
from tools.erp.sandbox.company import Company

PYTHON = {"string": (str,), "integer": (int,), "number": (Decimal, int), "boolean": (bool,)}
PYTHON |= {"date": (date,), "date-time": (datetime,)}
BANK = ("BankAccount", "IdBa", "Iban", "BaAc", "IBAN", "DdId", "KnBankAccount")


def leaves(annotation: Any) -> Iterator[Any]:
    """The plain types inside of unions and annotations."""
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        yield from leaves(part)


@pytest.mark.parametrize("row", READ, ids=lambda row: row.connector)
def test_every_field_that_is_read_is_published(row: type[wire.Row]) -> None:
    fields = get_fields(row.connector)
    assert fields is not None
    read = {field.alias or name: field for name, field in row.model_fields.items()}
    assert set(read) <= set(fields)
    assert set(row.order) <= set(fields)
    for alias, field in read.items():
        types = {str: "string", bool: "boolean", int: "integer", Decimal: "number", date: "string"}
        kinds = [types[part] for part in leaves(field.annotation) if part in types]
        published_as = {"date": "string", "date-time": "string"}.get(fields[alias], fields[alias])
        assert published_as in kinds, f"{row.connector}.{alias} is {fields[alias]}, read as {kinds}"


def test_what_the_customer_makes_is_read_whole_and_says_what_may_be_left_out() -> None:
    for row in READ:
        if row.connector in own_connectors():
            told = own_connectors()[row.connector]
            required = {field.alias for field in row.model_fields.values() if field.is_required()}
            assert {field.alias for field in row.model_fields.values()} == set(told["fields"])
            assert required == {name for name, field in told["fields"].items() if not field.get("optional")}
            assert list(row.order) == told["order_by"]


@pytest.mark.parametrize("row", READ, ids=lambda row: row.connector)
def test_the_server_gives_exactly_the_published_fields_in_their_types(
    company: Company, row: type[wire.Row]
) -> None:
    company.payables.attach(company.documents.by_number("510001").document_id, "a.pdf", b"1")
    server = Bench(company).server.app
    assert isinstance(server, Server)
    own = {"Orders": order_rows, "Receipts": receipt_rows, "EntryLines": line_rows}
    make = own.get(row.connector.removeprefix("ErpAgent_"))
    served = server.profit.rows(row.connector) if make is None else list(make(server.profit))
    fields = get_fields(row.connector) or {}
    assert served
    for each in served:
        assert set(each) == set(fields)
        for name, value in each.items():
            days = (date,) if fields[name] == "string" else ()
            assert value is None or isinstance(value, (*PYTHON[fields[name]], *days)), (name, value)


def written(message: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Object and field of everything in a message."""
    inside = message["Element"]
    for element in inside if isinstance(inside, list) else [inside]:
        for field in element["Fields"]:
            yield name, field
        for key, part in element.get("Objects", {}).items():
            yield from written(part, key)


async def test_every_field_that_is_written_is_published_and_checked_by_doctor(company: Company) -> None:
    bench = Bench(company, warehouse="01")
    for capability in WRITES:
        if capability not in DECLINED:
            await bench.erp.write(approved(an_action(capability, company)))
    posting = await bench.erp.write(approved(an_invoice(number="RE-2026/00000815")))
    await bench.erp.attach(posting, "a.pdf", b"1")
    foreign = a_line(currency="USD", tax_code="S0", cost_centre="WORKS")
    values: dict[str, Any] = {"currency": "USD", "supplier_id": DOLLARS, "lines": (foreign,)}
    await bench.erp.write(approved(an_invoice("100.00", "0.00", **values)))
    seen: dict[str, set[tuple[str, str]]] = {}
    for connector in WRITTEN:
        for message in bench.sent(connector):
            ((root, part),) = message.items()
            seen.setdefault(connector, set()).update(written(part, root))
    listed = {
        name: {(part, field) for part, fields in parts.items() for field in fields}
        for name, parts in WRITTEN.items()
    }
    assert seen == listed
    for connector, told in ((key.split()[1], schema) for key, schema in published()["update"].items()):
        if connector == "FbPurch":
            continue
        assert listed[connector] <= set(described(told, told["root"]))
    orders = [published()["update"][f"{method} FbPurch"] for method in ("POST", "PUT")]
    assert all(listed["FbPurch"] <= set(described(told, "FbPurch")) for told in orders)


def described(schema: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    for field in schema["fields"]:
        yield name, field
    for key, below in schema.get("objects", {}).items():
        yield from described(below, key)


def test_no_bank_field_is_ever_written() -> None:
    fields = {field for parts in WRITTEN.values() for names in parts.values() for field in names}
    assert not fields & set(BANK)
    assert {"BankAccount", "IdBa"} <= {
        field for schema in published()["update"].values() for _, field in described(schema, "")
    }, "the vendor has such fields, and the check would see them"


async def test_metadata_that_has_all_names_nothing(company: Company) -> None:
    assert await Bench(company).erp.shortcomings() == []
    assert metainfo("update", "FiEntries")["name"] == "FiEntryPar"


async def test_a_missing_connector_is_named_with_what_to_do(company: Company) -> None:
    closed = frozenset({"ErpAgent_Orders", "Profit_BankAccounts", "FiInvoice"})
    told = await Bench(company, protocol={"closed": closed}).erp.shortcomings()
    assert told == [
        "the app connector lacks the GetConnector Profit_BankAccounts: add it in Profit",
        "the GetConnector ErpAgent_Orders is missing: make it as tools/erp/afas/README.md describes and add "
        "it to the app connector",
        "the app connector lacks the UpdateConnector FiInvoice: add it in Profit",
    ]


async def test_a_missing_field_is_named_unless_it_may_be_missing(company: Company) -> None:
    hidden = frozenset(
        {"ErpAgent_Orders.QuRc", "ErpAgent_Orders.LiNr", "ErpAgent_Invoices.Fref", "FiEntries.AuNu"}
    )
    told = await Bench(company, protocol={"hidden": hidden}).erp.shortcomings()
    assert told == [
        "the GetConnector ErpAgent_Orders lacks the fields QuRc: add them in Profit",
        "the GetConnector ErpAgent_Invoices lacks the fields Fref: add them in Profit",
        "the UpdateConnector FiEntries lacks FiEntryPar.AuNu",
    ]


async def test_a_customers_own_name_of_a_connector_is_asked_for(company: Company) -> None:
    names = {"ErpAgent_Orders": "Acme_Inkooporders"}
    told = await Bench(company, get_connectors=names).erp.shortcomings()
    assert told == [
        "the GetConnector Acme_Inkooporders is missing: make it as tools/erp/afas/README.md describes and "
        "add it to the app connector"
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"administration": 9}, "no administration 9"),
        ({"journal": "77"}, "has no journal 77"),
        ({"received_account": None}, "no received_account is set"),
        ({"received_account": "4500"}, "4500 is blocked"),
        ({"received_account": "9999"}, "no account 9999"),
        ({"vat_groups": {"1": "S21", "2": "XX"}}, "no VAT codes XX"),
    ],
)
async def test_a_setting_that_names_nothing_in_profit_is_told(
    company: Company, values: dict[str, Any], words: str
) -> None:
    (told,) = await Bench(company, **values).erp.shortcomings()
    assert words in told


async def test_a_getconnector_with_turned_signs_is_told(company: Company) -> None:
    bench = Bench(company)
    for number in range(3):
        await bench.erp.write(approved(an_invoice(number=f"VD-{number}")))
    assert await bench.erp.shortcomings() == []
    server = bench.server.app
    assert isinstance(server, Server)
    true_rows = server.profit.rows

    def turned(connector: str) -> list[dict[str, Any]]:
        rows = true_rows(connector)
        return [{**row, "AmIn": -row["AmIn"]} if "AmIn" in row else row for row in rows]

    server.profit.rows = turned  # type: ignore[method-assign]
    (told,) = await bench.erp.shortcomings()
    assert "6 of 7 invoices" in told
