"""A bench for the Business Central connector: over the sandbox, with all that was sent at hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from tests.erp.business_central_setup import SECRET, Recorder, settings
from tests.erp.clocks import StillClock
from tests.erp.world import OFFICE
from tools.domain.documents import DocumentType
from tools.erp.business_central import connector, sandbox
from tools.erp.business_central.connector import BusinessCentral
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults


class CutOff(httpx.AsyncBaseTransport):
    """Once a POST to an address with this end has got through, no GET does any more."""

    def __init__(self, inner: httpx.AsyncBaseTransport, end: str) -> None:
        self._inner = inner
        self._end = end
        self._cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._cut and request.method == "GET":
            raise httpx.ConnectError("cut off", request=request)
        answer = await self._inner.handle_async_request(request)
        self._cut = self._cut or (request.method == "POST" and request.url.path.endswith(self._end))
        return answer


class Bench:
    """The connector over the sandbox, with what was sent and what stands in the books."""

    def __init__(self, books: Company, faults: Faults, **values: object) -> None:
        """`values` are settings of the connector."""
        self.company = books
        self.faults = faults
        self.server = sandbox.app(books, faults, client_secret=SECRET)
        self.recorder = Recorder(self.server)
        self.clock = StillClock()
        erp = connector.connect(settings(**values), transport=self.recorder, clock=self.clock)
        assert isinstance(erp, BusinessCentral)
        self.erp = erp

    def through(self, transport: httpx.AsyncBaseTransport) -> BusinessCentral:
        """Another connector to the same server, by another way."""
        erp = connector.connect(settings(), transport=transport, clock=self.clock)
        assert isinstance(erp, BusinessCentral)
        return erp

    def documents(self, number: str = "VD-90001") -> list[PurchaseDocument]:
        return self.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, number)

    def draft(self, *lines: DocumentLine, number: str = "VD-90001", **header: Any) -> PurchaseDocument:
        header = {"invoice_date": date(2026, 3, 10), "posting_date": date(2026, 3, 10), **header}
        return self.company.documents.create(
            DocumentType.INVOICE, OFFICE, supplier_number=number, lines=lines, **header
        )


def chairs(net: str = "100.00", account: str = "4100", quantity: str = "1") -> DocumentLine:
    price = Decimal(net) / Decimal(quantity)
    return DocumentLine(
        description="Chairs", account=account, quantity=Decimal(quantity), unit_price=price, tax_code="S21"
    )
