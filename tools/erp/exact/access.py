"""How Exact Online is reached: settings, consent, rotating login, limits that outlast a process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tools.erp.answers import Answer, Explanation
from tools.erp.call_budget import CallBudget
from tools.erp.consent import Consent
from tools.erp.day_book import DayBook
from tools.erp.exact.error_budget import ErrorBudget
from tools.erp.exact.session import NAME, Session, explain, read_limits
from tools.erp.http import HttpClient
from tools.erp.oauth import explain_refusal
from tools.erp.pacing import Clock, Limits, SystemClock
from tools.erp.rotating_login import App, RotatingLogin
from tools.erp.state_file import StateFile
from tools.erp.taught_pacing import TaughtPacing, ToldLimits
from tools.erp.token_store import TokenStore

NowSeconds = Callable[[], float]

EARLIEST_RENEWAL = 570.0
"""Seconds of a token's ten minutes before which a new one is refused."""
TOKEN_CALLS = 200
"""New tokens a day for one app and user."""
CONNECT = "erp-agent connect exact"

FIXED_CALLS = 20
READING_CALLS = 0.25
POSTING_CALLS = 14
"""Measured over the sandbox, see README: calls of a batch, for a document read, for a document posted."""


class Settings(BaseModel):
    """Which administration, and how we log in. `company` is the company id of our records."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: str
    division: int | None = None
    """Exact's number of the administration; without one it is the one our login stands in."""
    currency: str = "EUR"
    """The administration's default currency."""
    client_id: str
    client_secret: SecretStr
    redirect_uri: str
    """As registered with the app; `http://127.0.0.1:<port>/…` comes back to this machine by itself."""
    base_url: str = "https://start.exactonline.nl"
    """The country's site; registrations and tokens belong to one."""
    journal: str | None = None
    """Code of the purchase journal; needed where there are several."""
    item_account: str | None = None
    """Code of the G/L account for lines that name an item: goods received, not invoiced."""
    logistics: bool = True
    """False where the administration has no logistics module: then there are no orders, receipts and drafts,
    and asking for them would be refused."""
    units: Mapping[str, str] = Field(default_factory=dict)
    """The company's unit code -> UN/ECE Rec. 20 code, where the code itself does not tell."""
    state_folder: Path | None = None
    """Where tokens and counts are kept for all processes; the data folder unless another one is named."""
    ca_file: str | None = None
    """Certificates to trust instead of the usual ones, for a proxy that opens TLS."""
    timeout: float = 120.0
    concurrent: int = Field(default=4, ge=1, le=10)
    calls_per_minute: int = Field(default=60, ge=1)
    calls_per_day: int = Field(default=5000, ge=1)
    """Both are for one app and division, and lowered by what Exact tells in its answers."""

    @property
    def folder(self) -> Path:
        return self.state_folder or Path("var")


@dataclass(frozen=True)
class Access:
    """What a connector speaks through."""

    login: RotatingLogin
    http: HttpClient
    session: Session
    day: DayBook

    def budget(self, reading: int, posting: int) -> CallBudget:
        day = self.day.today()
        needed = FIXED_CALLS + math.ceil(reading * READING_CALLS) + posting * POSTING_CALLS
        return CallBudget(NAME, max(reading, posting), needed, day.left, day.limit, day.ends)


def consent(settings: Settings) -> Consent:
    """One attempt to get a person's consent."""
    return Consent(
        f"{settings.base_url.rstrip('/')}/api/oauth2/auth",
        settings.client_id,
        settings.redirect_uri,
        (("force_login", "0"),),
    )


def login_of(
    settings: Settings,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Clock | None = None,
    now: NowSeconds = time.time,
    store: TokenStore | None = None,
) -> RotatingLogin:
    """The login alone, for `exchange` of a consent's code and for connectors. `store`: another one than the
    state folder's file."""
    used, base = clock or SystemClock(), settings.base_url.rstrip("/")
    token_url = f"{base}/api/oauth2/token"
    pacing = TaughtPacing(
        Limits(concurrent=1),
        used,
        read=_nothing,
        day=DayBook(f"{NAME}'s login", TOKEN_CALLS, now, _file(settings, "tokens-asked")),
        now=now,
    )
    http = HttpClient(
        token_url,
        name=f"{NAME}'s login",
        explain=explain_refusal,
        pacing=pacing,
        transport=transport,
        clock=used,
        timeout=30.0,
        ca_file=settings.ca_file,
    )
    app = App(
        name=NAME,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        token_url=token_url,
        redirect_uri=settings.redirect_uri,
        connect=CONNECT,
        earliest_renewal=EARLIEST_RENEWAL,
    )
    kept = store or TokenStore(settings.folder, "exact", login_url=base, client_id=settings.client_id)
    return RotatingLogin(app, kept, http, now)


def access(
    settings: Settings, transport: httpx.AsyncBaseTransport | None, clock: Clock | None, now: NowSeconds
) -> Access:
    used = clock or SystemClock()
    login = login_of(settings, transport=transport, clock=used, now=now)
    day = DayBook(NAME, settings.calls_per_day, now, _file(settings, "calls"))
    limits = Limits(settings.concurrent, settings.calls_per_minute, 60.0)
    http = HttpClient(
        settings.base_url,
        name=NAME,
        login=login,
        explain=lambda answer: _explained(answer, settings.division),
        pacing=TaughtPacing(limits, used, read=read_limits, day=day, now=now),
        transport=transport,
        clock=used,
        timeout=settings.timeout,
        ca_file=settings.ca_file,
        admission=ErrorBudget(now, _file(settings, "errors")),
    )
    return Access(login, http, Session(http, settings.division, settings.concurrent), day)


def _explained(answer: Answer, division: int | None) -> Explanation:
    """A division that does not exist, or is not ours, is refused as any right is: with 403."""
    found = explain(answer)
    if division is None or answer.status != 403:
        return found
    told = (
        f"{found.message or NAME + ' does not allow us to do this'}: check division {division}, or the rights"
    )
    return replace(found, message=told)


def _file(settings: Settings, what: str) -> StateFile:
    """Counts hold for one app and division."""
    owner = quote(f"{settings.client_id}-{settings.division or settings.company}", safe="")
    return StateFile(settings.folder / f"exact-{owner}.{what}.json")


def _nothing(headers: Mapping[str, str]) -> ToldLimits:
    return ToldLimits()
