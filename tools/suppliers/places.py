"""Whether the place on a document and the place of a supplier are the same: country, postcode, city."""

from __future__ import annotations

import re
from enum import IntEnum

from rapidfuzz import fuzz

from tools.domain.documents import Record
from tools.domain.supplier import Supplier
from tools.suppliers.names import fold

# English and other customary names of cities, in folded spelling, to the local one.
_OTHER_NAMES = {
    **dict.fromkeys(["munich", "monaco di baviera"], "munchen"),
    **dict.fromkeys(["cologne", "keulen", "colonia"], "koln"),
    **dict.fromkeys(["vienna", "vienne", "viena", "wenen"], "wien"),
    **dict.fromkeys(["the hague", "den haag", "la haye", "s gravenhage"], "gravenhage"),
    **dict.fromkeys(["den bosch", "s hertogenbosch"], "hertogenbosch"),
    **dict.fromkeys(["brussels", "brussel", "brussels hoofdstad"], "bruxelles"),
    **dict.fromkeys(["antwerp", "anvers"], "antwerpen"),
    **dict.fromkeys(["ghent", "gand"], "gent"),
    **dict.fromkeys(["bruges"], "brugge"),
    **dict.fromkeys(["liege", "luttich"], "luik"),
    **dict.fromkeys(["milan", "mailand"], "milano"),
    **dict.fromkeys(["rome", "rom"], "roma"),
    **dict.fromkeys(["turin"], "torino"),
    **dict.fromkeys(["florence", "florenz"], "firenze"),
    **dict.fromkeys(["venice", "venedig"], "venezia"),
    **dict.fromkeys(["naples", "neapel"], "napoli"),
    **dict.fromkeys(["genoa", "genua"], "genova"),
    **dict.fromkeys(["padua"], "padova"),
    **dict.fromkeys(["lisbon", "lissabon"], "lisboa"),
    **dict.fromkeys(["oporto"], "porto"),
    **dict.fromkeys(["copenhagen", "kopenhagen", "kobenhavn k"], "kobenhavn"),
    **dict.fromkeys(["gothenburg", "goteburg"], "goteborg"),
    **dict.fromkeys(["warsaw", "warschau", "varsovie"], "warszawa"),
    **dict.fromkeys(["cracow", "krakau"], "krakow"),
    **dict.fromkeys(["breslau"], "wroclaw"),
    **dict.fromkeys(["danzig"], "gdansk"),
    **dict.fromkeys(["posen"], "poznan"),
    **dict.fromkeys(["prague", "prag"], "praha"),
    **dict.fromkeys(["brunn"], "brno"),
    **dict.fromkeys(["geneva", "genf", "ginevra"], "geneve"),
    **dict.fromkeys(["zurich", "zurigo"], "zurich"),
    **dict.fromkeys(["basle", "bale"], "basel"),
    **dict.fromkeys(["berne", "berna"], "bern"),
    **dict.fromkeys(["lucerne"], "luzern"),
    **dict.fromkeys(["nuremberg", "nuremburg"], "nurnberg"),
    **dict.fromkeys(["hanover"], "hannover"),
    **dict.fromkeys(["brunswick"], "braunschweig"),
    **dict.fromkeys(["frankfurt", "frankfort"], "frankfurt am main"),
    **dict.fromkeys(["helsingfors"], "helsinki"),
    **dict.fromkeys(["abo"], "turku"),
    **dict.fromkeys(["seville"], "sevilla"),
    **dict.fromkeys(["saragossa"], "zaragoza"),
    **dict.fromkeys(["luxemburg", "letzebuerg"], "luxembourg"),
    **dict.fromkeys(["londres", "londen"], "london"),
    **dict.fromkeys(["parigi", "parijs"], "paris"),
    **dict.fromkeys(["strassburg"], "strasbourg"),
    **dict.fromkeys(["lyons"], "lyon"),
    **dict.fromkeys(["marseilles"], "marseille"),
    **dict.fromkeys(["new york city", "nyc"], "new york"),
}
# A postcode as it stands before or after a city: digits, with the letters of NL, GB and LU.
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}-)?(\d{4}\s?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|\d{3}\s\d{2}|\d{2}-\d{3}|\d{4,5})\b"
)
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
    return re.sub(r"[^A-Z0-9]", "", (written or "").upper())


def _city(place: Place) -> str:
    words = fold(_POSTCODE.sub(" ", (place.city or "").upper()))
    return _OTHER_NAMES.get(words, words)


def _same_city(left: str, right: str) -> Agreement:
    if not left or not right:
        return Agreement.UNKNOWN
    if _spelt_alike(left, right) or _starts_with(left, right) or _starts_with(right, left):
        return Agreement.AGREES
    return Agreement.DIFFERS


def _spelt_alike(left: str, right: str) -> bool:
    plain = fuzz.ratio(left, right)
    # German and Nordic cities are also written ae, oe, ue: Duesseldorf, Goeteborg.
    short = fuzz.ratio(*(re.sub(r"([aou])e", r"\1", side) for side in (left, right)))
    return max(plain, short) >= _SAME_CITY


def _starts_with(longer: str, shorter: str) -> bool:
    """'Offenbach am Main' and 'Offenbach', but not 'Bad' in 'Bad Homburg'."""
    return len(shorter) >= 5 and longer.startswith(shorter + " ")
