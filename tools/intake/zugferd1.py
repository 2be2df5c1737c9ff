"""ZUGFeRD 1.0 (CrossIndustryDocument, all three profiles): the CII reader with that vocabulary."""

from __future__ import annotations

from decimal import Decimal

from tools.domain.documents import AllowanceCharge, Invoice
from tools.intake.cii import read_cross_industry
from tools.intake.cii_names import ZUGFERD_1P0
from tools.intake.xml_fields import Element, XmlFields


def read_zugferd1(root: Element) -> tuple[Invoice, XmlFields]:
    """The invoice in `root`, and the reader with the problems met on the way."""
    invoice, fields = read_cross_industry(root, ZUGFERD_1P0)
    return invoice.model_copy(update={"allowances": _by_effect(invoice)}), fields


def _by_effect(invoice: Invoice) -> tuple[AllowanceCharge, ...]:
    """ZUGFeRD 1 left open whether an amount is signed by its effect; the net total tells which it is."""
    if invoice.line_total is None or invoice.net_total is None:
        return invoice.allowances
    difference = invoice.net_total.amount - invoice.line_total.amount
    as_named = [
        entry.amount.amount if entry.is_charge else -entry.amount.amount for entry in invoice.allowances
    ]
    as_signed = [entry.amount.amount for entry in invoice.allowances]
    if sum(as_named, Decimal(0)) == difference or sum(as_signed, Decimal(0)) != difference:
        return invoice.allowances
    return tuple(
        entry.model_copy(update={"is_charge": entry.amount.amount > 0, "amount": abs(entry.amount)})
        for entry in invoice.allowances
    )
