"""A model's words held against the records: what no record bears out is struck out and told.

Every number, date and code of a sentence must stand in what the model was shown or a tool answered. Nothing
is computed: a sum that stands in no record is struck, true or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from agent.absences import absences, bare, denies
from agent.addresses import addresses
from agent.atoms import Atom, AtomKind, atoms
from agent.hearsay import hearsay
from agent.known import Known
from agent.unbacked import ClaimKind, claimed
from agent.whereabouts import Whereabouts
from tools.domain.record import Record

STRUCK = "[not found in the records]"
ONLY_SAID = "[only the document says so]"
UNHEARD = "[no record of that]"
UNBACKED = "[not backed by a record]"
DENIED = "[the records say otherwise]"
_DATA = re.compile(r'<data(?: source="(?P<source>[^"<>]*)")?[^<>]*>(?P<text>[^<>]*)</data>')
_OUR_WORDS = frozenset(("finding", "suggestion", "order"))
"""Sources whose text the program wrote, with names of others in it."""
_READ = re.compile(
    r"\b(order_line|order|receipt|posting|case|supplier|document|finding|policy|invoice)[:\s]([\w#./-]*\w)"
)
_LINE = re.compile(
    r"\b(?:nr|no|nos|n°|nº|pos|position|positie|line|zeile|regel|ligne|linie|poste|item|punkt)\b\.?\s*\Z",
    re.IGNORECASE,
)
_LINES = re.compile(r"\b(\d{1,4}) lines\b|\bline (\d{1,4})\b|\bfinding:(\d{1,4})\b")
_SAID = re.compile(
    r"""\b(?:says?|said|states?|stated|claims?|claimed|mentions?|writes?|according\s+to|reads
    |laut|zufolge|gemäß|behauptet|nennt|schreibt|sagt|steht|angegeben
    |volgens|vermeldt|zegt|stelt|schrijft|noemt
    |selon|d['’]après|indique|mentionne|affirme|dit|prétend)\b""",
    re.IGNORECASE | re.VERBOSE,
)


_OURS = re.compile(
    r"\b(?:erp|systems?|records?|ledger|finding|books|bestand|gegevens|buchungen)\b", re.IGNORECASE
)
_CANCELLED = re.compile(r", cancelled\s*$|: cancelled\b")
_CREDIT_NOTE = re.compile(r"^\W*(?:case|ERP)\b.*\bcredit[ _]note\b", re.IGNORECASE)


class Grounded(Record):
    """A text after the check."""

    text: str
    """With `STRUCK` in place of what was not found, `ONLY_SAID` behind what only a document says."""
    struck: tuple[str, ...] = ()
    """What was struck, as the model wrote it, in order."""
    flagged: tuple[str, ...] = ()
    """Figures that only a free text of others holds, sentences whose citation was struck, words between
    people that no record holds, deeds and states that the records do not bear out."""


class Standing(IntEnum):
    """How a claim stands to the records."""

    UNKNOWN = 0
    SAID = 1
    """Only a free text of others holds it."""
    KNOWN = 2


class Records:
    """Everything that may be claimed, from the texts that a model was given. `facts` are rows of ours about
    the case `own`, which no model was shown: only deeds and states are held against them."""

    def __init__(self, texts: Iterable[str], facts: Iterable[str] = (), own: str | None = None) -> None:
        self._own, self._said = Known(), Known()
        self._ids: set[tuple[str, str]] = set()
        self._most_lines = 0
        self._absent: frozenset[str] = frozenset()
        self._heard: set[str] = set()
        self._addresses: dict[str, Standing] = {}
        self._done: set[ClaimKind] = set()
        self.whereabouts = Whereabouts()
        if own is not None:
            self.whereabouts.talk_about(own)
        for row in facts:
            self.whereabouts.add(row)
        for text in texts:
            self._add(text)

    def _add(self, text: str) -> None:
        if gone := absences(text):
            self._absent |= gone
            return
        own = _DATA.sub(self._of_others, text)
        self._addresses |= {address: Standing.KNOWN for _, _, address in addresses(own)}
        for line in own.splitlines():
            self._heard |= set(hearsay(line))
            self._done |= _deeds_told(line)
            self.whereabouts.add(line)
        self._own.add(own)
        self._ids |= {(kind.casefold(), bare(value)) for kind, value in _READ.findall(own)}
        for found in _LINES.finditer(own):
            self._most_lines = max(self._most_lines, int(next(filter(None, found.groups()))))

    def _of_others(self, found: re.Match[str]) -> str:
        """What stays among our own words: a field that is one number, date or code, and our own texts."""
        text = found["text"]
        if found["source"] in _OUR_WORDS or (found["source"] is None and _is_field(text)):
            return text
        for _, _, address in addresses(text):
            self._addresses.setdefault(address, Standing.SAID)
        self._said.add(text)
        self._own.add_codes(text)
        return " "

    def is_absent(self, atom: Atom) -> bool:
        """Whether it names what was asked for and is not there."""
        return bool(self._absent & set(map(bare, atom.readings)))

    def names_absent(self, value: str) -> bool:
        """The same of an id in a citation."""
        return bare(value) in self._absent

    def standing_of(self, address: str) -> Standing:
        """How a link, a host or a mail address (as `addresses` compares it) stands to the records."""
        return self._addresses.get(address, Standing.UNKNOWN)

    def has_heard(self, party: str) -> bool:
        """Whether some record tells of words of these people (`hearsay`)."""
        return party in self._heard

    def has_done(self, kind: ClaimKind) -> bool:
        """Whether some record tells of such a deed."""
        return kind in self._done

    def bear_out(self, atom: Atom) -> bool:
        """Whether some record holds it."""
        return self.standing(atom) is not Standing.UNKNOWN

    def standing(self, atom: Atom) -> Standing:
        if self._own.holds(atom):
            return Standing.KNOWN
        return Standing.SAID if self._said.holds(atom) else Standing.UNKNOWN

    def has_line(self, before: str, atom: Atom) -> bool:
        """Whether the number names a line or position that exists: `Nr. 5`."""
        if atom.kind is not AtomKind.NUMBER or _LINE.search(before) is None:
            return False
        return any(value.isdigit() and 0 < int(value) <= self._most_lines for value in atom.readings)

    def was_read(self, kinds: Iterable[str], value: str) -> bool:
        """Whether a record of one of these kinds with this id was read: `order`, `PO-77`."""
        wanted = bare(value)
        return any((kind, wanted) in self._ids for kind in kinds)

    def names(self, value: str) -> bool:
        """Whether the records know this code, of whatever kind; a bare number is no code."""
        wanted = bare(value)
        return not wanted.isdigit() and self._own.has_code(wanted)


def _deeds_told(line: str) -> set[ClaimKind]:
    """Deeds that a row of ours tells: in words, or as the ERP's states do."""
    found = set(claimed(line))
    if _CANCELLED.search(line):
        found.add(ClaimKind.REMOVED)
    if _CREDIT_NOTE.search(line):
        found |= {ClaimKind.SENT, ClaimKind.MADE}
    return found


def is_attributed(sentence: str) -> bool:
    """Whether it tells what a document or a person says, in words that say so; what the ERP and the records
    say is a claim of ours."""
    return _SAID.search(sentence) is not None and _OURS.search(sentence) is None


def _is_field(text: str) -> bool:
    """One claim and nothing else but the letters of a currency."""
    found = atoms(text)
    if len(found) != 1:
        return False
    rest = text[: found[0].start] + text[found[0].end :]
    return sum(map(str.isalpha, rest)) <= 3


def ground(text: str, records: Records) -> Grounded:
    """Strike out of `text` what `records` do not bear out."""
    shown, place, struck, flagged = list[str](), 0, list[str](), list[str]()
    is_said = _SAID.search(text) is not None
    for atom in atoms(text):
        standing = records.standing(atom)
        claim = text[atom.start : atom.end]
        if records.is_absent(atom) and denies(text, atom.start, atom.end):
            continue
        if standing is Standing.KNOWN or records.has_line(text[max(0, atom.start - 16) : atom.start], atom):
            continue
        if standing is Standing.SAID:
            if not is_said:
                shown += [text[place : atom.end], f" {ONLY_SAID}"]
                flagged.append(claim)
                place = atom.end
            continue
        shown += [text[place : atom.start], STRUCK]
        struck.append(claim)
        place = atom.end
    return Grounded(text="".join((*shown, text[place:])), struck=tuple(struck), flagged=tuple(flagged))
