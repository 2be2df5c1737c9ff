"""Text in a document that speaks to software, or asks for a step past the people who decide.

A heuristic for a warning, in the languages invoices here arrive in. It decides nothing: with or without
the warning no text of a document is ever followed.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable

from tools.intake.order_ideas import account_is_news, ideas_meet
from tools.intake.order_words import asks_for_a_step

_LONGEST = 20_000
_GAP = r"[^.!?\n]{0,100}?"


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


# Marks of conversations and tool calls; no invoice text needs them.
_MARKUP = re.compile(
    r"</?(?:tool_call|function_call|tool_use|system|assistant|user|instructions?|document|invoice|prompt)"
    r"\b[^>]*>"
    r"|\"(?:role|tool|function|arguments)\"\s*:|\[/?INST\]|<\|[a-z_]+\|>"
    r"|^\s*(?:system|assistant|user|ai|agent)\s*:\s*\S"
    r"|\"\s*[}\]]\s*[,}\]].{0,200}\"\s*:"
    r"|!\[[^\]]*\]\([^)]*\)",
    re.IGNORECASE | re.MULTILINE,
)
_SOFTWARE = (
    r"\b(?:ai|ki|ia|llm|gpt|(?:chat)?bots?|agents?|assistants?|assistent\w*|software|(?:text[ -])?parsers?"
    r"|(?:language[ -])?models?|system prompt|automat\w+ (?:processing|verarbeitung|verwerking)"
    r"|\w+software|\w{4,}syste?em\w*|l[’' ]?outil|logiciel|syst[eè]me|programm?a?|sistema|systemu|modello)\b"
)
_NOTE_TO = re.compile(
    r"\b(?:note|notice|instructions?|hinweis\w*|anweisung\w*|opmerking\w*|instructies?|remarque|consigne|nota"
    r"|aviso|istruzion\w+|important|polecen\w+)\b[^.!?\n]{0,30}?\b(?:to|for|an|für|voor|aan|à|pour|al|per|para|dla)\b"
    r"[^.!?\n]{0,40}?" + _SOFTWARE,
    re.IGNORECASE,
)
_PROCESSING_NOTE = re.compile(
    r"\b(?:automat\w+|machine|processing|maintenance|debug|developer|admin)\s+(?:processing\s+)?"
    r"(?:note|notice|code|mode|instruction)s?\b",
    re.IGNORECASE,
)
# Verbs that are seldom said to a debtor, only to somebody who processes.
_COMMAND = _any(
    "ignore\\w* ignorier\\w* ignorez negeer skip skips überspring\\w* bypass disregard do\\s+not\\s+report"
    " treat accept approve change replace update assign post reverse split mark remember"
    " buche\\w* buchen boek freigeb\\w* ändern ändere akzeptier\\w* remplacez remplacer marquez validez"
    " comptabilisez sluit keur wijzig aprueb\\w+ cambi[ae]\\w* approva\\w* modifi\\w+ ignor[ae]"
)
_PROCESS = _any(
    "purchase\\s+orders? approval\\w* human\\s+\\w+ vendor\\s+master supplier\\s+master master\\s+data"
    " vendor\\s+(?:number\\s+)?\\d+ bank\\s+(?:details|account)s? iban duplicates? duplicate\\s+warnings?"
    " discrepanc\\w+ deviation\\w* toleranc\\w+ quantity\\s+received receipt\\s+records? erp ledger"
    " posted\\s+invoices? without\\s+asking automatic\\w*\\s+posting"
    " grootboek\\w* bestelling vier-augen\\w* lieferantenstamm\\w* stammdaten bankverbindung"
    " fiche\\s+fournisseur bon\\s+à\\s+payer approbation inkooporder leverancier\\w* goedkeuring"
    " aprobaci[oó]n proveedor approvazione fornitore"
    " price\\s+(?:differences?|checks?) preis(?:abweichung|differenz|prüfung)\\w*"
    " prijs(?:verschil|controle)\\w*"
    " écarts?\\s+de\\s+prix diferencias?\\s+de\\s+precio"
)
# What only somebody with access to our systems could hand out.
_LEAK = re.compile(
    r"\b(?:send|print|reply|list|show|reveal|repeat|include|output)\b[^.!?\n]{0,120}?"
    r"(?:instructions? you (?:were|are|have been) given|system prompt|tool names|(?:open|all) purchase orders"
    r"|approval requests?|api keys?|passwords?)"
    r"|\buse any (?:open|other) purchase orders?\b",
    re.IGNORECASE,
)
_ORDER = re.compile(rf"\b{_COMMAND}\b{_GAP}\b{_PROCESS}", re.IGNORECASE)
# What the reader's software may or shall do, as nobody writes to a debtor. A cleaning agent does none of it.
_WORKS = _any(
    "choose select pick list ignor\\w* process book pay prüf\\w+ wähl\\w+ auswähl\\w+ kiezen kies"
    " choisi\\w+ vérifi\\w+ negeren goedkeuren boeken elegi\\w+ scegli\\w+ wybra\\w+"
)
_TO_AN_AGENT = re.compile(
    r"\b(?:agents?|assistants?|assistent\w*|bots?|ai|ki|llm|software)\s+"
    r"(?:may|must|should|shall|can|has to|soll\w*|darf|muss|kann|moet|mag|kan|doit|peut|debe|puede|deve"
    r"|può)\b"
    rf"{_GAP}\b(?:{_COMMAND}|{_WORKS})\b"
    r"|\b(?:have|let|lass\w*|lass?en sie|laat|faites)\s+(?:your|ihre\w*|uw|votre)\s+"
    rf"(?:agents?|assistants?|assistent\w*|bots?|ai|ki|llm|software)\b{_GAP}\b(?:{_COMMAND}|{_WORKS})\b",
    re.IGNORECASE,
)
# Ids as programs write them; whoever bills knows none of ours.
_PICKS_AN_ID = re.compile(
    r"\b(?:choose|select|pick|answer|wähl\w*|kies|choisi\w*|elija|scegli\w*)\b[^.\n]{0,40}?"
    r"\b(?:[a-z]{2,}(?:_[a-z]+)+|(?:order|finding|document|receipt):\w+)",
    re.IGNORECASE,
)
_REVERSED = re.compile(
    r"\b(?:iban|bankverbindung|quantity|vier-augen\w*|freigabe|approval|purchase order|bestelling|matching)\b"
    + _GAP
    + r"\b(?:ändern|umgehen|buchen|must be accepted|accepted silently|count as approval|überspringen|skip)\b",
    re.IGNORECASE,
)
_SILENCE = re.compile(
    r"\b(?:without (?:asking|review|an? approver|approval|human)"
    r"|ohne (?:rückfrage|prüfung|freigabe|vier-augen\w*)"
    r"|accepted? silently"
    r"|do not (?:ask|report|tell|mention)|(?:rückfrage|freigabe) ist nicht nötig"
    r"|sans (?:validation|vérification)"
    r"|zonder (?:goedkeuring|controle)|sin (?:aprobaci[oó]n|revisi[oó]n)|senza (?:approvazione|controllo)"
    r"|skip the|no (?:review|approval) (?:is )?(?:needed|required))\b",
    re.IGNORECASE,
)
# Nobody who bills takes back the instructions of whoever reads; what the sender takes back is "ours".
_OVERRIDE = re.compile(
    r"\b(?:ignor\w+|disregard\w*|forget|override|negeer|vergiss|vergeet|oublie[zr]?|dimentica\w*|olvid\w+)\s+"
    r"(?:(?!our\b|unser|onze|nos\b|notre|nuestr|nostr)[^.!?\n]){0,40}?"
    r"\b(?:instructions?|anweisung\w*|instructies?|aanwijzingen|consignes?|directives?|istruzion\w+"
    r"|instruccion\w+|prompts?|guidelines?|rules?|regeln?|regels?|règles?)\b",
    re.IGNORECASE,
)
_HONEST = re.compile(
    r"\b(?:ignore|disregard|cancel\w*|replace[sd]?|storn\w*|negeer|ignorez)\b[^.!?\n]{0,40}?"
    r"\b(?:our|unsere\w*|previous|earlier|notre|onze|reminder|mahnung)\b[^.!?\n]{0,40}",
    re.IGNORECASE,
)
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9+/=])")
# Zero-width characters and direction marks: they split words that would be found otherwise.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


_ACCOUNT = (
    r"(?:bank(?:ing)?[ -]?(?:account|details|verbindung|konto)|bankverbindung|kontoverbindung|bankrekening"
    r"|rekeningnummer|iban|compte bancaire|coordonnées bancaires|rib|cuenta bancaria|conto bancario"
    r"|bankkonto|kontonummer)"
)
_BECAME = (
    r"(?:(?:has|have|is|are|was|were) (?:been )?(?:changed|updated|replaced)|no longer valid|new|changed"
    r"|geändert|neue[nrs]?|gewijzigd|nieuwe?|a changé|ont changé|modifiée?s?|nouvel\w*|nouveau\w*"
    r"|ha cambiado|nuevas?|è cambiato|nuov\w+|ændret|endret|ändrats|ny[at]?)"
)
_NEW_ACCOUNT = re.compile(
    rf"\b{_ACCOUNT}\b[^.!?\n]{{0,60}}?\b{_BECAME}\b|\b{_BECAME}\b[^.!?\n]{{0,25}}?\b{_ACCOUNT}\b",
    re.IGNORECASE,
)


def announces_account(text: str) -> bool:
    """Whether a text says that the sender's bank account is another one now."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:_LONGEST]))
    return _NEW_ACCOUNT.search(plain) is not None or account_is_news(plain)


def gives_orders(text: str) -> bool:
    """Whether a text reads like an order to software; wrong in both directions now and then."""
    text = text[:_LONGEST]
    invisible = len(_INVISIBLE.findall(text))
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    if invisible >= 3 or _says_order(plain):
        return True
    return any(_says_order(hidden) for hidden in _decoded(plain))


def _says_order(plain: str) -> bool:
    if any(
        form.search(plain)
        for form in (_MARKUP, _NOTE_TO, _PROCESSING_NOTE, _OVERRIDE, _TO_AN_AGENT, _PICKS_AN_ID)
    ):
        return True
    rest = _HONEST.sub(" ", plain)
    if _ORDER.search(rest) or _REVERSED.search(rest) or _LEAK.search(rest):
        return True
    return _SILENCE.search(rest) is not None or asks_for_a_step(rest) or ideas_meet(rest)


def _decoded(text: str) -> Iterable[str]:
    for found in _ENCODED.findall(text):
        try:
            hidden = base64.b64decode(found + "=" * (-len(found) % 4), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if hidden.isprintable():
            yield hidden
