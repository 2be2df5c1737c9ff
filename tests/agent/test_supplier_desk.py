"""The supplier desk: the index follows the copy in small steps, and people confirm senders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.supplier_desk import DeskRefused, SupplierDesk
from tests.tools.suppliers.master import CountingEmbedder, a_supplier
from tools.audit_log import AuditLog
from tools.case_list import project
from tools.domain.authority import ApprovalPolicy, Approver
from tools.domain.identifiers import PersonId, SupplierId
from tools.domain.money import Money
from tools.domain.supplier import Supplier
from tools.erp.contract import Capability
from tools.erp.errors import NotSupported
from tools.store import Store
from tools.supplier_mirror import SupplierMirror
from tools.suppliers.index import SupplierIndex

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
ANNA, STRANGER = PersonId("anna"), PersonId("mallory")
POLICY = ApprovalPolicy(approvers=(Approver(person=ANNA, name="Anna", limit=Money.of("1000", "EUR")),))


class Books:
    """An ERP that knows suppliers and what changed."""

    def __init__(self, suppliers: list[Supplier], capabilities: frozenset[Capability]) -> None:
        self.known = {supplier.supplier_id: supplier for supplier in suppliers}
        self.news = list(suppliers)
        self.capabilities = capabilities | {Capability.READ_SUPPLIERS}
        self.declined: dict[Capability, str] = {}

    def change(self, *suppliers: Supplier) -> None:
        self.news = list(suppliers)
        self.known |= {supplier.supplier_id: supplier for supplier in suppliers}

    async def suppliers(self, changed_since: datetime | None) -> AsyncIterator[Supplier]:
        for supplier in self.known.values() if changed_since is None else self.news:
            yield supplier


def some(count: int) -> list[Supplier]:
    return [a_supplier(f"{n:05}", f"Firma {n} Handel", "Kiel") for n in range(count)]


class Office:
    """A desk over one folder; `open` is the next process."""

    def __init__(self, folder: Path, books: Books) -> None:
        self.folder, self.books = folder, books
        self.embedder = CountingEmbedder()
        self.open()

    def open(self) -> None:
        self.log = AuditLog(Store.open(self.folder / "db.sqlite"), lambda: NOW, project)
        self.mirror = SupplierMirror(self.log._store, self.log, lambda: NOW)
        self.index = SupplierIndex(self.folder / "vectors", self.embedder)
        erp: Any = self.books
        self.desk = SupplierDesk(self.mirror, self.index, erp, lambda: NOW)

    def close(self) -> None:
        self.index.close()
        self.log._store.close()

    def next_process(self) -> None:
        self.close()
        self.embedder.asked.clear()
        self.open()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    desk = Office(tmp_path, Books(some(30), frozenset({Capability.READ_CHANGES})))
    yield desk
    desk.close()


async def test_only_what_changed_is_embedded(office: Office) -> None:
    assert await office.desk.sync() == {"added": 30, "changed": 0, "removed": 0}
    assert len(office.embedder.asked) == 30
    office.next_process()
    moved = a_supplier("00003", "Firma 3 Handel", "Bremen")
    office.books.change(
        a_supplier("00007", "Neuer Name AG", "Kiel"), moved, a_supplier("90000", "Neu", "Ulm")
    )
    assert await office.desk.sync() == {"added": 1, "changed": 2, "removed": 0}
    assert sorted(office.embedder.asked) == ["Neu", "Neuer Name AG"]
    assert len(office.index) == 31


async def test_without_news_the_index_is_not_even_opened(office: Office) -> None:
    await office.desk.sync()
    office.next_process()
    office.books.change()
    await office.desk.sync()
    assert not office.index.is_loaded


async def test_a_sync_stopped_before_the_index_was_done_is_finished_by_the_next(office: Office) -> None:
    class Killed(BaseException):
        pass

    def die(what: str, done: int, total: int) -> None:
        if what == "index":
            raise Killed

    many = some(600)
    office.books.change(*many)
    with pytest.raises(Killed):
        await office.desk.sync(die, most=None)
    office.next_process()
    office.books.change()
    assert await office.desk.sync(most=None) == {"added": 0, "changed": 0, "removed": 0}
    assert 0 < len(office.embedder.asked) < 600
    assert len(office.index) == 600


async def test_a_first_sync_embeds_some_names_at_a_time_and_finds_all_by_spelling(office: Office) -> None:
    await office.desk.sync(most=10)
    assert len(office.index) == 10
    found = office.desk.resolve("Firma 29 Handel", city="Kiel", country=None, vat_id=None, iban=None)
    assert found.chosen == "00029"
    office.books.change()
    for size in (20, 30, 30):
        await office.desk.sync(most=10)
        assert len(office.index) == size


async def test_a_lost_index_is_filled_again(office: Office, tmp_path: Path) -> None:
    await office.desk.sync()
    office.close()
    for file in sorted((tmp_path / "vectors").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    office.open()
    office.books.change()
    await office.desk.sync()
    assert len(office.index) == 30


async def test_a_supplier_gone_from_the_erp_is_gone_from_copy_index_and_search(tmp_path: Path) -> None:
    office = Office(tmp_path, Books(some(5), frozenset()))
    await office.desk.sync()
    office.desk.directory()
    del office.books.known[SupplierId("00004")]
    assert await office.desk.sync() == {"added": 0, "changed": 0, "removed": 1}
    assert len(office.index) == 4
    assert SupplierId("00004") not in office.desk.directory()
    office.close()


async def test_a_renamed_supplier_is_found_without_building_everything_again(office: Office) -> None:
    await office.desk.sync()
    directory = office.desk.directory()
    office.books.change(a_supplier("00007", "Zebra Zinn AG", "Kiel"))
    await office.desk.sync()
    assert office.desk.directory() is directory
    found = office.desk.resolve("Zebra Zinn AG", city="Kiel", country=None, vat_id=None, iban=None)
    assert found.chosen == "00007"


async def test_a_confirmed_sender_counts_from_then_on_until_it_is_withdrawn(office: Office) -> None:
    await office.desk.sync()
    office.desk.directory()
    said = office.desk.confirm_sender("00007", "x@firma7.example", ANNA, "contract", POLICY)
    assert said == "confirmed for 00007 Firma 7 Handel"
    assert office.desk.confirm_sender("00007", "firma7.example", ANNA, "x", POLICY).startswith("already")
    assert office.desk.directory().by_domain("firma7.example") == {"00007"}
    office.desk.withdraw_sender("00007", "firma7.example", ANNA, "left the company", POLICY)
    assert office.desk.directory().by_domain("firma7.example") == frozenset()
    kinds = [record.event.kind for record in office.log.records()]
    assert kinds == ["suppliers_synced", "sender_confirmed", "sender_withdrawn"]


@pytest.mark.parametrize(
    ("supplier", "domain", "person", "how", "why"),
    [
        ("00007", "firma7.example", STRANGER, "contract", "mallory"),
        ("404", "firma7.example", ANNA, "contract", "there is no supplier 404"),
        ("00007", "firma7@gmail.com", ANNA, "contract", "many companies send mail from gmail.com"),
        ("00007", "firma7.example", ANNA, "  ", "say how it is known"),
    ],
)
async def test_a_sender_is_not_confirmed_by_strangers_for_nobody_or_without_a_reason(
    office: Office, supplier: str, domain: str, person: PersonId, how: str, why: str
) -> None:
    await office.desk.sync()
    with pytest.raises(DeskRefused, match=why):
        office.desk.confirm_sender(supplier, domain, person, how, POLICY)
    assert office.mirror.senders.all() == ()


async def test_what_was_never_confirmed_cannot_be_withdrawn(office: Office) -> None:
    await office.desk.sync()
    with pytest.raises(DeskRefused, match="is not confirmed for 00007"):
        office.desk.withdraw_sender("00007", "firma7.example", ANNA, "left", POLICY)


async def test_a_declined_reading_of_suppliers_is_a_sentence_and_no_call(tmp_path: Path) -> None:
    books = Books(some(1), frozenset())
    books.capabilities = frozenset()
    books.declined = {Capability.READ_SUPPLIERS: "the vendor publishes no list"}
    with pytest.raises(NotSupported, match="the vendor publishes no list; without the supplier master"):
        await Office(tmp_path, books).desk.sync()
