"""Earlier codings in the store: kept once, found by supplier or by words, imported whole or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_profile, a_supplier, an_invoice, an_invoice_line, eur
from tests.domain.test_decisions import a_proposal
from tools.coding_facts import coding_facts
from tools.coding_history import CodingHistory, ImportFault
from tools.domain.actions import InvoiceAction, ParkInvoice, PostingLine
from tools.domain.coding import CodingPolicy, CodingRule
from tools.domain.decision import Proposal
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.erp.contract import Account
from tools.store import Store

DAY = date(2026, 3, 20)


@pytest.fixture
def records(tmp_path: Path) -> CodingHistory:
    return CodingHistory(Store.open(tmp_path / "store.sqlite"))


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


def a_list(tmp_path: Path, *rows: str, header: str = "supplier_id,description,account,date") -> Path:
    file = tmp_path / "old.csv"
    file.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return file


def test_a_list_replaces_itself_and_names_its_lines(records: CodingHistory, tmp_path: Path) -> None:
    file = a_list(tmp_path, "S1,Rent office,6310,2026-01-02", "S1,Parking,6311,2026-02-02")
    assert records.import_csv(file) == records.import_csv(file) == 2
    found = records.near(SupplierId("S1"), [])
    assert [(line.account, line.document) for line in found] == [("6311", "old.csv:3"), ("6310", "old.csv:2")]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["S1,Rent,6310,2 January"], "line 2: '2 January' is not a date"),
        (["S1,Rent,6310,2026-01-02", ",Rent,6310,2026-01-02"], "line 3: supplier_id and account"),
        (["S1,Rent,,2026-01-02"], "line 2: supplier_id and account"),
    ],
)
def test_a_faulty_list_is_not_taken_over_in_part(
    records: CodingHistory, tmp_path: Path, rows: list[str], told: str
) -> None:
    with pytest.raises(ImportFault, match=told):
        records.import_csv(a_list(tmp_path, *rows))
    assert records.near(SupplierId("S1"), ["Rent"]) == ()


def test_a_list_without_its_columns_or_that_is_no_text_is_refused(
    records: CodingHistory, tmp_path: Path
) -> None:
    with pytest.raises(ImportFault, match="no column account, date"):
        records.import_csv(a_list(tmp_path, header="supplier_id"))
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("binary.csv", "missing.csv"):
        with pytest.raises(ImportFault, match="cannot be read"):
            records.import_csv(tmp_path / name)


def test_a_new_supplier_is_shown_what_others_bill_under_the_same_words(
    records: CodingHistory, tmp_path: Path
) -> None:
    records.import_csv(
        a_list(tmp_path, "S2,Fire extinguisher check,6335,2026-01-02", "S3,Rent,6310,2026-01-02")
    )
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
