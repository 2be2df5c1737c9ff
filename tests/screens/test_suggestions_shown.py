"""A model's suggestions and drafts on the command line: marked as a model's, taken by who is logged in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent import bootstrap
from agent.settings import load, login
from tests.graph.papers import AWAITED
from tests.screens.desk import Desk, joined
from tools.domain import audit
from tools.domain.decision import digest_of
from tools.domain.suggestion import (
    DraftMessage,
    DraftRecipient,
    MessageDrafted,
    Suggestion,
    SuggestionKind,
    SuggestionMade,
)

CASE = "C-000001"
BY = {"model": "local small-1b", "prompt": "investigate/v1 3fa9c1d2"}


def leave(desk: Desk, **fields: Any) -> str:
    """A model looked at the case in an earlier process; the id of what it suggests."""

    async def note() -> str:
        async with bootstrap.opened(load(desk.config)) as application:
            service = application.service
            state = await service.state(service.inbox()[0].case_id)
            made = Suggestion(
                **{
                    "case_id": CASE,
                    "kind": SuggestionKind.RESOLUTION,
                    "option": "wait_for_receipt",
                    "reason": "[red]Nothing[/red] has come yet.",
                    "evidence": ("order:PO100002",),
                    "struck": ("the truck left on 1 March",),
                    "flagged": ("55.00 [EUR]",),
                    "findings": digest_of(state["match"]),
                    **BY,
                    **fields,
                }
            )
            draft = DraftMessage(
                case_id=made.case_id,
                to=DraftRecipient.SUPPLIER,
                language="en",
                subject="Your invoice RE-1",
                body="When will the goods come?",
                flagged=("The carrier has confirmed it.",),
                **BY,
            )
            events = (SuggestionMade(suggestion=made), MessageDrafted(draft=draft))
            service.deps.log.append(made.case_id, audit.SERVICE, *events)
            return made.suggestion_id

    return asyncio.run(note())


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """With a case for whose goods no receipt is entered."""
    desk.lay("a.xml", order=AWAITED, rows=(("BRACKET", "Bracket", "20", "10.00"),))
    desk.call("run", desk.inbox)
    return desk


def test_a_suggestion_is_shown_apart_and_marked_in_the_lists(waiting: Desk) -> None:
    known = leave(waiting)
    shown = joined(waiting.call("show", CASE).stdout)
    assert "a model's suggestion, not checked by anybody" in shown
    assert "the model writes: [red]Nothing[/red] has come yet." in shown
    assert "struck out, no record says so: the truck left on 1 March" in shown
    assert "doubtful, look for yourself: 55.00 [EUR]" in shown
    assert "doubtful, look for yourself: The carrier has confirmed it." in shown
    assert f"erp-agent answer {CASE} --take {known}" in shown
    assert "local small-1b, investigate/v1 3fa9c1d2" in shown
    for command in ("cases", "queue"):
        assert "model suggests: wait_for_receipt" in joined(waiting.call(command).stdout)
    assert waiting.rows("cases")[0]["suggestion"] == "wait_for_receipt"
    assert [row["id"] for row in waiting.rows("show", CASE)[0]["suggestions"]] == [known]


def test_a_suggestion_is_taken_with_and_without_its_id(waiting: Desk) -> None:
    known = leave(waiting)
    assert "no suggestion 12345678" in waiting.rows("answer", CASE, "12345678", "--take", code=1)[0]["error"]
    (row,) = waiting.rows("answer", CASE, "--take", known)
    assert (row["stage"], row["error"]) == ("on_hold", None)
    answered = [
        entry for entry in waiting.rows("audit", "export") if entry["event"]["kind"] == "question_answered"
    ]
    assert [(entry["actor"]["id"], entry["event"]["suggested_by"]) for entry in answered] == [
        (login(), "local small-1b")
    ]
    assert waiting.rows("audit", "verify")[0]["ok"]


def test_an_entry_is_taken_proposed_and_approved_from_the_command_line(waiting: Desk) -> None:
    leave(
        waiting,
        kind=SuggestionKind.CREATE_GOODS_RECEIPT,
        option="",
        references={"order_line": f"{AWAITED}/10000"},
    )
    shown = joined(waiting.call("show", CASE).stdout)
    assert "--set delivery_note=…" in shown and "[--set quantity=…]" in shown
    (row,) = waiting.rows("answer", CASE, "--take", "--set", "delivery_note=LS-7")
    assert row["stage"] == "waiting_for_approval"
    shown = joined(waiting.call("show", CASE).stdout)
    assert "create goods receipt LS-7 on order PO100002" in shown
    assert f"taken by {login()}, suggested by the model local small-1b" in shown
    (row,) = waiting.rows("approve", CASE, "--yes")
    assert (row["stage"], row["error"]) == ("waiting_for_approval", None)
    assert waiting.rows("cases")[0]["action"] == "post_invoice"


def test_an_option_or_a_suggestion_is_named_not_both(waiting: Desk) -> None:
    for words in ((), ("--choose", "recheck", "--take"), ("abcd1234", "--choose", "recheck")):
        assert waiting.call("answer", CASE, *words, code=2).stderr


def test_drafts_are_listed_for_a_person_to_send(waiting: Desk) -> None:
    assert "nothing is drafted" in waiting.call("drafts").stdout
    leave(waiting)
    shown = joined(waiting.call("drafts", CASE).stdout)
    assert f"{CASE}: a model's draft to the supplier (en), not sent" in shown
    assert "When will the goods come?" in shown
    assert waiting.rows("drafts")[0]["subject"] == "Your invoice RE-1"
    assert "there is no case C-9" in waiting.call("drafts", "C-9", code=1).stderr
