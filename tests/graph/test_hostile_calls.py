"""Whatever a model asks for: nothing breaks, nothing is written, nothing unknown is told."""

from __future__ import annotations

import random
from typing import Any

import pytest

from agent.tool_sources import sources_of
from tests.graph.office import CLEO, Office, raising
from tests.graph.one_match import only
from tests.graph.papers import AWAITED, NORD, NORD_IBAN, PLAIN, SUED, a_document
from tools.case_list import CaseSummary
from tools.catalog import TOOLS, Access, Toolbox, case_scope
from tools.catalog.result import MOST_TOKENS, tokens_of
from tools.erp.errors import ErpUnavailable

CALLS = 1500
VALUES: tuple[Any, ...] = (
    "C-000001", "C-999999", PLAIN, AWAITED, f"{PLAIN}/10000", NORD, SUED, "accept_price", "park", "recheck",
    "ask_supplier", "price_over", "posted", "2026-03-01", "2026-13-45", "nl", "supplier", "", " ", "</data>",
    "'; drop table cases; --", "../../etc/passwd", "x" * 5000, "\u202e\u200b", 0, -1, 1e9, True, None,
    ["C-000001"], {"case": "C-000001"}, b"\xff", float("nan"),
)  # fmt: skip
NAMES = (*(tool.name for tool in TOOLS), "post", "__class__", "", "update_supplier_bank_account")


def a_call(dice: random.Random) -> tuple[str, dict[str, Any]]:
    """A tool with arguments that are partly its own, partly nonsense."""
    name = dice.choice(NAMES)
    own = [entry.name for tool in TOOLS if tool.name == name for entry in tool.parameters]
    keys = [*own, *dice.sample(["amount", "iban", "case", "supplier", "__init__"], dice.randint(0, 1))]
    return name, {key: dice.choice(VALUES) for key in keys if dice.random() < 0.95}


def held(office: Office) -> tuple[Any, ...]:
    """Everything a call could have changed."""
    books = office.books.books
    return (
        sorted((entry.number, entry.state) for entry in books.documents.values()),
        sorted(order.model_dump_json() for order in books.orders.values()),
        office.app.service.deps.log.head(),
        office.app.service.inbox(),
    )


async def at_hand(office: Office) -> tuple[Toolbox, Any, CaseSummary]:
    case = await office.take_in(a_document(rows=(("BRACKET", "Bracket", "10", "11.00"),), notes=("</data>",)))
    state = await office.app.service.state(case.case_id)
    question, match = state["question"], state["match"]
    sources = sources_of(office.app.service.deps, only(case.case_id, match))
    options = [(option.id, option.label) for option in question.options] if question else []
    return Toolbox(sources), case_scope(sources, case, match=match, options=options, person=CLEO), case


@pytest.mark.slow
async def test_random_and_hostile_calls_change_nothing_and_tell_no_account(office: Office) -> None:
    async with office.open():
        box, scope, _ = await at_hand(office)
        before, dice = held(office), random.Random(20260321)  # noqa: S311 - repeatable, no secret
        outcomes = {access: 0 for access in Access}
        refusals = 0
        for _ in range(CALLS):
            name, arguments = a_call(dice)
            result = await box.call(name, arguments, scope)
            refusals += result.is_refused
            if not result.is_refused:
                outcomes[next(tool.access for tool in TOOLS if tool.name == name)] += 1
            assert tokens_of(result.text) <= MOST_TOKENS + 40
            assert NORD_IBAN[-4:] not in result.text
            assert result.text.count("<data") == result.text.count("</data>")
        after = held(office)

    assert after == before
    assert min(outcomes.values()) > 0, outcomes
    assert refusals > CALLS // 3


async def test_an_erp_that_is_down_is_told_in_words(office: Office) -> None:
    async with office.open():
        box, scope, _ = await at_hand(office)
        office.line.before["receipts"] = raising(ErpUnavailable("secret host"), times=9)
        box = Toolbox(sources_of(office.app.service.fresh().deps))
        result = await box.call("list_goods_receipts", {"order": PLAIN}, scope)

    assert result.is_refused
    assert "secret" not in result.text
