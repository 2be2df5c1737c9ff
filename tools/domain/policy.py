"""Rules a company sets: how far an invoice may differ from its order and its receipt.

Policies are data (TOML, see `agent/settings.py`). Each carries a name and a version, which stand in
every result and every audit record that used it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import Field, model_validator

from tools.domain.findings import MatchDepth
from tools.domain.match_rules import Hold, Limit, Lines, Tolerance, ToleranceRule
from tools.domain.money import Exact
from tools.domain.record import Record

__all__ = ["Limit", "MatchChoice", "MatchPolicy", "Tolerance"]


class MatchPolicy(Record):
    """Tolerances of two- and three-way matching, in the order's currency, before tax."""

    name: str = "default"
    version: str = "1"
    unit_price: Tolerance = Tolerance(over=Limit(percent=Decimal(2)), under=Limit(percent=Decimal(2)))
    """Price of one order unit. A lower price outside the limit is a wrong line as often as a gift."""
    line_value: Tolerance = Tolerance(
        over=Limit(percent=Decimal(5), absolute=Decimal(20)), under=Limit(unlimited=True)
    )
    """Billed quantity times the price difference, of this invoice's line."""
    cumulative_value: Tolerance = Tolerance(
        over=Limit(percent=Decimal(5), absolute=Decimal(500)), under=Limit(unlimited=True)
    )
    """Everything billed on the order line so far against the whole order line: finds creeping prices."""
    quantity_ordered: Limit = Limit()
    quantity_received: Limit = Limit()
    tax_per_line: Exact = Decimal("0.01")
    """A supplier's tax may differ from the computed tax by this much for each line."""
    document_total: Exact = Decimal("0.02")
    """Largest difference between stated and computed document totals that counts as rounding."""
    freight: Limit = Limit(percent=Decimal(5), absolute=Decimal(50))
    """Unplanned delivery cost that may be posted without asking, of the goods value."""
    po_required: bool = True
    """'No PO, no pay': an invoice without an order waits for a person, unless its supplier is exempt."""
    po_exempt_suppliers: frozenset[str] = frozenset()
    oldest_document_days: int = 730
    """An older document is a question: it may have been paid long ago."""
    alignment_margin: Exact = Decimal("0.10")
    """Two order lines whose evidence lies closer than this are a question."""

    depth: MatchDepth | None = None
    """Absent: as deep as the order line allows (receipt required, inspected)."""
    catch_weight: Limit = Limit(percent=Decimal(10))
    """Ordered in pieces, billed by weight: pieces count as billed that far from their planned weight."""
    prefix: str = ""
    """Stands before a key in the name of a rule: `sap.DQ`."""
    rules: Mapping[str, ToleranceRule] = Field(default_factory=dict)
    """Tolerance keys of an ERP, checked beside the tolerances above."""
    holds: Mapping[str, Hold] = Field(default_factory=dict)
    """Names that an ERP gives to findings of other checks, and what its hold allows."""
    own: tuple[str, ...] = ()
    """Keys that the settings changed in a preset."""

    @property
    def label(self) -> str:
        changed = f" (own {', '.join(self.own)})" if self.own else ""
        return f"{self.name} v{self.version}{changed}"

    def rule_name(self, key: str) -> str:
        """`sap.DQ` for the key `DQ` of a preset with the prefix `sap`."""
        return f"{self.prefix}.{key}" if self.prefix else key


class MatchChoice(Record):
    """A policy for some suppliers or lines only. Everything named must agree; the most specific one wins:
    item before item category before supplier before supplier category before goods or services before
    company, and two of them before one."""

    company: str | None = None
    supplier: str | None = None
    supplier_category: str | None = None
    item: str | None = None
    item_category: str | None = None
    lines: Lines | None = None
    """`goods` or `services`."""
    policy: MatchPolicy

    @model_validator(mode="after")
    def _names_something(self) -> MatchChoice:
        if not self.named:
            raise ValueError(
                "match_for needs at least one of company, supplier, supplier_category, item, "
                "item_category, lines; what holds for everything belongs into [policy.match]"
            )
        if self.lines not in (None, Lines.GOODS, Lines.SERVICES):
            raise ValueError("match_for lines must be 'goods' or 'services'")
        return self

    @property
    def named(self) -> dict[str, str]:
        """What must agree: `{'supplier': '10042'}`."""
        names = ("company", "lines", "supplier_category", "supplier", "item_category", "item")
        return {name: str(value) for name in names if (value := getattr(self, name)) is not None}

    @property
    def weight(self) -> int:
        """Each criterion weighs more than all before it together, so no two different choices tie."""
        order = ("company", "lines", "supplier_category", "supplier", "item_category", "item")
        return sum(1 << place for place, name in enumerate(order) if getattr(self, name) is not None)

    @property
    def words(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.named.items())
