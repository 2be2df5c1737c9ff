"""Amounts and numbers as people choose them who want to stay unseen: below a limit, in parts, in a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from tools.domain.authority import ApprovalPolicy
from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.fraud_policy import FraudPolicy
from tools.domain.money import Money, total
from tools.matching.fraud_facts import EarlierInvoice

_WORD = re.compile(r"[^\W\d_]{2,}")
_TAIL = re.compile(r"(\d{1,12})\D*$")
TOGETHER = "together"
"""Figure of a SPLIT_INVOICE finding: what a person with authority decides on."""


def limits(policy: ApprovalPolicy) -> tuple[Money, ...]:
    """The amounts at which another person must decide, each once, lowest first: people's limits, the steps
    of the matrix, and where a second approver is needed."""
    found = {(entry.limit.currency, entry.limit.amount) for entry in policy.everyone if entry.limit}
    found |= {(policy.currency, rule.up_to) for rule in policy.rules if rule.up_to is not None}
    if policy.four_eyes_above is not None:
        found.add((policy.currency, policy.four_eyes_above))
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(found))


def line_text(descriptions: Iterable[str | None]) -> str:
    """The words of all lines, each once, sorted: the same purchase reads the same."""
    words = (_WORD.findall((text or "").casefold()) for text in descriptions)
    return " ".join(sorted({word for line in words for word in line}))


def order_numbers(invoice: Invoice) -> tuple[str, ...]:
    """Orders the document names, each once."""
    named = (invoice.order_number, *(line.order_number for line in invoice.lines))
    return tuple(dict.fromkeys(number for number in named if number))


def check_near_limit(gross: Money, limits: Iterable[Money], percent: Decimal) -> Iterator[Discrepancy]:
    """NEAR_LIMIT for a total in the band below a limit; the limit itself and the band's end belong to it."""
    value = abs(gross)
    for limit in limits:
        if percent == 0 or limit.currency != value.currency or limit.amount <= 0:
            continue
        start = limit.amount * (100 - percent) / 100
        if start <= value.amount <= limit.amount:
            yield Discrepancy(
                kind=DiscrepancyKind.NEAR_LIMIT,
                severity=Severity.WARN,
                rule="fraud.amount.near_limit",
                message=f"The total of {value.rounded()} lies just under the approval limit of {limit}.",
                figures={"invoice": str(value.rounded()), "limit": str(limit), "band": f"{percent} %"},
            )
            return


def check_round(invoice: Invoice, step: Decimal) -> Iterator[Discrepancy]:
    """NEAR_LIMIT (rule `fraud.amount.round`) where net or gross is a multiple of `step`."""
    for amount in (invoice.gross_total, invoice.net_total):
        if step and amount is not None and amount.amount and amount.amount % step == 0:
            yield Discrepancy(
                kind=DiscrepancyKind.NEAR_LIMIT,
                severity=Severity.WARN,
                rule="fraud.amount.round",
                message=f"{amount.rounded()} is a round amount.",
                figures={"invoice": str(amount.rounded()), "step": f"{step}"},
            )
            return


def check_split(
    invoice: Invoice, earlier: Iterable[EarlierInvoice], limits: Sequence[Money], policy: FraudPolicy
) -> Iterator[Discrepancy]:
    """SPLIT_INVOICE where documents of one purchase together pass a limit that each stays within.

    One purchase: at most `split_days` apart, and the same order, or no order and the same words. The
    largest limit passed counts. Deliveries of one order are told and do not stop: the order was approved as
    a whole, and the approver's limit is held against the sum in any case.
    """
    gross, day = invoice.gross_total, invoice.issue_date
    if gross is None or day is None or invoice.is_credit_note or gross.amount <= 0:
        return
    related = [each for each in earlier if _is_part(each, invoice, day, policy.split_days)]
    for limit in sorted(limits, key=lambda each: each.amount, reverse=True):
        if limit.currency != gross.currency or gross > limit:
            continue
        parts = [each for each in related if each.gross is not None and each.gross <= limit]
        together = total((gross, *(each.gross for each in parts if each.gross)), gross.currency)
        if together > limit:
            severity = Severity.WARN if order_numbers(invoice) else Severity.BLOCK
            yield _split(gross, together, limit, parts, severity)
            return


def _split(
    gross: Money, together: Money, limit: Money, parts: Sequence[EarlierInvoice], severity: Severity
) -> Discrepancy:
    others = ", ".join(f"{each.number} ({each.gross})" for each in parts[:5])
    return Discrepancy(
        kind=DiscrepancyKind.SPLIT_INVOICE,
        severity=severity,
        rule="fraud.amount.split",
        message=f"With {others} this may be one purchase: together {together.rounded()}, above the limit of "
        f"{limit} that each stays within.",
        figures={"invoice": str(gross), TOGETHER: str(together), "limit": str(limit), "parts": others},
    )


def _is_part(other: EarlierInvoice, invoice: Invoice, day: date, days: int) -> bool:
    if other.gross is None or other.issue_date is None or other.gross.currency != invoice.currency:
        return False
    if other.gross.amount <= 0 or abs((other.issue_date - day).days) > days:
        return False
    ours = order_numbers(invoice)
    if ours and other.orders:
        return bool(set(ours) & set(other.orders))
    text = line_text(line.description for line in invoice.lines)
    return bool(text) and text == other.text


def check_sequence(
    invoice: Invoice, earlier: Iterable[EarlierInvoice], policy: FraudPolicy
) -> Iterator[Discrepancy]:
    """FIRST_INVOICE (rule `fraud.number.sequential`): the supplier's numbers follow each other without a
    gap over weeks, as if it billed nobody but us."""
    if policy.sequential_count < 2 or invoice.number is None or invoice.issue_date is None:
        return
    days = {
        number: each.issue_date
        for each in earlier
        if each.issue_date is not None and (number := _counted(each.number, invoice.number)) is not None
    }
    last = _counted(invoice.number, invoice.number)
    if last is None:
        return
    days[last] = invoice.issue_date
    row = [last]
    while row[-1] - 1 in days:
        row.append(row[-1] - 1)
    span = (max(days[number] for number in row) - min(days[number] for number in row)).days
    if len(row) >= policy.sequential_count and span >= policy.sequential_days:
        yield Discrepancy(
            kind=DiscrepancyKind.FIRST_INVOICE,
            severity=Severity.WARN,
            rule="fraud.number.sequential",
            message=f"The last {len(row)} invoices of this supplier, over {span} days, are numbered without "
            "a gap: it seems to bill nobody but us.",
            figures={"count": str(len(row)), "days": str(span)},
        )


def _counted(number: str, like: str) -> int | None:
    """The running number at the end, of numbers that begin alike."""
    found, pattern = _TAIL.search(number), _TAIL.search(like)
    if found is None or pattern is None:
        return None
    head, other = number[: found.start()], like[: pattern.start()]
    return int(found[1]) if head.casefold() == other.casefold() else None
