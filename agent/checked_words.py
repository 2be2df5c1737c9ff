"""The one check that every text of a model passes before a person sees it.

Sentence by sentence: a deed that only people do is taken out whole, a citation of what was not read is
struck, and so is every claim that no record bears out. Words between people, other deeds of ours and states
of goods are marked where no record holds them, or the records say otherwise.
"""

from __future__ import annotations

import re

from agent.absences import denies
from agent.addresses import addresses, unlinked
from agent.deeds import claims_a_deed, states_claimed
from agent.grounding import (
    DENIED,
    ONLY_SAID,
    STRUCK,
    UNBACKED,
    UNHEARD,
    Grounded,
    Records,
    Standing,
    ground,
    is_attributed,
)
from agent.hearsay import hearsay
from agent.sentences import sentences
from agent.unbacked import ClaimKind, claimed
from agent.whereabouts import State

_KINDS = {
    "order": "order bestellung auftrag bestelling commande po",
    "order_line": "order_line",
    "receipt": "receipt wareneingang beleg ontvangst réception bon",
    "posting": "posting buchung boeking écriture",
    "case": "case fall vorgang zaak geval dossier cas",
    "invoice": "invoice rechnung factuur facture document dokument",
    "supplier": "supplier lieferant leverancier fournisseur",
    "finding": "finding befund bevinding constat",
    "policy": "policy regel rule",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_ALSO = {
    "receipt": ("posting", "document"),
    "order": ("order_line",),
    "invoice": ("document", "case", "posting"),
}
"""A word that names records of several kinds: a German `Beleg` may be a posting."""
_CITATION = re.compile(
    rf"(?P<kind>\b(?:{'|'.join(sorted(_KIND_OF, key=len, reverse=True))}))(?:\s+(?:nr|no)\.?)?[\s:#]+"
    r"(?P<id>(?=[\w./#-]*\d)[\w./#-]*\w)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")


def checked_words(text: str, records: Records) -> Grounded:
    """`text` as far as `records` bear it out. Where nothing is left, `STRUCK` stands for it."""
    shown, struck, flagged = list[str](), list[str](), list[str]()
    for sentence in sentences(text):
        if claims_a_deed(sentence, cites_posting=_is_borne_out(sentence, records)):
            struck.append(" ".join(sentence.split()))
            continue
        sentence, led, told = _without_addresses(sentence, records)
        struck += led
        flagged += told
        found = _one(sentence, records)
        mark = _mark(sentence, records)
        shown.append(_marked(found.text, mark) if mark else found.text)
        struck += found.struck
        flagged += found.flagged
        if mark and " ".join(sentence.split()) not in flagged:
            flagged.append(" ".join(sentence.split()))
    whole = "".join(shown)
    if struck and not whole.strip():
        whole = STRUCK
    return Grounded(text=whole, struck=tuple(map(unlinked, struck)), flagged=tuple(flagged))


def _without_addresses(sentence: str, records: Records) -> tuple[str, list[str], list[str]]:
    """Links and addresses that stand in no record are struck; those that only a text of others names are
    marked, so that nobody takes them for ours. Text, struck, marked."""
    shown, struck, marked, place = list[str](), list[str](), list[str](), 0
    for start, end, address in addresses(sentence):
        standing = records.standing_of(address)
        if standing is Standing.KNOWN:
            continue
        named = sentence[start:end]
        is_said = standing is Standing.SAID
        shown += [sentence[place:start], f"{named} {ONLY_SAID}" if is_said else STRUCK]
        (marked if is_said else struck).append(named)
        place = end
    return "".join((*shown, sentence[place:])), struck, marked


def _marked(sentence: str, mark: str) -> str:
    end = len(sentence.rstrip())
    return f"{sentence[:end]} {mark}{sentence[end:]}"


def _mark(sentence: str, records: Records) -> str:
    """What a person is told of words without a figure; nothing where the records hold them."""
    if any(not records.has_heard(party) for party in hearsay(sentence)):
        return UNHEARD
    if is_attributed(sentence):
        return ""
    verdicts = [_verdict(kind, sentence, records) for kind in claimed(sentence)]
    if False in verdicts:
        return DENIED
    return UNBACKED if None in verdicts else ""


def _verdict(kind: ClaimKind, sentence: str, records: Records) -> bool | None:
    """Whether it is so; None where the records do not tell."""
    if kind is ClaimKind.CAME:
        return records.whereabouts.all_came(sentence)
    if kind is ClaimKind.ARRIVED:
        return records.whereabouts.some_came(sentence)
    if kind in (ClaimKind.BOOKED, ClaimKind.PAID):
        state = State.POSTED if kind is ClaimKind.BOOKED else State.PAID
        return records.whereabouts.may_say(sentence, {state})
    return records.has_done(kind) or None


def _is_borne_out(sentence: str, records: Records) -> bool:
    """Whether the document that it means stands as it says, or a record that was read is its source and does
    not say otherwise."""
    states = states_claimed(sentence)
    stands = records.whereabouts.may_say(sentence, states) if states else None
    return stands if stands is not None else _cites_posting(sentence, records)


def _one(sentence: str, records: Records) -> Grounded:
    """Citations first: the rest is then held against the records."""
    wrong = [
        (bracket.start() + found.start(), bracket.start() + found.end())
        for bracket in _BRACKETS.finditer(sentence)
        for found in _CITATION.finditer(bracket[0])
        if not (
            _was_read(found, records) or _is_denied(sentence, bracket.start() + found.start(), found, records)
        )
    ]
    place, parts, struck, flagged = 0, list[str](), list[str](), list[str]()
    for start, end in [*wrong, (len(sentence), len(sentence))]:
        found = ground(sentence[place:start], records)
        parts.append(found.text)
        struck += found.struck
        flagged += found.flagged
        if end > start:
            parts.append(STRUCK)
            struck.append(sentence[start:end])
        place = end
    if wrong:
        flagged.append(" ".join(sentence.split()))
    return Grounded(text="".join(parts), struck=tuple(struck), flagged=tuple(flagged))


def _was_read(found: re.Match[str], records: Records) -> bool:
    kind = _KIND_OF[found["kind"].casefold()]
    return records.was_read((kind, *_ALSO.get(kind, ())), found["id"]) or records.names(found["id"])


def _is_denied(sentence: str, start: int, found: re.Match[str], records: Records) -> bool:
    """Whether it names what is not there, in words that say so."""
    end = start + len(found[0])
    return records.names_absent(found["id"]) and denies(sentence, start, end)


def _cites_posting(sentence: str, records: Records) -> bool:
    """Whether a posting or a case that was read stands in it as the source."""
    cited = [
        (_KIND_OF[found["kind"].casefold()], found["id"])
        for bracket in _BRACKETS.finditer(sentence)
        for found in _CITATION.finditer(bracket[0])
    ]
    return any(
        records.was_read((kind, *_ALSO.get(kind, ())), value)
        for kind, value in cited
        if kind in ("posting", "case", "receipt")
    )
