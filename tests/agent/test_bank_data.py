"""No prompt of a batch or of a conversation holds an account, whatever field of a document repeats it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.chat.types import PieceKind, Talk
from agent.investigator import ModelInvestigator
from agent.letters import LetterWriter
from agent.llm.contract import Rendered, Reply, Usage
from agent.llm.prompts import Prompts
from tests.agent.test_chat import ANSWER, Script, a_chat, said
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.office import CLEO, Office
from tests.graph.papers import a_document
from tools.account_numbers import REMOVED, without_known, without_numbers
from tools.domain.identifiers import CaseId

LOCAL = "9988776655"
PIECE = LOCAL[:7]


class Spy(Script):
    """Takes the first way it is offered, writes a letter, and keeps what it was shown."""

    async def choose(
        self, prompt: Rendered, schema: Mapping[str, Any], *, case_id: CaseId | None, max_tokens: int = 400
    ) -> Reply:
        self.shown.append(prompt)
        fields = schema["properties"]
        data: dict[str, Any] = {"subject": "About your document", "body": "Please send a word."}
        if "choose" in fields:
            first = fields["evidence"]["items"]["enum"][0]
            data = {"reason": "So it is.", "choose": fields["choose"]["enum"][0], "evidence": [first]}
        return Reply(data=data, usage=Usage(), model=self.name)


@pytest.fixture
async def office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:  # noqa: F811
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


def a_repeating_document(number: str = f"RE {LOCAL}") -> bytes:
    """The account in its number, its order, its lines and its notes, whole and in pieces."""
    return a_document(
        number=number,
        order=f"PO{LOCAL}",
        iban=LOCAL,
        rows=(("", f"Sorting 99 88 77 66 55 x{LOCAL}", "1", "100.00"),),
        notes=(f"{'pay ' * 48}{LOCAL} or 9988 (please) 776655",),
    )


def digits_in(prompts: list[Rendered]) -> str:
    texts = [message.text for prompt in prompts for message in prompt.messages]
    return "|".join("".join(sign for sign in text if sign.isalnum()) for text in texts)


async def test_a_batch_tells_no_account_to_a_model(office: Office) -> None:
    spy, service = Spy([]), office.app.service
    investigator = ModelInvestigator(spy, Prompts(), letters=LetterWriter(spy, Prompts()))
    deps = replace(service.deps, investigator=investigator)
    office.app = replace(office.app, service=service.with_deps(deps))
    await office.take_in(a_repeating_document())
    assert spy.shown
    assert REMOVED in str(spy.shown)
    assert PIECE not in digits_in(spy.shown)


@pytest.mark.parametrize("tool", ["explain_match", "get_invoice", "list_cases"])
@pytest.mark.parametrize("in_case", [True, False])
async def test_a_conversation_tells_no_account_to_a_model(office: Office, tool: str, in_case: bool) -> None:
    case = (await office.take_in(a_repeating_document())).case_id
    arguments = {} if tool == "list_cases" else {"case": case}
    script = Script([{"tool": tool, "arguments": arguments}, ANSWER], "So it is.")
    talk = Talk(person=CLEO, case_id=case if in_case else None)
    pieces = await said(a_chat(office, script), talk, f"What about {case}, and the list of the inbox?")
    assert len(script.shown) == 3
    assert "Records:" in str(script.shown[-1])
    assert PIECE not in digits_in(script.shown)
    assert [piece for piece in pieces if piece.kind is PieceKind.RECORDS]
    assert PIECE not in "".join(sign for piece in pieces for sign in piece.text if sign.isalnum())


def test_a_known_account_is_never_cut_out_of_our_own_marks() -> None:
    text = '<data source="note" cut="1200">1200 7</data>'
    assert without_known(text, ["CUT1200", "12007DATA", "NOTECUT1200"]) == text


@pytest.mark.parametrize(
    "text",
    [
        "Kontonummer lautet: 532013008",
        "Commerzbank COBADEFFXXX",
        "CLABE 032180000118359719",
        "032180000118359719",
        "BSB 062-000",
        "Postgiro 1234567",
        "Bankgiro 5050-1055",
        "PC 01-39139-1",
        "cuenta 1234567890",
        "conto corrente 000000123456",
        "DE89 (bitte) 3704 0044 0532 0130 00",
    ],
)
def test_accounts_of_many_countries_are_taken_out(text: str) -> None:
    left = without_numbers(text)
    assert REMOVED in left
    assert not any(sign.isdigit() for sign in left)
    assert "COBADEFF" not in left


@pytest.mark.parametrize(
    "text",
    [
        "DELIVERY of BRACKETS, 1200.00 EUR of 2026-11-21",
        "order 4500017331, item 10203040",
        "il conto e 12 pezzi",
        "MATERIAL for REISEKOSTEN, 250 (units) 300 pieces",
    ],
)
def test_what_is_no_account_stays(text: str) -> None:
    assert without_numbers(text) == text
