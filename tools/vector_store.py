"""Texts as vectors on disk, searched by meaning: one folder with several collections.

The only file that knows Chroma. It is loaded late (0.7 s), works without network, and holds nothing that is
not kept elsewhere: a lost folder is filled again by the next sync.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tools.domain.record import Record
from tools.suppliers.embedding import BATCH, Embedder

PAGE = 5000
"""Entries read at once. Chroma names each in one SQL statement, which takes no more than 32,766."""
Progress = Callable[[int, int], None]
"""Told after each batch: texts done, texts to do."""
Where = Mapping[str, Any]
T = TypeVar("T")


class Entry(Record):
    """One text as it should stand in a collection, with what is told of it when it is found."""

    key: str
    text: str
    tags: Mapping[str, str] = {}

    @property
    def metadata(self) -> dict[str, str]:
        return {**self.tags, "name_hash": hashlib.sha256(self.text.encode()).hexdigest()[:32]}


class Brought(Record):
    """What one `bring` did."""

    embedded: tuple[str, ...]
    moved: tuple[str, ...]
    """Keys whose tags changed and whose text did not."""
    gone: tuple[str, ...]
    left: int
    """Texts that are still to be embedded."""


class VectorStore:
    """The collections in `folder`. One object a folder and process; `close` it at the end. Searches may come
    from several threads, changes from one."""

    def __init__(self, folder: Path, embed: Embedder) -> None:
        self._folder = folder
        self._embed = embed
        self._client: Any = None
        self._open: dict[str, Any] = {}
        self._opening = threading.Lock()
        self._last_query: tuple[str, Any] | None = None

    @property
    def model(self) -> str:
        """Whose vectors the folder holds."""
        return self._embed.name

    @property
    def exists(self) -> bool:
        """Whether there is something in the folder; says so without loading Chroma."""
        return self._folder.is_dir() and any(self._folder.iterdir())

    @property
    def is_loaded(self) -> bool:
        """Whether Chroma was needed so far."""
        return self._client is not None

    def count(self, collection: str) -> int:
        """Texts in the collection; 0 when it was never filled."""
        return self._collection(collection).count() if self._folder.exists() else 0

    def close(self) -> None:
        """Let go of the folder; the next use opens it again."""
        if self._client is not None:
            self._client.close()
        self._client = None
        self._open = {}

    def stored(self, collection: str, where: Where | None = None) -> dict[str, dict[str, str]]:
        """Tags by key."""
        held = self._collection(collection)
        found: dict[str, dict[str, str]] = {}
        while True:
            page = held.get(where=where, include=["metadatas"], limit=PAGE, offset=len(found))
            found.update(zip(page["ids"], page["metadatas"], strict=True))
            if len(page["ids"]) < PAGE:
                return found

    def bring(
        self,
        collection: str,
        wanted: Mapping[str, Entry],
        stored: Mapping[str, Mapping[str, str]],
        progress: Progress | None = None,
        most: int | None = None,
    ) -> Brought:
        """Turn what is `stored` into what is `wanted`. Only texts that are new or changed are embedded, in
        batches, and `most` of them; what was stopped half-way goes on where it stopped."""
        metadata = {key: entry.metadata for key, entry in wanted.items()}
        new = {key for key in wanted if stored.get(key, {}).get("name_hash") != metadata[key]["name_hash"]}
        embed = [wanted[key] for key in wanted if key in new][:most]
        moved = [key for key in wanted if key in stored and key not in new and stored[key] != metadata[key]]
        gone = [key for key in stored if key not in wanted]
        self._remove(collection, gone)
        self._update(collection, [wanted[key] for key in moved])
        self._add(collection, embed, progress)
        return Brought(
            embedded=tuple(entry.key for entry in embed),
            moved=tuple(moved),
            gone=tuple(gone),
            left=len(new) - len(embed),
        )

    def nearest(
        self, collection: str, text: str, limit: int, where: Where | None = None
    ) -> list[tuple[str, dict[str, str], float]]:
        """Key, tags and cosine of the texts nearest in meaning, best first."""
        found = self._collection(collection).query(
            query_embeddings=[self._vector(text)],
            n_results=limit,
            where=where,
            include=["distances", "metadatas"],
        )
        rows = zip(found["ids"][0], found["metadatas"][0], found["distances"][0], strict=True)
        return [(key, tags, 1.0 - float(distance)) for key, tags, distance in rows]

    def likeness(self, collection: str, text: str, where: Where) -> list[tuple[dict[str, str], float]]:
        """Tags and cosine of all entries that `where` names."""
        held = self._collection(collection).get(where=where, include=["embeddings", "metadatas"])
        if not held["ids"]:
            return []
        scores: Sequence[Any] = held["embeddings"] @ self._vector(text)
        return [(tags, float(score)) for tags, score in zip(held["metadatas"], scores, strict=True)]

    def _vector(self, text: str) -> Any:
        last = self._last_query
        if last is None or last[0] != text:
            last = self._last_query = (text, self._embed.embed([text])[0])
        return last[1]

    def _collection(self, name: str) -> Any:
        with self._opening:
            if name not in self._open:
                self._open[name] = self._opened(name)
            return self._open[name]

    def _opened(self, name: str) -> Any:
        """The collection with this model's vectors; one with another model's is dropped first."""
        if self._client is None:
            import chromadb
            from chromadb.config import Settings

            self._folder.mkdir(parents=True, exist_ok=True)
            self._client = chromadb.PersistentClient(
                path=str(self._folder), settings=Settings(anonymized_telemetry=False)
            )
        collection = self._of_this_model(name)
        if (collection.metadata or {}).get("model") != self._embed.name:
            self._client.delete_collection(name)
            collection = self._of_this_model(name)
        return collection

    def _of_this_model(self, name: str) -> Any:
        return self._client.get_or_create_collection(
            name,
            metadata={"model": self._embed.name},
            configuration={"hnsw": {"space": "cosine"}},
            embedding_function=None,
        )

    def _remove(self, collection: str, keys: Sequence[str]) -> None:
        for batch in batches(keys):
            self._collection(collection).delete(ids=list(batch))

    def _update(self, collection: str, entries: Sequence[Entry]) -> None:
        for batch in batches(entries):
            self._collection(collection).update(
                ids=[entry.key for entry in batch], metadatas=[entry.metadata for entry in batch]
            )

    def _add(self, collection: str, entries: Sequence[Entry], progress: Progress | None) -> None:
        done = 0
        for batch in batches(entries):
            self._collection(collection).upsert(
                ids=[entry.key for entry in batch],
                embeddings=self._embed.embed([entry.text for entry in batch]),
                metadatas=[entry.metadata for entry in batch],
            )
            done += len(batch)
            if progress is not None:
                progress(done, len(entries))


def batches(items: Sequence[T]) -> list[Sequence[T]]:
    """As many at once as the embedder takes well."""
    return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]


def any_of(tag: str, values: Collection[str]) -> Where:
    """Entries whose tag has one of these values."""
    return {tag: {"$in": sorted(values)}}
