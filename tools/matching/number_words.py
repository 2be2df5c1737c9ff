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
_COPY = frozenset(
    """
    COPY DUPLICATE DUPLIKAT KOPIE COPIE DUPLICATA DUPLICAAT COPIA DUPLICADO DUP DUPL KOPIA KOPI ZWEITSCHRIFT
    ABSCHRIFT NEU NEW NEUDRUCK REPRINT REISSUE REISSUED RESENT
    """.split()
)
"""Words beside a number that say themselves what the paper is."""
YEAR = re.compile(r"(?:19|20)\d\d")
_REVISIONS = ("REVISION", "REV", "VERSION", "VERS", "VER", "KORREKTUR", "KORR", "CORR")
_REVISION = re.compile(rf"(?:{'|'.join(_REVISIONS)}|R|V)\d{{1,2}}|00")
"""`R1`, `V2`, and the `00` of a number whose corrections count from there."""
_IN_BRACKETS = re.compile(r"\(\s*\d{1,2}\s*\)\s*$")
"""`invoice (2)`: what file systems put behind a second copy."""
_BEHIND = re.compile(
    rf"(?<=[^\W_])[\W_]+(?:(?:{'|'.join((*_REVISIONS, 'R', 'V'))})\W*\d{{1,2}}|00|{'|'.join(sorted(_COPY))}"
    r"|\(\d{1,2}\))\s*$",
    re.IGNORECASE,
)
_GLUED_COPY = re.compile(rf"(.*\d\d)(?:{'|'.join(sorted(_COPY, key=len, reverse=True))})")
_FIRST = "01"
"""The first of the parts or editions of a document: where a long number stands before it, as good as none."""
_MAIN = re.compile(r"\D*\d{6,}")
_DAY_OR_YEAR = re.compile(r"\D*(?:19|20)\d\d")
_NOTICES = """
    MAHNUNG ZAHLUNGSERINNERUNG ERINNERUNG REMINDER RAPPEL SOLLECITO RECORDATORIO AANMANING HERINNERING
    ZAHLUNGSAUFFORDERUNG
""".split()
_TO = """
    ZU ZUR ZUM DER DES VON VOM F(?:[UÜ]|UE|U\u0308)R FOR TO OF THE DE DU LA LE À A SUR DEL DELLA DI VAN
""".split()
_NOTICE = re.compile(
    rf"^[\W_]*(?:\d{{1,2}}[\W_]+)?(?:{'|'.join((*_NOTICES, *sorted(_COPY)))})(?![^\W_])"
    rf"(?:[\W_]+(?:{'|'.join(_TO)})(?![^\W_]))*[\W_]*",
    re.IGNORECASE,
)
"""Before a number: that the paper is a copy of it or reminds of it."""
_DATED = re.compile(
    r"(?<=[^\W_])[\W_]+(?:DATED|DATE|DATUM|DTD|VOM|FROM|OF|DU|DEL|VAN)[\W_]+"
    r"(?:\d{1,2}\W{1,3}(?:\d{1,2}|[^\W\d_]{3,12})\W{1,3}(?:\d{4}|\d\d)|\d{4}\W\d{1,2}\W\d{1,2})[\W_]*$",
    re.IGNORECASE,
)
"""Behind a number: the date of the paper, with the word for it."""
_LONG_YEAR = re.compile(r"(?<!\d)20([1-3]\d)(?=[-/._ ]|$)")
_SHORT_YEAR = re.compile(r"(?<!\d)([1-3]\d)(?=[-/._ ]\d{3})")

# Cyrillic and Greek letters that look like Latin ones (Unicode Technical Standard 39, confusables).
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜҮӀΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹØ",  # noqa: RUF001
    "ABESIJKMHOPCTYXQWYIABEZHIKMNOPTYXCO",
)
_SOUNDS = str.maketrans("ВНРСУХΒΗΡΥΧ", "VNRSUHVIRUH")  # noqa: RUF001
"""The same letters by the sound they stand for (ISO 9, ISO 843), where it is another one."""
_TWO_LETTERS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE"})


def words_of(text: str) -> list[str]:
    """Letters and digits, upper case, as they look: an invoice is no other one for an invisible character,
    a letter of another script or its digits, an accent, or an umlaut written as two letters."""
    folded = unicodedata.normalize("NFKC", with_plain_digits(text)).upper().translate(_TWO_LETTERS)
    apart = unicodedata.normalize("NFKD", folded).translate(_LOOKALIKES)
    seen = "".join(char for char in apart if unicodedata.category(char)[0] not in "CM")
    return re.findall(r"[^\W_]+", seen)


def as_sounded(text: str) -> str:
    """The text with letters of other scripts by their sound instead of their look: a Greek rho is an R."""
    return text if text.isascii() else text.upper().translate(_SOUNDS)


def without_notice(text: str) -> str:
    """The text without words for a copy or a reminder before the number and a date named behind it."""
    for pattern in (_NOTICE, _DATED):
        if _holds_number(words_of(shorter := pattern.sub("", text))):
            text = shorter
    return text


def words_to_count(text: str) -> list[str]:
    """The words without those behind the number that name a copy or a revision."""
    words = words_of(without_notice(text))
    bare = words_of(_IN_BRACKETS.sub("", without_notice(text)))
    if _holds_number(bare):
        words = bare
    while len(words) > 1 and (ending := _ending(words)) and _holds_number(words[:-ending]):
        words = words[:-ending]
    if words and (glued := _GLUED_COPY.fullmatch(words[-1])):
        words = [*words[:-1], glued[1]]
    return words


def revision_of(text: str) -> str:
    """What `words_to_count` leaves out behind the number: `R1`, `V2`; empty for a number without."""
    return "".join(words_of(without_notice(text))[len(words_to_count(text)) :])


def _ending(words: list[str]) -> int:
    """How many words at the end are none of the number."""
    if words[-1] in _COPY or _REVISION.fullmatch(words[-1]):
        return 1
    if words[-1] == _FIRST and _MAIN.fullmatch(words[-2]) and not _DAY_OR_YEAR.match(words[-2]):
        return 1
    apart = len(words) > 2 and words[-1].isdigit() and len(words[-1]) <= 2
    return 2 if apart and words[-2] in (*_REVISIONS, "V") else 0


def _holds_number(words: list[str]) -> bool:
    return any(any(sign.isdigit() for sign in word) and not YEAR.fullmatch(word) for word in words)


def typed_forms(text: str) -> list[str]:
    """What a clerk may have typed into the ERP in place of a printed number: without what names a copy or a
    revision, with the year in two digits or in four."""
    bare = without_notice(text).strip()
    if _holds_number(words_of(shorter := _BEHIND.sub("", bare))):
        bare = shorter
    if _LONG_YEAR.search(bare):
        return [bare, _LONG_YEAR.sub(r"\1", bare, count=1)]
    return [bare, _SHORT_YEAR.sub(r"20\1", bare, count=1)]
