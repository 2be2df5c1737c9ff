"""Net, tax and total of a document: what is posted comes to what the document states."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_credit_note, an_invoice, an_invoice_line, eur
from tools.domain.documents import Invoice
from tools.domain.findings import Severity
from tools.matching.totals import check_totals


def totals(net: str | None, tax: str | None, gross: str | None) -> dict[str, Any]:
    named = {"net_total": net, "tax_total": tax, "gross_total": gross}
    return {name: None if value is None else eur(value) for name, value in named.items()}


def rules(invoice: Invoice) -> list[str]:
    found = check_totals(invoice)
    assert all(entry.severity is Severity.BLOCK for entry in found)
    return [f"{entry.kind}:{entry.rule}" for entry in found]


SIGN, GROSS = "total_mismatch:total.sign", "total_mismatch:total.gross"


@pytest.mark.parametrize(
    "agreeing",
    [
        an_invoice(),
        a_credit_note(),
        a_credit_note(**totals("-100.00", "-21.00", "-121.00")),
        an_invoice(**totals("100.00", "0.00", "100.00")),
        an_invoice(**totals("100.00", None, "100.00")),
        an_invoice(**totals("100.00", "21.00", None)),
        an_invoice(**totals(None, "21.00", "121.00")),
        an_invoice(**totals(None, None, None)),
    ],
)
def test_totals_that_agree_are_nothing_to_tell(agreeing: Invoice) -> None:
    assert rules(agreeing) == []


@pytest.mark.parametrize(
    "opposed",
    [
        an_invoice(**totals("100.00", "-19.00", "81.00")),
        an_invoice(**totals(None, "-19.00", "81.00")),
        a_credit_note(**totals("20.00", "-3.80", "16.20")),
        a_credit_note(**totals("-20.00", "3.80", "-16.20")),
    ],
)
def test_tax_against_the_direction_of_the_net_total_blocks(opposed: Invoice) -> None:
    assert rules(opposed) == [SIGN]


@pytest.mark.parametrize(
    "stated",
    [
        totals("100.00", "21.00", "121.01"),
        totals("100.00", "21.00", "79.00"),
        totals("100.00", None, "121.00"),
    ],
)
def test_net_and_tax_that_do_not_come_to_the_total_block(stated: dict[str, Any]) -> None:
    assert rules(an_invoice(**stated)) == [GROSS]
    assert rules(a_credit_note(**stated)) == [GROSS]


def test_the_difference_is_told_in_figures() -> None:
    (found,) = check_totals(an_invoice(**totals("100.00", "21.00", "121.01")))
    assert found.figures["difference"] == "-0.01 EUR"


def test_tax_that_no_rate_explains_blocks() -> None:
    bare = (an_invoice_line(tax_rate=None, tax_category=None),)
    assert rules(an_invoice(lines=bare, taxes=())) == ["tax_wrong:tax.unexplained"]
    assert rules(an_invoice(lines=(an_invoice_line(),), taxes=())) == []
    assert rules(an_invoice(lines=bare)) == []
    assert rules(an_invoice(lines=bare, taxes=(), **totals("100.00", "0.00", "100.00"))) == []
