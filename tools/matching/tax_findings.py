"""What the rules of tax share: one form of finding, the rows of tax, and words people use."""

from __future__ import annotations

from decimal import Decimal

from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity

# UNCL5305 categories on which the supplier charges nothing.
UNTAXED = {
    "AE": "reverse charge",
    "K": "intra-community supply",
    "G": "export",
    "E": "exempt",
    "O": "outside the scope of VAT",
    "Z": "zero rate",
}
_REVERSE_CHARGE = (
    "reverse charge",
    "reverse-charge",
    "vatex-eu-ae",
    "steuerschuldnerschaft des leistungsempfängers",
    "steuerschuldnerschaft des leistungsempfaengers",
    "übergang der steuerschuld",
    "btw verlegd",
    "verlegd naar",
    "autoliquidation",
    "inversión del sujeto pasivo",
    "inversion del sujeto pasivo",
    "inversione contabile",
    "odwrotne obciążenie",
    "omvendt betalingspligt",
    "omvänd betalningsskyldighet",
    "omvänd skattskyldighet",
    "käännetty verovelvollisuus",
    "autoliquidação",
    "taxare inversă",
    "přenesená daňová povinnost",
    "přenesení daňové povinnosti",
    "fordított adózás",
    "prenesenie daňovej povinnosti",
    "obrnjena davčna obveznost",
    "prijenos porezne obveze",
    "αντίστροφη επιβάρυνση",
    "pöördmaksustamine",
    "pöördkäibemaks",
    "atvirkštinis apmokestinimas",
    "apgrieztā maksāšana",
    "обратно начисляване",
)
"""Directive 2006/112/EC art. 226 no. 11a, in the languages of its editions."""


def finding(rule: str, message: str, severity: Severity = Severity.BLOCK, **figures: str) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.TAX_WRONG, severity=severity, rule=rule, message=message, figures=figures
    )


def says_reverse_charge(invoice: Invoice) -> bool:
    """Whether any text of the document names the reverse charge, in one of the languages known."""
    texts = [*invoice.notes, invoice.payment_terms or ""]
    texts += [row.reason or "" for row in invoice.taxes]
    texts += [line.description or "" for line in invoice.lines]
    return any(words in text.casefold() for text in texts for words in _REVERSE_CHARGE)


def kinds_of_tax(invoice: Invoice) -> list[tuple[str | None, Decimal | None]]:
    """Category and rate of each row of the breakdown; without rows those of the lines."""
    rows = [(row.category, row.rate) for row in invoice.taxes]
    lines = [
        (line.tax_category, line.tax_rate)
        for line in invoice.lines
        if line.tax_rate is not None or line.tax_category is not None
    ]
    return list(dict.fromkeys(rows or lines))


def categories(invoice: Invoice) -> list[str]:
    """Categories the document uses, in the order of their first use."""
    named = [row.category for row in invoice.taxes] + [line.tax_category for line in invoice.lines]
    return list(dict.fromkeys(category for category in named if category))


def rate_text(rate: Decimal | None) -> str:
    return "0" if rate is None else f"{rate.normalize():f}"
