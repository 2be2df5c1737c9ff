"""Sets of net, tax and gross that stand printed and add up: where there are several, a person decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from tools.printed_values import PrintedValues

_CENT = Decimal("0.01")
_LEAST_RATE, _HIGHEST_RATE = Decimal(4), Decimal(27)
"""Percent, where no rate is printed: what a value added tax may be; smaller parts are often discounts."""
_MOST_AMOUNTS = 150
"""Different amounts that are looked at, from the end, where totals stand."""
_MOST_SHOWN = 4


class TotalSet(NamedTuple):
    net: Decimal
    tax: Decimal
    gross: Decimal


def several_totals(totals: Mapping[str, Decimal], printed: PrintedValues) -> list[str]:
    """One sentence where other printed amounts make a set of totals too; sets that together make `totals`, as
    those of single tax rates, are none."""
    net, tax, gross = (totals.get(name) for name in ("net_total", "tax_total", "gross_total"))
    sets = list(dict.fromkeys(printed_sets(printed)))
    if net is not None and tax is not None and gross is not None:
        own = TotalSet(net, tax, gross)
        others = [one for one in sets if one != own]
        if _sum(others) == own:
            return []
        sets = [own, *others]
    if len(sets) < 2:
        return []
    shown = "; ".join(f"{one.net} + {one.tax} = {one.gross}" for one in sets[:_MOST_SHOWN])
    more = f" and {len(sets) - _MOST_SHOWN} more" if len(sets) > _MOST_SHOWN else ""
    return [f"Totals: several sets of amounts in the document add up: {shown}{more}."]


def printed_sets(printed: PrintedValues) -> Iterator[TotalSet]:
    """Printed amounts of which one is the tax of another at a printed rate, and a third is their sum."""
    amounts = list(dict.fromkeys(reversed(list(printed.amounts.values()))))[:_MOST_AMOUNTS]
    known = set(amounts)
    if not printed.names_tax and not printed.rates:
        return
    for net in amounts:
        for tax in amounts:
            if net and tax and net + tax in known and _is_tax(net, tax, printed.rates):
                yield TotalSet(net, tax, net + tax)


def _is_tax(net: Decimal, tax: Decimal, rates: tuple[Decimal, ...]) -> bool:
    fits = [rate for rate in rates if rate and abs(net * rate / 100 - tax) <= _CENT]
    return bool(fits) or (not rates and _LEAST_RATE <= tax * 100 / net <= _HIGHEST_RATE)


def _sum(sets: list[TotalSet]) -> TotalSet:
    nets, taxes, grosses = (sum((one[at] for one in sets), Decimal(0)) for at in range(3))
    return TotalSet(nets, taxes, grosses)
