"""Worked examples of matching, as data: order line, invoice line, policy and what must be found."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.builders import ORDER, a_supplier, an_invoice, an_invoice_line, an_order, an_order_line
from tools.domain.policy import MatchPolicy
from tools.matching.billing import Billed
from tools.matching.three_way import match

VECTORS = json.loads((Path(__file__).parent / "vectors" / "worked_examples.json").read_text())


def _exact(values: dict[str, str]) -> dict[str, Any]:
    return {key: Decimal(value) if key == "price_base" else value for key, value in values.items()}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_worked_example_comes_out_as_published(vector: dict[str, Any]) -> None:
    order = an_order(an_order_line(**_exact(vector["order_line"])))
    invoice = an_invoice(lines=(an_invoice_line(buyer_item_id="1896-S", **vector["invoice_line"]),))
    conversions = {
        item: {unit: Fraction(count) for unit, count in units.items()}
        for item, units in vector.get("conversions", {}).items()
    }
    billed = {(ORDER, "1"): Billed(**vector["before"])} if "before" in vector else {}
    policy = MatchPolicy.model_validate(vector.get("policy", {}))
    result = match(invoice, [order], [], billed, policy, a_supplier(), conversions=conversions)

    assert vector["source"]
    assert {found.kind for found in result.discrepancies} == set(vector["findings"])
    for found in result.discrepancies:
        told = f"{found.message} {' '.join(f'{key}={text}' for key, text in found.figures.items())}"
        for words in vector["findings"][found.kind]:
            assert words in told
