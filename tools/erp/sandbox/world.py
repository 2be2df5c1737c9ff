"""The world file: a company's starting state as plain JSON, decimals as strings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from tools.domain.documents import DocumentType, PurchaseOrder, Record
from tools.domain.money import Currency, Exact
from tools.domain.supplier import Supplier
from tools.erp.contract import CostCentre, PostingWindow
from tools.erp.sandbox.books import (
    CompanySettings,
    DocumentLine,
    Item,
    LedgerAccount,
    Rate,
    ReceivedQuantity,
    TaxCode,
)


class WorldError(Exception):
    """The world file is wrong; the text names the record and the field."""


class WorldSupplier(Record):
    supplier: Supplier
    payables_account: str | None = None
    """Absent: the company's payables account."""
    tax_code: str | None = None


class WorldReceipt(Record):
    number: str
    order_number: str
    delivery_note: str | None = None
    received_on: date
    lines: tuple[ReceivedQuantity, ...]


class WorldInvoice(Record):
    """A document of the past; it is posted again when the world is loaded."""

    number: str
    """The posted number."""
    document_type: DocumentType = DocumentType.INVOICE
    supplier_id: str
    supplier_number: str
    invoice_date: date
    posting_date: date
    due_date: date | None = None
    currency: Currency
    preceding: str | None = None
    reference: str | None = None
    stated_tax: Exact | None = None
    lines: tuple[DocumentLine, ...]
    paid_on: date | None = None


class World(Record):
    settings: CompanySettings
    posting_window: PostingWindow = PostingWindow()
    units: tuple[str, ...]
    accounts: tuple[LedgerAccount, ...]
    tax_codes: tuple[TaxCode, ...]
    cost_centres: tuple[CostCentre, ...] = ()
    items: tuple[Item, ...] = ()
    rates: Mapping[Currency, tuple[Rate, ...]] = Field(default_factory=dict)
    suppliers: tuple[WorldSupplier, ...]
    orders: tuple[PurchaseOrder, ...] = ()
    """`received` and `invoiced` follow from the receipts and invoices below; stated, they must agree."""
    receipts: tuple[WorldReceipt, ...] = ()
    invoices: tuple[WorldInvoice, ...] = ()


def read_world(data: Mapping[str, Any]) -> World:
    """Raises WorldError naming the record and the field at fault. An order's company and version may be
    left out: they are this company and `1`."""
    settings = data.get("settings")
    company = settings.get("company") if isinstance(settings, Mapping) else None
    filled = {
        **data,
        **_each(data, "orders", lambda order: {"company": company, "version": "1", **order}),
        **_each(data, "suppliers", _versioned),
    }
    try:
        return World.model_validate_json(json.dumps(filled))
    except ValidationError as error:
        raise WorldError(_explained(filled, error)) from error


def _each(
    data: Mapping[str, Any], name: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> dict[str, Any]:
    """The list `name` with each record changed; what has not the right form is left to the validation."""
    records = data.get(name)
    if not isinstance(records, (list, tuple)):
        return {}
    return {name: [change(record) if isinstance(record, Mapping) else record for record in records]}


def _versioned(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    supplier = kept.get("supplier")
    return {**kept, "supplier": {"version": "1", **supplier}} if isinstance(supplier, Mapping) else kept


def load_world(path: Path) -> World:
    """Reads a world file. Raises WorldError for JSON or content that is wrong, OSError for a file that
    cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=_refuse_float)
    except ValueError as error:
        raise WorldError(f"{path.name}: {error}") from error
    if not isinstance(data, dict):
        raise WorldError(f"{path.name}: a world is a JSON object")
    return read_world(data)


def _refuse_float(text: str) -> Any:
    raise ValueError(f"the number {text} must be written as a string")


def _explained(data: Mapping[str, Any], error: ValidationError) -> str:
    problems = []
    for problem in error.errors(include_url=False):
        where = ".".join(str(part) for part in problem["loc"])
        problems.append(f"{where}{_named(data, problem['loc'])}: {problem['msg']}")
    return "; ".join(problems)


def _named(data: Mapping[str, Any], location: tuple[int | str, ...]) -> str:
    """The record's own name, because a position alone helps nobody in a file of fifty orders."""
    if len(location) < 2 or not isinstance(location[1], int):
        return ""
    record = data[str(location[0])][location[1]]
    if not isinstance(record, Mapping):
        return ""
    record = record.get("supplier", record)
    for key in ("number", "supplier_id", "code"):
        if isinstance(record, Mapping) and key in record:
            return f" ({record[key]})"
    return ""
