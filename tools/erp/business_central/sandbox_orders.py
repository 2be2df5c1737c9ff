"""Draft purchase orders in the vendor's way. What the books cannot keep is refused, never swallowed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tools.domain.documents import OrderLine, OrderState
from tools.domain.money import Money
from tools.erp.business_central.sandbox_drafts import Drafts, translated
from tools.erp.business_central.sandbox_records import Records
from tools.erp.business_central.sandbox_schema import bad_request, business, check_match, entities, not_found
from tools.erp.sandbox.books import OrderCard
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.refusal import Refused

SET, LINES = "purchaseOrders", "purchaseOrderLines"
_HEADER = frozenset("vendorNumber currencyCode pricesIncludeTax".split())
_LINE = frozenset(
    "lineType lineObjectNumber description quantity unitOfMeasureCode directUnitCost taxCode".split()
)
_STEP = Decimal("0.00001")
_RELEASED = "Status must be equal to 'Open' in Purchase Header. Current value is 'Released'."


class Orders:
    """Creates and deletes draft orders; released ones are refused."""

    def __init__(self, company: Company, records: Records, drafts: Drafts) -> None:
        self._company = company
        self._records = records
        self._drafts = drafts

    def create(self, body: Any) -> dict[str, Any]:
        given = entities()[SET].check(body, nested=LINES)
        beyond = sorted(set(given) - _HEADER - {LINES})
        if beyond:
            raise business(f"This sandbox cannot keep the field '{beyond[0]}'.")
        if given.get("pricesIncludeTax"):
            raise business("This sandbox keeps orders without tax in their prices only.")
        lines = given.get(LINES, [])
        if not isinstance(lines, list):
            raise bad_request(f"'{LINES}' must be a list.")
        number, currency = given.get("vendorNumber"), self._drafts.currency(given.get("currencyCode", ""))
        if not number:
            raise business('A "vendorNumber" or a "vendorId" must be provided.')
        if number not in self._company.books.suppliers:
            raise business("The buy-from vendor cannot be found.")
        comments, kept = [], []
        for position, line in enumerate(lines, start=1):
            told = entities()[LINES].check(line)
            if told.get("lineType") == "Comment":
                comments.append(_comment(told))
            else:
                kept.append(self._line(told, str(position * 10000), currency))
        if len(comments) > 1:
            raise business("This sandbox keeps one comment line with an order.")
        return self._entered(number, currency, kept, comments)

    def _entered(
        self, vendor: str, currency: str, lines: list[OrderLine], comments: list[str]
    ) -> dict[str, Any]:
        reference = comments[0] if comments else None
        try:
            card = self._company.purchasing.create_order(vendor, currency, lines, reference=reference)
        except Refused as refused:
            error = translated(refused, None)
        else:
            return self._row(card)
        raise error

    def delete(self, record_id: str, if_match: str | None) -> None:
        """A draft is taken out. Raises ApiError; a released order stays."""
        for number, card in self._company.books.orders.items():
            row = self._row(card)
            if row["id"] == record_id.lower():
                check_match(if_match, row["@odata.etag"])
                if card.order.state is not OrderState.DRAFT:
                    raise business(_RELEASED)
                self._company.purchasing.delete_order(number)
                return
        raise not_found("The order cannot be found.")

    def refuse_change(self, line: Mapping[str, Any], if_match: str | None) -> None:
        """A line of a released order stays as it is; changing a draft's lines is not served."""
        check_match(if_match, line["@odata.etag"])
        for card in self._company.books.orders.values():
            row = self._row(card)
            if row["id"] == line["documentId"] and row["status"] != "Draft":
                raise business(_RELEASED)
        raise business("This sandbox does not change lines of draft orders.")

    def _row(self, card: OrderCard) -> dict[str, Any]:
        return self._records.order(card)

    def _line(self, given: dict[str, Any], line_id: str, currency: str) -> OrderLine:
        beyond = sorted(set(given) - _LINE)
        if beyond:
            raise business(f"This sandbox cannot keep the field '{beyond[0]}'.")
        unit = self._records.master.rec20(given.get("unitOfMeasureCode") or "")
        if unit is None:
            raise business("The unit of measure does not exist.", "Internal_InvalidTableRelation")
        cost = Decimal(given.get("directUnitCost", 0)).quantize(_STEP, rounding=ROUND_HALF_UP)
        return OrderLine(
            line_id=line_id,
            **self._drafts.line_object(given),
            description=given.get("description", ""),
            unit=unit,
            ordered=Decimal(given.get("quantity", 0)),
            unit_price=Money(amount=cost, currency=currency),
            tax_code=given.get("taxCode") or None,
        )


def _comment(given: dict[str, Any]) -> str:
    if set(given) != {"lineType", "description"}:
        raise business("A comment line has a description and nothing else.")
    return str(given["description"])
