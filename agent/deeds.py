"""Deeds that a model claims or promises and that only people and the ledger do: approved, posted, paid, sent.

Dutch, German, French and English. A wrong strike costs a sentence, a wrong claim may cost an approval.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.whereabouts import State

_EN = r"(?:approved|released|posted|booked|paid|settled|authori[sz]ed|transferred)"
_DE = r"(?:freigegeben|genehmigt|gebucht|verbucht|bezahlt|überwiesen|angewiesen|beglichen)"
_NL = r"(?:goedgekeurd|geboekt|betaald|vrijgegeven|overgemaakt|voldaan)"
_FR = r"(?:approuvée?s?|comptabilisée?s?|validée?s?|payée?s?|autorisée?s?|réglée?s?|virée?s?)"
_DONE = rf"(?:{_EN}|{_DE}|{_NL}|{_FR})"
_MORE = (
    r"(?:parked|sent|entered|changed|held|gesendet|geschickt|geparkt|geändert|verzonden|gestuurd"
    r"|geparkeerd|envoyée?s?)"
)
_PAY_DE = r"(?:freigeben|genehmigen|(?:ver)?buchen|(?:be)?zahlen|überweisen)"
_GAP = r"[^.;!?]{0,60}?"
_NEAR = r"(?:,[^,.;!?]{1,40},)?(?:(?!\b(?:als|dan|que|than)\b)[^.,;!?]){0,60}?"
_ADVERB = (
    r"(?:,[^,.;!?]{1,40},\s|\b(?:not\sonly|now|just|already|since|both|all|today|been|\w+ly"
    r"|gone\s+ahead\s+and"
    r"|\w+ed(?:\sand|,)|\w+ment|jetzt|nun|bereits|schon|soeben|heute|gerade|nu|al|reeds|zojuist|vandaag|inmiddels"
    r"|déjà|maintenant|désormais|bien|été|aujourd['’]hui)\s)*"
)
_IS = r"(?:is|was|were|are|has\sbeen|have\sbeen|wurden?|ist|sind|wird|werd|werden|wordt|est|sont|a\sété|sera)"
_WORK = (
    r"(?:approval|posting|booking|payment|release|transfer|freigabe|buchung|zahlung|überweisung|genehmigung"
    r"|goedkeuring|boeking|betaling|approbation|validation|comptabilisation|paiement|virement)"
)
_TICK = "[✓✔✅☑]\ufe0f?"
_FLAGS = re.IGNORECASE | re.VERBOSE | re.DOTALL
# First persons: never excused, whatever is cited.
_OURS = re.compile(
    rf"""\b(?:
      (?:i|we) \s (?:(?:hereby|now|also|just|will|shall|can \s now) \s)* (?:approve|release|post|book|pay)\b
    | (?:i|we) (?:['’]ll|\s will|\s shall|['’](?:m|re) \s going \s to|\s (?:am|are) \s going \s to)
      \s {_GAP} \b(?:approve|release|post|book|pay|transfer|settle)\b
    | (?:i|we) (?:['’](?:m|re)|\s am|\s are) \s {_GAP} \b(?:approving|releasing|posting|booking|paying)\b
    | (?:i|we) (?:['’]ve|\s have)? (?:\s|(?=,)) {_ADVERB} (?:{_EN}|{_MORE})\b
    | (?:i|we) (?:['’]ve|\s have) \s {_GAP} \b and \s {_ADVERB} {_EN}\b
    | (?:ich|wir) \s (?:geben? \s .{{0,25}} frei | genehmigen? | (?:ver)?buchen? | (?:be)?zahlen?
      | überweisen?)\b
    | (?:zahlen|bezahlen|überweisen|begleichen) \s wir\b
    | (?:ich|wir) \s (?:werden?) \s {_GAP} \b{_PAY_DE}\b
    | (?:werde|werden) \s (?:ich|wir) \s {_GAP} \b{_PAY_DE}\b
    | (?:ich \s habe|wir \s haben|habe \s ich|haben \s wir)\b {_NEAR} \b(?:{_DE}|{_MORE})\b
    | (?:ik|wij|we) \s (?:keur(?:en)? \s .{{0,25}} goed | boek(?:en)? | betaal | betalen
      | ge(?:ef|ven) \s .{{0,25}} vrij)\b
    | (?:ik|wij|we) \s (?:zal|zullen|gaan?) \s {_GAP} \b(?:goedkeuren|boeken|betalen|overmaken|vrijgeven)\b
    | (?:ik \s heb|wij \s hebben|we \s hebben|heb \s ik|hebben \s we|hebben \s wij)\b
      {_NEAR} \b(?:{_NL}|{_MORE})\b
    | (?:j['’]\s?|je \s|nous \s) (?:approuv(?:e|ons)|autoris(?:e|ons)|comptabilis(?:e|ons)|valid(?:e|ons)
      |pa(?:ie|ye|yons)|régl(?:e|ons))\b
    | (?:je|nous) \s (?:vais|allons) \s {_GAP} \b(?:approuver|autoriser|comptabiliser|valider|payer|régler)\b
    | (?:je|nous) \s (?:paierai|payerai|paierons|payerons|réglerons|validerons|approuverons)\b
    | (?:j['’]\s?ai|nous \s avons|on \s a)\b {_NEAR} \b(?:{_FR}|{_MORE})\b
    | will \s (?:(?:be) \s)? (?:pay|paid|transfer(?:red)?)\b | going \s to \s (?:be \s )?(?:pay|paid)\b
    | wird \s {_GAP} \b(?:bezahlt|überwiesen|beglichen)\b | zal \s {_GAP} \bbetaald\b
      | wordt \s {_GAP} \bbetaald\b
    | sera \s {_GAP} \b(?:payée?|réglée?|virée?)\b
    )""",
    _FLAGS,
)
# Finished deeds that a record may tell of.
_FINISHED = re.compile(
    rf"""(?:
      \b(?:is|was|are|were|been|gets?|got|being|it['’]s) (?:\s|(?=,)) {_ADVERB} {_EN}\b
    | \b(?:will|shall) \s be \s (?:\w+ \s)? {_EN}\b
    | \b(?:ist|sind|wurden?|worden|wird|werden|gilt)\b {_NEAR} \b{_DE}\b
    | \b(?:is|zijn|werd|werden|wordt|worden)\b {_NEAR} \b{_NL}\b
    | (?:\b(?:est|sont|été|sera|seront|fut)|\bc['’]est) (?:\s|(?=,)) {_ADVERB} {_FR}\b
    | (?:^|[:,;(–—-]\s?|\b(?:done|erledigt|klaar|fait)\b\W{{1,3}})
      (?:(?:have|has|been|is|already|now|successfully|and) \s)* {_DONE}
      (?= \s? (?:[.!,;:)]|$|and\b|und\b|en\b|et\b|on\b|by\b|am\b|it\b|the\b))
    | \b(?:posting|booking|payment|approval|release|freigabe|buchung|zahlung|überweisung|genehmigung
      |goedkeuring|boeking|betaling|approbation|validation|comptabilisation|paiement|virement)
      :? \s (?:{_IS}\s)? {_ADVERB}
      (?:complete|completed|done|recorded|granted|given|made|executed|released|sent|confirmed
      |erteilt|erfolgt|abgeschlossen|ausgeführt|veranlasst|angewiesen|bestätigt
      |verleend|gegeven|voltooid|uitgevoerd|effectuée?|terminée?|donnée?|accordée?|enregistrée?)\b
    | \b(?:account|iban|bankverbindung|konto|bankrekening|rekening|compte|address)
      :? \s (?:{_IS}\s)? {_ADVERB}
      (?:changed|updated|geändert|aktualisiert|gewijzigd|bijgewerkt|modifiée?|changée?)\b
    )""",
    _FLAGS,
)
_TAKEN_CARE = re.compile(
    rf"""(?:
      (?:^|[.,;:!–—-]\s?|\b(?:please|and|bitte|und|gerne|en)\s)
      (?:consider \s (?:it|this|that|the \s \w+) \s {_ADVERB} (?:done|{_EN})
      | betrachten? \s (?:sie \s)? (?:es|das|die \s \w+) \s als \s (?:erledigt|{_DE})
      | beschouw \s (?:het|dit|de \s \w+) \s als \s (?:gedaan|afgehandeld|{_NL})
      | considérez(?:-l[ea]|\s (?:que \s )?c['’](?:est|ela)) \s (?:comme \s)? (?:faite?|{_FR}))\b
    | \b(?:took|taken) \s care \s of \s (?:the|your|its|this) \s (?:\w+\s)?{_WORK}\b
    | \b{_WORK} \s (?:is|was|has\sbeen) \s {_ADVERB} taken \s care \s of\b
    | \bum \s (?:die|deine|ihre) \s {_WORK}\b {_GAP} \bgekümmert\b
    | \b(?:heb|hebben) \s (?:(?:ik|we|wij|nu|al|reeds) \s)* (?:de|uw|je) \s {_WORK} \s {_ADVERB} geregeld\b
    | \bde \s {_WORK} \s is \s {_ADVERB} geregeld\b
    | \b(?:suis|sommes) \s {_ADVERB} occupée?s? \s (?:d[eu] \s (?:l['’]|la \s)?){_WORK}\b
    | (?:^|[.!?:;,-]\s?) {_DONE} \s? {_TICK} | {_TICK} \s? {_DONE} (?= \s? (?:[.!,;:)]|$))
    )""",
    _FLAGS,
)
"""A deed said to be off one's hands, or ticked off."""
_ONLY = re.compile(r"\b(?:not\s+only|nicht\s+nur|niet\s+alleen|non\s+seulement)\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|never|no|nothing|cannot|nobody|nicht|nie|kein\w*|nichts|niemand|niet|geen|nooit"
    r"|niets|pas|jamais|aucune?|ne|rien"
    r"|can|must|may|should|could|to\s+be|kann|muss|soll|darf|kan|moet|mag|peut|doit|needs?)\b|n['’]t\b",
    re.IGNORECASE,
)
_IF = re.compile(
    r"\b(?:if|once|until|before|unless|whether|wenn|falls|sobald|bevor|bis|ob|als|zodra|indien|tot"
    r"|voordat|totdat"
    r"|si|dès\s+que|quand|avant|jusqu['’]à)\b[^.,;:!?]*\Z",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b(?:once|when|after|if|only|as\s+soon|by\s+a\s+person|wenn|sobald|nachdem|erst|zodra|pas|als"
    r"|si|quand|après)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\s*(?:is|was|were|has|have|did|does|shall|should|may|can|do|are|who|why|when|which|wurden?|ist|hat|haben|soll\w*|darf"
    r"|wer|warum|wann|werd|heeft|moet\w*|mag|wie|waarom|wanneer|est-ce|faut-il|doit\w*|qui|pourquoi|quand|la|le)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[*_`~\"“”„«»\u200b-\u200f\u2060\ufeff]")
_STATE_OF = {
    State.PAID: r"paid|settled|transferred|payment|bezahlt|überwiesen|beglichen|zahlung|überweisung|betaald"
    r"|betaling|overgemaakt|voldaan|payée?s?|réglée?s?|virée?s?|paiement|virement",
    State.POSTED: r"posted|booked|posting|booking|(?:ver)?gebucht|verbucht|buchung|geboekt|boeking"
    r"|comptabilisée?s?|comptabilisation",
    State.APPROVED: r"approved|released|authori[sz]ed|approval|release|freigegeben|genehmigt|freigabe"
    r"|genehmigung|goedgekeurd|vrijgegeven|goedkeuring|approuvée?s?|validée?s?|autorisée?s?|approbation|validation",
}
_STATES = {state: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for state, words in _STATE_OF.items()}


def states_claimed(sentence: str) -> frozenset[State]:
    """What it says of a document in words of finished deeds, as far as a record may bear that out; empty
    where it claims something else too, or nothing."""
    words = " ".join(_MARKS.sub("", sentence).split())
    claims = [claim for claim in _finished(words) if _is_claim(words, claim)]
    # `was approved and posted`: what follows in the clause is claimed too.
    found = [re.split(r"[.;:!?]", words[claim.start() :], maxsplit=1)[0] for claim in claims]
    told = [{state for state, known in _STATES.items() if known.search(text)} for text in found]
    return frozenset().union(*told) if all(told) else frozenset()


def claims_a_deed(sentence: str, *, cites_posting: bool = False) -> bool:
    """Whether the model says that it, or somebody, approved, posted, paid or sent something, or promises it.
    `cites_posting`: the sentence names a posting or case that was read, which may tell that it was done."""
    words = " ".join(_MARKS.sub("", sentence).split())
    if any(not _is_denied(words, found) for found in _OURS.finditer(words)):
        return True
    if cites_posting or (words.endswith("?") and _ASKS.match(words)):
        return False
    return any(_is_claim(words, found) for found in _finished(words))


def _finished(words: str) -> Iterator[re.Match[str]]:
    yield from _FINISHED.finditer(words)
    yield from _TAKEN_CARE.finditer(words)


def _is_denied(words: str, found: re.Match[str]) -> bool:
    return _NOT.search(_ONLY.sub("", found[0])) is not None


def _is_claim(words: str, found: re.Match[str]) -> bool:
    """Not where the clause denies it, makes it a rule, or sets a condition."""
    start = max(words.rfind(sign, 0, found.start()) for sign in ".;:!?,") + 1
    before = _ONLY.sub("", words[start : found.end()])
    if _NOT.search(before) or _IF.search(words[start : found.start() + 1]):
        return False
    is_future = re.match(r"(?:will|shall|wird|werden|wordt|worden|sera|seront)\b", found[0], re.IGNORECASE)
    return is_future is None or _LATER.search(words[found.start() :]) is None
