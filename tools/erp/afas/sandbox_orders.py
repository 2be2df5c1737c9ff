"""Orders and goods receipts: as the customer's GetConnectors show them, and `FbPurch`, `FbGoodsReceived`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tools.domain.documents import OrderLine, OrderState
from tools.domain.money import Money
from tools.erp.afas.sandbox_profit import UNITS, Profit, local_time
from tools.erp.afas.sandbox_schema import Element, ProfitError
from tools.erp.sandbox.books import OrderCard, Receipt, ReceivedQuantity

ITEM, TEXT, COSTS = "2", "3", "6"
_REMARK = "Deliver at the back door"
_DONE = (OrderState.CLOSED, OrderState.CANCELLED)
_CODES = {name: code for code, name in UNITS.items()}


def order_rows(profit: Profit) -> Iterator[dict[str, Any]]:
    for card in profit.company.books.plain_orders():
        for line in card.order.lines:
            if not line.cancelled:
                yield _order_row(profit, card, line)
        for position, text in enumerate(profit.remarks.get(card.order.number, [_REMARK]), start=1):
            yield _text_row(profit, card, position, text)


def _text_row(profit: Profit, card: OrderCard, position: int, text: str) -> dict[str, Any]:
    """A line without item, quantity and price."""
    lacks = ("AcNr", "BiUn", "QuUn", "QuRc", "QuIn", "Upri", "PRDc", "VaRc", "DlDa")
    return {
        **_header_row(profit, card),
        **dict.fromkeys(lacks),
        "LiNr": 9_000_000 + position,
        "GuLi": profit.guid("text", card.order.number, str(position)),
        "VaIt": TEXT,
        "ItCd": "T",
        "Ds": text,
    }


def _header_row(profit: Profit, card: OrderCard) -> dict[str, Any]:
    order = card.order
    return {
        "OrNu": order.number,
        "Unit": profit.administration,
        "OrDa": order.ordered_on,
        "CrId": order.supplier_id,
        "CuId": order.currency,
        "RfCs": card.reference,
        "Buyr": order.buyer,
        "War": "01",
        "Fina": order.state is not OrderState.DRAFT,
        "Done": order.state in _DONE,
        "Modi": local_time(card.changed_at),
    }


def _order_row(profit: Profit, card: OrderCard, line: OrderLine) -> dict[str, Any]:
    return {
        **_header_row(profit, card),
        "LiNr": int(line.line_id) if line.line_id.isdigit() else None,
        "GuLi": line_guid(profit, card.order.number, line),
        "VaIt": _type_of(line),
        "ItCd": line.item_number or line.account,
        "AcNr": line.account,
        "Ds": line.description,
        "BiUn": UNITS.get(line.unit, line.unit),
        "QuUn": line.ordered,
        "QuRc": profit.company.books.kept(card.order.number, line),
        "QuIn": line.invoiced,
        "Upri": line.unit_price.amount / line.price_base,
        "PRDc": line.discount_percent,
        "VaRc": line.tax_code,
        "DlDa": line.expected_on,
    }


def line_guid(profit: Profit, number: str, line: OrderLine) -> str:
    return profit.guid("order", number, line.line_id)


def _type_of(line: OrderLine) -> str:
    return ITEM if line.item_number is not None else COSTS


def receipt_rows(profit: Profit) -> Iterator[dict[str, Any]]:
    for receipt in profit.company.books.receipts.values():
        for line in receipt.lines:
            yield _receipt_row(profit, receipt, line)


def _receipt_row(profit: Profit, receipt: Receipt, received: ReceivedQuantity) -> dict[str, Any]:
    ordered = profit.company.purchasing.line(receipt.order_number, received.order_line_id)
    return {
        "OrNu": receipt.number,
        "Unit": profit.administration,
        "SoOr": receipt.order_number,
        "CrId": receipt.supplier_id,
        "RfCs": receipt.delivery_note,
        "DaAc": receipt.received_on,
        "GuLi": profit.guid("receipt", receipt.number, received.order_line_id),
        "SoGu": line_guid(profit, receipt.order_number, ordered),
        "SoLn": int(ordered.line_id) if ordered.line_id.isdigit() else None,
        "VaIt": _type_of(ordered),
        "ItCd": ordered.item_number or ordered.account,
        "Ds": ordered.description,
        "BiUn": UNITS.get(ordered.unit, ordered.unit),
        "QuUn": received.kept,
        "Modi": local_time(receipt.changed_at),
    }


def create_order(profit: Profit, message: Element) -> dict[str, Any]:
    """`FbPurch`: lines of items, of costs (named by their account) and of text. Raises ProfitError for
    what the books cannot keep, Refused for what they refuse."""
    _check_unit(profit, message)
    only(message, "CrId CuId RfCs Unit Fina War")
    if message["Fina"]:
        raise ProfitError("This sandbox makes draft orders only.")
    currency = message["CuId"] or profit.company.settings.currency
    given = message.inner("FbPurchLines")
    lines = [
        _new_line(position, line, currency)
        for position, line in enumerate(given, start=1)
        if line["VaIt"] != TEXT
    ]
    card = profit.company.purchasing.create_order(message["CrId"], currency, lines, reference=message["RfCs"])
    profit.remarks[card.order.number] = [line["Ds"] or "" for line in given if line["VaIt"] == TEXT]
    return {"OrNu": card.order.number}


def _new_line(position: int, line: Element, currency: str) -> OrderLine:
    only(line, "VaIt ItCd Ds BiUn QuUn Upri VaRc")
    if line["VaIt"] not in (ITEM, COSTS):
        raise ProfitError(f"This sandbox keeps no order lines of type {line['VaIt']}.")
    is_item = line["VaIt"] == ITEM
    return OrderLine(
        line_id=str(position * 10000),
        item_number=line["ItCd"] if is_item else None,
        account=None if is_item else line["ItCd"],
        description=line["Ds"] or "",
        unit=_CODES.get(line["BiUn"], line["BiUn"]),
        ordered=line["QuUn"],
        unit_price=Money(amount=line["Upri"] or Decimal(0), currency=currency),
        tax_code=line["VaRc"],
    )


def change_order(profit: Profit, message: Element) -> dict[str, Any]:
    """`FbPurch` by PUT: quantity and price of lines, each named by its GUID."""
    number = message["OrNu"]
    if not number:
        raise ProfitError("Enter a value for 'OrNu'.")
    only(message, "OrNu")
    for line in message.inner("FbPurchLines"):
        only(line, "GuLi QuUn Upri")
        kept = _by_guid(profit, number, line["GuLi"])
        price = line["Upri"]
        currency = profit.company.purchasing.order(number).currency
        profit.company.purchasing.amend_line(
            number,
            kept.line_id,
            quantity=line["QuUn"],
            unit_price=None if price is None else Money(amount=price * kept.price_base, currency=currency),
        )
    return {"OrNu": number}


def receive(profit: Profit, message: Element) -> dict[str, Any]:
    """`FbGoodsReceived` upon an order."""
    _check_unit(profit, message)
    only(message, "CrId SoOr OrDa DaAc RfCs Unit PuIn War")
    number = message["SoOr"]
    if not number or message["PuIn"]:
        raise ProfitError("This sandbox receives goods upon an order, without an invoice.")
    order = profit.company.purchasing.order(number)
    if order.supplier_id != message["CrId"]:
        raise ProfitError(f"Order {number} belongs to another purchase contact.")
    quantities: dict[str, Decimal] = {}
    for line in message.inner("FbGoodsReceivedLines"):
        only(line, "VaIt ItCd BiUn QuUn SoOr SoGu")
        kept = _by_guid(profit, number, line["SoGu"])
        if (line["ItCd"], line["SoOr"]) != (kept.item_number or kept.account, number):
            raise ProfitError("The entered value for 'ItCd' does not belong to the source line.")
        if line["BiUn"] != UNITS.get(kept.unit, kept.unit):
            raise ProfitError("The entered value for 'BiUn' does not exist.")
        quantities[kept.line_id] = quantities.get(kept.line_id, Decimal(0)) + line["QuUn"]
    day = message["DaAc"] or profit.company.clock().date()
    made = profit.company.purchasing.receive(number, quantities, day, delivery_note=message["RfCs"])
    return {"OrNu": made.number}


def _by_guid(profit: Profit, number: str, guid: str | None) -> OrderLine:
    for line in profit.company.purchasing.order(number).lines:
        if line_guid(profit, number, line).strip("{}") == (guid or "").strip("{}").upper():
            return line
    raise ProfitError("The entered value for 'GuLi' does not exist.")


def _check_unit(profit: Profit, message: Element) -> None:
    if message["Unit"] not in (None, profit.administration):
        raise ProfitError("No unit available")


def only(element: Element, names: str) -> None:
    """Refuses what the books cannot keep instead of swallowing it."""
    more = sorted(set(element.fields) - set(names.split()))
    if more:
        raise ProfitError(f"This sandbox does not keep the field '{more[0]}'.")
