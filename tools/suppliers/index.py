"""Supplier names as vectors on disk, searched by meaning: "Elektro" finds "Electric".

It holds nothing that the supplier master does not hold: a lost folder is filled again by the next sync.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from tools.domain.documents import Record
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import Supplier
from tools.suppliers.embedding import BATCH, Embedder
from tools.suppliers.places import Place
from tools.vector_store import Brought, Entry, Progress, VectorStore, any_of

_COLLECTION = "supplier-names"


class SyncResult(Record):
    """What one sync did, in suppliers."""

    added: int
    changed: int
    removed: int
    unchanged: int
    left: int = 0
    """Names that are still to be embedded."""


def _entries(suppliers: Iterable[Supplier]) -> dict[str, Entry]:
    """One for each name of each supplier."""
    entries = [
        Entry(
            key=f"{supplier.supplier_id}#{position}",
            text=name,
            tags={"supplier": supplier.supplier_id, "country": (supplier.country or "").upper()},
        )
        for supplier in suppliers
        for position, name in enumerate(_names(supplier))
    ]
    return {entry.key: entry for entry in entries}


def _names(supplier: Supplier) -> list[str]:
    return [name for name in (supplier.name, *supplier.trading_names) if name.strip()]


class SupplierIndex:
    """The names of all suppliers in `folder`. One object a folder and process; `close` it at the end.
    Searches may come from several threads, a sync from one."""

    def __init__(self, folder: Path, embed: Embedder) -> None:
        self._store = VectorStore(folder, embed)

    @property
    def model(self) -> str:
        """Whose vectors the index holds."""
        return self._store.model

    @property
    def exists(self) -> bool:
        """Whether there is something in the folder; says so without loading Chroma."""
        return self._store.exists

    @property
    def is_loaded(self) -> bool:
        """Whether Chroma was needed so far."""
        return self._store.is_loaded

    def __len__(self) -> int:
        """Names in the index; 0 when it was never synced."""
        return self._store.count(_COLLECTION)

    def close(self) -> None:
        """Let go of the folder; the next use opens it again."""
        self._store.close()

    def sync(
        self, suppliers: Iterable[Supplier], progress: Progress | None = None, most: int | None = None
    ) -> SyncResult:
        """Make the index hold exactly `suppliers`. Only names that are new or changed are embedded, in
        batches, and `most` of them; a sync that was stopped half-way goes on where it stopped."""
        return self._bring(_entries(suppliers), self._store.stored(_COLLECTION), progress, most)

    def change(
        self,
        suppliers: Collection[Supplier],
        removed: Collection[SupplierId] = (),
        progress: Progress | None = None,
        most: int | None = None,
    ) -> SyncResult:
        """Take over these suppliers and drop `removed`; all others stay as they are and are not looked at."""
        ids = sorted({supplier.supplier_id for supplier in suppliers} | set(removed))
        stored: dict[str, dict[str, str]] = {}
        for start in range(0, len(ids), BATCH):
            stored |= self._store.stored(_COLLECTION, any_of("supplier", ids[start : start + BATCH]))
        return self._bring(_entries(suppliers), stored, progress, most)

    def _bring(
        self,
        wanted: Mapping[str, Entry],
        stored: Mapping[str, Mapping[str, str]],
        progress: Progress | None,
        most: int | None,
    ) -> SyncResult:
        return _result(wanted, stored, self._store.bring(_COLLECTION, wanted, stored, progress, most))

    def search(self, name: str, place: Place, limit: int) -> list[tuple[SupplierId, float]]:
        """The `limit` suppliers nearest in meaning, with the cosine, best first; ties by id.

        With a country, its own nearest suppliers are always among them, so that one company in thirty
        countries does not crowd out the right one.
        """
        if limit < 1 or not name.strip() or not len(self):
            return []
        found = self._nearest(name, limit, None)
        if place.country:
            for supplier, score in self._nearest(name, limit, place.country.upper()).items():
                found[supplier] = max(score, found.get(supplier, -1.0))
        return sorted(found.items(), key=lambda hit: (-hit[1], hit[0]))[
            : 2 * limit if place.country else limit
        ]

    def similarities(self, name: str, suppliers: Collection[SupplierId]) -> dict[SupplierId, float]:
        """Cosine of `name` with each of `suppliers`, the best of its names; those not in the index are
        left out."""
        if not suppliers or not name.strip() or not len(self):
            return {}
        best: dict[SupplierId, float] = {}
        for tags, score in self._store.likeness(_COLLECTION, name, any_of("supplier", suppliers)):
            supplier = SupplierId(tags["supplier"])
            best[supplier] = max(score, best.get(supplier, -1.0))
        return best

    def _nearest(self, name: str, limit: int, country: str | None) -> dict[SupplierId, float]:
        where = {"country": country} if country else None
        best: dict[SupplierId, float] = {}
        for _, tags, score in self._store.nearest(_COLLECTION, name, limit, where):
            supplier = SupplierId(tags["supplier"])
            best[supplier] = max(score, best.get(supplier, -1.0))
        return best


def _result(
    wanted: Mapping[str, Entry], stored: Mapping[str, Mapping[str, str]], brought: Brought
) -> SyncResult:
    before = {SupplierId(tags["supplier"]) for tags in stored.values()}
    after = {SupplierId(entry.tags["supplier"]) for entry in wanted.values()}
    touched = {SupplierId(wanted[key].tags["supplier"]) for key in (*brought.embedded, *brought.moved)}
    renamed = {SupplierId(stored[key]["supplier"]) for key in brought.gone} & after
    changed = (touched | renamed) & before
    return SyncResult(
        added=len(after - before),
        changed=len(changed),
        removed=len(before - after),
        unchanged=len((after & before) - changed),
        left=brought.left,
    )
