"""Keys, clauses and groups of bulk reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

_KEYS_AT_ONCE = 100
"""Orders, or clauses of a filter, in one call: an order comes with lines, movements and billed lines."""

K = TypeVar("K", bound=str)
V = TypeVar("V")


def changed(since: datetime, *where: str) -> list[Any]:
    """A clause: the record, or one behind the relations named, was made or changed after the moment."""
    stamps = [f"{place}{stamp}" for place in where for stamp in ("create_date", "write_date")]
    return ["OR", *([stamp, ">", since] for stamp in stamps)]


def chunks(keys: Sequence[Any]) -> list[list[Any]]:
    return [list(keys[start : start + _KEYS_AT_ONCE]) for start in range(0, len(keys), _KEYS_AT_ONCE)]


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def invoice_id(origin: str | None) -> int | None:
    model, _, found = (origin or "").partition(",")
    return int(found) if model == "account.invoice" and found.isdecimal() else None


def identity(supplier_id: str | None, number: str | None, kind: str | None) -> tuple[str, str, str]:
    return (supplier_id or "").casefold(), (number or "").strip().casefold(), kind or ""
