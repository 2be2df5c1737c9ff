"""Exact Online in the contract suite: the connector over its protocol sandbox in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import SecretStr

from tests.erp.clocks import StillClock
from tests.erp.recorder import Recorder
from tests.erp.under_test import Access, ClockOnTheWall, ErpUnderTest
from tools.erp.exact import connector, sandbox
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import InProcess

LOSES = {
    "SupplierBlock.payment": "Exact Online tells one block of a relation, and it stops everything",
    "Account.direct_posting of the system's": "no type of account keeps entries from stock and differences",
    "Account.balance": "a G/L account tells no balance; balances are reports of their own",
    "OrderLine.price_base": "a unit price is always for one purchase unit",
    "OrderLine.account": "lines of purchase orders name items, no G/L accounts",
}
INAPPLICABLE: dict[str, str] = {}
SECRET = "sandbox-secret-of-the-tests"
REDIRECT = "http://127.0.0.1:8019/consent"
WORDS = {
    "supplier_blocked": "Invalid: Relationship (blocked)",
    "period_closed": "Period is closed",
    "duplicate_number": "already exists",
}
SMALL_PAGES = {"crm/Accounts": 3, "purchaseentry/PurchaseEntries": 3}
POSTS = {
    "post_invoice": "post PurchaseEntries",
    "post_credit_note": "post PurchaseEntries",
    "create_goods_receipt": "post GoodsReceipts",
}


class TwinClock(StillClock):
    """A wait moves the company's clock as well: both stand in the same room."""

    def __init__(self, wall: ClockOnTheWall | None = None) -> None:
        super().__init__()
        self.wall = wall or ClockOnTheWall()

    async def sleep(self, seconds: float) -> None:
        self.pass_by(seconds)
        self.now -= seconds
        await super().sleep(seconds)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        self.wall.now += timedelta(seconds=seconds)


def settings(folder: Path, **values: object) -> connector.Settings:
    return connector.Settings.model_validate(
        {
            "company": "NZT",
            "division": 1234567,
            "client_id": "sandbox-client",
            "client_secret": SecretStr(SECRET),
            "redirect_uri": REDIRECT,
            "base_url": "http://127.0.0.1",
            "item_account": "1610",
            "state_folder": folder,
            **values,
        }
    )


async def consented(chosen: connector.Settings, transport: httpx.AsyncBaseTransport, **more: Any) -> None:
    """What `erp-agent connect exact` does, with a person who says yes."""
    attempt = connector.consent(chosen)
    async with httpx.AsyncClient(transport=transport) as browser:
        answer = await browser.get(attempt.address)
    login = connector.login_of(chosen, transport=transport, **more)
    await login.exchange(attempt.code_of(answer.headers["location"]))
    await login.close()


def code_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


@contextmanager
def a_folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@asynccontextmanager
async def under_test(company: Company, faults: Faults) -> AsyncIterator[ErpUnderTest]:
    app = sandbox.app(company, faults, client_secret=SECRET, pages=SMALL_PAGES)
    server = app.app
    assert isinstance(server, sandbox.Server)
    assert isinstance(company.clock, ClockOnTheWall)
    recorder, clock = Recorder(app), TwinClock(company.clock)

    def now() -> float:
        return company.clock().timestamp()

    with a_folder() as folder:
        chosen = settings(folder)
        await consented(chosen, InProcess(app), clock=clock, now=now)
        app.traffic.reset()
        erp = connector.connect(chosen, transport=recorder, clock=clock, now=now)
        yield ErpUnderTest(
            erp=erp,
            company=company,
            faults=faults,
            requests=lambda: app.traffic.total - app.traffic.calls["token"],
            loses=LOSES,
            inapplicable=INAPPLICABLE,
            sent=recorder.sent,
            secrets=(SECRET,),
            opens=POSTS,
            commits=POSTS,
            words=WORDS,
            # Ten minutes pass: an access token ends by itself, and before that no other one is given.
            access=Access(
                expire=lambda: clock.pass_by(600),
                issued=lambda: server.login.issued,
                waited=lambda: clock.slept,
            ),
        )
        await erp.close()
