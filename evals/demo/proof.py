"""Whether the demo company's books are right: computed from the books alone, not from what we believe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Books = Mapping[str, Any]


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


def compare(before: Books, after: Books, again: Books) -> list[Line]:
    """The statements that the demo ends with."""
    rows = trial_balance(after)
    debit, credit = (
        sum((row.debit for row in rows), Decimal(0)),
        sum((row.credit for row in rows), Decimal(0)),
    )
    owed = sum((Decimal(value) for value in after["suppliers_owed"].values()), Decimal(0))
    owed_before = sum((Decimal(value) for value in before["suppliers_owed"].values()), Decimal(0))
    new = len(posted(after)) - len(posted(before))
    keys = Counter(
        (document["supplier_id"], document["document_type"], document["supplier_number"].casefold())
        for document in posted(after)
    )
    twice = [key for key, count in keys.items() if count > 1]
    drafts = [document for document in after["documents"] if document["state"] == "draft"]
    return [
        Line(debit == credit, f"debit {debit} equals credit {credit}"),
        Line(
            new > 0, f"{new} documents were posted; what we owe suppliers went from {owed_before} to {owed}"
        ),
        Line(not twice, "no supplier document is posted twice" if not twice else f"posted twice: {twice}"),
        Line(
            not drafts, "no draft was left behind" if not drafts else f"{len(drafts)} drafts were left behind"
        ),
        Line(again == after, "the second run changed nothing in the books"),
    ]


def final_word(lines: Sequence[Line]) -> str:
    wrong = sum(not line.holds for line in lines)
    return "The books are right." if not wrong else f"{wrong} statements do not hold."
