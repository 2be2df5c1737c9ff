"""Raw HTTP to the Business Central sandbox, logged in: for tests of the protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx

from tests.erp.world import OFFICE
from tools.erp.answers import from_json, to_json
from tools.erp.business_central import sandbox
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import InProcess

ROOT = "http://127.0.0.1/v2.0/sandbox/production/api/v2.0/"
TOKEN = "http://127.0.0.1/sandbox/oauth2/v2.0/token"
FORM = {
    "grant_type": "client_credentials",
    "client_id": "sandbox-client",
    "client_secret": "sandbox-secret",
    "scope": sandbox.SCOPE,
}
DRAFT = {
    "vendorNumber": OFFICE,
    "vendorInvoiceNumber": "VD-90001",
    "invoiceDate": "2026-03-10",
    "postingDate": "2026-03-10",
    "currencyCode": "EUR",
}
LINE = {
    "lineType": "Account",
    "lineObjectNumber": "4100",
    "quantity": 2,
    "unitCost": Decimal("50.00"),
    "taxCode": "S21",
}


class Client:
    """Speaks raw HTTP to the sandbox, logged in."""

    def __init__(self, http: httpx.AsyncClient, company: Company) -> None:
        self.http = http
        self.root = f"{ROOT}companies({sandbox.company_guid(company)})/"

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        content = None if body is None else to_json(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            named.setdefault("content-type", "application/json")
        url = path if path.startswith("http") else self.root + path
        return await self.http.request(method, url, content=content, headers=named)

    async def get(self, path: str, **headers: str) -> Any:
        answer = await self.send("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return from_json(answer.content)

    async def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, str]:
        answer = await self.send(method, path, body, **headers)
        error = answer.json()["error"]
        assert "CorrelationId:  " in error["message"]
        return answer.status_code, error["code"], error["message"].split("  CorrelationId")[0]

    async def draft(self, **values: Any) -> dict[str, Any]:
        body = {**DRAFT, "purchaseInvoiceLines": [LINE], **values}
        answer = await self.send("POST", "purchaseInvoices", body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = from_json(answer.content)
        return made


async def logged_in(http: httpx.AsyncClient) -> None:
    token = (await http.post(TOKEN, data=FORM)).json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"


@asynccontextmanager
async def a_client(company: Company, faults: Faults | None = None, **protocol: Any) -> AsyncIterator[Client]:
    app = sandbox.app(company, faults, **protocol)
    async with httpx.AsyncClient(transport=InProcess(app)) as http:
        await logged_in(http)
        yield Client(http, company)
