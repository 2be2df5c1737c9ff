"""Address lines of a creditor, taken apart: postcode and city share a line, the country has one."""

from __future__ import annotations

import re

_DUTCH = re.compile(r"(\d{4} ?[A-Z]{2})\s+(\S.*)")
_LEADING = re.compile(r"((?:[A-Z]{1,2}-)?\d[\d-]*(?: \d{2,3}(?= ))?)\s+(\S.*)")
_NAMES = """
AT oostenrijk austria | BE belgië belgie belgium | BG bulgarije bulgaria | CH zwitserland switzerland
CN china | CY cyprus | CZ tsjechië tsjechie czechia | DE duitsland germany | DK denemarken denmark
EE estland estonia | ES spanje spain | FI finland | FR frankrijk france | GB engeland groot-brittannië
GR griekenland greece | HR kroatië kroatie croatia | HU hongarije hungary | IE ierland ireland | IN india
IT italië italie italy | JP japan | LT litouwen lithuania | LU luxemburg luxembourg | LV letland latvia
MT malta | NL nederland netherlands | NO noorwegen norway | PL polen poland | PT portugal
RO roemenië roemenie romania | SE zweden sweden | SI slovenië slovenie slovenia | SK slowakije slovakia
TR turkije turkey | UA oekraïne ukraine
"""
_COUNTRIES = {
    name: words[0]
    for words in (part.split() for line in _NAMES.strip().splitlines() for part in line.split("|"))
    for name in words[1:]
} | {
    "verenigde staten": "US",
    "verenigde staten van amerika": "US",
    "united states": "US",
    "united states of america": "US",
    "usa": "US",
    "verenigd koninkrijk": "GB",
    "united kingdom": "GB",
    "tsjechische republiek": "CZ",
    "czech republic": "CZ",
    "the netherlands": "NL",
}


def postcode_and_city(line: str) -> tuple[str | None, str | None]:
    """`1015 CS  Amsterdam`, `40210 Düsseldorf`; a line that does not begin with a postcode is all city."""
    text = line.strip()
    found = _DUTCH.fullmatch(text) or _LEADING.fullmatch(text)
    if found is not None:
        return found[1], found[2]
    return None, text or None


def country_code(line: str) -> str | None:
    """ISO 3166 code of a Dutch or English name, or of a code; None for what is not known here."""
    text = " ".join(line.split())
    if len(text) == 2 and text.isascii() and text.isalpha():
        return text.upper()
    return _COUNTRIES.get(text.casefold())


def country_name(code: str) -> str:
    """A name that `country_code` reads; the code itself where there is none."""
    return next((name for name, known in _COUNTRIES.items() if known == code), code)
