"""Goods receipts and purchase orders as the services take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from tools.domain.documents import OrderLine, OrderState
from tools.domain.money import Money, round_amount
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.refusal import Refused
from tools.erp.sap.published import entity_of
from tools.erp.sap.sandbox_codes import GROUP, PLANT, PURCHASING, Codes
from tools.erp.sap.sandbox_orders import OrderRecords
from tools.erp.sap.sandbox_refusals import translated
from tools.erp.sap.sandbox_schema import ETAG, ODataError, Row, bad_request, business, not_found, read_body

T = TypeVar("T")
_DOCUMENT, _MOVED = entity_of("A_MaterialDocumentHeader"), entity_of("A_MaterialDocumentItem")
_ORDER, _ITEM = entity_of("A_PurchaseOrder"), entity_of("A_PurchaseOrderItem")
_ASSIGNED = entity_of("A_PurOrdAccountAssignment")
_READ_RECEIPT = frozenset(
    "GoodsMovementCode DocumentDate PostingDate ReferenceDocument to_MaterialDocumentItem".split()
)
_READ_MOVED = frozenset(
    "Material Plant StorageLocation GoodsMovementType GoodsMovementRefDocType PurchaseOrder "
    "PurchaseOrderItem QuantityInEntryUnit EntryUnit".split()
)
_READ_ORDER = frozenset(
    "CompanyCode PurchaseOrderType Supplier PurchasingOrganization PurchasingGroup DocumentCurrency "
    "CorrespncInternalReference PurchasingCompletenessStatus to_PurchaseOrderItem".split()
)
_READ_ITEM = frozenset(
    "PurchaseOrderItem PurchaseOrderItemText Plant Material MaterialGroup AccountAssignmentCategory "
    "OrderQuantity PurchaseOrderQuantityUnit OrderPriceUnit NetPriceAmount NetPriceQuantity TaxCode "
    "to_AccountAssignment".split()
)
_READ_CHANGE = frozenset({"OrderQuantity", "NetPriceAmount", "NetPriceQuantity"})


class Supply:
    def __init__(self, company: Company, codes: Codes, orders: OrderRecords, locked: set[str]) -> None:
        """`locked`: orders that somebody has open on a screen."""
        self._company = company
        self._codes = codes
        self._orders = orders
        self._locked = locked

    def receive(self, body: Any) -> Row:
        """The answer names the document; its items are left to be read."""
        given = read_body(_DOCUMENT, body, verb="create", deep=("to_MaterialDocumentItem",))
        _only(given, _READ_RECEIPT)
        if given.get("GoodsMovementCode") != "01" or given.get("PostingDate") is None:
            raise business("M7/001", "Enter movement code 01 and a posting date")
        rows = [read_body(_MOVED, row, verb="create") for row in given.get("to_MaterialDocumentItem") or ()]
        if not rows or len({row.get("PurchaseOrder") for row in rows}) != 1:
            raise business("M7/018", "Enter the items of one purchase order")
        number = rows[0]["PurchaseOrder"] or ""
        self._unlocked(number)
        quantities: dict[str, Decimal] = {}
        for row in rows:
            item, quantity = self._moved(number, row, given)
            quantities[item] = quantities.get(item, Decimal(0)) + quantity
        receipt = self._booked(
            given,
            lambda: self._company.purchasing.receive(
                number,
                quantities,
                given["PostingDate"],
                delivery_note=given.get("ReferenceDocument") or None,
            ),
        )
        header = next(
            row for row in self._orders.material_documents() if row["MaterialDocument"] == receipt.number
        )
        return {**header, "to_MaterialDocumentItem": []}

    def _moved(self, number: str, row: Row, given: Row) -> tuple[str, Decimal]:
        _only(row, _READ_MOVED)
        if row.get("GoodsMovementRefDocType") != "B":
            raise business(
                "MM_IM_ODATA_API_MDOC/011", "Enter GoodsMovementRefDocType B for a movement with an order"
            )
        if row.get("GoodsMovementType") != "101":
            raise business("M7/024", "This sandbox receives goods by movement type 101 only")
        item = self._codes.line_id(number, row.get("PurchaseOrderItem"))
        ordered = self._booked(given, lambda: self._company.purchasing.line(number, item))
        if (row.get("Material") or None) not in (None, ordered.item_number):
            raise business("M7/360", f"Material {row['Material']} is not that of item {item}")
        if row.get("EntryUnit") != self._codes.unit(ordered.unit) or row.get("Plant") != PLANT:
            raise business("M7/225", f"Enter plant and unit of item {item} of order {number}")
        return item, row["QuantityInEntryUnit"]

    def create_order(self, body: Any) -> Row:
        given = read_body(_ORDER, body, verb="create", deep=("to_PurchaseOrderItem",))
        _only(given, _READ_ORDER)
        if given.get("PurchaseOrderType") != "NB":
            raise business("APPL_MM_PUR_PO/064", "Orders of this type cannot be created")
        if given.get("CompanyCode") != self._company.settings.company[:4]:
            raise business("ME/083", "Enter Company Code")
        if (given.get("PurchasingOrganization"), given.get("PurchasingGroup")) != (PURCHASING, GROUP):
            raise business("06/321", "The supplier is not in this purchasing organisation")
        rows = given.get("to_PurchaseOrderItem") or ()
        lines = [self._new_line(row, given["DocumentCurrency"]) for row in rows]
        card = self._booked(
            {"InvoicingParty": given.get("Supplier")},
            lambda: self._company.purchasing.create_order(
                given["Supplier"],
                given["DocumentCurrency"],
                lines,
                reference=given.get("CorrespncInternalReference") or None,
            ),
        )
        if not given.get("PurchasingCompletenessStatus"):
            card = self._company.purchasing.change_state(card.order.number, OrderState.OPEN)
        return self._orders.order(card)

    def _new_line(self, body: Any, currency: str) -> OrderLine:
        row = read_body(_ITEM, body, verb="create", deep=("to_AccountAssignment",))
        _only(row, _READ_ITEM)
        if row.get("Plant") != PLANT:
            raise business("ME/083", "Enter Plant")
        account = self._assigned(row)
        if not row.get("Material") and (not account or not row.get("MaterialGroup")):
            raise business("ME/083", "Enter Material Group")
        unit = self._codes.rec20(row.get("PurchaseOrderQuantityUnit") or "")
        if unit is None:
            raise business("06/206", "Unit of measure is not defined")
        code = self._codes.tax_code(row.get("TaxCode") or "")
        if row.get("TaxCode") and code is None:
            raise business("FICORE/704", f"Tax code {row['TaxCode']} does not exist")
        return OrderLine(
            line_id=row["PurchaseOrderItem"].lstrip("0"),
            item_number=row.get("Material") or None,
            account=account,
            description=row.get("PurchaseOrderItemText") or "",
            unit=unit,
            ordered=row["OrderQuantity"],
            unit_price=Money(amount=_price(row["NetPriceAmount"], currency), currency=currency),
            price_base=row.get("NetPriceQuantity") or Decimal(1),
            tax_code=code,
        )

    def _assigned(self, row: Row) -> str | None:
        if row.get("AccountAssignmentCategory") != "K":
            return None
        found = [read_body(_ASSIGNED, each, verb="create") for each in row.get("to_AccountAssignment") or ()]
        if not found or not found[0].get("CostCenter"):
            raise business("ME/083", "Enter Cost Center")
        return found[0].get("GLAccount") or None

    def amend(self, number: str, item: str, body: Any, if_match: str | None) -> None:
        self._unlocked(number)
        self._match(number, item, if_match)
        given = read_body(_ITEM, body, verb="update")
        _only(given, _READ_CHANGE)
        line = self._booked(given, lambda: self._company.purchasing.line(number, item))
        price = None
        if "NetPriceAmount" in given:
            if line.discount_percent:
                raise business("06/214", "The net price is made of conditions and cannot be entered")
            amount = _price(given["NetPriceAmount"], line.unit_price.currency)
            base = given.get("NetPriceQuantity") or line.price_base
            price = Money(amount=amount * line.price_base / base, currency=line.unit_price.currency)
        self._booked(
            given,
            lambda: self._company.purchasing.amend_line(
                number, item, quantity=given.get("OrderQuantity"), unit_price=price
            ),
        )

    def _match(self, number: str, item: str, if_match: str | None) -> None:
        row = next(
            (
                row
                for row in self._orders.items()
                if row["PurchaseOrder"] == number
                and self._codes.line_id(number, row["PurchaseOrderItem"]) == item
            ),
            None,
        )
        if row is None:
            raise not_found(f"Item {item} of order {number} does not exist")
        if if_match is None:
            raise ODataError(428, "/IWBEP/CM_MGW_RT/024", "The request needs the header If-Match")
        if if_match not in ("*", row[ETAG]):
            raise ODataError(412, "/IWBEP/CM_MGW_RT/023", "The precondition of If-Match is not met")

    def _unlocked(self, number: str) -> None:
        if number in self._locked:
            raise business("ME/006", f"User BUYER is already processing purchase order {number}")

    def _booked(self, given: Mapping[str, Any], work: Callable[[], T]) -> T:
        try:
            return work()
        except Refused as refused:
            error = translated(refused, given, self._company.settings.company)
        raise error


def _price(amount: Decimal, currency: str) -> Decimal:
    if round_amount(amount, currency) != amount:
        raise business("06/208", f"The price has more decimals than {currency}")
    return amount


def _only(given: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if beyond := sorted(set(given) - allowed):
        raise bad_request(f"This sandbox cannot keep {beyond[0]}.")
