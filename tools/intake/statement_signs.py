"""The one reader of what stands around an amount of a statement: signs, sides and the currency.

`119,00CR`, `119.00 Cr.`, `(119.00)`, `119,00-` and `119,00 H` lower what we owe; `119,00 DR`, `119,00 S` and
no sign at all raise it.
"""

from __future__ import annotations

import re
from decimal import Decimal

from tools.domain.money import Currency
from tools.intake.pdf_amounts import SYMBOLS

_SHARED = {
    **dict.fromkeys(("CAD", "AUD", "NZD", "SGD", "HKD", "MXN"), ("$",)),
    **dict.fromkeys(("SEK", "NOK", "DKK"), ("KR", "KR.")),
    "CHF": ("FR", "FR.", "SFR", "SFR."),
}
_LOWERS = frozenset({"-", "()", "CR", "C", "H", "CREDIT", "HABEN"})
_RAISES = frozenset({"+", "DR", "D", "S", "DEBIT", "SOLL"})
_WORDS = re.compile(r"(?<![A-Z])(?:CREDIT|DEBIT|HABEN|SOLL|CR|DR|C|D|H|S)(?![A-Z])\.?|[-+]")
_DASHES = str.maketrans("−–", "--")  # noqa: RUF001


def sign_of(before: str, after: str, currency: Currency) -> Decimal | None:
    """1 or -1 for the text left and right of a number; None where anything stands there that is neither a
    sign, a side nor the statement's currency, or where two of them contradict each other."""
    left, right = (_without_currency(text.upper().translate(_DASHES), currency) for text in (before, after))
    found: list[str] = []
    if "(" in left and ")" in right:
        left, right = left.replace("(", " ", 1), right.replace(")", " ", 1)
        found.append("()")
    for text in (left, right):
        if _WORDS.sub(" ", text).strip():
            return None
        found += [word.rstrip(".") for word in _WORDS.findall(text)]
    lowers, raises = [word for word in found if word in _LOWERS], [word for word in found if word in _RAISES]
    if (lowers and raises) or len(set(found)) < len(found):
        return None
    return Decimal(-1) if lowers else Decimal(1)


def _without_currency(text: str, currency: Currency) -> str:
    names = {currency, *(sign.upper() for sign, code in SYMBOLS.items() if code == currency)}
    names |= {*_SHARED.get(currency, ())}
    if "$" in names:
        names |= {f"{currency[:1]}$", f"{currency[:2]}$"}
    for name in sorted(names, key=len, reverse=True):
        ends = [r"(?<![A-Z])" if name[0].isalpha() else "", r"(?![A-Z])" if name[-1].isalpha() else ""]
        text = re.sub(f"{ends[0]}{re.escape(name)}{ends[1]}", " ", text)
    return text
