"""The currency of a document: by its label, else by the signs beside its amounts."""

from __future__ import annotations

import re
from collections import Counter

from tools.domain.money import NO_CURRENCY, is_currency
from tools.intake.pdf_amounts import currency_sign, numerals
from tools.intake.pdf_label_words import Field
from tools.intake.pdf_lines import Cell, Layout
from tools.intake.pdf_values import Located, Value, surest, values_of


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
