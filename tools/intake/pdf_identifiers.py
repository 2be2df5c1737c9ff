"""Bank accounts and VAT ids on the pages, by their form and check digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tools.domain.identifiers import compact, is_iban, is_vat_id, looks_like_iban
from tools.intake.pdf_label_words import Field
from tools.intake.pdf_lines import Cell, Layout, cell_of
from tools.intake.pdf_values import Located, Value, values_of

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
    GB:22 GI:23 GR:27 HR:21 HU:28 IE:22 IS:26 IT:27 LI:21 LT:20 LU:20 LV:21 MC:27 MT:31 NL:18 NO:15 PL:28
    PT:25 RO:24 SE:24 SI:19 SK:24 SM:27""".split()
)


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
