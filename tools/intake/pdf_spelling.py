"""How a page spells a name that one place prints in capitals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tools.intake.pdf_lines import folded
from tools.intake.pdf_names import clean_name, has_legal_form

_SHORT_FORMS = {"corporation": "corp", "limited": "ltd", "incorporated": "inc", "company": "co"}
_SPELLED = {
    one.casefold(): one
    for one in "GmbH gGmbH mbH Ltd Limited Inc Incorporated Corp Corporation Company Co".split()
}
_LEAST_LETTERS = 4


def usual_spelling(name: str, texts: Iterable[str]) -> str:
    """`name` in the mixed case that one of `texts` begins with; unchanged when it has lower case already or
    no text shows another. `ACME LTD.` beside `Acme Warehouse` is `Acme Ltd.`."""
    if not name.isupper():
        return name
    kept = tuple(texts)
    whole = (clean_name(text) for text in kept)
    same = (one for one in whole if one is not None and _is_mixed(one) and _key(one) == _key(name))
    return next(same, None) or next(_composed(name, kept), name)


def _key(name: str) -> str:
    return "".join(_SHORT_FORMS.get(word, word) for word in folded(name).split())


def _is_mixed(text: str) -> bool:
    return all(word[0].isupper() or not word[0].isalpha() for word in text.split()) and not text.isupper()


def _composed(name: str, texts: Iterable[str]) -> Iterator[str]:
    """The own words of the name as a text begins with them, the legal form as it is usually written."""
    words = name.split()
    own = [word for word in words if re.sub(r"\W", "", word).casefold() not in _SPELLED]
    firm = " ".join(own)
    if words[: len(own)] != own or not has_legal_form(name) or len(firm) < _LEAST_LETTERS:
        return
    form = re.sub(r"\w+", lambda word: _SPELLED[word[0].casefold()], name[len(firm) :])
    for text in texts:
        start = text[: len(firm)]
        ends = not text[len(firm) : len(firm) + 1].isalnum()
        if start.casefold() == firm.casefold() and ends and all(word.istitle() for word in start.split()):
            yield start + form
