"""Tolerance keys and holds of ERPs as data: what is measured, how far it may differ, what follows.

Vendors name and combine the same few measures differently; a preset (`tools/matching/presets`) lists
them under the vendor's own keys, and `tools/matching/rules.py` evaluates them all alike.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from tools.domain.findings import DiscrepancyKind, MatchDepth, Severity
from tools.domain.money import Exact
from tools.domain.record import Record


class Limit(Record):
    """One side of a tolerance. With both set, breaking either one is a failure; a value on the limit
    passes. Neither set: no difference on this side is allowed, unless `unlimited`."""

    percent: Exact | None = Field(default=None, ge=0)
    """Percent of the expected value."""
    absolute: Exact | None = Field(default=None, ge=0)
    """In the unit of what is compared: the order's currency, or the order line's quantity unit."""
    unlimited: bool = False

    @model_validator(mode="after")
    def _says_one_thing(self) -> Limit:
        if self.unlimited and (self.percent is not None or self.absolute is not None):
            raise ValueError("`unlimited = true` checks nothing: leave it out, or `percent` and `absolute`")
        return self


class Tolerance(Record):
    """How far a value may lie above and below what was expected."""

    over: Limit = Limit()
    under: Limit = Limit()


_UNLIMITED = Limit(unlimited=True)


class Measure(StrEnum):
    """What a rule compares. Values are before tax and in the order's currency unless said otherwise."""

    UNIT_PRICE = "unit_price"
    """Invoice price against order price, for one order unit."""
    LINE_VALUE = "line_value"
    """Billed value against billed quantity times order price."""
    CUMULATIVE_VALUE = "cumulative_value"
    """All billed on the order line so far against the whole order line."""
    QUANTITY_ORDERED = "quantity_ordered"
    """All billed so far against ordered."""
    QUANTITY_RECEIVED = "quantity_received"
    """All billed so far against received."""
    QUANTITY_ACCEPTED = "quantity_accepted"
    """All billed so far against accepted by inspection."""
    RECEIVED_ORDERED = "received_ordered"
    """Received against ordered."""
    QUANTITY_VALUE = "quantity_value"
    """Price times billed against price times what was delivered (without planned receipt: ordered) and
    not billed yet; nothing to compare while a planned receipt is missing altogether."""
    UNRECEIVED_VALUE = "unreceived_value"
    """Price times all billed so far, while a planned receipt is missing altogether."""
    VALUE_ORDERED = "value_ordered"
    """Value billed so far against value ordered, of lines that are bought by amount."""
    VALUE_RECEIVED = "value_received"
    """Value billed so far against value received."""
    RATE_AMOUNT = "rate_amount"
    """Billed quantity at order price, at the invoice's against the order's exchange rate, in company
    currency."""
    TOTAL_AMOUNT = "total_amount"
    """What is billed so far beyond the whole order line, at the invoice's rate, plus the rate amount; in
    company currency. Billing less than ordered takes nothing off the rate amount."""
    PRICE_UNITS = "price_units"
    """Price units for one order unit (catch weight), billed against ordered."""
    BLANKET_VALUE = "blanket_value"
    """Value billed so far on the order against its limit."""
    BLANKET_DAYS = "blanket_days"
    """Days by which the document lies outside the order's validity."""
    DATE_VALUE = "date_value"
    """Line value times the days between entry and planned delivery."""
    MOVING_AVERAGE = "moving_average"
    """The item's average cost after posting against before, in company currency."""
    ITEM_AMOUNT = "item_amount"
    """Value of an item, against nothing."""
    DELIVERY_COST = "delivery_cost"
    """Billed delivery cost against the planned cost of the billed quantities."""
    DOCUMENT_AMOUNT = "document_amount"
    """The document's total with tax against the supplier's own limit."""
    BALANCE = "balance"
    """Stated total against lines, charges, discounts and tax: the small difference."""
    MISSING_RATE = "missing_rate"
    """A foreign document without exchange rate counts one."""
    RECEIPT_EXCEPTION = "receipt_exception"
    """Receipt rows of the order line that the receiver marked."""
    TOTAL_BALANCE = "total_balance"
    """Sum of the billed lines against billed quantities at order prices."""
    TOTAL_DISCOUNT = "total_discount"
    """Discounts of the document against none agreed."""
    TOTAL_CHARGES = "total_charges"
    """Charges of the document against planned delivery cost."""
    TOTAL_TAX = "total_tax"
    """Stated tax against stated rates on stated bases."""
    TOTAL_ROUNDING = "total_rounding"
    """Stated rounding amount against none."""
    TOTAL_INVOICE = "total_invoice"
    """Stated total with tax against lines at order prices, planned charges and tax on them."""


class Receipt(StrEnum):
    """Whether anything was received on the order line."""

    ANY = "any"
    NONE = "none"
    SOME = "some"


class Lines(StrEnum):
    """Which lines a rule or a choice of policy is about."""

    ANY = "any"
    GOODS = "goods"
    SERVICES = "services"
    ORDERED = "ordered"
    """With an order line."""
    UNORDERED = "unordered"
    """Without one."""


class PriceState(StrEnum):
    ANY = "any"
    FIRM = "firm"
    ESTIMATED = "estimated"


class ToleranceRule(Record):
    """One tolerance key of a preset. A side without limits is not maintained: any difference breaks it."""

    title: str = ""
    measure: Measure
    kind: DiscrepancyKind
    under_kind: DiscrepancyKind | None = None
    """Kind of a finding below; absent: `kind`."""
    over: Limit = Limit()
    under: Limit = _UNLIMITED
    effect: Severity = Severity.BLOCK
    enabled: bool = True
    receipt: Receipt = Receipt.ANY
    lines: Lines = Lines.ANY
    price: PriceState = PriceState.ANY
    depths: frozenset[MatchDepth] = frozenset()
    """Only lines matched this deep; empty: all."""
    manual_release: bool = True
    """A person may accept the finding; else only its cause can be removed."""
    accounting_allowed: bool = False
    """The ERP lets the document be accounted for while this holds its payment."""


class Hold(Record):
    """A named hold that an ERP places for what other checks found."""

    title: str = ""
    rules: tuple[str, ...] = ()
    """Beginnings of names of rules, as in `Discrepancy.rule`."""
    kinds: tuple[DiscrepancyKind, ...] = ()
    manual_release: bool = True
    accounting_allowed: bool = False

    @model_validator(mode="after")
    def _covers_something(self) -> Hold:
        if not (self.rules or self.kinds):
            raise ValueError("a hold needs `rules` or `kinds`: what it is placed for")
        return self

    def closeness(self, rule: str, kind: DiscrepancyKind) -> int:
        """How closely the hold names a finding: length of the longest beginning of its rule, 0 for its kind
        alone, -1 for a finding that it is not placed for."""
        fitting = (len(prefix) for prefix in self.rules if rule.startswith(prefix))
        return max(fitting, default=0 if kind in self.kinds else -1)
