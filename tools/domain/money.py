"""Money, quantities and the one rounding function.

Amounts are exact: a binary float is refused wherever an amount enters, because 0.1 has no
binary form and one lost cent is a blocked invoice.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

NO_CURRENCY = "XXX"
"""ISO 4217's code for 'no currency': the document does not say which one it means."""

# ISO 4217 active codes, with those withdrawn after 2015 because old invoices still arrive.
_CODES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN
    BWP BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP
    ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK
    JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
    QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS
    TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VEF VES VND VUV WST XAF XCD XCG
    XDR XOF XPF XSU XUA XXX YER ZAR ZMW ZWG ZWL""".split()
)
# ISO 4217 minor units; every code that is not listed has two decimals.
_MINOR_UNITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


# An absurd amount on a document is a finding further on, not an arithmetic error here.
_WIDE = Context(prec=200)


class CurrencyMismatch(ValueError):
    """Two amounts in different currencies were added or compared."""


def _exact(value: Any) -> Any:
    if isinstance(value, (float, bool)):
        raise ValueError(f"{value!r} is not exact: give a decimal string, an int or a Decimal")
    return value


def _known(code: str) -> str:
    if code not in _CODES:
        raise ValueError(f"{code!r} is not an ISO 4217 currency code")
    return code


Exact = Annotated[Decimal, BeforeValidator(_exact)]
"""A finite Decimal (pydantic refuses the others); floats are refused."""

Currency = Annotated[str, AfterValidator(_known)]
"""ISO 4217 code; `XXX` when the document names none."""


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 code that names a currency (so not `XXX`)."""
    return code in _CODES and code != NO_CURRENCY


def minor_unit(currency: str) -> int:
    """Decimals of the currency's smallest unit: JPY 0, EUR 2, KWD 3 (ISO 4217)."""
    return _MINOR_UNITS.get(_known(currency), 2)


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """`amount` to the minor unit of `currency`, half away from zero. The only rounding of money."""
    return amount.quantize(Decimal(1).scaleb(-minor_unit(currency)), rounding=ROUND_HALF_UP, context=_WIDE)


class Money(BaseModel):
    """An amount in one currency. Adding or comparing two currencies is an error."""

    model_config = ConfigDict(frozen=True)

    amount: Exact
    currency: Currency

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> Money:
        """`Money.of("121.00", "EUR")`; raises ValueError for a float or an unknown currency."""
        return cls.model_validate({"amount": amount, "currency": currency})

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls.of(0, currency)

    def rounded(self) -> Money:
        return Money(amount=round_amount(self.amount, self.currency), currency=self.currency)

    def _same(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self} and {other} are in different currencies")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(amount=self.amount + self._same(other), currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(amount=self.amount - self._same(other), currency=self.currency)

    def __neg__(self) -> Money:
        return Money(amount=-self.amount, currency=self.currency)

    def __abs__(self) -> Money:
        return Money(amount=abs(self.amount), currency=self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if isinstance(factor, float):
            raise TypeError("money is multiplied by a Decimal or an int, never by a float")
        return Money(amount=self.amount * factor, currency=self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __str__(self) -> str:
        """For people: at least the currency's decimals, more where the amount has more."""
        shown = round_amount(self.amount, self.currency)
        return f"{shown if shown == self.amount else self.amount} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Exact sum in `currency`; zero of that currency for nothing."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


class Quantity(BaseModel):
    """A number of units; `unit` is a UN/ECE Recommendation 20 code (see `units`)."""

    model_config = ConfigDict(frozen=True)

    value: Exact
    unit: str

    @classmethod
    def of(cls, value: Decimal | str | int, unit: str) -> Quantity:
        return cls.model_validate({"value": value, "unit": unit})

    def __str__(self) -> str:
        return f"{self.value:f} {self.unit}"
