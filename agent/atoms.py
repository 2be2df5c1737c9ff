"""Claims in a sentence that a record can bear out: dates, numbers, codes, however they are written.

Dutch, German, French and English; pure. Apart from `grounding.py`, which compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import count

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
_WORDS_FROM_3 = (
    "three drei drie trois",
    "four vier quatre",
    "five fünf fuenf vijf cinq",
    "six sechs zes",
    "seven sieben zeven sept",
    "eight acht huit",
    "nine neun negen neuf",
    "ten zehn tien dix",
    "eleven elf onze",
    "twelve zwölf zwoelf twaalf douze",
)
_NUMBER_WORDS = {
    name: place for place, names in enumerate(_WORDS_FROM_3, start=3) for name in names.split()
} | {
    **dict.fromkeys(("fifteen", "fünfzehn", "vijftien", "quinze"), 15),
    **dict.fromkeys(("twenty", "zwanzig", "twintig", "vingt"), 20),
    **dict.fromkeys(("thirty", "dreißig", "dertig", "trente"), 30),
    **dict.fromkeys(("forty", "vierzig", "veertig", "quarante"), 40),
    **dict.fromkeys(("fifty", "fünfzig", "vijftig", "cinquante"), 50),
    **dict.fromkeys(("hundred", "hundert", "honderd", "cent"), 100),
    **dict.fromkeys(("thousand", "tausend", "duizend", "mille"), 1000),
}
"""From three on: one and two are articles and pronouns as often as numbers."""
_NOT_ALONE = {"sept", "acht", "neuf", "elf", "cent"}
"""Also other words (`acht` geben, `neuf` for new, `per cent`): never taken for a number."""

_M = "|".join(sorted(_MONTHS, key=len, reverse=True))
_N = "|".join(sorted(_NUMBER_WORDS.keys() - _NOT_ALONE, key=len, reverse=True))
_PATTERN = re.compile(
    rf"""
    (?P<list>(?:^|(?<=\n))\s*\d{{1,2}}[.)](?=\s))
  | (?P<iso>\b\d{{4}}-\d{{2}}-\d{{2}}\b)
  | (?P<days>\b\d{{1,2}}(?P<mark>[./-])\d{{1,2}}(?P=mark)(?:\d{{4}}|\d{{2}})\b(?![.,]?\d))
  | (?P<dayword>\b\d{{1,2}}(?:\.|st|nd|rd|th|er|e)?\ (?:of\ |de\ )?(?:{_M})\b\.?(?:,?\ \d{{4}}\b)?)
  | (?P<wordday>\b(?:{_M})\b\.?\ \d{{1,2}}(?:st|nd|rd|th)?\b(?!\d|[.,]\d)(?:,?\ \d{{4}}\b)?)
  | (?P<month>\b(?:{_M})\b\.?\ \d{{4}}\b)
  | (?P<spaced>\b[A-Z]{{2,5}}\ \d[\w/-]*)
  | (?P<code>\b[^\W_]++(?:[-/_][^\W_]+)++ | \b(?=\w*\d)(?=\w*[^\W\d])\w+\b(?![.,]\d))
  | (?P<number>(?<![\w.,])\d{{1,3}}(?:[\ .,'’\u00a0\u202f]\d{{3}})+(?:[.,]\d+)?(?![\w]) | \d+(?:[.,]\d+)?)
  | (?P<word>\b(?:{_N})\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HEAD_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)(?:-?[^\W\d_][\w-]*)?\Z")
_DIGITS = re.compile(r"\d+")
_LONG_RUN = 4


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
        if name == "list":
            continue
        if name == "spaced" and not _is_code_word(match[0]):
            place = match.start() + match[0].index(" ") + 1
            continue
        if name == "code" and not _DIGITS.search(match[0]):
            readings = _spelled(match[0])
            if readings:
                yield _atom(match, AtomKind.NUMBER, readings)
            continue
        kind, readings = _read(name, match[0])
        yield _atom(match, kind, readings)


def _atom(match: re.Match[str], kind: AtomKind, readings: set[str]) -> Atom:
    return Atom(kind=kind, start=match.start(), end=match.end(), readings=frozenset(readings))


def _spelled(text: str) -> set[str]:
    """`twenty-five`, `vingt-cinq`: the sum of its number words, and four twenties in French; nothing for
    other words."""
    words = [_NUMBER_WORDS[word] for word in re.split(r"[-/_]", text.casefold()) if word in _NUMBER_WORDS]
    twenties = 4 * 20 - (4 + 20) if words[:2] == [4, 20] else 0
    return {str(sum(words) + twenties)} if words else set()


def _is_code_word(text: str) -> bool:
    """`PO 77` is a code, `EUR 77` an amount; `OF 77` in capitals only is a guess that costs nothing."""
    word = text.partition(" ")[0]
    return word.isupper() and not is_currency(word)


def _read(name: str, text: str) -> tuple[AtomKind, set[str]]:
    if name in ("iso", "days", "dayword", "wordday", "month"):
        readings = _DATES[name](text)
        if readings:
            return AtomKind.DATE, readings
        return AtomKind.CODE, {_code(text)}
    if name in ("code", "spaced"):
        return _of_code(text)
    if name == "word":
        return AtomKind.NUMBER, {str(_NUMBER_WORDS[text.casefold()])}
    return AtomKind.NUMBER, numbers(text)


def _of_code(text: str) -> tuple[AtomKind, set[str]]:
    """`60-day`, `100EUR`, `12kg`, `3rd` are numbers; `PO-77`, `H87`, `RE2026` are codes."""
    head = _HEAD_NUMBER.match(text)
    if head is not None and not re.search(r"\d", text[head.end(1) :]):
        return AtomKind.NUMBER, numbers(head[1])
    return AtomKind.CODE, {_code(text)}


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
    value = Decimal(text).normalize()
    return f"{value:f}"


def _iso(text: str) -> set[str]:
    year, month, day = (int(part) for part in text.split("-"))
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
    return _dates([(found[1], month, found[0])])


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


_DATES = {"iso": _iso, "days": _days, "dayword": _day_word, "wordday": _day_word, "month": _month}


def runs(code: str) -> list[str]:
    """Runs of at least four digits in a code: `3411` of `INV3411`, by which people name it."""
    return [run for run in _DIGITS.findall(code) if len(run) >= _LONG_RUN]
