"""Earlier codings in the store: kept once, found by supplier or by words, lists taken over once."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_profile, a_supplier, an_invoice, an_invoice_line, eur
from tests.domain.test_decisions import a_proposal
from tools.audit_log import AuditLog
from tools.case_list import project
from tools.coding_facts import coding_facts
from tools.coding_history import CodingHistory
from tools.domain.actions import InvoiceAction, ParkInvoice, PostingLine
from tools.domain.audit import CodingImported
from tools.domain.coding import CodedLine, CodingPolicy, CodingRule
from tools.domain.decision import Proposal
from tools.domain.identifiers import OrderNumber, PersonId, SupplierId
from tools.erp.contract import Account
from tools.store import Store

DAY = date(2026, 3, 20)
NOW = datetime(2026, 3, 20, tzinfo=UTC)
CLEO = PersonId("cleo")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store.sqlite")


@pytest.fixture
def records(store: Store) -> CodingHistory:
    return CodingHistory(store)


def a_line(description: str = "Consulting", **fields: Any) -> PostingLine:
    values: dict[str, Any] = {"invoice_line": 0, "account": "6300", "tax_code": "V19", **fields}
    return PostingLine(description=description, quantity=1, unit_price=10, net_amount=eur("10.00"), **values)


def posted(*lines: PostingLine, **fields: Any) -> Proposal:
    proposal = a_proposal()
    action = proposal.action
    assert isinstance(action, InvoiceAction)
    return proposal.model_copy(update={"action": action.model_copy(update={"lines": lines}), **fields})


def supplier_of(proposal: Proposal) -> SupplierId:
    assert isinstance(proposal.action, InvoiceAction)
    return proposal.action.supplier_id


def test_a_posting_is_kept_once_however_often_it_is_told(records: CodingHistory) -> None:
    proposal = posted(a_line(cost_centre="CC1"))
    assert records.keep(proposal, DAY) == records.keep(proposal, DAY) == 1
    (line,) = records.near(supplier_of(proposal), ["Consulting"])
    assert (line.account, line.cost_centre, line.tax_code, line.posted_on) == ("6300", "CC1", "V19", DAY)


def test_lines_of_orders_items_and_the_documents_own_charges_teach_nothing(records: CodingHistory) -> None:
    ordered = a_line(order_number=OrderNumber("PO-1"), order_line_id="1")
    item = a_line(account=None, item_number="A-1")
    freight = a_line("Freight", invoice_line=None)
    assert records.keep(posted(ordered, item, freight, a_line()), DAY) == 1


def test_a_document_without_lines_is_kept_without_its_text(records: CodingHistory) -> None:
    proposal = posted(a_line("RE-7, tax 19 %", invoice_line=None))
    assert records.keep(proposal, DAY) == 1
    assert records.near(supplier_of(proposal), [])[0].description == ""


def test_a_draft_teaches_nothing(records: CodingHistory) -> None:
    proposal = posted(a_line())
    assert isinstance(proposal.action, InvoiceAction)
    fields = proposal.action.model_dump(exclude={"kind"})
    draft = proposal.model_copy(update={"action": ParkInvoice(**fields)})
    assert records.keep(draft, DAY) == 0


def a_coded_line(description: str, account: str, **fields: Any) -> CodedLine:
    values = {"supplier_id": "S1", "posted_on": date(2026, 1, 2), "document": "old.csv:2", **fields}
    return CodedLine(description=description, account=account, **values)


def a_list_of(content: str = "a", lines: int = 1) -> CodingImported:
    digest = hashlib.sha256(content.encode()).hexdigest()
    return CodingImported(file="old.csv", lines=lines, sha256=digest)


def test_a_list_is_taken_over_once_and_stands_in_the_log(store: Store, records: CodingHistory) -> None:
    log = AuditLog(store, lambda: NOW, project)
    lines = [a_coded_line("Rent", "6310")]
    assert records.take_over(lines, a_list_of(), CLEO, log)
    assert not records.take_over(lines, a_list_of(), CLEO, log)
    assert records.near(SupplierId("S1"), []) == tuple(lines)
    assert [record.event for record in log.records()] == [a_list_of()]


def test_two_lists_of_one_name_stand_beside_each_other(store: Store, records: CodingHistory) -> None:
    log = AuditLog(store, lambda: NOW, project)
    assert records.take_over([a_coded_line("Rent", "6310")], a_list_of("a"), CLEO, log)
    assert records.take_over([a_coded_line("Parking", "6311")], a_list_of("b"), CLEO, log)
    assert {line.account for line in records.near(SupplierId("S1"), [])} == {"6310", "6311"}


def test_a_list_that_cannot_be_noted_is_not_kept(store: Store, records: CodingHistory) -> None:
    def fails() -> datetime:
        raise OSError("the clock stands still")

    with pytest.raises(OSError, match="clock"):
        records.take_over([a_coded_line("Rent", "6310")], a_list_of(), CLEO, AuditLog(store, fails, project))
    assert records.near(SupplierId("S1"), ["Rent"]) == ()


def test_a_new_supplier_is_shown_what_others_bill_under_the_same_words(
    store: Store, records: CodingHistory
) -> None:
    lines = [
        a_coded_line("Fire extinguisher check", "6335", supplier_id="S2"),
        a_coded_line("Rent", "6310", supplier_id="S3"),
    ]
    records.take_over(lines, a_list_of(lines=2), CLEO, AuditLog(store, lambda: NOW, project))
    found = records.near(SupplierId("S1"), ["Fire extinguisher check 2026"])
    assert [line.account for line in found] == ["6335"]
    assert records.near(SupplierId("S1"), ["2026"]) == ()


def test_only_accounts_that_take_postings_are_told_as_such(records: CodingHistory) -> None:
    chart = [
        Account(number="6300", name="Consulting", direct_posting=True, blocked=False),
        Account(number="6310", name="Rent", direct_posting=True, blocked=True),
        Account(number="1600", name="Suppliers", direct_posting=False, blocked=False),
        Account(number="9999", name="Not in question", direct_posting=True, blocked=False),
    ]
    policy = CodingPolicy(rules=(CodingRule(name="r", account="6310"),))
    profile, supplier = a_profile(default_account="6300"), a_supplier(default_account="1600")
    invoice = an_invoice(lines=(an_invoice_line(),))
    found = coding_facts(records, policy, profile, supplier, invoice, chart, ["4500"])
    assert found.postable == {"6300": "Consulting"}
    assert coding_facts(records, policy, profile, supplier, invoice, []).postable is None
