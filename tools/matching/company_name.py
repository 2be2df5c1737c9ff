"""Whether a name on an envelope is the name of a company of ours."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

from tools.domain.legal_forms import LEGAL_FORMS, ONE_WORD

_LONG_ENOUGH = 5
_CLOSE = 0.85


def is_same_company(printed: str, ours: str) -> bool:
    """Tolerates case, accents, punctuation, a missing legal form and a typing error in a long word.

    A further word makes another company: sister companies differ by a place or a number.
    """
    left, right = _words(printed), _words(ours)
    forms = ({*left} & LEGAL_FORMS, {*right} & LEGAL_FORMS)
    if forms[0] and forms[1] and forms[0] != forms[1]:
        return False
    names = [[word for word in words if word not in LEGAL_FORMS] for words in (left, right)]
    if len(names[0]) != len(names[1]) or not names[0]:
        return False
    return all(_alike(one, two) for one, two in zip(*names, strict=True))


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    # 'B.V.' and 'BV' are one word.
    return [ONE_WORD.get(word, word) for word in re.findall(r"\w+", plain.replace(".", ""))]


def _alike(one: str, two: str) -> bool:
    if one == two:
        return True
    if min(len(one), len(two)) < _LONG_ENOUGH or any(letter.isdigit() for letter in one + two):
        return False
    return SequenceMatcher(a=one, b=two).ratio() >= _CLOSE
