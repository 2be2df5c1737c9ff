"""Rates against the country and the day, tax of another country, and VAT ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, Severity
from tools.domain.identifiers import compact, vat_country, vat_id_verdict
from tools.domain.supplier import Supplier
from tools.matching.tax_findings import categories, finding, kinds_of_tax, rate_text
from tools.matching.tax_places import EU, is_structured, supplier_country, tax_point
from tools.matching.tax_rates import RateVerdict, held_before, rate_table, rate_verdict, rates_on


def check_rates(invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None) -> list[Discrepancy]:
    """Each standard or reduced rate against the supplier's country on the tax point. A rate that nobody
    listed is a question; one for which the profile has a code with that country is answered already."""
    day, country = tax_point(invoice), supplier_country(invoice, supplier)
    if day is None or country is None:
        return []
    places = list(dict.fromkeys(filter(None, (country, *_address(invoice)))))
    found = []
    for rate in _charged(invoice):
        if any(_decided(profile, place, rate) for place in places):
            continue
        verdicts = [rate_verdict(place, rate, day) for place in places]
        if RateVerdict.VALID not in verdicts:
            found += _judge(invoice, profile, country, rate, day, verdicts)
    return found


def _address(invoice: Invoice) -> Iterator[str]:
    if invoice.supplier.country:
        yield invoice.supplier.country.strip().upper()


def _charged(invoice: Invoice) -> list[Decimal]:
    """Rates above zero of the standard category, or without one."""
    rates = (rate for category, rate in kinds_of_tax(invoice) if category in (None, "S") and rate)
    return list(dict.fromkeys(rate for rate in rates if rate > 0))


def _decided(profile: CompanyProfile, country: str, rate: Decimal) -> bool:
    return any(key.startswith(f"{country}|S:{rate_text(rate)}") for key in profile.tax_codes) and (
        profile.tax_code("S", rate, country=country, supply="goods") is not None
        or profile.tax_code("S", rate, country=country, supply="services") is not None
    )


def _judge(
    invoice: Invoice,
    profile: CompanyProfile,
    country: str,
    rate: Decimal,
    day: date,
    verdicts: list[RateVerdict],
) -> list[Discrepancy]:
    shown = f"{rate_text(rate)} %"
    figures = {"rate": shown, "country": country, "day": day.isoformat()}
    if day < rate_table().since:
        return []
    if profile.home and rate_verdict(profile.home, rate, day) is RateVerdict.VALID:
        text = f"{shown} is a rate of {profile.home}; the supplier is registered in {country}."
        return [_with(figures, finding("tax.rate.other_country", text, Severity.WARN))]
    if RateVerdict.OTHER_DAYS in verdicts:
        return [_on_other_days(invoice, country, rate, day, figures)]
    if country == profile.home and set(verdicts) == {RateVerdict.UNKNOWN}:
        return []  # at home, outside the table: the tax codes say which rates are right
    if RateVerdict.UNSURE in verdicts or RateVerdict.NOT_LISTED not in verdicts:
        text = f"Whether {shown} holds in {country} on {day.isoformat()} is not known here: please check."
        return [_with(figures, finding("tax.rate.unchecked", text, Severity.WARN))]
    later = " It may be new." if day > rate_table().checked_until else ""
    text = f"{shown} is not among the known rates of {country} on {day.isoformat()}: is it right?{later}"
    return [_with(figures, finding("tax.rate.unknown", text))]


def _with(figures: dict[str, str], found: Discrepancy) -> Discrepancy:
    return found.model_copy(update={"figures": figures})


def _on_other_days(
    invoice: Invoice, country: str, rate: Decimal, day: date, figures: dict[str, str]
) -> Discrepancy:
    """A credit or a correction keeps the rate of the first supply, and pages may name a day of supply that
    is not read: an older rate may then be right."""
    later = invoice.is_credit_note or bool(invoice.preceding_invoice) or not is_structured(invoice)
    lenient = invoice.supply_date is None and later and held_before(country, rate, day)
    valid = ", ".join(f"{rate_text(known)} %" for known in rates_on(country, day))
    text = f"{rate_text(rate)} % did not hold in {country} on {day.isoformat()}; these did: {valid}."
    figures = {**figures, "valid": valid}
    if lenient:
        text = f"{text} Right only for an earlier supply."
        return _with(figures, finding("tax.rate.date", text, Severity.WARN))
    return _with(figures, finding("tax.rate.date", f"{text} Ask for a corrected invoice."))


def check_foreign(invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None) -> list[Discrepancy]:
    """Tax of another country is not deducted here. Between members of the Union, businesses are billed
    without it (Directive 2006/112/EC art. 44, 138, 196), save for hotels, fares, land and the like."""
    home, country, day = profile.home, supplier_country(invoice, supplier), tax_point(invoice)
    if home is None or country is None or day is None or _same_tax(home, country):
        return []
    return [
        entry
        for rate in _charged(invoice)
        if not _decided(profile, country, rate)
        for entry in _foreign(profile, country, home, rate, day)
    ]


def _same_tax(home: str, country: str) -> bool:
    return rate_table().of(home) is not None and rate_table().of(home) is rate_table().of(country)


def _foreign(profile: CompanyProfile, country: str, home: str, rate: Decimal, day: date) -> list[Discrepancy]:
    if rate_table().of(country) is None and country not in EU:
        return []
    ours = rate in rates_on(home, day)
    known = profile.tax_code("S", rate) is not None and not ours
    text = (
        f"{rate_text(rate)} % tax of {country} is charged to a company of {home}: it is no input tax here. "
        "Where reverse charge or an intra-community supply applies, do not pay it; ask for a corrected "
        "invoice."
    )
    figures = {"rate": f"{rate_text(rate)} %", "supplier": country, "buyer": home}
    return [_with(figures, finding("tax.foreign", text, Severity.WARN if known else Severity.BLOCK))]


def check_vat_ids(invoice: Invoice, supplier: Supplier | None) -> list[Discrepancy]:
    """Format and check digits of both VAT ids. The supplier's blocks where it decides who owes the tax; one
    that stands like this in the master data is told there, not with every invoice. Whether the buyer's is
    ours is told by `header.check_buyer`."""
    decisive = bool({"AE", "K"} & set(categories(invoice)))
    on_file = compact(supplier.vat_id) if supplier is not None and supplier.vat_id else None
    found = []
    named = invoice.supplier.vat_id
    if named and compact(named) != on_file and vat_id_verdict(named) is False:
        found.append(_malformed("supplier", named, Severity.BLOCK if decisive else Severity.WARN))
    named = invoice.buyer.vat_id
    if named and decisive and vat_id_verdict(named) is False:
        found.append(_malformed("buyer", named, Severity.WARN))
    return found


def _malformed(side: str, vat_id: str, severity: Severity) -> Discrepancy:
    text = f"The {side}'s VAT id {vat_id[:20]} is not well-formed: its format or check digits are wrong."
    return finding("tax.vat_id.invalid", text, severity, side=side, country=vat_country(vat_id) or "")
