"""Rules a company sets: how far an invoice may differ from its order and its receipt.

Policies are data (TOML, see `agent/settings.py`). Each carries a name and a version, which stand in
every result and every audit record that used it.
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from tools.domain.documents import Record
from tools.domain.money import Exact


class Limit(Record):
    """One side of a tolerance. With both set, breaking either one is a failure; a value on the limit
    passes. Neither set: no difference on this side is allowed, unless `unlimited`."""

    percent: Exact | None = Field(default=None, ge=0)
    """Percent of the expected value."""
    absolute: Exact | None = Field(default=None, ge=0)
    """In the unit of what is compared: the order's currency, or the order line's quantity unit."""
    unlimited: bool = False


class Tolerance(Record):
    """How far a value may lie above and below what was expected."""

    over: Limit = Limit()
    under: Limit = Limit()


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

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"
