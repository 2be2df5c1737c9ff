"""Where the pod is, how we log in, and how the company's documents are written there."""

from __future__ import annotations

from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from tools.domain.identifiers import CompanyId
from tools.domain.money import Currency
from tools.erp.basic_login import BasicLogin
from tools.erp.http import Login
from tools.erp.jwt_assertion import Assertion, JwtBearer
from tools.erp.oauth import ClientCredentials, OAuthLogin
from tools.erp.pacing import Clock

RESOURCES = "/fscmRestApi/resources/11.13.18.05"
_NEEDS = {
    "basic": ("user", "password"),
    "client_credentials": ("token_url", "client_id", "client_secret"),
    "jwt_assertion": ("token_url", "client_id", "user", "private_key"),
}


class DraftOrders(BaseModel):
    """Whom draft orders are made for; ids as Oracle tells them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    buyer_id: int
    document_style_id: int
    procurement_bu_id: int
    line_type: str = "Goods"


class Settings(BaseModel):
    """`company` is the company id of our records; `business_unit` its name in Oracle (the same, if absent).

    `login` says which of the three ways is used; what belongs to another way may not be set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    """`https://{pod}.fa.{data centre}.oraclecloud.com`"""
    company: CompanyId
    business_unit: str | None = None
    procurement_bu: str | None = None
    """Set where order numbers or supplier sites exist in several procurement business units."""
    currency: Currency
    """Of the ledger: suppliers without a currency of their own invoice in it."""
    ledger_id: int | None = None
    """Whose periods of Payables are open; without it the posting window is not told."""

    login: Literal["basic", "client_credentials", "jwt_assertion"] = "basic"
    user: str | None = None
    """The Fusion user: for basic, and as the subject of a JWT assertion."""
    password: SecretStr | None = None
    token_url: str | None = None
    """`https://idcs-{id}.identity.oraclecloud.com/oauth2/v1/token`"""
    client_id: str | None = None
    client_secret: SecretStr | None = None
    scope: str = "urn:opc:resource:consumer::all"
    private_key: SecretStr | None = None
    """RSA, PEM, for a JWT assertion."""
    certificate_alias: str | None = None
    audience: str = "https://identity.oraclecloud.com/"

    read_bank_accounts: bool = True
    """Off where the login may not see bank accounts of suppliers."""
    account_combination: str = "{account}"
    """How a code combination is written, for example `01-{cost_centre}-{account}-0000`."""
    no_cost_centre: str = "000"
    units: dict[str, str] = Field(default_factory=dict)
    """Oracle's unit code -> UN/ECE Rec. 20 code, where the code does not say it."""
    invoice_group: str | None = None
    park_hold: str = "AP Agent Parked"
    """A hold name, set up in Oracle as manual and without accounting, for invoices that are parked, or
    created and not posted."""
    release_name: str = "Amount approved"
    draft_orders: DraftOrders | None = None
    """Without it no draft orders are made."""
    employee_id: int | None = None
    """Oracle's id of the receiver of goods."""
    auto_transact: Literal["RECEIVE", "DELIVER"] = "RECEIVE"
    subinventory: str | None = None
    time_zone: str = "UTC"
    """IANA name of the zone in which Oracle tells the day of a receipt."""
    life_cycle_resource: str = "purchaseOrderLifeCycleDetails"
    """Some pods write `purchaseOrderLifecycleDetails`."""

    framework_version: int = Field(default=4, ge=2, le=9)
    page_size: int = Field(default=500, ge=1, le=500)
    batch_parts: int = Field(default=50, ge=1, le=500)
    concurrent: int = Field(default=4, ge=1, le=10)
    """Oracle publishes no number of parallel calls; a small one is polite."""
    timeout: float = 300.0
    ca_file: str | None = None

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{value} is no time zone; write it like Europe/Amsterdam") from None
        return value

    @field_validator("account_combination")
    @classmethod
    def _has_account(cls, value: str) -> str:
        try:
            shown = value.format(account="\0", cost_centre="")
        except (KeyError, IndexError, ValueError):
            raise ValueError("only {account} and {cost_centre} can stand in a combination") from None
        if "\0" not in shown:
            raise ValueError("{account} is missing")
        return value

    @model_validator(mode="after")
    def _is_complete(self) -> Settings:
        missing = [name for name in _NEEDS[self.login] if getattr(self, name) is None]
        if missing:
            raise ValueError(f"login by {self.login} needs: {', '.join(missing)}")
        if self.login != "jwt_assertion" and self.private_key is not None:
            raise ValueError("private_key is for login by jwt_assertion")
        if self.login != "basic" and self.password is not None:
            raise ValueError("password is for login by basic")
        return self


class ClosableLogin(Login, Protocol):
    async def close(self) -> None: ...


def login_of(
    settings: Settings, transport: httpx.AsyncBaseTransport | None, clock: Clock | None
) -> ClosableLogin:
    """The login of the settings; nothing is sent yet."""
    user, token_url, client_id = settings.user or "", settings.token_url or "", settings.client_id or ""
    if settings.login == "basic":
        return BasicLogin(user, settings.password or SecretStr(""))
    if settings.login == "client_credentials":
        flow = ClientCredentials(
            token_url,
            client_id=client_id,
            client_secret=settings.client_secret or SecretStr(""),
            scope=settings.scope,
            in_header=True,
            transport=transport,
            clock=clock,
        )
        return OAuthLogin(flow, clock=clock)
    assertion = Assertion(
        issuer=client_id,
        subject=user,
        audience=settings.audience,
        key=settings.private_key or SecretStr(""),
        key_id=settings.certificate_alias,
    )
    bearer = JwtBearer(
        token_url,
        assertion,
        scope=settings.scope,
        client_secret=settings.client_secret,
        transport=transport,
        clock=clock,
    )
    return OAuthLogin(bearer, clock=clock)
