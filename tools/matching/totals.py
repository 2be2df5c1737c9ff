"""Whether net, tax and total of a document agree: what is posted must come to what the document states."""

from __future__ import annotations

from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.money import Money
from tools.domain.policy import MatchPolicy
from tools.matching.invoice_lines import document_net, document_sign
from tools.matching.prepayment import check_prepaid
from tools.matching.small_difference import total_is_near


def check_totals(invoice: Invoice, policy: MatchPolicy | None = None) -> list[Discrepancy]:
    """TOTAL_MISMATCH when net and tax do not come to the stated total or point in opposite directions,
    TAX_WRONG when nothing on the document tells at which rate its tax was charged.

    Exact to the cent: the ERP computes the total from the lines and has no room for a difference here,
    unless `policy` posts small differences by themselves.
    """
    net = document_net(invoice)
    prepaid = check_prepaid(invoice)
    if net is None:
        return [*_unexplained(invoice), *prepaid]
    tax = (invoice.tax_total or Money.zero(invoice.currency)) * document_sign(invoice)
    sums = [] if total_is_near(invoice, policy) else _sum(invoice, net, tax)
    return [*_directions(net, tax), *sums, *_unexplained(invoice), *prepaid]


def _finding(kind: DiscrepancyKind, rule: str, message: str, **figures: str) -> Discrepancy:
    return Discrepancy(kind=kind, severity=Severity.BLOCK, rule=rule, message=message, figures=figures)


def _directions(net: Money, tax: Money) -> list[Discrepancy]:
    if net.amount * tax.amount >= 0:
        return []
    text = f"The document states {net} without tax and {tax} tax: one is charged, the other given back."
    return [_finding(DiscrepancyKind.TOTAL_MISMATCH, "total.sign", text, net=str(net), tax=str(tax))]


def _sum(invoice: Invoice, net: Money, tax: Money) -> list[Discrepancy]:
    if invoice.gross_total is None:
        return []
    gross, reached = invoice.gross_total * document_sign(invoice), net + tax
    if gross.amount == reached.amount:
        return []
    shown = "no tax" if invoice.tax_total is None else f"{tax} tax"
    text = f"{net} and {shown} are {reached}; the document states {gross} in all."
    figures = {"lines": str(reached), "invoice": str(gross), "difference": str(reached - gross)}
    return [_finding(DiscrepancyKind.TOTAL_MISMATCH, "total.gross", text, **figures)]


def _unexplained(invoice: Invoice) -> list[Discrepancy]:
    tax = invoice.tax_total
    rated = any(line.tax_rate is not None for line in invoice.lines)
    if tax is None or not tax.amount or invoice.taxes or rated:
        return []
    text = f"The document states {tax} tax and neither a breakdown nor a rate: nothing tells how it arose."
    return [_finding(DiscrepancyKind.TAX_WRONG, "tax.unexplained", text, charged=str(tax))]
