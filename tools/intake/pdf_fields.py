"""Header fields by their labels: number, dates and the buyer's order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from tools.intake.pdf_dates import DateOrder, find_dates
from tools.intake.pdf_label_words import Field
from tools.intake.pdf_labels import labels_in
from tools.intake.pdf_lines import Cell, Layout
from tools.intake.pdf_values import Value, surest, values_of

_IDENTIFIER = re.compile(r"^(?=[^\s]*\d)[A-Za-z0-9ÄÖÜÉ_][\w./\-–#+&]*[\w]|^\d\b")
_PREFIX = re.compile(r"^(?:[A-Za-z]{1,5}[-.]?)\s(?=[\d])")
_NUMBER_WORDS = re.compile(
    r"^(?:n[ro°º]?\.?o?|nr|no|number|nummer|#|num(?:ber|ero)?)[.:°º\s]+", re.IGNORECASE
)
_MONEY = re.compile(r"^[€$£]|^\d{1,3}(?:[.,]\d{3})*[.,]\d{2}\b\s*(?:[€$£%]|EUR|USD|GBP)")
_IN_BRACKETS = re.compile(r"^\(\s*\d{2,3}\s*\)\s*")


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
