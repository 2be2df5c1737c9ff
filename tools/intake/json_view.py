"""What `erp-agent extract` prints of a reading: plain values as the document gives them.

The keys of `invoice` and of its lines are also the field paths of `Invoice.origins` and of problems
(`gross_total`, `lines[0].quantity`); fields that are not shown here use the domain's own names.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.documents import DocumentFormat, Invoice, InvoiceLine, Reading
from tools.domain.money import NO_CURRENCY, Money


def extraction(reading: Reading, name: str) -> dict[str, Any]:
    """`file`, `invoice`, `provenance`, `problems`; a file without invoice also has `state`, `reason`,
    `message`. Decimals are strings with the document's own decimals, dates ISO, absent values null."""
    invoice = reading.invoice
    view: dict[str, Any] = {
        "file": name,
        "invoice": None if invoice is None else _invoice(invoice),
        "provenance": {} if invoice is None else _provenance(invoice),
        "problems": [problem.model_dump(mode="json") for problem in reading.problems],
    }
    if invoice is None:
        view |= {"state": reading.state.value, "reason": reading.reason, "message": reading.message}
    return view


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "document_type": invoice.document_type.value,
        "supplier_name": invoice.supplier.name,
        "supplier_vat_id": invoice.supplier.vat_id,
        "buyer_name": invoice.buyer.name,
        "invoice_number": invoice.number,
        "issue_date": _day(invoice.issue_date),
        "due_date": _day(invoice.due_date),
        "currency": None if invoice.currency == NO_CURRENCY else invoice.currency,
        "net_total": _money(invoice.net_total),
        "tax_total": _money(invoice.tax_total),
        "gross_total": _money(invoice.gross_total),
        "order_reference": invoice.order_number,
        "iban": invoice.ibans[0] if invoice.ibans else None,
        "is_credit_note": invoice.is_credit_note,
        "lines": [_line(line) for line in _shown_lines(invoice)],
    }


def _shown_lines(invoice: Invoice) -> list[InvoiceLine]:
    """UBL nests the parts of a line inside it (the reader puts them last); only the line is shown.
    CII lists parts among the lines."""
    if invoice.format is not DocumentFormat.UBL:
        return list(invoice.lines)
    return [line for line in invoice.lines if line.parent_line_id is None]


def _line(line: InvoiceLine) -> dict[str, Any]:
    return {
        "line_id": line.line_id,
        "description": line.description,
        "quantity": _decimal(line.quantity),
        "unit": line.unit,
        "unit_price": _money(line.unit_price),
        "net_amount": _money(line.net_amount),
        "tax_rate": _decimal(line.tax_rate),
        "order_line_ref": line.order_line_ref,
    }


def _provenance(invoice: Invoice) -> dict[str, Any]:
    return {
        field: origin.model_dump(mode="json", exclude_none=True) for field, origin in invoice.origins.items()
    }


def _money(money: Money | None) -> str | None:
    return None if money is None else _decimal(money.amount)


def _decimal(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
