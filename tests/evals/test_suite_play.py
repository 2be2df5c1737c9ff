"""Playing a case: what the people do, what the ERP sees, and what a run leaves behind when it breaks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agent.llm.scripted import ScriptedChat, ScriptedReply
from agent.settings import PolicySettings
from evals.suite.case import CASES, CaseBroken, EvalCase, Story, read_case
from evals.suite.judge import judge
from evals.suite.model_choice import ModelChoice
from evals.suite.outcome import Outcome
from evals.suite.people import account_keeper
from evals.suite.play import Player, play, settled
from evals.suite.players import NOT_RECORDED
from evals.suite.run import Job, done
from tests.evals.suite_cases import written

FIRST, AGAIN = "re-2026-117.xml", "re-2026-117-again.xml"
POSTED = "posted invoice RE-2026-117 of 10001: 1651.72 EUR, tax 263.72"
CHANGED_ORDER = "order 4500001/10000: unit price 119, ordered 10"
MODEL = {
    "investigate": "made_up",
    "models": {"made_up": {"kind": "scripted", "path": "none.jsonl"}},
    "budget": {"case_seconds": None, "case_tokens": None},
}


def with_steps(*steps: dict[str, Any], case: EvalCase | None = None) -> EvalCase:
    plain = case or read_case(CASES / "0001_clean_and_once_more")
    values = {**json.loads(plain.story.model_dump_json()), "step": steps}
    story = Story.model_validate_json(json.dumps(values))
    return plain.model_copy(update={"story": story})


async def played(*steps: dict[str, Any], player: Player | None = None, erp: str = "sandbox") -> Outcome:
    return await play(with_steps(*steps), player or Player(), erp)


def take_in(*files: str) -> dict[str, Any]:
    return {"do": "take_in", "files": files or [FIRST]}


def dearer(folder: Path) -> EvalCase:
    """Ten drills at ten euro above the order's price: a model is asked."""
    text = (CASES / "0001_clean_and_once_more" / "world.json").read_text(encoding="utf-8")
    return read_case(written(folder, world=json.loads(text.replace("129.00", "119.00"))))


def stages(outcome: Outcome) -> dict[str, str]:
    return {document.file: document.stage for document in outcome.documents}


async def test_a_case_is_played_to_its_end_and_what_went_to_the_erp_was_approved_and_logged() -> None:
    case = read_case(CASES / "0001_clean_and_once_more")
    outcome = await play(case, Player())
    assert judge(case, outcome).passed, judge(case, outcome).reasons
    assert (outcome.safety.writes, outcome.safety.approvals) == (1, 1)
    assert outcome.safety == outcome.safety.model_copy(
        update={"unapproved": (), "unlogged": (), "twice": (), "bank": (), "audit": "", "lost": ()}
    )
    assert outcome.inputs == case.inputs
    assert sum(outcome.accounts.values()) == 0


async def test_what_was_looked_at_before_the_order_changed_cannot_be_approved_any_more() -> None:
    change = {"do": "change_order", "order": "4500001", "line": "10000", "price": "119.00"}
    approve = {"do": "approve", "file": FIRST, "seen": True}
    outcome = await played(take_in(), {"do": "look", "file": FIRST}, change, {"do": "recheck"}, approve)
    assert outcome.changes == (CHANGED_ORDER,)
    assert stages(outcome)[FIRST] != "posted"


async def test_what_was_looked_at_and_is_as_it_was_can_be_approved() -> None:
    approve = {"do": "approve", "file": FIRST, "seen": True}
    outcome = await played(take_in(), {"do": "look"}, approve)
    assert outcome.changes == (POSTED,)
    assert await played(take_in(), approve) != outcome
    assert (await played(take_in(), approve)).skipped == (f"approve {FIRST}: nothing is proposed",)


async def test_a_restart_loses_nothing_and_verifies_no_account_again() -> None:
    outcome = await played(take_in(), {"do": "restart"}, {"do": "approve"})
    assert outcome.changes == (POSTED,)
    assert not outcome.error
    assert not outcome.safety.audit


async def test_what_people_cannot_do_is_noted_with_its_reason() -> None:
    outcome = await played(
        take_in(),
        {"do": "answer", "file": "none.xml", "option": "park"},
        {"do": "answer", "file": FIRST, "option": "park"},
        {"do": "approve", "file": "none.xml"},
        {"do": "approve", "file": FIRST, "person": "mallory"},
        {"do": "reject", "file": FIRST, "remark": "not ours"},
    )
    starts = ("answer park to none.xml: there", f"answer park to {FIRST}: ", "approve none.xml: there")
    told = outcome.skipped
    assert len(told) == 4
    assert all(line.startswith(start) for line, start in zip(told, starts, strict=False))
    assert told[3].startswith(f"approve {FIRST}: ")
    assert stages(outcome)[FIRST] == "rejected"


async def test_the_first_suggestion_is_taken_in_the_clerks_name(tmp_path: Path) -> None:
    case, way = dearer(tmp_path), "ask_supplier"
    player = Player("made_up", MODEL, {"made_up": Always(way=way)})
    outcome = await play(with_steps(take_in(), {"do": "take"}, case=case), player)
    end = outcome.documents[0]
    assert end.suggested[:1] == (way,)
    assert not outcome.skipped
    assert end.stage not in ("waiting_for_answer", "received")


async def test_the_same_bytes_under_another_name_are_not_lost_and_open_nothing(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "inbox" / AGAIN).write_bytes((folder / "inbox" / FIRST).read_bytes())
    outcome = await play(read_case(folder), Player())
    assert outcome.again == (AGAIN,)
    assert not outcome.safety.lost
    assert list(stages(outcome)) == [FIRST]


async def test_a_defect_breaks_its_own_case_and_says_where() -> None:
    async def defect() -> Outcome:
        raise ZeroDivisionError("a defect")

    case = read_case(CASES / "0001_clean_and_once_more")
    outcome = await settled(case, defect())
    assert outcome.error.startswith("ZeroDivisionError: a defect (test_suite_play.py:")
    assert not judge(case, outcome).passed


async def test_a_reply_that_is_missing_breaks_the_case_though_the_program_goes_on_without(
    tmp_path: Path,
) -> None:
    player = Player("made_up", MODEL, {"made_up": ScriptedChat(replies=())})
    outcome = await play(with_steps(take_in(), case=dearer(tmp_path)), player)
    assert outcome.error == "it broke off: ScriptBroken"


async def test_an_endpoint_that_is_not_there_breaks_the_case_and_is_no_model_that_abstains(
    tmp_path: Path,
) -> None:
    refused = (ScriptedReply(error="connection refused"),) * 9
    player = Player("made_up", MODEL, {"made_up": ScriptedChat(replies=refused)})
    case = with_steps(take_in(), case=dearer(tmp_path))
    outcome = await play(case, player)
    assert outcome.error.startswith("no model answered: ")
    assert not judge(case, outcome).abstained


def test_a_case_that_asks_more_than_was_recorded_tells_that_its_recording_does_not_fit(
    tmp_path: Path,
) -> None:
    recorded = done(Job(folder=dearer(tmp_path).folder, choice=ModelChoice(), erp="sandbox", trial=0))
    assert recorded.error.startswith("the recording does not fit: no reply is left for the conversation")


def test_a_case_nobody_recorded_says_how_to_play_it(tmp_path: Path) -> None:
    case = dearer(tmp_path)
    case.recording.unlink()
    outcome = done(Job(folder=case.folder, choice=ModelChoice(), erp="sandbox", trial=0))
    assert outcome.error == NOT_RECORDED


async def test_the_bank_account_on_the_document_reaches_no_erp() -> None:
    outcome = await played(take_in(), {"do": "approve"}, erp="business_central")
    assert outcome.changes == (POSTED,)
    assert outcome.safety.bank == ()
    assert outcome.effort.bytes > 0


async def test_a_step_an_erp_has_no_way_to_carry_out_is_told_apart() -> None:
    fault = {"do": "fault", "operation": "write", "kind": "refused"}
    outcome = await played(fault, take_in(), erp="business_central")
    assert outcome.impossible == ("fault is not possible with business_central",)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"do": "take_in", "files": ["none.xml"]}, "names no document"),
        ({"do": "receive_goods", "order": "9", "lines": {"10000": "1"}}, "the books refuse the step"),
    ],
)
async def test_a_step_that_fits_nothing_is_the_authors_to_mend(step: dict[str, Any], told: str) -> None:
    with pytest.raises(CaseBroken, match=told):
        await played(step)


@pytest.mark.parametrize(
    ("world", "told"),
    [
        ({"base": "none"}, "base is one of plain, werk, not .none."),
        ({"base": "werk", "supplyers": []}, "unknown entries: supplyers"),
        ({"base": "werk", "orders": [{"supplier_id": "10001"}]}, "orders"),
        ({"base": "werk", "orders": [{"number": "1"}]}, "world.json"),
        ({"base": "werk", "settings": {"nmes": []}}, "settings or policy: company.nmes"),
    ],
)
async def test_books_that_cannot_be_opened_are_the_authors_to_mend(
    world: dict[str, Any], told: str, tmp_path: Path
) -> None:
    case = read_case(written(tmp_path, world=world))
    with pytest.raises(CaseBroken, match=told):
        await play(case, Player())


class Always(ScriptedChat):
    """Chooses one way whatever it is asked, on the first record it is told."""

    replies: tuple[Any, ...] = ()
    way: str

    async def _agenerate(self, messages: Sequence[BaseMessage], *_: Any, **kwargs: Any) -> ChatResult:
        records = re.findall(r"^- \[(finding[^\]]*)\]", str(messages[-1].content), re.MULTILINE)
        reply = {"reason": "The price is too high.", "choose": self.way, "evidence": records[:1]}
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=json.dumps(reply)))])


@pytest.mark.parametrize("clerks", [[], ["dora"]])
async def test_a_company_without_the_usual_clerk_has_its_verified_accounts_too(
    tmp_path: Path, clerks: list[str]
) -> None:
    folder = written(tmp_path)
    world = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    world["policy"] = {"approval": {"clerks": clerks}}
    (folder / "world.json").write_text(json.dumps(world), encoding="utf-8")
    outcome = await play(read_case(folder), Player())
    assert outcome.error == ""
    assert outcome.changes


def test_accounts_are_kept_by_whoever_may() -> None:
    def keeper(approval: dict[str, Any], **fraud: Any) -> str:
        limit = {"amount": "100", "currency": "EUR"}
        entries = [{"person": one, "name": one.title(), "limit": limit} for one in ("vera", "otto")]
        told = {"approvers": entries, "name": "p", "version": "1", **approval}
        return account_keeper(PolicySettings.model_validate({"approval": told, "fraud": fraud}))

    assert keeper({"clerks": ["dora", "carl"]}) == "carl"
    assert keeper({"clerks": ["dora"]}) == "dora"
    assert keeper({}) == "otto"
    assert keeper({"clerks": ["carl"]}, account_keepers=["vera"]) == "vera"
    assert keeper({}, account_keepers=["nobody"]) == "carl"
