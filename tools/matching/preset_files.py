"""Named policies (`presets/*.toml`) and how settings choose and change them.

A table names a preset and changes single keys of it. A limit (`over`, `freight` …) is replaced as a whole:
an absolute limit of one's own must not leave the preset's percentage standing beside it unseen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from tools.domain.policy import MatchChoice, MatchPolicy

_LIMITS = frozenset("over under quantity_ordered quantity_received freight catch_weight".split())
_KEYED = ("rules", "holds")
_CRITERIA = frozenset(MatchChoice.model_fields) - {"policy"}
# What tells a policy apart or lists exceptions is no change of a preset's rules.
_NOT_OWN = frozenset({"name", "version", "po_exempt_suppliers"})

Table = Mapping[str, Any]


class PresetError(ValueError):
    """The settings ask for a preset or a key that does not exist; the text says which there are."""


@cache
def _texts() -> Mapping[str, str]:
    folder = files("tools.matching") / "presets"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8") for entry in found}


def names() -> tuple[str, ...]:
    """All presets there are."""
    return tuple(sorted(_texts()))


def preset(name: str) -> dict[str, Any]:
    """The table of a preset, decimals exact. Raises PresetError for an unknown name."""
    if name not in _texts():
        raise PresetError(f"there is no preset {name!r}; choose one of {', '.join(names())}")
    return tomllib.loads(_texts()[name], parse_float=Decimal)


def policy(name: str, changes: Table | None = None) -> MatchPolicy:
    """A preset as a policy, with changes as settings would make them. Raises PresetError and, for wrong
    values, pydantic's ValidationError."""
    return MatchPolicy.model_validate(chosen({**(changes or {}), "preset": name}, {}))


def chosen(table: Table, otherwise: Table) -> dict[str, Any]:
    """The policy's table: the preset that `table` names, else `otherwise`, with the changes in `table`.

    Raises PresetError for an unknown preset and for a key that the preset does not have.
    """
    changes = {key: value for key, value in table.items() if key != "preset"}
    if "preset" not in table:
        return _merged(otherwise, changes, str(otherwise.get("name", "default")))
    name = str(table["preset"])
    merged = _merged(preset(name), changes, name)
    return {**merged, "own": tuple(_changed(changes))}


def expanded(policies: Mapping[str, Any]) -> dict[str, Any]:
    """`[policy]` of the settings with presets written out: `match` a policy's table, `match_for` tables of
    `MatchChoice`. Raises PresetError."""
    found = dict(policies)
    match = found.get("match", {})
    if not isinstance(match, Mapping):
        return found
    found["match"] = whole = chosen(match, {})
    tables = found.get("match_for", ())
    if isinstance(tables, (list, tuple)):
        found["match_for"] = [_choice(table, whole) for table in tables]
        _refuse_twins(found["match_for"])
    return found


def _choice(table: Any, whole: Table) -> Any:
    if not isinstance(table, Mapping) or "policy" in table:
        return table
    criteria = {key: value for key, value in table.items() if key in _CRITERIA}
    changes = {key: value for key, value in table.items() if key not in _CRITERIA}
    made = chosen(changes, whole)
    if "preset" not in changes:
        made["own"] = tuple(dict.fromkeys((*whole.get("own", ()), *_changed(changes))))
    return {**criteria, "policy": made}


def _refuse_twins(choices: list[Any]) -> None:
    seen: list[Any] = []
    for choice in filter(lambda entry: isinstance(entry, Mapping), choices):
        criteria = {key: choice[key] for key in choice if key in _CRITERIA}
        if criteria in seen:
            shown = ", ".join(f"{key} = {value}" for key, value in criteria.items())
            raise PresetError(f"two match_for tables name the same ({shown}); keep one of them")
        seen.append(criteria)


def _changed(changes: Table) -> list[str]:
    keyed = [f"{part}.{key}" for part in _KEYED for key in changes.get(part, {})]
    return [*(key for key in changes if key not in _NOT_OWN and key not in _KEYED), *keyed]


def _merged(base: Table, changes: Table, name: str) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        if key in _KEYED and isinstance(value, Mapping):
            merged[key] = _keyed(base.get(key, {}), value, key, name)
        elif isinstance(value, Mapping) and isinstance(base.get(key), Mapping) and key not in _LIMITS:
            merged[key] = {**base[key], **value}
        else:
            merged[key] = value
    return merged


def _keyed(base: Table, changes: Table, part: str, name: str) -> dict[str, Any]:
    """Rules or holds. Variables of the environment arrive in lower case, so case does not count."""
    spelled = {key.casefold(): key for key in base}
    merged = dict(base)
    for key, value in changes.items():
        known = spelled.get(key.casefold())
        if known is not None:
            merged[known] = {**base[known], **value} if isinstance(value, Mapping) else value
        elif isinstance(value, Mapping) and _is_complete(part, value):
            merged[key] = value
        else:
            raise PresetError(_unknown(part, key, name, sorted(base)))
    return merged


def _is_complete(part: str, value: Table) -> bool:
    return "measure" in value if part == "rules" else bool({"rules", "kinds"} & set(value))


def _unknown(part: str, key: str, name: str, known: list[str]) -> str:
    there = f"it has {', '.join(known)}" if known else "it has none"
    needs = "`measure` and `kind`" if part == "rules" else "`rules` or `kinds`"
    return (
        f"{part}.{key}: policy {name!r} has no such key ({there}); mend its name, choose a `preset` that "
        f"has it, or give a key of your own {needs}"
    )
