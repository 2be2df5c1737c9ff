"""Header fields by their labels: number, dates, order, currency, bank account, VAT ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tools.domain.identifiers import compact, is_iban, is_vat_id, looks_like_iban
from tools.domain.money import NO_CURRENCY, is_currency
from tools.intake.pdf_amounts import currency_sign, numerals
from tools.intake.pdf_dates import DateOrder, find_dates
from tools.intake.pdf_label_words import Field
from tools.intake.pdf_labels import labels_in
from tools.intake.pdf_lines import Cell, Layout, cell_of
from tools.intake.pdf_values import Value, surest, values_of

_IDENTIFIER = re.compile(r"^(?=[^\s]*\d)[A-Za-z0-9ÄÖÜÉ_][\w./\-–#+&]*[\w]|^\d\b")
_PREFIX = re.compile(r"^(?:[A-Za-z]{1,5}[-.]?)\s(?=[\d])")
_NUMBER_WORDS = re.compile(
    r"^(?:n[ro°º]?\.?o?|nr|no|number|nummer|#|num(?:ber|ero)?)[.:°º\s]+", re.IGNORECASE
)
_MONEY = re.compile(r"^[€$£]|^\d{1,3}(?:[.,]\d{3})*[.,]\d{2}\b\s*(?:[€$£%]|EUR|USD|GBP)")
_IN_BRACKETS = re.compile(r"^\(\s*\d{2,3}\s*\)\s*")
_VAT = re.compile(
    r"\b(?P<country>AT|BE|BG|CHE|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|"
    r"MT|NL|NO|PL|PT|RO|SE|SI|SK|XI)"
    r"[ -]?[A-Z]{0,2}[ .-]?\d(?:[ .-]?[0-9A-Z]){5,13}(?![0-9A-Za-z])"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")


# IBAN registry (SWIFT), countries of the single euro payments area.
_IBAN_LENGTHS = dict(
    pair.split(":")
    for pair in """AD:24 AT:20 BE:16 BG:22 CH:21 CY:28 CZ:24 DE:22 DK:18 EE:20 ES:24 FI:18 FR:27
    GB:22 GI:23 GR:27 HR:21 HU:28 IE:22 IS:26 IT:27 LI:21 LT:20 LU:20 LV:21 MC:27 MT:31 NL:18 NO:15 PL:28 PT:25 RO:24
    SE:24 SI:19 SK:24 SM:27""".split()
)


@dataclass(frozen=True, slots=True)
class Located:
    """Text of one field and where it stands. `sure` is false where the evidence is thin."""

    text: str
    cell: Cell
    sure: bool = True


def identifier(text: str) -> str | None:
    """A document number at the start of a text; None for dates, amounts and plain words."""
    text = _IN_BRACKETS.sub("", text)
    text = _NUMBER_WORDS.sub("", text).lstrip("#:. ")
    dated = find_dates(text)
    if (dated and dated[0].start == 0 and dated[0].end >= len(text.split()[0])) or _MONEY.match(text):
        return None
    prefix = _PREFIX.match(text)
    found = _IDENTIFIER.match(text[prefix.end() :] if prefix else text)
    if found is None:
        return None
    return (prefix[0] if prefix else "") + found[0]


def invoice_number(layout: Layout) -> Value[str] | None:
    """The document's own number; a title with a number in large print counts as a label."""
    found = list(values_of(layout, Field.NUMBER, identifier))
    titled = titled_number(layout)
    if titled is not None:
        found.append(titled)
    return max(found, key=lambda one: (one.strength, -one.cell.line), default=None)


def dates_of(layout: Layout, field: Field, order: DateOrder | None) -> Iterator[Value[date]]:
    """Dates that labels of `field` point to; ambiguous ones are left out."""

    def first_date(text: str) -> date | None:
        found = find_dates(text)
        return found[0].resolve(order) if found and found[0].start <= 14 else None

    return values_of(layout, field, first_date)


def ambiguous_date(layout: Layout, field: Field, order: DateOrder | None) -> Value[str] | None:
    """A labelled date that cannot be read for certain."""

    def unread(text: str) -> str | None:
        found = find_dates(text)
        if found and found[0].start <= 14 and found[0].resolve(order) is None:
            return text[found[0].start : found[0].end]
        return None

    return surest(values_of(layout, field, unread))


_NUMBERED_TITLE = re.compile(
    r"(?:\b(?:nr|no|num|numero|number|nro)\b\.?|n[°º]\.?|#)\s*:?\s*(?P<number>\S*\d\S*)\s+"
    r"(?:vom|du|of|dated|van|d\.d\.|del|de|från|af|av|z dnia|/|-)\s+(?=\S*\d)",
    re.IGNORECASE,
)
_TITLE_STRENGTH = 8
"""Between a label that says it alone and a vague one: `Handelsrechnung Nr. TX-471102 vom 30.10.2018`."""


def titled_number(layout: Layout) -> Value[str] | None:
    """The number in a heading of the form `… Nr. X vom 30.10.2018` in the upper half of the first page."""
    found = _numbered_title(layout)
    return Value(found[1]["number"], found[0], _TITLE_STRENGTH) if found is not None else None


def titled_date(layout: Layout, order: DateOrder | None) -> Value[date] | None:
    """The date in such a heading."""
    found = _numbered_title(layout)
    if found is None:
        return None
    dates = [one for one in find_dates(found[0].text) if one.start >= found[1].end() - 1]
    day = dates[0].resolve(order) if dates else None
    return Value(day, found[0], _TITLE_STRENGTH) if day is not None else None


def lonely_date(layout: Layout, order: DateOrder | None) -> Value[date] | None:
    """A date alone in its cell in the upper half of the first page, when there is only one such date."""
    found = []
    for cell in layout.cells:
        dates = find_dates(cell.text) if cell.page == 1 and cell.box.y0 < 0.5 * layout.height(1) else []
        if len(dates) == 1 and dates[0].start <= 12 and dates[0].end == len(cell.text.rstrip(" .")):
            day = dates[0].resolve(order)
            if day is not None and not any(c.isdigit() for c in cell.text[: dates[0].start]):
                found.append(Value(day, cell, 1))
    return found[0] if len({one.value for one in found}) == 1 else None


def _numbered_title(layout: Layout) -> tuple[Cell, re.Match[str]] | None:
    for cell in layout.cells:
        if cell.page == 1 and cell.box.y0 < 0.5 * layout.height(1):
            match = _NUMBERED_TITLE.search(cell.text)
            dates = find_dates(cell.text)
            if match is not None and any(abs(one.start - match.end()) <= 2 for one in dates):
                if any(one.field is Field.ORDER and one.first == 0 for one in labels_in(cell)):
                    continue
                return cell, match
    return None


def order_reference(layout: Layout, number: str | None) -> Value[str] | None:
    found = [one for one in values_of(layout, Field.ORDER, identifier) if one.value != number]
    return max(found, key=lambda one: one.strength, default=None)


def currencies(layout: Layout) -> Counter[str]:
    """How often each currency stands beside an amount, `kr` for the three crowns."""
    return Counter(one.currency for cell in layout.cells for one in numerals(cell) if one.currency)


def labelled_currency(layout: Layout) -> Value[str] | None:
    def code(text: str) -> str | None:
        for word in re.findall(r"[A-Z]{3}|[€£]", text[:40]):
            sign = currency_sign(word)
            if sign is not None:
                return sign
        return None

    return surest(values_of(layout, Field.CURRENCY, code))


def currency_of(layout: Layout, language: str | None) -> Located | None:
    """The document's currency; not sure where a sign is used by several or two stand beside amounts."""
    named = labelled_currency(layout)
    if named is not None and is_currency(named.value):
        return Located(named.value, named.cell)
    counted = currencies(layout) or _loose_codes(layout)
    if not counted:
        return None
    (first, most), *others = counted.most_common()
    cell = _cell_with(layout, first)
    if first == "kr":
        crown = {"da": "DKK", "no": "NOK", "sv": "SEK"}.get(language or "")
        return Located(crown, cell, False) if crown and cell else None
    if cell is None or first == NO_CURRENCY:
        return None
    written = _loose_codes(layout)
    if first == "USD" and not written.get("USD"):
        dollars = [code for code in written if code in ("CAD", "AUD", "NZD", "SGD", "HKD", "MXN")]
        return Located(dollars[0] if dollars else "USD", cell, False)
    return Located(first, cell, not others or most >= 3 * others[0][1])


def _loose_codes(layout: Layout) -> Counter[str]:
    """ISO codes and signs that stand alone; three capitals inside names are no currency."""
    found: Counter[str] = Counter()
    for cell in layout.cells:
        for word in cell.words:
            sign = currency_sign(word.text.strip("().,:;"))
            if (
                sign is not None
                and sign != "kr"
                and (len(sign) != 3 or sign in _COMMON or word.text in "€£$")
            ):
                found[sign] += 1
    return found


_COMMON = frozenset(
    """EUR USD GBP CHF SEK DKK NOK PLN CZK HUF RON BGN CAD AUD NZD JPY CNY INR SGD HKD ZAR BRL MXN TRY
    ISK""".split()
)


def _cell_with(layout: Layout, currency: str) -> Cell | None:
    for cell in layout.cells:
        if any(one.currency == currency for one in numerals(cell)):
            return cell
        if any(currency_sign(word.text.strip("().,:;")) == currency for word in cell.words):
            return cell
    return None


def ibans(layout: Layout) -> list[Located]:
    """Bank accounts in the order of the document; with wrong check digits only behind the word IBAN."""
    found: dict[str, Located] = {}
    for line in layout.lines:
        text = " ".join(cell.text for cell in line.cells)
        if text.casefold().rstrip(" :").endswith("iban") and line.index + 1 < len(layout.lines):
            text = f"{text} {layout.lines[line.index + 1].cells[0].text}"
        for match in _IBAN.finditer(text):
            number = _iban_in(match[0], "iban" in text.casefold())
            if number is not None and number[0] not in found:
                cell = _cell_of_text(line.cells, number[0])
                found[number[0]] = Located(number[0], cell, number[1])
    return list(found.values())


def _iban_in(text: str, labelled: bool) -> tuple[str, bool] | None:
    """The IBAN at the start of a run of capitals and digits, cut to the length of its country."""
    squeezed = compact(text)
    for length in range(min(len(squeezed), 34), 14, -1):
        if is_iban(squeezed[:length]):
            return squeezed[:length], True
    length = int(_IBAN_LENGTHS.get(squeezed[:2], "0"))
    if labelled and length and looks_like_iban(squeezed[:length]) and len(squeezed) >= length:
        return squeezed[:length], False
    return None


def _cell_of_text(cells: Iterable[Cell], squeezed: str) -> Cell:
    kept = list(cells)
    for cell in kept:
        if squeezed[:8] in compact(cell.text):
            words = [
                word
                for word in cell.words
                if compact(word.text).strip(":") and compact(word.text) in squeezed
            ]
            return cell_of(words, cell.line) if words else cell
    return kept[0]


def vat_ids(layout: Layout) -> list[Located]:
    """Everything that has the form of a VAT id; `sure` when its check digits are right."""
    return [
        Located(number, cell, is_vat_id(number)) for cell in layout.cells for number in _vat_forms(cell.text)
    ]


_LOOSE_VAT = re.compile(r"^[#: ]*(?P<number>[A-Z]{2}[ ]?\d[0-9A-Z. ]{5,13}[0-9A-Z])(?![0-9A-Za-z])")


def labelled_vat(layout: Layout) -> Value[str] | None:
    """What stands behind a label of the supplier's VAT id, even with a wrong number of digits."""

    def loose(text: str) -> str | None:
        found = _LOOSE_VAT.match(text)
        return compact(found["number"]) if found is not None else None

    return next(values_of(layout, Field.SUPPLIER_VAT, loose), None)


def vat_in(text: str) -> str | None:
    """The first VAT id in a text, without blanks."""
    return next(_vat_forms(text), None)


def _vat_forms(text: str) -> Iterator[str]:
    for match in _VAT.finditer(text):
        number = compact(match[0])
        lengths = _VAT_LENGTHS.get(number[:2], ())
        squeezed = next((number[:size] for size in lengths if is_vat_id(number[:size])), number)
        if len(squeezed) in lengths and not is_iban(squeezed):
            yield squeezed


_VAT_LENGTHS = {
    "AT": (11,),
    "BE": (12, 11),
    "BG": (11, 12),
    "CY": (11,),
    "CZ": (10, 11, 12),
    "DE": (11,),
    "DK": (10,),
    "EE": (11,),
    "EL": (11,),
    "ES": (11,),
    "FI": (10,),
    "FR": (13,),
    "GB": (11, 14),
    "HR": (13,),
    "HU": (10,),
    "IE": (10, 11),
    "IT": (13,),
    "LT": (11, 14),
    "LU": (10,),
    "LV": (13,),
    "MT": (10,),
    "NL": (14,),
    "NO": (11, 14),
    "PL": (12,),
    "PT": (11,),
    "RO": tuple(range(4, 13)),
    "SE": (14,),
    "SI": (10,),
    "SK": (12,),
    "XI": (11,),
    "CH": (12, 15, 16, 17),
}
