"""The values that stand printed in a text, as the rules for PDFs read them: what somebody says that they read
is held against them, and what does not stand there counts for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tools.domain.money import NO_CURRENCY, is_currency
from tools.intake.pdf_amounts import Convention, Numeral, convention_shown, numerals, read, usual_convention
from tools.intake.pdf_currency import currencies, currency_of
from tools.intake.pdf_dates import DateOrder, date_order, find_dates
from tools.intake.pdf_language import language_of, usual_date_order
from tools.intake.pdf_lines import Layout
from tools.intake.pdf_vocabulary import names_tax
from tools.intake.text_layout import text_layout

_EDGES = " .,;:*"
_LONGEST = 120
_MOST = Decimal(10) ** 15
"""Longer runs of digits are no amounts."""
_WHOLE = (r"(?<![^\s(\[:#\"'])", r"(?=[.,;:)\]\"']*(?:\s|$))")
"""What stands before and behind a number."""


@dataclass(frozen=True)
class PrintedValues:
    """What one text shows, and how it is read. A value that can be read in two ways is not in here."""

    layout: Layout
    amounts: Mapping[str, Decimal]
    """As printed -> the amount."""
    figures: Mapping[str, Decimal]
    """Amounts and all other plain numbers: quantities, prices."""
    dates: Mapping[str, date]
    rates: tuple[Decimal, ...]
    """Percentages."""
    currencies: tuple[str, ...]
    names_tax: bool

    @classmethod
    def of(cls, text: str, currency: str = NO_CURRENCY) -> PrintedValues:
        """`currency` is the document's where it is known."""
        layout = text_layout(text)
        language = language_of(text)
        found = currency_of(layout, language)
        code = currency if currency != NO_CURRENCY else found.text if found is not None else None
        convention = convention_shown(layout.cells) or usual_convention(language, code)
        order = date_order((cell.text for cell in layout.cells), usual_date_order(language, code, text))
        signs = [*([found.text] if found else []), *currencies(layout)]
        figures = list(_figures(layout, convention))
        return cls(
            layout=layout,
            amounts=_amounts(figures),
            figures={printed: value for printed, value, _ in figures},
            dates=dict(_dates(layout, order)),
            rates=tuple(dict.fromkeys(_rates(layout, convention))),
            currencies=tuple(dict.fromkeys(sign for sign in signs if is_currency(sign))),
            names_tax=names_tax(text),
        )

    def amount(self, said: str) -> Decimal | None:
        """The amount that is printed so; None where it is not."""
        return _same(said, self.amounts)

    def figure(self, said: str) -> Decimal | None:
        return _same(said, self.figures)

    def day(self, said: str) -> date | None:
        """The date that is printed so, or is one of those printed in another form."""
        if said in self.dates:
            return self.dates[said]
        meant = [one for found in find_dates(said) for one in (found.day_first, found.month_first)]
        return next((day for day in self.dates.values() if day in meant and len(set(meant)) == 1), None)

    def words(self, said: str, *, whole: bool = False) -> str | None:
        """The text as it stands in one line, with single blanks; None where it does not, or only as a part of
        other words. `whole`: signs such as dashes and slashes do not end it, as in `2026-17/3`."""
        wanted = " ".join(said.split()).strip(_EDGES)
        return wanted if wanted and any(self._lines_with(wanted, whole)) else None

    def place(self, printed: str, *, last: bool = False) -> tuple[str, int] | None:
        """The first line with this text, or the last one, and its page from 1."""
        found = list(self._lines_with(printed))
        return found[-1 if last else 0] if found else None

    def _lines_with(self, wanted: str, whole: bool = False) -> Iterator[tuple[str, int]]:
        before, after = _WHOLE if whole else (r"(?<!\w)", r"(?!\w)")
        pattern = re.compile(before + re.escape(wanted) + after)
        for line in self.layout.lines:
            text = " ".join(cell.text for cell in line.cells)
            if found := pattern.search(text):
                start = max(0, min(found.start() - _LONGEST // 2, len(text) - _LONGEST))
                yield text[start : start + _LONGEST], line.page


def _same(said: str, known: Mapping[str, Decimal]) -> Decimal | None:
    """Also where only the currency's sign or a blank is different."""
    if said in known:
        return known[said]
    bare = _bare(said)
    return next((value for printed, value in known.items() if bare and _bare(printed) == bare), None)


def _bare(printed: str) -> str:
    return re.sub(r"[^\d.,'()-]", "", printed).strip(".,")


def _figures(layout: Layout, convention: Convention | None) -> Iterator[tuple[str, Decimal, Numeral]]:
    for cell in layout.cells:
        for one in numerals(cell):
            value = read(one, convention)
            if value is not None and not one.percent and abs(value) < _MOST:
                yield one.cell.text.strip(_EDGES), value, one


def _rates(layout: Layout, convention: Convention | None) -> Iterator[Decimal]:
    for cell in layout.cells:
        for one in numerals(cell):
            rate = read(one, convention) if one.percent else None
            if rate is not None:
                yield rate


def _amounts(figures: list[tuple[str, Decimal, Numeral]]) -> dict[str, Decimal]:
    """Figures with a currency or cents; where no figure has cents, as in yen, all of them."""
    with_cents = {
        printed: value
        for printed, value, one in figures
        if one.currency is not None or re.search(r"[.,]\d{2}$", one.raw)
    }
    return with_cents or {printed: value for printed, value, _ in figures}


def _dates(layout: Layout, order: DateOrder | None) -> Iterator[tuple[str, date]]:
    for line in layout.lines:
        for cell in line.cells:
            for found in find_dates(cell.text):
                day = found.resolve(order)
                if day is not None:
                    yield cell.text[found.start : found.end], day
