"""Business Central in the contract suite: the connector over its protocol sandbox in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from pydantic import SecretStr

from tests.erp.clocks import StillClock
from tests.erp.under_test import Access, ErpUnderTest
from tools.erp.business_central import connector, sandbox
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import App, InProcess

LOSES = {
    "Supplier.bank_accounts": "API v2.0 has no entity for vendor bank accounts",
    "OrderLine.price_base": "a unit cost is always for one unit",
    "ReceiptLine.order_line_id": "receipt lines do not name the order line",
    "CostCentre.blocked": "dimension values do not tell their block",
    "OpenItem.remaining": "invoices and credit memos do not tell what is left of them",
}
OPENS = {
    **dict.fromkeys(("post_invoice", "park_invoice", "post_credit_note"), "draft"),
    "create_purchase_order": "create_order",
}
INAPPLICABLE: dict[str, str] = {}
SECRET = "sandbox-secret-of-the-tests"


class Recorder(httpx.AsyncBaseTransport):
    """Writes down what is sent to the ERP; the login service is another house."""

    def __init__(self, app: App) -> None:
        self._transport = InProcess(app)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/token"):
            self.requests.append(request)
        return await self._transport.handle_async_request(request)

    def sent(self) -> bytes:
        """All but files: a kept document is the supplier's paper, as it came in."""
        return b"\n".join(
            str(request.url).encode() + (b"" if _is_file(request) else request.content)
            for request in self.requests
        )

    def files(self) -> list[bytes]:
        return [request.content for request in self.requests if _is_file(request)]


def _is_file(request: httpx.Request) -> bool:
    return request.url.path.endswith("/attachmentContent")


def settings(**values: object) -> connector.Settings:
    return connector.Settings.model_validate(
        {
            "tenant": "sandbox",
            "company": "NZT",
            "client_id": "sandbox-client",
            "client_secret": SecretStr(SECRET),
            "base_url": "http://127.0.0.1",
            "login_url": "http://127.0.0.1",
            "page_size": 3,
            **values,
        }
    )


@asynccontextmanager
async def under_test(company: Company, faults: Faults) -> AsyncIterator[ErpUnderTest]:
    app = sandbox.app(company, faults, client_secret=SECRET)
    server = app.app
    assert isinstance(server, sandbox.Server)
    recorder, clock = Recorder(app), StillClock()
    erp = connector.connect(settings(), transport=recorder, clock=clock)
    yield ErpUnderTest(
        erp=erp,
        company=company,
        faults=faults,
        requests=lambda: app.traffic.total - app.traffic.calls["token"],
        loses=LOSES,
        inapplicable=INAPPLICABLE,
        sent=recorder.sent,
        secrets=(SECRET,),
        opens=OPENS,
        commits={
            "post_invoice": "post",
            "post_credit_note": "post",
            "park_invoice": "draft",
            "create_purchase_order": "create_order",
        },
        access=Access(expire=server.expire_tokens, issued=lambda: server.issued, waited=lambda: clock.slept),
    )
    await erp.close()
