"""Raw HTTP to the Oracle sandbox, and a bench for the connector over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from tests.erp.clocks import StillClock
from tests.erp.oracle_setup import Recorder, server, settings
from tests.erp.world import OFFICE
from tools.domain.documents import DocumentType
from tools.erp.answers import from_json, to_json
from tools.erp.oracle import connector, sandbox
from tools.erp.oracle.connector import OracleFusion
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import InProcess

ROOT = f"http://127.0.0.1{sandbox.ROOT}/"
ITEM = "application/vnd.oracle.adf.resourceitem+json"
ACTION = "application/vnd.oracle.adf.action+json"
BATCH = "application/vnd.oracle.adf.batch+json"
ERROR = "application/vnd.oracle.adf.error+json"
UNIT = "Noordzee Techniek NL"
SUPPLIER = "Van Dijk Kantoor B.V."
LINE = {
    "LineNumber": 1,
    "LineType": "Item",
    "LineAmount": Decimal("100.00"),
    "TaxClassification": "S21",
    "DistributionCombination": "01-000-4100",
}
INVOICE = {
    "InvoiceNumber": "VD-90001",
    "InvoiceCurrency": "EUR",
    "InvoiceAmount": Decimal("121.00"),
    "InvoiceDate": "2026-03-10",
    "BusinessUnit": UNIT,
    "Supplier": SUPPLIER,
    "SupplierSite": "MAIN",
    "ControlAmount": Decimal("21.00"),
    "invoiceLines": [LINE],
}
NAMED = {"BusinessUnit": UNIT, "Supplier": SUPPLIER, "InvoiceNumber": "VD-90001"}


class Client:
    """Speaks raw HTTP to the sandbox by basic authentication, framework version 4 unless told otherwise."""

    def __init__(self, http: httpx.AsyncClient, inner: sandbox.Server) -> None:
        self.http = http
        self.server = inner

    async def send(
        self, method: str, path: str, body: Any = None, media: str = ITEM, version: int = 4, **headers: str
    ) -> httpx.Response:
        named = {"REST-Framework-Version": str(version), **headers}
        content = None if body is None else to_json(body)
        if content is not None:
            named["Content-Type"] = media
        return await self.http.request(method, ROOT + path, content=content, headers=named)

    async def get(self, path: str, **more: Any) -> Any:
        answer = await self.send("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return from_json(answer.content)

    async def make(self, **values: Any) -> dict[str, Any]:
        answer = await self.send("POST", "invoices", {**INVOICE, **values})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = from_json(answer.content)
        return made

    async def validate(self, **values: Any) -> httpx.Response:
        body = {"ProcessAction": "Validate", **NAMED, **values}
        return await self.send("POST", "invoices/action/validateInvoice", body, ACTION)


@asynccontextmanager
async def a_client(company: Company, faults: Faults | None = None, **protocol: Any) -> AsyncIterator[Client]:
    app = server(company, faults, **protocol)
    assert isinstance(app.app, sandbox.Server)
    auth = ("AP_AGENT", "sandbox-password")
    async with httpx.AsyncClient(transport=InProcess(app), auth=auth) as http:
        yield Client(http, app.app)


class Bench:
    """The connector over the sandbox, with what was sent and what stands in the books. `values` are settings
    of the connector, `protocol` those of the server."""

    def __init__(self, books: Company, faults: Faults, protocol: Any = None, **values: object) -> None:
        self.company = books
        self.faults = faults
        self.gate = server(books, faults, **(protocol or {}))
        assert isinstance(self.gate.app, sandbox.Server)
        self.server = self.gate.app
        self.recorder = Recorder(self.gate)
        self.clock = StillClock()
        erp = connector.connect(settings(**values), transport=self.recorder, clock=self.clock)
        assert isinstance(erp, OracleFusion)
        self.erp = erp

    def through(self, transport: httpx.AsyncBaseTransport) -> OracleFusion:
        """Another connector to the same server, by another way."""
        erp = connector.connect(settings(), transport=transport, clock=self.clock)
        assert isinstance(erp, OracleFusion)
        return erp

    def changes(self) -> list[str]:
        """Method and last step of every request that is no GET."""
        return [
            f"{request.method} {request.url.path.rstrip('/').rpartition('/')[2]}"
            for request in self.recorder.requests
            if request.method != "GET"
        ]

    def bodies(self, end: str) -> list[Any]:
        return [
            from_json(request.content)
            for request in self.recorder.requests
            if request.method != "GET" and request.url.path.rstrip("/").endswith(end)
        ]

    def documents(self, number: str = "VD-90001") -> list[PurchaseDocument]:
        return self.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, number)

    def unvalidated(self, *lines: DocumentLine, number: str = "VD-90001", **header: Any) -> PurchaseDocument:
        header = {"invoice_date": date(2026, 3, 10), "posting_date": date(2026, 3, 10), **header}
        return self.company.documents.create(
            DocumentType.INVOICE, OFFICE, supplier_number=number, lines=lines, **header
        )
