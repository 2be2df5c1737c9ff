"""UBL 2.0 and 2.1 Invoice and CreditNote: Peppol BIS Billing 3, XRechnung, EHF, OIOUBL and plain UBL.

BT and BG numbers are those of EN 16931-1; the binding to UBL is EN 16931-3-2.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from tools.domain.documents import DocumentFormat, Invoice
from tools.intake.document_types import document_type, order_reference
from tools.intake.ubl_lines import read_lines
from tools.intake.ubl_party import read_party
from tools.intake.ubl_totals import TOTAL, net_total, read_charges, read_taxes, tax_total
from tools.intake.xml_fields import UBL, Element, XmlFields

# BT-7, BT-72, BT-74.
_SUPPLIED = ("cbc:TaxPointDate", "cac:Delivery/cbc:ActualDeliveryDate", "cac:InvoicePeriod/cbc:EndDate")


def read_ubl(root: Element) -> tuple[Invoice, XmlFields]:
    """The invoice in `root`, and the reader with the problems met on the way."""
    fields = XmlFields(root, UBL, any_namespace=_mixes_namespaces(root))
    _set_currency(fields)
    profile = fields.text("profile", root, "cbc:CustomizationID")
    invoice = Invoice(
        **_identity(fields),
        **_references(fields),
        **_totals(fields, profile),
        format=DocumentFormat.UBL,
        profile=profile,
        currency=fields.currency,
        **_accounts(fields),
        payment_terms=fields.text("payment_terms", root, "cac:PaymentTerms/cbc:Note"),
        lines=read_lines(fields),
        taxes=read_taxes(fields),
        notes=_notes(fields),
        origins=fields.origins,
    )
    return invoice, fields


def _identity(fields: XmlFields) -> dict[str, Any]:
    root = fields.root
    code = fields.text("document_type", root, "cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode")
    if code is None:
        fields.note("document_type", root)
    due = ("cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate", "cac:PaymentTerms/cbc:PaymentDueDate")
    supplier = fields.find(root, "cac:AccountingSupplierParty/cac:Party")
    buyer = fields.find(root, "cac:AccountingCustomerParty/cac:Party")
    return {
        "document_type": document_type(code, etree.QName(root).localname == "CreditNote"),
        "type_code": code,
        "number": fields.text("invoice_number", root, "cbc:ID"),
        "issue_date": fields.iso_day("issue_date", root, "cbc:IssueDate"),
        "due_date": fields.iso_day("due_date", root, *due),
        "supply_date": fields.iso_day("supply_date", root, *_SUPPLIED),
        "supplier": read_party(fields, supplier, "supplier"),
        "buyer": read_party(fields, buyer, "buyer"),
    }


def _references(fields: XmlFields) -> dict[str, Any]:
    root = fields.root
    payee = ("cac:PartyName/cbc:Name", "cac:PartyLegalEntity/cbc:RegistrationName")
    preceding = ("InvoiceDocument", "SelfBilledInvoiceDocument", "CreditNoteDocument")
    return {
        "payee_name": fields.text("payee_name", root, *(f"cac:PayeeParty/{path}" for path in payee)),
        "order_number": _order(fields),
        "buyer_reference": fields.text("buyer_reference", root, "cbc:BuyerReference"),
        "preceding_invoice": fields.text(
            "preceding_invoice",
            root,
            *(f"cac:BillingReference/cac:{kind}Reference/cbc:ID" for kind in preceding),
        ),
    }


def _totals(fields: XmlFields, profile: str | None) -> dict[str, Any]:
    root = fields.root
    charges = read_charges(fields)
    return {
        "allowances": charges,
        "line_total": fields.amount("line_total", root, f"{TOTAL}/cbc:LineExtensionAmount"),
        "net_total": net_total(fields, profile, charges),
        "tax_total": tax_total(fields),
        "gross_total": fields.amount("gross_total", root, f"{TOTAL}/cbc:TaxInclusiveAmount"),
        "prepaid": fields.amount("prepaid", root, f"{TOTAL}/cbc:PrepaidAmount"),
        "rounding": fields.amount("rounding", root, f"{TOTAL}/cbc:PayableRoundingAmount"),
        "payable": fields.amount("payable", root, f"{TOTAL}/cbc:PayableAmount"),
    }


def _mixes_namespaces(root: Element) -> bool:
    """In UBL every element but the root lies in one of the common namespaces."""
    return bool(root.xpath("boolean(/*//*[namespace-uri() = namespace-uri(/*) or namespace-uri() = ''])"))


def _set_currency(fields: XmlFields) -> None:
    code = fields.text("currency", fields.root, "cbc:DocumentCurrencyCode")
    if code is None:
        payable = fields.find(fields.root, f"{TOTAL}/cbc:PayableAmount")
        code = fields.attribute("currency", payable, "currencyID")
    fields.use_currency(code)


def _order(fields: XmlFields) -> str | None:
    raw = fields.text("order_reference", fields.root, "cac:OrderReference/cbc:ID")
    reference = order_reference(raw)
    if reference is None:
        fields.forget("order_reference")
    return reference


def _accounts(fields: XmlFields) -> dict[str, tuple[str, ...]]:
    found: list[Element] = []
    for means in fields.all(fields.root, "cac:PaymentMeans"):
        # The payer's account of a direct debit (BT-91) stands in PayerFinancialAccount: not ours to read.
        account = fields.find(means, "cac:PayeeFinancialAccount/cbc:ID")
        if account is not None:
            found.append(account)
    return fields.accounts(found)


def _notes(fields: XmlFields) -> tuple[str, ...]:
    found: list[str] = []
    for element in fields.all(fields.root, "cbc:Note"):
        text = fields.own_text(f"notes[{len(found)}]", element)
        if text is not None:
            found.append(text)
    return tuple(found)
