"""The receiving interface: a request is a row that is processed at once, or later, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tools.erp.oracle.sandbox_payables import Ids
from tools.erp.oracle.sandbox_records import ORGANIZATION, unit_of
from tools.erp.oracle.sandbox_schema import ApiError, bad_request, resources
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.refusal import Refused

Row = dict[str, Any]
_LINE = ("SourceDocumentCode", "TransactionType", "DocumentNumber", "POHeaderId", "POLineLocationId")


@dataclass
class Request:
    """One request in the interface. A processed one leaves it."""

    key: int
    body: Mapping[str, Any]
    status: str = "PENDING"
    error: str = ""
    receipt: str | None = None
    lines: list[int] = field(default_factory=list)


class Interface:
    def __init__(self, company: Company, ids: Ids, *, at_once: bool) -> None:
        """`at_once`: requests are processed before they are answered; otherwise `process` does it."""
        self._company = company
        self._ids = ids
        self.at_once = at_once
        self.requests: dict[int, Request] = {}
        self._made = 0

    def create(self, body: Any) -> Request:
        """Accepts a request that is formally right; what comes of it, its status says."""
        given = resources()["receivingReceiptRequests"].check(body)
        if given.get("ReceiptSourceCode") != "VENDOR" or given.get("OrganizationCode") != ORGANIZATION:
            raise bad_request("The receipt source or the organization isn't valid.", "/OrganizationCode")
        lines = given.get("lines") or []
        if not lines:
            raise bad_request("You must provide a line.", "/lines")
        for line in lines:
            for name in (*_LINE, "Quantity"):
                if line.get(name) is None:
                    raise bad_request(f"You must provide a value for the attribute {name}.", f"/{name}")
        self._made += 1
        request = Request(self._ids.of("receipt request", str(self._made)), given)
        request.lines = [
            self._ids.of("receipt request line", f"{self._made}/{number}") for number in range(len(lines))
        ]
        self.requests[request.key] = request
        if self.at_once:
            self._process(request)
        return request

    def process(self) -> None:
        """What the receiving processor does with rows that wait."""
        for request in list(self.requests.values()):
            if request.status == "PENDING":
                self._process(request)

    def _process(self, request: Request) -> None:
        try:
            number, quantities = self._wanted(request.body["lines"])
            received = self._company.purchasing.receive(
                number,
                quantities,
                self._company.clock().date(),
                delivery_note=request.body.get("ShipmentNumber"),
            )
        except (Refused, ApiError) as refused:
            request.status, request.error = "ERROR", str(refused)
            return
        request.status, request.receipt = "SUCCESS", received.number
        del self.requests[request.key]

    def _wanted(self, lines: list[Mapping[str, Any]]) -> tuple[str, dict[str, Decimal]]:
        quantities: dict[str, Decimal] = {}
        numbers = set()
        for line in lines:
            place = self._ids.find("schedule", line["POLineLocationId"])
            order = self._ids.find("order", line["POHeaderId"])
            number, _, line_id = (place or "").partition("/")
            if not place or number != order or number != line["DocumentNumber"]:
                raise bad_request("The purchase order schedule isn't valid.", "/POLineLocationId")
            ordered = self._company.purchasing.line(number, line_id)
            if line.get("UnitOfMeasure") != unit_of(ordered.unit):
                raise bad_request("The unit of measure isn't valid.", "/UnitOfMeasure")
            quantities[line_id] = quantities.get(line_id, Decimal(0)) + Decimal(line["Quantity"])
            numbers.add(number)
        if len(numbers) != 1:
            raise bad_request("The lines name several orders.")
        return numbers.pop(), quantities

    def delete(self, key: int) -> None:
        if self.requests.pop(key, None) is None:
            raise ApiError(404, "Not Found")

    def rows(self) -> Iterator[Row]:
        for request in self.requests.values():
            yield self.row(request)

    def row(self, request: Request) -> Row:
        table = resources()["receivingReceiptRequests"]
        names = [name for name in request.body if name != "lines"]
        values = {
            **{name: request.body[name] for name in names},
            "HeaderInterfaceId": request.key,
            "ProcessingStatusCode": request.status,
            "ReceiptNumber": request.receipt,
        }
        row = {**table.render(values), "@key": str(request.key)}
        child = table.children["lines"]
        row["lines"] = [
            {
                **child.render({**line, "InterfaceTransactionId": key}),
                "@key": str(key),
                "processingErrors": self._errors(request, child.children["processingErrors"]),
            }
            for key, line in zip(request.lines, request.body["lines"], strict=True)
        ]
        return row

    def _errors(self, request: Request, table: Any) -> list[Row]:
        if not request.error:
            return []
        values = {"ErrorMessageName": "RCV_REFUSED", "ErrorMessage": request.error}
        return [{**table.render(values), "@key": "1"}]
