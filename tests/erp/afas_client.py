"""Raw HTTP to the AFAS sandbox with its token, and the connector over it: for tests of both."""

from __future__ import annotations

import base64
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.erp.afas_setup import TOKEN, Recorder, settings
from tests.erp.clocks import StillClock
from tests.erp.world import OFFICE
from tools.erp.afas import connector, sandbox
from tools.erp.afas.connector import Afas
from tools.erp.answers import from_json, to_json
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import InProcess

ROOT = "http://127.0.0.1/ProfitRestServices/"
XML = f"<token><version>1</version><data>{TOKEN}</data></token>"
HEADER = f"AfasToken {base64.b64encode(XML.encode()).decode()}"
ENTRY: dict[str, Any] = {
    "FiEntryPar": {
        "Element": {
            "Fields": {"Year": "2026", "Peri": "3", "UnId": "1", "JoCo": "10"},
            "Objects": {
                "FiEntries": {
                    "Element": [
                        {"Fields": {"VaAs": "3", "AcNr": OFFICE, "AmDe": "0", "AmCr": "121.00"}},
                        {"Fields": {"VaAs": "1", "AcNr": "4100", "AmDe": "100.00", "VaId": "S21"}},
                        {"Fields": {"VaAs": "1", "AcNr": "1520", "AmDe": "21.00", "VaId": "S21"}},
                    ]
                }
            },
        }
    }
}


def an_entry(*changes: dict[str, Any], **header: Any) -> dict[str, Any]:
    """An entry over 121.00 under VD-90001; `changes` go into the lines' fields one after the other, a value
    None takes a field out, `header` goes into the header."""
    body = copy.deepcopy(ENTRY)
    element = body["FiEntryPar"]["Element"]
    element["Fields"] |= header
    lines = element["Objects"]["FiEntries"]["Element"]
    for position, line in enumerate(lines):
        change = changes[position] if position < len(changes) else {}
        fields = {"EnDa": "2026-03-10", "BpDa": "2026-03-10", "InId": "VD-90001", **line["Fields"], **change}
        line["Fields"] = {name: value for name, value in fields.items() if value is not None}
    return body


class Client:
    """Speaks raw HTTP to the sandbox, with its token."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        content = None if body is None else to_json(body)
        return await self.http.request(method, ROOT + path, content=content, headers=headers)

    async def rows(self, path: str) -> list[dict[str, Any]]:
        answer = await self.send("GET", f"connectors/{path}")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = from_json(answer.content)["rows"]
        return rows

    async def refused(self, method: str, path: str, body: Any = None) -> str:
        """The vendor's words of a refusal, which is HTTP 500."""
        answer = await self.send(method, path, body)
        assert answer.status_code == 500, answer.text
        told = answer.json()
        assert set(told) == {"externalMessage", "errorNumber", "profitLogReference"}
        return str(told["externalMessage"])


@asynccontextmanager
async def a_client(company: Company, faults: Faults | None = None, **protocol: Any) -> AsyncIterator[Client]:
    app = sandbox.app(company, faults, token=TOKEN, **protocol)
    async with httpx.AsyncClient(transport=InProcess(app), headers={"Authorization": HEADER}) as http:
        yield Client(http)


class Bench:
    """The connector over the sandbox, with what was sent and what stands in the books."""

    def __init__(self, books: Company, faults: Faults | None = None, **values: Any) -> None:
        """`values` are settings of the connector; `protocol` those of the server."""
        protocol = values.pop("protocol", {})
        self.company = books
        self.server = sandbox.app(books, faults, token=TOKEN, **protocol)
        self.recorder = Recorder(self.server)
        self.clock = StillClock()
        self.erp = self.through(self.recorder, **values)

    def through(self, transport: httpx.AsyncBaseTransport, **values: Any) -> Afas:
        """A connector to this server, by any way."""
        erp = connector.connect(settings(self.company, **values), transport=transport, clock=self.clock)
        assert isinstance(erp, Afas)
        return erp

    def sent(self, connector: str) -> list[Any]:
        """The messages that went to an UpdateConnector."""
        return [
            from_json(request.content)
            for request in self.recorder.requests
            if request.method != "GET" and request.url.path.endswith(f"/{connector}")
        ]

    def asked(self, connector: str) -> list[httpx.URL]:
        return [
            request.url
            for request in self.recorder.requests
            if request.method == "GET" and request.url.path.endswith(f"/{connector}")
        ]
