"""Totals as a second reader says them: taken where they stand printed and fit together, else none of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from tools.domain.documents import Invoice, Reading
from tools.intake.open_fields import TOTALS, unproven
from tools.printed_totals import several_totals
from tools.printed_values import PrintedValues
from tools.untrusted_text import tidied

_HALF_A_CENT = Decimal("0.005")


class ReadTotals(NamedTuple):
    values: dict[str, Decimal]
    """What is taken: for an empty field, or the rules' own value that nothing proved."""
    dropped: list[str]
    differences: list[str]
    """What a person has to decide, a sentence each."""


def read_totals(
    reading: Reading, invoice: Invoice, said: Mapping[str, str], printed: PrintedValues
) -> ReadTotals:
    """What rules read is never replaced; where the second reader differs, both are named. Three totals must
    add up exactly, as said or with one of them mended; fewer fill only what is empty."""
    claims, dropped = _claims(said, printed)
    known = {name: money.amount for name in TOTALS if (money := getattr(invoice, name)) is not None}
    differences = [
        f"{_name(name)}: rules read {known[name]}, the model reads {value}."
        for name, value in claims.items()
        if known.get(name, value) != value
    ]
    values, why = _taken(claims, known, unproven(reading), printed)
    if claims:
        differences += several_totals({**known, **values}, printed)
    return ReadTotals(values, [*dropped, *why], differences)


def _taken(
    claims: Mapping[str, Decimal],
    known: Mapping[str, Decimal],
    doubted: Collection[str],
    printed: PrintedValues,
) -> tuple[dict[str, Decimal], list[str]]:
    """The values to take, and why others are not."""
    best = {**claims, **known}
    new = {
        name: value
        for name, value in claims.items()
        if name not in known or (name in doubted and known[name] == value)
    }
    if len(best) == len(TOTALS) and _adds_up(best):
        return new, []
    if any(best[name] != value for name, value in claims.items()):
        return {}, []
    mended = _mended(best, [name for name in TOTALS if name not in known], printed) if claims else None
    if mended is not None:
        told = [
            f"{_name(name)} {best[name]}: {mended[name]} stands there and fits the other two."
            for name in TOTALS
            if name in best and best[name] != mended[name]
        ]
        return {name: mended[name] for name in TOTALS if name not in known or name in new}, told
    if len(best) == len(TOTALS):
        return {}, _apart(claims, best)
    if _is_taxless(best, printed):
        return new, []
    empty = {name: value for name, value in new.items() if name not in known}
    if best.get("net_total") == best.get("gross_total") and "net_total" in empty:
        empty.pop("net_total")
        return empty, ["Net total: it equals the gross total, and the document names a tax."]
    return empty, []


def _adds_up(totals: Mapping[str, Decimal]) -> bool:
    return totals["net_total"] + totals["tax_total"] == totals["gross_total"]


def _mended(
    best: Mapping[str, Decimal], free: Sequence[str], printed: PrintedValues
) -> dict[str, Decimal] | None:
    """The totals with one of `free` replaced by what the other two make it, where that stands printed too and
    the tax follows from a printed rate; None where no replacement or more than one fits."""
    amounts = set(printed.amounts.values())
    found = []
    for name in free:
        net, tax, gross = (best.get(other) for other in TOTALS)
        value = {
            "net_total": None if gross is None or tax is None else gross - tax,
            "tax_total": None if gross is None or net is None else gross - net,
            "gross_total": None if net is None or tax is None else net + tax,
        }[name]
        changed = {**best, name: value} if value is not None and value in amounts else None
        if changed is not None and _rates(changed["net_total"], changed["tax_total"], printed):
            found.append(changed)
    return found[0] if len(found) == 1 else None


def proven_totals(invoice: Invoice, printed: PrintedValues) -> bool:
    """Whether the totals prove each other."""
    net, tax, gross = invoice.net_total, invoice.tax_total, invoice.gross_total
    if net is None or gross is None:
        return False
    if tax is None:
        return net == gross and not printed.names_tax
    return net + tax == gross


def printed_rate(invoice: Invoice, printed: PrintedValues) -> Decimal | None:
    """The one printed rate by which the tax follows from the net total; None where none or several do."""
    net, tax = invoice.net_total, invoice.tax_total
    if net is None or tax is None or not tax.amount:
        return None
    fits = _rates(net.amount, tax.amount, printed)
    return fits[0] if len(fits) == 1 else None


def _rates(net: Decimal, tax: Decimal, printed: PrintedValues) -> list[Decimal]:
    """Printed rates by which a tax that is one follows from the net amount."""
    if not tax:
        return []
    return [rate for rate in printed.rates if abs(net * rate / 100 - tax) <= _HALF_A_CENT]


def _claims(said: Mapping[str, str], printed: PrintedValues) -> tuple[dict[str, Decimal], list[str]]:
    claims: dict[str, Decimal] = {}
    dropped: list[str] = []
    for name, text in said.items():
        value = printed.amount(text)
        if value is None:
            dropped.append(f"{_name(name)} {tidied(text, 40)!r}: it does not stand so in the document.")
        else:
            claims[name] = value
    return claims, dropped


def _is_taxless(best: Mapping[str, Decimal], printed: PrintedValues) -> bool:
    """Net and gross alike in a document that names no tax at all."""
    alike = "net_total" in best and best["net_total"] == best.get("gross_total")
    return alike and "tax_total" not in best and not printed.names_tax


def _apart(claims: Mapping[str, Decimal], best: Mapping[str, Decimal]) -> list[str]:
    if not claims:
        return []
    net, tax, gross = (best[name] for name in TOTALS)
    return [f"Totals: net {net} and tax {tax} do not give gross {gross}."]


def _name(name: str) -> str:
    return name.replace("_", " ").capitalize()
