"""Claims that somebody confirmed, agreed or told something: words between people that a record must hold.

Such a sentence has no figure by which it could be compared, and it is what a model in want of a reason makes
up. It is not struck, since a person may know of a call that no record holds; it is marked. Dutch, German,
French and English; pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PARTIES = {
    "supplier": "supplier vendor seller you lieferant lieferantin lieferanten leverancier u fournisseur vous",
    "buyer": """buyer purchaser purchasing einkäufer einkäuferin einkauf inkoper inkoop acheteur acheteuse
        achats""",
    "receiver": "receiver warehouse lager wareneingang magazijn ontvanger réceptionnaire entrepôt magasin",
    "another": """carrier customer manager management colleague department they he she somebody
        someone spediteur kollege kollegin abteilung geschäftsführung man vervoerder collega afdeling
        zij hij ze transporteur collègue service ils elle il on""",
}
_PARTY_OF = {word: party for party, words in _PARTIES.items() for word in words.split()}
_PARTY = "|".join(sorted(_PARTY_OF, key=len, reverse=True))
_EN = (
    r"(?:confirmed|agreed|promised|assured|informed|told|replied|responded|answered|written|called|phoned"
    r"|announced|acknowledged|notified|said|stated|explained|admitted|accepted|apologi[sz]ed|insisted|consented)"
)
_EN_PAST = rf"(?:{_EN}|wrote)"
_DE = (
    r"(?:bestätigt|zugesagt|zugestimmt|versprochen|mitgeteilt|geantwortet|erklärt|angekündigt|geschrieben"
    r"|angerufen|gesagt|akzeptiert|vereinbart|zugesichert|informiert|eingewilligt|eingeräumt)"
)
_NL = (
    r"(?:bevestigd|toegezegd|beloofd|laten\sweten|meegedeeld|geantwoord|verklaard|aangekondigd|geschreven|gebeld"
    r"|gezegd|ingestemd|afgesproken|overeengekomen|geaccepteerd|toegegeven)"
)
_FR = (
    r"(?:confirmée?s?|promise?s?|acceptée?s?|répondu|assurée?|informée?|annoncée?s?|indiqué|écrit|appelé|dit"
    r"|convenue?s?|accordée?s?|garantie?|expliqué|admis)"
)
_FEW = r"(?:[\w'’-]+\s+){0,3}?"
_FAR = r"[^.;:!?]{0,80}?"
_CLAIM = re.compile(
    rf"""\b(?:
      (?:has|have|had) \s+ {_FEW} {_EN}
    | (?:{_PARTY})(?:['’](?:s|ve))? \s+ {_FEW} {_EN_PAST}
    | (?:was|were|been|is|as) \s+ {_FEW} (?:confirmed|agreed|promised|discussed|announced|accepted)
      \s+ {_FEW} (?:by|with|on|over) \s+ (?:the\s+|our\s+|your\s+)? (?:{_PARTY}|phone|telephone|e-?mail)
    | (?:hat|haben|hatte|hatten) \b {_FAR} \b{_DE}
    | (?:wurde|wurden|ist|sind|wie) \b {_FAR}
      \b(?:bestätigt|zugesagt|vereinbart|zugesichert|versprochen|mitgeteilt)
    | (?:{_PARTY}) \s+ {_FEW} (?:bestätigte|schrieb|erklärte|teilte|sagte|stimmte|versprach|antwortete)
    | (?:heeft|hebben|had|hadden|hebt) \b {_FAR} \b{_NL}
    | (?:is|zijn|werd|werden|zoals) \b {_FAR} \b(?:bevestigd|afgesproken|overeengekomen|toegezegd|beloofd)
    | (?:{_PARTY}) \s+ {_FEW} (?:bevestigde|beloofde|schreef|zei|liet|ging\sakkoord|antwoordde|verklaarde)
    | (?:gaat|gaan|is|zijn|ging) \s+ {_FEW} akkoord
    | (?:a|ont|avait|avez|avaient) \s+ {_FEW} {_FR}
    | (?:est|sont|été|comme) \s+ {_FEW} (?:confirmée?s?|convenue?s?|promise?s?) \s+ (?:avec|par|au)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_WHO = re.compile(rf"\b(?:{_PARTY})\b", re.IGNORECASE)
_PAPER = re.compile(
    r"\b(?:document|invoice|note|order|erp|system|record|finding|policy|letter|beleg|rechnung|notiz|vermerk"
    r"|bestellung|dokument|factuur|opmerking|bestelling|facture|remarque|commande)\s+\Z",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|never|no|nobody|nothing|nicht|nie|kein\w*|niemand|nichts|niet|geen|nooit|niets|pas|jamais|aucune?"
    r"|rien|yet\s+to|ne|if|once|until|unless|whether|before|after|when|wenn|falls|sobald|bevor|bis|ob|nachdem|als"
    r"|zodra|indien|tot|voordat|of|si|dès\s+que|quand|avant|après|jusqu['’]à|must|should|may|could|muss|soll"
    r"|moet|doit)\b|n['’]t\b|\bn['’]",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;:!?,]")


def hearsay(sentence: str) -> tuple[str, ...]:
    """Who is said to have confirmed or told something, by class: `supplier`, `buyer`, `receiver`, `another`.
    Empty where the sentence claims nothing of the kind: it asks, denies, or sets a condition."""
    if sentence.rstrip().endswith("?"):
        return ()
    return tuple(dict.fromkeys(_claimed(" ".join(sentence.split()))))


def _claimed(words: str) -> Iterator[str]:
    for found in _CLAIM.finditer(words):
        start = max((mark.end() for mark in _CLAUSE.finditer(words[: found.start()])), default=0)
        before = words[start : found.start()]
        if _DENIED.search(f"{before} {found[0]}") or _PAPER.search(before):
            continue
        parties = _WHO.findall(f"{before} {found[0]}") or _WHO.findall(words[found.end() : found.end() + 40])
        yield _PARTY_OF[parties[0].casefold()] if parties else "another"
