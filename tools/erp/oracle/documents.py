"""Invoices and credit memos as they are sent and compared. No bank field exists in any body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tools.domain.decision import InvoiceAction, PostCreditNote, PostingLine
from tools.domain.documents import DocumentType
from tools.domain.money import round_amount
from tools.domain.units import UnitMismatch, as_decimal, factor
from tools.erp.errors import ErpRejected
from tools.erp.oracle.mapping import Setup
from tools.erp.oracle.mapping_orders import schedule_of
from tools.erp.oracle.wire_orders import Order, OrderLine, Schedule

LONGEST_NUMBER = 50
LONGEST_DESCRIPTION = 240
_MATCHED_TO_RECEIPT = "R"


@dataclass(frozen=True)
class Chart:
    """How a code combination is written: `{account}` and `{cost_centre}` stand for the line's own."""

    combination: str
    no_cost_centre: str

    def of(self, line: PostingLine) -> str:
        if line.account is None:
            raise ErpRejected(
                f"{line.description}: Oracle bills an item only by its order line, and none is named",
                field="PurchaseOrderNumber",
            )
        if line.cost_centre is not None and "{cost_centre}" not in self.combination:
            raise ErpRejected(
                f"{line.description}: the combination in the settings has no place for cost centre "
                f"{line.cost_centre}",
                field="DistributionCombination",
            )
        centre = line.cost_centre or self.no_cost_centre
        return self.combination.format(account=line.account, cost_centre=centre)


@dataclass(frozen=True)
class Billed:
    """The business context of a document: names that Oracle wants, and the orders its lines bill."""

    business_unit: str
    supplier: str
    site: str
    group: str | None
    orders: Mapping[str, Order]


def type_of(document_type: DocumentType) -> str:
    return "Credit memo" if document_type is DocumentType.CREDIT_NOTE else "Standard"


def body_of(action: InvoiceAction, billed: Billed, chart: Chart, setup: Setup) -> dict[str, Any]:
    """The invoice with its lines, one request. Raises ErpRejected for what Oracle cannot hold.

    `ControlAmount` is the tax the supplier charges: Oracle computes its own and holds the invoice when the
    two differ."""
    if len(action.number) > LONGEST_NUMBER:
        raise ErpRejected(
            f"{action.number} has more than {LONGEST_NUMBER} characters; Oracle cannot keep it",
            field="InvoiceNumber",
        )
    is_credit = isinstance(action, PostCreditNote)
    sign = -1 if is_credit else 1
    body: dict[str, Any] = {
        "InvoiceNumber": action.number,
        "InvoiceCurrency": action.currency,
        "InvoiceAmount": sign * action.gross.amount,
        "InvoiceDate": action.invoice_date.isoformat(),
        "AccountingDate": action.posting_date.isoformat(),
        "BusinessUnit": billed.business_unit,
        "Supplier": billed.supplier,
        "SupplierSite": billed.site,
        "InvoiceType": "Credit memo" if is_credit else "Standard",
        "ControlAmount": sign * action.tax.amount,
    }
    if billed.group is not None:
        body["InvoiceGroup"] = billed.group
    if action.preceding_invoice is not None:
        body["Description"] = f"Credits {action.preceding_invoice}"[:LONGEST_DESCRIPTION]
    body["invoiceLines"] = [
        {"LineNumber": number, **_line(line, sign, billed, chart, setup)}
        for number, line in enumerate(action.lines, start=1)
    ]
    return body


def _line(line: PostingLine, sign: int, billed: Billed, chart: Chart, setup: Setup) -> dict[str, Any]:
    body: dict[str, Any] = {
        "LineType": "Item",
        "LineAmount": sign * line.net_amount.amount,
        "Description": line.description[:LONGEST_DESCRIPTION],
    }
    if line.tax_code is not None:
        body["TaxClassification"] = line.tax_code
    if line.order_number is None or line.order_line_id is None:
        return {**body, "DistributionCombination": chart.of(line)}
    return {**body, **_match(line, sign, billed, setup)}


def _match(line: PostingLine, sign: int, billed: Billed, setup: Setup) -> dict[str, Any]:
    """The link to the order's schedule. The quantity is the schedule's, so its unit must be too."""
    order = billed.orders.get(line.order_number or "")
    found = None if order is None else find_schedule(order, line.order_line_id or "")
    if order is None or found is None:
        raise ErpRejected(
            f"{line.description}: Oracle shows our login no line {line.order_line_id} of order "
            f"{line.order_number}",
            field="PurchaseOrderLineNumber",
        )
    ordered, schedule = found
    if schedule.invoice_match_option_code.upper() == _MATCHED_TO_RECEIPT:
        raise ErpRejected(
            f"{line.description}: order {line.order_number} is matched to its receipts, line by line; this "
            "connector matches to orders, so the invoice must be entered in Oracle",
            field="ReceiptNumber",
        )
    unit = setup.unit(ordered.uom_code, ordered.uom)
    if line.unit is not None and not _is_same(line.unit, unit):
        raise ErpRejected(
            f"{line.description}: billed in {line.unit}, ordered in {unit}; Oracle matches in that",
            field="Quantity",
        )
    return {
        "Quantity": sign * line.quantity,
        "UnitPrice": _price(line),
        "PurchaseOrderNumber": order.order_number,
        "PurchaseOrderLineNumber": ordered.line_number,
        "PurchaseOrderScheduleLineNumber": schedule.schedule_number,
    }


def find_schedule(order: Order, order_line_id: str) -> tuple[OrderLine, Schedule] | None:
    try:
        wanted = schedule_of(order_line_id)
    except ValueError:
        return None
    for line in order.lines:
        for schedule in line.schedules:
            if (line.line_number, schedule.schedule_number) == wanted:
                return line, schedule
    return None


def _is_same(left: str, right: str) -> bool:
    try:
        return factor(left, right) == 1
    except UnitMismatch:
        return False


def _price(line: PostingLine) -> Decimal:
    """The price as approved where it gives the line's amount; else (an allowance, a rounding) the price that
    was really paid for one, so that Oracle's price check sees it."""
    net, currency = line.net_amount.amount, line.net_amount.currency
    if not line.quantity or round_amount(line.quantity * line.unit_price, currency) == net:
        return line.unit_price
    return as_decimal(Fraction(net) / Fraction(line.quantity), 10)
