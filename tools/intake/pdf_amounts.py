"""Numbers as suppliers print them, and the decimal convention of one document.

`12,34` and `1.234,56` say themselves what they are. `1.234` does not: it is read by what the document's
other numbers show, and stays unread when they show nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tools.domain.money import is_currency, minor_unit
from tools.intake.pdf_lines import Cell, cell_of
from tools.intake.pdf_words import Word

SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "zł": "PLN", "Kč": "CZK", "₹": "INR", "R$": "BRL"}
"""Signs that stand beside an amount. `$` names several currencies; the caller weighs it."""
_KRONE = "kr"
_GROUP_GAP = 0.5
"""Widest blank inside a number with grouped thousands, in text heights."""
_MAJORITY = 5
"""How many times more often one decimal sign must be seen than the other to be the document's."""

_PLAIN = r"\d+(?:[.,'’´`]\d+)*"
_WORD = re.compile(
    rf"^(?P<open>[(\[]?)(?P<sign>[-+]?)(?P<before>R?[$€£₹]|[A-Z]{{3}})?(?P<sign2>-?)(?P<number>{_PLAIN})"
    r"(?P<dash>[.,]-{1,2})?(?P<after>€|£|\$|zł|Kč|kr\.?|[A-Z]{3})?(?P<percent>%?)(?P<trail>-?)[)\].,;:*]*$"
)


class Convention(StrEnum):
    """The sign before the decimals."""

    POINT = "."
    COMMA = ","


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number on the page, not yet read: `raw` holds digits and separators only."""

    raw: str
    negative: bool
    percent: bool
    currency: str | None
    cell: Cell
    """The words that the number is made of."""
    first: int
    """Position of its first word in the cell it was found in."""
    last: int
    """Position after its last word there."""


def numerals(cell: Cell) -> Iterator[Numeral]:
    """The numbers in a cell, from left to right; dates and identifiers with letters are none."""
    at = 0
    while at < len(cell.words):
        found, at = _numeral_at(cell, at)
        if found is not None:
            yield found


def _numeral_at(cell: Cell, at: int) -> tuple[Numeral | None, int]:
    match = _WORD.match(cell.words[at].text)
    if match is None or _is_odd_prefix(match) or not _has_number_form(match["number"]):
        return None, at + 1
    end = at + 1
    raw, percent = match["number"], bool(match["percent"])
    while end < len(cell.words) and _goes_on(raw, cell.words[end - 1], cell.words[end]):
        following = _WORD.match(cell.words[end].text)
        raw += " " + (following["number"] if following else "")
        percent = percent or bool(following and following["percent"])
        end += 1
    sign_before = at > 0 and cell.words[at - 1].text in ("-", "€-", "$-")
    trail = match["trail"] or (end < len(cell.words) and cell.words[end].text == "-")
    negative = bool(match["sign"] == "-" or match["sign2"] or trail or match["open"] or sign_before)
    percent = percent or (end < len(cell.words) and cell.words[end].text.rstrip(")].,;:*") == "%")
    closed = cell.words[end - 1].text.rstrip(".,;:").endswith((")", "]"))
    if match["open"] and (percent or not closed):
        # Brackets make an amount negative; around a rate, `VAT (20%)`, they are those of the text.
        negative = match["sign"] == "-" and percent
    sign = match["before"] or match["after"] or _beside(cell.words, at, end)
    return Numeral(
        raw, negative, percent, currency_sign(sign), cell_of(cell.words[at:end], cell.line), at, end
    ), end


def _has_number_form(raw: str) -> bool:
    """Not so dates and section numbers: `12.03.2026` is no number in any convention."""
    return any(read_number(raw, one) is not None for one in Convention)


def _is_odd_prefix(match: re.Match[str]) -> bool:
    """Three capitals glued to a number are an article number unless they name a currency."""
    return any(
        mark and len(mark) == 3 and mark.isupper() and not is_currency(mark)
        for mark in (match["before"], match["after"])
    )


def _goes_on(raw: str, word: Word, following: Word) -> bool:
    gap = following.box.x0 - word.box.x1
    if (
        gap > _GROUP_GAP * word.box.height
        or not word.text[-1].isdigit()
        or not re.fullmatch(r"\d{1,3}( \d{3})*", raw)
    ):
        return False
    return re.match(r"^\d{3}(?:[.,]\d+)?(?:€|%|-|zł|[A-Z]{3})?[.,;:)]*$", following.text) is not None


def _beside(words: tuple[Word, ...], first: int, last: int) -> str | None:
    for position in (last, first - 1):
        if 0 <= position < len(words):
            text = words[position].text.strip("()[].,:;")
            if currency_sign(text) is not None or text.casefold() == _KRONE:
                return text
    return None


def currency_sign(text: str | None) -> str | None:
    """The currency a sign or code names; `kr` stays `kr`, because three countries use it."""
    if not text:
        return None
    bare = text.rstrip(".")
    if bare.casefold() == _KRONE:
        return _KRONE
    return SYMBOLS.get(bare) or (bare if len(bare) == 3 and bare.isupper() and is_currency(bare) else None)


def own_convention(raw: str) -> Convention | None:
    """The decimal sign that this number shows by itself; None when it shows none."""
    text = re.sub(r"[ '’´`]", "", raw)
    signs = re.findall(r"[.,]", text)
    if len(set(signs)) == 2 and signs.count(signs[-1]) == 1:
        return Convention(signs[-1])
    if len(signs) > 1 and len(set(signs)) == 1:
        return Convention.COMMA if signs[0] == "." else Convention.POINT
    if len(signs) == 1 and not _is_ambiguous(text, raw):
        return Convention(signs[0])
    return None


def _is_ambiguous(text: str, raw: str) -> bool:
    """One sign before exactly three digits: thousands or thousandths. Grouping by other signs settles it."""
    return raw == text and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text) is not None


def convention_of(raws: Iterable[str]) -> Convention | None:
    """What the numbers of a document show together; None when they show nothing or contradict."""
    votes = Counter(vote for vote in map(own_convention, raws) if vote is not None)
    if not votes:
        return None
    ((first, most), *others) = votes.most_common()
    return first if not others or most >= _MAJORITY * others[0][1] else None


def convention_shown(cells: Iterable[Cell]) -> Convention | None:
    """What a document's amounts show: numbers with a currency or alone in their cell; only where there are
    none of these, all others. Numbers inside text are often times, versions and paragraphs."""
    kept = list(cells)
    alone = [
        one.raw
        for cell in kept
        for one in numerals(cell)
        if one.currency is not None or one.last - one.first == len(cell.words)
    ]
    if any(own_convention(raw) is not None for raw in alone):
        return convention_of(alone)
    return convention_of(one.raw for cell in kept for one in numerals(cell))


def usual_convention(language: str | None, currency: str | None) -> Convention | None:
    """What a document in this language and currency uses; None where habits differ."""
    if language == "en" and currency in ("USD", "GBP", "CAD", "AUD", "INR"):
        return Convention.POINT
    if language in ("de", "nl", "fr", "it", "es", "pt", "da", "no", "sv", "fi", "pl") and currency not in (
        *("USD", "GBP", "CHF", "CAD", "AUD", "INR", "XXX"),
        None,
    ):
        return Convention.COMMA
    return None


def read_number(raw: str, convention: Convention | None, currency: str | None = None) -> Decimal | None:
    """The number; None when it can be read in two ways or in none."""
    text = re.sub(r"[ '’´`]", "", raw)
    if not re.search(r"[.,]", text):
        return Decimal(text)
    sign = own_convention(raw)
    if sign is None:
        sign = convention
        if currency is not None and is_currency(currency) and minor_unit(currency) == 0:
            return Decimal(re.sub(r"[.,]", "", text))
        if sign is None:
            return None
    other = "," if sign == "." else "."
    whole, _, decimals = text.partition(sign.value) if sign.value in text else (text, "", "")
    if other in decimals or sign.value in decimals or not _is_grouped(whole, other):
        return None
    return Decimal(whole.replace(other, "") + (f".{decimals}" if decimals else ""))


def _is_grouped(whole: str, sign: str) -> bool:
    """Groups of three, or the Indian two before the last three."""
    groups = whole.split(sign)
    return len(groups) == 1 or (
        1 <= len(groups[0]) <= 3
        and len(groups[-1]) == 3
        and all(len(group) in (2, 3) for group in groups[1:])
    )


def read(numeral: Numeral, convention: Convention | None) -> Decimal | None:
    """The signed value of a numeral; None when it is ambiguous."""
    value = read_number(numeral.raw, convention, numeral.currency)
    return -value if value is not None and numeral.negative else value
