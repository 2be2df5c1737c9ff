"""Rules a company sets: how far an invoice may differ, and who may approve what.

Policies are data (TOML, see `agent/settings.py`). Each carries a name and a version, which stand in
every result and every audit record that used it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from pydantic import Field

from tools.domain.documents import Record
from tools.domain.identifiers import PersonId
from tools.domain.money import Currency, Exact, Money


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


class Approver(Record):
    """A person who may approve: up to `limit` (gross, per document) until told otherwise."""

    person: PersonId
    name: str
    limit: Money


class ApprovalPolicy(Record):
    """Who may approve. A person who is not listed may approve nothing."""

    name: str = "default"
    version: str = "1"
    approvers: tuple[Approver, ...] = ()
    clerks: frozenset[PersonId] = frozenset()
    """People who may answer questions about a case without being approvers."""
    valid_for: timedelta = timedelta(days=7)
    """An approval that is not posted within this time must be given again."""
    group_rates: Mapping[Currency, Exact] = Field(default_factory=dict)
    """Units of the limit's currency for one unit of the key's currency; used only to compare a document
    in another currency with a limit, never to post."""

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"

    def approver(self, person: PersonId) -> Approver | None:
        return next((entry for entry in self.approvers if entry.person == person), None)

    def answer_refusal(self, person: PersonId) -> str | None:
        """Why `person` may not answer questions, as a sentence; None when they may."""
        if person in self.clerks or self.approver(person) is not None:
            return None
        return f"{person} is neither clerk nor approver in policy {self.label}"

    def refusal(self, person: PersonId, amount: Money | None) -> str | None:
        """Why `person` may not approve `amount`, as a sentence; None when they may. An action without
        an amount needs an approver, whatever the limit."""
        entry = self.approver(person)
        if entry is None:
            return f"{person} is not an approver in policy {self.label}"
        if amount is None:
            return None
        value = abs(amount)
        if value.currency != entry.limit.currency:
            rate = self.group_rates.get(value.currency)
            if rate is None:
                return (
                    f"the limit of {entry.name} is in {entry.limit.currency} and the policy has no rate "
                    f"for {value.currency}"
                )
            value = Money(amount=value.amount * rate, currency=entry.limit.currency)
        if value > entry.limit:
            return f"{value.rounded()} is above the limit of {entry.name}, {entry.limit}"
        return None


class CompanyProfile(Record):
    """What we know of our own company that the ERP does not tell: names on envelopes and ERP codes."""

    company: str
    """The company's id in the ERP."""
    names: tuple[str, ...] = ()
    """Names under which suppliers address it."""
    vat_ids: tuple[str, ...] = ()
    currency: Currency = "EUR"
    tax_codes: Mapping[str, str] = Field(default_factory=dict)
    """`category:rate` as on the invoice (`S:19`, `AE:0`) -> the ERP's tax code."""
    default_account: str | None = None
    """Account for lines without an order, when the supplier has none of its own."""
    freight_account: str | None = None
    rounding_account: str | None = None

    def tax_code(self, category: str | None, rate: Decimal | None) -> str | None:
        """The ERP's tax code for a category and a rate; None where the profile has none."""
        shown = "0" if rate is None else f"{rate.normalize():f}"
        return self.tax_codes.get(f"{category or 'S'}:{shown}")


def posting_date(document_date: date, first_open: date | None, last_open: date | None) -> date | None:
    """The day to post on: the document's own when its period is open, else the first open day after it.

    None when every open day lies before the document's date (the period is not open yet).
    """
    if last_open is not None and document_date > last_open:
        return None
    if first_open is not None and document_date < first_open:
        return first_open
    return document_date
