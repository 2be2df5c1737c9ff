"""The company of a case: one of the companies in `worlds/`, with what the case adds to it or changes.

`world.json` of a case: `{"base": "werk", "suppliers": […], "orders": […], "receipts": […], "invoices": […],
"items": […], "units": […], "verified": {supplier id: IBAN}, "settings": {…}, "policy": {…}}`, each optional
but `base`. Records stand as in a world of the sandbox ERP and replace one with the same number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.settings import Settings
from evals.suite.case import WORLDS, CaseBroken, EvalCase
from evals.suite.plain_json import read_plain
from tools.domain.record import Record
from tools.erp.contract import Capability, Erp

_LISTS = ("accounts", "tax_codes", "cost_centres", "items", "suppliers", "orders", "receipts", "invoices")
_KNOWN = {"base", "verified", "settings", "policy", "books", "units", "rates", "posting_window", *_LISTS}
_SECTIONS = ("verified", "settings", "policy", "books", "rates")
_KEYS = {"tax_codes": "code", "cost_centres": "code"}


class CaseWorld(Record):
    """What the ERP and the program know before the documents arrive."""

    books: Mapping[str, Any]
    """A world of the sandbox ERP."""
    verified: Mapping[str, str]
    """Supplier id -> its bank account, as people verified it."""
    settings: Mapping[str, Any]
    """Sections of the program's settings: `company`, `policy`."""


def world_of(case: EvalCase) -> CaseWorld:
    """Raises CaseBroken."""
    own = _read(case.folder / "world.json", case.id)
    if unknown := set(own) - _KNOWN:
        raise CaseBroken(f"{case.id}: world.json has unknown entries: {', '.join(sorted(unknown))}")
    if faults := [*_misshapen(own)]:
        raise CaseBroken(f"{case.id}: world.json: {'; '.join(faults)}")
    base = _read(WORLDS / f"{own['base']}.json", case.id)
    books = {**base["books"], **{name: own[name] for name in ("posting_window",) if name in own}}
    books["settings"] = merged(books["settings"], own.get("books", {}))
    books["units"] = sorted({*books["units"], *own.get("units", ())})
    books["rates"] = merged(books.get("rates", {}), own.get("rates", {}))
    for name in _LISTS:
        try:
            books[name] = _joined(books.get(name, []), own.get(name, []), _KEYS.get(name, "number"))
        except (KeyError, TypeError, AttributeError):
            raise CaseBroken(f"{case.id}: world.json: an entry of {name} has no number") from None
    settings = {
        "company": merged(base["settings"]["company"], own.get("settings", {})),
        "policy": merged(base["settings"]["policy"], own.get("policy", {})),
    }
    return CaseWorld(books=books, verified={**base["verified"], **own.get("verified", {})}, settings=settings)


def _misshapen(own: Mapping[str, Any]) -> Iterator[str]:
    known = companies()
    if own.get("base") not in known:
        yield f"base is one of {', '.join(known)}, not {own.get('base')!r}"
    yield from (f"{name} is no object" for name in _SECTIONS if not isinstance(own.get(name, {}), dict))
    for name in ("units", *_LISTS):
        if not isinstance(own.get(name, []), list):
            yield f"{name} is no list"
    units = own.get("units", [])
    if isinstance(units, list) and not all(isinstance(unit, str) for unit in units):
        yield "units are codes such as H87"


def companies() -> tuple[str, ...]:
    """Names of the companies that a case may begin from."""
    return tuple(sorted(path.stem for path in WORLDS.glob("*.json")))


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """`new` over `old`, sections merged, lists replaced."""
    found = dict(old)
    for name, value in new.items():
        both = isinstance(value, Mapping) and isinstance(found.get(name), Mapping)
        found[name] = merged(found[name], value) if both else value
    return found


def _joined(old: Sequence[Any], new: Sequence[Any], key: str) -> list[Any]:
    found = {_number(entry, key): entry for entry in old}
    for entry in new:
        found[_number(entry, key)] = entry
    return list(found.values())


def _number(entry: Mapping[str, Any], key: str) -> str:
    supplier = entry.get("supplier")
    return str(supplier["supplier_id"] if isinstance(supplier, Mapping) else entry[key])


def _read(path: Path, case: str) -> dict[str, Any]:
    try:
        data = read_plain(path.read_text(encoding="utf-8"), _refuse_float)
    except (OSError, ValueError) as error:
        raise CaseBroken(f"{case}: {path.name} cannot be used: {error}") from None
    if not isinstance(data, dict):
        raise CaseBroken(f"{case}: {path.name} is no JSON object")
    return data


def _refuse_float(text: str) -> Any:
    raise ValueError(f"the number {text} must be written as a string")


def limits_of(world: CaseWorld, erp: Erp) -> dict[str, Any]:
    """What the company writes into our settings because its ERP has no field for it."""
    if Capability.READ_SUPPLIER_LIMITS in erp.capabilities:
        return {}
    suppliers = (entry["supplier"] for entry in world.books["suppliers"])
    told = {one["supplier_id"]: one["amount_limit"] for one in suppliers if one.get("amount_limit")}
    return {"supplier_limits": told} if told else {}


def settings_of(
    world: CaseWorld, kind: str, folder: Path, llm: Mapping[str, Any], limits: Mapping[str, Any] | None = None
) -> Settings:
    """The program's settings for a case with its records below `folder`; `limits` as `limits_of` gives them.
    Raises pydantic.ValidationError."""
    return Settings.model_validate(
        {
            "company": merged(limits or {}, world.settings["company"]),
            "policy": world.settings["policy"],
            "erp": {"kind": kind},
            "data": {"folder": str(folder / "data")},
            "batch": {"reading_processes": 1, "cases_at_once": 1},
            "llm": dict(llm),
        }
    )
