"""Lines of a UBL invoice or credit note (BG-25), with the parts of a line where it has some."""

from __future__ import annotations

from decimal import Decimal

from tools.domain.documents import InvoiceLine
from tools.domain.money import Money
from tools.intake.document_types import order_reference
from tools.intake.xml_fields import LEAST_PRICE_BASE, Element, XmlFields

# Names OIOUBL and early UBL profiles use where EN 16931 has letters (UNCL5305).
_CATEGORIES = {"STANDARDRATED": "S", "ZERORATED": "Z", "REVERSECHARGE": "AE", "EXEMPT": "E"}
_PARTS = ("cac:SubInvoiceLine", "cac:SubCreditNoteLine")


def tax_category(code: str | None) -> str | None:
    return None if code is None else _CATEGORIES.get(code.upper(), code)


def is_true(text: str | None) -> bool:
    """xs:boolean."""
    return (text or "").strip().lower() in {"true", "1"}


def read_lines(fields: XmlFields) -> tuple[InvoiceLine, ...]:
    """The lines in their order; after the last one the parts of lines, level by level."""
    result: list[InvoiceLine] = []
    level: list[tuple[Element, str | None]] = [
        (element, None)
        for path in ("cac:InvoiceLine", "cac:CreditNoteLine")
        for element in fields.all(fields.root, path)
    ]
    while level:
        below: list[tuple[Element, str | None]] = []
        for element, parent in level:
            line = _line(fields, element, f"lines[{len(result)}]", parent)
            result.append(line)
            below += [(part, line.line_id or "?") for path in _PARTS for part in fields.all(element, path)]
        level = below
    return tuple(result)


def _line(fields: XmlFields, element: Element, field: str, parent: str | None) -> InvoiceLine:
    item = fields.find(element, "cac:Item")
    quantity_at = fields.find(element, "cbc:InvoicedQuantity")
    if quantity_at is None:
        quantity_at = fields.find(element, "cbc:CreditedQuantity")
    return InvoiceLine(
        line_id=fields.text(f"{field}.line_id", element, "cbc:ID"),
        description=fields.text(f"{field}.description", item, "cbc:Name", "cbc:Description"),
        quantity=fields.number(f"{field}.quantity", element, "cbc:InvoicedQuantity", "cbc:CreditedQuantity"),
        unit=fields.attribute(f"{field}.unit", quantity_at, "unitCode"),
        unit_price=fields.amount(f"{field}.unit_price", element, "cac:Price/cbc:PriceAmount"),
        price_base=_price_base(fields, element, field),
        net_amount=fields.amount(f"{field}.net_amount", element, "cbc:LineExtensionAmount"),
        adjustments=_adjustments(fields, element, field),
        tax_rate=_tax_rate(fields, element, item, field),
        tax_category=tax_category(
            fields.text(
                f"{field}.tax_category",
                item,
                "cac:ClassifiedTaxCategory/cbc:ID",
            )
            or fields.text(None, element, "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID")
        ),
        order_number=order_reference(
            fields.text(f"{field}.order_number", element, "cac:OrderLineReference/cac:OrderReference/cbc:ID")
        ),
        order_line_ref=order_reference(
            fields.text(f"{field}.order_line_ref", element, "cac:OrderLineReference/cbc:LineID")
        ),
        buyer_item_id=fields.text(f"{field}.buyer_item_id", item, "cac:BuyersItemIdentification/cbc:ID"),
        supplier_item_id=fields.text(
            f"{field}.supplier_item_id", item, "cac:SellersItemIdentification/cbc:ID"
        ),
        gtin=fields.text(f"{field}.gtin", item, "cac:StandardItemIdentification/cbc:ID"),
        parent_line_id=parent,
    )


def _price_base(fields: XmlFields, element: Element, field: str) -> Decimal:
    base = fields.number(f"{field}.price_base", element, "cac:Price/cbc:BaseQuantity")
    if base is None:
        return Decimal(1)
    if base < LEAST_PRICE_BASE:
        fields.unreadable(f"{field}.price_base", f"a price for {base} units has no meaning")
        return Decimal(1)
    return base


def _tax_rate(fields: XmlFields, element: Element, item: Element | None, field: str) -> Decimal | None:
    name = f"{field}.tax_rate"
    rate = fields.number(name, item, "cac:ClassifiedTaxCategory/cbc:Percent")
    if rate is not None:
        return rate
    # UBL 2.0 profiles state the tax of the line as an amount with its category.
    return fields.number(
        name,
        element,
        "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent",
        "cac:TaxTotal/cac:TaxSubtotal/cbc:Percent",
    )


def _adjustments(fields: XmlFields, element: Element, field: str) -> Money | None:
    """BG-27 and BG-28; a discount inside cac:Price is already in the net price and stays out."""
    entries = fields.all(element, "cac:AllowanceCharge")
    result: Money | None = None
    for entry in entries:
        amount = fields.amount(f"{field}.adjustments", entry, "cbc:Amount")
        if amount is None:
            continue
        signed = amount if is_true(fields.text(None, entry, "cbc:ChargeIndicator")) else -amount
        result = signed if result is None else result + signed
    return result
