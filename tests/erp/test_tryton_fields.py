"""Every field of Tryton that is read, searched, written or served is one that a running Tryton 8.0 told.

`fields.json` is compared with the running server in `test_tryton_traps.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.erp.orders import a_line, an_action, an_invoice, approved
from tests.erp.recorder import Recorder
from tests.erp.tryton_setup import SECRET, is_login, settings
from tests.erp.under_test import WRITES, standard_company
from tests.erp.world import FULLY_BILLED, NOW, OFFICE, PARTLY_RECEIVED, TOOLS, key_of
from tools.erp.sandbox.company import Company
from tools.erp.tryton import connector, sandbox
from tools.erp.tryton.masters import all_kinds, own_fields
from tools.erp.tryton.sandbox_schema import RELATIONS, models
from tools.erp.tryton.wire import Wire

ALWAYS = {"id", "rec_name", "_timestamp"}
"""Every model of Tryton has these."""


def told(model: str, name: str) -> dict[str, Any] | None:
    field = models().get(model, {}).get(name)
    return None if field is None else {"type": field.type, "relation": field.relation}


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.__name__)
def test_what_is_read_is_in_the_field_list(kind: type[Wire]) -> None:
    assert [name for name in own_fields(kind) if told(kind.model, name) is None] == []


def test_relations_lead_where_the_server_says() -> None:
    for kind in all_kinds():
        for name, field in kind.model_fields.items():
            alias = field.alias or name
            if alias.endswith("."):
                known = told(kind.model, alias[:-1])
                assert known is not None, (kind, alias)
                assert known["type"] in (*RELATIONS, "many2one", "reference"), (kind, alias)


async def every_call(company: Company) -> list[dict[str, Any]]:
    """The bodies of all that the connector can ask and write."""
    recorder = Recorder(sandbox.app(company, password=SECRET), is_login)
    erp = connector.connect(settings(), transport=recorder)
    [supplier async for supplier in erp.suppliers(NOW)]
    [posting async for posting in erp.posted_since(NOW)]
    (found,) = (await erp.invoices([key_of(TOOLS, "RE-2026/017", NOW.date())])).values()
    await asyncio.gather(
        erp.suppliers_by_id([OFFICE]),
        erp.orders([FULLY_BILLED]),
        erp.orders_of([TOOLS]),
        erp.receipts([FULLY_BILLED]),
        erp.open_items([TOOLS]),
        erp.accounts(),
        erp.posting_window(),
        erp.orders_changed_since(NOW),
        erp.attachments(found[0]),
    )
    for capability in WRITES:
        if capability in erp.capabilities:
            order = approved(an_action(capability, company))
            if await erp.find(order) is None:
                await erp.write(order)
    ordered = (await erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED].lines[0]
    line = a_line(
        item_number="BRACKET", unit="H87", order_number=PARTLY_RECEIVED, order_line_id=ordered.line_id
    )
    await erp.write(approved(an_invoice("100.00", "21.02", number="VD-2", lines=(line,))))
    await erp.attach(found[0], "a.pdf", b"%PDF")
    await erp.close()
    return [json.loads(request.content) for request in recorder.requests]


def searched(model: str, domain: Any) -> Iterator[tuple[str, str]]:
    """(model, field) of each step of each clause."""
    if not domain:
        return
    if isinstance(domain[0], str) and domain[0] != "OR":
        current, path = model, domain[0].split(".")
        for step in path:
            yield current, step
            known = told(current, step)
            if known is not None:
                current = known["relation"] or (domain[3] if len(domain) == 4 else "")
        return
    for part in domain[1:] if domain[0] == "OR" else domain:
        yield from searched(model, part)


def written(model: str, values: Any) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        yield model, name
        known = told(model, name)
        if known is not None and known["type"] == "one2many":
            for command in value:
                rows = command[1] if command[0] == "create" else command[2:]
                for row in rows:
                    yield from written(str(known["relation"]), row)


async def test_what_is_searched_and_written_is_in_the_field_list() -> None:
    bodies = await every_call(standard_company(lambda: NOW))
    used: set[tuple[str, str]] = set()
    for body in bodies:
        model, _, method = body["method"].removeprefix("model.").rpartition(".")
        if method in ("search_read", "search"):
            used |= set(searched(model, body["params"][0]))
        elif method == "create":
            used |= {pair for values in body["params"][0] for pair in written(model, values)}
        elif method == "write":
            used |= set(written(model, body["params"][1]))
    assert {
        ("account.invoice", "reference"),
        ("account.invoice.line", "origin"),
        ("stock.move", "origin"),
    } <= used
    assert sorted(pair for pair in used if pair[1] not in ALWAYS and told(*pair) is None) == []


async def test_what_the_sandbox_serves_is_in_the_field_list(company: Company) -> None:
    server = sandbox.app(company, password=SECRET).app
    assert isinstance(server, sandbox.Server)
    served = server.models.served()
    assert {"purchase.line", "stock.move", "account.invoice"} <= set(served)
    assert [
        (model, name)
        for model, names in served.items()
        for name in names
        if name not in ALWAYS and told(model, name) is None
    ] == []
