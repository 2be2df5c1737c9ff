"""Supplier names as vectors on disk, searched by meaning: "Elektro" finds "Electric".

The only file that knows Chroma. It is loaded late (0.7 s), works without network, and holds nothing
that the supplier master does not hold: a lost folder is filled again by the next sync.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from tools.domain.documents import Record
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import Supplier
from tools.suppliers.embedding import BATCH, Embedder
from tools.suppliers.places import Place

_COLLECTION = "supplier-names"
_PAGE = 5000
"""Names read at once. Chroma names each in one SQL statement, which takes no more than 32,766."""
Progress = Callable[[int, int], None]
"""Told after each batch: names done, names to do."""


class SyncResult(Record):
    """What one sync did, in suppliers."""

    added: int
    changed: int
    removed: int
    unchanged: int
    left: int = 0
    """Names that are still to be embedded."""


class _Entry(Record):
    """One name of one supplier, as it should stand in the index."""

    key: str
    supplier_id: SupplierId
    name: str
    country: str

    @property
    def name_hash(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()[:32]

    @property
    def metadata(self) -> dict[str, str]:
        return {"supplier": self.supplier_id, "name_hash": self.name_hash, "country": self.country}


def _entries(supplier: Supplier) -> list[_Entry]:
    names = [name for name in (supplier.name, *supplier.trading_names) if name.strip()]
    return [
        _Entry(
            key=f"{supplier.supplier_id}#{position}",
            supplier_id=supplier.supplier_id,
            name=name,
            country=(supplier.country or "").upper(),
        )
        for position, name in enumerate(names)
    ]


class SupplierIndex:
    """The names of all suppliers in `folder`. One object a folder and process; `close` it at the end.
    Searches may come from several threads, a sync from one."""

    def __init__(self, folder: Path, embed: Embedder) -> None:
        self._folder = folder
        self._embed = embed
        self._client: Any = None
        self._collection: Any = None
        self._opening = threading.Lock()
        self._last_query: tuple[str, Any] | None = None

    @property
    def model(self) -> str:
        """Whose vectors the index holds."""
        return self._embed.name

    @property
    def exists(self) -> bool:
        """Whether there is something in the folder; says so without loading Chroma."""
        return self._folder.is_dir() and any(self._folder.iterdir())

    def __len__(self) -> int:
        """Names in the index; 0 when it was never synced."""
        return self._names().count() if self._folder.exists() else 0

    def close(self) -> None:
        """Let go of the folder; the next use opens it again."""
        if self._client is not None:
            self._client.close()
        self._client = self._collection = None

    def sync(
        self, suppliers: Iterable[Supplier], progress: Progress | None = None, most: int | None = None
    ) -> SyncResult:
        """Make the index hold exactly `suppliers`. Only names that are new or changed are embedded, in
        batches, and `most` of them; a sync that was stopped half-way goes on where it stopped."""
        wanted = {entry.key: entry for supplier in suppliers for entry in _entries(supplier)}
        return self._bring(wanted, self._stored(), progress, most)

    def change(
        self,
        suppliers: Collection[Supplier],
        removed: Collection[SupplierId] = (),
        progress: Progress | None = None,
        most: int | None = None,
    ) -> SyncResult:
        """Take over these suppliers and drop `removed`; all others stay as they are and are not looked at."""
        wanted = {entry.key: entry for supplier in suppliers for entry in _entries(supplier)}
        ids = sorted({supplier.supplier_id for supplier in suppliers} | set(removed))
        stored: dict[str, dict[str, str]] = {}
        for start in range(0, len(ids), BATCH):
            stored |= self._stored({"supplier": {"$in": ids[start : start + BATCH]}})
        return self._bring(wanted, stored, progress, most)

    def _bring(
        self,
        wanted: dict[str, _Entry],
        stored: dict[str, dict[str, str]],
        progress: Progress | None,
        most: int | None,
    ) -> SyncResult:
        """Turn what is `stored` into what is `wanted`."""
        new = {key for key, e in wanted.items() if stored.get(key, {}).get("name_hash") != e.name_hash}
        embed = [wanted[key] for key in wanted if key in new][:most]
        moved = [e for k, e in wanted.items() if k in stored and k not in new and stored[k] != e.metadata]
        gone = [key for key in stored if key not in wanted]
        self._remove(gone)
        self._update(moved)
        self._add(embed, progress)
        result = _result(wanted, stored, {e.supplier_id for e in (*embed, *moved)}, gone)
        return result.model_copy(update={"left": len(new) - len(embed)})

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
        stored = self._names().get(
            where={"supplier": {"$in": sorted(suppliers)}}, include=["embeddings", "metadatas"]
        )
        if not stored["ids"]:
            return {}
        best: dict[SupplierId, float] = {}
        for metadata, score in zip(
            stored["metadatas"], stored["embeddings"] @ self._vector(name), strict=True
        ):
            supplier = SupplierId(metadata["supplier"])
            best[supplier] = max(float(score), best.get(supplier, -1.0))
        return best

    def _nearest(self, name: str, limit: int, country: str | None) -> dict[SupplierId, float]:
        found = self._names().query(
            query_embeddings=[self._vector(name)],
            n_results=limit,
            where={"country": country} if country else None,
            include=["distances", "metadatas"],
        )
        best: dict[SupplierId, float] = {}
        for metadata, distance in zip(found["metadatas"][0], found["distances"][0], strict=True):
            supplier = SupplierId(metadata["supplier"])
            best[supplier] = max(1.0 - float(distance), best.get(supplier, -1.0))
        return best

    def _vector(self, name: str) -> Any:
        last = self._last_query
        if last is None or last[0] != name:
            last = self._last_query = (name, self._embed.embed([name])[0])
        return last[1]

    def _names(self) -> Any:
        with self._opening:
            if self._collection is None:
                self._collection = self._open()
            return self._collection

    def _open(self) -> Any:
        import chromadb
        from chromadb.config import Settings

        self._folder.mkdir(parents=True, exist_ok=True)
        self._client = chromadb.PersistentClient(
            path=str(self._folder), settings=Settings(anonymized_telemetry=False)
        )
        collection = self._collection_of_this_model()
        if (collection.metadata or {}).get("model") != self._embed.name:
            self._client.delete_collection(_COLLECTION)
            collection = self._collection_of_this_model()
        return collection

    def _collection_of_this_model(self) -> Any:
        return self._client.get_or_create_collection(
            _COLLECTION,
            metadata={"model": self._embed.name},
            configuration={"hnsw": {"space": "cosine"}},
            embedding_function=None,
        )

    def _stored(self, where: dict[str, Any] | None = None) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        while True:
            page = self._names().get(where=where, include=["metadatas"], limit=_PAGE, offset=len(found))
            found.update(zip(page["ids"], page["metadatas"], strict=True))
            if len(page["ids"]) < _PAGE:
                return found

    def _remove(self, keys: list[str]) -> None:
        for start in range(0, len(keys), BATCH):
            self._names().delete(ids=keys[start : start + BATCH])

    def _update(self, entries: list[_Entry]) -> None:
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            self._names().update(ids=[e.key for e in batch], metadatas=[e.metadata for e in batch])

    def _add(self, entries: list[_Entry], progress: Progress | None) -> None:
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            self._names().upsert(
                ids=[entry.key for entry in batch],
                embeddings=self._embed.embed([entry.name for entry in batch]),
                metadatas=[entry.metadata for entry in batch],
            )
            if progress is not None:
                progress(start + len(batch), len(entries))


def _result(
    wanted: dict[str, _Entry], stored: dict[str, dict[str, str]], touched: set[SupplierId], gone: list[str]
) -> SyncResult:
    before = {SupplierId(metadata["supplier"]) for metadata in stored.values()}
    after = {entry.supplier_id for entry in wanted.values()}
    renamed = {SupplierId(stored[key]["supplier"]) for key in gone} & after
    changed = (touched | renamed) & before
    return SyncResult(
        added=len(after - before),
        changed=len(changed),
        removed=len(before - after),
        unchanged=len((after & before) - changed),
    )
