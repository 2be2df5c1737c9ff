"""Claims in a sentence that a record can bear out: dates, numbers, codes, however they are written.

Dutch, German, French and English; pure. Apart from `grounding.py`, which compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import count, pairwise
from unicodedata import numeric

from agent.measures import Measure, measure
from agent.number_words import plain, spelled
from tools.domain.money import is_currency
from tools.domain.record import Record


class AtomKind(StrEnum):
    DATE = "date"
    NUMBER = "number"
    CODE = "code"


class Atom(Record):
    """One claim. Two claims agree when they are of one kind and share a reading."""

    kind: AtomKind
    start: int
    end: int
    """Place in the text."""
    readings: frozenset[str]
    """What it may mean, each in one plain form: `1234.56`, `2026-03-16`, `--03-16` (no year), `2026-03`
    (a month), `PO77`. Several where the writing is ambiguous: `1.234`, `03/04/2026`."""
    others: frozenset[str] = frozenset()
    """Of a date without a year: the number it may be as well, `16.3.` at the end of a sentence."""
    measure: Measure | None = None
    """What stands beside a figure: currency, sign, percent."""


_MONTH_NAMES = (
    "january januar jänner januari janvier jan",
    "february februar februari février fevrier feb fév fevr févr",
    "march märz maerz maart mars mar mrt mär",
    "april avril apr avr",
    "may mai mei",
    "june juni juin jun",
    "july juli juillet jul juil",
    "august augustus août aout aug",
    "september septembre sep sept",
    "october oktober octobre oct okt",
    "november novembre nov",
    "december dezember décembre decembre dec dez déc",
)
_MONTHS = {name: place for place, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_M = "|".join(sorted(_MONTHS, key=len, reverse=True))
_S = r"[ \u00a0\u202f]"
_PATTERN = re.compile(
    rf"""
    (?P<list>(?:^|(?<=\n))\s*\d{{1,2}}[.)](?=\s))
  | (?P<iso>\b\d{{4}}(?P<between>[-/.])\d{{2}}(?P=between)\d{{2}}\b)
  | (?P<days>\b\d{{1,2}}(?P<mark>[./-])\d{{1,2}}(?P=mark)(?:\d{{4}}|\d{{2}})\b(?![.,]?\d))
  | (?P<short>(?<![\w.,])\d{{1,2}}\.\ ?\d{{1,2}}\.(?!\d))
  | (?P<dashday>\b\d{{1,2}}(?P<dash>[-/.])(?:{_M})(?P=dash)(?:\d{{4}}|\d{{2}})\b)
  | (?P<dayword>\b\d{{1,2}}(?:\.|st|nd|rd|th|er|e)?\s(?:of\s|de\s)?(?:{_M})\b\.?(?:,?\s\d{{4}}\b)?)
  | (?P<wordday>\b(?:{_M})\b\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?!\d|[.,]\d)(?:,?\s\d{{4}}\b)?)
  | (?P<month>\b(?:{_M})\b\.?\s\d{{4}}\b)
  | (?P<spaced>\b[A-Z]{{2,5}}\ \d[\w/-]*(?![.,]\d))
  | (?P<code>\b[^\W_]++(?:[-/_][^\W_]+)++ | \b(?=\w*\d)(?=\w*[^\W\d])\w+\b(?![.,]\d))
  | (?P<number>(?<![\w.,])\d{{1,3}}(?:[\ .,'’\u00a0\u202f]\d{{3}})+(?:[.,]\d+)?(?![\w]) | \d+(?:[.,]\d+)?)
  | (?P<sign>[\u00bc-\u00be\u2150-\u2189])
  | (?P<roman>\b(?-i:[IVX]{{2,}})\b)
  | (?P<word>\b[^\W\d_]{{2,}}+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HEAD_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)(?:-?[^\W\d_][\w-]*)?\Z")
_DIGITS = re.compile(r"\d+")
_LONG_RUN = 4
_TWO = frozenset(("two", "zwei", "twee", "deux"))


def atoms(text: str) -> list[Atom]:
    """Every claim in the text, in its order. Marks of a numbered list are none."""
    return list(_found(text))


def _found(text: str) -> Iterator[Atom]:
    place = 0
    for _ in count():
        match = _PATTERN.search(text, place)
        if match is None:
            return
        place = match.end()
        name = match.lastgroup or ""
        if name == "spaced" and not _is_code_word(match[0]):
            place = match.start() + match[0].index(" ") + 1
            continue
        atom = None if name == "list" else _atom(text, match, name)
        if atom is not None:
            place = max(place, atom.end)
            yield atom


def _atom(text: str, match: re.Match[str], name: str) -> Atom | None:
    start, end = match.span()
    if name == "word" or (name == "code" and not _DIGITS.search(match[0])):
        return _of_words(text, start, end)
    if name == "roman":
        return Atom(kind=AtomKind.NUMBER, start=start, end=end, readings=frozenset((_roman(match[0]),)))
    if name == "sign":
        value = frozenset((_plain(str(Decimal(str(numeric(match[0]))))),))
        return _figure(text, start, end, value, end)
    if name in _DATES and (readings := _DATES[name](match[0])):
        other = numbers(match[0][:-1]) if name == "short" else set()
        return Atom(
            kind=AtomKind.DATE, start=start, end=end, readings=frozenset(readings), others=frozenset(other)
        )
    if name == "short":
        return _figure(text, start, end - 1, frozenset(numbers(match[0][:-1])), end - 1)
    head = _HEAD_NUMBER.match(match[0])
    if name == "number":
        return _figure(text, start, end, frozenset(numbers(match[0])), end)
    if name in ("code", "spaced") and head is not None and not _DIGITS.search(match[0][head.end(1) :]):
        return _figure(text, start, end, frozenset(numbers(head[1])), start + head.end(1))
    return Atom(kind=AtomKind.CODE, start=start, end=end, readings=frozenset((_code(match[0]),)))


def _figure(text: str, start: int, end: int, readings: frozenset[str], digits: int) -> Atom:
    """A number with what stands beside it; `digits` is the end of its figures: `60-day`, `100EUR`, `12kg`."""
    found = measure(text, start, digits)
    return Atom(
        kind=AtomKind.NUMBER,
        start=start,
        end=max(end, found.end),
        readings=frozenset(
            _plain(str(Decimal(value) * factor)) for value in readings for factor in found.factors
        ),
        measure=found,
    )


def _of_words(text: str, start: int, end: int) -> Atom | None:
    """`fifty`, `two hundred`, `quatre-vingt-dix`; two only as an amount of money."""
    found = spelled(text, start)
    if found is None:
        is_two = text[start:end].casefold() in _TWO
        money = measure(text, start, end)
        if not (is_two and money.currency):
            return None
        return Atom(kind=AtomKind.NUMBER, start=start, end=end, readings=frozenset("2"), measure=money)
    stop, readings = found
    money = measure(text, start, stop)
    return Atom(kind=AtomKind.NUMBER, start=start, end=max(stop, 0), readings=readings, measure=money)


def _roman(text: str) -> str:
    values = [{"I": 1, "V": 5, "X": 10}[sign] for sign in text] + [0]
    return str(sum(-one if one < after else one for one, after in pairwise(values)))


def _is_code_word(text: str) -> bool:
    """`PO 77` is a code, `EUR 77` an amount; `OF 77` in capitals only is a guess that costs nothing."""
    word = text.partition(" ")[0]
    return word.isupper() and not is_currency(word)


def _code(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def numbers(text: str) -> set[str]:
    """What a written number may mean, without sign and trailing zeros. The last of two kinds of mark is the
    decimal one; a single mark before three digits may be either."""
    bare = re.sub(r"[ '’\u00a0\u202f]", "", text)
    marks = [sign for sign in bare if sign in ".,"]
    if len(set(marks)) == 2:
        last = max(bare.rfind("."), bare.rfind(","))
        whole = re.sub(r"[.,]", "", bare[:last])
        return {_plain(f"{whole}.{bare[last + 1 :]}")}
    if len(marks) > 1:
        return {_plain(re.sub(r"[.,]", "", bare))}
    found = {_plain(bare.replace(",", "."))}
    if marks and len(bare) - bare.rfind(marks[0]) == 4 and not bare.startswith("0"):
        found.add(_plain(bare.replace(marks[0], "")))
    return found


def _plain(text: str) -> str:
    return plain(abs(Decimal(text)))


def _iso(text: str) -> set[str]:
    year, month, day = (int(part) for part in _DIGITS.findall(text))
    return _dates([(year, month, day)])


def _days(text: str) -> set[str]:
    """Day first or month first; two digits of the year are of this century."""
    one, two, year = (int(part) for part in _DIGITS.findall(text))
    year += 2000 if year < 100 else 0
    return _dates([(year, two, one), (year, one, two)])


def _day_word(text: str) -> set[str]:
    found = [int(part) for part in _DIGITS.findall(text)]
    words = re.findall(r"[^\W\d_]+", text.casefold())
    month = next(_MONTHS[word] for word in reversed(words) if word in _MONTHS)
    if len(found) == 1:
        return {f"--{month:02d}-{found[0]:02d}"} if found[0] <= 31 else set()
    return _dates([(found[1] + (2000 if found[1] < 100 else 0), month, found[0])])


def _short(text: str) -> set[str]:
    day, month = (int(part) for part in _DIGITS.findall(text))
    return {f"--{month:02d}-{day:02d}"} if 1 <= month <= 12 and 1 <= day <= 31 else set()


def _month(text: str) -> set[str]:
    word = re.findall(r"[^\W\d_]+", text.casefold())[0]
    return {f"{_DIGITS.findall(text)[0]}-{_MONTHS[word]:02d}"}


def _dates(parts: list[tuple[int, int, int]]) -> set[str]:
    found = set()
    for year, month, day in parts:
        try:
            found.add(date(year, month, day).isoformat())
        except ValueError:
            continue
    return found


_DATES = {
    "iso": _iso,
    "days": _days,
    "short": _short,
    "dashday": _day_word,
    "dayword": _day_word,
    "wordday": _day_word,
    "month": _month,
}


def runs(code: str) -> list[str]:
    """Runs of at least four digits in a code: `3411` of `INV3411`, by which people name it."""
    return [run for run in _DIGITS.findall(code) if len(run) >= _LONG_RUN]
