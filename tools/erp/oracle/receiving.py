"""Goods receipts. A receipt request is a row of an interface: accepted is not received.

Oracle processes a request at once and answers with the row, whose status says what came of it. SUCCESS: there
is a receipt, which the life cycle of the order shows. ERROR: nothing was received, and the row would wait for
somebody to correct it, so we take our own row out again. Anything else: it may still happen; we look a few
times and then say that nobody knows.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from tools.domain.decision import CreateGoodsReceipt, Posting, PostingState
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.oracle import wire_orders as wire
from tools.erp.oracle.documents import find_schedule
from tools.erp.oracle.query import Query, queries_in_any_case
from tools.erp.oracle.reading import Orders
from tools.erp.oracle.session import Session, parsed, seen
from tools.erp.pacing import Clock

WAITS = (2.0, 4.0, 8.0)
"""Seconds before each further look at a request that is still being processed."""


class Receiving:
    """Books goods in. `employee_id` is the receiver in Oracle, `auto_transact` what is done after receipt:
    RECEIVE (to the receiving dock) or DELIVER (to the destination, for stock into `subinventory`),
    `time_zone` the one whose day Oracle books."""

    def __init__(
        self,
        session: Session,
        orders: Orders,
        clock: Clock,
        *,
        employee_id: int | None,
        auto_transact: str,
        subinventory: str | None,
        time_zone: ZoneInfo,
    ) -> None:
        self._session = session
        self._orders = orders
        self._clock = clock
        self._employee_id = employee_id
        self._auto_transact = auto_transact
        self._subinventory = subinventory
        self._time_zone = time_zone

    async def find(self, action: CreateGoodsReceipt) -> Posting | None:
        """The receipt under this order and delivery note. Raises OutcomeUnknown while a request is still
        being processed, and when several receipts carry the note."""
        ids = await self._orders.ids([action.order_number], operation="find receipt")
        if action.order_number not in ids:
            return None
        found = await self._received(ids[action.order_number], action)
        if len(found) > 1:
            raise OutcomeUnknown(
                f"order {action.order_number} has several receipts under delivery note "
                f"{action.delivery_note}: {', '.join(sorted(found))}"
            )
        if found:
            return _posting(found.pop(), action)
        for request in await self._requests(action):
            if request.processing_status_code.upper() != "ERROR":
                raise OutcomeUnknown(
                    f"receipt request {request.header_interface_id} for delivery note {action.delivery_note} "
                    f"is {request.processing_status_code or 'not processed'} in Oracle, and there is no "
                    "receipt yet"
                )
        return None

    async def _received(self, order_id: str, action: CreateGoodsReceipt) -> set[str]:
        """Receipt numbers that carry the note. A receipt that went back whole is not it."""
        wanted = action.delivery_note.strip().casefold()
        cycle = (await self._orders.life_cycles([order_id], operation="find receipt"))[order_id]
        return {
            row.receipt
            for row in cycle.receipts
            if row.shipment_number.strip().casefold() == wanted
            and (row.received_quantity or 0) > (row.returned_quantity or 0)
        }

    async def _requests(self, action: CreateGoodsReceipt) -> list[wire.ReceiptRequest]:
        note = [action.delivery_note.strip()]
        queries = queries_in_any_case(wire.ReceiptRequest, "ShipmentNumber", note)
        found = await self._session.read(wire.ReceiptRequest, queries, operation="receipt requests")
        return [
            row for row in found if any(line.document_number == action.order_number for line in row.lines)
        ]

    async def write(self, action: CreateGoodsReceipt) -> Posting:
        await self._check_day(action)
        body = await self._body(action)
        path = "receivingReceiptRequests"
        answer = await self._session.change("POST", path, operation="receipt", body=body)
        row = await seen(self._row(answer), "the receipt request was accepted")
        if row.processing_status_code.upper() == "ERROR":
            raise await self._refused(row)
        if row.processing_status_code.upper() == "SUCCESS" and row.receipt_number:
            return _posting(row.receipt_number, action)
        return await self._followed_up(row, action)

    async def _check_day(self, action: CreateGoodsReceipt) -> None:
        """A request has no field for the day of receipt: Oracle books it on its own day, so only that one can
        be what was approved. Raises ErpRejected for another one."""
        path = "receivingReceiptRequests?fields=HeaderInterfaceId&limit=1"
        now = await self._session.answered_at(path, operation="day of receipt")
        today = now.astimezone(self._time_zone).date()
        if action.received_on != today:
            raise ErpRejected(
                f"approved was a receipt on {action.received_on}; Oracle books goods in on the day they are "
                f"entered, {today}, and takes no other: approve it for that day, or enter it in Oracle"
            )

    async def _row(self, answer: Any) -> wire.ReceiptRequest:
        return parsed(wire.ReceiptRequest, {**answer.json(), "lines": []})

    async def _followed_up(self, row: wire.ReceiptRequest, action: CreateGoodsReceipt) -> Posting:
        """Look until the receipt is there, or a few times."""
        told = row.processing_status_code or "not processed"
        for seconds in WAITS:
            await self._clock.sleep(seconds)
            try:
                found = await self.find(action)
            except ErpError as error:
                told = str(error)
                continue
            if found is not None:
                return found
            told = "gone from the interface without a receipt, or refused"
        raise OutcomeUnknown(
            f"receipt request {row.header_interface_id} was accepted by Oracle and it is not known what came "
            f"of it: {told}"
        )

    async def _refused(self, row: wire.ReceiptRequest) -> ErpRejected:
        """What Oracle says against the request, which is taken out of the interface."""
        address = f"receivingReceiptRequests/{row.header_interface_id}"
        told: list[str] = []
        try:
            told += await self._errors(f"{address}/child/lines")
            await self._session.change("DELETE", address, operation="delete request")
        except ErpError as error:
            told.append(f"request {row.header_interface_id} is left in the interface: {error}")
        return ErpRejected(f"Oracle did not receive the goods: {'; '.join(told) or 'it does not say why'}")

    async def _errors(self, address: str) -> list[str]:
        """What stands under each line of a request; the third level is never read together with the first."""
        entity = wire.ReceiptRequestLine
        lines = await self._session.read(entity, [Query(entity, path=address)], operation="receipt errors")
        errors: list[wire.ProcessingError] = []
        for line in lines:
            path = f"{address}/{line.interface_transaction_id}/child/processingErrors"
            query = Query(wire.ProcessingError, path=path)
            errors += await self._session.read(wire.ProcessingError, [query], operation="receipt errors")
        return [each.error_message for each in errors if each.error_message]

    async def _body(self, action: CreateGoodsReceipt) -> dict[str, Any]:
        found = await self._orders.numbered([action.order_number], operation="order of the receipt")
        if not found:
            raise ErpRejected(f"Oracle shows our login no order {action.order_number}")
        order = found[0]
        lines = [self._line(order, line.order_line_id, line.quantity) for line in action.lines]
        body: dict[str, Any] = {
            "ReceiptSourceCode": "VENDOR",
            "OrganizationCode": lines[0]["OrganizationCode"],
            "VendorName": order.supplier,
            "ShipmentNumber": action.delivery_note,
            "lines": lines,
        }
        if self._employee_id is not None:
            body["EmployeeId"] = self._employee_id
        return body

    def _line(self, order: wire.Order, order_line_id: str, quantity: Any) -> dict[str, Any]:
        found = find_schedule(order, order_line_id)
        if found is None:
            raise ErpRejected(f"order {order.order_number} has no line {order_line_id} in Oracle")
        ordered, schedule = found
        line: dict[str, Any] = {
            "ReceiptSourceCode": "VENDOR",
            "SourceDocumentCode": "PO",
            "TransactionType": "RECEIVE",
            "AutoTransactCode": self._auto_transact,
            "DocumentNumber": order.order_number,
            "DocumentLineNumber": ordered.line_number,
            "POHeaderId": int(order.po_header_id),
            "POLineLocationId": int(schedule.line_location_id),
            "OrganizationCode": schedule.ship_to_organization_code,
            "Quantity": quantity,
            "UnitOfMeasure": ordered.uom or ordered.uom_code,
        }
        if ordered.item:
            line["ItemNumber"] = ordered.item
        if self._subinventory is not None:
            line["Subinventory"] = self._subinventory
        return line


def _posting(receipt: str, action: CreateGoodsReceipt) -> Posting:
    """The date is Oracle's: a request has no field for the day of receipt."""
    return Posting(
        erp_id=receipt,
        number=receipt,
        state=PostingState.POSTED,
        reference=action.delivery_note,
    )
