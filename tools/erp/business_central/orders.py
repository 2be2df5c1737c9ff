"""Draft purchase orders: look, create with all lines in one request, read back, compare.

The order entity has no field for a reference of ours (neither *Your Reference* nor *Vendor Order No.* is in
API v2.0), so a comment line at the top carries it. `find` reads the vendor's orders with their lines and
looks for that line; lines cannot be searched by themselves.
"""

from __future__ import annotations

from typing import Any

from tools.domain.decision import CreatePurchaseOrder, DraftOrderLine, Posting, PostingState
from tools.erp.business_central import wire
from tools.erp.business_central.mapping import PRICE_STEP, Setup
from tools.erp.business_central.odata import Query, queries_for
from tools.erp.business_central.session import Session, parsed
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown

LONGEST_TEXT = 100
"""Characters of a line's description, and so of our reference."""
_COMMENT = "Comment"


class OrderDesk:
    """Creates draft orders for one company."""

    def __init__(self, session: Session, setup: Setup) -> None:
        self._session = session
        self._setup = setup

    async def find(self, action: CreatePurchaseOrder) -> Posting | None:
        """The order under our reference. One that was invoiced in full is deleted there and not found."""
        held = await self._held(action)
        if len(held) > 1:
            numbers = ", ".join(sorted(row.number for row in held))
            raise OutcomeUnknown(
                f"Business Central holds {len(held)} orders under reference {action.reference}: {numbers}; "
                "which one is meant must be decided by a person"
            )
        if not held:
            return None
        told = order_difference(held[0], action, self._setup)
        return _posting(held[0], action).model_copy(update={"differs": told})

    async def create(self, action: CreatePurchaseOrder) -> Posting:
        held = await self._held(action)
        if held:
            raise ErpRejected(
                f"reference {action.reference} already stands in Business Central on order {held[0].number}"
            )
        body = order_body(action, self._setup)
        answer = await self._session.change("POST", "purchaseOrders", operation="create order", body=body)
        try:
            made = parsed(wire.OrderNumber, answer.json())
            row = await self._again(made.number)
        except ErpError as error:
            told, detail = str(error), error.detail
        else:
            difference = order_difference(row, action, self._setup)
            if difference is None:
                return _posting(row, action)
            await self._refuse(row, difference)
        raise OutcomeUnknown(f"an order was created and could not be read back: {told}", detail=detail)

    async def _refuse(self, row: wire.Order, difference: str) -> None:
        """Take the draft out again. Raises ErpRejected with the difference."""
        reason = f"Business Central makes another order than was approved: {difference}"
        try:
            path = f"purchaseOrders({row.id})"
            await self._session.change("DELETE", path, operation="delete order", etag=row.etag)
        except ErpError as error:
            reason = f"{reason}; draft order {row.number} could not be deleted: {error}"
        raise ErpRejected(reason)

    async def _held(self, action: CreatePurchaseOrder) -> list[wire.Order]:
        queries = queries_for(wire.Order, "vendorNumber", [action.supplier_id], with_lines=True)
        rows = await self._session.read(wire.Order, queries, operation="find order")
        return [row for row in rows if _reference(row) == action.reference.strip().casefold()]

    async def _again(self, number: str) -> wire.Order:
        query = Query(wire.Order, f"number eq '{number}'", with_lines=True)
        rows = await self._session.read(wire.Order, [query], operation="read back")
        if len(rows) != 1:
            raise ErpRejected(f"order {number} is not there")
        return rows[0]


def order_body(action: CreatePurchaseOrder, setup: Setup) -> dict[str, Any]:
    """The order with its lines, one request. Raises ErpRejected for what Business Central cannot hold."""
    if len(action.reference) > LONGEST_TEXT:
        raise ErpRejected(f"{action.reference} has more than {LONGEST_TEXT} characters", field="description")
    return {
        "vendorNumber": action.supplier_id,
        "currencyCode": action.currency,
        "pricesIncludeTax": False,
        "purchaseOrderLines": [
            {"lineType": _COMMENT, "description": action.reference},
            *(_line(line, setup) for line in action.lines),
        ],
    }


def _line(line: DraftOrderLine, setup: Setup) -> dict[str, Any]:
    unit = setup.own_unit(line.unit)
    if unit is None:
        raise ErpRejected(
            f"{line.description}: the unit {line.unit} is not set up in Business Central",
            field="unitOfMeasureCode",
        )
    if line.unit_price.amount != line.unit_price.amount.quantize(PRICE_STEP):
        raise ErpRejected(
            f"{line.description}: Business Central keeps prices with five decimals", field="directUnitCost"
        )
    if line.item_number is None and line.account is None:
        raise ErpRejected(f"{line.description}: neither an item nor an account is given")
    body: dict[str, Any] = {
        "lineType": "Item" if line.item_number is not None else "Account",
        "lineObjectNumber": line.item_number or line.account,
        "description": line.description[:LONGEST_TEXT],
        "quantity": line.quantity,
        "unitOfMeasureCode": unit,
        "directUnitCost": line.unit_price.amount,
    }
    if line.tax_code is not None:
        body["taxCode"] = line.tax_code
    return body


def order_difference(row: wire.Order, action: CreatePurchaseOrder, setup: Setup) -> str | None:
    """What the order in the ERP says differently from what was approved, in words; None if nothing."""
    currency = setup.currency_of(row.currency_code)
    if currency != action.currency:
        return f"the currency is {currency} there and {action.currency} here"
    kept = sorted((line for line in row.purchase_order_lines if line.line_type != _COMMENT), key=_place)
    if len(kept) != len(action.lines):
        return f"it has {len(kept)} lines there and {len(action.lines)} here"
    for theirs, ours in zip(kept, action.lines, strict=True):
        told = (theirs.line_object_number.upper(), theirs.quantity, theirs.direct_unit_cost)
        if theirs.discount_percent:
            return f"{ours.description}: a discount of {theirs.discount_percent} % was added"
        if told != ((ours.item_number or ours.account or "").upper(), ours.quantity, ours.unit_price.amount):
            return f"{ours.description}: {told[1]} of {told[0]} at {told[2]} there"
        if (coded := _coding_difference(theirs, ours, setup)) is not None:
            return f"{ours.description}: {coded}"
    return None


def _coding_difference(theirs: wire.OrderLine, ours: DraftOrderLine, setup: Setup) -> str | None:
    """In words; a tax code that was not approved is Business Central's own choice."""
    kind = "Item" if ours.item_number is not None else "Account"
    pairs = [
        ("the type of the line", theirs.line_type, kind),
        ("the unit", theirs.unit_of_measure_code.upper(), (setup.own_unit(ours.unit) or "").upper()),
    ]
    if ours.tax_code is not None:
        pairs.append(("the tax code", theirs.tax_code.upper(), ours.tax_code.upper()))
    for name, there, here in pairs:
        if there != here:
            return f"{name} is {there or 'none'} there and {here or 'none'} here"
    return None


def _place(line: wire.OrderLine) -> int:
    return line.sequence


def _reference(row: wire.Order) -> str | None:
    """The text of the first comment line, as it is compared."""
    comments = sorted((line for line in row.purchase_order_lines if line.line_type == _COMMENT), key=_place)
    return comments[0].description.strip().casefold() if comments else None


def _posting(row: wire.Order, action: CreatePurchaseOrder) -> Posting:
    """The order is a draft for the buyer, but as a booking of ours it is finished."""
    return Posting(
        erp_id=row.id,
        number=row.number,
        state=PostingState.POSTED,
        supplier_id=action.supplier_id,
        reference=action.reference,
        version=row.etag,
    )
