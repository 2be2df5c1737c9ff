"""An accounts-payable office whose ERP is a Tryton that really runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from agent.settings import Settings
from evals.tryton_company import COMPANY, TOOLS, Ordered
from evals.tryton_rpc import TrytonRpc
from evals.tryton_server import TrytonServer
from tests.erp.orders import a_line
from tests.graph.office import CLEO, Line, Office
from tests.graph.papers import NOW, a_document
from tools.domain.decision import ParkInvoice, PostCreditNote, PostInvoice
from tools.domain.money import Money
from tools.erp.tryton import connector

NAME, VAT, IBAN = "Müller & Söhne Werkzeugbau GmbH", "DE136695976", "DE62370400440532013001"
DAY = NOW.date()


def login(server: TrytonServer, transport: httpx.AsyncBaseTransport | None = None, **values: Any) -> Any:
    """A new connector to the running server."""
    settings = connector.Settings.model_validate({**server.settings, **values})
    return connector.connect(settings, transport=transport)


@dataclass
class RealOffice(Office):
    """The office of the flow's tests, with its books in Tryton."""

    server: TrytonServer = field(kw_only=True)
    rpc: TrytonRpc = field(kw_only=True)
    company: str = COMPANY

    def __post_init__(self) -> None:
        """There are no books in this process."""

    def settings(self) -> Settings:
        told = super().settings().model_dump(mode="json")
        told["erp"] = {"kind": "tryton", **self.server.settings}
        told["company"] |= {"names": [COMPANY], "freight_account": "4200"}
        return Settings.model_validate(told)

    def connect(self) -> Line:
        return Line(login(self.server))

    async def prepare(self) -> None:
        await self.app.suppliers.sync()
        self.app.accounts.load_account(TOOLS, IBAN, CLEO, "contract")  # type: ignore[arg-type]


@asynccontextmanager
async def office_over(server: TrytonServer, rpc: TrytonRpc, folder: Path) -> AsyncIterator[RealOffice]:
    """Opened and prepared: suppliers known, accounts verified, nothing received."""
    office = RealOffice("tryton", folder, server=server, rpc=rpc)
    async with office.open():
        await office.prepare()
        yield office


def a_paper(number: str, order: Ordered | None, *rows: tuple[str, str, str, str], **more: Any) -> bytes:
    """A UBL file of the supplier: 10 brackets at 10.00 unless told otherwise."""
    told = {"order": None if order is None else order.number, "name": NAME, "vat_id": VAT, "iban": IBAN}
    if rows:
        told["rows"] = rows
    return a_document(number, **{**told, "buyer": COMPANY, **more})  # type: ignore[arg-type]


def bills(order: Ordered, position: int, quantity: str, price: str, **values: Any) -> Any:
    """A posting line that bills the order's line."""
    net = (Decimal(quantity) * Decimal(price)).quantize(Decimal("0.01"))
    told = {"unit": "H87", "item_number": "BRACKET", "tax_code": "S19", **values}
    return a_line(
        str(net),
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        order_number=order.number,
        order_line_id=str(order.line_ids[position]),
        **told,
    )


def costs(net: str, **values: Any) -> Any:
    """A posting line on an expense account."""
    return a_line(net, **{"account": "4100", "tax_code": "S19", **values})


def an_entry(
    number: str,
    *lines: Any,
    kind: type[PostInvoice] | type[ParkInvoice] | type[PostCreditNote] = PostInvoice,
    tax: str | None = None,
    currency: str = "EUR",
    **values: Any,
) -> Any:
    """What a person approved: the tax is 19 % unless told otherwise."""
    net = sum((line.net_amount.amount for line in lines), Decimal(0))
    owed = Decimal(tax) if tax is not None else (net * Decimal("0.19")).quantize(Decimal("0.01"))
    return kind(
        **{
            "company": COMPANY,
            "supplier_id": TOOLS,
            "supplier_name": NAME,
            "number": number,
            "invoice_date": DAY,
            "posting_date": DAY,
            "due_date": date(2026, 4, 15),
            "currency": currency,
            "lines": lines,
            "net": Money.of(net, currency),
            "tax": Money.of(owed, currency),
            "gross": Money.of(net + owed, currency),
            **values,
        }
    )


def held(rpc: TrytonRpc, number: str) -> list[dict[str, Any]]:
    """What Tryton holds under the supplier's number, with the ledger's lines."""
    fields = ("state", "number", "total_amount", "invoice_date", "move.lines.account.code")
    amounts = ("move.lines.debit", "move.lines.credit", "move.lines.maturity_date", "move.state")
    return rpc.rows("account.invoice", [["reference", "=", number]], *fields, *amounts)


def ledger(row: dict[str, Any]) -> list[tuple[str, Decimal]]:
    """(account, debit less credit) of an invoice's entry."""
    return sorted(
        (line["account."]["code"], Decimal(line["debit"]) - Decimal(line["credit"]))
        for line in row["move."]["lines."]
    )
