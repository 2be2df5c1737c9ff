"""What was found on the pages, as an Invoice with origins, and every doubt as a problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tools.domain.documents import (
    AllowanceCharge,
    DocumentFormat,
    DocumentType,
    Invoice,
    InvoiceLine,
    Origin,
    Party,
    Problem,
    ProblemSeverity,
    TaxLine,
)
from tools.domain.money import NO_CURRENCY, Money
from tools.intake.pdf_amount_rows import CENT
from tools.intake.pdf_evidence import Figure, Totals
from tools.intake.pdf_kind import DocumentKind
from tools.intake.pdf_lines import Cell, Layout
from tools.intake.pdf_parties import Parties
from tools.intake.pdf_tables import TableLine
from tools.intake.pdf_values import Located, Value

_WEAK_LABEL = 4
"""Strength of a label up to which its value is doubted; `Receipt No.: 9876` has 8."""
_TYPE_CODES = {DocumentType.INVOICE: "380", DocumentType.CREDIT_NOTE: "381"}


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was found, each with its place."""

    layout: Layout
    parties: Parties
    number: Value[str] | None
    issued: Value[date] | None
    unread_issued: Value[str] | None
    """A labelled date that can be read in two ways."""
    due: Value[date] | None
    currency: Located | None
    order: Value[str] | None
    ibans: tuple[Located, ...]
    lines: tuple[TableLine, ...]
    totals: Totals

    @property
    def code(self) -> str:
        return self.currency.text if self.currency is not None else NO_CURRENCY


def invoice_of(found: Findings, kind: DocumentKind) -> Invoice:
    """The invoice as the pages show it. Amounts without a currency carry `XXX`."""
    totals = found.totals
    return Invoice(
        document_type=kind.document_type,
        type_code=_TYPE_CODES[kind.document_type],
        format=DocumentFormat.TEXT_PDF,
        number=found.number.value if found.number else None,
        issue_date=found.issued.value if found.issued else None,
        due_date=found.due.value if found.due else None,
        currency=found.code,
        supplier=_party(found.parties.supplier, found.parties.supplier_vat),
        buyer=_party(found.parties.buyer, found.parties.buyer_vat),
        order_number=found.order.value if found.order else None,
        ibans=tuple(one.text for one in found.ibans),
        lines=tuple(_line(line, found.code) for line in found.lines),
        allowances=tuple(_allowances(totals.adjustment, found.code)),
        line_total=_money(totals.lines, found.code),
        net_total=_money(totals.net, found.code),
        tax_total=_money(totals.tax, found.code),
        taxes=tuple(_taxes(totals, found.code)),
        gross_total=_money(totals.gross, found.code),
        prepaid=_money(totals.prepaid, found.code),
        payable=_money(totals.payable, found.code),
        origins=dict(_origins(found)),
    )


def _party(name: Located | None, vat: Located | None) -> Party:
    return Party(name=name.text if name else None, vat_id=vat.text if vat else None)


def _money(figure: Figure | None, currency: str) -> Money | None:
    return None if figure is None else Money(amount=figure.value, currency=currency)


def _allowances(adjustment: Figure | None, currency: str) -> Iterator[AllowanceCharge]:
    if adjustment is not None:
        amount = Money(amount=abs(adjustment.value), currency=currency)
        yield AllowanceCharge(is_charge=adjustment.value > 0, amount=amount)


def _taxes(totals: Totals, currency: str) -> Iterator[TaxLine]:
    """One row where one rate explains the whole tax; a page prints no category."""
    if totals.tax_rate is not None:
        base, amount = _money(totals.net, currency), _money(totals.tax, currency)
        yield TaxLine(rate=totals.tax_rate, base=base, amount=amount)


def _line(line: TableLine, currency: str) -> InvoiceLine:
    quantity, price = line.quantity, line.price
    less = line.amount - quantity * price if line.proven and quantity and price else Decimal(0)
    return InvoiceLine(
        line_id=line.line_id,
        description=line.description,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=None if line.price is None else Money(amount=line.price, currency=currency),
        net_amount=Money(amount=line.amount, currency=currency),
        adjustments=Money(amount=less, currency=currency).rounded() if abs(less) > CENT else None,
        tax_rate=line.tax_rate,
        supplier_item_id=line.item,
    )


def _origins(found: Findings) -> Iterator[tuple[str, Origin]]:
    parties, totals = found.parties, found.totals
    cells: dict[str, Cell | None] = {
        "supplier_name": _cell(parties.supplier),
        "supplier_vat_id": _cell(parties.supplier_vat),
        "buyer_name": _cell(parties.buyer),
        "invoice_number": _cell(found.number),
        "issue_date": _cell(found.issued),
        "due_date": _cell(found.due),
        "currency": _cell(found.currency),
        "net_total": totals.net.numeral.cell if totals.net else None,
        "tax_total": totals.tax.numeral.cell if totals.tax else None,
        "gross_total": totals.gross.numeral.cell if totals.gross else None,
        "order_reference": _cell(found.order),
        "iban": _cell(found.ibans[0]) if found.ibans else None,
    }
    for position, line in enumerate(found.lines):
        cells |= {f"lines[{position}].{name}": cell for name, cell in line.cells.items()}
    for name, cell in cells.items():
        if cell is not None:
            yield name, Origin(page=cell.page, box=cell.box.as_origin())


def _cell(found: Located | Value[str] | Value[date] | None) -> Cell | None:
    return found.cell if found is not None else None


def problems_of(found: Findings, kind: DocumentKind) -> tuple[Problem, ...]:
    """Every doubt about the findings: totals as errors, thin evidence as warnings."""
    return (
        *found.totals.problems,
        *_currency_problems(found),
        *_date_problems(found),
        *_weak(found, kind),
        *_line_problems(found),
    )


_DOLLARS = frozenset("USD CAD AUD NZD SGD HKD MXN".split())


def _currency_problems(found: Findings) -> Iterator[Problem]:
    """A total that carries another currency than the document is said to be in."""
    totals = found.totals
    for name, figure in (("net_total", totals.net), ("tax_total", totals.tax), ("gross_total", totals.gross)):
        sign = figure.numeral.currency if figure is not None else None
        if sign is None or sign in ("kr", found.code) or (sign == "USD" and found.code in _DOLLARS):
            continue
        yield Problem(
            code="currency_differs",
            severity=ProblemSeverity.ERROR,
            message=f"The amount stands in {sign} on the page, the document seems to be in {found.code}.",
            field=name,
        )


def _date_problems(found: Findings) -> Iterator[Problem]:
    if found.issued is None and found.unread_issued is not None:
        yield Problem(
            code="ambiguous_date",
            severity=ProblemSeverity.ERROR,
            message=f"{found.unread_issued.value} can be read with day or month first. Enter the date.",
            field="issue_date",
        )


def _weak(found: Findings, kind: DocumentKind) -> Iterator[Problem]:
    parties = found.parties
    for name, value in (
        ("supplier_name", parties.supplier),
        ("buyer_name", parties.buyer),
        ("currency", found.currency),
        ("iban", found.ibans[0] if found.ibans else None),
    ):
        if value is not None and not value.sure:
            yield _warning(name, value.text)
    yield from _unnamed(parties)
    labelled: tuple[tuple[str, Value[str] | Value[date] | None], ...] = (
        ("invoice_number", found.number),
        ("issue_date", found.issued),
    )
    for name, one in labelled:
        if one is not None and one.strength <= _WEAK_LABEL:
            yield _warning(name, str(one.value))
    if not kind.sure:
        yield _warning("document_type", kind.document_type.value)


def _unnamed(parties: Parties) -> Iterator[Problem]:
    for name, value in (("supplier_name", parties.supplier), ("buyer_name", parties.buyer)):
        if value is None:
            yield Problem(
                code="missing_field",
                severity=ProblemSeverity.WARNING,
                message=f"No {name.replace('_', ' ')} was found in the document. Read it from the document.",
                field=name,
            )


def _warning(name: str, value: str) -> Problem:
    return Problem(
        code="weak_evidence",
        severity=ProblemSeverity.WARNING,
        message=f"{name.replace('_', ' ').capitalize()} {value!r} was read on thin evidence. Check it.",
        field=name,
    )


def _line_problems(found: Findings) -> Iterator[Problem]:
    for position, line in enumerate(found.lines):
        if not line.proven:
            yield Problem(
                code="line_unproven",
                severity=ProblemSeverity.WARNING,
                message=f"Line {position + 1}: quantity and price do not give its amount as read. Check it.",
                field=f"lines[{position}]",
            )
    totals = found.totals
    known = {one.value for one in (totals.lines, totals.net, totals.gross) if one is not None}
    if totals.adjustment is not None and totals.net is not None:
        known.add(totals.net.value - totals.adjustment.value)
    if found.lines and known and sum((line.amount for line in found.lines), Decimal(0)) not in known:
        yield Problem(
            code="lines_incomplete",
            severity=ProblemSeverity.WARNING,
            message="The lines as read do not add up to a total of the document. Some may be missing.",
            field="lines",
        )
