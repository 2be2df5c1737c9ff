"""Invoice lines out of the table under a head, by column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tools.intake.pdf_amount_rows import CENT
from tools.intake.pdf_amounts import Convention, Numeral, numerals, read
from tools.intake.pdf_columns import Column, Head, TableHead, table_heads
from tools.intake.pdf_lines import Cell, Layout, Line, cell_of
from tools.intake.pdf_vocabulary import Label, Part, label_of, parts_of
from tools.intake.pdf_words import Box, Word

_REACH = 45.0
"""Points between a number and the head of its column, at most."""
_ENDS = (Label.NET, Label.GROSS, Label.PAYABLE, Label.TAX)
_WHOLE_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class TableLine:
    """One invoice line; `cells` says where each field stands. `proven`: quantity × price is the amount."""

    amount: Decimal
    description: str | None = None
    line_id: str | None = None
    item: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    tax_rate: Decimal | None = None
    proven: bool = False
    cells: dict[str, Cell] = field(default_factory=dict)
    head: int = 0
    """Last line of the table's head, counted in the document."""
    anchor: int = 0
    """Line on which its figures stand."""


@dataclass(frozen=True, slots=True)
class _Row:
    line: Line
    numbers: dict[Column, Numeral]
    words: dict[Column, list[Word]]


def table_lines(layout: Layout, convention: Convention | None) -> list[TableLine]:
    """The lines of all tables of goods, in reading order; a head repeated on the next page goes on."""
    found: list[TableLine] = []
    heads = list(table_heads(layout))
    for position, head in enumerate(heads):
        if position and heads[position - 1].page == head.page and found:
            continue
        following = heads[position + 1].last if position + 1 < len(heads) else len(layout.lines)
        found.extend(_lines_under(layout, head, following, convention))
    return found


def _lines_under(
    layout: Layout, head: TableHead, end: int, convention: Convention | None
) -> Iterator[TableLine]:
    rows: list[_Row] = []
    open_row: _Row | None = None
    for line in layout.lines[head.last + 1 : end]:
        row = _row(line, head)
        if rows and _ends_table(line, row):
            break
        if open_row is not None:
            row = _joined_rows(open_row, row) or row
        open_row = None
        if _is_anchor(row):
            rows.append(row)
        elif Column.QUANTITY in row.numbers or Column.PRICE in row.numbers:
            open_row = row
    for row in rows:
        found = _table_line(layout, row, head, convention)
        if found is not None:
            yield found


def _row(line: Line, head: TableHead) -> _Row:
    numbers: dict[Column, Numeral] = {}
    words: dict[Column, list[Word]] = {}
    for cell in line.cells:
        inside = list(numerals(cell))
        taken: set[int] = set()
        for one in inside:
            at = _nearest(head, one.cell.box)
            if one.percent and at is not None and at.column in (Column.QUANTITY, Column.PRICE, Column.AMOUNT):
                continue
            if at is not None and at.column not in (Column.DESCRIPTION, Column.ITEM):
                taken |= set(range(one.first, one.last))
                numbers.setdefault(at.column, one)
        for position, word in enumerate(cell.words):
            if position not in taken:
                words.setdefault(_text_column(head, word, words), []).append(word)
    return _Row(line, numbers, words)


def _nearest(head: TableHead, box: Box) -> Head | None:
    """The head that a number stands under: most overlap, else the smallest gap."""
    best = max(head.heads, key=lambda one: min(one.box.overlap_x(box), box.x1 - box.x0))
    return best if best.box.overlap_x(box) > -_REACH else None


def _text_column(head: TableHead, word: Word, words: dict[Column, list[Word]]) -> Column:
    """Text belongs to the last column that begins at or before it, a description to its whole width."""
    middle = (word.box.x0 + word.box.x1) / 2
    heads = head.heads
    for position, one in enumerate(heads):
        left = 0.0 if position == 0 else heads[position - 1].box.x1
        right = heads[position + 1].box.x0 if position + 1 < len(heads) else 10_000.0
        if one.column is Column.DESCRIPTION and left - 2 <= middle < right:
            return one.column
    over = [one for one in heads if one.box.overlap_x(word.box) > 0]
    if over:
        return over[0].column
    before = [one for one in heads if one.box.x0 <= word.box.x0 + 3]
    return before[-1].column if before else heads[0].column


def _joined_rows(upper: _Row, lower: _Row) -> _Row | None:
    """One row whose figures stand at two heights: quantity and price above, amount half a line below."""
    near = lower.line.box.middle - upper.line.box.middle < 1.4 * upper.line.cells[0].size
    if lower.line.page != upper.line.page or not near or set(upper.numbers) & set(lower.numbers):
        return None
    if Column.AMOUNT not in lower.numbers:
        return None
    return _Row(upper.line, {**upper.numbers, **lower.numbers}, {**lower.words, **upper.words})


def _is_anchor(row: _Row) -> bool:
    """A line of goods has its amount and, where the table has them, a quantity or a price."""
    if Column.AMOUNT not in row.numbers or row.numbers[Column.AMOUNT].percent:
        return False
    counted = {Column.QUANTITY, Column.PRICE} & set(row.numbers)
    return len(counted) == 2 or (len(counted) == 1 and not _adjusts(row))


def _adjusts(row: _Row) -> bool:
    """A discount or a charge between the lines, by its first words."""
    words = [word for cell in row.line.cells for word in cell.words][:4]
    roles = {part for word in words for part in parts_of(word.text) or ()}
    return bool(roles & {Part.DISCOUNT, Part.CHARGE})


def _ends_table(line: Line, row: _Row) -> bool:
    """A line whose text is nothing but the label of a total or a tax, with an amount."""
    if not any(not one.percent for cell in line.cells for one in numerals(cell)):
        return _heads_totals(line)
    if Column.QUANTITY in row.numbers and Column.PRICE in row.numbers or Column.AMOUNT not in row.numbers:
        return False
    for cell in line.cells:
        words = [word for word in cell.words if any(c.isalpha() for c in word.text)]
        named = label_of(" ".join(word.text for word in words)) if words else None
        if named is not None and named[0] in _ENDS and named[1] >= 2:
            return True
    return False


def _heads_totals(line: Line) -> bool:
    """The head of a table of taxes and totals: three or more labels of amounts, one of them a tax."""
    named = [label_of(cell.text) for cell in line.cells]
    labels = [one[0] for one in named if one is not None]
    return len(labels) >= 3 and (Label.TAX in labels or Label.BASE in labels)


def _table_line(
    layout: Layout, row: _Row, head: TableHead, convention: Convention | None
) -> TableLine | None:
    values = {column: read(one, convention) for column, one in row.numbers.items()}
    amount = values.get(Column.AMOUNT)
    if amount is None:
        return None
    quantity, price = values.get(Column.QUANTITY), values.get(Column.PRICE)
    cells = {name: row.numbers[column].cell for column, name in _NAMES.items() if column in row.numbers}
    description = _description(layout, row, head)
    if description is not None:
        cells["description"] = description
    rate = values.get(Column.TAX_RATE)
    proven = _is_product(quantity, price, amount, values.get(Column.DISCOUNT))
    if proven and quantity is not None and price is not None and quantity * price * amount < 0:
        quantity = -quantity  # a credit printed with its sign on the amount only
    return TableLine(
        amount=amount,
        description=description.text if description is not None else None,
        line_id=row.numbers[Column.POSITION].raw if Column.POSITION in row.numbers else None,
        item=_joined(row.words.get(Column.ITEM)),
        quantity=quantity,
        unit=_unit(row),
        price=price,
        tax_rate=rate if rate is not None and 0 <= rate <= 30 and _is_rate(row, rate) else None,
        proven=proven,
        cells=cells,
        head=head.last,
        anchor=row.line.index,
    )


_NAMES = {
    Column.AMOUNT: "net_amount",
    Column.QUANTITY: "quantity",
    Column.PRICE: "unit_price",
    Column.TAX_RATE: "tax_rate",
}


def _is_rate(row: _Row, rate: Decimal) -> bool:
    """A tax column may hold the tax itself: a sum with a currency is no rate."""
    return row.numbers[Column.TAX_RATE].currency is None


def _is_product(
    quantity: Decimal | None, price: Decimal | None, amount: Decimal, discount: Decimal | None
) -> bool:
    if quantity is None or price is None:
        return False
    full = quantity * price
    less = full * (1 - abs(discount) / _WHOLE_HUNDRED) if discount is not None else full
    return any(abs(abs(value) - abs(amount)) <= CENT for value in (full, less))


def _joined(words: list[Word] | None) -> str | None:
    return " ".join(word.text for word in words) if words else None


def _unit(row: _Row) -> str | None:
    """The word behind the quantity in its cell, or under the head of the units."""
    quantity = row.numbers.get(Column.QUANTITY)
    if quantity is not None:
        home = next(cell for cell in row.line.cells if set(quantity.cell.words) <= set(cell.words))
        behind = home.words[quantity.last : quantity.last + 1]
        if behind and any(c.isalpha() for c in behind[0].text):
            return behind[0].text
    for column in (Column.UNIT, Column.QUANTITY):
        words = [word for word in row.words.get(column, []) if any(c.isalpha() for c in word.text)]
        if len(words) == 1:
            return words[0].text
    return None


def _description(layout: Layout, row: _Row, head: TableHead) -> Cell | None:
    words = row.words.get(Column.DESCRIPTION)
    if words and not _is_code(words):
        return cell_of(words, row.line.index)
    size = row.line.cells[0].size
    for step in (1, -1, 2) if words else (-1, 1, 2):
        position = row.line.index + step
        if head.last < position < len(layout.lines):
            other = layout.lines[position]
            near = abs(other.box.middle - row.line.box.middle) < 1.5 * abs(step) * size
            if other.page == row.line.page and near:
                beside = _row(other, head)
                text = beside.words.get(Column.DESCRIPTION)
                if text and not _is_anchor(beside) and sum(c.isalpha() for w in text for c in w.text) > 2:
                    return cell_of(text, position)
    return cell_of(words, row.line.index) if words else None


def _is_code(words: list[Word]) -> bool:
    """An article number where the name is expected: the name then stands on the next line."""
    text = words[0].text
    return len(words) == 1 and (any(c.isdigit() for c in text) or (text.isupper() and len(text) <= 4))
