"""Numbers written as words in Dutch, German, French and English, and words that multiply a figure. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

_ROWS = {
    1: "one ein eins eine een één un une",
    2: "two zwei twee deux",
    3: "three drei drie trois",
    4: "four vier quatre",
    5: "five fünf fuenf vijf cinq",
    6: "six sechs zes",
    7: "seven sieben zeven sept",
    8: "eight acht huit",
    9: "nine neun negen neuf",
    10: "ten zehn tien dix",
    11: "eleven elf onze",
    12: "twelve zwölf zwoelf twaalf douze dozen dutzend dozijn douzaine",
    13: "thirteen dreizehn dertien treize",
    14: "fourteen vierzehn veertien quatorze",
    15: "fifteen fünfzehn fuenfzehn vijftien quinze quinzaine",
    16: "sixteen sechzehn zestien seize",
    17: "seventeen siebzehn zeventien",
    18: "eighteen achtzehn achttien",
    19: "nineteen neunzehn negentien",
    20: "twenty zwanzig twintig vingt vingts vingtaine",
    30: "thirty dreißig dreissig dertig trente trentaine",
    40: "forty vierzig veertig quarante quarantaine",
    50: "fifty fünfzig fuenfzig vijftig cinquante cinquantaine",
    60: "sixty sechzig zestig soixante soixantaine",
    70: "seventy siebzig zeventig septante",
    80: "eighty achtzig tachtig huitante octante",
    90: "ninety neunzig negentig nonante",
    100: "hundred hundert honderd cent cents centaine",
    1000: "thousand tausend duizend mille tsd",
    1_000_000: "million millions millionen miljoen mio mln",
    1_000_000_000: "billion milliarde milliarden miljard milliard milliards mrd",
}
_VALUES = {word: value for value, words in _ROWS.items() for word in words.split()}
_NOT_ALONE = frozenset("sept acht neuf elf cent cents mio mln mrd tsd".split())
"""Also other words (`acht` geben, `neuf` for new, `per cent`): alone never taken for a number."""
_SCALES = frozenset(word for word, value in _VALUES.items() if value >= 100) | frozenset(
    "dozen dutzend dozijn douzaine".split()
)
_DOZENS = frozenset("dozen dutzend dozijn douzaine".split())
_HALVES = frozenset("half hälfte helft moitié".split())
_VAGUE = frozenset(
    "hundreds thousands dozens hunderte hunderten tausende tausenden dutzende dutzenden honderden duizenden "
    "tientallen centaines milliers dizaines douzaines".split()
)
_LINKS = frozenset(("and", "und", "en", "et", "a", "ein", "een", "une"))
_JOINED = ((("tausend", "duizend"), 1000), (("hundert", "honderd"), 100))
_SMALLEST = 3
"""One and two are articles and pronouns as often as numbers."""
_LONGEST, _MOST = 60, 12
"""Letters of one number word and words of one number; beyond that nobody writes one."""
WORD = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"[-  \u202f]")


def value_of(word: str) -> int | None:
    """Of one word: `fifty`, `zweihundert`, `vijfentwintig`; None for other words."""
    word = word.casefold()
    if word in _VALUES or len(word) > _LONGEST:
        return _VALUES.get(word)
    for names, scale in _JOINED:
        for name in names:
            left, found, right = word.partition(name)
            if found:
                return _scaled(left, scale, right)
    return _units_first(word)


def _scaled(left: str, scale: int, right: str) -> int | None:
    times = value_of(left) if left else 1
    rest = right.removeprefix("und").removeprefix("en")
    more = value_of(rest) if rest else 0
    return None if times is None or more is None else times * scale + more


def _units_first(word: str) -> int | None:
    """`fünfundzwanzig`, `drieëntwintig`."""
    for link in ("und", "en", "ën"):
        for at in (found.start() for found in re.finditer(link, word)):
            unit, ten = _VALUES.get(word[:at]), _VALUES.get(word[at + len(link) :])
            if unit is not None and ten is not None and unit < 10 and 20 <= ten <= 90:
                return unit + ten
    return None


def spelled(text: str, start: int) -> tuple[int, frozenset[str]] | None:
    """The number whose first word begins at `start`: its end, and its plain readings. None where none does.
    A vague number (`thousands`) and a half are claims too."""
    words, ends = _words_at(text, start)
    first = words[0] if words else ""
    if first in _VAGUE:
        return ends[0], frozenset((first,))
    if first in _HALVES and len(words) == 1:
        return ends[0], frozenset(("0.5", "50"))
    half = first in _HALVES
    number = total(words[half:])
    if number is None or (len(words) == 1 and (first in _NOT_ALONE or number < _SMALLEST)):
        return None
    return ends[-1], frozenset((plain(Decimal(number) / (2 if half else 1)),))


def _words_at(text: str, start: int) -> tuple[list[str], list[int]]:
    """Neighbouring number words, with where each ends; `half a dozen` is one number."""
    words, ends = list[str](), list[int]()
    place, linked = start, False
    while len(words) < _MOST and (found := WORD.match(text, place)) is not None:
        word = found[0].casefold()
        if word in _VAGUE and not words:
            return [word], [found.end()]
        if value_of(word) is not None or (word in _HALVES and not words):
            if words and not linked and not _continues(words[-1], word, text[place - 1]):
                break
            words, ends, linked = [*words, word], [*ends, found.end()], False
        elif word in _LINKS and words:
            linked = True
        else:
            break
        if not _GAP.match(text, found.end()):
            break
        place = found.end() + 1
    return words, ends


def _continues(before: str, word: str, gap: str) -> bool:
    """`two hundred`, `twenty five`, `quatre-vingt`; not `six acht`."""
    return (
        gap == "-" or before in _HALVES or bool({before, word} & _SCALES) or value_of(before) in range(20, 91)
    )


def total(words: Sequence[str]) -> int | None:
    """`two hundred fifty` 250, `quatre vingt dix` 90; None where a word is no number."""
    whole, part = 0, 0
    for word in words:
        value = value_of(word)
        if value is None:
            return None
        if value >= 1000:
            whole, part = whole + max(part, 1) * value, 0
        elif value == 100 or word in _DOZENS:
            part = max(part, 1) * value
        elif value == 20 and part % 100 == 4:
            part += 4 * 20 - 4
        else:
            part += value
    return whole + part if words else None


def plain(value: Decimal) -> str:
    """Without sign and trailing zeros."""
    return f"{value.normalize():f}"


def factor_of(word: str) -> int | None:
    """What a word behind a figure multiplies it by: `10 thousand`, `3 dozen`, `2 Mio`."""
    word = word.casefold()
    return _VALUES[word] if word in _SCALES and word not in ("cent", "cents") else None
