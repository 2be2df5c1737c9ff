"""Whether a parked document is the one that an approval would make. Pure.

It is compared with the very request that would be sent, and beyond it with every field that steers whom, how
and when SAP pays: a person's document with another bank account must never be posted by our approval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from tools.erp.sap.documents import WholeInvoice

OPEN = frozenset({"A", "B", "E"})
"""Parked, parked and completed, parked and released; on hold or with errors it is a person's business."""
_PAYMENT = {
    "payment_blocking_reason": "payment block",
    "payment_method": "payment method",
    "payment_method_supplement": "payment method supplement",
    "payment_reference": "payment reference",
    "bank_account": "supplier's bank account",
    "alternative_payee": "other payee",
    "house_bank": "house bank",
    "house_bank_account": "house bank account",
    "fixed_cash_discount": "fixed cash discount",
}
"""Never sent, so blank in a document of ours."""
_AMOUNTS = {"unplanned_delivery_cost": "delivery costs", "manual_cash_discount": "cash discount"}
_DISCOUNTS = {"cash_discount1_percent": "cash discount", "cash_discount2_percent": "second cash discount"}

Content = Counter[tuple[str, ...]]


def differences(row: WholeInvoice, body: Mapping[str, Any], terms: Collection[str]) -> list[str]:
    """What the document has otherwise than `body`, in words; empty for the very same. `terms`: payment terms
    that SAP fills in by itself, those of the supplier."""
    told = [*_header(row, body), *_payment(row, terms)]
    if row.supplier_invoice_status not in OPEN:
        told.append(f"its status is {row.supplier_invoice_status or 'not told'}")
    if _items(row) != _wanted_items(body):
        told.append("the items over orders differ")
    return [*told, *_coding(row, body)]


def recoded(row: WholeInvoice, body: Mapping[str, Any]) -> list[str]:
    """What a document's coding has otherwise than `body`, in words: order items, accounts, cost centres and
    taxes. Which receipts its items settle is not compared: after posting they are no longer open, so nobody
    can work out again which ones would be named."""
    told = []
    if _by_order(_items(row)) != _by_order(_wanted_items(body)):
        told.append("the order items that it bills, or their tax codes, are others")
    return [*told, *_coding(row, body)]


def _by_order(
    items: Mapping[tuple[str, ...], tuple[Decimal, Decimal]],
) -> dict[tuple[str, ...], tuple[Decimal, Decimal]]:
    """Order, item, tax code and whether it is a subsequent debit, without the receipt."""
    return _added((key[:4], quantity, value) for key, (quantity, value) in items.items())


def _coding(row: WholeInvoice, body: Mapping[str, Any]) -> list[str]:
    told = []
    if _accounts(row) != _wanted_accounts(body):
        told.append("the items on accounts differ")
    taxes = body.get("to_SupplierInvoiceTax")
    if taxes is not None and _sums((tax.tax_code, tax.tax_amount) for tax in row.taxes) != _sums(
        (tax["TaxCode"], Decimal(tax["TaxAmount"])) for tax in taxes
    ):
        told.append("the tax differs")
    return told


def _header(row: WholeInvoice, body: Mapping[str, Any]) -> Iterable[str]:
    days = {
        "DocumentDate": ("invoice date", row.document_date),
        "PostingDate": ("posting date", row.posting_date),
        "DueCalculationBaseDate": ("date the due date counts from", row.due_calculation_base_date),
    }
    for name, (words, value) in days.items():
        kept, wanted = "not set" if value is None else value.isoformat(), body[name][:10]
        if kept != wanted:
            yield f"the {words} is {kept} there and {wanted} here"
    if row.document_currency != body["DocumentCurrency"]:
        yield f"the currency is {row.document_currency} there and {body['DocumentCurrency']} here"
    if row.invoice_gross_amount != Decimal(body["InvoiceGrossAmount"]):
        yield f"the total is {row.invoice_gross_amount:f} there and {body['InvoiceGrossAmount']} here"
    days_net = body.get("NetPaymentDays")
    if days_net is not None and row.net_payment_days != Decimal(days_net):
        yield f"it is due after {row.net_payment_days:f} days there and after {days_net} here"
    if row.invoice_reference != body.get("InvoiceReference", ""):
        yield f"it refers to invoice {row.invoice_reference or 'none'}"


def _payment(row: WholeInvoice, terms: Collection[str]) -> Iterable[str]:
    for name, words in _PAYMENT.items():
        if value := getattr(row, name):
            yield f"it has {words} {value}"
    for name, words in _AMOUNTS.items():
        if value := getattr(row, name):
            yield f"it has {words} of {value:f}"
    if row.payment_terms and row.payment_terms not in terms:
        yield f"it has payment terms {row.payment_terms}"
    for name, words in _DISCOUNTS.items():
        # The supplier's own terms bring the discount that was agreed with the supplier.
        if (value := getattr(row, name)) and not row.payment_terms:
            yield f"it has a {words} of {value:f} %"


def _items(row: WholeInvoice) -> dict[tuple[str, ...], tuple[Decimal, Decimal]]:
    return _added(
        (
            (
                item.purchase_order,
                item.purchase_order_item.lstrip("0"),
                item.tax_code,
                item.is_subsequent_debit_credit,
                item.reference_document_fiscal_year.replace("0000", ""),
                item.reference_document,
                item.reference_document_item.lstrip("0"),
            ),
            item.quantity_in_purchase_order_unit,
            item.supplier_invoice_item_amount,
        )
        for item in row.order_items
    )


def _wanted_items(body: Mapping[str, Any]) -> dict[tuple[str, ...], tuple[Decimal, Decimal]]:
    return _added(
        (
            (
                item["PurchaseOrder"],
                item["PurchaseOrderItem"].lstrip("0"),
                item["TaxCode"],
                "",
                item.get("ReferenceDocumentFiscalYear", ""),
                item.get("ReferenceDocument", ""),
                item.get("ReferenceDocumentItem", "").lstrip("0"),
            ),
            Decimal(item["QuantityInPurchaseOrderUnit"]),
            Decimal(item["SupplierInvoiceItemAmount"]),
        )
        for item in body.get("to_SuplrInvcItemPurOrdRef", ())
    )


def _added(
    items: Iterable[tuple[tuple[str, ...], Decimal, Decimal]],
) -> dict[tuple[str, ...], tuple[Decimal, Decimal]]:
    """Quantity and amount of each: SAP may keep what we sent as one item, or as several."""
    found: dict[tuple[str, ...], tuple[Decimal, Decimal]] = {}
    for key, quantity, amount in items:
        before = found.get(key, (Decimal(0), Decimal(0)))
        found[key] = (before[0] + quantity, before[1] + amount)
    return found


def _accounts(row: WholeInvoice) -> Content:
    return Counter(
        _account(
            (item.company_code, item.gl_account, item.cost_center, item.tax_code, item.debit_credit_code),
            item.supplier_invoice_item_amount,
        )
        for item in row.account_items
    )


def _wanted_accounts(body: Mapping[str, Any]) -> Content:
    return Counter(
        _account(
            (
                item["CompanyCode"],
                item["GLAccount"],
                item.get("CostCenter", ""),
                item.get("TaxCode", ""),
                item["DebitCreditCode"],
            ),
            Decimal(item["SupplierInvoiceItemAmount"]),
        )
        for item in body.get("to_SupplierInvoiceItemGLAcct", ())
    )


def _account(key: tuple[str, ...], value: Decimal) -> tuple[str, ...]:
    """Equal amounts become equal texts: 2 and 2.000. Numbers may come with leading zeros."""
    company, account, centre, *rest = key
    return (company, account.lstrip("0"), centre.lstrip("0"), *rest, f"{value.normalize() + Decimal(0):f}")


def _sums(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Tax by code, without codes that have none."""
    found: dict[str, Decimal] = {}
    for code, value in amounts:
        found[code] = found.get(code, Decimal(0)) + value
    return {code: value for code, value in found.items() if value}
