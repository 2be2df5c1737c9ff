"""A supplier invoice as it is sent: one deep insert. Pure.

No bank field is ever part of it: SAP takes the supplier's account from its own master data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tools.domain.decision import InvoiceAction, PostingLine
from tools.domain.money import Money, round_amount
from tools.domain.units import UnitMismatch, as_decimal, factor
from tools.erp.errors import ErpRejected
from tools.erp.sap.documents import OrderItem
from tools.erp.sap.invoices import is_credit
from tools.erp.sap.mapping import Setup
from tools.erp.sap.receipts import OpenReceipts, Share
from tools.erp.sap.references import LONGEST_TEXT, shortened

_LONGEST_DESCRIPTION = 50
_MOST_DAYS = 999
ItemKey = tuple[str, str]


@dataclass(frozen=True)
class Billed:
    """What has to be known of the orders that an invoice bills."""

    items: Mapping[ItemKey, OrderItem] = field(default_factory=dict)
    """(Order, line id) -> item."""
    receipts: OpenReceipts = field(default_factory=OpenReceipts)


def day(value: date) -> str:
    return f"{value.isoformat()}T00:00:00"


def amount(value: Decimal) -> str:
    """All its digits, without zeros that SAP would count as decimals too many."""
    whole, _, decimals = f"{value:f}".partition(".")
    kept = decimals[:2] + decimals[2:].rstrip("0")
    return f"{whole}.{kept}" if kept else whole


def body_of(action: InvoiceAction, billed: Billed, setup: Setup, status: str | None) -> dict[str, Any]:
    """Raises ErpRejected for what SAP cannot hold. `status`: parked; None posts at once."""
    if len(action.number.strip()) > LONGEST_TEXT:
        raise ErpRejected(
            f"{action.number} has more than {LONGEST_TEXT} characters; SAP cannot keep it",
            field="SupplierInvoiceIDByInvcgParty",
        )
    body: dict[str, Any] = {
        "CompanyCode": setup.settings.code,
        "DocumentDate": day(action.invoice_date),
        "PostingDate": day(action.posting_date),
        "InvoicingParty": action.supplier_id,
        "SupplierInvoiceIDByInvcgParty": shortened(action.number),
        "DocumentCurrency": action.currency,
        "InvoiceGrossAmount": amount(action.gross.amount),
        "TaxDeterminationDate": day(action.posting_date),
        "DueCalculationBaseDate": day(action.invoice_date),
    }
    if shortened(action.number) != action.number.strip():
        body["SupplierPostingLineItemText"] = action.number.strip()
    if action.due_date is not None:
        days = (action.due_date - action.invoice_date).days
        if 0 <= days <= _MOST_DAYS:
            body["NetPaymentDays"] = str(days)
    if is_credit(action):
        body["SupplierInvoiceIsCreditMemo"] = "X"
    if status is not None:
        body["SupplierInvoiceStatus"] = status
    return {**body, **_items(action, billed, setup), **_tax(action, billed, setup)}


def _items(action: InvoiceAction, billed: Billed, setup: Setup) -> dict[str, Any]:
    orders: list[dict[str, Any]] = []
    accounts: list[dict[str, Any]] = []
    for line in action.lines:
        if line.order_number is not None and line.order_line_id is not None:
            orders += _order_items(line, action, billed, setup)
        else:
            accounts.append(_account_item(line, action, setup))
    # An item of an order is numbered with six digits, one of an account with four.
    for position, item in enumerate(orders, start=1):
        item["SupplierInvoiceItem"] = f"{position:06d}"
    for position, item in enumerate(accounts, start=len(orders) + 1):
        item["SupplierInvoiceItem"] = f"{position:04d}"
    found = {"to_SuplrInvcItemPurOrdRef": orders, "to_SupplierInvoiceItemGLAcct": accounts}
    return {name: rows for name, rows in found.items() if rows}


def _order_items(
    line: PostingLine, action: InvoiceAction, billed: Billed, setup: Setup
) -> list[dict[str, Any]]:
    item = _billed_item(line, billed)
    if item.order_price_unit not in ("", item.purchase_order_quantity_unit):
        # Whether SAP works out the second quantity is not published; a wrong one bills a wrong value.
        raise ErpRejected(
            f"{line.description}: item {item.line_id} of order {item.purchase_order} is ordered in "
            f"{item.purchase_order_quantity_unit} and priced in {item.order_price_unit}; SAP wants both "
            "quantities billed, and the invoice tells one: enter it on SAP's own screen",
            field="PurchaseOrderPriceUnit",
        )
    quantity = _in_order_unit(line, item, setup)
    if quantity <= 0 or line.net_amount.amount < 0:
        raise ErpRejected(
            f"{line.description}: SAP bills an order by a positive quantity and amount only",
            field="QuantityInPurchaseOrderUnit",
        )
    shares = [Share(None, quantity, line.net_amount.amount)]
    if item.invoice_is_goods_receipt_based:
        shares = billed.receipts.share(item, quantity, line.net_amount, credit=is_credit(action))
    return [_order_row(line, item, share, action, setup) for share in shares]


def _billed_item(line: PostingLine, billed: Billed) -> OrderItem:
    item = billed.items.get((str(line.order_number), line.order_line_id or ""))
    if item is None:
        raise ErpRejected(f"SAP shows no item {line.order_line_id} of order {line.order_number}")
    return item


def _order_row(
    line: PostingLine, item: OrderItem, share: Share, action: InvoiceAction, setup: Setup
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "SupplierInvoiceItem": "",
        "PurchaseOrder": item.purchase_order,
        "PurchaseOrderItem": item.purchase_order_item.zfill(5),
        "TaxCode": _tax_code(line, item, setup),
        "DocumentCurrency": action.currency,
        "SupplierInvoiceItemAmount": amount(share.net),
        "PurchaseOrderQuantityUnit": item.purchase_order_quantity_unit,
        "QuantityInPurchaseOrderUnit": amount(share.quantity),
        "SupplierInvoiceItemText": line.description[:_LONGEST_DESCRIPTION],
    }
    if share.receipt is not None:
        year, number, position = share.receipt
        row["ReferenceDocument"] = number
        row["ReferenceDocumentFiscalYear"] = year
        row["ReferenceDocumentItem"] = position.zfill(4)
    return row


def _in_order_unit(line: PostingLine, item: OrderItem, setup: Setup) -> Decimal:
    """The quantity in the order's unit, with three decimals at most."""
    theirs = setup.unit(item.purchase_order_quantity_unit)
    try:
        ratio = factor(line.unit or theirs, theirs)
    except UnitMismatch:
        raise ErpRejected(
            f"{line.description}: billed in {line.unit}, ordered in {theirs}; SAP cannot relate the two",
            field="PurchaseOrderQuantityUnit",
        ) from None
    quantity = as_decimal(Fraction(line.quantity) * ratio)
    if quantity != quantity.quantize(Decimal("0.001")):
        raise ErpRejected(
            f"{line.description}: {quantity} has more than three decimals; SAP cannot keep it",
            field="QuantityInPurchaseOrderUnit",
        )
    return quantity


def _account_item(line: PostingLine, action: InvoiceAction, setup: Setup) -> dict[str, Any]:
    if line.account is None:
        raise ErpRejected(
            f"{line.description}: SAP takes an item without an order only on an account", field="GLAccount"
        )
    less = line.net_amount.amount < 0
    row = {
        "SupplierInvoiceItem": "",
        "CompanyCode": setup.settings.code,
        "GLAccount": line.account,
        "DebitCreditCode": "H" if less is not is_credit(action) else "S",
        "DocumentCurrency": action.currency,
        "SupplierInvoiceItemAmount": amount(abs(line.net_amount.amount)),
        "SupplierInvoiceItemText": line.description[:_LONGEST_DESCRIPTION],
    }
    if code := _tax_code(line, None, setup):
        row["TaxCode"] = code
    if line.cost_centre is not None:
        row["CostCenter"] = line.cost_centre
        row["ControllingArea"] = setup.controlling_area
    return row


def _tax_code(line: PostingLine, item: OrderItem | None, setup: Setup) -> str:
    if line.tax_code is not None:
        return setup.settings.tax_code(line.tax_code)
    return "" if item is None else item.tax_code


def _tax(action: InvoiceAction, billed: Billed, setup: Setup) -> dict[str, Any]:
    """The tax as approved, for each code; SAP computes it where a rate is not known, and refuses a total that
    does not come out."""
    bases: dict[str, Decimal] = {}
    rates: dict[str, Decimal | None] = {}
    for line in action.lines:
        by_order = line.order_number is not None and line.order_line_id is not None
        code = _tax_code(line, _billed_item(line, billed) if by_order else None, setup)
        bases[code] = bases.get(code, Decimal(0)) + line.net_amount.amount
        rates[code] = _rate(code, line, setup)
    amounts = _amounts(bases, rates, action.tax)
    if amounts is None or "" in amounts:
        return {"TaxIsCalculatedAutomatically": True}
    return {
        "TaxIsCalculatedAutomatically": False,
        "to_SupplierInvoiceTax": [
            {"TaxCode": code, "DocumentCurrency": action.currency, "TaxAmount": amount(value)}
            for code, value in amounts.items()
        ],
    }


def _rate(code: str, line: PostingLine, setup: Setup) -> Decimal | None:
    """Percent that the supplier charges."""
    known = setup.settings.tax_codes.get(code)
    if known is not None and not known.charged:
        return Decimal(0)
    return line.tax_rate if known is None or known.rate is None else known.rate


def _amounts(
    bases: Mapping[str, Decimal], rates: Mapping[str, Decimal | None], tax: Money
) -> dict[str, Decimal] | None:
    """Code -> tax, adding up to what was approved; what rounding leaves goes to the largest base that is
    charged. None: a rate is not known."""
    if len(bases) == 1:
        return {code: tax.amount for code in bases}
    found: dict[str, Decimal] = {}
    for code, base in bases.items():
        rate = rates[code]
        if rate is None:
            return None
        found[code] = round_amount(base * rate / 100, tax.currency)
    charged = [code for code in bases if rates[code]]
    rest = tax.amount - sum(found.values(), Decimal(0))
    if rest and charged:
        found[max(charged, key=lambda code: bases[code])] += rest
    return found
