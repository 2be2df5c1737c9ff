"""The shape of `plan.toml` and `documents.json`, and how they are read."""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from pydantic import Field, TypeAdapter

from tools.domain.documents import Record
from tools.domain.money import Currency, Exact
from tools.domain.supplier import SupplierBlock

FOLDER = Path(__file__).parent
INBOX = FOLDER / "inbox"


class Sender(Record):
    """The supplier as its document names it."""

    name: str
    vat_id: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None


class PrintedLine(Record):
    """A line as the document prints it; `base` is the quantity that the price is for."""

    id: str | None = None
    text: str
    quantity: Exact | None = None
    unit: str | None = None
    price: Exact | None = None
    base: Exact | None = None
    net: Exact | None = None
    rate: Exact | None = None
    item: str | None = None
    """The buyer's item number."""
    order: str | None = None


class Printed(Record):
    """What one document says, taken from it independently of this program's readers."""

    path: str
    """Below the inbox; `!` leads into a mail or an archive."""
    format: str
    number: str
    credit_note: bool = False
    issue_date: datetime.date
    currency: Currency
    net: Exact | None = None
    tax: Exact | None = None
    gross: Exact
    order: str | None = None
    ibans: tuple[str, ...] = ()
    supplier: Sender
    buyer: str | None = None
    lines: tuple[PrintedLine, ...] = ()

    @property
    def orders(self) -> tuple[str, ...]:
        """Every order the document names, its own first."""
        named = (self.order, *(line.order for line in self.lines))
        return tuple(dict.fromkeys(name for name in named if name))

    def line_key(self, position: int) -> str:
        """`number/line id`; lines without an id are counted from 1."""
        return f"{self.number}/{self.lines[position].id or position + 1}"


class SupplierPlan(Record):
    number: str
    document: str
    exempt: bool = False
    accounts: tuple[str, ...] | None = None
    block: SupplierBlock = SupplierBlock.NONE
    currency: Currency | None = None
    changes: Mapping[str, str] = Field(default_factory=dict)


class LineChange(Record):
    """How an order line differs from the invoice line it is made from."""

    text: str | None = None
    unit: str | None = None
    ordered: Exact | None = None
    received: Exact | None = None
    price: Exact | None = None
    base: Exact | None = None


class AddedLine(Record):
    """An order line that no document prints."""

    text: str
    ordered: Exact
    price: Exact
    rate: Exact


class OrderPlan(Record):
    number: str
    supplier: str
    documents: tuple[str, ...]
    currency: Currency = "EUR"
    services: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    changes: Mapping[str, LineChange] = Field(default_factory=dict)
    added: tuple[AddedLine, ...] = ()

    def is_service(self, key: str) -> bool:
        return "*" in self.services or key in self.services


class PostedLine(Record):
    text: str
    account: str
    quantity: Exact = Decimal(1)
    net: Exact
    tax: str


class PostedPlan(Record):
    """A document of the past: lines of its own, or what it `bills` of an order."""

    number: str
    supplier: str
    theirs: str
    date: datetime.date
    paid: datetime.date | None = None
    order: str | None = None
    bills: Mapping[str, Exact] = Field(default_factory=dict)
    lines: tuple[PostedLine, ...] = ()


class Plan(Record):
    supplier: tuple[SupplierPlan, ...]
    order: tuple[OrderPlan, ...]
    posted: tuple[PostedPlan, ...]


def read_plan() -> Plan:
    return Plan.model_validate_json(json.dumps(tomllib.loads((FOLDER / "plan.toml").read_text("utf-8"))))


def read_documents() -> dict[str, Printed]:
    """Every invoice in the inbox by its path."""
    rows = TypeAdapter(list[Printed]).validate_json((FOLDER / "documents.json").read_bytes())
    return {row.path: row for row in rows}
