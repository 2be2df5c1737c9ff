"""The way of a case as it is told: in its order, by document, without what differs from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from evals.suite.trail import Mark, prompts_of, trail_of
from tools.domain import audit
from tools.domain.audit import SERVICE, AuditRecord, person
from tools.domain.decision import Posting, PostingState
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.identifiers import CaseId, DocumentId, PersonId
from tools.domain.money import Money
from tools.domain.suggestion import DraftMessage, DraftRecipient, Suggestion, SuggestionKind

CASE = CaseId("C-000001")
FILES = {CASE: "re-1.xml"}
VERA = PersonId("vera")
START = datetime(2026, 3, 16, 9, tzinfo=UTC)


def records(
    *events: audit.AuditEvent, actor: audit.Actor = SERVICE, case: CaseId | None = CASE
) -> list[AuditRecord]:
    return [
        AuditRecord(
            sequence=at,
            at=START + timedelta(seconds=at),
            actor=actor,
            case_id=case,
            event=event,
            previous="",
            hash="",
        )
        for at, event in enumerate(events, 1)
    ]


def told(*events: audit.AuditEvent) -> Sequence[tuple[str, str]]:
    return [(step.mark.value, step.words) for step in trail_of(records(*events), FILES)]


def a_suggestion(*struck: str) -> Suggestion:
    return Suggestion(
        case_id=CASE,
        kind=SuggestionKind.RESOLUTION,
        option="wait_for_receipt",
        references={"order_line": "4500001/10000"},
        reason="The rest is on its way.",
        struck=struck,
        findings="f",
        model="m",
        prompt="investigate/v2 1",
    )


def a_call(prompt: str) -> audit.ModelCalled:
    return audit.ModelCalled(
        task="investigate", model="m", prompt=prompt, tokens_in=1, tokens_out=1, milliseconds=1
    )


def test_a_way_is_told_in_its_order_with_who_acted() -> None:
    finding = Discrepancy(
        kind=DiscrepancyKind.NO_RECEIPT, severity=Severity.BLOCK, rule="r", message="no goods yet"
    )
    matched = audit.InvoiceMatched(depth="three_way", findings=(finding,), policy="p")
    asked = audit.QuestionAsked(
        question_id="q:1", question="What now?", options=("wait_for_receipt", "give_up")
    )
    answered = audit.QuestionAnswered(question_id="q:1", option="wait_for_receipt", suggestion_id="abc")
    approved = audit.ApprovalGiven(
        digest="d", person=VERA, decided_at=START, policy="p", capacity="as approver"
    )
    steps = trail_of(
        [
            *records(matched, asked, audit.SuggestionMade(suggestion=a_suggestion("two pallets"))),
            *records(answered, approved, actor=person(VERA)),
        ],
        FILES,
    )
    assert [(step.mark.value, step.who) for step in steps] == [
        ("findings", "erp-agent"),
        ("question", "erp-agent"),
        ("suggestion", "erp-agent"),
        ("answer", "vera"),
        ("approval", "vera"),
    ]
    assert [step.words for step in steps] == [
        "no_receipt (block)",
        "What now? Ways on: wait_for_receipt, give_up",
        "wait_for_receipt, order_line 4500001/10000: The rest is on its way.",
        "wait_for_receipt, as suggested",
        "approved as approver",
    ]
    assert [step.struck for step in steps] == [0, 0, 1, 0, 0]
    assert {step.file for step in steps} == {"re-1.xml"}


def test_neither_ids_of_a_run_nor_numbers_of_an_erp_are_told() -> None:
    posting = Posting(
        erp_id="77", number="51108001", state=PostingState.POSTED, gross=Money.of("119.00", "EUR")
    )
    done = audit.PostingDone(key="k", digest="d" * 64, posting=posting, found=False)
    closed = audit.CaseClosed(outcome="posted", reason="posted as 51108001")
    assert told(done, closed) == [("write", "written: posted, 119.00 EUR"), ("closed", "posted")]


def test_what_was_there_already_is_told_apart_from_what_was_written() -> None:
    posting = Posting(erp_id="77", number="1", state=PostingState.POSTED)
    assert told(audit.PostingDone(key="k", digest="d", posting=posting, found=True)) == [
        ("write", "was there already: posted")
    ]


@pytest.mark.parametrize(
    ("event", "mark", "words"),
    [
        (
            audit.SuggestionDeclined(model="m", prompt="p", reason="nothing fits"),
            Mark.ABSTAINED,
            "nothing fits",
        ),
        (
            audit.ApprovalRefused(digest="d", person=VERA, reason="over the limit"),
            Mark.REFUSED,
            "over the limit",
        ),
        (
            audit.AnswerRefused(option="o", person=VERA, reason="not yours"),
            Mark.REFUSED,
            "not yours",
        ),
        (
            audit.ProposalRejected(digest="d", person=VERA, remark="no"),
            Mark.REFUSED,
            "rejected: no",
        ),
        (
            audit.PostingUnknown(key="k", reason="no answer"),
            Mark.TROUBLE,
            "posting unknown: no answer",
        ),
        (audit.StepFailed(error="E", message="gone"), Mark.TROUBLE, "gone"),
        (
            audit.ToolCalled(tool="read_order", access="read", outcome="read", model="m"),
            Mark.TOOL,
            "read_order: read",
        ),
        (audit.CaseClosed(outcome="rejected", reason="sent back"), Mark.CLOSED, "rejected: sent back"),
        (
            audit.DocumentReceivedAgain(document_id=DocumentId("d"), name="n", path="p"),
            Mark.ARRIVED,
            "the same bytes came again: nothing new is opened",
        ),
        (
            audit.DocumentRefused(document_id=DocumentId("d"), state="s", reason="r", message="no page"),
            Mark.TROUBLE,
            "no invoice: no page",
        ),
        (
            audit.DraftDropped(to=DraftRecipient.BUYER, reason="empty", model="m", prompt="p"),
            Mark.LETTER,
            "dropped, to the buyer: empty",
        ),
    ],
)
def test_each_kind_of_step_has_its_words(event: audit.AuditEvent, mark: Mark, words: str) -> None:
    assert told(event) == [(mark.value, words)]


def test_a_letter_is_told_by_its_subject_with_the_claims_struck_from_it() -> None:
    draft = DraftMessage(
        case_id=CASE,
        to=DraftRecipient.SUPPLIER,
        language="en",
        subject="Your invoice",
        body="…",
        struck=("a", "b"),
        model="m",
        prompt="p",
    )
    (step,) = trail_of(records(audit.MessageDrafted(draft=draft)), FILES)
    assert (step.mark, step.words, step.struck) == (Mark.LETTER, "to the supplier: Your invoice", 2)


def test_a_step_of_no_document_names_none_and_steps_of_the_machine_are_left_out() -> None:
    event = audit.StepFailed(error="E", message="gone")
    (step,) = trail_of(records(event, case=None), FILES)
    assert step.file == ""
    assert told(a_call("p"), audit.StageChanged(stage="reading")) == []


def test_prompts_are_named_once_each() -> None:
    assert prompts_of(records(a_call("b/v1 2"), a_call("a/v1 1"), a_call("b/v1 2"), a_call(""))) == (
        "a/v1 1",
        "b/v1 2",
    )
