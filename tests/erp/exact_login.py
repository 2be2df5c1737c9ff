"""A login at the Exact Online sandbox, with every door to break: for tests of rotating tokens."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.erp.exact_setup import SECRET, TwinClock, consented, settings
from tests.erp.under_test import standard_company
from tools.erp.exact import sandbox
from tools.erp.exact.access import login_of
from tools.erp.rotating_login import RotatingLogin
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import InProcess
from tools.erp.token_store import StoredTokens, TokenStore


class LoginBench:
    """The sandbox's login over books of its own; every login of `another` is a process of its own to it."""

    def __init__(self, folder: Path) -> None:
        self.clock = TwinClock()
        self.faults = Faults(seed=1)
        self.app = sandbox.app(standard_company(self.clock.wall), self.faults, client_secret=SECRET)
        server = self.app.app
        assert isinstance(server, sandbox.Server)
        self.service = server.login
        self.settings = settings(folder)
        self.transport: httpx.AsyncBaseTransport = InProcess(self.app)
        self.store = TokenStore(folder, "exact", login_url="http://127.0.0.1", client_id="sandbox-client")

    def now(self) -> float:
        return self.clock.wall().timestamp()

    def another(self, store: TokenStore | None = None, ahead: float = 0.0) -> RotatingLogin:
        """`ahead`: seconds by which its clock differs from the server's."""
        return login_of(
            self.settings,
            transport=self.transport,
            clock=self.clock,
            now=lambda: self.now() + ahead,
            store=store,
        )

    async def consent(self) -> None:
        await consented(self.settings, InProcess(self.app), clock=self.clock, now=self.now)

    def kept(self) -> StoredTokens:
        found = self.store.read()
        assert found is not None
        return found

    @property
    def asked(self) -> int:
        """Calls of the token endpoint so far."""
        return self.app.traffic.calls["token"]
