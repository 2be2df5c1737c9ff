"""A supplier's inquiry: it hears where its own documents stand, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.chat.types import PieceKind, Talk
from agent.commands.chat import _converse
from agent.wrong_usage import WrongUsage
from tests.agent.test_chat import ANSWER, Script, a_chat, a_dear_case, said
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.office import CLEO, STRANGER, Office
from tests.graph.papers import NORD, NORD_NAME, PAPER, SUED, SUED_NAME, SUED_VAT, a_document
from tools.catalog import Ref, Toolbox
from tools.domain.identifiers import CaseId, SupplierId
from tools.domain.money import Money

OWN = Talk(person=CLEO, only_supplier=SupplierId(NORD))
OTHER = Talk(person=CLEO, only_supplier=SupplierId(SUED))
# Findings, limits, controls, reasons, people: none of the supplier's business.
INNER = (
    "price", "finding", "needs a", "limit", "5000", "verified", "bank", "on hold", "approv", "blocked",
    "policy", "buyer", "reason", "anna", "answer", "10.00",
)  # fmt: skip


@pytest.fixture
async def office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:  # noqa: F811
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


def called(tool: str, **arguments: str) -> dict[str, Any]:
    return {"tool": tool, "arguments": arguments}


async def told(office: Office, talk: Talk, words: str, *calls: dict[str, Any]) -> tuple[str, Script]:
    """What tools told to the model, and what it was shown."""
    script = Script([*calls, ANSWER], "Nothing.")
    await said(a_chat(office, script), talk, words)
    records = [message.text for message in script.shown[-1].messages if "Records:" in message.text]
    assert records
    return records[-1].partition("Records:")[2].partition("Answer the clerk's")[0], script


async def limited(office: Office) -> CaseId:
    """A dear document of a supplier whose single invoices have a limit."""
    card = office.books.books.suppliers[NORD]
    limit = Money(amount=Decimal(5000), currency="EUR")
    office.books.books.suppliers[NORD] = card.model_copy(
        update={"supplier": card.supplier.model_copy(update={"amount_limit": limit})}
    )
    return await a_dear_case(office)


@pytest.mark.parametrize(
    "call",
    [
        called("get_supplier", supplier=NORD),
        called("list_cases"),
        called("list_cases", supplier=NORD),
        called("search_cases", words="nordberg"),
        called("search_cases", words="price_over"),
        called("find_supplier", words="Nordberg"),
    ],
)
async def test_another_suppliers_inquiry_is_told_nothing_of_a_document(
    office: Office, call: dict[str, Any]
) -> None:
    case = await a_dear_case(office)
    words = f"What about {NORD}, {NORD_NAME} of Kiel, RE-1 and {case}?"
    records, script = await told(office, OTHER, words, call)
    for text in (NORD_NAME, "Nordberg", "Kiel", "11.00", "110.00", "130.90", "RE-1", case, "DE136695976"):
        assert text not in records
    assert case not in str(script.schemas[0])


async def test_an_inquiry_hears_number_date_amount_and_where_it_stands(office: Office) -> None:
    case = await limited(office)
    for call in (
        called("list_cases"),
        called("search_cases", words="re-1"),
        called("get_invoice", case=case),
    ):
        records, _ = await told(office, OWN, "Where is our invoice RE-1?", call)
        assert "RE-1" in records and "130.90 EUR" in records and "2026-03" in records
        assert "waiting" in records
        assert not [word for word in INNER if word in records.casefold()], records


@pytest.mark.parametrize(
    "call",
    [
        called("get_supplier", supplier=NORD),
        called("get_purchase_order", order="PO-1"),
        called("get_posted_invoices", case="C-000001"),
        called("explain_match", case="C-000001"),
        called("get_policy", finding="price_over"),
        called("search_cases", words="price_over"),
        called("search_cases", words="waiting_for_answer"),
    ],
)
async def test_our_own_affairs_are_no_matter_for_an_inquiry(office: Office, call: dict[str, Any]) -> None:
    await limited(office)
    records, script = await told(office, OWN, "Why not paid? price over? RE-1 PO-1", call)
    assert NORD_NAME not in records and "RE-1" not in records
    assert not [word for word in ("5000", "verified", "option", "kiel") if word in records.casefold()]
    if call["tool"] != "search_cases":
        assert call["tool"] not in script.offered(0)


async def test_a_stage_of_ours_cannot_be_asked_out_by_filtering(office: Office) -> None:
    await a_dear_case(office)
    texts = [
        (await told(office, OWN, words, called("list_cases", stage=stage)))[0]
        for words, stage in (("on hold?", "on_hold"), ("a question?", "waiting_for_answer"))
    ]
    assert texts[0] == texts[1]


async def test_a_posted_document_is_told_as_posted_and_whether_it_is_open(office: Office) -> None:
    result = await office.take_in(a_document())
    await office.approve(result)
    records, _ = await told(office, OWN, "RE-1?", called("get_invoice", case=result.case_id))
    assert "posted" in records and "not yet paid" in records


async def test_an_inquiry_about_a_case_of_somebody_else_is_refused(office: Office) -> None:
    case = await a_dear_case(office)
    script = Script([ANSWER], "Nothing.")
    chat = a_chat(office, script)
    talk = OTHER.model_copy(update={"case_id": case})
    (piece,) = await said(chat, talk, "What is it about?")
    assert piece.kind is PieceKind.TROUBLE and not script.shown
    assert "no case of supplier" in piece.text
    own = OWN.model_copy(update={"case_id": case})
    assert not [piece for piece in await said(chat, own, "Where is it?") if piece.kind is PieceKind.TROUBLE]


async def test_a_case_of_somebody_else_has_an_empty_scope_in_an_inquiry(office: Office) -> None:
    case = await a_dear_case(office)
    chat = a_chat(office, Script([]))
    scope = await chat._office.scope(OTHER.model_copy(update={"case_id": case}))
    assert scope.case_id is None and not scope.ids and not scope.choices and not scope.findings
    own = await chat._office.scope(OWN.model_copy(update={"case_id": case}))
    assert own.case_id == case and not own.choices and not own.known(Ref.FINDING)
    toolbox: Toolbox = chat._toolbox
    letter = {"recipient": "supplier", "language": "de", "subject": "x", "body": "y"}
    assert (await toolbox.call("draft_message", letter, scope)).is_refused


async def test_an_inquiry_of_nobody_is_refused_with_a_sentence(office: Office) -> None:
    script = Script([ANSWER])
    chat = a_chat(office, script)
    nobody = Talk(person=CLEO, only_supplier=SupplierId("NOPE"))
    (piece,) = await said(chat, nobody, "Where is our invoice?")
    assert "there is no supplier NOPE in the copy" in piece.text and not script.shown
    application: Any = SimpleNamespace(require_chat=lambda: chat, service=office.app.service)
    with pytest.raises(WrongUsage, match="."):
        await _converse(application, None, "NOPE", [], False)


async def test_who_has_no_part_is_refused_before_a_model_is_asked(office: Office) -> None:
    case = await a_dear_case(office)
    script = Script([ANSWER], "The price is 12.00 EUR.")
    chat = a_chat(office, script)
    for talk in (Talk(person=STRANGER, case_id=case), Talk(person=STRANGER)):
        (piece,) = await said(chat, talk, "Why?")
        assert piece.kind is PieceKind.TROUBLE and "neither clerk nor approver" in piece.text
    assert not script.shown


async def test_other_suppliers_and_orders_are_not_even_heard(office: Office) -> None:
    await a_dear_case(office)
    chat = a_chat(office, Script([]))
    heard = chat._toolbox.hear(f"{SUED} {NORD} {PAPER} {SUED_NAME} {SUED_VAT}", await chat._office.scope(OWN))
    assert heard.known(Ref.SUPPLIER) == (NORD,)
    assert not heard.known(Ref.ORDER)
