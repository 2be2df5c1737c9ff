"""Whether the place on a document and the place of a supplier are the same: country, postcode, city."""

from __future__ import annotations

import re
from enum import IntEnum

from rapidfuzz import fuzz

from tools.domain.documents import Record
from tools.domain.supplier import Supplier
from tools.suppliers.cities import local_city
from tools.suppliers.names import fold

# A postcode as it stands before or after a city: digits, with the letters of NL, GB and LU. A leading zero
# is easily lost on the way: "138 Roma".
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,3}-)?(\d{4}\s?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[\dW]\s?[A-Z\d]{4}|\d{5}-\d{4}|\d{4}-\d{3}|\d{3}\s\d{2}"
    r"|\d{1,2}-\d{3}|\d{3,5})\b"
)
# Letters and digits that scanners confuse, each to one of the group. Cities are few enough to compare so.
_SCANNED = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "h": "b", "6": "g", "c": "e", "f": "t"}
)
_DISTRICT = re.compile(r"^\d{1,2} | \d{1,2}$")
_SAME_CITY = 86.0
"""Similarity in percent from which two spellings are one city: one wrong letter in seven."""


class Place(Record):
    """Where a document or a record says the company is. Absent means not said."""

    city: str | None = None
    postcode: str | None = None
    country: str | None = None


class Agreement(IntEnum):
    """How two places compare."""

    DIFFERS = -1
    UNKNOWN = 0
    """One side says nothing that the other could be compared with."""
    AGREES = 1


def place_of(supplier: Supplier) -> Place:
    return Place(city=supplier.city, postcode=supplier.postcode, country=supplier.country)


def same_place(claim: Place, known: Place) -> Agreement:
    """Country first: another country is another place, whatever the city is called. Then postcode and
    city; one that agrees is enough, since postcodes are often left out and cities often misspelt."""
    if _country(claim) and _country(known) and _country(claim) != _country(known):
        return Agreement.DIFFERS
    code = _same(_postcode(claim), _postcode(known))
    city = _same_city(_city(claim), _city(known))
    if Agreement.AGREES in (code, city):
        # The same few digits are a postcode in many countries.
        alone = city is Agreement.DIFFERS and not (_country(claim) and _country(known))
        return Agreement.DIFFERS if alone else Agreement.AGREES
    return city if city is not Agreement.UNKNOWN else code


def place_keys(place: Place) -> frozenset[str]:
    """Under which a place is looked up: its postcode, and its city as scanners read it. Two places that share
    a key are near; whether they agree is for `same_place` to say."""
    city = re.sub(r"([aou])e", r"\1", _city(place))
    return frozenset(filter(None, (_postcode(place), _as_scanned(city))))


def _country(place: Place) -> str:
    return (place.country or "").strip().upper()


def _same(left: str, right: str) -> Agreement:
    if not left or not right:
        return Agreement.UNKNOWN
    return Agreement.AGREES if left == right else Agreement.DIFFERS


def _postcode(place: Place) -> str:
    written = place.postcode
    if written is None and place.city:
        found = _POSTCODE.search(place.city.upper())
        written = found[1] if found else None
    return re.sub(r"[^A-Z0-9]", "", (written or "").upper()).lstrip("0")


def _city(place: Place) -> str:
    written = fold(_POSTCODE.sub(" ", (place.city or "").upper()))
    return local_city(_DISTRICT.sub("", written).strip())


def _same_city(left: str, right: str) -> Agreement:
    if not left or not right:
        return Agreement.UNKNOWN
    if _spelt_alike(left, right) or _starts_with(left, right) or _starts_with(right, left):
        return Agreement.AGREES
    return Agreement.DIFFERS


def _spelt_alike(left: str, right: str) -> bool:
    if left == right or _as_scanned(left) == _as_scanned(right):
        return True
    plain = fuzz.ratio(left, right)
    # German and Nordic cities are also written ae, oe, ue: Duesseldorf, Goeteborg.
    short = fuzz.ratio(*(re.sub(r"([aou])e", r"\1", side) for side in (left, right)))
    return max(plain, short) >= _SAME_CITY


def _as_scanned(city: str) -> str:
    letters = city.replace("rn", "m").replace("vv", "w").replace("ii", "u")
    return letters.translate(_SCANNED)


def _starts_with(longer: str, shorter: str) -> bool:
    """'Offenbach am Main' and 'Offenbach', 'Wien 10' and 'Wien', but not 'Bad' in 'Bad Homburg'."""
    if not longer.startswith(shorter + " "):
        return False
    return len(shorter) >= 5 or (len(shorter) == 4 and longer[len(shorter) + 1 :].isdigit())
