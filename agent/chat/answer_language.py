"""Whether an answer is in the language that the clerk wrote in; told to the clerk, never asked for again.

Apart from `language.py`, which guesses from little so that a prompt can name a language: here only what is
clear counts, and a text of a few words decides nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_FUNCTION_WORDS: Mapping[str, str] = {
    "en": """the is are was were be been what why when which who how this that these those it its of to
        and or not no yes we you they he she please can could would should does did do has have had
        from with on for in my our your there than but because by at as an a if so only more""",
    "de": """der die das den dem des ein eine einen einem einer ist sind war waren wird wurde was warum
        wieso wann welche welcher wer wie dies diese dieser nicht kein keine ja nein wir sie ich er
        es bitte kann können hat haben aus mit auf für unser und oder von vom zu zum zur bei nach
        über als auch aber weil dass im am um nur noch in""",
    "nl": """de het een is zijn was waren wordt werd wat waarom wanneer welke wie hoe dit deze die dat
        van naar en of niet geen ja nee wij we jij u ik hij ze er kan kunnen heeft hebben uit met op
        voor onze bij om te aan als ook maar omdat nog door over in alleen meer dan""",
    "fr": """le la les l un une des du de d est sont était a ont être que qu quoi pourquoi quand quel
        quelle qui comment ce cette ces et ou ne n pas non oui nous vous je il elle ils on peut
        peuvent avec sur pour notre votre au aux dans par plus mais car si se s en c y""",
}
_CODES = {
    word: tuple(code for code, words in _FUNCTION_WORDS.items() if word in words.split())
    for words in _FUNCTION_WORDS.values()
    for word in words.split()
}
_WORD = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"«[^«»]*»|„[^„“”]*[“”]|“[^“”]*”|\"[^\"]*\"|\[[^\[\]]*\]")
_NAMES_A_LANGUAGE = re.compile(
    r"\b(?:english|german|dutch|french|translat\w*|englisch\w*|deutsch\w*|niederländisch\w*|französisch\w*"
    r"|übersetz\w*|engels\w*|duits\w*|nederlands\w*|frans|vertaal\w*|vertalen|anglais\w*|allemand\w*"
    r"|néerlandais\w*|français\w*|tradui\w*)\b",
    re.IGNORECASE,
)
_LEAST_ASKED, _LEAST_ANSWERED = 3, 5
"""Function words by which a text is known; fewer decide nothing."""
_AHEAD = 2
"""Times as many as of any other language: an answer may repeat words of a document."""
_TOLD: Mapping[str, str] = {
    "en": "The model did not answer in your language. Its words stand as it wrote them.",
    "de": "Das Modell hat nicht in Ihrer Sprache geantwortet. Seine Worte stehen, wie es sie schrieb.",
    "nl": "Het model heeft niet in uw taal geantwoord. Zijn woorden staan er zoals het ze schreef.",
    "fr": "Le modèle n'a pas répondu dans votre langue. Ses mots sont tels qu'il les a écrits.",
}


def other_language_told(asked: str, answer: str) -> str | None:
    """A line to the clerk, in the language of `asked`, where `answer` is clearly in another one; None where
    both agree, one of them is not clear, or the clerk spoke of languages."""
    if _NAMES_A_LANGUAGE.search(asked):
        return None
    wanted, given = clear_language(asked, _LEAST_ASKED), clear_language(answer, _LEAST_ANSWERED)
    if wanted is None or given is None or wanted == given:
        return None
    return _TOLD[wanted]


def clear_language(text: str, least: int) -> str | None:
    """`en`, `de`, `nl` or `fr` where at least `least` of its function words stand in the text outside of
    quotes, and of those that no other of the languages has, far more than of every other; else None."""
    found = [_CODES[word] for word in _WORD.findall(_QUOTED.sub(" ", text).casefold()) if word in _CODES]
    own = Counter(codes[0] for codes in found if len(codes) == 1)
    (best, most), (_, second) = [*own.most_common(2), ("", 0), ("", 0)][:2]
    is_clear = most >= max(2, _AHEAD * second) and sum(best in codes for codes in found) >= least
    return best if is_clear else None
