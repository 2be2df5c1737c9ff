"""Early-payment discounts out of the terms of payment, as text or in the coded form of XRechnung.

The text is the supplier's; it moves a case in the queue and changes no amount that is posted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from tools.domain.documents import Invoice
from tools.domain.money import Money
from tools.domain.record import Record

_CODED = re.compile(
    r"#SKONTO#TAGE=(?P<days>\d{1,3})#PROZENT=(?P<percent>\d{1,2}(?:\.\d{1,2})?)#(?:BASISBETRAG=(?P<base>\d+\.\d{2})#)?"
)
_NUMBER = r"(?P<percent>\d{1,2}(?:[.,]\d{1,3})?)"
_SHORT = re.compile(rf"(?<![\d.,/]){_NUMBER}\s*%?\s*/\s*(?P<days>\d{{1,3}})(?=\D*\bn(?:et(?:to)?)?\b)", re.I)
_TRADE = re.compile(
    rf"(?<![\d.,]){_NUMBER}\s*%\s*(?P<days>\d{{1,3}})(?=\s*(?:[,;](?!\d)|$|n(?:et(?:to)?)?\b|days?|tage?n?|dagen))",
    re.I,
)
_PERCENT = re.compile(rf"(?<![\d.,]){_NUMBER}\s*(?:%|percent\b|prozent\b|procent\b)", re.I)
_DAYS = re.compile(
    r"(?<![\d.,])(\d{1,3})\s*-?\s*(?:tage?n?|days?|dagen|dgn|jours?|giorni|d[ií]as|dni|dage|dagar|päivää)\b",
    re.I,
)
_DATE = re.compile(r"\b(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4}))\b")
_DISCOUNT = re.compile(
    r"skonto|skonti|discount|escompte|korting|sconto|descuento|rabat|kassa|alennus|contant|\bless\b|deduct|remise",
    re.I,
)
_NO_DISCOUNT = re.compile(
    r"zins|interest|verzug|mahn|late|overdue|penalt|p[ée]nalit|intérêt|rente|boete|mwst|ust\b|\bvat\b|btw|tva|iva\b|tax",
    re.I,
)

_CLAUSE = re.compile(r"[;\n]|,\s|\.\s|\s+(?:and|und|en|et|oder|or)\s+", re.I)
_FURTHEST = 180
_YEAR = Decimal(365)


class Discount(Record):
    """A share of the gross amount that need not be paid when paying early."""

    percent: Decimal
    until: date
    """Last day of the discount."""
    base: Decimal | None = None
    """The amount it is granted on, where that is not the whole document."""

    def amount(self, gross: Money) -> Money:
        """What may be deducted, rounded to the currency's minor unit."""
        base = gross if self.base is None else Money(amount=self.base, currency=gross.currency)
        return (base * (self.percent / 100)).rounded()


def discounts(invoice: Invoice) -> tuple[Discount, ...]:
    """Every discount the terms grant, the highest first; none without an issue date."""
    if invoice.issue_date is None or not invoice.payment_terms:
        return ()
    found = dict.fromkeys(_read(invoice.payment_terms, invoice.issue_date))
    return tuple(sorted(found, key=lambda entry: (-entry.percent, entry.until)))


def reachable(invoice: Invoice, today: date) -> Discount | None:
    """The discount that is best to take: the highest one whose last day is not over."""
    return next((entry for entry in discounts(invoice) if entry.until >= today), None)


def annual_return(percent: Decimal, discount_days: int, net_days: int) -> Decimal | None:
    """What paying early earns in percent a year: d/(100−d) × 365/(N−D). None when nothing is waited for."""
    if net_days <= discount_days or percent >= 100:
        return None
    return percent / (100 - percent) * _YEAR / (net_days - discount_days) * 100


def _read(text: str, issued: date) -> Iterator[Discount]:
    coded = list(_CODED.finditer(text.upper()))
    for match in coded:
        yield from _discount(match["percent"], issued + timedelta(int(match["days"])), issued, match["base"])
    if coded:
        return
    for pattern in (_SHORT, _TRADE):
        for match in pattern.finditer(text):
            if not _NO_DISCOUNT.search(_around(text, match)):
                yield from _discount(match["percent"], issued + timedelta(int(match["days"])), issued)
    yield from _in_words(text, issued)


def _in_words(text: str, issued: date) -> Iterator[Discount]:
    """`2 % Skonto innerhalb 10 Tagen bis 15.03.2018`: percent and term stand in one clause, or in two that
    follow each other (`10 Tage, 2 % Skonto`)."""
    clauses = [clause for clause in _CLAUSE.split(text) if clause.strip()]
    for place, clause in enumerate(clauses):
        percent = _PERCENT.search(clause)
        if percent is None or _NO_DISCOUNT.search(clause) or not _DISCOUNT.search(text):
            continue
        own, before = _until(clause, issued), clauses[place - 1] if place else ""
        last = own or (_until(before, issued) if not _PERCENT.search(before) else None)
        if last is not None:
            yield from _discount(percent["percent"], last, issued)


def _until(clause: str, issued: date) -> date | None:
    """The last day a clause names: a date, else a number of days."""
    if dated := _DATE.search(clause):
        year, month, day, day2, month2, year2 = dated.groups()
        try:
            return date(int(year or year2), int(month or month2), int(day or day2))
        except ValueError:
            return None
    days = _DAYS.search(clause)
    return issued + timedelta(int(days[1])) if days else None


def _discount(percent: str, until: date, issued: date, base: str | None = None) -> Iterator[Discount]:
    value = Decimal(percent.replace(",", "."))
    if 0 < value < 20 and timedelta(0) <= until - issued <= timedelta(_FURTHEST):
        yield Discount(percent=value, until=until, base=Decimal(base) if base else None)


def _around(text: str, match: re.Match[str]) -> str:
    """The clause a match stands in."""
    start = max((entry.end() for entry in _CLAUSE.finditer(text, 0, match.start())), default=0)
    end = next((entry.start() for entry in _CLAUSE.finditer(text, match.end())), len(text))
    return text[start:end]
