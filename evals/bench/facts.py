"""`erp-eval bench facts`: calls and bytes to gather the facts of a batch, one by one against bulk reads.

A figure of counts, not of seconds: the same on every machine. Both ways read the same supplier, order,
receipts and earlier invoices of every document, and what they read is compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.bench.made_up import make_up
from evals.erp_desks import IN_PROCESS, all_kinds, desk_of
from tools.domain.decision import InvoiceKey
from tools.domain.documents import DocumentType
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.record import Record
from tools.erp.contract import Erp
from tools.erp.reader import ErpReader

_DAY = date(2026, 3, 16)
_NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)


class Gathered(Record):
    """One ERP: what gathering cost both ways."""

    kind: str
    plain_calls: int
    plain_bytes: int
    calls: int
    moved: int
    same: bool
    """Both ways read the same."""

    @property
    def ratio(self) -> float:
        return self.plain_calls / self.calls


def _keys(world: Mapping[str, Any], invoices: int) -> list[tuple[SupplierId, OrderNumber, InvoiceKey]]:
    """Supplier, order and identity of each invoice; several invoices bill one order."""
    orders = world["orders"]
    found = []
    for number in range(invoices):
        order = orders[number % len(orders)]
        supplier = SupplierId(order["supplier_id"])
        key = InvoiceKey(
            company=CompanyId(world["settings"]["company"]),
            supplier_id=supplier,
            document_type=DocumentType.INVOICE,
            number=f"RE-1-{number:05d}",
            invoice_date=_DAY,
        )
        found.append((supplier, OrderNumber(order["number"]), key))
    return found


async def _plain(erp: Erp, keys: Sequence[tuple[SupplierId, OrderNumber, InvoiceKey]]) -> list[Any]:
    """As a loop over documents reads: one key a call, nothing kept."""
    found = []
    for supplier, order, key in keys:
        found.append(
            (
                (await erp.suppliers_by_id([supplier])).get(supplier),
                (await erp.orders([order])).get(order),
                (await erp.receipts([order])).get(order, []),
                (await erp.invoices([key])).get(key, []),
            )
        )
    return found


async def _ours(erp: Erp, keys: Sequence[tuple[SupplierId, OrderNumber, InvoiceKey]]) -> list[Any]:
    """As the batch reads: every case asks by itself, the reader gathers."""
    reader = ErpReader(erp)

    async def one(supplier: SupplierId, order: OrderNumber, key: InvoiceKey) -> Any:
        return await asyncio.gather(
            reader.supplier(supplier), reader.order(order), reader.receipts(order), reader.invoices(key)
        )

    return [tuple(read) for read in await asyncio.gather(*(one(*key) for key in keys))]


async def gather(kind: str, invoices: int, orders: int) -> Gathered:
    """Both ways over fresh connections to the same books, each with its own login."""
    world = make_up(orders, day=_DAY, digits_only=True).world
    keys = _keys(world, invoices)
    async with desk_of(kind, world, lambda: _NOW) as desk:
        plain = await _plain(desk.erp, keys)
        plain_calls, plain_bytes = desk.calls(), desk.moved()
    async with desk_of(kind, world, lambda: _NOW) as desk:
        ours = await _ours(desk.erp, keys)
        return Gathered(
            kind=kind,
            plain_calls=plain_calls,
            plain_bytes=plain_bytes,
            calls=desk.calls(),
            moved=desk.moved(),
            same=plain == ours,
        )


def run(invoices: int, orders: int, kinds: Sequence[str] = ()) -> list[Gathered]:
    """`kinds`: all with a protocol by default."""
    chosen = [kind for kind in kinds or all_kinds() if kind != IN_PROCESS]
    return [asyncio.run(gather(kind, invoices, orders)) for kind in chosen]


def print_table(found: Sequence[Gathered], invoices: int, orders: int, console: Console) -> None:
    table = Table(title=f"facts of {invoices} invoices over {orders} orders, logins included")
    for column in ("ERP", "calls one by one", "calls", "ratio", "bytes one by one", "bytes", "same facts"):
        table.add_column(column, justify="left" if column == "ERP" else "right")
    for row in found:
        table.add_row(
            row.kind,
            f"{row.plain_calls:,}",
            f"{row.calls:,}",
            f"{row.ratio:.0f}",
            f"{row.plain_bytes:,}",
            f"{row.moved:,}",
            "yes" if row.same else "NO",
        )
    console.print(table)
