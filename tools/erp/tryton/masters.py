"""What is read once: the company with its currencies, units and taxes; and what the server lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from tools.domain.identifiers import CompanyId
from tools.erp.errors import ErpAccessDenied, ErpRejected
from tools.erp.tryton import records, wire
from tools.erp.tryton.session import Session
from tools.erp.tryton.setup import Setup

_HOLD = "account.invoice.hold"
_MODULES = {
    _HOLD: (
        "erp_agent_invoice_hold (tools/erp/tryton/extension), or set hold_module = false; without it a hold "
        "is a note and a block that a payment may pass, and a draft cannot be held"
    ),
    "bank": "bank",
    "stock": "stock",
    "purchase": "purchase",
    "account": "account, account_invoice",
    "party": "party",
    "product": "product",
}
"""Model, or the start of its name -> the modules that bring it."""
_RIGHTS = {
    "purchase.purchase": "group Purchase",
    "account.invoice": "group Accounting",
    "stock.shipment.in": "group Stock",
}
_ALWAYS = frozenset({"rec_name", "_timestamp"})


async def read_setup(session: Session, company: str, payment_block: str | None) -> Setup:
    """Three calls at a time. The company goes into the context of all later ones. Raises ErpAccessDenied when
    the login sees no such company."""
    named = ["OR", ["party.name", "=", company], ["party.code", "=", company]]
    companies, currencies, units = await asyncio.gather(
        session.read(wire.Company, [named], operation="company"),
        session.read(wire.Currency, [], operation="currencies"),
        session.read(wire.Unit, [], operation="units"),
    )
    if len(companies) != 1:
        raise ErpAccessDenied(f"Tryton shows our login {len(companies) or 'no'} company named {company}")
    ours = companies[0]
    session.context["company"] = ours.id
    taxes = await session.read(
        wire.Tax, [["company", "=", ours.id], ["parent", "=", None]], operation="taxes"
    )
    return Setup(
        company=CompanyId(company),
        company_id=ours.id,
        party_id=ours.party.id,
        currency=ours.currency.code,
        units={unit.symbol: unit.id for unit in units},
        currencies={currency.code: currency.id for currency in currencies},
        taxes=_unique(taxes),
        payment_block=payment_block,
    )


def _unique(taxes: Iterable[wire.Tax]) -> dict[str, int]:
    """Tryton's taxes have no code, so the name is one; of two with the same name neither can be meant."""
    found: dict[str, list[int]] = {}
    for tax in taxes:
        found.setdefault(tax.name, []).append(tax.id)
    return {name: ids[0] for name, ids in found.items() if len(ids) == 1}


async def has_module(session: Session) -> bool:
    """Whether the server has the module of `extension/`. Raises ErpAccessDenied where our login may not use
    it."""
    try:
        await session.ask(f"model.{_HOLD}.fields_get", [], operation="description")
    except ErpRejected:
        return False
    return True


async def lacking(session: Session, *, hold_module: bool) -> list[str]:
    """Fields that the server does not have (a module is missing) and rights that the login has not. Of the
    module of `extension/` only where it is wanted."""
    kinds = [kind for kind in all_kinds() if hold_module or kind not in records.OF_MODULE]
    models = sorted({(kind.model, name) for kind in kinds for name in own_fields(kind)})
    wanted: dict[str, list[str]] = {}
    for model, name in models:
        wanted.setdefault(model, []).append(name)
    answers = await asyncio.gather(*(_missing(session, model, names) for model, names in wanted.items()))
    return [sentence for sentences in answers for sentence in sentences]


async def _missing(session: Session, model: str, names: list[str]) -> list[str]:
    try:
        known = await session.ask(f"model.{model}.fields_get", [], operation="description")
    except ErpAccessDenied as error:
        group = _RIGHTS.get(model, "a group that may read it")
        return [f"our login may not use {model}: put it into {group} ({error})"]
    except ErpRejected:
        modules = _MODULES.get(model) or _MODULES.get(model.partition(".")[0], "the module it belongs to")
        return [f"Tryton has no model {model}: activate {modules}"]
    gone = [name for name in names if name not in known]
    return [f"Tryton's {model} has no field {name}; a module is missing" for name in gone]


def all_kinds() -> list[type[wire.Wire]]:
    """Every class of a model that is read, those behind relations included."""
    found: list[type[wire.Wire]] = []
    waiting = [*wire.READ, *wire.MASTERS, *records.LOOKED_AT, *records.OF_MODULE]
    while waiting:
        kind = waiting.pop()
        if kind in found:
            continue
        found.append(kind)
        inner = (wire.behind(field.annotation) for field in kind.model_fields.values())
        waiting += [each for each in inner if each is not None]
    return [kind for kind in found if kind.model]


def own_fields(kind: type[wire.Wire]) -> list[str]:
    """The names that are asked of the model itself."""
    told = (field.alias or name for name, field in kind.model_fields.items())
    return [name.rstrip(".") for name in told if name != "id" and name not in _ALWAYS]
