"""The rate that a supplier charges against the one its order line was bought with."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice, InvoiceLine, PurchaseOrder
from tools.domain.findings import AlignmentEvidence, Discrepancy, LineMatch, Severity
from tools.domain.supplier import Supplier
from tools.matching.tax_findings import finding, rate_text
from tools.matching.tax_places import buyer_country, supplier_country, tax_point
from tools.matching.tax_rates import RateVerdict, rate_table, rate_verdict
from tools.matching.wording import line_name

_GUESSED = {AlignmentEvidence.DESCRIPTION}


def check_ordered_rates(
    invoice: Invoice,
    matches: Sequence[LineMatch],
    orders: Sequence[PurchaseOrder],
    profile: CompanyProfile,
    supplier: Supplier | None = None,
) -> list[Discrepancy]:
    """TAX_WRONG where both rates are known, both are above zero and they differ, and for a reduced rate where
    the ERP's order tells nothing of its tax; a warning where nothing but a likeness of texts tells which
    order line is billed. A company that often buys at a reduced rate says so by a tax code of that country
    (`DE|S:7`).

    An untaxed line says nothing here: an order's code for reverse charge or an intra-community supply
    carries the rate that we owe ourselves. Nor does tax of another country (`tax_country.check_foreign`).
    """
    if _is_foreign(invoice, profile, supplier):
        return []
    ordered = {(order.number, line.line_id): line for order in orders for line in order.lines}
    found = []
    for part in matches:
        line = ordered.get((part.order_number, part.order_line_id))
        charged = _charged(invoice, invoice.lines[part.invoice_index])
        if line is None or not charged or line.tax_rate == charged:
            continue
        if line.tax_rate is None and line.tax_code is None:
            if _is_reduced(charged, invoice, profile, supplier):
                found.append(_untold(invoice, part, charged))
        elif line.tax_rate and not _is_older(line.tax_rate, invoice, profile, supplier):
            found.append(_differs(invoice, part, charged, line.tax_rate))
    return found


def _is_foreign(invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None) -> bool:
    theirs, ours = supplier_country(invoice, supplier), buyer_country(invoice, profile)
    if theirs is None or ours is None or theirs == ours:
        return False
    known = rate_table().of(theirs)
    return known is None or known is not rate_table().of(ours)


def _charged(invoice: Invoice, line: InvoiceLine) -> Decimal | None:
    """Percent above zero; where the line leaves its rate to the breakdown, that of its only row."""
    category, rate = line.tax_category, line.tax_rate
    if rate is None and len(invoice.taxes) == 1:
        row = invoice.taxes[0]
        category, rate = category or row.category, row.rate
    return rate if category in (None, "S") and rate is not None and rate > 0 else None


def _is_older(wanted: Decimal, invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None) -> bool:
    """Whether the order's rate holds on other days only: the law changed between order and supply."""
    day = tax_point(invoice)
    country = supplier_country(invoice, supplier) or buyer_country(invoice, profile)
    return day is not None and rate_verdict(country, wanted, day) is RateVerdict.OTHER_DAYS


def _is_reduced(
    charged: Decimal, invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None
) -> bool:
    """Whether the law asks what is sold before this rate may be charged, and the company never answered."""
    day, country = tax_point(invoice), supplier_country(invoice, supplier) or buyer_country(invoice, profile)
    known = rate_table().of(country)
    if day is None or known is None:
        return False
    reduced, standard = (
        any(period.rate == charged and period.holds_on(day) for period in periods)
        for periods in (known.reduced, known.standard)
    )
    answered = any(key.startswith(f"{country}|S:{rate_text(charged)}") for key in profile.tax_codes)
    return reduced and not standard and not answered


def _untold(invoice: Invoice, part: LineMatch, charged: Decimal) -> Discrepancy:
    name = line_name(invoice.lines[part.invoice_index], part.invoice_index)
    text = (
        f"Line {name} is taxed at the reduced rate of {rate_text(charged)} %, and the ERP does not tell at "
        f"which rate {part.order_number}/{part.order_line_id} was ordered: is it right for these goods?"
    )
    told = finding("tax.rate.order.untold", text, _severity(part), invoice=f"{rate_text(charged)} %")
    return _about(told, name, part)


def _severity(part: LineMatch) -> Severity:
    return Severity.BLOCK if set(part.evidence) - _GUESSED else Severity.WARN


def _about(told: Discrepancy, name: str, part: LineMatch) -> Discrepancy:
    return told.model_copy(
        update={
            "line_id": name,
            "order_number": part.order_number,
            "order_line_id": part.order_line_id,
        }
    )


def _differs(invoice: Invoice, part: LineMatch, charged: Decimal, wanted: Decimal) -> Discrepancy:
    name = line_name(invoice.lines[part.invoice_index], part.invoice_index)
    text = (
        f"Line {name} is taxed at {rate_text(charged)} %; {part.order_number}/{part.order_line_id} was "
        f"ordered at {rate_text(wanted)} %: ask which is right."
    )
    told = finding(
        "tax.rate.order",
        text,
        _severity(part),
        invoice=f"{rate_text(charged)} %",
        order=f"{rate_text(wanted)} %",
    )
    return _about(told, name, part)
