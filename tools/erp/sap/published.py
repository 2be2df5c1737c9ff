"""SAP's published services as compact tables: entity sets, keys, properties, functions.

`fields.json` is derived from SAP's service descriptions (see README.md). Both sides of the connector read it:
the connector compares a live `$metadata` with it, the sandbox serves exactly it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TYPE = re.compile(r"(?P<kind>\w+)(\((?P<length>\d+)(,(?P<scale>\d+))?\))?(?P<marks>( \w+)*)")


@dataclass(frozen=True)
class Property:
    name: str
    kind: str
    """Edm type without `Edm.`."""
    length: int | None
    """Characters of a String, digits of a Decimal."""
    scale: int | None
    creatable: bool
    updatable: bool
    filterable: bool
    optional: bool = False


@dataclass(frozen=True)
class Entity:
    service: str
    name: str
    """The entity set."""
    type: str
    keys: tuple[str, ...]
    allows: frozenset[str]
    """`create`, `update`, `delete`."""
    navigation: Mapping[str, tuple[str, str]]
    """Name -> entity set and multiplicity (`1`, `0..1`, `*`)."""
    properties: Mapping[str, Property]
    stream: bool = False


@dataclass(frozen=True)
class Function:
    name: str
    method: str
    returns: str
    entity_set: str | None
    parameters: Mapping[str, Property]


@dataclass(frozen=True)
class Service:
    name: str
    entities: Mapping[str, Entity]
    functions: Mapping[str, Function]
    complex_types: Mapping[str, Mapping[str, Property]]


@cache
def services() -> Mapping[str, Service]:
    """Service name -> its published description."""
    told = json.loads(Path(__file__).with_name("fields.json").read_text(encoding="utf-8"))
    return {name: _service(name, data) for name, data in told.items()}


def entity_of(entity_set: str) -> Entity:
    """An entity set by its name alone; the names used here are unique."""
    for service in services().values():
        if entity_set in service.entities:
            return service.entities[entity_set]
    raise LookupError(f"no published service has {entity_set}")


def _service(name: str, data: Mapping[str, dict[str, dict[str, object]]]) -> Service:
    return Service(
        name=name,
        entities={key: _entity(name, key, told) for key, told in data["entities"].items()},
        functions={key: _function(key, told) for key, told in data["functions"].items()},
        complex_types={key: _properties(told) for key, told in data["complex"].items()},
    )


def _entity(service: str, name: str, told: Mapping[str, object]) -> Entity:
    navigation = told["navigation"]
    return Entity(
        service=service,
        name=name,
        type=str(told["type"]),
        keys=tuple(told["keys"]),  # type: ignore[arg-type]
        allows=frozenset(told["allows"]),  # type: ignore[call-overload]
        navigation={key: (target[0], target[1]) for key, target in navigation.items()},  # type: ignore[attr-defined]
        properties=_properties(told["properties"]),  # type: ignore[arg-type]
        stream=bool(told.get("stream")),
    )


def _function(name: str, told: Mapping[str, object]) -> Function:
    entity_set = told["entity_set"]
    return Function(
        name=name,
        method=str(told["method"]),
        returns=str(told["returns"]),
        entity_set=None if entity_set is None else str(entity_set),
        parameters=_properties(told["parameters"]),  # type: ignore[arg-type]
    )


def _properties(told: Mapping[str, object]) -> dict[str, Property]:
    return {name: _property(name, str(text)) for name, text in told.items()}


def _property(name: str, text: str) -> Property:
    match = _TYPE.fullmatch(text)
    if match is None:
        raise ValueError(f"{name}: {text} is no type")
    marks = match["marks"].split()
    return Property(
        name=name,
        kind=match["kind"],
        length=None if match["length"] is None else int(match["length"]),
        scale=None if match["scale"] is None else int(match["scale"]),
        creatable="nc" not in marks,
        updatable="nu" not in marks,
        filterable="nf" not in marks,
        optional="optional" in marks,
    )
