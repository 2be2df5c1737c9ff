"""Numbers of bank accounts and cards in a text, whoever wrote them and however they are dressed up.

Stricter than masking for screens: nothing of the number stays, and what only looks like one goes too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import chain

from stdnum import luhn

from tools.domain.ibans import SHORTEST_IBAN, as_seen, iban_spans
from tools.known_accounts import known_spans
from tools.named_accounts import DATE, SUM, named_spans

REMOVED = "(account number removed)"
_IBAN_FORM = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]{4}){2,7}(?:[ .-]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])"
)
# Countries of the IBAN registry (SWIFT): `RE4123123162018` has the form and is an invoice's number.
_COUNTRIES = frozenset(
    """AD AE AL AT AZ BA BE BG BH BI BR BY CH CR CY CZ DE DJ DK DO EE EG ES FI FK FO FR GB GE GI GL GR GT HN
    HR HU IE IL IQ IS IT JO KW KZ LB LC LI LT LU LV LY MC MD ME MK MN MR MT MU NI NL NO OM PK PL PS PT QA RO
    RS RU SA SC SD SE SI SK SM SO ST SV TL TN TR UA VA VG XK YE""".split()
)
_WITHOUT_IBAN = frozenset(("US", "CA", "AU", "NZ", "MX", "JP", "CN", "HK", "SG", "IN", "ZA"))
_FEWEST_DIGITS = 10
_CARD = re.compile(r"(?<![A-Za-z0-9])\d(?:[ .-]?\d){14,18}(?![A-Za-z0-9])")
# A number is one of an account where a word says so: English, German, French, Dutch, Spanish, Italian, the
# giro systems of Sweden and Switzerland, and the clearing codes of Germany (BLZ), the United Kingdom (sort
# code), Australia (BSB), the United States (routing, ABA), Mexico (CLABE) and India (IFSC), and BIC or SWIFT.
_NAMED = re.compile(
    r"(?i)\b(?:iban|bic|swift|blz|bankleitzahl|sort[ -]?code|routing|aba|rib|clabe|bsb|ifsc|"
    r"(?:post|bank|plus)giro(?:konto)?|(?:pc|postcheque|post)[ -]?(?:konto|account|rekening)|"
    r"(?:bank\W{0,3})?(?:account|acc|acct|a/c|konto|kontonummer|kontonr|bankkonto|kto|compte|rekening|"
    r"rekeningnummer|bankrekening|cuenta|conto(?:\W{1,3}corrente)?|conta|konto-?nummer))"
    r"(?:\W{0,3}(?:no|nr|nummer|number|num[ée]ro|numero|n[úu]mero|n[°º]|code|bancaria|corriente|corrente))?"
    r"(?:\W{1,3}(?:is|ist|est|es|lautet|[eè]|luidt|:))?\W{0,4}"
    rf"((?!(?:19|20)\d\d[-/.]|{DATE}|{SUM})[A-Z]{{0,4}}\d(?:(?:[./-]| (?!{DATE}|{SUM}))?\d){{5,33}}[A-Z]?)"
    r"(?![A-Za-z0-9])"
)
"""Not what begins with a year and a dash: a date, or a document's number."""
_SWISS = re.compile(r"(?i)\b(?:pc|ccp|postkonto)\W{0,4}(\d{2}-\d{1,6}-\d)(?!\d)")
"""Postal accounts of Switzerland: office, number, check digit."""
_BIC = re.compile(r"(?i)\b(?:bic|swift)\W{0,6}(?:code\W{0,3})?([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b")
_BARE_BIC = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{4}([A-Z]{2})(?:[A-Z0-9]{2}(?:XXX|[A-Z0-9]{3})|[A-Z]\d|\d[A-Z0-9])(?![A-Za-z0-9])"
)
"""ISO 9362; eight letters alone are too often a word in capitals."""
_CLABE = re.compile(r"(?<![A-Za-z0-9])\d{18}(?![A-Za-z0-9])")
_CLABE_WEIGHTS = (3, 7, 1)
_MASKED = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9]{2}(?:…|\.\.\.)[A-Z0-9]{4}(?![A-Za-z0-9])")
"""As screens and the log show one: its last signs tell too much for a model."""
_SIX_DIGITS = 6


def without_numbers(text: str, known: Collection[str] = ()) -> str:
    """The text with every account and card number taken out whole, and every account of `known`: a local
    number has no form by which it could be told."""
    seen = as_seen(text)
    found = chain(
        iban_spans(seen),
        _forms(seen),
        _cards(seen),
        _clabes(seen),
        _named(seen),
        named_spans(seen),
        _bics(seen),
        known_spans(seen, known),
    )
    return _cut(text, sorted(set(found)))


def without_known(text: str, known: Collection[str]) -> str:
    """Only the accounts of `known` taken out, and longer pieces of them; for a text that is checked already
    and holds our own words and ids."""
    return _cut(text, known_spans(as_seen(text), known))


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> str:
    shown, place = "", 0
    for start, end in spans:
        if start >= place:
            shown += text[place:start] + REMOVED
        place = max(place, end)
    return shown + text[place:]


def _forms(text: str) -> list[tuple[int, int]]:
    """In an IBAN's form with wrong check digits: a mistyped account is one as well."""
    return [
        found.span()
        for found in _IBAN_FORM.finditer(text)
        if found[0][:2] in _COUNTRIES
        and sum(sign.isdigit() for sign in found[0]) >= _FEWEST_DIGITS
        and sum(sign.isalnum() for sign in found[0]) >= SHORTEST_IBAN
    ]


def _clabes(text: str) -> list[tuple[int, int]]:
    """18 digits with the check digit of Mexican accounts: weights 3, 7, 1, each product by its last digit."""
    return [found.span() for found in _CLABE.finditer(text) if _is_clabe(found[0])]


def _is_clabe(digits: str) -> bool:
    weighed = (int(digit) * _CLABE_WEIGHTS[at % 3] % 10 for at, digit in enumerate(digits[:-1]))
    return -sum(weighed) % 10 == int(digits[-1])


def _cards(text: str) -> list[tuple[int, int]]:
    """15 to 19 digits with the check digit of cards."""
    return [
        found.span()
        for found in _CARD.finditer(text)
        if luhn.is_valid("".join(sign for sign in found[0] if sign.isdigit()))
    ]


def _named(text: str) -> list[tuple[int, int]]:
    """What a word before it calls an account, from six digits: ledger accounts are shorter; and what is
    masked already."""
    numbers = [
        found.span(1)
        for found in _NAMED.finditer(text)
        if sum(sign.isdigit() for sign in found[1]) >= _SIX_DIGITS
    ]
    masked = [found.span() for found in _MASKED.finditer(text)]
    swiss = [found.span(1) for found in _SWISS.finditer(text)]
    return numbers + masked + swiss


def _bics(text: str) -> list[tuple[int, int]]:
    bare = (
        found for found in _BARE_BIC.finditer(text) if found[1] in _COUNTRIES or found[1] in _WITHOUT_IBAN
    )
    return [*(found.span(1) for found in _BIC.finditer(text)), *(found.span() for found in bare)]
