"""Which XML document stands before us: the invoices with their readers, and the others by name."""

from __future__ import annotations

from lxml import etree

from tools.domain.documents import DocumentFormat, Reading, ReadingState
from tools.intake.cii import read_cii
from tools.intake.document_types import other_document
from tools.intake.limits import no_invoice
from tools.intake.ubl import read_ubl
from tools.intake.xml_fields import CII, UBL, ZUGFERD_1, Element
from tools.intake.zugferd1 import read_zugferd1

_INVOICES = {
    f"{{{UBL['ubl']}}}Invoice": read_ubl,
    f"{{{UBL['cn']}}}CreditNote": read_ubl,
    f"{{{CII['rsm']}}}CrossIndustryInvoice": read_cii,
    f"{{{ZUGFERD_1['rsm']}}}CrossIndustryDocument": read_zugferd1,
}
_UBL_SCHEMAS = "urn:oasis:names:specification:ubl:schema:xsd:"
_UBL_OTHERS = {
    "Order": "purchase_order",
    "OrderChange": "order_change",
    "OrderCancellation": "order_change",
    "OrderResponse": "order_response",
    "OrderResponseSimple": "order_response",
    "DespatchAdvice": "despatch_advice",
    "ReceiptAdvice": "receipt_advice",
    "Statement": "statement",
    "Reminder": "reminder",
    "RemittanceAdvice": "remittance_advice",
    "Catalogue": "catalogue",
    "Quotation": "quotation",
    "RequestForQuotation": "quotation",
    "ApplicationResponse": "application_response",
    "SelfBilledInvoice": "self_billed_invoice",
}
# Order-X and its siblings tell order, change and response apart by the type code (UNCL 1001).
_ORDER_CODES = {"220": "purchase_order", "230": "order_change", "231": "order_response"}
_CII_OTHERS = {
    "SCRDMCCBDACIOMessageStructure": "purchase_order",
    "CrossIndustryOrder": "purchase_order",
    "CrossIndustryOrderChange": "order_change",
    "CrossIndustryOrderResponse": "order_response",
    "CrossIndustryDespatchAdvice": "despatch_advice",
    "SCRDMCCBDACIDAMessageStructure": "despatch_advice",
}
_NATIONAL = {
    "FatturaElettronica": "an Italian FatturaPA invoice",
    "FatturaElettronicaSemplificata": "an Italian FatturaPA invoice",
    "Facturae": "a Spanish Facturae invoice",
    "Faktura": "a Polish KSeF invoice",
    "SelfBilledInvoice": "a self-billed invoice, which the buyer issues",
    "Invoice": "an invoice in a format of its own",
    "CreditNote": "a credit note in a format of its own",
}
_SHOWN = {
    "purchase_order": "a purchase order",
    "order_change": "a change of an order",
    "order_response": "an answer to an order",
    "despatch_advice": "a despatch advice (delivery note)",
    "receipt_advice": "a receipt advice",
    "statement": "a statement of account",
    "reminder": "a payment reminder",
    "remittance_advice": "a remittance advice",
    "quotation": "a quotation",
    "catalogue": "a catalogue",
    "application_response": "a message about the state of another document",
}


def read_root(root: Element) -> Reading:
    """The reading of an XML document, without the checks of its amounts."""
    reader = _INVOICES.get(str(root.tag))
    if reader is None:
        return _other_xml(root)
    invoice, fields = reader(root)
    other = other_document(invoice.type_code)
    if other is not None:
        message = f"The type code {invoice.type_code} says that this is no invoice."
        return no_invoice(other, message, invoice.format)
    return Reading(
        state=ReadingState.INVOICE,
        format=invoice.format,
        invoice=invoice,
        problems=tuple(fields.problems),
    )


def is_invoice_root(root: Element) -> bool:
    return str(root.tag) in _INVOICES


def _other_xml(root: Element) -> Reading:
    """What a document that is not an invoice of a known format is, and what to do with it."""
    name = etree.QName(root)
    reason = _reason(root, name.localname, name.namespace or "")
    if reason == "unsupported_format":
        return _unsupported(name.localname)
    if reason is None:
        return no_invoice(
            "unknown_xml", f"The XML ({name.localname[:60]}) is no invoice format that is known here."
        )
    return no_invoice(reason, f"The document is {_SHOWN[reason]}, not an invoice.", _format(name))


def _reason(root: Element, local: str, namespace: str) -> str | None:
    if namespace.startswith(_UBL_SCHEMAS) and local in _UBL_OTHERS:
        found = _UBL_OTHERS[local]
        return "unsupported_format" if found == "self_billed_invoice" else found
    if local in _CII_OTHERS:
        return _ORDER_CODES.get(_cii_type_code(root), _CII_OTHERS[local])
    return "unsupported_format" if local in _NATIONAL else None


def _cii_type_code(root: Element) -> str:
    for child in root.iter("{*}ExchangedDocument"):
        return (child.findtext("{*}TypeCode") or "").strip()
    return ""


def _unsupported(local: str) -> Reading:
    return no_invoice(
        "unsupported_format",
        f"The file is {_NATIONAL[local]}, which cannot be read here. Ask the supplier for UBL, "
        "Factur-X or a PDF, or enter it by hand.",
    )


def _format(name: etree.QName) -> DocumentFormat:
    return DocumentFormat.UBL if (name.namespace or "").startswith(_UBL_SCHEMAS) else DocumentFormat.CII
