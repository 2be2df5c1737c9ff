"""What is remembered of settled cases: findings, choice, role and reason; found by kind, then by meaning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.graph.office import Letters
from tools.audit_log import AuditLog
from tools.case_list import CaseList, project
from tools.domain import audit
from tools.domain.authority import ApprovalPolicy
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.identifiers import CaseId, DocumentId, PersonId
from tools.erp.contract import Account
from tools.knowledge import Knowledge
from tools.store import Store
from tools.vector_store import VectorStore

START = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
PRICE, QUANTITY = DiscrepancyKind.PRICE_OVER, DiscrepancyKind.QTY_OVER_RECEIVED
POLICY = ApprovalPolicy.model_validate(
    {"clerks": ["cleo"], "people": [{"person": "bea", "name": "Bea Boss", "roles": ["buyer"]}]}
)


def finding(kind: DiscrepancyKind, message: str = "above the limit") -> Discrepancy:
    return Discrepancy(kind=kind, severity=Severity.BLOCK, rule="r", message=message)


class Desk:
    """A log with settled cases."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.store = Store.open(folder / "test.sqlite")
        self.log = AuditLog(self.store, lambda: self.now, project)
        self.vectors = VectorStore(folder / "knowledge", Letters())
        self.knowledge = self.open()

    def open(self) -> Knowledge:
        return Knowledge(self.vectors, self.log, CaseList(self.store), POLICY, lambda: self.now)

    def settle(
        self,
        name: str,
        *kinds: DiscrepancyKind,
        option: str = "accept_price",
        person: str = "bea",
        reason: str = "agreed by phone",
        message: str = "above the limit",
        stage: str = "posted",
    ) -> CaseId:
        case = CaseId(name)
        received = audit.DocumentReceived(
            document_id=DocumentId(name * 8), name=f"{name}.xml", path=name, size=1
        )
        found = tuple(finding(kind, message) for kind in kinds)
        self.log.append(
            case,
            audit.SERVICE,
            received,
            audit.InvoiceMatched(depth="three_way", findings=found, policy="p"),
        )
        answer = audit.QuestionAnswered(question_id="q", option=option, remark=reason)
        self.log.append(case, audit.person(PersonId(person)), answer)
        self.log.append(
            case,
            audit.SERVICE,
            audit.InvoiceMatched(depth="three_way", findings=(), policy="p"),
            audit.StageChanged(stage=stage),
        )
        return case


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    yield found
    found.knowledge.close()
    found.store.close()


def test_a_settled_case_is_found_by_its_findings_with_choice_role_and_reason(desk: Desk) -> None:
    desk.settle("C-1", PRICE)
    [found] = desk.knowledge.similar([finding(PRICE)], but=None, limit=5)

    assert found.case_id == "C-1"
    assert found.findings == ("price_over",)
    assert (found.resolution, found.decided_by) == ("accept_price", "buyer")
    assert (found.reason, found.outcome) == ("agreed by phone", "posted")


def test_no_name_address_or_account_is_kept(desk: Desk) -> None:
    desk.settle("C-1", PRICE, reason="ask bea@werk.example, DE75512108001245126199", person="cleo")
    [found] = desk.knowledge.similar([finding(PRICE)], but=None, limit=5)

    assert found.decided_by == "clerk"
    assert found.reason == "ask (address), (account number removed)"
    tags = desk.vectors.stored("resolved-cases")["C-1"]
    assert not any("cleo" in value or "DE75" in value for value in tags.values())


def test_most_findings_in_common_come_first_then_the_nearest_words(desk: Desk) -> None:
    desk.settle("C-1", PRICE, QUANTITY)
    desk.settle("C-2", PRICE, message="zzzz qqqq xxxx")
    desk.settle("C-3", PRICE, message="above the limit of copper")
    desk.settle("C-4", DiscrepancyKind.NO_PO)
    found = desk.knowledge.similar([finding(PRICE, "above the limit of copper")], but=None, limit=5)

    assert [case.case_id for case in found] == ["C-3", "C-2", "C-1"]
    assert desk.knowledge.similar([finding(PRICE)], but=CaseId("C-3"), limit=1)[0].case_id == "C-2"


def test_open_cases_and_mere_rechecks_teach_nothing(desk: Desk) -> None:
    desk.settle("C-1", PRICE, stage="waiting_for_answer")
    desk.settle("C-2", PRICE, option="recheck")

    assert desk.knowledge.similar([finding(PRICE)], but=None, limit=5) == []
    assert desk.knowledge.similar([], but=None, limit=5) == []


def test_an_order_that_was_chosen_is_told_without_its_number(desk: Desk) -> None:
    desk.settle("C-1", DiscrepancyKind.NO_PO, option="order:PO-77")
    [found] = desk.knowledge.similar([finding(DiscrepancyKind.NO_PO)], but=None, limit=5)

    assert found.resolution == "order"


def test_new_cases_are_taken_up_after_a_while_and_only_once(desk: Desk) -> None:
    desk.settle("C-1", PRICE)
    desk.knowledge.similar([finding(PRICE)], but=None, limit=5)
    desk.settle("C-2", PRICE)

    assert len(desk.knowledge.similar([finding(PRICE)], but=None, limit=5)) == 1
    desk.now += timedelta(minutes=11)
    assert len(desk.knowledge.similar([finding(PRICE)], but=None, limit=5)) == 2
    assert desk.knowledge.take_up() == 0


def test_many_cases_are_taken_up_the_newest_first_and_the_next_process_goes_on(desk: Desk) -> None:
    for number in range(1, 6):
        desk.settle(f"C-{number}", PRICE)

    assert desk.knowledge.take_up(most=2) == 3
    assert set(desk.vectors.stored("resolved-cases")) == {"C-5", "C-4"}
    desk.vectors.close()
    assert desk.open().take_up(most=None) == 0
    assert desk.vectors.count("resolved-cases") == 5


def test_a_lost_folder_is_filled_again(desk: Desk, tmp_path: Path) -> None:
    desk.settle("C-1", PRICE)
    other = VectorStore(tmp_path / "other", Letters())
    fresh = Knowledge(other, desk.log, CaseList(desk.store), POLICY, lambda: desk.now)

    assert [case.case_id for case in fresh.similar([finding(PRICE)], but=None, limit=5)] == ["C-1"]
    fresh.close()


def test_rules_and_accounts_are_found_by_words(desk: Desk) -> None:
    chart = [
        Account(number="4100", name="Office costs", direct_posting=True, blocked=False),
        Account(number="4500", name="Freight", direct_posting=True, blocked=False),
        Account(number="4600", name="Freight old", direct_posting=True, blocked=True),
        Account(number="1600", name="Freight payable", direct_posting=False, blocked=False),
    ]

    assert desk.knowledge.accounts(chart, "freight", 1) == [chart[1]]
    assert desk.knowledge.accounts(chart[2:], "freight") == []
    assert len(desk.knowledge.rules("freight", 3)) == 3
    assert desk.knowledge.rules(" ") == []


def test_the_log_tells_in_which_cases_something_happened(desk: Desk) -> None:
    desk.settle("C-2", PRICE)
    desk.settle("C-1", PRICE)

    assert desk.log.cases_with("question_answered") == ["C-2", "C-1"]
    assert desk.log.cases_with("posting_done") == []
