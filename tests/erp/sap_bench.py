"""A bench for the SAP connector: over the sandbox, with all that was sent at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import httpx

from tests.erp.clocks import StillClock
from tests.erp.sap_setup import SECRET, Recorder, settings
from tests.erp.world import OFFICE
from tools.domain.decision import PostingOrder
from tools.domain.documents import DocumentType
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sap import connector, sandbox
from tools.erp.sap.connector import Sap
from tools.erp.sap.documents import OrderItem
from tools.erp.sap.mapping import Setup


class CutOff(httpx.AsyncBaseTransport):
    """Once a change has got through, no GET does any more."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._cut and request.method == "GET":
            raise httpx.ConnectError("cut off", request=request)
        answer = await self._inner.handle_async_request(request)
        change = request.method != "GET" and not request.url.path.endswith(("$batch", "/token"))
        self._cut = self._cut or change
        return answer


class Bench:
    """The connector over the sandbox, with what was sent and what stands in the books."""

    def __init__(self, books: Company, faults: Faults | None = None, **protocol: Any) -> None:
        """`protocol`: fields of the sandbox's `Protocol`; `login` replaces settings of the connector."""
        login = protocol.pop("login", {})
        self.company = books
        self.faults = faults or Faults(seed=1)
        self.gate = sandbox.app(books, self.faults, client_secret=SECRET, **protocol)
        server = self.gate.app
        assert isinstance(server, sandbox.Server)
        self.server = server
        self.recorder = Recorder(self.gate)
        self.clock = StillClock()
        self.settings = settings(books, **login)
        erp = connector.connect(self.settings, transport=self.recorder, clock=self.clock)
        assert isinstance(erp, Sap)
        self.erp = erp

    def through(self, transport: httpx.AsyncBaseTransport) -> Sap:
        """Another connector to the same server, by another way."""
        erp = connector.connect(self.settings, transport=transport, clock=self.clock)
        assert isinstance(erp, Sap)
        return erp

    async def setup(self) -> Setup:
        """The connector's, with all that an order without material needs."""
        known = await self.erp.setup()
        more = {"material_group": "M001", "cost_center": "WORKS"}
        return replace(known, settings=known.settings.model_copy(update=more))

    def documents(self, number: str = "VD-90001") -> list[PurchaseDocument]:
        return self.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, number)

    def parked(self, *lines: DocumentLine, number: str = "VD-90001", **header: Any) -> PurchaseDocument:
        day = date(2026, 3, 10)
        header = {"invoice_date": day, "posting_date": day, **header}
        return self.company.documents.create(
            DocumentType.INVOICE, OFFICE, supplier_number=number, lines=lines, **header
        )

    def changes(self) -> list[httpx.Request]:
        """Requests that changed something."""
        return [
            request
            for request in self.recorder.requests
            if request.method != "GET" and not request.url.path.endswith("$batch")
        ]

    async def write(self, order: PostingOrder) -> Any:
        return await self.erp.write(order)


async def items_of(company: Company, number: str = "451001") -> Mapping[tuple[str, str], OrderItem]:
    """The items of an order as SAP sends them."""
    facts = await Bench(company).erp.facts()
    return (await facts.billed([number])).items
