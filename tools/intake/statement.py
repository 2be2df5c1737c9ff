"""A supplier's statement of account, out of CSV or the text of a PDF.

Both become rows under known columns; what a row is and what it says is decided in one place for both. What
cannot be understood stands in `Statement.unread`: an amount is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tools.domain.csv_tables import CsvFault, grid_of, separator_of, text_in
from tools.domain.money import Currency, Money, is_currency, minor_unit, total
from tools.domain.statement import EntryKind, Statement, StatementLine
from tools.intake.pdf_amounts import convention_of, read_number
from tools.intake.pdf_dates import DateOrder, date_order, find_dates
from tools.intake.statement_columns import Column, RowKind, column_of, entry_kind, is_plain_balance, row_kind
from tools.intake.statement_days import is_no_day
from tools.intake.statement_sides import Sides, turned
from tools.intake.statement_signs import sign_of

_NUMERAL = re.compile(r"\d[\d.,'’ \u00a0]*\d|\d")  # noqa: RUF001
_AMOUNTS = (Column.DEBIT, Column.CREDIT, Column.OPEN, Column.AMOUNT, Column.BALANCE)
_AS_OF = re.compile(r"\b(?:as (?:of|at)|per|stand|statement date|datum|date|au|al)\b[^\n]{0,20}?(?=\d)", re.I)
_HEAD_LINES = 100
"""Lines looked at for the header; before it stand address and title."""
Row = dict[Column, str]


class NoStatement(Exception):
    """The file is no statement that can be read; the text says what it lacks."""


@dataclass(frozen=True)
class Sheet:
    """Rows under known columns, with the number each has in the file."""

    rows: tuple[tuple[int, Row], ...]
    text: str = ""
    """All words around the table, for the date of the statement."""


def read_statement(content: bytes, name: str, currency: Currency, *, mirrored: bool = False) -> Statement:
    """`currency` is used where the file names none. `mirrored` is a person's word that debit and credit, or
    the signs, are written from our side. Raises NoStatement."""
    if content.startswith(b"%PDF"):
        from tools.intake.statement_pages import pdf_sheet

        sheet = pdf_sheet(content, name)
    else:
        sheet = csv_sheet(content, name)
    return statement_of(sheet, name, currency, mirrored=mirrored)


def csv_sheet(content: bytes, name: str) -> Sheet:
    """CSV with any usual separator; the header is the first row that names an amount and a date or number."""
    try:
        text = text_in(content, name, western=True)
        heads = [line for line in text.splitlines() if line.strip()][:_HEAD_LINES]
        separator = separator_of(heads, lambda cells: len({column_of(cell) for cell in cells} - {None}))
        grid = grid_of(text, name, separator, strict=False)
    except CsvFault as fault:
        raise NoStatement(str(fault)) from None
    start, columns = find_header([cells for _, cells in grid])
    if columns is None:
        raise NoStatement(
            f"{name} has no header row that names an amount and a date or number; "
            "add one, for example: date;number;type;amount"
        )
    rows = ((line, _csv_row(cells, columns)) for line, cells in grid[start + 1 :])
    above = "\n".join(" ".join(cells) for _, cells in grid[:start])
    return Sheet(tuple((line, row) for line, row in rows if row), above)


def _csv_row(cells: Sequence[str], columns: Mapping[int, Column]) -> Row:
    """Cells by column; what stands under no known column is taken as words of the row."""
    row = {column: cells[at] for at, column in columns.items() if at < len(cells) and cells[at]}
    loose = " ".join(cell for at, cell in enumerate(cells) if at not in columns and cell)
    if loose:
        row[Column.KIND] = f"{row.get(Column.KIND, '')} {loose}".strip()
    return row


def find_header(grid: Sequence[Sequence[str]]) -> tuple[int, dict[int, Column] | None]:
    """Position of the header row, and which cell of it names which column."""
    for position, cells in enumerate(grid):
        heads: dict[int, Column] = {}
        for at, cell in enumerate(cells):
            column = column_of(cell)
            if column is not None and column not in heads.values():
                heads[at] = column
        kinds = set(heads.values())
        if kinds & {Column.DATE, Column.NUMBER} and kinds & set(_AMOUNTS):
            return position, heads
    return 0, None


def statement_of(sheet: Sheet, name: str, currency: Currency, *, mirrored: bool = False) -> Statement:
    """Lines, balances and what was not understood. Raises NoStatement for a table without entries."""
    reader = _Reader(sheet, currency, mirrored)
    for position, row in sheet.rows:
        reader.take(position, row)
    found = reader.statement()
    if not found.lines and found.opening is None and not found.unread:
        raise NoStatement(f"{name} has a header row and no entries under it")
    return found


class _Reader:
    def __init__(self, sheet: Sheet, currency: Currency, mirrored: bool) -> None:
        cells = [row[column] for _, row in sheet.rows for column in _AMOUNTS if column in row]
        self._convention = convention_of(found for cell in cells for found in _NUMERAL.findall(cell)[:1])
        dates = [row[Column.DATE] for _, row in sheet.rows if Column.DATE in row]
        self._order = date_order(dates, DateOrder.DAY_FIRST)
        named = {row[Column.CURRENCY].upper() for _, row in sheet.rows if Column.CURRENCY in row}
        known = {code for code in named if is_currency(code)}
        if len(known) > 1:
            raise NoStatement(
                f"the statement mixes currencies: {', '.join(sorted(known))}; reconcile each alone"
            )
        self._currency = known.pop() if known else currency
        self._text = sheet.text
        self.lines: list[StatementLine] = []
        self.opening: Money | None = None
        self._closing: Money | None = None
        self._balance: Money | None = None
        self._unread: list[str] = []
        self._mirrored = mirrored
        self._sides = Sides()
        self._raises = Column.CREDIT if mirrored else Column.DEBIT
        """The column of what we owe."""

    def take(self, position: int, row: Row) -> None:
        """One row: a balance, an entry, or something that is not understood."""
        words = " ".join(row.get(column, "") for column in (Column.KIND, Column.NUMBER, Column.DATE))
        kind, amount = row_kind(words, begun=bool(self.lines)), self._amount(row)
        balance = self._money(row.get(Column.BALANCE))
        booked = self._date(row.get(Column.DATE, ""))
        if kind is RowKind.OPENING:
            self._open(position, row, balance if amount is None else amount)
        elif kind is RowKind.CLOSING and (booked is None or is_plain_balance(words)) and not _is_paid(words):
            self._closing = balance or amount or self._closing
        elif amount is None and booked is None and not any(column in row for column in _AMOUNTS):
            return
        elif amount is None or (booked is None and Column.NUMBER not in row):
            self._leave(position, row)
        elif booked is None and is_no_day(row.get(Column.DATE, "")):
            self._leave(position, row, f"“{row[Column.DATE]}” is not a day of the calendar")
        elif fault := self._sides.fault(row.get(Column.KIND, ""), amount, has_side=_has_side(row)):
            self._leave(position, row, fault)
        else:
            self._balance = balance
            raised = self._raises in row
            self.lines.append(_entry(position, row, words, booked, amount, raised=raised))

    def _open(self, position: int, row: Row, balance: Money | None) -> None:
        """The balance before all entries; below the first of them it is carried from page to page."""
        if self.lines:
            return
        if balance is None and any(_NUMERAL.search(row.get(column, "")) for column in _AMOUNTS):
            self._leave(position, row)
        self.opening = balance

    def _leave(self, position: int, row: Row, why: str = "") -> None:
        told = f"row {position}: {' '.join(row.values())}"
        self._unread.append(f"{told} ({why})" if why else told)

    def statement(self) -> Statement:
        known = total((line.amount for line in self.lines), self._currency)
        computed = known if self.opening is None else known + self.opening
        printed = self._closing or self._balance
        if self._mirrored:
            printed = turned(printed, computed)
        doubts = (self._sides.doubt,) if self._sides.doubt else ()
        return Statement(
            currency=self._currency,
            opening=self.opening,
            closing=printed or computed,
            closing_is_printed=printed is not None,
            lines=tuple(self.lines),
            as_of=_as_of(self._text, self._order),
            unread=(*doubts, *self._unread),
        )

    def _amount(self, row: Row) -> Money | None:
        """What the row adds to what we owe: debit less credit, else what is open, else the amount."""
        debit, credit = self._money(row.get(Column.DEBIT)), self._money(row.get(Column.CREDIT))
        if debit is not None or credit is not None:
            zero = Money.zero(self._currency)
            found = (debit or zero) - (abs(credit) if credit else zero)
            return -found if self._mirrored else found
        for column in (Column.OPEN, Column.AMOUNT):
            if column in row:
                single = self._money(row[column])
                return -single if self._mirrored and single is not None else single
        return None

    def _money(self, text: str | None) -> Money | None:
        found = _NUMERAL.search(text) if text is not None else None
        if text is None or found is None:
            return None
        sign = sign_of(text[: found.start()], text[found.end() :], self._currency)
        value = read_number(found[0].replace("\u00a0", " ").strip(), self._convention, self._currency)
        if sign is None or value is None or _decimals(value) > minor_unit(self._currency):
            return None
        return Money(amount=value * sign, currency=self._currency)

    def _date(self, text: str) -> date | None:
        found = find_dates(text)
        return found[0].resolve(self._order) if found else None


def _entry(
    position: int, row: Row, words: str, booked: date | None, amount: Money, *, raised: bool
) -> StatementLine:
    """A row called credit note or payment lowers the balance whatever its sign, except in the column of what
    we owe: that is a payment that was returned."""
    kind = entry_kind(row.get(Column.KIND, "")) or entry_kind(words)
    if kind is None or (kind is EntryKind.INVOICE and amount.amount < 0):
        kind = EntryKind.INVOICE if amount.amount >= 0 else EntryKind.CREDIT_NOTE
    lowers = kind is not EntryKind.INVOICE and not raised
    return StatementLine(
        position=position,
        kind=kind,
        number=row.get(Column.NUMBER),
        booked=booked,
        amount=-abs(amount) if lowers else amount,
    )


def _is_paid(words: str) -> bool:
    """`Total paid` is no balance."""
    return entry_kind(words) is EntryKind.PAYMENT


def _has_side(row: Row) -> bool:
    return Column.DEBIT in row or Column.CREDIT in row


def _decimals(value: Decimal) -> int:
    """Decimals as printed: `5.000` has three, and in euros is as likely five thousand."""
    return max(0, -int(value.as_tuple().exponent))


def _as_of(text: str, order: DateOrder | None) -> date | None:
    """The statement's own date, out of the words before its table."""
    for match in _AS_OF.finditer(text):
        found = find_dates(text[match.end() : match.end() + 24])
        if found and found[0].start <= 1:
            return found[0].resolve(order)
    return None
