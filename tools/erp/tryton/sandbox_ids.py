"""Numbers for the records of one model: Tryton knows every record by an integer."""

from __future__ import annotations

from collections.abc import Hashable


class Ids:
    """A record keeps its number for the life of the server."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, Hashable], int] = {}
        self._by_id: dict[tuple[str, int], Hashable] = {}
        self._last: dict[str, int] = {}

    def of(self, model: str, key: Hashable) -> int:
        """The record's number; a new one for a record that was not seen before."""
        known = self._by_key.get((model, key))
        if known is not None:
            return known
        number = self._last.get(model, 0) + 1
        while (model, number) in self._by_id:
            number += 1
        self._last[model] = number
        self.name(model, key, number)
        return number

    def name(self, model: str, key: Hashable, number: int) -> None:
        """Gives a record a number by hand; a record may so become another one's successor."""
        self._by_key[(model, key)] = number
        self._by_id[(model, number)] = key

    def is_free(self, model: str, number: int) -> bool:
        return (model, number) not in self._by_id

    def is_known(self, model: str, key: Hashable) -> bool:
        return (model, key) in self._by_key

    def key(self, model: str, number: int) -> Hashable | None:
        return self._by_id.get((model, number))

    def pair(self, model: str, number: int) -> tuple[str, str]:
        """The key of a record that is one of another's. Raises KeyError for one that nobody knows."""
        found = self._by_id[(model, number)]
        if not isinstance(found, tuple) or len(found) != 2:
            raise KeyError(number)
        return str(found[0]), str(found[1])
