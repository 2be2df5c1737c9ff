"""Purchase orders: an incomplete one that a buyer completes, and a change of one item."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from tools.domain.decision import AmendOrderLine, CreatePurchaseOrder, DraftOrderLine, Posting, PostingState
from tools.domain.identifiers import SupplierId
from tools.domain.money import Money, round_amount
from tools.erp.errors import ErpChanged, ErpError, ErpRejected, OutcomeUnknown
from tools.erp.sap.documents import Order, OrderItem
from tools.erp.sap.entry import amount
from tools.erp.sap.facts import Facts
from tools.erp.sap.mapping import Setup, price_of, price_quantity
from tools.erp.sap.odata import Query, key_path, letter_cases, literal, queries_for
from tools.erp.sap.references import shortened
from tools.erp.sap.session import Session, one_of

SERVICE = "API_PURCHASEORDER_PROCESS_SRV"
LONGEST_REFERENCE = 12
_LONGEST_TEXT = 40
_LARGEST_BASE = 10000


class OrderDesk:
    def __init__(self, session: Session, setup: Setup, facts: Facts) -> None:
        self._session = session
        self._setup = setup
        self._facts = facts

    async def find_new(self, action: CreatePurchaseOrder) -> Posting | None:
        """The order with our reference; one that was deleted is not it."""
        wanted = shortened(action.reference, LONGEST_REFERENCE)
        queries = queries_for(
            Order,
            "CorrespncInternalReference",
            letter_cases(wanted),
            also=f"Supplier eq {literal(action.supplier_id)}",
        )
        rows = await self._session.read(Order, queries, operation="find")
        found = {row.purchase_order: row for row in rows if not row.purchasing_document_deletion_code}
        if len(found) > 1:
            raise OutcomeUnknown(
                f"SAP holds several orders with our reference {action.reference}: {', '.join(sorted(found))}"
            )
        return _posting(next(iter(found.values())), action.reference) if found else None

    async def create(self, action: CreatePurchaseOrder) -> Posting:
        body = body_of(action, self._setup)
        answer = await self._session.change("POST", SERVICE, "A_PurchaseOrder", operation="order", body=body)
        told = "SAP named no number"
        try:
            number = str(one_of(answer.json()).get("PurchaseOrder") or "")
            row = await self._order(number) if number else None
        except ErpError as error:
            row, told = None, str(error)
        if row is None:
            raise OutcomeUnknown(f"the order was created and could not be read back: {told}")
        return _posting(row, action.reference)

    async def _order(self, number: str) -> Order | None:
        condition = f"PurchaseOrder eq {literal(number)}"
        rows = await self._session.read(Order, [Query(Order, condition)], operation="order")
        return rows[0] if rows else None

    async def find_amended(self, action: AmendOrderLine) -> Posting | None:
        """The order, where the line is already what was approved."""
        return await self._found(action, None)

    async def _found(self, action: AmendOrderLine, base: Decimal | None) -> Posting | None:
        row = await self._order(action.order_number)
        item = None if row is None else _item(row, action.order_line_id)
        if row is None or item is None or not _is_so(item, action, base):
            return None
        return _posting(row, None)

    async def amend(self, action: AmendOrderLine, approved: str | None) -> Posting:
        """The change carries the item's version: SAP refuses it when somebody changed the item since. Raises
        ErpRejected where SAP gives no version: a colleague's change would be overwritten unseen; ErpChanged
        where the order is not the one of the version `approved` any more (None: nobody named one)."""
        row = await self._order(action.order_number)
        item = None if row is None else _item(row, action.order_line_id)
        if row is None or item is None:
            raise ErpRejected(f"SAP shows no item {action.order_line_id} of order {action.order_number}")
        etag = item.meta.etag or row.meta.etag
        if not etag:
            raise ErpRejected(
                f"SAP gives no version (ETag) of item {item.line_id} of order {item.purchase_order}: a "
                "change could overwrite a colleague's; change it on SAP's own screen"
            )
        await self._still(action.order_number, approved)
        path = key_path(
            "A_PurchaseOrderItem",
            PurchaseOrder=item.purchase_order,
            PurchaseOrderItem=item.purchase_order_item.zfill(5),
        )
        await self._session.change(
            "PATCH",
            SERVICE,
            path,
            operation="amend",
            body=change_of(action, item, row.document_currency),
            headers={"If-Match": etag},
        )
        return await self._amended(action, price_of(item)[1])

    async def _still(self, number: str, approved: str | None) -> None:
        """Read after the item's own version: what changes later SAP refuses, what changed before we do."""
        if approved is None:
            return
        query = Query(Order, f"PurchaseOrder eq {literal(number)}")
        found = await self._facts.orders([query], "order again")
        if [order.version for order in found] != [approved]:
            raise ErpChanged(f"order {number} was changed in SAP since the change was approved")

    async def _amended(self, action: AmendOrderLine, base: Decimal) -> Posting:
        """`base`: for how many units the price counted when it was approved."""
        told = "the line is not what was approved"
        try:
            found = await self._found(action, base)
        except ErpError as error:
            found, told = None, str(error)
        if found is None:
            raise OutcomeUnknown(f"SAP took the change of order {action.order_number}, but: {told}")
        return found


def _item(row: Order, line_id: str) -> OrderItem | None:
    return next((item for item in row.items if item.line_id == line_id), None)


def _is_so(item: OrderItem, action: AmendOrderLine, base: Decimal | None) -> bool:
    """Whether quantity, price and the units it counts for are what was approved. `base`: the units that the
    approved price counted for; where that is not known any more, what the whole line came to tells it."""
    if action.quantity is not None and action.quantity != item.order_quantity:
        return False
    if action.unit_price is None:
        return True
    price, now, _ = price_of(item)
    asked = action.unit_price.amount
    if base is not None:
        return Fraction(price) / Fraction(now) == Fraction(asked) / Fraction(base)
    if action.value is not None and worth_of(item, action.value.currency) != action.value.amount:
        return False
    # A price that is finer than the currency is entered for ten, a hundred … times as many units. Without the
    # value it might as well be a price a hundred times too high.
    finer = range(1, 5) if action.value is not None else range(0)
    return price == asked or any(price == asked * 10**places for places in finer)


def worth_of(item: OrderItem, currency: str) -> Decimal | None:
    """What the whole item comes to, rounded; None where it is priced in a unit that nothing relates."""
    price, base, discount = price_of(item)
    quantity: Decimal | None = item.order_quantity
    if item.order_price_unit not in ("", item.purchase_order_quantity_unit):
        quantity = price_quantity(item)
    if quantity is None:
        return None
    return round_amount(price * (quantity * (100 - discount) / 100 / base), currency)


def change_of(action: AmendOrderLine, item: OrderItem, currency: str) -> dict[str, str]:
    """Raises ErpRejected where the price is made of conditions."""
    body: dict[str, str] = {}
    if action.quantity is not None:
        body["OrderQuantity"] = amount(action.quantity)
    if action.unit_price is not None:
        _, base, discount = price_of(item)
        if discount:
            raise ErpRejected(
                f"the price of item {item.line_id} of order {item.purchase_order} has a discount; it can be "
                "changed on SAP's own screen only",
                field="NetPriceAmount",
            )
        body |= _price(action.unit_price, base, currency)
    return body


def _price(price: Money, base: Decimal, currency: str) -> dict[str, str]:
    """A price finer than the currency counts for more units. Raises ErpRejected when that does not help."""
    if price.currency != currency:
        raise ErpRejected(
            f"the order is in {currency}, the price in {price.currency}", field="NetPriceAmount"
        )
    value = price.amount
    while round_amount(value, currency) != value and base < _LARGEST_BASE:
        value, base = value * 10, base * 10
    if round_amount(value, currency) != value:
        raise ErpRejected(f"the price {price} has too many decimals for SAP", field="NetPriceAmount")
    return {"NetPriceAmount": amount(value), "NetPriceQuantity": amount(base)}


def body_of(action: CreatePurchaseOrder, setup: Setup) -> dict[str, Any]:
    """Raises ErpRejected when the settings lack what SAP wants of a new order."""
    settings = setup.settings
    needed = {
        "purchasing_organization": settings.purchasing_organization,
        "purchasing_group": settings.purchasing_group,
        "plant": settings.plant,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise ErpRejected(f"to create orders in SAP, set {', '.join(missing)} in the settings")
    return {
        "CompanyCode": settings.code,
        "PurchaseOrderType": settings.order_type,
        "Supplier": action.supplier_id,
        "PurchasingOrganization": settings.purchasing_organization,
        "PurchasingGroup": settings.purchasing_group,
        "DocumentCurrency": action.currency,
        "CorrespncInternalReference": shortened(action.reference, LONGEST_REFERENCE),
        # On hold: a buyer completes and releases it.
        "PurchasingCompletenessStatus": True,
        "to_PurchaseOrderItem": [
            _line(position, line, action, setup) for position, line in enumerate(action.lines, start=1)
        ],
    }


def _line(position: int, line: DraftOrderLine, action: CreatePurchaseOrder, setup: Setup) -> dict[str, Any]:
    unit = setup.own_unit(line.unit)
    row: dict[str, Any] = {
        "PurchaseOrderItem": str(position * 10),
        "PurchaseOrderItemText": line.description[:_LONGEST_TEXT],
        "Plant": setup.settings.plant,
        "OrderQuantity": amount(line.quantity),
        "PurchaseOrderQuantityUnit": unit,
        "OrderPriceUnit": unit,
        **_price(line.unit_price, Decimal(1), action.currency),
    }
    if line.tax_code is not None:
        row["TaxCode"] = setup.settings.tax_code(line.tax_code)
    return row | (_assigned(line, setup) if line.item_number is None else {"Material": line.item_number})


def _assigned(line: DraftOrderLine, setup: Setup) -> dict[str, Any]:
    """A line without material is bought for a cost centre."""
    settings = setup.settings
    if line.account is None or not settings.material_group or not settings.cost_center:
        raise ErpRejected(
            f"{line.description}: a line without material needs an account here and material_group and "
            "cost_center in the settings",
            field="AccountAssignmentCategory",
        )
    assignment = {
        "AccountAssignmentNumber": "01",
        "GLAccount": line.account,
        "CostCenter": settings.cost_center,
    }
    return {
        "MaterialGroup": settings.material_group,
        "AccountAssignmentCategory": "K",
        "to_AccountAssignment": [assignment],
    }


def _posting(row: Order, reference: str | None) -> Posting:
    """An order is incomplete for the buyer; as a booking of ours it is finished."""
    return Posting(
        erp_id=row.purchase_order,
        number=row.purchase_order,
        state=PostingState.POSTED,
        supplier_id=SupplierId(row.supplier),
        reference=reference or row.correspnc_internal_reference or None,
        version=row.meta.etag,
    )
