"""Cases that are approved in one list: rules alone let them through."""

from __future__ import annotations

from agent.views import CaseDetail
from tools.domain.findings import DiscrepancyKind, Severity

_LOOK_AT = frozenset(
    {
        DiscrepancyKind.BANK_CHANGE,
        DiscrepancyKind.TEXT_GIVES_ORDERS,
        DiscrepancyKind.DUPLICATE_SUSPECT,
        DiscrepancyKind.SENDER_SUSPECT,
        DiscrepancyKind.FIRST_INVOICE,
        DiscrepancyKind.NEAR_LIMIT,
        DiscrepancyKind.SPLIT_INVOICE,
        DiscrepancyKind.TOTAL_MISMATCH,
        DiscrepancyKind.SUPPLIER_BLOCKED,
        DiscrepancyKind.TAX_WRONG,
        DiscrepancyKind.READ_BY_MODEL,
    }
)
"""Warnings with which a case is shown one by one, never approved in a list."""


def is_clean(detail: CaseDetail) -> bool:
    """Rules alone let it through: no finding to decide, nobody decided anything, and no warning of the
    kinds that need a look of their own."""
    warned = [found for found in detail.findings if found.severity == Severity.WARN]
    looked_at = any(found.kind in _LOOK_AT or found.rule.startswith("fraud.") for found in warned)
    return not detail.summary.blocks and not detail.decided and not looked_at
