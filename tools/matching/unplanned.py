"""What an invoice bills beyond its orders: delivery cost, reductions, free goods, other lines."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.policy import MatchPolicy
from tools.matching.freight import is_freight
from tools.matching.invoice_lines import BillableLine, document_sign
from tools.matching.tolerance import broken
from tools.matching.wording import amount_text, limit_text


def check_unplanned(
    invoice: Invoice,
    lines: Sequence[BillableLine],
    goods: Fraction,
    policy: MatchPolicy,
    *,
    freight_has_key: bool = False,
) -> list[Discrepancy]:
    """`lines` are those without an order line and without a question of their own; `goods` is the value
    of the matched lines. `freight_has_key`: a key of the policy compares delivery cost instead."""
    freight = [line for line in lines if line.net > 0 and is_freight(line.line.description)]
    others = [line for line in lines if line not in freight]
    found = [_finding(line, invoice) for line in others]
    charges = _charges(invoice)
    cost = sum((Fraction(line.net) for line in freight), charges)
    if cost <= 0 or freight_has_key:
        return found
    return [*found, _freight(invoice, freight, cost, goods, policy)]


def _charges(invoice: Invoice) -> Fraction:
    """Charges of the whole document are taken for the cost of delivery."""
    sign = document_sign(invoice)
    charges = (extra.amount.amount * sign for extra in invoice.allowances if extra.is_charge)
    return sum((Fraction(amount) for amount in charges), Fraction(0))


def _freight(
    invoice: Invoice, lines: Sequence[BillableLine], cost: Fraction, goods: Fraction, policy: MatchPolicy
) -> Discrepancy:
    over = bool(broken(policy.freight, cost, goods))
    shown, limit = amount_text(cost, invoice.currency), limit_text(policy.freight, invoice.currency)
    value = amount_text(goods, invoice.currency)
    verdict = "above the limit" if over else "within the limit"
    return Discrepancy(
        kind=DiscrepancyKind.UNPLANNED_FREIGHT,
        severity=Severity.BLOCK if over else Severity.WARN,
        rule="freight.limit",
        message=f"Delivery cost of {shown} is not on the order: {verdict} ({limit} of goods for {value}).",
        line_id=lines[0].name if len(lines) == 1 else None,
        figures={"invoice": shown, "goods": value, "limit": limit},
    )


def _finding(line: BillableLine, invoice: Invoice) -> Discrepancy:
    shown = amount_text(line.net, invoice.currency)
    severity, rule, text = Severity.BLOCK, "line.unplanned", f"{shown} belongs to no order line"
    if line.net == 0:
        severity, rule, text = Severity.INFO, "line.free", "free of charge, belongs to no order line"
    elif line.net < 0:
        severity, rule, text = (
            Severity.WARN,
            "line.reduction",
            f"{shown} reduces the invoice, not on the order",
        )
    return Discrepancy(
        kind=DiscrepancyKind.UNPLANNED_LINE,
        severity=severity,
        rule=rule,
        message=f"Line {line.name} ({line.line.description or 'no text'}): {text}.",
        line_id=line.name,
        figures={"invoice": shown},
    )
