"""Company names made comparable: one spelling for accents, case and legal forms; the words that tell
sister companies apart (legal form, numbers)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " & "}
)

_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

# Written-out legal forms of the countries we meet, in folded spelling, longest first where one
# begins another. The short form on the right is what most invoices print.
_WRITTEN_OUT = (
    ("gesellschaft mit beschrankter haftung", "gmbh"),
    ("gesellschaft mbh", "gmbh"),
    ("ges mbh", "gmbh"),
    ("mbh", "gmbh"),
    ("unternehmergesellschaft haftungsbeschrankt", "ug"),
    ("ug haftungsbeschrankt", "ug"),
    ("unternehmergesellschaft", "ug"),
    ("aktiengesellschaft", "ag"),
    ("kommanditgesellschaft", "kg"),
    ("offene handelsgesellschaft", "ohg"),
    ("eingetragene genossenschaft", "eg"),
    ("besloten vennootschap", "bv"),
    ("naamloze vennootschap", "nv"),
    ("vennootschap onder firma", "vof"),
    ("societe a responsabilite limitee", "sarl"),
    ("societe par actions simplifiee", "sas"),
    ("societe anonyme", "sa"),
    ("societa per azioni", "spa"),
    ("societa a responsabilita limitata", "srl"),
    ("sociedad anonima", "sa"),
    ("sociedad de responsabilidad limitada", "sl"),
    ("sociedad limitada", "sl"),
    ("spolka z ograniczona odpowiedzialnoscia", "spzoo"),
    ("sp z oo", "spzoo"),
    ("sp zoo", "spzoo"),
    ("spolka akcyjna", "sa"),
    ("spolecnost s rucenim omezenym", "sro"),
    ("aktiebolag", "ab"),
    ("aktieselskab", "as"),
    ("anpartsselskab", "aps"),
    ("aksjeselskap", "as"),
    ("osakeyhtio", "oy"),
    ("public limited company", "plc"),
    ("limited liability company", "llc"),
    ("limited liability partnership", "llp"),
    ("limited partnership", "lp"),
    ("designated activity company", "dac"),
    ("limited", "ltd"),
    ("incorporated", "inc"),
    ("corporation", "corp"),
    ("company", "co"),
    ("sociedade limitada", "lda"),
    ("limitada", "lda"),
    ("a s", "as"),
)
_LONG_FORM = re.compile(r"\b(?:" + "|".join(re.escape(long) for long, _ in _WRITTEN_OUT) + r")\b")
_SHORT_FORM = dict(_WRITTEN_OUT)

# Forms that are the same answer to "which kind of company is it?"; a name with another one is
# another company, unless somebody was careless.
_FAMILIES = {
    **dict.fromkeys("gmbh ug".split(), "gmbh"),
    **dict.fromkeys("kg ohg gbr vof snc cv".split(), "partnership"),
    **dict.fromkeys("ltd inc corp dac".split(), "limited"),
    **dict.fromkeys("llc".split(), "llc"),
    **dict.fromkeys("plc asa oyj".split(), "public"),
    **dict.fromkeys("llp lp".split(), "lp"),
    **dict.fromkeys("ag nv spa ab as".split(), "stock"),
    **dict.fromkeys("bv srl sarl sl slu lda spzoo sro aps oy sas sasu bvba eurl".split(), "private"),
    **dict.fromkeys("sa".split(), "sa"),
    **dict.fromkeys("se".split(), "se"),
}
_FILLERS = frozenset(["&", "co", "fa", "firma", "and", "und", "et", "en", "e", "y"])
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
    closed = re.sub(r"\b(\w)\.\s?(?=\w\b)", r"\1", re.sub(r"[’'`´]", "", name))
    return _LONG_FORM.sub(lambda found: _SHORT_FORM[found[0]], fold(closed))


def same_name(left: str, right: str) -> bool:
    """Whether two names differ only in case, punctuation, accents, transliteration ("Brueckner" is
    "Brückner") and the spelling of the legal form."""
    one, other = (
        {comparable(name), comparable(name.lower().translate(_TWO_LETTERS))} for name in (left, right)
    )
    return bool(one & other)


def legal_families(name: str) -> frozenset[str]:
    """The kinds of legal form that the name carries; empty when it names none."""
    return frozenset(_FAMILIES[word] for word in comparable(name).split() if word in _FAMILIES)


def numbers(name: str) -> frozenset[str]:
    """Arabic and Roman numbers in the name: 'Fund VII' and 'Fund VIII' are two companies."""
    words = comparable(name).split()
    return frozenset(word for word in words if word.isdigit() or (len(word) > 1 and _ROMAN.fullmatch(word)))


def core(name: str) -> str:
    """The comparable name without legal forms; the whole name when nothing else is in it."""
    words = [word for word in comparable(name).split() if word not in _FAMILIES and word not in _FILLERS]
    return " ".join(words) or comparable(name)
