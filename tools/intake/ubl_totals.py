"""Totals of a UBL document: discounts and charges, taxes, and the net total where a profile differs."""

from __future__ import annotations

from decimal import Decimal

from tools.domain.documents import AllowanceCharge, TaxLine
from tools.domain.money import NO_CURRENCY, Money
from tools.intake.ubl_lines import is_true, tax_category
from tools.intake.xml_fields import Element, XmlFields

TOTAL = "cac:LegalMonetaryTotal"


def read_charges(fields: XmlFields) -> tuple[AllowanceCharge, ...]:
    result: list[AllowanceCharge] = []
    for element in fields.all(fields.root, "cac:AllowanceCharge"):
        index = len(result)
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
    return tuple(result or _totals_only(fields))


def _totals_only(fields: XmlFields) -> list[AllowanceCharge]:
    """BT-107 and BT-108 of a sender who does not itemise them."""
    result: list[AllowanceCharge] = []
    for name, is_charge in (("AllowanceTotalAmount", False), ("ChargeTotalAmount", True)):
        amount = fields.amount(f"allowances[{len(result)}].amount", fields.root, f"{TOTAL}/cbc:{name}")
        if amount is not None and amount.amount != 0:
            result.append(AllowanceCharge(is_charge=is_charge, amount=amount))
    return result


def _document_taxes(fields: XmlFields) -> list[tuple[int, Element]]:
    """The TaxTotals in the document's currency; the other one (BT-111) is in the accounting currency."""
    result = []
    for index, total in enumerate(fields.all(fields.root, "cac:TaxTotal")):
        amount = fields.find(total, "cbc:TaxAmount")
        stated = (amount.get("currencyID") or "").strip().upper() if amount is not None else ""
        if not stated or fields.currency in (stated, NO_CURRENCY):
            result.append((index, total))
    # A total without rows beside one that has them is BT-111, also where both currencies are the same.
    detailed = [entry for entry in result if fields.find(entry[1], "cac:TaxSubtotal") is not None]
    return detailed or result


def tax_total(fields: XmlFields) -> Money | None:
    """BT-110; UBL allows one TaxTotal for each kind of tax, their sum is meant then."""
    amounts = [fields.amount("tax_total", total, "cbc:TaxAmount") for _, total in _document_taxes(fields)]
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return None
    return Money(amount=sum((entry.amount for entry in known[1:]), known[0].amount), currency=fields.currency)


def read_taxes(fields: XmlFields) -> tuple[TaxLine, ...]:
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


def net_total(
    fields: XmlFields, profile: str | None, allowances: tuple[AllowanceCharge, ...]
) -> Money | None:
    if "OIOUBL" not in (profile or ""):
        return fields.amount("net_total", fields.root, f"{TOTAL}/cbc:TaxExclusiveAmount")
    # OIOUBL keeps the UBL 2.0 reading of 'tax exclusive': the amount of the tax itself.
    net = fields.amount("net_total", fields.root, f"{TOTAL}/cbc:LineExtensionAmount")
    if net is None:
        return None
    for entry in allowances:
        net = net + entry.amount if entry.is_charge else net - entry.amount
    return net
