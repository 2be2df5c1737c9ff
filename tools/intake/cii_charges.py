"""Discounts and charges on the document level of a Cross Industry Invoice."""

from __future__ import annotations

from tools.domain.documents import AllowanceCharge
from tools.intake.cii_names import CiiNames
from tools.intake.ubl_lines import is_true
from tools.intake.xml_fields import Element, XmlFields


def read_charges(
    fields: XmlFields, settlement: Element | None, names: CiiNames
) -> tuple[AllowanceCharge, ...]:
    """BG-20, BG-21, and the freight of the EXTENDED profile, which is a charge by nature."""
    result: list[AllowanceCharge] = []
    for element in fields.all(settlement, "ram:SpecifiedTradeAllowanceCharge"):
        is_charge = is_true(fields.text(None, element, "ram:ChargeIndicator/udt:Indicator"))
        _append(fields, element, "ram:ActualAmount", is_charge, names.allowance_rate, result)
    for element in fields.all(settlement, "ram:SpecifiedLogisticsServiceCharge"):
        _append(fields, element, "ram:AppliedAmount", True, f"ram:AppliedTradeTax/{names.rate}", result)
    return tuple(result or _totals_only(fields, fields.find(settlement, names.summation)))


def _totals_only(fields: XmlFields, totals: Element | None) -> list[AllowanceCharge]:
    """BT-107 and BT-108 where the profile has no place for the single discounts and charges."""
    result: list[AllowanceCharge] = []
    for path, is_charge in (("ram:AllowanceTotalAmount", False), ("ram:ChargeTotalAmount", True)):
        amount = fields.amount(f"allowances[{len(result)}].amount", totals, path)
        if amount is not None and amount.amount != 0:
            result.append(AllowanceCharge(is_charge=is_charge, amount=amount))
    return result


def _append(
    fields: XmlFields,
    element: Element,
    amount_path: str,
    is_charge: bool,
    rate_path: str,
    result: list[AllowanceCharge],
) -> None:
    field = f"allowances[{len(result)}]"
    amount = fields.amount(f"{field}.amount", element, amount_path)
    if amount is None:
        fields.error("missing_amount", "A discount or charge of the document has no readable amount.", field)
        return
    result.append(
        AllowanceCharge(
            is_charge=is_charge,
            amount=amount,
            tax_rate=fields.number(f"{field}.tax_rate", element, rate_path),
            reason=fields.text(None, element, "ram:Reason", "ram:Description"),
        )
    )
