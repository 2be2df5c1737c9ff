"""What is wrong in the settings, for the person who mends them: the key, the fault, what is allowed. Never a
value that may be a secret."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Place = tuple[int | str, ...]
_SECRET = re.compile(r"secret|password|token|key|pin$", re.IGNORECASE)
_SENTENCES = {
    "missing": "is missing",
    "decimal": "must be a number, such as 2.5",
    "finite_number": "must be a number, such as 2.5",
    "float": "must be a number, such as 2.5",
    "int": "must be a whole number",
    "bool": "must be true or false",
    "string": 'must be text in quotes, such as "6530"',
    "date": "must be a date such as 2026-03-31",
    "time": 'must be a length of time such as "P3D" (days) or "PT36H" (hours)',
    "tuple": "must be a list in square brackets, even of one entry",
    "frozen": "must be a list in square brackets, even of one entry",
    "set": "must be a list in square brackets, even of one entry",
    "list": "must be a list in square brackets, even of one entry",
    "path": "must be a path in quotes",
}
"""Beginnings of the library's names for faults, and what to say."""
_OF_KINDS = ("union_tag_invalid", "union_tag_not_found")
"""A table that may be of several kinds, and whose key for the kind is wrong or missing."""


def explain(error: ValidationError, root: type[BaseModel] | None = None) -> str:
    """One line for each fault. With `root`, the class of all settings, unknown keys are told with the nearest
    known one and tables with their keys."""
    faults = error.errors()
    deeper = {fault["loc"][:length] for fault in faults for length in range(len(fault["loc"]))}
    # A list is also called too short when its only entry is wrong.
    told = [fault for fault in faults if fault["type"] != "too_short" or fault["loc"] not in deeper]
    return "\n".join(f"  {_name(_as_written(fault, root))}: {_sentence(fault, root)}" for fault in told)


def _as_written(fault: ErrorDetails, root: type[BaseModel] | None) -> Place:
    """Where the fault stands in the file: without the kind of a table, which the library puts behind its
    name, and with the key that gives the kind where that is the fault."""
    place = fault["loc"]
    if fault["type"] in _OF_KINDS:
        return (*place, _discriminator(fault))
    tags = {at for at, step in enumerate(place) if _of_kind(_types_at(root, place[:at]), step)}
    return tuple(step for at, step in enumerate(place) if at not in tags)


def _discriminator(fault: ErrorDetails) -> str:
    return str(fault.get("ctx", {})["discriminator"]).strip("'")


def _name(place: Place) -> str:
    """`policy.approval.approvers[2].limit`: entries are counted from 1, as people do."""
    name = ""
    for position, step in enumerate(place):
        if isinstance(step, int):
            name += f"[{step + 1}]"
        elif step != "[key]" and not (step == "policy" and position and isinstance(place[position - 1], int)):
            name += f".{step}" if name else step
    return name or "settings"


def _sentence(fault: ErrorDetails, root: type[BaseModel] | None) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "value_error":
        return without_value(fault["msg"].removeprefix("Value error, "), fault["input"])
    if kind == "extra_forbidden":
        return _unknown(str(fault["loc"][-1]), _keys(fields_at(root, fault["loc"][:-1])))
    if kind in ("model_type", "model_attributes_type", "dict_type", "mapping_type"):
        return _table(fields_at(root, fault["loc"]))
    if kind in _OF_KINDS:
        allowed = ", ".join(map(repr, _kinds(fields_at(root, fault["loc"]), _discriminator(fault))))
        return ("is missing; it " if kind == "union_tag_not_found" else "") + f"must be one of {allowed}"
    if kind in ("enum", "literal_error"):
        return f"must be one of {context['expected'].replace(' or ', ', ')}"
    if kind == "too_short":
        return f"needs at least {context['min_length']} entry"
    bounds = {"greater_than_equal": "ge", "less_than_equal": "le", "greater_than": "gt", "less_than": "lt"}
    if kind in bounds:
        words = {"ge": "{} or more", "le": "{} or less", "gt": "more than {}", "lt": "less than {}"}
        return "must be " + words[bounds[kind]].format(context[bounds[kind]])
    return _SENTENCES.get(kind, _SENTENCES.get(kind.partition("_")[0], fault["msg"]))


def without_value(message: str, value: object) -> str:
    """A validator's own sentence may repeat what it refused: the whole of it, or a secret within. Parts of
    other words stay as they are."""
    for shown in sorted({repr(value), str(value), *_secrets(value)}, key=len, reverse=True):
        if len(shown) > 1:
            message = re.sub(rf"(?<!\w){re.escape(shown)}(?!\w)", "the value", message)
    return message


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if isinstance(entry, str) and _SECRET.search(str(key)):
                yield from (repr(entry), entry)
            else:
                yield from _secrets(entry)


def _unknown(key: str, known: Collection[str]) -> str:
    near = get_close_matches(key, known, n=1)
    if near:
        return f"there is no such setting; did you mean {near[0]}?"
    return "there is no such setting" + (f"; here are: {', '.join(sorted(known))}" if known else "")


def _table(models: list[type[BaseModel]]) -> str:
    fields = [*_keys(models, needed=True)] or [*_keys(models)]
    shown = ", ".join(f"{name} = …" for name in fields[:6])
    return f"must be a table, such as {{ {shown} }}" if shown else "must be a table"


def _keys(models: list[type[BaseModel]], *, needed: bool = False) -> list[str]:
    fields = {name: field for model in models for name, field in model.model_fields.items()}
    return [name for name, field in fields.items() if field.is_required() or not needed]


def fields_at(root: type[BaseModel] | None, place: Place) -> list[type[BaseModel]]:
    """The classes of settings that a table at this place may be of."""
    return [kind for kind in _types_at(root, place) if _is_table(kind)]


def _types_at(root: type[BaseModel] | None, place: Place) -> list[Any]:
    kinds: list[Any] = [] if root is None else [root]
    for step in place:
        kinds = _of_kind(kinds, step) or [inner for kind in kinds for inner in _within(kind, step)]
    return kinds


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _of_kind(kinds: list[Any], step: int | str) -> list[Any]:
    """The one of several classes whose kind the step names; a place of the library has it between the name
    of a table and its keys."""
    tables = [kind for kind in kinds if _is_table(kind)] if len(kinds) > 1 else []
    return [
        table
        for table in tables
        if any(
            get_args(field.annotation) == (step,) and _is_literal(field.annotation)
            for field in table.model_fields.values()
        )
    ]


def _is_literal(annotation: Any) -> bool:
    return get_origin(annotation) is Literal


def _kinds(tables: list[type[BaseModel]], key: str) -> list[str]:
    return [str(value) for table in tables for value in get_args(table.model_fields[key].annotation)]


def _within(kind: Any, step: int | str) -> list[Any]:
    """Types of what stands under a key of a table, or of the entries of a list."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(str(step))
        return [] if field is None else _plain(field.annotation)
    return [plain for argument in get_args(kind)[-1:] for plain in _plain(argument)] or (
        [plain for argument in get_args(kind)[:1] for plain in _plain(argument)]
    )


def _plain(annotation: Any) -> list[Any]:
    """The types that a field may have, without `Optional` and `Annotated`."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return [plain for argument in get_args(annotation) for plain in _plain(argument)]
    if origin is not None and hasattr(annotation, "__metadata__"):
        return _plain(get_args(annotation)[0])
    return [] if annotation in (type(None), Ellipsis) else [annotation]
