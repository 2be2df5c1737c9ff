"""The reason codes ERPs keep with a held invoice."""

from __future__ import annotations

import pytest

from tools import erp as connectors
from tools.domain.findings import DiscrepancyKind
from tools.matching.decision_table import table
from tools.matching.hold_codes import erps, hold_code, why_no_code
from tools.matching.ways_out import Payment

K = DiscrepancyKind


@pytest.mark.parametrize(
    ("erp", "kind", "code"),
    [
        ("oracle", K.PRICE_OVER, "PRICE"),
        ("oracle", K.QTY_OVER_ACCEPTED, "QUALITY"),
        ("sap", K.PRICE_OVER, "A"),
        ("sandbox", K.NO_RECEIPT, "QUANTITY"),
        ("sandbox", K.CURRENCY_DIFF, "MANUAL"),
    ],
)
def test_an_erp_names_its_own_code(erp: str, kind: DiscrepancyKind, code: str) -> None:
    assert hold_code(erp, kind) == code
    assert why_no_code(erp, kind) is None


def test_a_finding_that_keeps_the_invoice_out_of_the_books_has_nothing_to_hold() -> None:
    assert hold_code("sap", K.DUPLICATE_SUSPECT) is None
    assert "not posted" in (why_no_code("sap", K.DUPLICATE_SUSPECT) or "")


def test_an_erp_without_holds_says_why() -> None:
    assert hold_code("business_central", K.PRICE_OVER) is None
    assert "API v2.0" in (why_no_code("business_central", K.PRICE_OVER) or "")
    assert "QTY" not in (why_no_code("oracle", K.SPLIT_INVOICE) or "QTY")
    assert "no hold codes are known" in (why_no_code("another", K.PRICE_OVER) or "")


def test_every_erp_answers_for_every_finding_with_a_code_or_a_reason() -> None:
    for erp in erps():
        for kind in DiscrepancyKind:
            assert (hold_code(erp, kind) is None) != (why_no_code(erp, kind) is None)
            if table()[kind].payment is not Payment.BLOCKED:
                assert hold_code(erp, kind) is None


def test_every_connector_is_in_the_table() -> None:
    assert set(connectors.kinds()) <= set(erps())
