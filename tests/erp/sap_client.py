"""Raw HTTP to the SAP sandbox, logged in: for tests of the protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.erp.world import OFFICE, PARTLY_RECEIVED
from tools.erp.answers import from_json, to_json
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import InProcess
from tools.erp.sap import sandbox

ROOT = "http://127.0.0.1/sap/opu/odata/sap/"
INVOICES = "API_SUPPLIERINVOICE_PROCESS_SRV/"
ORDERS = "API_PURCHASEORDER_PROCESS_SRV/"
MOVEMENTS = "API_MATERIAL_DOCUMENT_SRV/"
PARTNERS = "API_BUSINESS_PARTNER/"
FILES = "API_CV_ATTACHMENT_SRV/"
BASIC = ("APAGENT", "sandbox-password")
FORM = {"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "sandbox-secret"}


class Client:
    """Keeps one session's token and cookies beside each other and sends them only when asked to."""

    def __init__(self, http: httpx.AsyncClient, server: sandbox.Server) -> None:
        self.http = http
        self.server = server
        self.tax = server.services.codes.tax_codes
        self.session: dict[str, str] = {}

    async def start(self) -> None:
        """Fetch a token with its cookies."""
        answer = await self.http.get(ROOT + INVOICES, headers={"x-csrf-token": "Fetch"})
        cookies = (line.partition(";")[0] for line in answer.headers.get_list("set-cookie"))
        self.session = {"x-csrf-token": answer.headers["x-csrf-token"], "cookie": "; ".join(cookies)}

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else to_json(body)
        if content is not None:
            named.setdefault("content-type", "application/json")
        return await self.http.request(
            method, ROOT + path, content=content, headers={**self.session, **named}
        )

    async def get(self, path: str) -> Any:
        """`d` of an answer that must be a success."""
        answer = await self.http.get(ROOT + path)
        assert answer.status_code == 200, answer.text
        return from_json(answer.content)["d"]

    async def posted(self, path: str, body: Any) -> Any:
        answer = await self.send("POST", path, body)
        assert answer.status_code == 201, answer.text
        return from_json(answer.content)["d"]

    async def refused(self, path: str, body: Any, status: int = 400) -> tuple[str, str]:
        """Code and sentence of a refused POST."""
        answer = await self.send("POST", path, body)
        assert answer.status_code == status, answer.text
        error = from_json(answer.content)["error"]
        return error["code"], error["message"]["value"]

    def invoice(self, **values: Any) -> dict[str, Any]:
        """121.00 on an expense account; a value of None leaves the property out."""
        item = {
            "SupplierInvoiceItem": "0001",
            "CompanyCode": "NZT",
            "GLAccount": "4100",
            "DebitCreditCode": "S",
            "DocumentCurrency": "EUR",
            "SupplierInvoiceItemAmount": "100.00",
            "TaxCode": self.tax["S21"],
        }
        body = {
            "CompanyCode": "NZT",
            "DocumentDate": "2026-03-10T00:00:00",
            "PostingDate": "2026-03-10T00:00:00",
            "InvoicingParty": OFFICE,
            "SupplierInvoiceIDByInvcgParty": "VD-90001",
            "DocumentCurrency": "EUR",
            "InvoiceGrossAmount": "121.00",
            "TaxIsCalculatedAutomatically": True,
            "to_SupplierInvoiceItemGLAcct": {"results": [item]},
            **values,
        }
        return {name: value for name, value in body.items() if value is not None}

    def billing(self, quantity: str = "5", net: str = "50.00", gross: str = "60.50", **item: Any) -> Any:
        """An invoice over the first item of an order."""
        row = {
            "SupplierInvoiceItem": "000001",
            "PurchaseOrder": PARTLY_RECEIVED,
            "PurchaseOrderItem": "10000",
            "TaxCode": self.tax["S21"],
            "DocumentCurrency": "EUR",
            "SupplierInvoiceItemAmount": net,
            "PurchaseOrderQuantityUnit": "PC",
            "QuantityInPurchaseOrderUnit": quantity,
            **item,
        }
        return self.invoice(
            InvoiceGrossAmount=gross, to_SupplierInvoiceItemGLAcct=None, to_SuplrInvcItemPurOrdRef=[row]
        )


@asynccontextmanager
async def client_of(company: Company, faults: Faults | None = None, **protocol: Any) -> AsyncIterator[Client]:
    gate = sandbox.app(company, faults, **protocol)
    server = gate.app
    assert isinstance(server, sandbox.Server)
    async with httpx.AsyncClient(transport=InProcess(gate), auth=BASIC) as http:
        client = Client(http, server)
        # The test client's own jar would hide which cookies travel with which token.
        await client.start()
        http.cookies.clear()
        yield client
