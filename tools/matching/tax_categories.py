"""Whether categories of tax fit their rates, reasons, parties and countries (EN 16931, UNCL5305)."""

from __future__ import annotations

from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice, TaxLine
from tools.domain.findings import Discrepancy, Severity
from tools.domain.identifiers import vat_country
from tools.domain.supplier import Supplier
from tools.matching.tax_findings import UNTAXED, categories, finding, rate_text, says_reverse_charge
from tools.matching.tax_places import EU, buyer_country, is_structured, supplier_country

_KNOWN = frozenset("S Z E AE K G O L M".split())
_EXEMPTION = {"E": "BR-E-10", "O": "BR-O-10", "K": "BR-IC-10", "G": "BR-G-10"}
_TAXED = {"S": "BR-S-10", "Z": "BR-Z-10", "L": "BR-AF-10", "M": "BR-AG-10"}


def check_categories(
    invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None
) -> list[Discrepancy]:
    """TAX_WRONG where a category cannot be right. Formal faults that change neither tax nor payment are
    told as information."""
    used = categories(invoice)
    found = [entry for row in invoice.taxes for entry in _check_row(row, invoice, profile)]
    found += _check_unknown(used, invoice, profile)
    if "AE" in used:
        found += _check_wording(invoice) + _check_parties(invoice, "AE", "BR-AE-02")
    if "K" in used:
        found += _check_parties(invoice, "K", "BR-IC-02") + _check_community(invoice)
    if "G" in used:
        found += _check_export(invoice, profile, supplier)
    if "O" in used:
        found += _check_outside(invoice, used)
    if {"L", "M"} & set(used):
        found += _check_islands(invoice, supplier)
    return found


def _check_row(row: TaxLine, invoice: Invoice, profile: CompanyProfile) -> list[Discrepancy]:
    category, found = row.category or "", []
    charged = row.amount is not None and bool(row.amount.amount)
    if category == "S" and row.rate is not None and row.rate <= 0 and not charged:
        # BR-S-05. A company that has a code for it has decided what such a supplier means.
        decided = profile.tax_code("S", row.rate) is not None
        text = "The standard category stands beside a rate of zero: exempt, zero-rated or reverse charge?"
        found.append(finding("tax.category.standard", text, Severity.INFO if decided else Severity.BLOCK))
    if category in UNTAXED and row.rate and not charged:
        text = f"{UNTAXED[category].capitalize()} stands beside a rate of {rate_text(row.rate)} %."
        found.append(finding("tax.category.rate", text, category=category, rate=rate_text(row.rate)))
    reason = bool((row.reason or "").strip())
    if category in _EXEMPTION and not reason and is_structured(invoice):
        text = f"{UNTAXED[category].capitalize()} without a reason ({_EXEMPTION[category]})."
        found.append(finding("tax.reason.missing", text, Severity.INFO, category=category))
    if category in _TAXED and reason:
        text = f"Category {category} carries a reason for exemption ({_TAXED[category]})."
        found.append(finding("tax.reason.superfluous", text, Severity.INFO, category=category))
    return found


def _check_unknown(used: list[str], invoice: Invoice, profile: CompanyProfile) -> list[Discrepancy]:
    mapped = {key.rpartition("|")[2].partition(":")[0] for key in profile.tax_codes}
    strange = [category for category in used if category not in _KNOWN and category not in mapped]
    return [
        finding(
            "tax.category.unknown", f"The tax category {category[:10]!r} is not known.", category=category
        )
        for category in strange
    ]


def _check_wording(invoice: Invoice) -> list[Discrepancy]:
    """BR-AE-10 and Directive 2006/112/EC art. 226 no. 11a."""
    if says_reverse_charge(invoice):
        return []
    severity = Severity.BLOCK if is_structured(invoice) else Severity.WARN
    text = "No tax is charged as reverse charge, and the document does not say so: ask for a corrected one."
    return [finding("tax.reverse_charge.wording", text, severity)]


def _check_parties(invoice: Invoice, category: str, rule: str) -> list[Discrepancy]:
    """Reverse charge may name the buyer's registration instead (BT-47)."""
    supplier, buyer = invoice.supplier, invoice.buyer
    missing = [] if supplier.vat_id else ["the supplier's"]
    if not buyer.vat_id and not (category == "AE" and buyer.registration_id):
        missing.append("the buyer's")
    if not missing:
        return []
    text = (
        f"{UNTAXED[category].capitalize()} needs both VAT ids ({rule}); {' and '.join(missing)} is missing."
    )
    return [finding("tax.vat_id.missing", text, category=category, missing=" and ".join(missing))]


def _check_community(invoice: Invoice) -> list[Discrepancy]:
    """A supply from one member state to another (Directive 2006/112/EC art. 138)."""
    sides = [vat_country(party.vat_id or "") for party in (invoice.supplier, invoice.buyer)]
    if None in sides:
        return []
    shown = f"VAT ids of {sides[0]} and {sides[1]}"
    if sides[0] == sides[1]:
        text = f"An intra-community supply within one country: {shown}."
        return [finding("tax.community.same_country", text, country=str(sides[0]))]
    outside = [side for side in sides if side not in EU]
    if not outside:
        return []
    text = f"An intra-community supply with a party outside the Union: {shown}."
    return [finding("tax.community.outside", text, country=str(outside[0]))]


def _check_export(invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None) -> list[Discrepancy]:
    """An export leaves the Union; between two members it is a community supply."""
    seller, buyer = supplier_country(invoice, supplier), buyer_country(invoice, profile)
    if seller is None or buyer is None:
        return []
    if seller == buyer or (seller in EU and buyer in EU):
        text = f"Billed as an export free of tax, from {seller} to {buyer}: ask for a corrected invoice."
        return [finding("tax.export.inside", text, supplier=seller, buyer=buyer)]
    return []


def _check_outside(invoice: Invoice, used: list[str]) -> list[Discrepancy]:
    """BR-O-02 and BR-O-11: outside the scope stands alone and names no VAT ids."""
    found = []
    if invoice.supplier.vat_id or invoice.buyer.vat_id:
        text = "Outside the scope of VAT, and the document names a VAT id (BR-O-02)."
        found.append(finding("tax.outside.vat_id", text, Severity.INFO))
    if len({row.category for row in invoice.taxes}) > 1 or len(used) > 1:
        text = "Outside the scope of VAT stands beside other categories (BR-O-11)."
        found.append(finding("tax.outside.mixed", text, Severity.WARN))
    return found


def _check_islands(invoice: Invoice, supplier: Supplier | None) -> list[Discrepancy]:
    """L and M are taxes of Spanish territories: the Canary Islands, Ceuta and Melilla."""
    country = supplier_country(invoice, supplier)
    if country in (None, "ES", "IC", "EA"):
        return []
    text = f"The tax of the Canary Islands, Ceuta or Melilla is charged by a supplier of {country}."
    return [finding("tax.islands", text, country=str(country))]
