"""Golden vectors of statement reconciliation: a statement and our documents in, classes and sums out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.domain.money import Money, total
from tools.domain.statement import LedgerEntry, Statement, StatementLine
from tools.matching.statement import reconcile

_KINDS = {"I": "invoice", "C": "credit_note", "P": "payment"}


def evaluate(given: Mapping[str, Any]) -> Any:
    """`statement`: [kind I/C/P, number, date, amount]; `ledger`: [kind, number, date, amount, state];
    `opening`, `closing`, `as_of` optional. Out: class and effect of each line in the order shown, the ledger
    balance and the remainder."""
    lines = tuple(
        StatementLine.model_validate(
            {"position": at, "kind": _KINDS[kind], "number": number, "booked": day, "amount": _eur(amount)}
        )
        for at, (kind, number, day, amount) in enumerate(given["statement"], start=1)
    )
    opening = Money.of(given["opening"], "EUR") if "opening" in given else None
    computed = total((opening or Money.zero("EUR"), *(line.amount for line in lines)), "EUR")
    statement = Statement.model_validate(
        {
            "currency": "EUR",
            "opening": opening,
            "closing": Money.of(given["closing"], "EUR") if "closing" in given else computed,
            "closing_is_printed": "closing" in given,
            "lines": lines,
            "as_of": given.get("as_of"),
        }
    )
    ledger = [
        LedgerEntry.model_validate(
            {"kind": _KINDS[kind], "number": number, "booked": day, "amount": _eur(amount), "state": state}
        )
        for kind, number, day, amount, state in given["ledger"]
    ]
    found = reconcile(statement, ledger)
    return {
        "lines": [[line.found.value, f"{line.effect.amount:.2f}"] for line in found.lines],
        "ledger": f"{found.ledger.amount:.2f}",
        "remainder": f"{found.remainder.amount:.2f}",
    }


def _eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}
