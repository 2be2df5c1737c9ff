"""The supplier's tax: its amounts, categories, rates, parties, and our codes for it.

Amounts of the supplier are never corrected here: a wrong tax needs a corrected invoice.
"""

from __future__ import annotations

from collections.abc import Mapping

from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy
from tools.domain.policy import MatchPolicy
from tools.domain.supplier import Supplier
from tools.matching.invoice_lines import document_sign
from tools.matching.tax_amounts import check_amounts
from tools.matching.tax_categories import check_categories
from tools.matching.tax_codes import check_codes
from tools.matching.tax_country import check_foreign, check_rates, check_vat_ids
from tools.matching.tax_findings import UNTAXED, finding, says_reverse_charge
from tools.matching.tax_notes import check_notes


def check_tax(
    invoice: Invoice,
    profile: CompanyProfile,
    policy: MatchPolicy,
    supplier: Supplier | None = None,
    kinds: Mapping[int, str] | None = None,
) -> list[Discrepancy]:
    """TAX_WRONG for sums that do not follow from base and rate, for VAT where none is due, for categories,
    rates and VAT ids that cannot be right, and for what has no tax code of ours.

    `supplier` is the master data's; `kinds` tells goods from services (`tax_codes.supplies`).
    """
    return [
        *check_amounts(invoice, policy),
        *_check_reverse_charge(invoice, profile, supplier),
        *check_categories(invoice, profile, supplier),
        *check_rates(invoice, profile, supplier),
        *check_foreign(invoice, profile, supplier),
        *check_vat_ids(invoice, supplier),
        *check_codes(invoice, profile, supplier, kinds),
        *check_notes(invoice, profile, supplier),
    ]


def _check_reverse_charge(
    invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None
) -> list[Discrepancy]:
    """Tax is charged though the document, or what we know of the supplier, says that we owe it."""
    charged = invoice.tax_total
    if charged is None or charged.amount * document_sign(invoice) <= 0:
        return []
    if supplier is not None and supplier.supplier_id in profile.reverse_charge_suppliers:
        text = f"{charged} VAT is charged; this supplier's work falls under reverse charge: do not pay it."
        return [finding("tax.reverse_charge.supplier", text, charged=str(charged))]
    untaxed = any(row.category in UNTAXED for row in invoice.taxes)
    if untaxed or not says_reverse_charge(invoice):
        return []
    text = f"The document speaks of reverse charge and charges {charged} VAT: ask for a corrected invoice."
    return [finding("tax.reverse_charge", text, charged=str(charged))]
