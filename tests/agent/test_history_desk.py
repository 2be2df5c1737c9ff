"""The copy of what was posted without us follows the ERP, whatever interrupts the reading."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from agent.history_desk import HistoryDesk
from tests.builders import SUPPLIER, an_invoice
from tools import store as tables
from tools.audit_log import AuditLog
from tools.case_list import project
from tools.document_register import DocumentRegister
from tools.domain.audit import HistoryRead
from tools.domain.decision import Posting, PostingState
from tools.domain.documents import DocumentType
from tools.domain.identifiers import SupplierId
from tools.domain.money import Money
from tools.erp.contract import Capability
from tools.erp_history import ErpHistory
from tools.matching.document_print import print_of
from tools.store import Store

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
LATER = date(2026, 4, 1)
"""After the documents that are looked for: not among the supplier's documents before them."""
TELLS = frozenset({Capability.READ_INVOICE_HISTORY})


def a_posting(place: int, number: str = "", **fields: Any) -> Posting:
    values: dict[str, Any] = {
        "erp_id": f"id-{place}",
        "number": f"PI-{place}",
        "state": PostingState.POSTED,
        "supplier_id": SUPPLIER,
        "document_type": DocumentType.INVOICE,
        "supplier_number": number or f"HOLD-{place}",
        "invoice_date": date(2026, 3, 1),
        "gross": Money(amount=Decimal(place + 1), currency="EUR"),
    }
    return Posting(**(values | fields))


class Books:
    """An ERP that knows postings; it breaks off after so many when told to."""

    def __init__(self, capabilities: frozenset[Capability] = TELLS) -> None:
        self.capabilities = capabilities
        self.held: list[Posting] = []
        self.asked: list[datetime | None] = []
        self.breaks_after: int | None = None

    async def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        self.asked.append(changed_since)
        for place, posting in enumerate(self.held):
            if place == self.breaks_after:
                raise KeyboardInterrupt
            yield posting


class Office:
    def __init__(self, folder: Path, books: Books) -> None:
        self.store = Store.open(folder / "db.sqlite")
        self.log = AuditLog(self.store, lambda: NOW, project)
        self.books, self.history = books, ErpHistory(self.store, self.log)
        erp: Any = books
        self.desk = HistoryDesk(self.history, erp, lambda: NOW)
        self.told: list[int] = []

    async def sync(self, *, complete: bool = False) -> None:
        await self.desk.sync(lambda _, done, total: self.told.append(done), complete=complete)

    def found(self, number: str, total: str = "9999.00", supplier: str = SUPPLIER) -> list[str]:
        """ERP ids of what an invoice may be a copy of, and of the supplier's last ones before it."""
        paper = print_of(an_invoice(number=number, gross_total=Money.of(total, "EUR")), "DEMO")
        held = DocumentRegister(self.store).postings(paper, SupplierId(supplier))
        return [posting.erp_id for posting in held]

    def events(self) -> list[HistoryRead]:
        return [entry.event for entry in self.log.records() if isinstance(entry.event, HistoryRead)]

    def rows(self, table: Any) -> int:
        with self.store.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, Books())
    yield made
    made.store.close()


async def test_all_is_read_first_and_then_what_changed(office: Office) -> None:
    office.books.held = [a_posting(1)]
    await office.sync()
    await office.sync()
    await office.sync(complete=True)
    assert office.books.asked == [None, NOW - timedelta(minutes=5), None]
    assert office.events() == [HistoryRead(added=1, changed=0, held=1)]
    assert office.told == [1, 1, 1]


async def test_a_reading_that_broke_off_is_done_again_from_the_start(office: Office) -> None:
    office.books.held = [a_posting(place) for place in range(700)]
    office.books.breaks_after = 600
    with pytest.raises(KeyboardInterrupt):
        await office.sync()
    assert office.rows(tables.erp_history) == 500
    office.books.breaks_after = None
    await office.sync()
    assert office.books.asked == [None, None]
    assert [event.added for event in office.events()] == [500, 200]
    assert office.rows(tables.erp_history) == 700


async def test_an_erp_that_declines_is_not_asked(tmp_path: Path) -> None:
    office = Office(tmp_path, Books(frozenset()))
    office.books.held = [a_posting(1)]
    await office.sync()
    assert office.books.asked == [] and office.events() == []
    office.store.close()


async def test_a_changed_posting_is_found_as_it_is_now_and_no_longer_as_it_was(office: Office) -> None:
    office.books.held = [a_posting(1, "INV-77", invoice_date=LATER)]
    await office.sync()
    assert office.found("RE-77") == ["id-1"]
    before = office.rows(tables.erp_history_keys)
    office.books.held = [a_posting(1, "INV-91", state=PostingState.PAID, invoice_date=LATER)]
    await office.sync()
    assert office.events()[-1] == HistoryRead(added=0, changed=1, held=1)
    assert office.rows(tables.erp_history_keys) == before
    assert office.found("RE-77") == []
    paper = print_of(an_invoice(number="RE-91"), "DEMO")
    (found,) = DocumentRegister(office.store).postings(paper, SupplierId(SUPPLIER))
    assert (found.supplier_number, found.state) == ("INV-91", PostingState.PAID)


async def test_another_suppliers_documents_are_not_found(office: Office) -> None:
    office.books.held = [a_posting(1, "INV-77", supplier_id="99999")]
    await office.sync()
    assert office.found("RE-77") == []
    assert office.found("RE-77", supplier="99999") == ["id-1"]


async def test_a_credit_note_is_found_by_its_amount_whatever_its_sign(office: Office) -> None:
    back = Money.of("-50.00", "EUR")
    kind = DocumentType.CREDIT_NOTE
    office.books.held = [a_posting(1, "C-1", document_type=kind, gross=back, invoice_date=LATER)]
    await office.sync()
    assert office.found("C-900", "50.00") == ["id-1"]
    assert office.found("C-900", "50.01") == []


async def test_keys_of_an_older_version_are_built_anew(office: Office) -> None:
    office.books.held = [a_posting(place) for place in range(3)]
    await office.sync()
    with office.store.transaction() as connection:
        connection.execute(update(tables.erp_history).values(version=0))
        connection.execute(tables.erp_history_keys.delete())
    assert office.found("HOLD-2") == []
    assert office.history.complete() == 3
    assert "id-2" in office.found("HOLD-2")
    assert office.history.complete() == 0
