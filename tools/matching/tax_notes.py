"""What a payer must think of beside the tax on the document: use tax and tax kept back."""

from __future__ import annotations

from decimal import Decimal

from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, Severity
from tools.domain.money import Money
from tools.domain.supplier import Supplier
from tools.matching.invoice_lines import document_net
from tools.matching.tax_findings import finding

_WITHHOLDING = (
    "withholding tax",
    "ritenuta d'acconto",
    "ritenuta d’acconto",
    "retención irpf",
    "retención de irpf",
    "retenção na fonte",
    "retenue à la source",
    "quellensteuer",
    "bauabzugsteuer",
    "abzugsteuer",
)


def check_notes(invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None) -> list[Discrepancy]:
    """Warnings only: what is owed to a tax office changes nothing on the supplier's document."""
    return [*_use_tax(invoice, profile), *_withholding(invoice, profile, supplier)]


def _use_tax(invoice: Invoice, profile: CompanyProfile) -> list[Discrepancy]:
    charged = invoice.tax_total is not None and invoice.tax_total.amount
    if not profile.use_tax or charged or invoice.is_credit_note:
        return []
    text = "No sales tax is charged: accrue use tax unless the purchase is exempt."
    return [finding("tax.use_tax", text, Severity.WARN)]


def _withholding(invoice: Invoice, profile: CompanyProfile, supplier: Supplier | None) -> list[Discrepancy]:
    percent = profile.withholding.get(supplier.supplier_id) if supplier is not None else None
    if percent is not None:
        return [_kept_back(invoice, percent)]
    texts = [*invoice.notes, invoice.payment_terms or "", *(line.description or "" for line in invoice.lines)]
    if not any(words in text.casefold() for text in texts for words in _WITHHOLDING):
        return []
    text = "The document speaks of tax to be kept back; no rate is set for this supplier."
    return [finding("tax.withholding.unset", text, Severity.WARN)]


def _kept_back(invoice: Invoice, percent: Decimal) -> Discrepancy:
    net = document_net(invoice) or Money.zero(invoice.currency)
    kept = (net * (percent / 100)).rounded()
    text = f"{percent.normalize():f} % of {net} is kept back for the tax office when it is paid: {kept}."
    return finding(
        "tax.withholding", text, Severity.WARN, percent=f"{percent.normalize():f}", amount=str(kept)
    )
