"""Invoices and credit memos as they are sent: which entity, which fields, which content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.domain.decision import InvoiceAction, PostCreditNote, PostingLine
from tools.domain.documents import DocumentType
from tools.erp.business_central import mapping, wire
from tools.erp.business_central.mapping import Setup
from tools.erp.errors import ErpRejected

Document = wire.Invoice | wire.CreditMemo


@dataclass(frozen=True)
class Kind:
    """One of the two document entities with the vendor's names of what differs between them."""

    entity: type[wire.Invoice] | type[wire.CreditMemo]
    number_field: str
    date_field: str
    noun: str

    @property
    def lines_field(self) -> str:
        lines = self.entity.lines
        return "" if lines is None else lines.entity_set

    def path(self, document_id: str) -> str:
        return f"{self.entity.entity_set}({document_id})"


INVOICES = Kind(wire.Invoice, "vendorInvoiceNumber", "invoiceDate", "invoice")
CREDIT_MEMOS = Kind(wire.CreditMemo, "vendorCreditMemoNumber", "creditMemoDate", "credit memo")

LONGEST_NUMBER = 35
"""Characters of the vendor's own number."""
LONGEST_DESCRIPTION = 100


def kind_of(document_type: DocumentType) -> Kind:
    return CREDIT_MEMOS if document_type is DocumentType.CREDIT_NOTE else INVOICES


def lines_of(row: Document) -> tuple[wire.DocumentLine, ...]:
    return row.purchase_invoice_lines if isinstance(row, wire.Invoice) else row.purchase_credit_memo_lines


def body_of(action: InvoiceAction, kind: Kind, setup: Setup) -> dict[str, Any]:
    """The draft with its lines, one request. Raises ErpRejected for what Business Central cannot hold."""
    if len(action.number) > LONGEST_NUMBER:
        raise ErpRejected(
            f"{action.number} has more than {LONGEST_NUMBER} characters; Business Central cannot keep it",
            field=kind.number_field,
        )
    body: dict[str, Any] = {
        "vendorNumber": action.supplier_id,
        kind.number_field: action.number,
        kind.date_field: action.invoice_date.isoformat(),
        "postingDate": action.posting_date.isoformat(),
        "currencyCode": action.currency,
    }
    if action.due_date is not None:
        body["dueDate"] = action.due_date.isoformat()
    centre = cost_centre(action.lines)
    if centre is not None:
        body["shortcutDimension1Code"] = centre
    if kind is INVOICES:
        # A vendor card may say otherwise; on credit memos the field cannot be written.
        body["pricesIncludeTax"] = False
    if isinstance(action, PostCreditNote) and action.preceding_invoice is not None:
        body["invoiceNumber"] = action.preceding_invoice
    body[kind.lines_field] = [_line(line, setup) for line in action.lines]
    return body


def cost_centre(lines: Sequence[PostingLine]) -> str | None:
    """The one cost centre of all lines: the header's first shortcut dimension carries it. Lines of an
    invoice have no such field in this API, so different ones are refused."""
    centres = {line.cost_centre for line in lines}
    if len(centres) > 1:
        named = ", ".join(sorted(centre or "none" for centre in centres))
        raise ErpRejected(
            f"the lines have different cost centres ({named}); Business Central's API keeps one "
            "for the whole document",
            field="shortcutDimension1Code",
        )
    return next(iter(centres), None)


def _line(line: PostingLine, setup: Setup) -> dict[str, Any]:
    kind, number = object_of(line)
    priced = mapping.priced(line)
    if priced is None:
        raise ErpRejected(f"{line.description}: an amount without a quantity cannot be posted")
    body: dict[str, Any] = {
        "lineType": kind,
        "lineObjectNumber": number,
        "description": sent_text(line),
        "quantity": priced.quantity,
        "unitCost": priced.unit_cost,
    }
    if priced.discount:
        body["discountAmount"] = priced.discount
    unit = unit_of(line, setup)
    if unit is not None:
        body["unitOfMeasureCode"] = unit
    if line.tax_code is not None:
        body["taxCode"] = line.tax_code
    return body


def unit_of(line: PostingLine, setup: Setup) -> str | None:
    """The company's unit code. None: the item's own unit, or no unit on an account. An item in a unit that
    is not set up is refused, because the quantity would be read in another unit."""
    code = None if line.unit is None else setup.own_unit(line.unit)
    if code is None and line.unit is not None and line.item_number is not None:
        raise ErpRejected(
            f"{line.description}: the unit {line.unit} is not set up in Business Central",
            field="unitOfMeasureCode",
        )
    return code


def object_of(line: PostingLine) -> tuple[str, str]:
    """The line's type and number in Business Central's terms."""
    if line.item_number is not None:
        return "Item", line.item_number
    if line.account is not None:
        return "Account", line.account
    raise ErpRejected(f"{line.description}: neither an item nor an account is given")


def sent_text(line: PostingLine) -> str:
    return line.description[:LONGEST_DESCRIPTION]
