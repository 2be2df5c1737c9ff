"""UBL 2.0 and 2.1 Invoice and CreditNote: Peppol BIS Billing 3, XRechnung, EHF, OIOUBL and plain UBL.

BT and BG numbers are those of EN 16931-1; the binding to UBL is EN 16931-3-2.
"""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from tools.domain.documents import (
    AllowanceCharge,
    DocumentFormat,
    Invoice,
    Party,
    TaxLine,
)
from tools.domain.identifiers import compact, looks_like_iban
from tools.domain.money import NO_CURRENCY, Money
from tools.intake.document_types import document_type, order_reference
from tools.intake.ubl_lines import is_true, read_lines, tax_category
from tools.intake.xml_fields import UBL, Element, XmlFields

_TOTAL = "cac:LegalMonetaryTotal"


def read_ubl(root: Element) -> tuple[Invoice, XmlFields]:
    """The invoice in `root`, and the reader with the problems met on the way."""
    fields = XmlFields(root, UBL)
    _set_currency(fields)
    code = fields.text("document_type", root, "cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode")
    is_credit_root = etree.QName(root).localname == "CreditNote"
    if code is None:
        fields.note("document_type", root)
    profile = fields.text("profile", root, "cbc:CustomizationID")
    allowances = _allowances(fields)
    supplier = fields.find(root, "cac:AccountingSupplierParty/cac:Party")
    buyer = fields.find(root, "cac:AccountingCustomerParty/cac:Party")
    invoice = Invoice(
        document_type=document_type(code, is_credit_root),
        type_code=code,
        format=DocumentFormat.UBL,
        profile=profile,
        number=fields.text("invoice_number", root, "cbc:ID"),
        issue_date=fields.iso_day("issue_date", root, "cbc:IssueDate"),
        due_date=fields.iso_day(
            "due_date",
            root,
            "cbc:DueDate",
            "cac:PaymentMeans/cbc:PaymentDueDate",
            "cac:PaymentTerms/cbc:PaymentDueDate",
        ),
        currency=fields.currency,
        supplier=_party(fields, supplier, "supplier"),
        buyer=_party(fields, buyer, "buyer"),
        payee_name=fields.text(
            "payee_name",
            root,
            "cac:PayeeParty/cac:PartyName/cbc:Name",
            "cac:PayeeParty/cac:PartyLegalEntity/cbc:RegistrationName",
        ),
        order_number=_order(fields),
        buyer_reference=fields.text("buyer_reference", root, "cbc:BuyerReference"),
        preceding_invoice=fields.text(
            "preceding_invoice",
            root,
            "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID",
            "cac:BillingReference/cac:SelfBilledInvoiceDocumentReference/cbc:ID",
            "cac:BillingReference/cac:CreditNoteDocumentReference/cbc:ID",
        ),
        ibans=_ibans(fields),
        payment_terms=fields.text("payment_terms", root, "cac:PaymentTerms/cbc:Note"),
        lines=read_lines(fields),
        allowances=allowances,
        taxes=_taxes(fields),
        line_total=fields.amount("line_total", root, f"{_TOTAL}/cbc:LineExtensionAmount"),
        net_total=_net_total(fields, profile, allowances),
        tax_total=_tax_total(fields),
        gross_total=fields.amount("gross_total", root, f"{_TOTAL}/cbc:TaxInclusiveAmount"),
        prepaid=fields.amount("prepaid", root, f"{_TOTAL}/cbc:PrepaidAmount"),
        rounding=fields.amount("rounding", root, f"{_TOTAL}/cbc:PayableRoundingAmount"),
        payable=fields.amount("payable", root, f"{_TOTAL}/cbc:PayableAmount"),
        notes=_notes(fields),
        origins=fields.origins,
    )
    return invoice, fields


def _set_currency(fields: XmlFields) -> None:
    code = fields.text("currency", fields.root, "cbc:DocumentCurrencyCode")
    if code is None:
        payable = fields.find(fields.root, f"{_TOTAL}/cbc:PayableAmount")
        code = fields.attribute("currency", payable, "currencyID")
    fields.use_currency(code)


def _party(fields: XmlFields, party: Element | None, side: str) -> Party:
    address = fields.find(party, "cac:PostalAddress")
    trading = fields.text(f"{side}_trading_name", party, "cac:PartyName/cbc:Name")
    name = fields.text(f"{side}_name", party, "cac:PartyLegalEntity/cbc:RegistrationName")
    if name is None:
        name = fields.text(
            f"{side}_name", party, "cac:PartyName/cbc:Name", "cac:PartyTaxScheme/cbc:RegistrationName"
        )
    return Party(
        name=name,
        trading_name=trading,
        vat_id=_vat_id(fields, party, side),
        registration_id=fields.text(f"{side}_registration_id", party, "cac:PartyLegalEntity/cbc:CompanyID"),
        gln=_gln(fields, party),
        endpoint_id=fields.text(f"{side}_endpoint_id", party, "cbc:EndpointID"),
        street=fields.text(f"{side}_street", address, "cbc:StreetName"),
        city=fields.text(f"{side}_city", address, "cbc:CityName"),
        postcode=fields.text(f"{side}_postcode", address, "cbc:PostalZone"),
        country=fields.text(f"{side}_country", address, "cac:Country/cbc:IdentificationCode"),
        email=fields.text(f"{side}_email", party, "cac:Contact/cbc:ElectronicMail"),
    )


# The VAT scheme as EN 16931 writes it, and as OIOUBL does (63: moms).
_VAT_SCHEMES = frozenset({"VAT", "63", "MOMS", "MVA", "BTW", "TVA", "IVA", "GST"})


def _vat_id(fields: XmlFields, party: Element | None, side: str) -> str | None:
    for scheme in fields.all(party, "cac:PartyTaxScheme"):
        kind = fields.text(None, scheme, "cac:TaxScheme/cbc:ID")
        if kind is None or kind.upper() in _VAT_SCHEMES:
            found = fields.text(f"{side}_vat_id", scheme, "cbc:CompanyID")
            if found is not None:
                return found
    return None


def _gln(fields: XmlFields, party: Element | None) -> str | None:
    candidates = fields.all(party, "cac:PartyIdentification/cbc:ID") + fields.all(party, "cbc:EndpointID")
    for candidate in candidates:
        if (candidate.get("schemeID") or "").upper() in {"0088", "GLN", "EAN"}:
            return fields.own_text(None, candidate)
    return None


def _order(fields: XmlFields) -> str | None:
    raw = fields.text("order_reference", fields.root, "cac:OrderReference/cbc:ID")
    reference = order_reference(raw)
    if reference is None:
        fields.forget("order_reference")
    return reference


def _ibans(fields: XmlFields) -> tuple[str, ...]:
    found: list[str] = []
    for means in fields.all(fields.root, "cac:PaymentMeans"):
        # The payer's account of a direct debit (BT-91) stands in PayerFinancialAccount: not ours to read.
        account = fields.find(means, "cac:PayeeFinancialAccount/cbc:ID")
        text = fields.own_text(None, account)
        if account is not None and text is not None and looks_like_iban(text):
            fields.note(f"ibans[{len(found)}]", account)
            found.append(compact(text))
    fields.copy_origin("ibans[0]", "iban")
    return tuple(found)


def _allowances(fields: XmlFields) -> tuple[AllowanceCharge, ...]:
    result = []
    for index, element in enumerate(fields.all(fields.root, "cac:AllowanceCharge")):
        amount = fields.amount(f"allowances[{index}].amount", element, "cbc:Amount")
        if amount is None:
            fields.error(
                "missing_amount",
                "A discount or charge of the document has no readable amount.",
                f"allowances[{index}].amount",
            )
            continue
        result.append(
            AllowanceCharge(
                is_charge=is_true(fields.text(None, element, "cbc:ChargeIndicator")),
                amount=amount,
                tax_rate=fields.number(
                    f"allowances[{index}].tax_rate", element, "cac:TaxCategory/cbc:Percent"
                ),
                reason=fields.text(None, element, "cbc:AllowanceChargeReason"),
            )
        )
    return tuple(result)


def _document_taxes(fields: XmlFields) -> list[tuple[int, Element]]:
    """The TaxTotals in the document's currency; the other one (BT-111) is in the accounting currency."""
    result = []
    for index, total in enumerate(fields.all(fields.root, "cac:TaxTotal")):
        amount = fields.find(total, "cbc:TaxAmount")
        stated = (amount.get("currencyID") or "").strip().upper() if amount is not None else ""
        if not stated or fields.currency in (stated, NO_CURRENCY):
            result.append((index, total))
    return result


def _tax_total(fields: XmlFields) -> Money | None:
    """BT-110; UBL allows one TaxTotal for each kind of tax, their sum is meant then."""
    amounts = [fields.amount("tax_total", total, "cbc:TaxAmount") for _, total in _document_taxes(fields)]
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return None
    return Money(amount=sum((entry.amount for entry in known[1:]), known[0].amount), currency=fields.currency)


def _taxes(fields: XmlFields) -> tuple[TaxLine, ...]:
    result: list[TaxLine] = []
    for _, total in _document_taxes(fields):
        for row in fields.all(total, "cac:TaxSubtotal"):
            field = f"taxes[{len(result)}]"
            result.append(_tax_row(fields, row, field))
    return tuple(result)


def _tax_row(fields: XmlFields, row: Element, field: str) -> TaxLine:
    category = fields.find(row, "cac:TaxCategory")
    return TaxLine(
        category=tax_category(fields.text(f"{field}.category", category, "cbc:ID")),
        rate=_row_rate(fields, row, field),
        base=fields.amount(f"{field}.base", row, "cbc:TaxableAmount"),
        amount=fields.amount(f"{field}.amount", row, "cbc:TaxAmount"),
        reason=fields.text(None, category, "cbc:TaxExemptionReason", "cbc:TaxExemptionReasonCode"),
    )


def _row_rate(fields: XmlFields, row: Element, field: str) -> Decimal | None:
    return fields.number(f"{field}.rate", row, "cac:TaxCategory/cbc:Percent", "cbc:Percent")


def _net_total(
    fields: XmlFields, profile: str | None, allowances: tuple[AllowanceCharge, ...]
) -> Money | None:
    if "OIOUBL" not in (profile or ""):
        return fields.amount("net_total", fields.root, f"{_TOTAL}/cbc:TaxExclusiveAmount")
    # OIOUBL keeps the UBL 2.0 reading of 'tax exclusive': the amount of the tax itself.
    net = fields.amount("net_total", fields.root, f"{_TOTAL}/cbc:LineExtensionAmount")
    if net is None:
        return None
    for entry in allowances:
        net = net + entry.amount if entry.is_charge else net - entry.amount
    return net


def _notes(fields: XmlFields) -> tuple[str, ...]:
    found: list[str] = []
    for element in fields.all(fields.root, "cbc:Note"):
        text = fields.own_text(f"notes[{len(found)}]", element)
        if text is not None:
            found.append(text)
    return tuple(found)
