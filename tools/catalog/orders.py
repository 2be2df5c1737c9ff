"""Orders and goods receipts in a few rows: the lines that a case is about first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from tools.catalog.result import Sheet, ToolResult, absent, quoted
from tools.catalog.scope import Scope
from tools.catalog.sources import Sources
from tools.catalog.spec import Ref
from tools.domain.documents import GoodsReceipt, OrderLine, PurchaseOrder
from tools.domain.identifiers import OrderNumber
from tools.domain.money import Money, total
from tools.matching.wording import number_text

_MOST_LINES = 12
_MOST_RECEIPTS = 10
_MOST_OF_RECEIPT = 3


async def get_purchase_order(sources: Sources, scope: Scope, order: str, order_line: str = "") -> ToolResult:
    """Header, then at most twelve lines: those of the case first, then those with something open."""
    found = await sources.reader.order(OrderNumber(order))
    if found is None or not scope.may_be_about(found.supplier_id):
        return absent("order", order)
    first = await _of_case(sources, scope, order)
    asked = order_line.rpartition("/")[2]
    sheet = Sheet(f"order:{order}", f"supplier:{found.supplier_id}")
    sheet.knows(Ref.SUPPLIER, found.supplier_id)
    sheet.knows(Ref.ORDER, order)
    _head(sheet, found)
    shown = [line for line in _in_order(found, first) if not asked or line.line_id == asked][:_MOST_LINES]
    for line in shown:
        if sheet.row(*_line(found, line)):
            sheet.read(f"order_line:{order}/{line.line_id}")
            sheet.knows(Ref.ORDER_LINE, f"{order}/{line.line_id}")
    if len(shown) < len(found.lines):
        sheet.row(f"{len(found.lines) - len(shown)} of {len(found.lines)} lines are not shown")
    return sheet.result()


async def list_goods_receipts(sources: Sources, scope: Scope, order: str) -> ToolResult:
    """The newest receipts, each with the lines that the case is about, else its first ones."""
    number = OrderNumber(order)
    found = await sources.reader.order(number)
    if found is None or not scope.may_be_about(found.supplier_id):
        return absent("order", order)
    receipts = sorted(await sources.reader.receipts(number), key=_newest_first)
    sheet = Sheet(f"order:{order}")
    if not receipts:
        sheet.row(f"order {order}: nothing was received so far, as the ERP says")
    wanted = await _of_case(sources, scope, order)
    for receipt in receipts[:_MOST_RECEIPTS]:
        if sheet.row(*_receipt(receipt, wanted)):
            sheet.read(f"receipt:{receipt.number}")
            sheet.knows(Ref.RECEIPT, receipt.number)
    if len(receipts) > _MOST_RECEIPTS:
        sheet.row(f"{len(receipts) - _MOST_RECEIPTS} older receipts are not shown")
    return sheet.result()


async def _of_case(sources: Sources, scope: Scope, order: str) -> dict[str, int]:
    """The order lines that the case is about, with their rank: those of findings, then those it bills, then
    those that were named. Without a case and its match only those that were named."""
    match = await sources.match(scope.case_id) if scope.case_id else None
    found = [(entry.order_number, entry.order_line_id) for entry in match.discrepancies] if match else []
    billed = [(line.order_number, line.order_line_id) for line in match.lines] if match else []
    known = scope.spoken.get(Ref.ORDER_LINE, ()) if match else scope.known(Ref.ORDER_LINE)
    named = [(number, line) for number, _, line in (entry.rpartition("/") for entry in known)]
    own = dict.fromkeys(line for number, line in (*found, *billed, *named) if number == order and line)
    return {line: rank for rank, line in enumerate(own)}


def _head(sheet: Sheet, order: PurchaseOrder) -> None:
    gross = total((_value(line, line.ordered) for line in order.lines), order.currency).rounded()
    left = total(
        (_value(line, line.ordered - line.invoiced) for line in order.lines), order.currency
    ).rounded()
    sheet.row(
        f"order {order.number} of supplier {order.supplier_id}",
        f"state {order.state.value}",
        f"ordered on {order.ordered_on}" if order.ordered_on else "",
        f"buyer {quoted(order.buyer)}" if order.buyer else "",
        f"{len(order.lines)} lines",
        f"ordered {gross}",
        f"not yet billed {left}",
        f"value limit {order.value_limit}" if order.value_limit else "",
        f"valid until {order.valid_to}" if order.valid_to else "",
    )


def _value(line: OrderLine, quantity: Decimal) -> Money:
    return line.unit_price * (quantity / line.price_base)


def _in_order(order: PurchaseOrder, first: Mapping[str, int]) -> list[OrderLine]:
    def rank(line: OrderLine) -> tuple[int, int]:
        if line.line_id in first:
            return (0, first[line.line_id])
        return (1 if line.ordered > line.invoiced and not line.cancelled else 2, 0)

    return sorted(order.lines, key=rank)


def _line(order: PurchaseOrder, line: OrderLine) -> list[str]:
    base = f" per {number_text(line.price_base)}" if line.price_base != 1 else ""
    accepted = f"accepted {number_text(line.accepted)}" if line.accepted is not None else ""
    return [
        f"{order.number}/{line.line_id} {quoted(line.description)}",
        f"item {quoted(line.item_number, limit=30)}" if line.item_number else "",
        f"ordered {number_text(line.ordered)} {line.unit} at {line.unit_price}{base}",
        f"received {number_text(line.received)}" if line.receipt_required else "needs no receipt",
        accepted,
        f"billed {number_text(line.invoiced)}",
        f"expected on {line.expected_on}" if line.expected_on and line.received < line.ordered else "",
        "cancelled" if line.cancelled else "",
    ]


def _newest_first(receipt: GoodsReceipt) -> tuple[int, str]:
    return (-receipt.received_on.toordinal(), receipt.number)


def _receipt(receipt: GoodsReceipt, wanted: Collection[str]) -> list[str]:
    named = [line for line in receipt.lines if line.order_line_id in wanted]
    lines = named or list(receipt.lines)
    shown = [
        f"line {line.order_line_id or '?'}: {number_text(line.quantity)} {line.unit}"
        + (f" (accepted {number_text(line.accepted)})" if line.accepted is not None else "")
        + (" not in order" if line.has_exception else "")
        for line in lines[:_MOST_OF_RECEIPT]
    ]
    more = len(receipt.lines) - len(shown)
    told = [f"{more} more lines"] if more else []
    return [f"receipt {receipt.number} on {receipt.received_on}", *shown, *told]
