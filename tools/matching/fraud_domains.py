"""Mail domains that look like another one: the same to the eye, or one slip of a finger away.

Kinds of deception as UTS #39 (Unicode security mechanisms) and guides against business e-mail compromise
describe them: letters of other scripts, `rn` for `m`, hyphens, added words, another ending.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from tools.domain.senders import is_second_level

# Letters of other scripts that look like Latin ones: a selection of UTS #39, confusables.
_FOREIGN = str.maketrans("аеорсухіјѕԁԛԝһӏьвнкмтαορνικυχτεγ", "aeopcyxijsdqwhlbbhkmtaopvikuxtey")
_STROKES = str.maketrans("łøđħŧıſ", "lodhtis")
_DIGITS = str.maketrans("01354$|i", "olesasll")
_PAIRS = (("rn", "m"), ("vv", "w"), ("nn", "m"), ("cl", "d"))
_SHORTEST_SLIP, _SHORTEST_WORD = 4, 4
"""Names shorter than this differ by one letter from many honest ones."""
ADDED_WORDS = frozenset(
    """
    account accounting accounts ap ar bank bill billing buchhaltung b2b compta comptabilite contact corp
    customer debitoren deutschland digital ebilling einvoice email eu europe export facturacion factuur
    facturen facturation facture fattura fatture finance finanz gmbh group gruppe help holding inc info
    int intern international invoice invoices invoicing kundenservice limited llc ltd mail mailing mails
    nederland nl net office online order orders pay payable payables payment payments portal rechnung
    rechnungen sales sarl secure server service services shop srl support tax team trade transfer
    treasury uk us verify vertrieb web
    """.split()
)


class Likeness(StrEnum):
    """How a domain imitates another, for people."""

    CONFUSABLE = "letters that look alike"
    SLIP = "one letter more, less or changed"
    HYPHEN = "a hyphen more or less"
    ADDED_WORD = "a word added"
    OTHER_ENDING = "another ending"
    EMBEDDED = "the name in front of another domain"


def registered(domain: str) -> str:
    """The part somebody registered: the last two names, or three under endings such as `co.uk`."""
    names = domain.rstrip(".").split(".")
    return ".".join(names[-3 if is_second_level(".".join(names[-2:])) else -2 :])


def same_sender(domain: str, known: str) -> bool:
    """Whether a mail from `domain` comes from the owner of `known`: the same registered domain."""
    return registered(domain) == registered(known)


def likeness(domain: str, known: str) -> Likeness | None:
    """How `domain` imitates `known`; None for the same owner and for names that are merely different.

    Both as `tools.domain.senders.domain_of` spells them; international names in their ASCII form.
    """
    if same_sender(domain, known):
        return None
    name, ending = _parts(registered(domain))
    original, its_ending = _parts(registered(known))
    if name == original:
        return Likeness.OTHER_ENDING
    if _embeds(domain, known, original):
        return Likeness.EMBEDDED
    if skeleton(name) == skeleton(original):
        return Likeness.CONFUSABLE
    if name.replace("-", "") == original.replace("-", ""):
        return Likeness.HYPHEN
    if _has_added_word(name, original):
        return Likeness.ADDED_WORD
    if min(len(name), len(original)) >= _SHORTEST_SLIP and is_one_slip(_shown(name), _shown(original)):
        return Likeness.SLIP
    return None


def skeleton(name: str) -> str:
    """What the eye sees: letters of other scripts, accents, digits and pairs of letters as what they
    resemble."""
    plain = unicodedata.normalize("NFKD", _shown(name)).casefold().translate(_FOREIGN).translate(_STROKES)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain.translate(_DIGITS)


def is_one_slip(one: str, other: str) -> bool:
    """Whether one letter changed, added, dropped or swapped with its neighbour makes one the other."""
    short, long = sorted((one, other), key=len)
    start = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    first, second = short[start:], long[start:]
    if len(long) - len(short) == 1:
        return first == second[1:]
    if len(long) != len(short) or not first:
        return False
    return first[1:] == second[1:] or (first[:2] == second[1::-1] and first[2:] == second[2:])


def _parts(domain: str) -> tuple[str, str]:
    name, _, ending = domain.partition(".")
    return name, ending


def _shown(name: str) -> str:
    """The name as a mail program shows it: `xn--…` decoded."""
    try:
        return name.encode("ascii").decode("idna")
    except UnicodeError:
        return name


def _embeds(domain: str, known: str, original: str) -> bool:
    """`nordberg.example.pay.net` and `nordberg.pay.net` are places of pay.net."""
    front = domain[: -len(registered(domain))].rstrip(".")
    if f".{registered(known)}." in f".{front}.":
        return True
    return len(original) > _SHORTEST_WORD and original in front.split(".")


def _has_added_word(name: str, original: str) -> bool:
    """The original name with business words before or behind it, or with anything set off by a hyphen."""
    if len(original) < _SHORTEST_WORD:
        return False
    flat = original.replace("-", "")
    words = name.split("-")
    if len(words) > 1 and (flat in words or f"-{original}-" in f"-{name}-"):
        return True
    bare = name.replace("-", "")
    return any(bare in (flat + word, word + flat) for word in ADDED_WORDS)
