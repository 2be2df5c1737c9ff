"""Golden vectors of payment terms and the order of the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.documents import Invoice
from tools.domain.money import Money
from tools.matching.payment_terms import annual_return, discounts
from tools.urgency import Urgency, in_order


def evaluate(given: Mapping[str, Any]) -> Any:
    """`terms`: [percent, last day, amount of 1000.00 EUR] of each discount. `annual`: the yearly return in
    percent with one decimal. `queue`: the cases' names in their order."""
    if "annual" in given:
        percent, days, net = given["annual"]
        earned = annual_return(Decimal(percent), days, net)
        return None if earned is None else str(round(earned, 1))
    if "terms" in given:
        gross = Money.of("1000.00", "EUR")
        return [
            [str(entry.percent), entry.until.isoformat(), str(entry.amount(gross).amount)]
            for entry in discounts(_invoice(given))
        ]
    today = date.fromisoformat(given["today"])
    rates = {currency: Decimal(rate) for currency, rate in given.get("rates", {}).items()}
    entries = [
        Urgency.model_validate({"received": "2026-01-01", **entry, "case_id": name})
        for name, entry in given["queue"].items()
    ]
    return [entry.case_id for entry in in_order(entries, today, "EUR", rates)]


def _invoice(given: Mapping[str, Any]) -> Invoice:
    return Invoice.model_validate(
        {
            "format": "ubl",
            "document_type": "invoice",
            "supplier": {},
            "buyer": {},
            "currency": "EUR",
            "issue_date": given.get("issued", "2026-03-01"),
            "payment_terms": given["terms"],
        }
    )
