"""What is known not to exist: a record was asked for, and there is none.

A sentence may say so of it, in Dutch, German, French or English, and nothing else.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"^\(absent (?P<kind>[a-z_]+):(?P<id>[^\s()<>]+)\)", re.MULTILINE)
_THINGS = (
    r"(?:orders?|suppliers?|vendors?|cases?|documents?|records?|bestellung(?:en)?|auftrag|aufträge"
    r"|lieferant(?:en)?|vorgang|beleg|bestelling(?:en)?|inkooporders?|leveranciers?|zaak|commandes?|fournisseurs?|dossiers?)"
)
_DENIES = re.compile(
    rf"""\b(?:
      no \s+ (?:such\s+|open\s+|purchase\s+|known\s+){{0,2}} {_THINGS} (?!\s+(?:lines?|numbers?)\b)
    | (?:does|do|did) \s+ not \s+ (?:exist|know)| (?:doesn|don|didn)['’]t \s+ (?:exist|know)
    | (?:not|n['’]t|never) \s+ (?:be\s+)? (?:found|known|there|in\s+the\s+erp|in\s+the\s+system)
    | (?:can|could) \s* not \s+ (?:be\s+) (?:found|seen) | unknown | non-?existent
    | kein\w* \s+ (?:\w+\s+)? {_THINGS} | nicht \s+ (?:gefunden|vorhanden|bekannt|im\s+erp|angelegt)
    | existiert \s+ nicht | gibt \s+ es \s+ (?:im\s+erp\s+)? nicht | unbekannt\w*
    | geen \s+ (?:\w+\s+)? {_THINGS} | niet \s+ (?:gevonden|bekend|aanwezig|in\s+het\s+erp) | bestaat \s+ niet
    | onbekend\w*
    | aucune? \s+ {_THINGS} | pas \s+ (?:de\s+)? {_THINGS} | n['’](?:existe|est) \s+ pas | introuvable
    | inconnue?
    | pas \s+ (?:été\s+)? (?:trouvée?|connue?)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE = re.compile(r"[;,–—]|[.:!?](?=\s|\Z)")


def absence(kind: str, value: str) -> str:
    """The row that tells it in the text of a result: `(absent order:PO-404)`."""
    return f"(absent {kind}:{value})"


def absences(text: str) -> frozenset[str]:
    """Ids that a text of ours tells to be absent, bare. Rows between marks of others begin with the mark."""
    return frozenset(bare(found["id"]) for found in _MARK.finditer(text))


def denies(text: str, start: int, end: int) -> bool:
    """Whether the clause around the place says that there is no such thing."""
    marks = list(_CLAUSE.finditer(text))
    before = max((mark.end() for mark in marks if mark.end() <= start), default=0)
    after = min((mark.start() for mark in marks if mark.start() >= end), default=len(text))
    return _DENIES.search(text[before:after]) is not None


def bare(value: str) -> str:
    """An id by its letters and digits: `PO-77` is `PO77`."""
    return "".join(sign for sign in value.upper() if sign.isalnum())
