"""The fraud controls of one document, in one order. Without facts gathered for them they say nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.fraud_policy import FirstInvoice, FraudPolicy
from tools.domain.supplier import Supplier
from tools.matching.fraud_amounts import check_near_limit, check_round, check_sequence, check_split
from tools.matching.fraud_facts import FraudFacts
from tools.matching.fraud_sender import check_sender


def check_fraud(
    invoice: Invoice,
    supplier: Supplier,
    facts: FraudFacts | None,
    policy: FraudPolicy,
    *,
    own_names: Collection[str] = (),
    today: date,
    has_order: bool = False,
) -> list[Discrepancy]:
    """Sender, first invoice, limits, splitting, days and numbers; `has_order`: it is matched with one."""
    if facts is None:
        return []
    found = [*check_sender(facts, supplier, policy, own_names)]
    found += _first(supplier, facts, policy, has_order)
    if invoice.gross_total is not None and not invoice.is_credit_note:
        found += check_near_limit(invoice.gross_total, facts.limits, policy.near_limit_percent)
        found += check_round(invoice, policy.round_amount)
    found += check_split(invoice, facts.earlier, facts.limits, policy)
    found += check_sequence(invoice, facts.earlier, policy)
    found += _weekend(invoice, today, policy)
    return found


def _first(
    supplier: Supplier, facts: FraudFacts, policy: FraudPolicy, has_order: bool
) -> Iterator[Discrepancy]:
    passed_over = policy.first_invoice is FirstInvoice.NEVER or (
        policy.first_invoice is FirstInvoice.WITHOUT_ORDER and has_order
    )
    if facts.known_before or passed_over:
        return
    yield Discrepancy(
        kind=DiscrepancyKind.FIRST_INVOICE,
        severity=Severity.WARN,
        rule="fraud.first_invoice",
        message=f"Nothing of {supplier.supplier_id} {supplier.name} was posted before, as far as the ERP "
        "and our archive tell.",
    )


def _weekend(invoice: Invoice, today: date, policy: FraudPolicy) -> Iterator[Discrepancy]:
    for what, day in (("The document is dated", invoice.issue_date), ("It is processed", today)):
        if day is not None and day.weekday() in policy.weekend_days:
            yield Discrepancy(
                kind=DiscrepancyKind.DATE_IMPLAUSIBLE,
                severity=Severity.WARN,
                rule="fraud.date.weekend",
                message=f"{what} on {day}, a {day:%A}.",
                figures={"date": str(day)},
            )
            return
