"""A conversation knows the same ways on as the question: orders, suggested lines, and entries that fit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agent.chat.types import PieceKind, Talk
from tests.agent.test_chat import ANSWER, Script, a_chat, said
from tests.agent.test_suggestible import wished
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.office import CLEO, Office
from tests.graph.papers import AWAITED, FOREIGN_IBAN, PLAIN, a_document
from tests.graph.test_suggested_lines import PARTIAL, Kinds, with_meaning

NOT_RECEIVED = (("BRACKET", "Bracket", "20", "10.00"),)
ENTRY = {"order_line": f"{AWAITED}/10000", "reason": "it stands on the delivery note"}


@pytest.fixture
async def office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:  # noqa: F811
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


async def entered(office: Office, tool: str, words: str, **document: Any) -> tuple[Script, list[Any]]:
    """What a model was offered that wishes for an entry, and what became of it."""
    case = await office.take_in(a_document(**document))
    script = Script([{"tool": tool, "arguments": ENTRY}, ANSWER], "So it is.")
    pieces = await said(a_chat(office, script), Talk(person=CLEO, case_id=case.case_id), words)
    return script, [piece.suggestion for piece in pieces if piece.kind is PieceKind.SUGGESTION]


async def test_an_order_that_the_document_does_not_name_can_be_suggested(office: Office) -> None:
    case = await office.take_in(a_document(order="PO-404"))
    option = f"order:{PLAIN}"
    script, kept = await wished(office, case.case_id, "choose_option", option, f"choose order {PLAIN}")
    assert kept
    assert option in str(script.schemas[0])
    assert office.case(case.case_id).suggestion == option


async def test_an_order_that_is_not_offered_cannot(office: Office) -> None:
    case = await office.take_in(a_document(order="PO-404"))
    _, kept = await wished(office, case.case_id, "choose_option", "order:PO-404", "choose order PO-404")
    assert not kept


async def test_an_order_that_the_document_cannot_bill_is_not_offered_nor_taken(office: Office) -> None:
    """The document is over exactly one open order and its goods: then no other, and no giving up."""
    case = await office.take_in(a_document(order="PO-404"))
    orders = [option for option in await office.options(case) if option.startswith("order:")]
    assert len(orders) > 1, "people may still choose among all"
    given_up = {"return_to_supplier", "post_without_order"} & set(await office.options(case))
    assert given_up
    for option in {*orders, *given_up} - {f"order:{PLAIN}"}:
        script, kept = await wished(office, case.case_id, "choose_option", option, f"choose {option}")
        assert not kept and f'"{option}"' not in json.dumps(script.schemas[0])
    _, kept = await wished(office, case.case_id, "choose_option", f"order:{PLAIN}", "choose the order")
    assert kept


async def test_while_a_control_stands_no_order_is_offered(office: Office) -> None:
    case = await office.take_in(a_document(order="PO-404", iban=FOREIGN_IBAN))
    assert "bank_change" in case.blocks
    script, kept = await wished(office, case.case_id, "choose_option", f"order:{PLAIN}", "choose the order")
    assert not kept
    assert "order:" not in str(script.schemas[0])


async def test_the_suggested_order_lines_can_be_suggested(furnish: Furnish, tmp_path: Path) -> None:  # noqa: F811
    office = with_meaning(furnish, tmp_path, Kinds())
    async with office.open():
        case = await office.take_in(a_document(rows=PARTIAL))
        words = "choose the suggested lines"
        script, kept = await wished(office, case.case_id, "choose_option", "take_suggested_lines", words)
        assert kept
        assert "take_suggested_lines (Take the suggested order lines)" in str(script.shown[0])


async def test_a_receipt_is_offered_for_the_line_that_lacks_one_and_for_no_other(office: Office) -> None:
    words = f"enter the goods receipt for {AWAITED}/10000 and {PLAIN}/10000"
    script, (made,) = await entered(office, "create_goods_receipt", words, order=AWAITED, rows=NOT_RECEIVED)
    assert made.references == {"order_line": ENTRY["order_line"]}
    calls = {call["properties"]["tool"]["const"]: call for call in script.schemas[0]["oneOf"]}
    lines = calls["create_goods_receipt"]["properties"]["arguments"]["properties"]["order_line"]["enum"]
    assert lines == [ENTRY["order_line"]]
    assert f"create_goods_receipt on {ENTRY['order_line']}" in str(script.shown[0])


async def test_no_entry_is_offered_that_the_findings_do_not_call_for(office: Office) -> None:
    words = f"enter the goods receipt for {AWAITED}/10000, amend the order line, hold the payment"
    script, made = await entered(
        office, "create_goods_receipt", words, rows=(("BRACKET", "Bracket", "10", "12.00"),)
    )
    assert made == []
    assert "create_goods_receipt" not in script.offered(0)
    assert "amend_order_line" in script.offered(0)


async def test_while_a_control_stands_no_receipt_is_offered(office: Office) -> None:
    words = f"enter the goods receipt for {AWAITED}/10000"
    script, made = await entered(
        office, "create_goods_receipt", words, order=AWAITED, rows=NOT_RECEIVED, iban=FOREIGN_IBAN
    )
    assert made == []
    assert "create_goods_receipt" not in str(script.schemas[0])
