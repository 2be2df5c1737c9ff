"""A plain client of the Tryton sandbox for tests of its protocol: one call, and what came back."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import httpx

from tests.erp.tryton_setup import SECRET
from tools.erp.answers import from_json, to_json
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import Gate, InProcess
from tools.erp.tryton import sandbox
from tools.erp.tryton.values import typed, untyped


class Client:
    """`error` and `status` of the last answer stay to be looked at."""

    def __init__(self, company: Company, faults: Faults | None = None, **protocol: Any) -> None:
        self.gate: Gate = sandbox.app(company, faults or Faults(), password=SECRET, **protocol)
        server = self.gate.app
        assert isinstance(server, sandbox.Server)
        self.server = server
        self._http = httpx.AsyncClient(transport=InProcess(self.gate), base_url="http://127.0.0.1")
        self._login = ""
        self.error: Any = None
        self.status = 0

    async def log_in(self, password: str = SECRET) -> None:
        told = await self.send("common.db.login", "sandbox-user", {"password": password}, "en")
        if told is not None:
            session = f"sandbox-user:{told[0]}:{told[1]}"
            self._login = f"Session {b64encode(session.encode()).decode()}"

    async def send(self, method: str, *params: Any, **body: Any) -> Any:
        """The result; None with `error` or `status` where there is none."""
        told = {"id": 1, "method": method, "params": typed(list(params)), **body}
        answer = await self._http.post(
            "/sandbox/rpc/",
            content=to_json(told),
            headers={"Content-Type": "application/json", "Authorization": self._login},
        )
        self.status, self.error = answer.status_code, None
        if answer.status_code != 200:
            return None
        got = from_json(answer.content)
        self.error = got.get("error")
        return untyped(got.get("result"))

    async def call(self, method: str, *params: Any, **context: Any) -> Any:
        """A method of a model, with the context that Tryton wants last."""
        return await self.send(f"model.{method}", *params, {"company": 1, **context})

    async def rows(self, model: str, domain: list[Any], *fields: str, **context: Any) -> Any:
        return await self.call(f"{model}.search_read", domain, 0, None, None, list(fields), **context)
