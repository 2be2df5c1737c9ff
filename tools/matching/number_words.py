"""The words of an invoice number, and which of them are not the number itself: what the paper is called, the
year, that it is a copy or another revision.

Prefixes and years that do not count: the usual normalisation of accounts-payable duplicate checks.
"""

from __future__ import annotations

import re
import unicodedata

from tools.domain.identifiers import with_plain_digits

_PAPERS = """
    INV INVOICE RE RG RECHNUNG RECH FAC FACT FACTURE FACTURA FACTUUR FATTURA FATT FAKTURA FAKT FVA BELEG
    FA DOC DOK DOCUMENT DOKUMENT BILL
""".split()
_COUNTED = "NR NO NUM NUMBER NUMMER NUMERO NRO NUMER".split()
"""Words for 'number', alone or behind what the paper is called: `ReNr`, `Belegnummer`."""
PREFIXES = frozenset(
    [
        *_PAPERS,
        *_COUNTED,
        *(paper + linked + counted for paper in _PAPERS for counted in _COUNTED for linked in ("", "S")),
        *"RN RNR FT F FV VF VFA CN CR CREDIT".split(),
    ]
)
_COPY = frozenset("COPY DUPLICATE DUPLIKAT KOPIE COPIE DUPLICATA DUPLICAAT COPIA DUPLICADO".split())
"""Words behind a number that say themselves what the paper is."""
YEAR = re.compile(r"(?:19|20)\d\d")
_REVISIONS = ("REVISION", "REV", "VERSION", "VERS", "VER", "KORREKTUR", "KORR", "CORR")
_REVISION = re.compile(rf"(?:{'|'.join(_REVISIONS)}|R|V)\d{{1,2}}|00")
"""`R1`, `V2`, and the `00` of a number whose corrections count from there."""
_IN_BRACKETS = re.compile(r"\(\s*\d{1,2}\s*\)\s*$")
"""`invoice (2)`: what file systems put behind a second copy."""
_BEHIND = re.compile(
    rf"(?<=[^\W_])\W+(?:(?:{'|'.join((*_REVISIONS, 'R', 'V'))})\W*\d{{1,2}}|00|{'|'.join(sorted(_COPY))}"
    r"|\(\d{1,2}\))\s*$",
    re.IGNORECASE,
)
_LONG_YEAR = re.compile(r"(?<!\d)20([1-3]\d)(?=[-/._ ]|$)")
_SHORT_YEAR = re.compile(r"(?<!\d)([1-3]\d)(?=[-/._ ]\d{3})")

# Cyrillic and Greek letters that look like Latin ones (Unicode Technical Standard 39, confusables).
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # noqa: RUF001
    "ABESIJKMHOPCTYXQWABEZHIKMNOPTYX",
)


def words_of(text: str) -> list[str]:
    """Letters and digits, upper case, as they look: an invoice is no other one for an invisible character,
    a letter of another script or its digits."""
    folded = unicodedata.normalize("NFKC", with_plain_digits(text)).upper().translate(_LOOKALIKES)
    seen = "".join(char for char in folded if not unicodedata.category(char).startswith("C"))
    return re.findall(r"[^\W_]+", seen)


def words_to_count(text: str) -> list[str]:
    """The words without those behind the number that name a copy or a revision."""
    words = words_of(text)
    bare = words_of(_IN_BRACKETS.sub("", text))
    if _holds_number(bare):
        words = bare
    while len(words) > 1 and (ending := _ending(words)) and _holds_number(words[:-ending]):
        words = words[:-ending]
    return words


def revision_of(text: str) -> str:
    """What `words_to_count` leaves out behind the number: `R1`, `V2`; empty for a number without."""
    return "".join(words_of(text)[len(words_to_count(text)) :])


def _ending(words: list[str]) -> int:
    """How many words at the end are none of the number."""
    if words[-1] in _COPY or _REVISION.fullmatch(words[-1]):
        return 1
    apart = len(words) > 2 and words[-1].isdigit() and len(words[-1]) <= 2
    return 2 if apart and words[-2] in (*_REVISIONS, "V") else 0


def _holds_number(words: list[str]) -> bool:
    return any(any(sign.isdigit() for sign in word) and not YEAR.fullmatch(word) for word in words)


def typed_forms(text: str) -> list[str]:
    """What a clerk may have typed into the ERP in place of a printed number: without what names a copy or a
    revision, with the year in two digits or in four."""
    bare = text.strip()
    if _holds_number(words_of(shorter := _BEHIND.sub("", bare))):
        bare = shorter
    if _LONG_YEAR.search(bare):
        return [bare, _LONG_YEAR.sub(r"\1", bare, count=1)]
    return [bare, _SHORT_YEAR.sub(r"20\1", bare, count=1)]
