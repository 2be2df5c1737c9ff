"""What a second reader says of a document, held against the document's own text.

It fills what the rules left open and nothing else; where both read a value and differ, the rules' stays and a
person is asked. A value that does not stand printed in the text is
dropped; totals that do not add up are dropped together. What is taken over carries its reader and an error,
so that nothing is posted before a person has compared it with the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tools.domain.documents import (
    DocumentFormat,
    DocumentType,
    Invoice,
    Origin,
    Party,
    Problem,
    ProblemSeverity,
    Reading,
    ReadingState,
    TaxLine,
)
from tools.domain.money import NO_CURRENCY, Money
from tools.domain.record import Record
from tools.intake.checks import checked, text_problems
from tools.intake.open_fields import TOTALS, open_fields, value_of
from tools.printed_values import PrintedValues
from tools.read_fields import FIELDS, said_value
from tools.read_kind import ReadKind, read_kind
from tools.read_lines import read_lines
from tools.read_totals import printed_rate, proven_totals, read_totals
from tools.untrusted_text import tidied

READ_BY_MODEL = "read_by_model"
"""Code of the problem that each value taken over carries."""
OTHERWISE = "model_reads_otherwise"
_TYPE_CODES = {DocumentType.INVOICE: "380", DocumentType.CREDIT_NOTE: "381"}
_COMPUTED = ("_wrong", "_rounding")
"""Ends of the codes that `checked` finds again where they still hold."""


class Claims(Record):
    """What a reader says: fields as printed, an empty text for what it did not find."""

    kind: str = ""
    """`invoice`, `credit_note` or something else; empty where it was not asked."""
    values: Mapping[str, str] = {}
    lines: tuple[Mapping[str, str], ...] = ()
    """`description`, `quantity`, `unit_price`, `amount`, as printed."""


class SecondReading(Record):
    """What came of it."""

    reading: Reading | None
    """The completed reading; None: nothing was taken, and the first one stands."""
    taken: Mapping[str, str] = {}
    """Field -> value, as text."""
    dropped: tuple[str, ...] = ()
    """Where it differs from the document or the rules, and why something that was said was not taken, a
    sentence each."""


@dataclass
class _Work:
    """The invoice while it is completed."""

    reading: Reading
    printed: PrintedValues
    reader: str
    invoice: Invoice
    open: tuple[str, ...]
    taken: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Field -> the line of the document it stands in, and its page."""
    dropped: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    """What a person has to decide: each blocks."""
    kind_differences: list[str] = field(default_factory=list)
    """The same of what the document is: a person's word settles it."""

    def take(self, name: str, said: str, shown: str, **change: Any) -> None:
        """`said` is as it is printed, `shown` the value for people. Totals stand at the end."""
        place = self.printed.place(said, last=name in TOTALS) if said else None
        if place is not None:
            self.places[name] = place
        page = place[1] if place and self.reading.format is DocumentFormat.TEXT_PDF else None
        origin = Origin(page=page, read_by=self.reader)
        origins = {**self.invoice.origins, name: origin}
        self.invoice = self.invoice.model_copy(update={**change, "origins": origins})
        self.taken[name] = shown


def completed(
    reading: Reading, claims: Claims, reader: str, today: date | None, printed: PrintedValues | None = None
) -> SecondReading:
    """The reading with what `reader` (a model and its prompt, for people) read beyond the rules."""
    if reading.text is None:
        return SecondReading(reading=None)
    currency = reading.invoice.currency if reading.invoice else NO_CURRENCY
    printed = printed or PrintedValues.of(reading.text.text, currency)
    kind = read_kind(claims.kind, printed.layout)
    invoice = reading.invoice or (_new_invoice(reading, kind.kind) if kind else None)
    if invoice is None:
        return SecondReading(reading=None, dropped=(f"It takes the text for: {tidied(claims.kind, 40)}.",))
    work = _Work(reading, printed, reader, invoice, open_fields(reading))
    if kind is not None and reading.invoice is None:
        _take_kind(work, kind)
    said = {
        name: value.strip() for name, value in claims.values.items() if name in work.open and value.strip()
    }
    _take_fields(work, said)
    _take_totals(work, said)
    if "lines" in work.open and claims.lines:
        _take_lines(work, claims.lines)
    told = (*work.kind_differences, *work.differences, *work.dropped)
    if reading.invoice is None and not _is_whole(work.invoice):
        return SecondReading(reading=None, dropped=(*told, "The text shows no invoice number with a total."))
    if not work.taken and not work.differences and not work.kind_differences:
        return SecondReading(reading=None, dropped=told)
    return SecondReading(reading=_marked(work, today), taken=dict(work.taken), dropped=told)


def _new_invoice(reading: Reading, kind: DocumentType) -> Invoice:
    """An empty invoice for a text that is one, to be filled; its accounts are what rules found in it."""
    return Invoice(
        document_type=kind,
        type_code=_TYPE_CODES[kind],
        format=reading.format,
        currency=NO_CURRENCY,
        supplier=Party(),
        buyer=Party(),
        ibans=reading.text.ibans if reading.text else (),
    )


def _take_kind(work: _Work, kind: ReadKind) -> None:
    """Marked where no word of the document decides it."""
    if kind.difference:
        work.kind_differences.append(kind.difference)
    if kind.by_model:
        from_line = kind.line if kind.kind is DocumentType.CREDIT_NOTE else ""
        work.take("document_type", from_line, kind.kind.value.replace("_", " "))


def _is_whole(invoice: Invoice) -> bool:
    return invoice.number is not None and (invoice.gross_total or invoice.net_total) is not None


def _take_fields(work: _Work, said: Mapping[str, str]) -> None:
    for name in FIELDS:
        if name not in said or name not in work.open:
            continue
        value = said_value(name, said[name], work.printed, work.invoice, work.reading.numbers)
        if isinstance(value, Problem):
            work.dropped.append(value.message)
            continue
        before = value_of(work.invoice, name)
        if before is not None and before != value:
            shown = f"{_name(name)}: rules read {before}, the model reads {value}."
            work.dropped.append(tidied(shown, 160))
            continue
        work.take(name, said[name], str(value), **_change(work.invoice, name, value))


def _change(invoice: Invoice, name: str, value: Any) -> dict[str, Any]:
    if name == "currency":
        return _in_currency(invoice, str(value))
    if name in ("supplier_name", "buyer_name"):
        side = name.removesuffix("_name")
        return {side: getattr(invoice, side).model_copy(update={"name": value})}
    target = {"invoice_number": "number", "order_reference": "order_number"}.get(name, name)
    return {target: value}


def _in_currency(invoice: Invoice, code: str) -> dict[str, Any]:
    """Every amount that had no currency, in this one."""

    def renamed(value: Any) -> Any:
        if isinstance(value, Money):
            return Money(amount=value.amount, currency=code) if value.currency == NO_CURRENCY else value
        if isinstance(value, tuple):
            return tuple(map(renamed, value))
        if isinstance(value, Record):
            return value.model_copy(update={key: renamed(each) for key, each in value})
        return value

    amounts = {key: renamed(value) for key, value in invoice if key not in ("origins", "currency")}
    return {**amounts, "currency": code}


def _take_totals(work: _Work, said: Mapping[str, str]) -> None:
    asked = {name: said[name] for name in TOTALS if name in said}
    found = read_totals(work.reading, work.invoice, asked, work.printed)
    work.dropped += found.dropped
    work.differences += found.differences
    for name, value in found.values.items():
        money = Money(amount=value, currency=work.invoice.currency)
        as_printed = next(text for text, amount in work.printed.amounts.items() if amount == value)
        work.take(name, as_printed, str(money), **{name: money})
    rate = printed_rate(work.invoice, work.printed) if found.values else None
    if rate is not None and not work.invoice.taxes and not work.invoice.lines:
        row = TaxLine(rate=rate, base=work.invoice.net_total, amount=work.invoice.tax_total)
        work.invoice = work.invoice.model_copy(update={"taxes": (row,)})


def _take_lines(work: _Work, lines: tuple[Mapping[str, str], ...]) -> None:
    found = read_lines(work.invoice, lines, work.printed)
    if isinstance(found, str):
        work.dropped.append(found)
        return
    rate = printed_rate(work.invoice, work.printed)
    rated = tuple(line.model_copy(update={"tax_rate": rate}) for line in found)
    work.take("lines", lines[0].get("amount", ""), f"{len(found)} read", lines=rated)


def _marked(work: _Work, today: date | None) -> Reading:
    """The reading with its checks run again, each value of the model marked, and what was dropped told."""
    text, codes = work.reading.text, {problem.code for problem in work.reading.problems}
    orders = text_problems(text.text if text else "", None)
    problems = (
        *(problem for problem in work.reading.problems if _still_holds(work, problem)),
        *(_mark(work, name, shown) for name, shown in work.taken.items()),
        *(_asked(words, "document_type") for words in work.kind_differences),
        *(_asked(words) for words in work.differences),
        *(_told(words) for words in work.dropped),
        *(_told_cut(text.lines_left_out) if text and text.lines_left_out else ()),
        *(problem for problem in orders if problem.code not in codes),
    )
    changes: dict[str, Any] = {"reason": None, "message": None, "text": None, "problems": problems}
    changes |= {"state": ReadingState.INVOICE, "invoice": work.invoice}
    return checked(work.reading.model_copy(update=changes), today)


def _still_holds(work: _Work, problem: Problem) -> bool:
    if problem.code.endswith(_COMPUTED) or problem.code in ("tax_base_differs", "missing_line_amount"):
        return False  # found again where it still is so
    if problem.code.startswith("missing_"):
        return problem.field not in work.taken
    if problem.code == "ambiguous_date":
        return "issue_date" not in work.taken
    if problem.code == "total_unproven":
        return not (proven_totals(work.invoice, work.printed) and set(work.taken) & set(TOTALS))
    return True


def _mark(work: _Work, name: str, shown: str) -> Problem:
    """The line of the document stands beside the value."""
    place = work.places.get(name)
    page = f", page {place[1]}" if place and work.reading.format is DocumentFormat.TEXT_PDF else ""
    beside = f" from “{tidied(place[0], 130)}”{page}" if place else ""
    words = f"{_name(name)} {tidied(shown, 90)} was read by {work.reader}{beside}."
    if name == "lines":
        rows = "; ".join(map(_line_words, work.invoice.lines))
        words = f"The lines were read by {work.reader}: {rows}."
    return Problem(
        code=READ_BY_MODEL,
        severity=ProblemSeverity.ERROR,
        message=f"{words} Compare it with the document.",
        field=name,
    )


def _line_words(line: Any) -> str:
    figures = f"{line.quantity} × {line.unit_price.amount} = " if line.quantity and line.unit_price else ""
    return tidied(f"{line.description or ''} {figures}{line.net_amount}", 90)


def _asked(words: str, name: str | None = None) -> Problem:
    return Problem(
        code=OTHERWISE,
        severity=ProblemSeverity.ERROR,
        message=f"{words} Compare it with the document.",
        field=name,
    )


def _told(words: str) -> Problem:
    return Problem(
        code=OTHERWISE, severity=ProblemSeverity.WARNING, message=f"Not taken from the model: {words}"
    )


def _told_cut(count: int) -> tuple[Problem, ...]:
    words = f"The model was not shown {count} lines in the middle of the document: it is too long."
    return (Problem(code=OTHERWISE, severity=ProblemSeverity.WARNING, message=words),)


def _name(name: str) -> str:
    return name.replace("_", " ").capitalize()
