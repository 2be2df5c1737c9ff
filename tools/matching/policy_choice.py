"""Which policy holds for a document and for each of its order lines, and how deep it compares them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools.domain.findings import MatchDepth
from tools.domain.match_rules import Lines
from tools.domain.policy import MatchChoice, MatchPolicy
from tools.domain.supplier import Supplier
from tools.matching.allocation import Pair
from tools.matching.order_lines import OpenLine, natural_depth

_LINE_CRITERIA = ("item", "item_category", "lines")


@dataclass(frozen=True, slots=True)
class Policies:
    """The company's own policy and its choices, for one supplier. The heaviest choice that fits wins; of
    two that name the same things the later one does."""

    default: MatchPolicy
    choices: tuple[MatchChoice, ...] = ()
    company: str | None = None
    supplier: Supplier | None = None

    def for_document(self) -> MatchPolicy:
        """For what is not about one order line: totals, freight, tax, lines without an order."""
        chosen = self._choice(None)
        return chosen.policy if chosen else self.default

    def for_line(self, wanted: OpenLine) -> MatchPolicy:
        chosen = self._choice(wanted)
        return chosen.policy if chosen else self.default

    def label(self, pairs: Sequence[Pair] = ()) -> str:
        """The document's policy and why; then each other one with the invoice lines it held for."""
        whole = self._choice(None)
        groups: dict[str, list[str]] = {}
        for pair in pairs:
            chosen = self._choice(pair.wanted)
            if chosen != whole:
                names = groups.setdefault(_reason(chosen, self.default), [])
                names += [pair.billed.name] if pair.billed.name not in names else []
        parts = [_reason(whole, self.default)]
        return "; ".join((*parts, *(f"{why} for line {', '.join(names)}" for why, names in groups.items())))

    def _choice(self, wanted: OpenLine | None) -> MatchChoice | None:
        fitting = [choice for choice in self.choices if self._fits(choice, wanted)]
        return max(reversed(fitting), key=lambda choice: choice.weight, default=None)

    def _fits(self, choice: MatchChoice, wanted: OpenLine | None) -> bool:
        if not self.choices or (wanted is None and any(name in choice.named for name in _LINE_CRITERIA)):
            return False
        found = self._traits(wanted)
        return all(found.get(name) == value for name, value in choice.named.items())

    def _traits(self, wanted: OpenLine | None) -> dict[str, str | None]:
        supplier = self.supplier
        found = {
            "company": self.company,
            "supplier": supplier.supplier_id if supplier else None,
            "supplier_category": supplier.category if supplier else None,
        }
        if wanted is None:
            return found
        kind = Lines.SERVICES if wanted.is_service else Lines.GOODS
        line = wanted.line
        return {**found, "item": line.item_number, "item_category": line.item_category, "lines": kind.value}


def _reason(choice: MatchChoice | None, default: MatchPolicy) -> str:
    return f"{choice.policy.label} ({choice.words})" if choice else default.label


def depth_of(policy: MatchPolicy, wanted: OpenLine) -> MatchDepth:
    """As the policy says; else by what the order line needs."""
    return policy.depth or natural_depth(wanted)


def deepest(depths: Iterable[MatchDepth]) -> MatchDepth:
    """The deepest of some comparisons; two-way where there is none."""
    order = (MatchDepth.TWO_WAY, MatchDepth.THREE_WAY, MatchDepth.FOUR_WAY)
    return max(depths, key=order.index, default=MatchDepth.TWO_WAY)
