"""What we know of our own company that the ERP does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.domain.documents import Record
from tools.domain.money import Currency, Exact


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
    small_difference_account: str | None = None
    """What a policy lets pass between the lines and the total; absent: the rounding account."""
    conversions: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    """Item number -> unit (Rec. 20) -> how many of the item's base unit, as `12`, `0.5` or `1/3`."""
    exchange_rates: Mapping[str, Exact] = Field(default_factory=dict)
    """Currency -> company currency for one of it, as the rules should assume; absent: not known."""

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
