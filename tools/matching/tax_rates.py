"""Which rates of value added tax held where and when, from `tax_rates.toml` beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import Field

from tools.domain.documents import Record
from tools.domain.money import Exact

# Territories that levy the tax of another country.
_SAME_TAX = {"EL": "GR", "XI": "GB", "IM": "GB", "MC": "FR", "LI": "CH"}


class RatePeriod(Record):
    """One rate and the days on which it held, both included; absent: no bound on that side."""

    rate: Exact
    first: date | None = Field(default=None, alias="from")
    until: date | None = None
    unsure: bool = False
    """The days were not found in the law; outside them the rate is a question, not an error."""
    region: str | None = None

    def holds_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.until is None or day <= self.until)


class CountryRates(Record):
    source: str
    standard: tuple[RatePeriod, ...]
    reduced: tuple[RatePeriod, ...]


class RateTable(Record):
    since: date
    """Nothing is known of earlier days."""
    checked_until: date
    """Later changes may be missing."""
    country: Mapping[str, CountryRates]

    def of(self, country: str | None) -> CountryRates | None:
        code = (country or "").upper()
        return self.country.get(_SAME_TAX.get(code, code))


@cache
def rate_table() -> RateTable:
    """Read once; raises ValueError for a faulty file, which ships with the program."""
    text = (files("tools.matching") / "tax_rates.toml").read_text(encoding="utf-8")
    return RateTable.model_validate(tomllib.loads(text, parse_float=Decimal))


class RateVerdict(StrEnum):
    VALID = "valid"
    OTHER_DAYS = "other_days"
    """The country knows the rate, and not on this day: it is wrong."""
    NOT_LISTED = "not_listed"
    """The country is known and the rate is not: a person must look."""
    UNSURE = "unsure"
    """The days of the rate are not certain."""
    UNKNOWN = "unknown"
    """Nothing is known of the country, or of so early a day."""


def rate_verdict(country: str | None, rate: Decimal, day: date) -> RateVerdict:
    """Whether `rate` percent may be charged in `country` on the tax point `day`."""
    table = rate_table()
    known = table.of(country)
    if known is None or day < table.since:
        return RateVerdict.UNKNOWN
    periods = [period for period in (*known.standard, *known.reduced) if period.rate == rate]
    if any(period.holds_on(day) for period in periods):
        return RateVerdict.VALID
    if any(period.unsure for period in periods):
        return RateVerdict.UNSURE
    return RateVerdict.OTHER_DAYS if periods else RateVerdict.NOT_LISTED


def held_before(country: str | None, rate: Decimal, day: date) -> bool:
    """Whether the rate ended before a day: what was supplied then still carries it."""
    known = rate_table().of(country)
    periods = (*known.standard, *known.reduced) if known else ()
    return any(period.rate == rate and period.until is not None and period.until < day for period in periods)


def rates_on(country: str | None, day: date) -> tuple[Decimal, ...]:
    """Rates that held in all of the country on a day, standard first; empty where nothing is known."""
    known = rate_table().of(country)
    if known is None or day < rate_table().since:
        return ()
    periods = (*known.standard, *known.reduced)
    return tuple(
        period.rate for period in periods if period.holds_on(day) and not (period.region or period.unsure)
    )
