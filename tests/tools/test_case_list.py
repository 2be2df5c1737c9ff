"""The stored list of cases is what the log alone gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from tests.builders import a_post_invoice, a_posting
from tools.audit_log import AuditLog
from tools.case_list import CaseList, project, rebuild
from tools.domain import audit
from tools.domain.audit import SERVICE, AuditEvent
from tools.domain.decision import Proposal
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.identifiers import CaseId, DocumentId, PersonId, SupplierId
from tools.log_witness import contradictions
from tools.store import CASE_NAMES, CASE_SUPPLIER, Store, cases

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
TEXT = st.text(max_size=12)
CASES = [CaseId(f"C-{number:06d}") for number in range(1, 5)]
FINDING = st.builds(
    Discrepancy,
    kind=st.sampled_from(DiscrepancyKind),
    severity=st.sampled_from(Severity),
    rule=TEXT,
    message=TEXT,
)
PROPOSAL = Proposal(
    case_id=CASES[0], document_id=DocumentId("0" * 64), action=a_post_invoice(), reasons=("all agrees",)
)
EVENT = st.one_of(
    st.builds(audit.DocumentReceivedAgain, document_id=TEXT, name=TEXT, path=TEXT),
    st.builds(audit.DocumentRead, document_id=TEXT, format=TEXT, number=TEXT, supplier_name=TEXT, gross=TEXT),
    st.builds(audit.DocumentRefused, document_id=TEXT, state=TEXT, reason=TEXT, message=TEXT),
    st.builds(audit.SupplierFound, supplier_id=st.sampled_from(["1", "2"]), reason=TEXT),
    st.builds(
        audit.InvoiceMatched, depth=TEXT, findings=st.lists(FINDING, max_size=4).map(tuple), policy=TEXT
    ),
    st.builds(audit.QuestionAsked, question_id=TEXT, question=TEXT, options=st.just(("yes",))),
    st.builds(audit.QuestionAnswered, question_id=TEXT, option=TEXT),
    st.just(audit.ProposalMade(digest=PROPOSAL.digest, proposal=PROPOSAL)),
    st.builds(audit.ProposalRejected, digest=TEXT, person=st.just(PersonId("anna"))),
    st.builds(audit.PostingDone, key=TEXT, digest=TEXT, posting=st.just(a_posting()), found=st.booleans()),
    st.builds(audit.PostingUnknown, key=TEXT, reason=TEXT),
    st.builds(audit.CaseClosed, outcome=TEXT, reason=TEXT),
    st.builds(audit.StageChanged, stage=st.sampled_from(["read", "matched", "posted"]), reason=TEXT),
    st.builds(audit.StepFailed, error=TEXT, message=TEXT),
    st.builds(audit.SuppliersSynced, added=st.integers(0, 9), changed=st.just(0), removed=st.just(0)),
    st.builds(audit.DocumentReceived, document_id=TEXT, name=TEXT, path=TEXT, size=st.integers(0, 9)),
)


def a_log(store: Store) -> AuditLog:
    seconds = count(1)
    return AuditLog(store, lambda: NOW + timedelta(seconds=next(seconds)), project)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "erp-agent.db")


@settings(max_examples=60, deadline=None)
@given(story=st.lists(st.tuples(st.sampled_from([None, *CASES]), EVENT), max_size=25))
def test_after_any_story_the_list_equals_the_one_computed_from_the_log(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[CaseId | None, AuditEvent]]
) -> None:
    store = Store.open(tmp_path_factory.mktemp("story") / "erp-agent.db")
    log = a_log(store)
    with store.transaction() as connection:
        for case_id, event in story:
            log.append_in(connection, case_id, SERVICE, event)
    listed = CaseList(store).all()
    assert {case.case_id: case for case in listed} == rebuild(log.records())
    assert [case.position for case in listed] == list(range(1, len(listed) + 1))
    assert log.verify() == len(story)
    assert [record.event for record in log.records()] == [event for _, event in story]
    store.close()


def history(store: Store, *events: AuditEvent) -> Any:
    log = a_log(store)
    received = audit.DocumentReceived(document_id=DocumentId("d"), name="a.xml", path="in/a.xml", size=1)
    log.append(CASES[0], SERVICE, received, *events)
    return CaseList(store).get(CASES[0])


def test_a_received_document_opens_a_case(store: Store) -> None:
    case = history(store)
    assert (case.stage, case.name, case.position) == ("received", "a.xml", 1)
    assert case.received_at == case.updated_at == NOW + timedelta(seconds=1)


def test_findings_are_listed_once_by_kind_and_a_new_match_drops_the_old_proposal(store: Store) -> None:
    kinds = [DiscrepancyKind.PRICE_OVER, DiscrepancyKind.NO_RECEIPT, DiscrepancyKind.PRICE_OVER]
    found = [Discrepancy(kind=kind, severity=Severity.BLOCK, rule="r", message="m") for kind in kinds]
    warning = Discrepancy(kind=DiscrepancyKind.TAX_WRONG, severity=Severity.WARN, rule="r", message="m")
    made = audit.ProposalMade(digest=PROPOSAL.digest, proposal=PROPOSAL)
    matched = audit.InvoiceMatched(depth="two_way", findings=(*found, warning), policy="p")
    case = history(store, made, matched)
    assert case.blocks == ("price_over", "no_receipt")
    assert case.warnings == ("tax_wrong",)
    assert (case.digest, case.action) == (None, None)


def test_that_nobody_may_approve_a_proposal_is_listed_until_a_proposal_finds_somebody(store: Store) -> None:
    warned, nobody = (
        Discrepancy(kind=kind, severity=Severity.WARN, rule="r", message="m")
        for kind in (DiscrepancyKind.TAX_WRONG, DiscrepancyKind.APPROVER_MISSING)
    )
    waiting = PROPOSAL.model_copy(update={"findings": (warned, nobody)})
    matched = audit.InvoiceMatched(depth="two_way", findings=(warned,), policy="p")
    made = [audit.ProposalMade(digest=one.digest, proposal=one) for one in (waiting, waiting, PROPOSAL)]
    assert history(store, matched, *made[:2]).warnings == ("tax_wrong", "approver_missing")
    assert history(store, made[2]).warnings == ("tax_wrong",)


def test_a_list_kept_before_it_showed_that_nobody_may_approve_does_not_contradict_the_log(
    store: Store,
) -> None:
    nobody = Discrepancy(kind=DiscrepancyKind.APPROVER_MISSING, severity=Severity.WARN, rule="r", message="m")
    waiting = PROPOSAL.model_copy(update={"findings": (nobody,)})
    case = history(store, audit.ProposalMade(digest=waiting.digest, proposal=waiting))

    def told(**changes: Any) -> bool:
        kept = case.model_copy(update=changes).model_dump_json()
        with store.transaction() as connection:
            connection.execute(update(cases).values(summary=kept))
        return any("the case list" in words for words in contradictions(a_log(store)))

    assert not told()
    assert not told(warnings=())
    assert told(warnings=("tax_wrong",))
    assert told(warnings=(), number="other")


def test_a_question_stands_until_it_is_answered(store: Store) -> None:
    asked = audit.QuestionAsked(question_id="q", question="Which order?", options=("a",))
    assert history(store, asked).question == "Which order?"
    a_log(store).append(CASES[0], SERVICE, audit.QuestionAnswered(question_id="q", option="a"))
    assert CaseList(store).all()[0].question is None


def test_the_way_to_the_posting_shows(store: Store) -> None:
    case = history(
        store,
        audit.DocumentRead(document_id="d", format="ubl", number="7", supplier_name="F", gross="121.00 EUR"),
        audit.SupplierFound(supplier_id=SupplierId("10042"), reason="VAT id"),
        audit.ProposalMade(digest=PROPOSAL.digest, proposal=PROPOSAL),
        audit.PostingDone(key="k", digest=PROPOSAL.digest, posting=a_posting("PI-5"), found=False),
        audit.StageChanged(stage="posted", reason="PI-5"),
    )
    assert (case.number, case.gross, case.supplier_id) == ("7", "121.00 EUR", "10042")
    assert (case.action, case.digest) == ("post_invoice", PROPOSAL.digest)
    assert (case.erp_number, case.stage, case.reason) == ("PI-5", "posted", "PI-5")


def test_the_same_file_sent_again_is_counted_and_is_no_news(store: Store) -> None:
    again = audit.DocumentReceivedAgain(document_id=DocumentId("d"), name="b.xml", path="in/b.xml")
    before = history(store)
    a_log(store).append(CASES[0], SERVICE, again, again)
    after = CaseList(store).get(CASES[0])
    assert after is not None
    assert (after.sent_again, after.updated_at) == (2, before.updated_at)


def test_only_the_wanted_stages_are_listed(store: Store) -> None:
    history(store, audit.StageChanged(stage="posted"))
    assert [case.case_id for case in CaseList(store).all(["posted"])] == [CASES[0]]
    assert CaseList(store).all(["read"]) == []
    assert CaseList(store).get(CaseId("C-404")) is None


def several(store: Store) -> CaseList:
    """C-000001 is RE-1 of supplier 1, posted as PI-9; C-000002 is Ü-1 of supplier 2; C-000003 is re-1."""
    log = a_log(store)
    with store.transaction() as connection:
        for case, number, supplier in zip(CASES, ("RE-1", "Ü-1", "re-1"), ("1", "2", "1"), strict=False):
            document = DocumentId(case[-1] * 64)
            for event in (
                audit.DocumentReceived(document_id=document, name="a.pdf", path="", size=1),
                audit.DocumentRead(
                    document_id=document, format="pdf", number=number, supplier_name="", gross="1.00 EUR"
                ),
                audit.SupplierFound(supplier_id=SupplierId(supplier), reason=""),
            ):
                log.append_in(connection, case, SERVICE, event)
        posting = a_posting().model_copy(update={"number": "PI-9"})
        done = audit.PostingDone(key="k", digest="d", posting=posting, found=False)
        log.append_in(connection, CASES[0], SERVICE, done)
    return CaseList(store)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("Re-1",), [0, 2]),
        (("pi-9",), [0]),
        (("c-000002", "PI-9"), [0, 1]),
        (("Ü-1",), [1]),
        (("RE-", "RE-11", "1", ""), []),
        ((), []),
    ],
)
def test_a_case_is_found_by_each_of_its_numbers(
    store: Store, words: tuple[str, ...], found: list[int]
) -> None:
    assert [case.case_id for case in several(store).named(words)] == [CASES[at] for at in found]


def test_the_cases_of_a_supplier_are_listed_as_they_came(store: Store) -> None:
    listed = several(store)
    assert [case.case_id for case in listed.of_supplier(SupplierId("1"))] == [CASES[0], CASES[2]]
    assert listed.of_supplier(SupplierId("9")) == []


def test_looking_up_a_case_reads_no_others(store: Store) -> None:
    several(store)
    names = " or ".join(f"{name} in ('re-1', 'pi-9')" for name in CASE_NAMES)
    with store.read() as connection:
        for condition in (names, f"{CASE_SUPPLIER} = '1'"):
            plan = connection.execute(
                text("explain query plan " + str(select(cases.c.summary).where(text(condition))))
            )
            assert not [row for row in plan if row.detail.startswith("SCAN")]
