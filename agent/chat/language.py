"""The language a clerk writes in, by its commonest small words: Dutch, German, French or English."""

from __future__ import annotations

import re

from tools.domain.languages import ENGLISH, NAMES

_WORDS = {
    "en": """the is are was what why when which who how this that it of to and or not no yes we you please
        can does did has have from with on for in my our there thanks""",
    "nl": """de het een is zijn wat waarom wanneer welke wie hoe dit deze die dat van naar en of niet geen ja
        nee wij we jij kun kan heeft hebben uit met op voor onze er bedankt graag factuur
        leverancier klopt maar""",
    "de": """der die das ein eine ist sind was warum wieso wann welche wer wie dies diese nicht kein keine ja
        nein wir sie bitte kann hat haben aus mit auf für unser es danke und oder von zu
        rechnung lieferant den dem""",
    "fr": """le la les un une est sont que quoi pourquoi quand quel quelle qui comment ce cette ces de du des
        et ou ne pas non oui nous vous peut a ont avec sur pour notre il merci facture
        fournisseur au aux dans""",
}
_BY_WORD = {
    word: frozenset(code for code, words in _WORDS.items() if word in words.split())
    for words in _WORDS.values()
    for word in words.split()
}


def language_of(text: str, before: str = ENGLISH) -> str:
    """`nl`, `de`, `fr` or `en`; `before`, the language of the conversation so far, where it is level or too
    little was said."""
    counted = dict.fromkeys(NAMES, 0)
    for word in re.findall(r"[^\W\d_]+", text.casefold()):
        for code in _BY_WORD.get(word, ()):
            counted[code] += 1
    most = max(counted.values())
    best = [code for code, count in counted.items() if count == most]
    return best[0] if most and len(best) == 1 else before
