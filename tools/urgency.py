"""Which waiting case comes first: discount at risk, due date, amount, age.

A discount counts as at risk when it lapses within a few days; until then the due date decides. Amounts are
compared in the company's currency with the rates of the approval policy; they are never posted so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from tools.domain.documents import Invoice
from tools.domain.identifiers import CaseId
from tools.domain.money import Currency, Exact, Money
from tools.domain.record import Record
from tools.matching.payment_terms import discounts, reachable

NEAR = timedelta(days=7)
"""A discount that lapses within a week is at risk: approvals and the payment run take days."""
_FAR = date.max


class Urgency(Record):
    """What a case's place in the queue rests on. Absent: the document does not tell it."""

    case_id: CaseId
    received: date
    gross: Money | None = None
    due: date | None = None
    discount: Money | None = None
    """What paying by `discount_until` saves; absent when no discount can be reached any more."""
    discount_until: date | None = None
    discount_lost: Money | None = None
    """A discount of the document whose last day is over."""

    @classmethod
    def of(cls, case_id: CaseId, received: date, invoice: Invoice | None, today: date) -> Urgency:
        """From the document as it was read; a case without a readable invoice has only its age."""
        if invoice is None:
            return cls(case_id=case_id, received=received)
        gross, open_one = invoice.gross_total, reachable(invoice, today)
        lost = discounts(invoice) if open_one is None else ()
        return cls(
            case_id=case_id,
            received=received,
            gross=gross,
            due=invoice.due_date,
            discount=open_one.amount(gross) if open_one and gross else None,
            discount_until=open_one.until if open_one else None,
            discount_lost=lost[0].amount(gross) if lost and gross else None,
        )

    def is_at_risk(self, today: date) -> bool:
        """Whether a discount lapses soon."""
        return (
            self.discount is not None
            and self.discount_until is not None
            and self.discount_until - today <= NEAR
        )

    def reasons(self, today: date) -> tuple[str, ...]:
        """Why the case stands where it stands, for a person."""
        found = []
        if self.discount is not None and self.discount_until is not None:
            found.append(
                f"{self.discount} discount until {self.discount_until} ({_when(self.discount_until, today)})"
            )
        if self.discount_lost is not None:
            found.append(f"{self.discount_lost} discount has lapsed")
        if self.due is not None:
            found.append(f"due {self.due} ({_when(self.due, today)})")
        found.append(f"here for {(today - self.received).days} days")
        return tuple(found)


def in_order(
    entries: Iterable[Urgency], today: date, currency: Currency, rates: Mapping[Currency, Exact]
) -> list[Urgency]:
    """First the discounts at risk, the largest first; then by due date, amount (largest first) and age.

    An amount in a currency without a rate counts as larger than any other: it must not sink unseen.
    """

    def value(amount: Money | None) -> Decimal:
        if amount is None:
            return Decimal(0)
        if amount.currency == currency:
            return abs(amount.amount)
        rate = rates.get(amount.currency)
        return Decimal("Infinity") if rate is None else abs(amount.amount) * rate

    def place(entry: Urgency) -> tuple[bool, Decimal, date, Decimal, date, str]:
        at_risk = entry.is_at_risk(today)
        saved = value(entry.discount) if at_risk else Decimal(0)
        return (not at_risk, -saved, entry.due or _FAR, -value(entry.gross), entry.received, entry.case_id)

    return sorted(entries, key=place)


def _when(day: date, today: date) -> str:
    days = (day - today).days
    if days == 0:
        return "today"
    return f"in {days} days" if days > 0 else f"{-days} days ago"
