"""Numbers of bank accounts and cards in a text, whoever wrote them and however they are dressed up.

Stricter than masking for screens: nothing of the number stays, and what only looks like one goes too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from itertools import chain

from stdnum import iban, luhn

from tools.domain.identifiers import is_iban
from tools.known_accounts import known_spans
from tools.named_accounts import DATE, SUM, named_spans

REMOVED = "(account number removed)"
_APART = r"[^A-Za-z0-9]{0,3}"
"""What may stand between two signs of a number."""
_IBAN_START = re.compile(rf"(?=[A-Za-z]{_APART}[A-Za-z]{_APART}\d{_APART}\d)")
_SIGN = re.compile(r"[A-Za-z0-9]")
_SHORTEST_IBAN, _LONGEST_IBAN = 15, 34
_FAR = 6 * _LONGEST_IBAN
_MOST_READ = 100_000
_WORD_BETWEEN = re.compile(r"(?<=\d)\s*\([^()\d]{0,30}\)\s*(?=\d)")
"""`DE89 (bitte) 3704 …` is read as one number."""
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
# Letters of other scripts that look like Latin ones.
_LOOK = str.maketrans(
    "АВЕКМНОРСТХУІЈЅԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧасеорхуіјѕ",
    "ABEKMHOPCTXYIJSQWABEZHIKMNOPTYXaceopxyijs",
)


def without_numbers(text: str, known: Collection[str] = ()) -> str:
    """The text with every account and card number taken out whole, and every account of `known`: a local
    number has no form by which it could be told."""
    seen = _as_seen(text)
    found = chain(
        _ibans(seen),
        _forms(seen),
        _cards(seen),
        _clabes(seen),
        _named(seen),
        named_spans(seen),
        _bics(seen),
        known_spans(seen, known),
    )
    return _cut(text, sorted(set(found)))


def ibans_in(text: str) -> tuple[str, ...]:
    """Accounts that a text names, each once and compact, whatever stands between their signs: those with
    right check digits in the form of their country."""
    seen = _as_seen(text[:_MOST_READ])
    signs = ("".join(_SIGN.findall(seen[start:end])).upper() for start, end in _ibans(seen, iban.is_valid))
    return tuple(dict.fromkeys(signs))


def without_known(text: str, known: Collection[str]) -> str:
    """Only the accounts of `known` taken out, and longer pieces of them; for a text that is checked already
    and holds our own words and ids."""
    return _cut(text, known_spans(_as_seen(text), known))


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> str:
    shown, place = "", 0
    for start, end in spans:
        if start >= place:
            shown += text[place:start] + REMOVED
        place = max(place, end)
    return shown + text[place:]


def _as_seen(text: str) -> str:
    """Sign for sign what a reader takes it for: of the same length, so that places stay the same."""
    if text.isascii():
        return text
    return "".join(map(_one_sign, text.translate(_LOOK)))


def _one_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    normal = unicodedata.normalize("NFKC", sign)
    return normal if len(normal) == 1 else sign


def _ibans(text: str, is_one: Callable[[str], bool] = is_iban) -> list[tuple[int, int]]:
    """Valid ones, also inside of a longer word and with up to three signs between."""
    found: list[tuple[int, int]] = []
    for start in _IBAN_START.finditer(text):
        if found and start.start() < found[-1][1]:
            continue
        if (end := _end_of_iban(text, start.start(), is_one)) is not None:
            found.append((start.start(), end))
    return found


def _end_of_iban(text: str, start: int, is_one: Callable[[str], bool]) -> int | None:
    signs, end = "", start
    text = _WORD_BETWEEN.sub(lambda word: "\0" * len(word[0]), text[: start + _FAR])
    for sign in _SIGN.finditer(text, start):
        if signs and len(text[end : sign.start()].replace("\0", "")) > 3:
            return None
        signs, end = signs + sign[0], sign.end()
        if len(signs) >= _SHORTEST_IBAN and is_one(signs):
            return end
        if len(signs) == _LONGEST_IBAN:
            return None
    return None


def _forms(text: str) -> list[tuple[int, int]]:
    """In an IBAN's form with wrong check digits: a mistyped account is one as well."""
    return [
        found.span()
        for found in _IBAN_FORM.finditer(text)
        if found[0][:2] in _COUNTRIES
        and sum(sign.isdigit() for sign in found[0]) >= _FEWEST_DIGITS
        and sum(sign.isalnum() for sign in found[0]) >= _SHORTEST_IBAN
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
