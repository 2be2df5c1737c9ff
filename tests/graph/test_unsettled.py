"""What was sent and not answered stays with its case until a person has settled it, and what people decided
on the way stands before the approver."""

from __future__ import annotations

from typing import Any

from agent.clean_cases import is_clean
from agent.views import proposal_view
from tests.graph.office import ANNA, CLEO, Office, raising
from tests.graph.papers import PLAIN, a_document
from tools.domain.actions import InvoiceAction, PostingLine
from tools.domain.authority import ApprovalPolicy
from tools.domain.decision import Proposal
from tools.erp.errors import OutcomeUnknown

NO_ANSWER = OutcomeUnknown("no answer")


async def sent_without_answer(office: Office) -> Any:
    """The document arrived; neither the answer nor any look at it came back."""
    case = await office.take_in(a_document())
    office.line.after["write"] = raising(NO_ANSWER)
    looks = iter([None])

    def blind_after_the_first() -> None:
        if next(looks, "later") == "later":
            raise NO_ANSWER

    office.line.before["find"] = blind_after_the_first
    case = await office.approve(case)
    assert case.stage == "outcome_unknown"
    office.line.before.clear()
    return case


async def test_a_right_that_was_lost_meanwhile_starts_no_second_posting(office: Office) -> None:
    case = await sent_without_answer(office)
    deps = office.app.service.deps
    nobody = office.app.service.with_deps(
        type(deps)(**{**vars(deps), "approval_policy": ApprovalPolicy(clerks=frozenset({CLEO}))})
    )
    case = await nobody.answer(case.case_id, "look", {}, CLEO)
    assert case.stage == "outcome_unknown"
    assert len(office.posted()) == 1


async def test_a_case_with_an_unsettled_posting_can_post_under_no_other_key(office: Office) -> None:
    case = await sent_without_answer(office)
    assert "park" not in await office.options(case)
    assert "give_supplier" not in await office.options(case)
    case = await office.answer(case, "look", ANNA)
    assert case.stage == "posted"
    assert len(office.posted()) == 1


async def test_what_a_clerk_cleared_stands_in_the_proposal_and_is_not_clean(office: Office) -> None:
    first = await office.approve(await office.take_in(a_document("RE-77", order=PLAIN)))
    assert first.stage == "posted"
    again = await office.take_in(a_document("INV-77", order=PLAIN))
    assert "duplicate_suspect" in again.blocks
    again = await office.answer(again, "not_a_duplicate", CLEO, "another delivery")
    detail = await office.app.service.show(again.case_id)
    assert any("cleo: It is no duplicate (another delivery)" in word for word in detail.decided)
    if detail.proposal is not None:
        assert any("another delivery" in reason for reason in detail.proposal.reasons)
    assert not is_clean(detail)
    assert again.case_id not in [
        found.summary.case_id for found, _ in await office.app.proposals(None, True, ANNA)
    ]


async def test_every_field_that_is_posted_is_shown_before_it_is_approved(office: Office) -> None:
    await office.take_in(a_document())
    case = (await office.app.proposals(None, True, ANNA))[0][0].summary
    state = await office.app.service.state(case.case_id)
    proposal = state["proposal"]
    assert isinstance(proposal, Proposal) and isinstance(proposal.action, InvoiceAction)
    shown = proposal_view(with_everything(proposal)).model_dump_json()
    for name, field in (("action", InvoiceAction), ("line", PostingLine)):
        for key in field.model_fields:
            if key not in {"kind", "lines", "invoice_line"}:
                assert MARKS[name][key] in shown, f"{name}.{key} is not shown"


MARKS: dict[str, dict[str, str]] = {
    "action": {
        "company": "COMPANY-X",
        "supplier_id": "SUP-X",
        "supplier_name": "NAME-X",
        "number": "NUMBER-X",
        "invoice_date": "2031-01-01",
        "posting_date": "2031-01-02",
        "due_date": "2031-01-03",
        "currency": "SEK",
        "net": "701.01 SEK",
        "tax": "702.02 SEK",
        "gross": "703.03 SEK",
        "preceding_invoice": "BEFORE-X",
    },
    "line": {
        "description": "TEXT-X",
        "quantity": "811",
        "unit": "KGM",
        "unit_price": "812.5",
        "net_amount": "813.13 SEK",
        "item_number": "ITEM-X",
        "account": "ACCOUNT-X",
        "cost_centre": "COST-X",
        "tax_code": "TAX-X",
        "tax_rate": "17.5",
        "order_number": "ORDER-X",
        "order_line_id": "LINE-X",
    },
}


def with_everything(proposal: Proposal) -> Proposal:
    """The proposal with a mark in every field."""
    money = {"net": "701.01", "tax": "702.02", "gross": "703.03"}
    action = proposal.action.model_dump(mode="json") | MARKS["action"]
    action |= {key: {"amount": amount, "currency": "SEK"} for key, amount in money.items()}
    line = MARKS["line"] | {"net_amount": {"amount": "813.13", "currency": "SEK"}}
    coded = {**line, "item_number": None}
    return Proposal.model_validate(
        proposal.model_dump(mode="json") | {"action": action | {"lines": [line, coded]}}
    )
