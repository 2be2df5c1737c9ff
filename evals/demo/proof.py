"""Whether the demo company's books are right: computed from the books alone, not from what we believe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Books = Mapping[str, Any]
PAYABLES = "1600"
"""The demo company's ledger account of all suppliers."""


@dataclass(frozen=True)
class Balance:
    """One account in the company's currency."""

    account: str
    name: str
    debit: Decimal
    credit: Decimal
    balance: Decimal


@dataclass(frozen=True)
class Line:
    """One statement about the books, and whether it holds."""

    holds: bool
    text: str


def trial_balance(books: Books) -> list[Balance]:
    return [
        Balance(
            row["account"],
            row["name"],
            Decimal(row["debit"]),
            Decimal(row["credit"]),
            Decimal(row["balance"]),
        )
        for row in books["trial_balance"]
    ]


def posted(books: Books) -> list[Mapping[str, Any]]:
    return [document for document in books["documents"] if document["state"] in ("posted", "paid")]


def approved(log: Sequence[Mapping[str, Any]]) -> set[tuple[str, str, str]]:
    """Supplier, number and gross of every proposal a person approved, from the audit log."""
    words = {record["event"]["digest"] for record in log if record["event"]["kind"] == "approval_given"}
    actions = [
        record["event"]["proposal"]["action"]
        for record in log
        if record["event"]["kind"] == "proposal_made" and record["event"]["digest"] in words
    ]
    return {(action["supplier_id"], action["number"], _amount(action["gross"])) for action in actions}


def _amount(money: Mapping[str, str]) -> str:
    return f"{Decimal(money['amount']):.2f} {money['currency']}"


def compare(before: Books, after: Books, again: Books, log: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The statements that the demo ends with; `log` is the exported audit log."""
    rows = trial_balance(after)
    debit, credit = (
        sum((row.debit for row in rows), Decimal(0)),
        sum((row.credit for row in rows), Decimal(0)),
    )
    owed, payables = _sum(after["suppliers_owed"].values()), -_balance(rows, PAYABLES)
    old = {document["number"] for document in posted(before)}
    new = [document for document in posted(after) if document["number"] not in old]
    held = Counter(
        (document["supplier_id"], document["supplier_number"], _gross(document)) for document in new
    )
    words = approved(log)
    drafts = [document for document in after["documents"] if document["state"] == "draft"]
    return [
        Line(debit == credit, f"debit {debit} equals credit {credit}"),
        Line(owed == payables, f"what the supplier accounts owe, {owed}, equals the ledger account"),
        Line(
            set(held) == words and max(held.values(), default=1) == 1,
            f"{len(words)} proposals were approved, and exactly these {len(new)} documents were posted, each "
            "once, with the same supplier, number and gross amount",
        ),
        Line(not drafts, f"{len(drafts)} drafts were left behind"),
        Line(again == after, "the second run changed nothing in the books"),
    ]


def _gross(document: Mapping[str, Any]) -> str:
    return f"{Decimal(document['totals']['gross']):.2f} {document['currency']}"


def _balance(rows: Sequence[Balance], account: str) -> Decimal:
    return sum((row.balance for row in rows if row.account == account), Decimal(0))


def _sum(values: Iterable[str]) -> Decimal:
    return sum((Decimal(value) for value in values), Decimal(0))


def final_word(lines: Sequence[Line]) -> str:
    wrong = sum(not line.holds for line in lines)
    return "The books are right." if not wrong else f"{wrong} statements do not hold."
