"""Letters that a model drafts: whole, in the reader's language, silent about us towards the supplier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agent.brief import Way, brief_of
from agent.letter_brief import letter_brief, supplier_brief, tells_limits
from agent.letter_check import letter_fault
from agent.letters import WISHES, LetterWriter
from agent.llm.contract import Rendered, Reply, Usage
from agent.llm.prompts import Prompts
from agent.state import Option
from tests.builders import a_profile, a_supplier, an_invoice, an_invoice_line, an_order, an_order_line
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchDepth, MatchResult, Severity
from tools.domain.identifiers import CaseId
from tools.domain.policy import MatchPolicy
from tools.domain.suggestion import DraftDropped, DraftMessage, DraftRecipient
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.resolutions import allowed

SUPPLIER, BUYER = DraftRecipient.SUPPLIER, DraftRecipient.BUYER
INSTRUCTIONS = [part.text for part in Prompts().get("letter").parts]
WHOLE = "Your invoice bills 12.00 EUR. The order says 10.00 EUR. Please send a credit note."


class Writer:
    """Says one letter, and keeps what it was shown."""

    name = "writer"

    def __init__(self, body: str = WHOLE, subject: str = "Your invoice") -> None:
        self.data = {"subject": subject, "body": body}
        self.shown: list[Rendered] = []

    async def choose(
        self, prompt: Rendered, schema: Mapping[str, Any], *, case_id: CaseId | None, max_tokens: int = 400
    ) -> Reply:
        self.shown.append(prompt)
        return Reply(data=self.data, usage=Usage(), model=self.name)

    def write(self, prompt: Rendered, *, case_id: CaseId | None, max_tokens: int = 800) -> Any:
        raise NotImplementedError


def dear_case(price: str = "12.00") -> tuple[Facts, MatchResult]:
    line = an_invoice_line(price=price, buyer_item_id="1896-S")
    facts = Facts(
        invoice=an_invoice(lines=(line,)),
        supplier=a_supplier(),
        profile=a_profile(),
        today=date(2026, 3, 20),
        orders=(an_order(an_order_line()),),
        policy=MatchPolicy.model_validate({"unit_price": {"over": {"percent": "2.75", "absolute": "0.17"}}}),
    )
    return facts, assess(facts)


def told_to(recipient: DraftRecipient, facts: Facts, match: MatchResult) -> str:
    options = [Option(id=way.id, label=way.label) for way in allowed(match.discrepancies)]
    return letter_brief(recipient, brief_of(facts, match, options), facts, match)


def test_a_supplier_is_told_what_differs_and_no_limit() -> None:
    facts, match = dear_case()
    told = told_to(SUPPLIER, facts, match)
    assert "12.00 EUR" in told and "10.00 EUR" in told
    assert "limit" not in told and "2.75" not in told and "0.17" not in told
    assert "2.75 %" in told_to(BUYER, facts, match)


def a_finding(kind: DiscrepancyKind, message: str = "It is above the limit of 31.41 EUR.") -> Discrepancy:
    figures = {"invoice": "60.00 EUR", "limit": "31.41 EUR", "limit_from": "house 7", "actual": "60.00 EUR"}
    return Discrepancy(kind=kind, severity=Severity.BLOCK, rule="x.y", message=message, figures=figures)


@pytest.mark.parametrize("kind", list(DiscrepancyKind))
@pytest.mark.parametrize("with_figures", [True, False])
def test_no_finding_of_any_kind_tells_the_supplier_a_limit(kind: DiscrepancyKind, with_figures: bool) -> None:
    facts, _ = dear_case()
    finding = a_finding(kind)
    if not with_figures:
        finding = finding.model_copy(update={"figures": {}})
    match = MatchResult(depth=MatchDepth.THREE_WAY, discrepancies=(finding,), policy="p 1")
    told = supplier_brief(facts, match)
    assert "31.41" not in told and "house 7" not in told and "limit" not in told


@pytest.mark.parametrize(
    "kind", [DiscrepancyKind.SENDER_SUSPECT, DiscrepancyKind.NEAR_LIMIT, DiscrepancyKind.BUDGET_EXCEEDED]
)
def test_a_supplier_hears_nothing_of_controls_and_of_our_own_affairs(kind: DiscrepancyKind) -> None:
    facts, _ = dear_case()
    match = MatchResult(depth=MatchDepth.THREE_WAY, discrepancies=(a_finding(kind),), policy="p 1")
    assert "finding:" not in supplier_brief(facts, match)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("We accept 2.75 % more.", ("2.75",)),
        ("Up to 0.17 EUR is fine.", ("0.17",)),
        ("You billed 12.00 EUR instead of 10.00 EUR.", ()),
        ("The order has 3 lines.", ()),
    ],
)
def test_a_limit_in_a_letter_is_seen_by_its_figure(text: str, told: tuple[str, ...]) -> None:
    assert tells_limits(text, *dear_case()) == told


FAULTY = {
    "it copies marks of the prompt": [
        'About <data source="invoice note">pay</data>.',
        'About (data source="invoice note")pay(/data).',
        "Well.<|im_end|>",
    ],
    "it copies a part of the prompt": [
        "The price is higher [finding:1].",
        "What the records say: 12.00 EUR.",
        "Dear {{recipient}}, please help.",
        '{"subject": "x", "body": "y"}.',
    ],
    "it repeats its instructions": [
        "Only figures, dates and numbers that stand in the records you are given."
    ],
    "it breaks off in the middle of a sentence": [
        "Please send us the",
        "Dear all,\n\nthe price of the bracket is higher than",
        "Thank you for the goods and please",
        "x" * 1200,
        "The price is\n\nKind regards",
    ],
    "it is empty": ["", "  \n "],
}


@pytest.mark.parametrize(("fault", "body"), [(fault, body) for fault in FAULTY for body in FAULTY[fault]])
def test_what_is_no_letter_is_dropped_with_the_reason(fault: str, body: str) -> None:
    assert letter_fault(BUYER, "Your invoice", body, INSTRUCTIONS, 1200) == fault


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        "Please send a credit note.\n\nKind regards",
        "Please send a credit note.\nKind regards,\nAccounts payable",
        "Bitte senden Sie eine Gutschrift.\n\nMit freundlichen Grüßen",
        "Stuur ons een creditnota. Met vriendelijke groet",
        "Merci d'envoyer un avoir.\n\nCordialement",
        'The order says "10.00 EUR".',
        "Please send it.\nMany thanks in advance",
        "Is it 10 < 12? Then tell us the date (as ordered).",
    ],
)
def test_a_whole_letter_stands(body: str) -> None:
    assert letter_fault(SUPPLIER, "Your invoice", body, INSTRUCTIONS, 1200) is None


@pytest.mark.parametrize(
    "body",
    [
        "This is above our limit.",
        "Das liegt über unserer Toleranz.",
        "Dit is boven de tolerantie.",
        "Le seuil est dépassé.",
    ],
)
def test_a_supplier_is_not_spoken_to_about_limits_and_a_colleague_may_be(body: str) -> None:
    assert "limits" in (letter_fault(SUPPLIER, "x", body, INSTRUCTIONS, 1200) or "")
    assert letter_fault(BUYER, "x", body, INSTRUCTIONS, 1200) is None


async def drafted(writer: Writer, option: str, told: str = WHOLE) -> DraftMessage | DraftDropped | None:
    way = Way(key=option, option=option, meaning="")
    return await LetterWriter(writer, Prompts()).draft(CaseId("C-1"), way, told, "nl")


async def test_a_draft_is_held_against_what_was_told_and_its_doubts_are_kept() -> None:
    said = "- [document] A note: <data>pay 55.00 EUR</data>"
    found = await drafted(Writer("Please pay 55.00 EUR and 77.77 EUR."), "ask_supplier", said)
    assert isinstance(found, DraftMessage)
    assert (found.struck, found.flagged) == (("77.77",), ("55.00",))


async def test_a_broken_draft_is_dropped_and_only_its_reason_is_kept() -> None:
    found = await drafted(Writer("Please send us the"), "ask_supplier")
    assert isinstance(found, DraftDropped)
    assert (found.to, found.reason) == ("supplier", "it breaks off in the middle of a sentence")
    assert "send us" not in found.model_dump_json()


async def test_where_no_letter_belongs_to_the_way_no_model_is_asked() -> None:
    writer = Writer()
    assert await drafted(writer, "accept_price") is None
    assert not writer.shown
    assert {recipient for recipient, _ in WISHES.values()} == set(DraftRecipient)


def test_amounts_stay_exact_in_the_brief() -> None:
    facts, match = dear_case("12.345")
    assert "12.345" in supplier_brief(facts, match)
    assert facts.policy.unit_price.over.percent == Decimal("2.75")
