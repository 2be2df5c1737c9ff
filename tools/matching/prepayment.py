"""Requests for payment before delivery (386), and final invoices that take off what was prepaid (BT-113)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.matching.invoice_lines import document_sign
from tools.matching.quantities import Burden
from tools.matching.wording import amount_text

_PREPAYMENT = "386"


def is_prepayment(invoice: Invoice) -> bool:
    return invoice.type_code == _PREPAYMENT


def check_prepayment(burdens: Sequence[Burden]) -> list[Discrepancy]:
    """Asked before anything is delivered, so only the order's value bounds it: PO_EXHAUSTED above what is
    still open on an order line."""
    return [found for burden in burdens if (found := _above_order(burden)) is not None]


def _above_order(burden: Burden) -> Discrepancy | None:
    wanted, first = burden.wanted, burden.pairs[0].billed
    left = wanted.ordered * wanted.price - wanted.value_before
    if burden.value <= left:
        return None
    currency = wanted.order.currency
    asked, shown = amount_text(burden.value, currency), amount_text(left, currency)
    return Discrepancy(
        kind=DiscrepancyKind.PO_EXHAUSTED,
        severity=Severity.BLOCK,
        rule="prepayment.order",
        message=f"Line {first.name}: a prepayment of {asked}, only {shown} are left on {wanted.name}.",
        line_id=first.name,
        order_number=wanted.order.number,
        order_line_id=wanted.line.line_id,
        figures={"invoice": asked, "order": shown},
    )


def check_prepaid(invoice: Invoice) -> list[Discrepancy]:
    """TOTAL_MISMATCH where more was prepaid than is billed, or what is left to pay does not follow:
    BT-115 = BT-112 − BT-113 + BT-114."""
    if invoice.prepaid is None or not invoice.prepaid.amount or invoice.gross_total is None:
        return []
    sign = document_sign(invoice)
    gross, prepaid = invoice.gross_total.amount * sign, invoice.prepaid.amount * sign
    if prepaid > gross:
        text = f"{invoice.prepaid} were prepaid, more than the {invoice.gross_total} that are billed."
        return [_mismatch("total.prepaid", text, invoice)]
    rounding = invoice.rounding.amount * sign if invoice.rounding is not None else 0
    left = gross - prepaid + rounding
    if invoice.payable is None or invoice.payable.amount * sign == left:
        return []
    shown = amount_text(Fraction(left), invoice.currency)
    text = f"{invoice.gross_total} less {invoice.prepaid} prepaid leave {shown}, not {invoice.payable}."
    return [_mismatch("total.payable", text, invoice)]


def _mismatch(rule: str, text: str, invoice: Invoice) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.TOTAL_MISMATCH,
        severity=Severity.BLOCK,
        rule=rule,
        message=text,
        figures={
            "invoice": str(invoice.gross_total),
            "prepaid": str(invoice.prepaid),
            "payable": str(invoice.payable),
        },
    )
