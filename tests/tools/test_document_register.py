"""Every document that came in is found again by what a copy of it would share."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from tests.builders import SUPPLIER, an_invoice, an_invoice_line
from tools import store as tables
from tools.archive import Archive
from tools.audit_log import AuditLog
from tools.case_list import project
from tools.document_register import DocumentRegister, _enter
from tools.domain import audit
from tools.domain.audit import SERVICE
from tools.domain.documents import Invoice, Party, Reading, ReadingState, SourceDocument
from tools.domain.identifiers import CaseId, DocumentId, PersonId, SupplierId
from tools.matching.document_print import print_of
from tools.store import Store

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 16)


class Office:
    def __init__(self, path: Path) -> None:
        self.store = Store.open(path / "erp-agent.db")
        self.log = AuditLog(self.store, lambda: NOW, project)
        self.archive = Archive(self.store, self.log, lambda: NOW)
        self.register = DocumentRegister(self.store)
        self.count = 0

    def receive(self, invoice: Invoice | None, company: str = "DEMO") -> CaseId:
        self.count += 1
        content = f"{self.count}".encode()
        document = SourceDocument(
            document_id=DocumentId(hashlib.sha256(content).hexdigest()), name="", path="", content=content
        )
        state = ReadingState.INVOICE if invoice else ReadingState.NOT_AN_INVOICE
        reading = Reading(state=state, invoice=invoice)
        paper = print_of(invoice, company) if invoice else None
        return self.archive.receive(document, reading, paper).case_id

    def found(self, invoice: Invoice, own: CaseId | None = None, **fields: Any) -> list[CaseId]:
        paper = print_of(invoice, "DEMO")
        return [entry.case_id for entry in self.register.candidates(paper, SUPPLIER, own, **fields)]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_copy_finds_the_original_by_number_amount_order_or_lines(office: Office) -> None:
    rows = (an_invoice_line("A", "3", "9.99"), an_invoice_line("B", "7", "1.25"))
    original = an_invoice(lines=rows)
    case = office.receive(original)
    for copy in (
        an_invoice("80.00", order_number=None),
        an_invoice("80.00", number="lNV 34II", order_number=None),
        an_invoice(lines=rows, number="9001", order_number=None, gross_total=original.gross_total),
        an_invoice("80.00", number="9001"),
        an_invoice(lines=rows, number="9001", order_number=None, gross_total=None),
    ):
        assert office.found(copy) == [case]
    assert office.found(an_invoice("80.00", number="9001", order_number=None)) == []


def test_a_swapped_digit_is_found_whenever_the_original_came(office: Office) -> None:
    case = office.receive(an_invoice(number="891", issue_date=DAY - timedelta(days=700)))
    assert office.found(an_invoice(number="819", order_number=None)) == [case]
    assert office.found(an_invoice(number="444", order_number=None)) == []
    assert office.found(an_invoice(number="444", order_number=None, issue_date=None)) == [case]


def test_the_supplier_is_known_once_it_is_decided(office: Office) -> None:
    nameless = an_invoice(supplier=Party(), ibans=(), order_number=None)
    case = office.receive(nameless)
    assert office.found(an_invoice("80.00", order_number=None)) == []
    office.register.assign(case, SUPPLIER)
    office.register.assign(case, SUPPLIER)
    (known,) = office.register.candidates(print_of(an_invoice("80.00", order_number=None)), SUPPLIER)
    assert (known.case_id, known.supplier_id) == (case, SUPPLIER)
    office.register.assign(CaseId("C-404"), SUPPLIER)
    office.register.assign(office.receive(None), SUPPLIER)


def test_master_data_finds_what_the_copy_does_not_print(office: Office) -> None:
    case = office.receive(an_invoice("80.00", order_number=None))
    bare = an_invoice(supplier=Party(name="Shop"), ibans=(), order_number=None)
    assert office.found(bare) == []
    assert office.found(bare, vat_id=an_invoice().supplier.vat_id) == [case]
    assert office.found(bare, ibans=["DE89370400440532013000"]) == [case]


def test_earlier_documents_count_whatever_became_of_them_and_later_ones_once_they_are_posted(
    office: Office,
) -> None:
    first, second, third = (office.receive(an_invoice()) for _ in range(3))
    office.log.append(first, SERVICE, audit.StageChanged(stage="rejected"))
    assert office.found(an_invoice(), second) == [first]
    office.log.append(third, SERVICE, audit.StageChanged(stage="posted"))
    earlier, later = office.register.candidates(print_of(an_invoice()), SUPPLIER, second)
    assert (earlier.case_id, earlier.stage, earlier.came_later) == (first, "rejected", False)
    assert (later.case_id, later.stage, later.came_later) == (third, "posted", True)
    assert office.found(an_invoice(), first) == [third]
    assert office.found(an_invoice()) == [first, second, third]


def test_the_senders_last_documents_show_how_it_numbers(office: Office) -> None:
    cases = [
        office.receive(
            an_invoice(f"{n}.00", number=f"X{n}", issue_date=DAY - timedelta(days=n), order_number=None)
        )
        for n in range(1, 15)
    ]
    for case in cases:
        office.register.assign(case, SUPPLIER)
    assert office.found(an_invoice("500.00", number="9001", order_number=None)) == cases[:8]
    undated = an_invoice("500.00", number="9001", order_number=None, issue_date=None)
    assert office.found(undated) == cases[:8]


def test_each_document_keeps_the_company_it_was_received_for(office: Office) -> None:
    office.receive(an_invoice(), "SISTER")
    (known,) = office.register.candidates(print_of(an_invoice(), "DEMO"), SupplierId("other"))
    assert known.paper is not None and known.paper.company == "SISTER"


def test_an_installation_from_before_the_register_is_filled_once(office: Office) -> None:
    cases = [office.receive(an_invoice(number=f"{n}7")) for n in range(3)]
    office.receive(None)
    found = audit.SupplierFound(supplier_id=SUPPLIER, reason="VAT id")
    office.log.append(cases[0], SERVICE, found)
    with office.store.transaction() as connection:
        connection.execute(delete(tables.document_prints))
        connection.execute(delete(tables.document_keys))
    assert office.found(an_invoice(number="7")) == []
    assert office.register.complete("DEMO") == 4
    assert office.register.complete("DEMO") == 0
    (known,) = office.register.candidates(
        print_of(an_invoice("9.00", number="07", order_number=None)), SUPPLIER
    )
    assert (known.case_id, known.supplier_id) == (cases[0], SUPPLIER)
    assert known.paper is not None and known.paper.company == "DEMO"


def test_two_processes_fill_the_register_without_entering_a_document_twice(office: Office) -> None:
    case = office.receive(an_invoice())
    with office.store.transaction() as connection:
        connection.execute(delete(tables.document_prints))
    rows = office.register._missing()
    assert DocumentRegister(office.store).complete("DEMO") == 1
    with office.store.transaction() as connection:
        _enter(connection, rows[0], "DEMO")
    assert office.found(an_invoice()) == [case]


def test_keys_of_an_older_version_are_computed_anew(office: Office) -> None:
    case = office.receive(an_invoice())
    with office.store.transaction() as connection:
        connection.execute(update(tables.document_prints).values(version=0))
        connection.execute(update(tables.document_keys).values(day=1))
    assert office.register.complete("DEMO") == 1
    with office.store.read() as connection:
        days = connection.execute(select(func.max(tables.document_keys.c.day))).scalar_one()
    assert days == DAY.toordinal()
    assert office.found(an_invoice()) == [case]


def test_what_was_rejected_is_told_with_who_did_it_and_why(office: Office) -> None:
    case = office.receive(an_invoice())
    closed = audit.CaseClosed(outcome="rejected", reason="the wrong\nbranch")
    changed = audit.StageChanged(stage="rejected", reason="the wrong\nbranch")
    office.log.append(case, audit.person(PersonId("anna")), closed, changed)
    (known,) = office.register.candidates(print_of(an_invoice(), "DEMO"), SUPPLIER)
    assert (known.stage, known.sent_back) == ("rejected", "by anna: the wrong branch")


def test_what_was_not_rejected_says_nothing_of_it(office: Office) -> None:
    office.receive(an_invoice())
    (known,) = office.register.candidates(print_of(an_invoice(), "DEMO"), SUPPLIER)
    assert known.sent_back == ""
