"""Month names in the languages of the documents, without accents; which of them mean a month depends on what
stands beside them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

_FULL = """
1 january januar janner janvier januari enero gennaio janeiro tammikuu tammikuuta stycznia styczen
2 february februar fevrier februari febrero febbraio fevereiro helmikuu helmikuuta
3 march marz maerz mars maart marzo maaliskuu maaliskuuta
4 april avril abril aprile huhtikuu huhtikuuta kwietnia kwiecien
5 mai mei mayo maggio maio toukokuu toukokuuta
6 june juni juin junio giugno junho kesakuu kesakuuta czerwca czerwiec
7 july juli juillet julio luglio julho heinakuu heinakuuta lipca lipiec
8 august augustus augusti aout agosto elokuu elokuuta sierpnia sierpien
9 september septembre septiembre settembre setembro syyskuu syyskuuta wrzesnia wrzesien
10 october oktober octobre octubre ottobre outubro lokakuu lokakuuta pazdziernika
11 november novembre noviembre novembro marraskuu marraskuuta listopada listopad
12 december dezember decembre diciembre dicembre dezembro joulukuu joulukuuta grudnia desember
"""
_SHORT = """
1 jan
2 feb
3 mar
4 apr
5 may
6 jun
7 jul
8 aug
9 sep sept
10 oct okt
11 nov
12 dec dez
"""
_LOOSE = """
1 ene gen janv
2 fev fevr lutego luty
3 mrt mrz marco marca marzec marts
4 avr abr
5 mag maja maj
6 giu
7 juil lug
8 ago
9 set
10 ott out
12 dic grudzien des
"""


def _numbers(table: str) -> dict[str, int]:
    rows = (row.split() for row in table.strip().splitlines())
    return {name: int(number) for number, *names in rows for name in names}


IN_TEXT: Mapping[str, int] = _numbers(_FULL)
"""Mean a month wherever they stand."""
BESIDE_A_YEAR: Mapping[str, int] = {**IN_TEXT, **_numbers(_SHORT)}
"""Mean a month beside a year."""
IN_DATES: Mapping[str, int] = {**BESIDE_A_YEAR, **_numbers(_LOOSE)}
"""Mean a month between a day and a year; elsewhere `set`, `out` or `des` are words."""


def folded_month(name: str) -> str:
    """As the names stand here: lower case, without accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("ł", "l")
