"""Every file is kept once, wholly or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from tests.builders import a_posting, a_receipt, a_supplier, an_invoice, an_order
from tools import store as tables
from tools.archive import Archive, Receipt
from tools.audit_log import AuditLog, Projection
from tools.case_facts import CaseFacts, GatheredFacts
from tools.case_list import CaseList, project
from tools.domain.audit import AuditRecord
from tools.domain.documents import Reading, ReadingState, SourceDocument
from tools.domain.identifiers import CaseId, DocumentId
from tools.matching.document_print import print_of
from tools.store import Store

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
READING = Reading(state=ReadingState.INVOICE, invoice=an_invoice())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "var" / "erp-agent.db")


class Office:
    def __init__(self, store: Store, projection: Projection = project) -> None:
        seconds = count(1)
        self.store = store
        self.log = AuditLog(store, lambda: NOW + timedelta(seconds=next(seconds)), projection)
        self.archive = Archive(store, self.log, lambda: NOW)

    def receive(self, document: SourceDocument) -> Receipt:
        return self.archive.receive(document, READING, print_of(an_invoice()))

    def kinds(self) -> list[str]:
        return [record.event.kind for record in self.log.records()]


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def a_document(content: bytes = b"<Invoice/>", path: str = "in/a.xml", **fields: Any) -> SourceDocument:
    document_id = DocumentId(hashlib.sha256(content).hexdigest())
    return SourceDocument(document_id=document_id, name=path, content=content, path=path, **fields)


def test_a_new_file_opens_a_case_and_is_kept_byte_for_byte(office: Office) -> None:
    document = a_document(b"\x00\xff<Invoice/>", sender="a@b.example", subject="July", message_id="<1@b>")
    receipt = office.receive(document)
    assert receipt == Receipt(case_id=CaseId("C-000001"), is_new=True)
    kept = office.archive.document(document.document_id)
    assert kept == document.model_copy(update={"received_at": NOW})
    assert office.archive.reading(document.document_id) == READING
    assert office.archive.knows(document.document_id)


def test_the_same_bytes_from_the_same_place_are_no_news(office: Office) -> None:
    first = office.receive(a_document())
    again = office.receive(a_document())
    assert again == Receipt(case_id=first.case_id, is_new=False, same_place=True)
    assert office.archive.receive_again(a_document()) == again
    assert office.kinds() == ["document_received"]


def test_the_same_bytes_from_elsewhere_open_nothing_and_are_noted_once(office: Office) -> None:
    first = office.receive(a_document())
    copy = a_document(path="in/copy.xml")
    assert office.receive(copy) == Receipt(case_id=first.case_id, is_new=False, same_place=False)
    assert office.archive.receive_again(copy).same_place
    assert not office.archive.receive_again(a_document(path="in/third.xml")).same_place
    assert office.kinds() == ["document_received", *["document_received_again"] * 2]
    assert office.archive.document(copy.document_id).path == "in/a.xml"
    (case,) = CaseList(office.store).all()
    assert case.sent_again == 2


def test_a_document_is_never_half_received(store: Store) -> None:
    def failing(_connection: Connection, _record: Sequence[AuditRecord]) -> None:
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError, match="no room"):
        Office(store, failing).receive(a_document())
    with store.read() as connection:
        for table in (tables.documents, tables.readings, tables.cases, tables.audit):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    assert Office(store).receive(a_document()).case_id == "C-000001"


def test_what_was_never_received_is_not_there(office: Office) -> None:
    unknown = a_document(b"other")
    assert not office.archive.knows(unknown.document_id)
    assert office.archive.reading(unknown.document_id) is None
    for ask in (
        lambda: office.archive.document(unknown.document_id),
        lambda: office.archive.receive_again(unknown),
    ):
        with pytest.raises(KeyError):
            ask()


def test_the_facts_of_a_case_are_the_last_ones_kept(store: Store) -> None:
    facts = CaseFacts(store)
    assert facts.get(CaseId("C-1")) is None
    first = GatheredFacts(gathered_at=NOW, supplier=a_supplier())
    last = GatheredFacts(
        gathered_at=NOW,
        supplier=a_supplier(version="2"),
        orders=(an_order(),),
        receipts=(a_receipt(),),
        postings=(a_posting(),),
        versions={"supplier:10042": "2"},
    )
    facts.keep(CaseId("C-1"), first)
    facts.keep(CaseId("C-2"), first)
    facts.keep(CaseId("C-1"), last)
    assert (facts.get(CaseId("C-1")), facts.get(CaseId("C-2"))) == (last, first)
