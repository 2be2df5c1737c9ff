"""Records as Oracle answers them: links with opaque keys, children as lists or as pages, ids as strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.erp.oracle.sandbox_query import Options
from tools.erp.oracle.sandbox_schema import Resource

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Renderer:
    """`root` is how the pod names itself: not the address it was asked at, as behind a vanity name."""

    root: str
    version: int
    child_rows: int
    deepest: int = 9
    """Levels of children that come along with a record; deeper ones are only linked to."""

    def record(self, row: Row, resource: Resource, address: str, options: Options, path: str = "") -> Any:
        shown = self._attributes(row, resource, options, path)
        here = f"{address}/{row['@key']}"
        for name, child in resource.children.items():
            way = f"{path}.{name}" if path else name
            if options.shows(way) and name in row and way.count(".") < self.deepest:
                shown[name] = self._child(row[name], child, f"{here}/child/{name}", options, way)
        if not options.only_data:
            shown["links"] = self._links(row, resource, here)
        return shown

    def _attributes(self, row: Row, resource: Resource, options: Options, path: str) -> dict[str, Any]:
        names = resource.fields if options.fields is None else options.fields.get(path, ())
        return {name: self._value(resource, name, row[name]) for name in names}

    def _value(self, resource: Resource, name: str, value: Any) -> Any:
        """From version 9 on, numbers that a float might spoil come as strings."""
        if self.version >= 9 and value is not None and resource.fields[name].type in ("Id", "Number"):
            return str(value)
        return value

    def _child(self, rows: list[Row], child: Resource, address: str, options: Options, path: str) -> Any:
        shown = [self.record(row, child, address, options, path) for row in rows]
        if self.version <= 2:
            return shown
        return self.page(shown, address, 0, self.child_rows)

    def page(self, rows: list[Any], address: str, offset: int, limit: int) -> dict[str, Any]:
        """One page of a collection. `items` is missing when there are none."""
        found = rows[offset : offset + limit]
        body: dict[str, Any] = {"items": found} if found else {}
        return {
            **body,
            "count": len(found),
            "hasMore": offset + len(found) < len(rows),
            "limit": limit,
            "offset": offset,
            "links": [{"rel": "self", "href": f"{self.root}/{address}", "kind": "collection"}],
        }

    def _links(self, row: Row, resource: Resource, here: str) -> list[dict[str, Any]]:
        own: dict[str, Any] = {"href": f"{self.root}/{here}", "name": resource.name, "kind": "item"}
        if "@version" in row:
            own["properties"] = {"changeIndicator": row["@version"]}
        children = [
            {"rel": "child", "href": f"{self.root}/{here}/child/{name}", "name": name, "kind": "collection"}
            for name in resource.children
        ]
        return [{"rel": "self", **own}, {"rel": "canonical", **own}, *children]
