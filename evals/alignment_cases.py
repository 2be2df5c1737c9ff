"""Cases of line alignment, read from two formats, as matching takes them.

Own format, one JSON object a line: `id`, `kind`, `trade`, `language`, `invoice` (lines), `orders` (each with
`number` and `lines`) and `expect` ([invoice line, "ORDER/LINE"] pairs; none for a line that has no partner or
that nothing in the case settles). Published format: `input` is text that lists invoice lines (EID) and order
lines (PID) with description, unit and cost; `expected_output` is JSON text with the pairs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import Field

from tools.domain.documents import (
    DocumentFormat,
    DocumentType,
    Invoice,
    InvoiceLine,
    OrderLine,
    OrderState,
    Party,
    PurchaseOrder,
    Record,
)
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Money

Pairs = frozenset[tuple[str, str]]
"""(invoice line, "ORDER/LINE")."""

_LINE = re.compile(
    r"(?P<kind>EID|PID): (?P<id>\S+), description: (?P<text>.*?)\s*, "
    r"Unit of Measure: (?P<unit>.*?)\s*, Cost: (?P<cost>[\d.,]+)"
)
_ORDER = "PO"
_CURRENCY = "EUR"


class CaseError(Exception):
    """A line of a case file cannot be used; the text names the file and the line."""


class Case(Record):
    """One invoice against its orders, with the pairs that are right."""

    id: str
    kind: str
    invoice: tuple[Mapping[str, str], ...]
    orders: tuple[PurchaseOrder, ...]
    expect: Pairs
    quantities_known: bool = True
    published: bool = False
    held_out: bool = Field(default=False)
    """By a hash of the case: thresholds were looked at on the others only."""

    def document(self) -> Invoice:
        """The invoice lines as a document."""
        return Invoice(
            document_type=DocumentType.INVOICE,
            type_code="380",
            format=DocumentFormat.UBL,
            number=self.id,
            supplier=Party(),
            buyer=Party(),
            currency=_CURRENCY,
            lines=tuple(_invoice_line(line) for line in self.invoice),
        )

    def twins(self, name: str) -> frozenset[str]:
        """Order lines that agree with the named one in every word and figure."""
        lines = {f"{order.number}/{line.line_id}": line for order in self.orders for line in order.lines}
        wanted = lines[name]
        same = {other for other, line in lines.items() if _told(line) == _told(wanted)}
        return frozenset(same - {name})


def read_cases(paths: Iterable[Path]) -> list[Case]:
    """All cases of the files, each line in the format it is written in. Raises CaseError."""
    return [case for path in paths for case in _read(path)]


def _read(path: Path) -> Iterator[Case]:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            given = json.loads(text, parse_float=Decimal)
            published = "input" in given
            case = _published(given, f"{path.stem}-{number}") if published else own_case(given)
        except (ValueError, KeyError, TypeError) as error:
            raise CaseError(f"{path.name} line {number}: {error!r}") from None
        digest = hashlib.sha256(text.encode()).digest()
        yield case.model_copy(update={"held_out": digest[0] % 2 == 1})


def _published(given: Mapping[str, Any], name: str) -> Case:
    """No quantities are given: one piece is billed of two ordered, so that quantities prove nothing."""
    found = [(match["kind"], match.groupdict()) for match in _LINE.finditer(given["input"])]
    listed = [line for line in given["input"].splitlines() if line.strip()]
    if len(found) != len(listed) or not found:
        raise ValueError("a line of `input` is no invoice or order line")
    billed = [
        {"line": f["id"], "description": f["text"], "quantity": "1", "unit": f["unit"], "price": f["cost"]}
        for kind, f in found
        if kind == "EID"
    ]
    wanted = [
        {"line": f["id"], "description": f["text"], "ordered": "2", "unit": f["unit"], "price": f["cost"]}
        for kind, f in found
        if kind == "PID"
    ]
    results = json.loads(given["expected_output"])["results"]
    return Case(
        id=name,
        kind="published",
        invoice=tuple(billed),
        orders=(_order({"number": _ORDER, "lines": wanted}),),
        expect=frozenset((str(pair["EID"]), f"{_ORDER}/{pair['PID']}") for pair in results),
        quantities_known=False,
        published=True,
    )


def own_case(given: Mapping[str, Any]) -> Case:
    """A case in our own format. Raises KeyError or ValueError for one that lacks a part."""
    return Case(
        id=given["id"],
        kind=given["kind"],
        invoice=tuple(given["invoice"]),
        orders=tuple(_order(order) for order in given["orders"]),
        expect=frozenset((line, wanted) for line, wanted in given["expect"]),
    )


def _invoice_line(given: Mapping[str, str]) -> InvoiceLine:
    quantity, price = Decimal(given["quantity"]), Decimal(given["price"])
    return InvoiceLine(
        line_id=given["line"],
        description=given["description"],
        quantity=quantity,
        unit=given.get("unit"),
        unit_price=Money.of(price, _CURRENCY),
        net_amount=Money.of(quantity * price, _CURRENCY).rounded(),
        buyer_item_id=given.get("buyer_item"),
        supplier_item_id=given.get("supplier_item"),
        gtin=given.get("gtin"),
        order_line_ref=given.get("order_line"),
        order_number=given.get("order"),
    )


def _order(given: Mapping[str, Any]) -> PurchaseOrder:
    return PurchaseOrder(
        number=OrderNumber(given["number"]),
        company=CompanyId("EVAL"),
        supplier_id=SupplierId("S1"),
        state=OrderState.OPEN,
        version="1",
        currency=_CURRENCY,
        lines=tuple(_order_line(line) for line in given["lines"]),
    )


def _order_line(given: Mapping[str, str]) -> OrderLine:
    due = given.get("expected_on")
    return OrderLine(
        line_id=given["line"],
        description=given["description"],
        ordered=Decimal(given["ordered"]),
        received=Decimal(given.get("received", given["ordered"])),
        invoiced=Decimal(given.get("invoiced", "0")),
        unit=given["unit"],
        unit_price=Money.of(Decimal(given["price"]), _CURRENCY),
        item_number=given.get("item"),
        supplier_item_id=given.get("supplier_item"),
        gtin=given.get("gtin"),
        expected_on=date.fromisoformat(due) if due else None,
    )


def _told(line: OrderLine) -> tuple[object, ...]:
    return (line.description.casefold(), line.unit, line.unit_price, line.ordered, line.item_number)
