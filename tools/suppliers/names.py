"""Company names made comparable: one spelling for accents, case and legal forms; the words that tell
sister companies apart (legal form, numbers)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tools.domain.legal_forms import FAMILIES, WRITTEN_OUT

# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " & "}
)

_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

_LONG_FORM = re.compile(r"\b(?:" + "|".join(re.escape(long) for long, _ in WRITTEN_OUT) + r")\b")
_SHORT_FORM = dict(WRITTEN_OUT)

# Accounts on which bookkeepers collect suppliers they expect once: in folded spelling, anywhere in the
# name.
_COLLECTIVE = re.compile(
    r"\b(?:one time|onetime|cpd|conto pro diverse|einmal(?:lieferant|kreditor)\w*"
    r"|diverse (?:kreditoren|lieferanten)"
    r"|miscellaneous|sundry (?:suppliers|vendors|creditors)"
    r"|(?:fournisseurs?|crediteurs?|creanciers?) divers"
    r"|(?:diverse|eenmalige) (?:leveranciers?|crediteuren)"
    r"|(?:fornitori|creditori) (?:diversi|vari|occasionali)"
    r"|(?:proveedores|acreedores) (?:varios|diversos)"
    r"|(?:diverse|engangs|tillfalliga) ?(?:leverandor\w*|leverantor\w*)"
    r"|dostawcy jednorazowi|kontrahent jednorazowy)\b"
)
_FORMS = frozenset(FAMILIES) | frozenset(_SHORT_FORM.values()) | {"mbh"}
_FILLERS = frozenset(
    """& co and u und et en e y og och i of the sociedad societa societe sociedade gesellschaft vennootschap
    spolka spolecnost publ haftungsbeschrankt""".split()
)
_INITIALS = re.compile(r"\b[^\W\d_](?: [^\W\d_])+\b|\b(?:5 l|5 r l|8 v|a 5|5 a|5 p a)\b")
_DIGITS = str.maketrans("58", "sb")
"""Digits that scanners put for the letters of a legal form."""
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower case Latin letters and digits without accents, words parted by one blank."""
    lowered = text.casefold().translate(_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w&]+", " ", plain.translate(_LETTERS)).replace("_", " ").split())


@lru_cache(maxsize=65536)
def comparable(name: str) -> str:
    """The name folded, initials closed up ("B. V." is "bv") and legal forms in their short spelling.

    The legal form stays in: twins often differ in nothing else.
    """
    closed = _INITIALS.sub(_close_up, fold(re.sub(r"[’'`´]", "", name)))
    return _LONG_FORM.sub(lambda found: _SHORT_FORM[found[0]], closed)


def _close_up(found: re.Match[str]) -> str:
    """Initials as one word; those of a legal form apart from those before it: `h b v` is `h bv`."""
    letters = found[0].replace(" ", "").translate(_DIGITS)
    start = next((at for at in range(len(letters) - 1) if letters[at:] in _FORMS), len(letters))
    if start == len(letters):
        start = next((at for at in range(len(letters), 2, -1) if letters[:at] in _FORMS), start)
    return " ".join(filter(None, (letters[:start], letters[start:])))


def same_name(left: str, right: str) -> bool:
    """Whether two names differ only in case, punctuation, accents, transliteration ("Brueckner" is
    "Brückner") and the spelling of the legal form."""
    one, other = (
        {comparable(name), comparable(name.lower().translate(_TWO_LETTERS))} for name in (left, right)
    )
    return bool(one & other)


def legal_families(name: str) -> frozenset[str]:
    """The kinds of legal form that the name carries; empty when it names none."""
    return frozenset(FAMILIES[word] for word in comparable(name).split() if word in FAMILIES)


def numbers(name: str) -> frozenset[str]:
    """Arabic and Roman numbers in the name: 'Fund VII' and 'Fund VIII' are two companies."""
    words = comparable(name).split()
    return frozenset(word for word in words if word.isdigit() or (len(word) > 1 and _ROMAN.fullmatch(word)))


def is_legal_form(word: str) -> bool:
    """Whether a folded word is a legal form in its short spelling."""
    return word in FAMILIES


def is_collective(name: str) -> bool:
    """Whether the name is that of an account for many suppliers, such as a one-time account; a name with
    a legal form is one company's."""
    return not legal_families(name) and _COLLECTIVE.search(fold(name)) is not None


@lru_cache(maxsize=65536)
def core(name: str) -> str:
    """The comparable name without legal forms; the whole name when nothing else is in it."""
    words = [word for word in comparable(name).split() if word not in FAMILIES and word not in _FILLERS]
    return " ".join(words) or comparable(name)
