"""The ERP's tax code for each part of a document, and whether an account may take its input tax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tools.domain.company import CompanyProfile, tax_keys
from tools.domain.decision import PostingLine
from tools.domain.documents import Invoice, InvoiceLine, OrderLine, PurchaseOrder
from tools.domain.findings import Discrepancy, MatchResult
from tools.domain.supplier import Supplier
from tools.domain.units import unit_code
from tools.matching.tax_findings import finding, kinds_of_tax, rate_text
from tools.matching.tax_places import supplier_country

GOODS, SERVICES = "goods", "services"
_TIME = frozenset("HUR DAY MIN MON ANN WEE LH E49 SEC QAN".split())
_MEASURES = frozenset("KGM GRM TNE LTR MTR MTK MTQ MLT CMT".split())


def supplies(invoice: Invoice, match: MatchResult, orders: Sequence[PurchaseOrder]) -> dict[int, str]:
    """Invoice line position -> goods or services, where the order or the unit tells which."""
    wanted = {(order.number, line.line_id): line for order in orders for line in order.lines}
    found = {}
    for index, line in enumerate(invoice.lines):
        if is_service(line):
            found[index] = SERVICES
        elif unit_code(line.unit) in _MEASURES:
            found[index] = GOODS
    for part in match.lines:
        ordered = wanted.get((part.order_number, part.order_line_id))
        if ordered is not None and (kind := _ordered(ordered)) is not None:
            found[part.invoice_index] = kind
    return found


def is_service(line: InvoiceLine) -> bool:
    """Whether the line is billed by time."""
    return unit_code(line.unit) in _TIME


def _ordered(line: OrderLine) -> str | None:
    if not line.receipt_required:
        return SERVICES
    return GOODS if line.item_number else None


def check_codes(
    invoice: Invoice,
    profile: CompanyProfile,
    supplier: Supplier | None = None,
    kinds: Mapping[int, str] | None = None,
) -> list[Discrepancy]:
    """TAX_WRONG for what has no tax code of ours. Skipped without tax codes in the profile: the ERP then
    determines the tax by itself. `kinds` comes from `supplies`."""
    if not profile.tax_codes:
        return []
    country = supplier_country(invoice, supplier)
    found = []
    for category, rate in kinds_of_tax(invoice):
        used = _kinds_of(invoice, category, rate, kinds or {})
        codes = [profile.tax_code(category, rate, country=country, supply=kind) for kind in used]
        if None in codes:
            found.append(_missing(profile, category, rate, country))
    return found


def _kinds_of(
    invoice: Invoice, category: str | None, rate: Decimal | None, kinds: Mapping[int, str]
) -> list[str | None]:
    """Goods or services among the lines of this tax; None stands for a line of which nothing tells."""
    alike = [
        kinds.get(index)
        for index, line in enumerate(invoice.lines)
        if line.tax_category in (None, category) and (line.tax_rate or rate or 0) == (rate or 0)
    ]
    return list(dict.fromkeys(alike)) or [None]


def _missing(
    profile: CompanyProfile, category: str | None, rate: Decimal | None, country: str | None
) -> Discrepancy:
    narrowed = {key for kind in (GOODS, SERVICES) for key in tax_keys(category, rate, country, kind, None)}
    choices = ", ".join(
        f"{key} → {profile.tax_codes[key]}" for key in sorted(narrowed & set(profile.tax_codes))
    )
    whose = f" of a supplier of {country}" if country else ""
    text = f"No tax code is set for category {category or 'S'} at {rate_text(rate)} %{whose}."
    figures = {"category": category or "S", "rate": rate_text(rate)}
    if choices:
        text += f" Nothing tells goods from services here: {choices}."
        figures["choices"] = choices
    return finding("tax.code.missing", text).model_copy(update={"figures": figures})


def check_deductible(lines: Sequence[PostingLine], profile: CompanyProfile) -> list[Discrepancy]:
    """Input tax on an account that takes none or only a part of it, with a code that deducts it all."""
    found = []
    for line in lines:
        share = profile.deductible.get(line.account or "")
        if share is None or share >= 100 or not line.tax_rate:
            continue
        own = {code for key, code in profile.tax_codes.items() if key.endswith(f"@{line.account}")}
        if line.tax_code in own:
            continue
        text = (
            f"Only {share.normalize():f} % of input tax may be deducted on account {line.account} "
            f"({line.description}); tax code {line.tax_code or 'of the ERP'} is not one of this account."
        )
        found.append(
            finding("tax.account", text, account=line.account or "", percent=f"{share.normalize():f}")
        )
    return found
