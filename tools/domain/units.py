"""Units of measure: UN/ECE Recommendation 20 codes, the words for them, exact conversion.

An unknown unit is a question for a person, never an assumption: `unit_code` answers None.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction

# code -> (dimension, how many of the dimension's base unit). UN/ECE Rec. 20, Rec. 21 for packages.
# Codes of the dimension 'piece' all count single things; suppliers use them interchangeably.
_UNITS: dict[str, tuple[str, Fraction]] = {
    **dict.fromkeys(("C62", "H87", "EA", "PCE", "NAR", "1I", "XPP"), ("piece", Fraction(1))),
    "PR": ("piece", Fraction(2)),
    "DZN": ("piece", Fraction(12)),
    "DPC": ("piece", Fraction(12)),
    "CEN": ("piece", Fraction(100)),
    "CNP": ("piece", Fraction(100)),
    "MIL": ("piece", Fraction(1000)),
    "KGM": ("mass", Fraction(1)),
    "GRM": ("mass", Fraction(1, 1000)),
    "MGM": ("mass", Fraction(1, 10**6)),
    "TNE": ("mass", Fraction(1000)),
    "DTN": ("mass", Fraction(100)),
    "LBR": ("mass", Fraction(45359237, 10**8)),
    "ONZ": ("mass", Fraction(45359237, 16 * 10**8)),
    "LTR": ("volume", Fraction(1)),
    "MLT": ("volume", Fraction(1, 1000)),
    "CLT": ("volume", Fraction(1, 100)),
    "HLT": ("volume", Fraction(100)),
    "MTQ": ("volume", Fraction(1000)),
    "DMQ": ("volume", Fraction(1)),
    "CMQ": ("volume", Fraction(1, 1000)),
    "GLL": ("volume", Fraction(3785411784, 10**9)),
    "MTR": ("length", Fraction(1)),
    "CMT": ("length", Fraction(1, 100)),
    "MMT": ("length", Fraction(1, 1000)),
    "KMT": ("length", Fraction(1000)),
    "LM": ("length", Fraction(1)),
    "INH": ("length", Fraction(254, 10**4)),
    "FOT": ("length", Fraction(3048, 10**4)),
    "YRD": ("length", Fraction(9144, 10**4)),
    "MTK": ("area", Fraction(1)),
    "CMK": ("area", Fraction(1, 10**4)),
    "ARE": ("area", Fraction(100)),
    "HAR": ("area", Fraction(10**4)),
    "FTK": ("area", Fraction(3048**2, 10**8)),
    "SEC": ("time", Fraction(1)),
    "MIN": ("time", Fraction(60)),
    "HUR": ("time", Fraction(3600)),
    "LH": ("time", Fraction(3600)),
    "KWH": ("energy", Fraction(1)),
    "MWH": ("energy", Fraction(1000)),
    "GWH": ("energy", Fraction(10**6)),
    "WHR": ("energy", Fraction(1, 1000)),
    "WTT": ("power", Fraction(1, 1000)),
    "KWT": ("power", Fraction(1)),
    "MAW": ("power", Fraction(1000)),
    # Days, months and packages hold no fixed number of anything: they convert to nothing else.
    **{
        c: (c, Fraction(1))
        for c in (
            "DAY WEE MON QAN ANN LS SET P1 E48 E49 XBX XCT XPK XPA XPX XBG XBO XCR XRO XTU XPC XST "
            "XBC XBJ XBL XCS XCY XDR XJR XJY XKG XPU XSH XTB "
            "KIT RO NMP IE ACT E51 E54 4L AD GB 2P A9 EV ZZ NPR PF XCA XBE XSA XPF XKI XEN TP D23 E34 ZP"
        ).split()
    },
    # Older documents write a package without the X that Rec. 20 puts before the codes of Rec. 21.
    **{c: (f"X{c}", Fraction(1)) for c in "BC BO BX CT PA PK PX".split()},
}
_UNITS["NPR"] = ("piece", Fraction(2))

# Words seen on invoices and in ERPs, folded to lower case without a closing dot.
_WORDS: dict[str, str] = {
    **dict.fromkeys(
        "stk stck stück stueck st pcs pce pc piece pieces pièce pièces ea each unit units "
        "stuk stuks unité unités szt pz ks kpl u un".split(),
        "H87",
    ),
    **dict.fromkeys("kg kilo kilogram kilogramm kilograms kilogrammes".split(), "KGM"),
    **dict.fromkeys("g gr gram gramm grams".split(), "GRM"),
    **dict.fromkeys("t to tonne tonnen ton".split(), "TNE"),
    **dict.fromkeys("l ltr liter litre litres liters".split(), "LTR"),
    **dict.fromkeys("m mtr meter metre metres".split(), "MTR"),
    **dict.fromkeys("qm m2 m² sqm".split(), "MTK"),
    **dict.fromkeys("cbm m3 m³".split(), "MTQ"),
    **dict.fromkeys("h hr hrs hour hours std stunde stunden uur uren heure heures".split(), "HUR"),
    **dict.fromkeys("min minute minuten minutes".split(), "MIN"),
    **dict.fromkeys("tag tage day days dag dagen jour jours".split(), "DAY"),
    **dict.fromkeys("monat monate month months maand maanden mois".split(), "MON"),
    **dict.fromkeys("jahr year years jaar an ans".split(), "ANN"),
    **dict.fromkeys("psch pausch pauschal pauschale lump forfait".split(), "LS"),
    **dict.fromkeys("pkg pack packung package pak colis paket".split(), "XPK"),
    **dict.fromkeys("kart karton ctn carton doos".split(), "XCT"),
    **dict.fromkeys("box kiste".split(), "XBX"),
    **dict.fromkeys("seite seiten page pages".split(), "ZP"),
    **dict.fromkeys("set satz".split(), "SET"),
    **dict.fromkeys("paar pair pr".split(), "PR"),
    **dict.fromkeys("kwh".split(), "KWH"),
    "%": "P1",
}


# Wide enough for any number a document can print; the default context stops at 28 digits.
_WIDE = Context(prec=200)


class UnitMismatch(ValueError):
    """The two units measure different things and no conversion of the item is known."""


def unit_code(text: str | None) -> str | None:
    """The Rec. 20 code for a code or a word on a document; None when it is not known."""
    if not text or not text.strip():
        return None
    stripped = text.strip()
    if stripped.upper() in _UNITS:
        return stripped.upper()
    return _WORDS.get(stripped.rstrip(".").casefold())


def factor(source: str, target: str, item: Mapping[str, Fraction] | None = None) -> Fraction:
    """How many `target` are in one `source`, exactly: `factor("XCT", "H87", {"XCT": 12, "H87": 1})` is 12.

    `item` holds the item's own conversions: unit -> number of the item's base unit.
    Raises UnitMismatch when neither the standard nor the item relates the two.
    """
    if source == target:
        return Fraction(1)
    if item and source in item and target in item:
        return Fraction(item[source]) / Fraction(item[target])
    left, right = _UNITS.get(source), _UNITS.get(target)
    if left is None or right is None or left[0] != right[0]:
        raise UnitMismatch(f"no conversion from {source} to {target} is known")
    return left[1] / right[1]


def as_decimal(value: Fraction, places: int = 12) -> Decimal:
    """A fraction as Decimal for showing: exact when it ends within `places`, else cut there."""
    cut = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator)).quantize(
        Decimal(1).scaleb(-places), context=_WIDE
    )
    return _WIDE.add(_WIDE.normalize(cut), Decimal(0))
