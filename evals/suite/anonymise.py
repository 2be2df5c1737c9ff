"""Other values in the place of a company's own: the same for the same, of the same form and length.

Each sign becomes another one, chosen by a secret key and by the signs of its kind before it. So two writings
of one number stay two writings of one number, numbers that begin alike go on beginning alike, and check
digits that were right are right again. Whoever has the originals can still recognise a case by its dates
and amounts: it hides names and numbers, it does not make a case unknowable.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from stdnum import ean

from tools.domain.identifiers import (
    BETWEEN_GROUPS,
    EU_VAT_PREFIXES,
    compact,
    is_iban,
    vat_country,
    vat_id_verdict,
)
from tools.domain.legal_forms import LEGAL_FORMS
from tools.domain.senders import is_shared_domain

_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxyz"
_UMLAUTS = "äöü"
_KEPT_WORDS = LEGAL_FORMS | frozenset(
    "und and et en y e de der die das du des la le les of the van von zu di & für for im am in mbh co".split()
)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(r"\b(?:https?://)?(?:www\.)[\w-]+(?:\.[\w-]+)+\S*|https?://\S+", re.IGNORECASE)
_LONG_DIGITS = re.compile(r"(?<![\w.,])\+?\d(?:[ /-]?\d){5,}(?![\w]|[.,]\d)")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?!\d)")
"""Days stay as they are; `2026-04` is also an invoice's number."""
_EAN_LENGTHS = (8, 12, 13, 14)
_SHORTEST_VAT, _LONGEST_VAT = 8, 15
_VARIED = 6
"""Digits of a VAT id that are tried until the check digits fit."""
SHORTEST = 5
"""Letters and digits of an identifier that is looked for in any writing; a shorter one also means a quantity
or a line, and is looked for only as a whole word with a letter in it."""
_SHORTEST_WORD = 4


Change = tuple[re.Pattern[str], Callable[[str], str]]


class Disguise:
    """One key, one case. What was replaced is remembered as long as the object lives, and never written."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._identifiers: dict[str, str] = {}
        """Compact original -> compact replacement."""
        self._names: set[str] = set()

    @property
    def originals(self) -> tuple[str, ...]:
        """Every identifier, compact, and every name that was replaced."""
        return (*self._identifiers, *sorted(self._names))

    def identifier(self, text: str) -> str:
        """A number of any kind, judged by its form alone: IBAN, VAT id, EAN and GLN keep valid (or invalid)
        check digits, a mail address stays one. Nothing for nothing."""
        if "@" in text:
            return self.mail(text)
        original = compact(text)
        if not original:
            return text
        if original not in self._identifiers:
            self._identifiers[original] = self._disguised(original)
        return _refilled(text, self._identifiers[original])

    def _disguised(self, original: str) -> str:
        plain = self._signs(original)
        if is_iban(original):
            return _with_iban_check(original[:2] + "00" + plain[4:])
        country = vat_country(original)
        if country in {*EU_VAT_PREFIXES, "GR", "GB", "CH", "NO"} and _is_long_enough_for_vat(original):
            digits = "".join(new if old.isdigit() else old for old, new in zip(original, plain, strict=True))
            return self._with_verdict(digits, original)
        if original.isdigit() and len(original) in _EAN_LENGTHS and ean.is_valid(original):
            return plain[:-1] + str(ean.calc_check_digit(plain[:-1]))
        return plain

    def _with_verdict(self, digits: str, original: str) -> str:
        """The digits varied until the check says of them what it said of the original."""
        wanted = vat_id_verdict(original)
        places = [at for at, sign in enumerate(digits) if sign.isdigit()][-_VARIED:]
        start = int("".join(digits[at] for at in places) or "0")
        for more in range(10 ** len(places)):
            tried = f"{(start + more) % 10 ** len(places):0{len(places)}d}"
            signs = list(digits)
            for at, sign in zip(places, tried, strict=True):
                signs[at] = sign
            if (found := "".join(signs)) != original and vat_id_verdict(found) is wanted:
                return found
        return digits

    def name(self, text: str) -> str:
        """Names of firms, people, streets and places, word by word; legal forms and small words stay."""
        if not text.strip():
            return text
        self._names.add(text.strip())
        return self._reworded(text, _KEPT_WORDS)

    def _reworded(self, text: str, kept: Collection[str]) -> str:
        return _WORD.sub(
            lambda found: found[0] if found[0].casefold() in kept else self._signs(found[0]), text
        )

    def mail(self, address: str) -> str:
        """The local part and the domain's own names change; a shared mailbox provider stays, any other domain
        ends with `.example`, where nobody lives."""
        local, _, domain = address.strip().rpartition("@")
        self._names.add(address.strip())
        kept = is_shared_domain(domain.casefold())
        return f"{self._reworded(local, ())}@{domain if kept else self.domain(domain)}"

    def domain(self, text: str) -> str:
        """A host or mail domain."""
        *labels, _ = text.strip(".").split(".") if "." in text else (text, "")
        return ".".join([*(self._reworded(label.casefold(), ()) for label in labels), "example"])

    def words(self, text: str) -> str:
        """Running text: every identifier and name known so far, and whatever has the form of an address, an
        account or a long number, in any writing; other words stay."""
        return _changed(text, self._changes())

    def _changes(self) -> Iterable[Change]:
        yield _MAIL, self.mail
        yield _HOST, lambda found: f"https://{self.domain(re.sub('^https?://', '', found).split('/')[0])}"
        for original in sorted(self._identifiers, key=len, reverse=True):
            if len(original) >= SHORTEST or not original.isdigit():
                yield _any_writing(original), self.identifier
        for name in sorted(self._names, key=len, reverse=True):
            yield re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE), self.name
        telling = {word for name in self._names for word in _telling_words(name)}
        for word in sorted(telling, key=len, reverse=True):
            yield re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE), self._signs
        yield _LONG_DIGITS, self.identifier

    def reference(self, text: str) -> str:
        """An option or a value that may name records of ours: `order:4500001`, `1:4500001/10000`."""
        known = sorted(self._identifiers, key=len, reverse=True)
        return _changed(text, ((_any_writing(original), self.identifier) for original in known))

    def _signs(self, text: str) -> str:
        """Every letter and digit another one; blanks, case and leading zeros as they were."""
        digits, letters, found = "", "", []
        for sign in text:
            if sign.isdigit():
                found.append(self._digit(digits, sign))
                digits += sign if digits or sign != "0" else ""
            elif sign.isalpha():
                found.append(self._letter(letters, sign))
                letters += sign.casefold()
            else:
                found.append(sign)
        return "".join(found)

    def _digit(self, before: str, sign: str) -> str:
        value = unicodedata.digit(sign, 0)
        if not before:  # no number gets or loses a leading zero
            return "0" if value == 0 else str(1 + (value + self._drawn("digit", "", 8)) % 9)
        return str((value + 1 + self._drawn("digit", before, 9)) % 10)

    def _letter(self, before: str, sign: str) -> str:
        small = sign.casefold()
        row = next((row for row in (_VOWELS, _CONSONANTS, _UMLAUTS) if small in row), None)
        if row is None:
            base = unicodedata.normalize("NFD", small)[0]
            row = _VOWELS if base in _VOWELS else _CONSONANTS
            small = base if base in row else row[ord(small[0]) % len(row)]
        new = row[(row.index(small) + 1 + self._drawn(row, before, len(row) - 1)) % len(row)]
        return new.upper() if sign.isupper() else new

    def _drawn(self, kind: str, before: str, count: int) -> int:
        """0 to `count` - 1, the same for the same signs before."""
        digest = hmac.digest(self._key, f"{kind}|{before}".encode(), "sha256")
        return int.from_bytes(digest[:8], "big") % count


def _changed(text: str, changes: Iterable[Change]) -> str:
    """What one change wrote is out of reach of the next."""
    held: list[str] = []

    def put(new: str) -> str:
        held.append(new)
        return f"\ue000{len(held) - 1}\ue001"

    for pattern, change in changes:
        text = pattern.sub(lambda found, change=change: put(change(found[0])), text)  # type: ignore[misc]
    while "\ue000" in text:
        text = re.sub("\ue000(\\d+)\ue001", lambda found: held[int(found[1])], text)
    return text


def _is_long_enough_for_vat(text: str) -> bool:
    return _SHORTEST_VAT <= len(text) <= _LONGEST_VAT and sum(sign.isdigit() for sign in text) >= 7


def _with_iban_check(account: str) -> str:
    """Check digits by ISO 7064 MOD 97-10 over the account with `00` in their place."""
    turned = "".join(str(int(sign, 36)) for sign in account[4:] + account[:4])
    return f"{account[:2]}{98 - int(turned) % 97:02d}{account[4:]}"


def _refilled(text: str, signs: str) -> str:
    """`signs` in the writing of `text`: its blanks, dashes and small letters."""
    rest = iter(signs)
    written = []
    for sign in text:
        if not sign.isalnum():
            written.append(sign)
            continue
        new = next(rest, "")
        written.append(new.lower() if sign.islower() else new)
    return "".join(written) + "".join(rest)


def _any_writing(original: str) -> re.Pattern[str]:
    between = rf"(?:{BETWEEN_GROUPS}{{0,2}})"
    signs = between.join(map(re.escape, original))
    return re.compile(rf"(?<![A-Za-z0-9]){signs}(?![A-Za-z0-9])", re.IGNORECASE)


def _telling_words(name: str) -> Iterable[str]:
    """Words of a name that are not everybody's."""
    for word in re.findall(r"[^\W\d_]+", name):
        if len(word) >= _SHORTEST_WORD and word.casefold() not in _KEPT_WORDS:
            yield word


def leftovers(folder: Path, originals: Iterable[str], kept: Collection[str] = ()) -> tuple[str, ...]:
    """What still stands somewhere below `folder`, file by file: `world.json: DE123456788`. Identifiers are
    looked for in any writing, names with any blanks and letter case. `kept`: codes that stay on purpose."""
    found = []
    wanted = [text for text in dict.fromkeys(originals) if text not in kept]
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = _DATE.sub(" ", f"{path.name} {path.read_bytes().decode('utf-8', 'replace')}")
        plain = " ".join(text.casefold().split())
        found += [f"{path.name}: {original}" for original in wanted if _stands(original, text, plain)]
    return tuple(found)


def _stands(original: str, text: str, plain: str) -> bool:
    signs = compact(original)
    if len(signs) >= SHORTEST or (len(signs) >= 2 and not signs.isdigit() and not signs.isalpha()):
        return _any_writing(signs).search(text) is not None
    name = " ".join(original.casefold().split())
    return (
        len(name) >= _SHORTEST_WORD
        and not signs.isdigit()
        and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain) is not None
    )
