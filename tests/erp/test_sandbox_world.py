"""World files: what they open, and what is said about one that is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.erp.books import ORDER, a_world
from tests.erp.world import (
    ALL_BLOCKED,
    FULLY_BILLED,
    HISTORY,
    NOW,
    ORDERS,
    SUPPLIERS,
    WINDOW,
    goods_receipts,
    standard_world,
)
from tools.domain.decision import PostingState
from tools.domain.supplier import SupplierBlock
from tools.erp import sandbox
from tools.erp.errors import ErpAccessDenied
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.connector import Settings, connect
from tools.erp.sandbox.world import WorldError, load_world, read_world


def plain(world: Any = None) -> dict[str, Any]:
    """The world as its file holds it."""
    kept: dict[str, Any] = (world or standard_world()).model_dump(mode="json")
    return kept


def written(folder: Path, data: Any) -> Path:
    path = folder / "world.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_a_world_opens_with_its_history_in_the_ledger(tmp_path: Path) -> None:
    company = Company.load(load_world(written(tmp_path, plain())), lambda: NOW)
    assert {number: company.purchasing.order(number) for number in ORDERS} == ORDERS
    assert company.goods_receipts(FULLY_BILLED) == goods_receipts()[FULLY_BILLED]
    assert {
        card.supplier.supplier_id: card.supplier for card in company.books.suppliers.values()
    } == SUPPLIERS
    assert company.books.window == WINDOW
    states = {invoice.number: company.documents.by_number(invoice.number).state for invoice in HISTORY}
    assert states["510002"] is PostingState.PAID
    assert company.ledger.payables() == Decimal("1070.53")


def test_quantities_that_follow_from_the_history_may_be_left_out() -> None:
    data = plain()
    for order in data["orders"]:
        for line in order["lines"]:
            del line["received"], line["invoiced"]
        del order["version"], order["company"]
    assert Company.load(data, lambda: NOW).dump() == Company.load(standard_world(), lambda: NOW).dump()


def test_the_example_of_the_readme_opens() -> None:
    readme = Path(sandbox.__path__[0]) / "README.md"
    example = readme.read_text(encoding="utf-8").split("```json")[1].split("```")[0]
    company = Company.load(json.loads(example), lambda: NOW)
    assert company.purchasing.line("PO-1001", "10000").received == 25
    assert company.documents.by_number("PI-1").state is PostingState.PAID


def test_a_supplier_blocked_today_may_have_a_history() -> None:
    company = Company.load(standard_world(), lambda: NOW)
    assert company.master.supplier(ALL_BLOCKED).supplier.block is SupplierBlock.ALL
    assert company.purchasing.receipts_of("451009")


def test_a_snapshot_restores_the_same_company() -> None:
    company = Company.load(standard_world(), lambda: NOW)
    company.payables.attach(company.documents.by_number("510001").document_id, "a.pdf", b"\x00\xff")
    text = json.dumps(company.snapshot())
    again = Company.restore(json.loads(text), lambda: NOW)
    assert json.dumps(again.snapshot()) == text
    assert again.dump() == company.dump()
    assert again.books.attachments[0].content == b"\x00\xff"


def test_the_dump_is_plain_json_and_shows_what_is_new() -> None:
    company = Company.load(standard_world(), lambda: NOW)
    before = json.dumps(company.dump())
    assert before == json.dumps(Company.load(standard_world(), lambda: NOW).dump())
    company.payables.hold(company.documents.by_number("510001").document_id, "PRICE")
    assert json.dumps(company.dump()) != before


def _break(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_break("orders", 0, "lines", 0, "unit_price", "amount", value=5.0), "orders.0.* (PO-1)"),
        (_break("orders", 0, "lines", 0, "ordered", value="ten"), "orders.0.lines.0.ordered (PO-1)"),
        (_break("orders", 0, "lines", 0, "colour", value="red"), "orders.0.lines.0.colour (PO-1)"),
        (_break("orders", 0, "supplier_id", value="1"), "order PO-1: supplier_id 1 does not exist"),
        (_break("orders", 0, "version", value="A"), "order PO-1: version must be a whole number"),
        (_break("orders", 0, "lines", 0, "unit", value="XYZ"), "order PO-1 line 10: unit XYZ"),
        (_break("orders", 0, "lines", 0, "item_number", value=None), "order PO-1 line 10: needs item_number"),
        (_break("orders", 0, "lines", 0, "tax_code", value="S99"), "tax_code S99 does not exist"),
        (_break("orders", 0, "lines", 0, "price_base", value="0"), "price_base must be positive"),
        (_break("orders", 0, "currency", value="USD"), "unit_price is in EUR, the order in USD"),
        (_break("orders", 0, "lines", 0, "received", value="3"), "received is 3, the history gives 0"),
        (_break("suppliers", 1, "supplier", "name", value=None), "suppliers.1.supplier.name (10020)"),
        (_break("suppliers", 1, "supplier", "supplier_id", value="10010"), "supplier 10010 is there twice"),
        (_break("suppliers", 1, "payables_account", value="1601"), "payables_account 1601 does not exist"),
        (_break("settings", "controls", "bank", value="1000"), "settings.controls.bank 1000 is a heading"),
        (_break("items", 0, "inventory_account", value="1"), "item BRACKET: inventory_account 1"),
        (_break("tax_codes", 0, "input_account", value="1"), "tax code S21: input_account 1"),
        (
            _break(
                "receipts",
                value=[
                    {
                        "number": "GR-1",
                        "order_number": ORDER,
                        "received_on": "2026-01-02",
                        "lines": [{"order_line_id": "10", "quantity": "11"}],
                    }
                ],
            ),
            "receipt GR-1 (quantity): Line 10 of order PO-1: 11 received of 10",
        ),
        (
            _break("invoices", value=[{**plain()["invoices"][1], "supplier_number": " "}]),
            "invoice 510002 (supplier_number)",
        ),
    ],
)
def test_a_wrong_world_is_refused_with_the_record_and_the_field(
    change: Callable[[dict[str, Any]], None], words: str
) -> None:
    data = plain(a_world())
    change(data)
    with pytest.raises(WorldError) as error:
        Company.load(data, lambda: NOW)
    first, _, last = words.partition("*")
    assert first in str(error.value)
    assert last in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"rate": 1.5}', "the number 1.5 must be written as a string"),
        ("[]", "a world is a JSON object"),
        ("{", "world.json"),
    ],
)
def test_a_file_that_is_no_world_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "world.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorldError, match=words):
        load_world(path)


@pytest.mark.parametrize("suppliers", [{}, {"suppliers": None}, {"suppliers": [3]}])
def test_a_world_without_its_parts_names_what_is_missing(suppliers: dict[str, Any]) -> None:
    with pytest.raises(WorldError, match=r"settings: .*accounts: .*suppliers"):
        read_world(suppliers)


async def test_the_connector_opens_a_world_file(tmp_path: Path) -> None:
    path = written(tmp_path, plain())
    erp = connect(Settings(world=path, company="NZT"), now=lambda: NOW)
    assert erp.company == "NZT"
    with pytest.raises(ErpAccessDenied, match="holds company NZT"):
        connect(Settings(world=path, company="OTHER"), now=lambda: NOW)
