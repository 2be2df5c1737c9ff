"""An invoice in UBL or CII with other values in it, element by element; its structure stays as it was.

What is not known to be harmless is replaced: only codes, dates, quantities, percentages and amounts stay.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from lxml import etree

from evals.suite.anonymise import Disguise
from evals.suite.disguised_records import LONGEST_LINE_ID, Scaled

_DROPPED = frozenset(
    """UBLExtensions Signature EmbeddedDocumentBinaryObject AttachmentBinaryObject Note IncludedNote
    ExternalReference URIReference""".split()
)
_KEPT = re.compile(
    r"(?:Code|CurrencyID|CountryID|Percent|Quantity|Numeric|Date|Time|DateString|DateTimeString|Indicator|Rate"
    r"|CustomizationID|ProfileID|UBLVersionID)$"
)
_KEPT_BELOW = frozenset(
    """TaxScheme TaxCategory ClassifiedTaxCategory GuidelineSpecifiedDocumentContextParameter
    BusinessProcessSpecifiedDocumentContextParameter Country""".split()
)
_LINES = frozenset(("InvoiceLine", "CreditNoteLine", "OrderLineReference", "DocumentLineDocument"))
_NAMES = frozenset(
    """Name RegistrationName PersonName DepartmentName TradingBusinessName StreetName AdditionalStreetName
    BlockName BuildingName CityName CitySubdivisionName CountrySubentity CountrySubDivisionName Line LineOne
    LineTwo LineThree AccountName CompanyLegalForm FirstName FamilyName""".split()
)
_ITEMS = frozenset(
    """Item SpecifiedTradeProduct AdditionalItemProperty ApplicableProductCharacteristic AllowanceCharge
    SpecifiedTradeAllowanceCharge SpecifiedLogisticsServiceCharge AppliedTradeAllowanceCharge TaxCategory
    TaxSubtotal ApplicableTradeTax PaymentTerms SpecifiedTradePaymentTerms DesignatedProductClassification
    CommodityClassification""".split()
)
_ATTRIBUTES = frozenset(
    """currencyID unitCode schemeID schemeAgencyID schemeVersionID listID listAgencyID listVersionID format
    languageID mimeCode""".split()
)
_NOTHING = frozenset(("NA", "N/A", "VAT"))
"""What stands where an element must not be empty."""


def rewritten(root: etree._Element, disguise: Disguise, scaled: Scaled, *, notes: bool = False) -> str:
    """The document as text. `notes`: keep them, with known names and numbers replaced; else they are left
    out, since nobody can know whom they name."""
    dropped = _DROPPED - ({"Note", "IncludedNote"} if notes else set())
    for element in list(root.iter(etree.Element)):
        parent = element.getparent()
        if _name(element) in dropped and parent is not None and _name(parent) != "PaymentTerms":
            parent.remove(element)
    # Two rounds: what a party is called must be known before running text is looked at.
    for texts in (False, True):
        for element in root.iter(etree.Element):
            if _is_running(element) is texts:
                _rewrite(element, disguise, scaled)
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written.decode("utf-8") + "\n"


def _rewrite(element: etree._Element, disguise: Disguise, scaled: Scaled) -> None:
    for attribute in list(element.attrib):
        if str(attribute) not in _ATTRIBUTES:
            del element.attrib[attribute]
    text = (element.text or "").strip()
    if text and len(element) == 0:
        element.text = _other(element, text, disguise, scaled)


def _other(element: etree._Element, text: str, disguise: Disguise, scaled: Scaled) -> str:
    name, above = _name(element), _names_above(element)
    if name in ("PostalZone", "PostcodeCode"):
        return disguise.identifier(text)
    if text.upper() in _NOTHING:
        return text
    if name.endswith("Amount"):
        return _scaled_text(text, scaled)
    if _KEPT.search(name) or above[0] in _KEPT_BELOW and name != "ExemptionReason":
        return text
    if name in ("ID", "LineID", "ParentLineID") and above[0] in _LINES and len(text) <= LONGEST_LINE_ID:
        return text
    if _is_running(element):
        return disguise.words(text)
    if "@" in text:
        return disguise.mail(text)
    is_name = name in _NAMES or not any(sign.isdigit() for sign in text)
    return disguise.name(text) if is_name else disguise.identifier(text)


def _is_running(element: etree._Element) -> bool:
    """Words about goods, taxes and terms, which the rules read; not the numbers beside them."""
    name = _name(element)
    if name in ("Note", "Content", "Description", "TaxExemptionReason", "ExemptionReason", "Reason"):
        return True
    return name in ("Name", "AllowanceChargeReason", "Value") and not _ITEMS.isdisjoint(_names_above(element))


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _names_above(element: etree._Element) -> list[str]:
    """Nearest first, up to the document; never empty."""
    return [_name(parent) for parent in element.iterancestors()] or [""]


def _scaled_text(text: str, scaled: Scaled) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    new = scaled(value)
    return text if new == value else f"{new:f}"
