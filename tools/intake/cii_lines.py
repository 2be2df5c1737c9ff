"""Lines of a Cross Industry Invoice (BG-25), with the sub-lines of the EXTENDED profile."""

from __future__ import annotations

from decimal import Decimal

from tools.domain.documents import InvoiceLine
from tools.domain.money import Money
from tools.intake.cii_names import CiiNames
from tools.intake.document_types import order_reference
from tools.intake.ubl_lines import is_true
from tools.intake.xml_fields import LEAST_PRICE_BASE, Element, XmlFields

_DOCUMENT = "ram:AssociatedDocumentLineDocument"
_PRODUCT = "ram:SpecifiedTradeProduct"


def read_lines(fields: XmlFields, names: CiiNames) -> tuple[InvoiceLine, ...]:
    result: list[InvoiceLine] = []
    for element in fields.all(fields.root, names.lines):
        if not _is_text_only(fields, element, names):
            result.append(_line(fields, element, names, f"lines[{len(result)}]"))
    return tuple(result)


def _is_text_only(fields: XmlFields, element: Element, names: CiiNames) -> bool:
    """ZUGFeRD allows a line item that carries nothing but a note for the reader."""
    return (
        fields.find(element, _PRODUCT) is None
        and fields.find(element, f"{names.line_settlement}/{names.line_summation}/ram:LineTotalAmount")
        is None
        and fields.find(element, f"{names.line_delivery}/ram:BilledQuantity") is None
    )


def _line(fields: XmlFields, element: Element, names: CiiNames, field: str) -> InvoiceLine:
    product = fields.find(element, _PRODUCT)
    agreement = fields.find(element, names.line_agreement)
    settlement = fields.find(element, names.line_settlement)
    quantity_at = fields.find(element, f"{names.line_delivery}/ram:BilledQuantity")
    price, base = _price(fields, agreement, field)
    return InvoiceLine(
        line_id=fields.text(f"{field}.line_id", element, f"{_DOCUMENT}/ram:LineID"),
        description=fields.text(f"{field}.description", product, "ram:Name", "ram:Description")
        or fields.text(f"{field}.description", element, f"{_DOCUMENT}/ram:IncludedNote/ram:Content"),
        quantity=fields.number(f"{field}.quantity", element, f"{names.line_delivery}/ram:BilledQuantity"),
        unit=fields.attribute(f"{field}.unit", quantity_at, "unitCode"),
        unit_price=price,
        price_base=base,
        net_amount=fields.amount(
            f"{field}.net_amount", settlement, f"{names.line_summation}/ram:LineTotalAmount"
        ),
        adjustments=_adjustments(fields, settlement, field),
        tax_rate=fields.number(f"{field}.tax_rate", settlement, f"ram:ApplicableTradeTax/{names.rate}"),
        tax_category=fields.text(
            f"{field}.tax_category", settlement, "ram:ApplicableTradeTax/ram:CategoryCode"
        ),
        order_number=order_reference(
            fields.text(
                f"{field}.order_number",
                agreement,
                "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",
                "ram:BuyerOrderReferencedDocument/ram:ID",
            )
        ),
        order_line_ref=order_reference(
            fields.text(f"{field}.order_line_ref", agreement, "ram:BuyerOrderReferencedDocument/ram:LineID")
        ),
        buyer_item_id=fields.text(f"{field}.buyer_item_id", product, "ram:BuyerAssignedID"),
        supplier_item_id=fields.text(f"{field}.supplier_item_id", product, "ram:SellerAssignedID"),
        gtin=fields.text(f"{field}.gtin", product, "ram:GlobalID"),
        parent_line_id=fields.text(f"{field}.parent_line_id", element, f"{_DOCUMENT}/ram:ParentLineID"),
    )


def _price(fields: XmlFields, agreement: Element | None, field: str) -> tuple[Money | None, Decimal]:
    """BT-146 and BT-149; without a net price the gross price less its discount, which is the same."""
    net = fields.find(agreement, "ram:NetPriceProductTradePrice")
    gross = fields.find(agreement, "ram:GrossPriceProductTradePrice")
    price = fields.amount(f"{field}.unit_price", net, "ram:ChargeAmount")
    if price is not None:
        return price, _base(fields, net, field)
    price = fields.amount(f"{field}.unit_price", gross, "ram:ChargeAmount")
    for entry in fields.all(gross, "ram:AppliedTradeAllowanceCharge"):
        amount = fields.amount(f"{field}.unit_price_discount", entry, "ram:ActualAmount")
        if price is not None and amount is not None:
            is_charge = is_true(fields.text(None, entry, "ram:ChargeIndicator/udt:Indicator"))
            price = price + amount if is_charge else price - amount
    return price, _base(fields, gross, field)


def _base(fields: XmlFields, price: Element | None, field: str) -> Decimal:
    base = fields.number(f"{field}.price_base", price, "ram:BasisQuantity")
    if base is None:
        return Decimal(1)
    if base < LEAST_PRICE_BASE:
        fields.unreadable(f"{field}.price_base", f"a price for {base} units has no meaning")
        return Decimal(1)
    return base


def _adjustments(fields: XmlFields, settlement: Element | None, field: str) -> Money | None:
    """BG-27 and BG-28."""
    result: Money | None = None
    for entry in fields.all(settlement, "ram:SpecifiedTradeAllowanceCharge"):
        amount = fields.amount(f"{field}.adjustments", entry, "ram:ActualAmount")
        if amount is None:
            continue
        is_charge = is_true(fields.text(None, entry, "ram:ChargeIndicator/udt:Indicator"))
        signed = amount if is_charge else -amount
        result = signed if result is None else result + signed
    return result
