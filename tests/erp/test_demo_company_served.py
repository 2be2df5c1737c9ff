"""The demo's made-up company, which the README names for every ERP, over each ERP's own protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from shutil import rmtree
from typing import Any

import httpx
import pytest

from tests.erp.clocks import StillClock
from tests.erp.orders import approved
from tests.erp.world import NOW
from tools.domain.decision import AmendOrderLine
from tools.domain.identifiers import CompanyId, OrderNumber
from tools.erp import kinds
from tools.erp.contract import Erp
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.gate import InProcess
from tools.erp.sandbox.world import load_world

DEMO = Path("evals/demo/world.json")
MANY = OrderNumber("Z01")
"""The demo's order of twenty lines; the books number them in steps of ten thousand."""


@asynccontextmanager
async def served(
    kind: str, books: Company, /, transport: httpx.AsyncBaseTransport | None = None, **settings: Any
) -> AsyncIterator[Erp]:
    """The connector with the settings that the sandbox prints, others where named, over its server in this
    process or another transport."""
    server = import_module(f"tools.erp.{kind}.sandbox")
    module = import_module(f"tools.erp.{kind}.connector")
    values = {"company": books.settings.company, **server.login(books, "http://127.0.0.1"), **settings}
    erp: Erp = module.connect(
        module.Settings.model_validate(values),
        transport=transport or InProcess(server.app(books)),
        clock=StillClock(),
    )
    try:
        yield erp
    finally:
        await erp.close()
        if folder := values.get("state_folder"):
            rmtree(folder)


@pytest.fixture(params=[kind for kind in kinds() if kind != "sandbox"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def demo() -> Company:
    return Company.load(load_world(DEMO), lambda: NOW)


async def test_every_supplier_that_is_listed_is_found_by_the_number_it_was_listed_under(
    kind: str, demo: Company
) -> None:
    async with served(kind, demo) as erp:
        listed = [supplier.supplier_id async for supplier in erp.suppliers(None)]
        found = await erp.suppliers_by_id(listed)
    assert len(listed) == len(demo.books.suppliers) == 39
    assert sorted(found) == sorted(listed)


async def test_sap_numbers_the_lines_of_a_long_order_with_five_digits_each(demo: Company) -> None:
    async with served("sap", demo) as erp:
        order = (await erp.orders([MANY]))[MANY]
    lines = demo.books.orders[MANY].order.lines
    assert [line.description[:40] for line in order.lines] == [line.description[:40] for line in lines]
    assert len({line.line_id for line in order.lines}) == len(lines) == 20
    assert all(len(line.line_id.zfill(5)) == 5 for line in order.lines)


async def test_sap_changes_the_line_of_a_long_order_that_its_item_number_names(demo: Company) -> None:
    def ordered() -> list[Decimal]:
        return [line.ordered for line in demo.books.orders[MANY].order.lines]

    before = ordered()
    async with served("sap", demo) as erp:
        line = (await erp.orders([MANY]))[MANY].lines[11]
        await erp.write(
            approved(
                AmendOrderLine(
                    company=CompanyId("DEMO"),
                    order_number=MANY,
                    order_line_id=line.line_id,
                    quantity=line.ordered + 1,
                )
            )
        )
    assert ordered() == [*before[:11], before[11] + 1, *before[12:]]
