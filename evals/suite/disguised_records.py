"""Records of a case with other names and numbers: the invoice as read, master data, orders, settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from evals.suite.anonymise import Disguise
from tools.domain.documents import Invoice, Party, PurchaseOrder
from tools.domain.money import Money, round_amount
from tools.domain.supplier import Supplier

Scaled = Callable[[Decimal], Decimal]
_IDENTIFIERS = frozenset(
    """number order_number order_line_ref buyer_item_id supplier_item_id gtin buyer_reference
    preceding_invoice vat_id registration_id gln endpoint_id postcode item_number supplier_id phone""".split()
)
_NAMES = frozenset("name trading_name street city payee_name buyer".split())
_LIMITS = frozenset("absolute four_eyes_above up_to tax_per_line document_total".split())
LONGEST_LINE_ID = 6
"""An order line's number names nobody, and stays."""


def scaler(factor: Decimal) -> Scaled:
    """Amounts times the factor, every digit of them."""
    return lambda amount: amount * factor


def money(value: Mapping[str, str], scaled: Scaled) -> dict[str, str]:
    """An amount as JSON, scaled."""
    return {"amount": f"{scaled(Decimal(value['amount'])):f}", "currency": value["currency"]}


def other(value: Any, disguise: Disguise, scaled: Scaled, name: str = "") -> Any:
    """A record as JSON with every field that names somebody or something replaced, by the field's name."""
    if isinstance(value, Mapping):
        if set(value) == {"amount", "currency"}:
            return money(value, scaled)
        return {key: other(entry, disguise, scaled, key) for key, entry in value.items()}
    if isinstance(value, list):
        return [other(entry, disguise, scaled, name.removesuffix("s")) for entry in value]
    if not isinstance(value, str):
        return value
    if name in ("email", "mail") or "@" in value:
        return disguise.mail(value)
    if name in ("description", "note", "payment_terms", "reason"):
        return disguise.words(value)
    if name == "order_line_ref" and len(value) <= LONGEST_LINE_ID:
        return value
    if name in _IDENTIFIERS or name in ("iban", "other_account"):
        return disguise.identifier(value)
    return disguise.name(value) if name in _NAMES else value


def disguised_party(party: Party, disguise: Disguise) -> Party:
    return Party.model_validate(other(party.model_dump(mode="json"), disguise, lambda amount: amount))


def disguised_invoice(
    invoice: Invoice, disguise: Disguise, scaled: Scaled, *, notes: bool = False
) -> Invoice:
    """Without notes unless they are asked for: nobody can know whom they name."""
    plain = invoice.model_dump(mode="json", exclude={"origins", "notes"})
    found = Invoice.model_validate(other(plain, disguise, rounding(scaled, invoice.currency)))
    kept = tuple(disguise.words(note) for note in invoice.notes) if notes else ()
    return found.model_copy(update={"notes": kept})


def rounding(scaled: Scaled, currency: str) -> Scaled:
    """Scaled, and rounded where the amount had the currency's places; a price of more places keeps them."""

    def change(amount: Decimal) -> Decimal:
        new = scaled(amount)
        return round_amount(new, currency) if amount == round_amount(amount, currency) else new

    return change


def disguised_supplier(
    supplier: Supplier, disguise: Disguise, scaled: Scaled, default_account: str | None
) -> dict[str, Any]:
    """As a world has it; the accounts that people verified stand elsewhere."""
    plain = supplier.model_dump(mode="json", exclude_none=True, exclude={"version", "phone"})
    plain["bank_accounts"] = [{"iban": entry["iban"]} for entry in plain.get("bank_accounts", ())]
    plain["trading_names"] = [disguise.name(name) for name in plain.get("trading_names", ())]
    found: dict[str, Any] = other(plain, disguise, scaled)
    return {**found, **({"default_account": default_account} if default_account else {})}


def disguised_order(order: PurchaseOrder, disguise: Disguise, scaled: Scaled, company: str) -> dict[str, Any]:
    """Without what was received and billed: that follows from receipts and invoices."""
    plain = order.model_dump(mode="json", exclude_none=True, exclude={"version", "lines", "company"})
    lines = []
    for line in order.lines:
        kept = line.model_dump(
            mode="json", exclude_none=True, exclude={"received", "invoiced", "accepted", "stock"}
        )
        lines.append(other(kept, disguise, scaled))
    return {**other(plain, disguise, scaled), "company": company, "version": "1", "lines": lines}


def disguised_policy(
    policy: Mapping[str, Any], disguise: Disguise, scaled: Scaled, people: Mapping[str, str], known: set[str]
) -> dict[str, Any]:
    """`[policy]` with people under other logins, amounts scaled, and only those suppliers and items that the
    case knows (`known`, compact)."""
    found: dict[str, Any] = _policy(policy, "", disguise, scaled, people, known)
    found["match_for"] = [
        choice
        for choice, old in zip(found.get("match_for", ()), policy.get("match_for", ()), strict=True)
        if all(old.get(name) is None or str(old[name]) in known for name in ("supplier", "item", "company"))
    ]
    found.get("fraud", {}).update(employee_accounts=[], trusted_authserv=[])
    return found


def _policy(
    value: Any, name: str, disguise: Disguise, scaled: Scaled, people: Mapping[str, str], known: set[str]
) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"amount", "currency"}:
            return money(value, scaled)
        plain = {**value, "name": "policy"} if {"name", "version"} <= value.keys() else value
        return {key: _policy(entry, key, disguise, scaled, people, known) for key, entry in plain.items()}
    if isinstance(value, list):
        if name in ("po_exempt_suppliers", "risky_suppliers"):
            return sorted(disguise.identifier(entry) for entry in value if entry in known)
        return [_policy(entry, name, disguise, scaled, people, known) for entry in value]
    if name in _LIMITS and value is not None:
        return f"{scaled(Decimal(value)):f}"
    if not isinstance(value, str):
        return value
    if value in people or value.removeprefix("person:") in people:
        return value.replace(value.removeprefix("person:"), people[value.removeprefix("person:")])
    return _policy_text(value, name, disguise)


def _policy_text(value: str, name: str, disguise: Disguise) -> str:
    if name in ("name", "erp_names") and value != "policy":
        return disguise.name(value)
    if name in ("supplier", "item", "companies", "company"):
        return disguise.identifier(value)
    if name == "email":
        return disguise.mail(value)
    return disguise.domain(value) if name == "own_domains" else value


def money_text(amount: Money, scaled: Scaled) -> str:
    """As the books' changes print it."""
    return f"{round_amount(scaled(amount.amount), amount.currency)} {amount.currency}"
