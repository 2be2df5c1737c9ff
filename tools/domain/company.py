"""What we know of our own company that the ERP does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.domain.documents import Record
from tools.domain.identifiers import vat_country
from tools.domain.money import Currency, Exact, Money


class CompanyProfile(Record):
    """What we know of our own company that the ERP does not tell: names on envelopes and ERP codes."""

    company: str
    """The company's id in the ERP."""
    names: tuple[str, ...] = ()
    """Names under which suppliers address it."""
    vat_ids: tuple[str, ...] = ()
    currency: Currency = "EUR"
    country: str | None = None
    """ISO 3166 alpha-2, for the rules of tax; absent: the country of the VAT ids where they agree."""
    tax_codes: Mapping[str, str] = Field(default_factory=dict)
    """`category:rate` as on the invoice (`S:19`, `AE:0`) -> the ERP's tax code. A key may be narrowed: by
    the supplier's country before it (`FR|AE:0`), by `|goods` or `|services` behind it (`K:0|goods`), by
    the account at its end (`S:19@4650`). The narrowest key that fits counts."""
    deductible: Mapping[str, Exact] = Field(default_factory=dict)
    """Account -> percent of input tax that may be deducted on it, where less than all (entertainment 0)."""
    reverse_charge_suppliers: frozenset[str] = frozenset()
    """Suppliers whose work falls under domestic reverse charge (construction, scrap): they charge no tax."""
    use_tax: bool = False
    """United States: where a supplier charges no sales tax, a note asks for use tax."""
    withholding: Mapping[str, Exact] = Field(default_factory=dict)
    """Supplier -> percent that we keep back of the net amount and pay to the tax office."""
    supplier_limits: Mapping[str, Money] = Field(default_factory=dict)
    """Supplier -> a single invoice above it, with tax, needs a word of its own: for an ERP that keeps no such
    limit. Where it keeps one in the same currency, the lower one counts."""
    default_account: str | None = None
    """Account for lines without an order, when the supplier has none of its own."""
    freight_account: str | None = None
    rounding_account: str | None = None
    small_difference_account: str | None = None
    """What a policy lets pass between the lines and the total; absent: the rounding account."""
    conversions: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    """Item number -> unit (Rec. 20) -> how many of the item's base unit, as `12`, `0.5` or `1/3`. The base
    unit is named too, as `1`: nothing relates a box to pieces where only the box is named."""
    exchange_rates: Mapping[str, Exact] = Field(default_factory=dict)
    """Currency -> company currency for one of it, as the rules should assume; absent: not known."""

    @property
    def home(self) -> str | None:
        """Country whose tax we report; None where neither the profile nor its VAT ids tell one."""
        if self.country:
            return self.country.upper()
        prefixes = {country for vat_id in self.vat_ids if (country := vat_country(vat_id))}
        return prefixes.pop() if len(prefixes) == 1 else None

    def tax_code(
        self,
        category: str | None,
        rate: Decimal | None,
        *,
        country: str | None = None,
        supply: str | None = None,
        account: str | None = None,
    ) -> str | None:
        """The ERP's tax code for a category and a rate; None where the profile has none.

        `country` is the supplier's; `supply` is `goods` or `services`, None where nothing tells which:
        keys that are narrowed by it then do not fit.
        """
        keys = tax_keys(category, rate, country, supply, account)
        return next((self.tax_codes[key] for key in keys if key in self.tax_codes), None)


def tax_keys(
    category: str | None, rate: Decimal | None, country: str | None, supply: str | None, account: str | None
) -> list[str]:
    """Keys of `CompanyProfile.tax_codes` that fit, the narrowest first: account, country, supply."""
    shown = "0" if rate is None else f"{rate.normalize():f}"
    pair = f"{category or 'S'}:{shown}"
    return [
        f"{before}{pair}{behind}{at}"
        for at in ([f"@{account}"] if account else []) + [""]
        for before in ([f"{country}|"] if country else []) + [""]
        for behind in ([f"|{supply}"] if supply else []) + [""]
    ]


def posting_date(document_date: date, first_open: date | None, last_open: date | None) -> date | None:
    """The day to post on: the document's own when its period is open, else the first open day after it.

    None when every open day lies before the document's date (the period is not open yet).
    """
    if last_open is not None and document_date > last_open:
        return None
    if first_open is not None and document_date < first_open:
        return first_open
    return document_date
