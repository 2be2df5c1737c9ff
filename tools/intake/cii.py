"""UN/CEFACT Cross Industry Invoice D16B: XRechnung-CII, Factur-X and ZUGFeRD 2, from MINIMUM to EXTENDED.

BT and BG numbers are those of EN 16931-1; the binding to CII is EN 16931-3-3.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tools.domain.documents import Invoice, Party, TaxLine
from tools.domain.money import NO_CURRENCY, Money
from tools.intake.cii_charges import read_charges
from tools.intake.cii_lines import read_lines
from tools.intake.cii_names import CII_D16B, CiiNames
from tools.intake.document_types import document_type, order_reference
from tools.intake.xml_fields import Element, XmlFields


def read_cii(root: Element) -> tuple[Invoice, XmlFields]:
    """The invoice in `root`, and the reader with the problems met on the way."""
    return read_cross_industry(root, CII_D16B)


def read_cross_industry(root: Element, names: CiiNames) -> tuple[Invoice, XmlFields]:
    """As `read_cii`, in the vocabulary of `names`."""
    fields = XmlFields(root, names.prefixes)
    settlement = fields.find(root, names.settlement)
    totals = fields.find(settlement, names.summation)
    _set_currency(fields, settlement, totals)
    context = f"{names.context}/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
    terms = "ram:SpecifiedTradePaymentTerms/ram:Description"
    invoice = Invoice(
        **_identity(fields, fields.find(root, names.document)),
        **_parties(fields, fields.find(root, names.agreement), settlement),
        **_totals(fields, totals),
        format=names.format,
        profile=fields.text("profile", root, context),
        due_date=_due_date(fields, settlement),
        supply_date=_supply_date(fields, settlement, fields.find(root, names.delivery)),
        currency=fields.currency,
        **_accounts(fields, settlement),
        payment_terms=fields.text("payment_terms", settlement, terms),
        lines=read_lines(fields, names),
        allowances=read_charges(fields, settlement, names),
        taxes=_taxes(fields, settlement, names),
        origins=fields.origins,
    )
    return invoice, fields


def _identity(fields: XmlFields, head: Element | None) -> dict[str, Any]:
    code = fields.text("document_type", head, "ram:TypeCode")
    if code is None:
        fields.note("document_type", fields.root)
    return {
        "document_type": document_type(code),
        "type_code": code,
        "number": fields.text("invoice_number", head, "ram:ID"),
        "issue_date": fields.coded_day("issue_date", head, "ram:IssueDateTime"),
        "notes": _notes(fields, head),
    }


def _parties(fields: XmlFields, agreement: Element | None, settlement: Element | None) -> dict[str, Any]:
    preceding = "ram:InvoiceReferencedDocument"
    return {
        "supplier": _party(fields, fields.find(agreement, "ram:SellerTradeParty"), "supplier"),
        "buyer": _party(fields, fields.find(agreement, "ram:BuyerTradeParty"), "buyer"),
        "payee_name": fields.text("payee_name", settlement, "ram:PayeeTradeParty/ram:Name"),
        "order_number": _order(fields, agreement),
        "buyer_reference": fields.text("buyer_reference", agreement, "ram:BuyerReference"),
        "preceding_invoice": fields.text(
            "preceding_invoice", settlement, f"{preceding}/ram:IssuerAssignedID", f"{preceding}/ram:ID"
        ),
    }


def _totals(fields: XmlFields, totals: Element | None) -> dict[str, Any]:
    paths = {
        "line_total": "ram:LineTotalAmount",
        "net_total": "ram:TaxBasisTotalAmount",
        "tax_total": "ram:TaxTotalAmount",
        "gross_total": "ram:GrandTotalAmount",
        "prepaid": "ram:TotalPrepaidAmount",
        "rounding": "ram:RoundingAmount",
        "payable": "ram:DuePayableAmount",
    }
    return {field: _total(fields, field, totals, path) for field, path in paths.items()}


def _set_currency(fields: XmlFields, settlement: Element | None, totals: Element | None) -> None:
    code = fields.text("currency", settlement, "ram:InvoiceCurrencyCode")
    if code is None:
        code = fields.attribute("currency", fields.find(totals, "ram:GrandTotalAmount"), "currencyID")
    fields.use_currency(code)


def _total(fields: XmlFields, field: str, totals: Element | None, path: str) -> Money | None:
    """The amount in the document's currency; the same total may stand a second time in another one."""
    candidates = fields.all(totals, path)
    for element in candidates:
        stated = (element.get("currencyID") or "").strip().upper()
        if stated and stated == fields.currency:
            return fields.own_amount(field, element)
    for element in candidates:
        if not element.get("currencyID") or fields.currency == NO_CURRENCY:
            return fields.own_amount(field, element)
    # Only another currency is stated: for tax that is BT-111, which is not BT-110.
    if candidates and field != "tax_total":
        return fields.own_amount(field, candidates[0])
    return None


def _party(fields: XmlFields, party: Element | None, side: str) -> Party:
    address = fields.find(party, "ram:PostalTradeAddress")
    organisation = fields.find(party, "ram:SpecifiedLegalOrganization")
    return Party(
        name=fields.text(f"{side}_name", party, "ram:Name"),
        trading_name=fields.text(f"{side}_trading_name", organisation, "ram:TradingBusinessName"),
        vat_id=_vat_id(fields, party, side),
        registration_id=fields.text(f"{side}_registration_id", organisation, "ram:ID"),
        gln=_gln(fields, party),
        endpoint_id=fields.text(f"{side}_endpoint_id", party, "ram:URIUniversalCommunication/ram:URIID"),
        street=fields.text(f"{side}_street", address, "ram:LineOne"),
        city=fields.text(f"{side}_city", address, "ram:CityName"),
        postcode=fields.text(f"{side}_postcode", address, "ram:PostcodeCode"),
        country=fields.text(f"{side}_country", address, "ram:CountryID"),
        email=fields.text(
            f"{side}_email", party, "ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID"
        ),
    )


def _vat_id(fields: XmlFields, party: Element | None, side: str) -> str | None:
    # Scheme VA is the VAT id (BT-31), FC the local tax number (BT-32).
    for found in fields.all(party, "ram:SpecifiedTaxRegistration/ram:ID"):
        if (found.get("schemeID") or "").upper() in {"VA", "VAT"}:
            return fields.own_text(f"{side}_vat_id", found)
    return None


def _gln(fields: XmlFields, party: Element | None) -> str | None:
    for found in fields.all(party, "ram:GlobalID"):
        if found.get("schemeID") == "0088":
            return fields.own_text(None, found)
    return None


def _order(fields: XmlFields, agreement: Element | None) -> str | None:
    raw = fields.text(
        "order_reference",
        agreement,
        "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",
        "ram:BuyerOrderReferencedDocument/ram:ID",
    )
    reference = order_reference(raw)
    if reference is None:
        fields.forget("order_reference")
    return reference


def _due_date(fields: XmlFields, settlement: Element | None) -> date | None:
    for terms in fields.all(settlement, "ram:SpecifiedTradePaymentTerms"):
        found = fields.coded_day("due_date", terms, "ram:DueDateDateTime")
        if found is not None:
            return found
    return None


def _supply_date(fields: XmlFields, settlement: Element | None, delivery: Element | None) -> date | None:
    """BT-7, BT-72, BT-74: the first that is given."""
    places = (
        (settlement, "ram:ApplicableTradeTax/ram:TaxPointDate"),
        (delivery, "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime"),
        (settlement, "ram:BillingSpecifiedPeriod/ram:EndDateTime"),
    )
    days = (fields.coded_day("supply_date", element, path) for element, path in places)
    return next((day for day in days if day is not None), None)


def _accounts(fields: XmlFields, settlement: Element | None) -> dict[str, tuple[str, ...]]:
    found: list[Element] = []
    for means in fields.all(settlement, "ram:SpecifiedTradeSettlementPaymentMeans"):
        account = fields.find(means, "ram:PayeePartyCreditorFinancialAccount")
        for name in ("ram:IBANID", "ram:ProprietaryID"):
            element = fields.find(account, name)
            if element is not None:
                found.append(element)
    return fields.accounts(found)


def _taxes(fields: XmlFields, settlement: Element | None, names: CiiNames) -> tuple[TaxLine, ...]:
    result: list[TaxLine] = []
    for row in fields.all(settlement, "ram:ApplicableTradeTax"):
        field = f"taxes[{len(result)}]"
        result.append(
            TaxLine(
                category=fields.text(f"{field}.category", row, "ram:CategoryCode"),
                rate=fields.number(f"{field}.rate", row, names.rate),
                base=fields.amount(f"{field}.base", row, "ram:BasisAmount"),
                amount=fields.amount(f"{field}.amount", row, "ram:CalculatedAmount"),
                reason=fields.text(None, row, "ram:ExemptionReason", "ram:ExemptionReasonCode"),
            )
        )
    return tuple(result)


def _notes(fields: XmlFields, head: Element | None) -> tuple[str, ...]:
    found: list[str] = []
    for element in fields.all(head, "ram:IncludedNote/ram:Content"):
        text = fields.own_text(f"notes[{len(found)}]", element)
        if text is not None:
            found.append(text)
    return tuple(found)
