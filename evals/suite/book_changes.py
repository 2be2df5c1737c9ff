"""What is new in a company's books, one line each, in words an accountant compares.

The lines name suppliers' own numbers, never those an ERP gives, so they are the same whichever ERP holds the
books: `posted invoice RE-1 of 10001: 1190.00 EUR, tax 190.00`, `receipt for 4500001/10000: 5`,
`order 4500001/10000: unit price 24.50, ordered 10`, `hold of RE-1 of 10001: PRICE`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tools.domain.money import round_amount

Dump = Mapping[str, Any]
"""Books as `Company.dump` gives them."""
_NOT_STANDING = ("draft", "cancelled")
_SUM, _NUMBER = r"-?\d+(\.\d+)?", r"\d+(\.\d+)?"
_WORDINGS = (
    rf"(gone: )?(draft|posted|paid|cancelled) (invoice|credit_note) .+ of \S+: "
    rf"{_SUM} [A-Z]{{3}}, tax {_SUM}(, reversed)?",
    r"(hold|release) of .+ of \S+: \S+",
    rf"(gone: |changed )?receipt for \S+/\S+: {_NUMBER}",
    rf"order \S+/\S+: unit price {_NUMBER}, ordered {_NUMBER}(, cancelled)?",
    r"order \S+: [a-z_]+",
)

_BEGINNINGS = frozenset(
    ("posted", "draft", "paid", "cancelled", "hold", "release", "receipt", "order", "gone:", "changed")
)


def is_worded(line: str) -> bool:
    """Whether a line is one that `book_changes` can say."""
    return any(re.fullmatch(wording, line) for wording in _WORDINGS)


def may_be_worded(pattern: str) -> bool:
    """Whether a change can begin as the pattern does."""
    first = pattern.partition(" ")[0]
    return bool(set("*?[") & set(first)) or first in _BEGINNINGS


def book_changes(before: Dump, after: Dump) -> tuple[str, ...]:
    """Every change of documents, receipts and orders, sorted; the same change twice stands twice."""
    lines = [*_documents(before, after), *_receipts(before, after), *_orders(before, after)]
    return tuple(sorted(lines))


def account_changes(before: Dump, after: Dump) -> dict[str, Decimal]:
    """Account -> change of its balance, debit positive; accounts that did not change are left out."""
    old, new = _balances(before), _balances(after)
    found = {account: new.get(account, Decimal(0)) - old.get(account, Decimal(0)) for account in old | new}
    return {account: change for account, change in sorted(found.items()) if change}


def _balances(dump: Dump) -> dict[str, Decimal]:
    return {row["account"]: Decimal(row["balance"]) for row in dump["trial_balance"]}


def posted_twice(before: Dump, after: Dump) -> tuple[str, ...]:
    """Names such as `invoice RE-1 of 10001` that stand posted more than once since now, whatever their
    amounts; a reversed document does not count."""
    old, new = _standing(before), _standing(after)
    return tuple(sorted(name for name, times in new.items() if times > 1 and times > old[name]))


def _standing(dump: Dump) -> Counter[str]:
    return Counter(
        f"{document['document_type']} {_name(document)}"
        for document in dump["documents"]
        if document["state"] not in _NOT_STANDING and not document["reversed_by"]
    )


def _documents(before: Dump, after: Dump) -> Iterator[str]:
    old = {document["draft_number"]: document for document in before["documents"]}
    for number in sorted(old.keys() - {document["draft_number"] for document in after["documents"]}):
        yield f"gone: {_word(old[number])}"
    for document in after["documents"]:
        earlier = old.get(document["draft_number"])
        if earlier is None or _word(earlier) != _word(document):
            yield _word(document)
        held_before = earlier["holds"] if earlier else ()
        for reason in document["holds"]:
            if reason not in held_before:
                yield f"hold of {_name(document)}: {reason}"
        for reason in held_before:
            if reason not in document["holds"]:
                yield f"release of {_name(document)}: {reason}"


def _name(document: Mapping[str, Any]) -> str:
    return f"{document['supplier_number'] or document['number']} of {document['supplier_id']}"


def _word(document: Mapping[str, Any]) -> str:
    totals, currency = document["totals"], document["currency"]
    gross, tax = (round_amount(Decimal(totals[name]), currency) for name in ("gross", "tax"))
    back = ", reversed" if document["reversed_by"] else ""
    kind = document["document_type"]
    return f"{document['state']} {kind} {_name(document)}: {gross} {currency}, tax {tax}{back}"


def _receipts(before: Dump, after: Dump) -> Iterator[str]:
    old = {receipt["number"]: receipt for receipt in before["receipts"]}
    for receipt in after["receipts"]:
        earlier = old.pop(receipt["number"], None)
        if earlier is None:
            yield from _received("receipt", receipt)
        elif earlier["lines"] != receipt["lines"]:
            yield from _received("changed receipt", receipt)
    for receipt in old.values():
        yield from _received("gone: receipt", receipt)


def _received(word: str, receipt: Mapping[str, Any]) -> Iterator[str]:
    for line in receipt["lines"]:
        yield f"{word} for {receipt['order_number']}/{line['order_line_id']}: {as_number(line['quantity'])}"


def _orders(before: Dump, after: Dump) -> Iterator[str]:
    """A line's price, quantity or end; what was received and billed follows from receipts and invoices."""
    old = {order["number"]: order for order in before["orders"]}
    for order in after["orders"]:
        earlier = old.get(order["number"])
        lines = {line["line_id"]: _line(line) for line in earlier["lines"]} if earlier else {}
        for line in order["lines"]:
            if lines.get(line["line_id"]) != _line(line):
                yield f"order {order['number']}/{line['line_id']}: {_line(line)}"
        if earlier and earlier["state"] != order["state"]:
            yield f"order {order['number']}: {order['state']}"


def _line(line: Mapping[str, Any]) -> str:
    end = ", cancelled" if line["cancelled"] else ""
    return f"unit price {as_number(line['unit_price']['amount'])}, ordered {as_number(line['ordered'])}{end}"


def as_number(number: str) -> str:
    """Without zeros at its end: `10.0000` and `10` are one quantity."""
    return f"{Decimal(number).normalize():f}"
