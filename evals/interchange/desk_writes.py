"""Entries that an agent at a case's desk makes in the books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from agent.state import Stage
from evals.interchange.case_desk import CaseDesk, Refusal
from tools.domain.decision import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    HoldInvoice,
    ParkInvoice,
    PostCreditNote,
    PostingLine,
    PostInvoice,
    ReceivedLine,
    ReleaseHold,
)
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Currency, Money, round_amount
from tools.domain.record import Record
from tools.erp.sandbox.actions import Actions

_MOST_DIGITS = 12
"""Of a number, before its point and behind it."""


def _as_written(value: Any) -> Any:
    """The digits of a JSON number are the number; it never counts as a binary fraction."""
    return repr(value) if isinstance(value, float) else value


def _bookable(number: Decimal) -> Decimal:
    """A price times a quantity of this length is exact in a Decimal's 28 digits."""
    if number and (number.adjusted() >= _MOST_DIGITS or int(number.as_tuple().exponent) < -_MOST_DIGITS):
        raise ValueError(f"books take up to {_MOST_DIGITS} digits before the point and as many after it")
    return number


Number = Annotated[
    Decimal,
    BeforeValidator(_as_written),
    AfterValidator(_bookable),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}], "description": "Such as 129.50."}),
]


class BookedLine(Record):
    """Either order_number and order_line_id, or account."""

    description: str = ""
    quantity: Number = Decimal(1)
    unit: str | None = None
    unit_price: Number
    net_amount: Number | None = Field(default=None, description="Absent: quantity times unit price.")
    item_number: str | None = None
    account: str | None = None
    cost_centre: str | None = None
    tax_code: str | None = None
    order_number: str | None = None
    order_line_id: str | None = None


class Booked(Record):
    document: str = Field(description="The document it is posted from.")
    supplier_id: str
    number: str = Field(description="The supplier's document number.")
    invoice_date: date
    posting_date: date | None = None
    currency: Currency = "EUR"
    credit_note: bool = False
    preceding_invoice: str | None = Field(
        default=None, description="The ERP's number a credit note refers to."
    )
    lines: tuple[BookedLine, ...] = Field(min_length=1)
    tax: Number


class ReceivedRow(Record):
    order_line_id: str
    quantity: Number


class Received(Record):
    order_number: str
    delivery_note: str
    lines: tuple[ReceivedRow, ...] = Field(min_length=1)


class Amended(Record):
    order_number: str
    order_line_id: str
    quantity: Number | None = None
    unit_price: Number | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Amended:
        if self.quantity is None and self.unit_price is None:
            raise ValueError("a quantity or a unit_price, as a finite number, is missing")
        return self


class Held(Record):
    posted_number: str = Field(description="The ERP's number of the posted invoice.")
    reason_code: str


def post(desk: CaseDesk, booked: Booked) -> Any:
    return _enter(desk, booked, PostCreditNote if booked.credit_note else PostInvoice, Stage.POSTED)


def park(desk: CaseDesk, booked: Booked) -> Any:
    return _enter(desk, booked, ParkInvoice, Stage.PARKED)


def _enter(
    desk: CaseDesk, booked: Booked, kind: type[PostInvoice | ParkInvoice | PostCreditNote], stage: Stage
) -> Any:
    if booked.document not in desk.stages:
        raise Refusal(f"there is no document {booked.document}")
    lines = tuple(_line(line, booked.currency) for line in booked.lines)
    net = sum((line.net_amount.amount for line in lines), Decimal(0))
    supplier = desk.company.master.supplier(booked.supplier_id).supplier
    window = desk.company.books.window
    day = booked.posting_date or max(booked.invoice_date, window.first_open or booked.invoice_date)
    action = kind(
        company=CompanyId(desk.company.settings.company),
        supplier_id=SupplierId(booked.supplier_id),
        supplier_name=supplier.name,
        number=booked.number,
        invoice_date=booked.invoice_date,
        posting_date=day,
        currency=booked.currency,
        lines=lines,
        net=Money.of(net, booked.currency),
        tax=Money.of(booked.tax, booked.currency),
        gross=Money.of(net + booked.tax, booked.currency),
        preceding_invoice=booked.preceding_invoice,
    )
    found = _carried_out(desk, action)
    desk.conclude(booked.document, stage)
    return found


def _line(line: BookedLine, currency: str) -> PostingLine:
    net = line.net_amount
    amount = round_amount(line.quantity * line.unit_price, currency) if net is None else net
    plain = line.model_dump(exclude={"net_amount", "order_number"})
    order = OrderNumber(line.order_number) if line.order_number else None
    return PostingLine(**plain, net_amount=Money.of(amount, currency), order_number=order)


def receive(desk: CaseDesk, told: Received) -> Any:
    rows = tuple(ReceivedLine(order_line_id=row.order_line_id, quantity=row.quantity) for row in told.lines)
    return _carried_out(
        desk,
        CreateGoodsReceipt(
            company=CompanyId(desk.company.settings.company),
            order_number=OrderNumber(told.order_number),
            delivery_note=told.delivery_note,
            received_on=desk.today,
            lines=rows,
        ),
    )


def amend(desk: CaseDesk, told: Amended) -> Any:
    currency = desk.company.purchasing.order(told.order_number).currency
    return _carried_out(
        desk,
        AmendOrderLine(
            company=CompanyId(desk.company.settings.company),
            order_number=OrderNumber(told.order_number),
            order_line_id=told.order_line_id,
            quantity=told.quantity,
            unit_price=None if told.unit_price is None else Money.of(told.unit_price, currency),
        ),
    )


def hold(desk: CaseDesk, told: Held) -> Any:
    return _held(desk, told, HoldInvoice)


def release(desk: CaseDesk, told: Held) -> Any:
    return _held(desk, told, ReleaseHold)


def _held(desk: CaseDesk, told: Held, kind: type[HoldInvoice | ReleaseHold]) -> Any:
    document = desk.company.documents.by_number(told.posted_number)
    return _carried_out(
        desk,
        kind(
            company=CompanyId(desk.company.settings.company),
            supplier_id=SupplierId(document.supplier_id),
            posted_number=told.posted_number,
            reason_code=told.reason_code,
        ),
    )


def _carried_out(desk: CaseDesk, action: Action) -> Any:
    desk.sent.append(action.model_dump_json())
    posting = desk.written(lambda: Actions(desk.company).carry_out(action, {}))
    return posting.model_dump(mode="json", exclude_none=True)
