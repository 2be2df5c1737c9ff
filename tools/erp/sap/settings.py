"""Where the company is, how we log in, and what SAP's services do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from tools.domain.money import Exact
from tools.erp.basic_login import BasicLogin
from tools.erp.http import Login
from tools.erp.oauth import ClientCredentials, OAuthLogin
from tools.erp.pacing import Clock


class TaxCode(BaseModel):
    """What the services do not tell of a tax code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None
    """What policies and lists call it, where that is not SAP's own two characters."""
    rate: Exact | None = None
    """Percent."""
    charged: bool = True
    """False: we assess the tax ourselves (reverse charge), the supplier charges none."""


class Settings(BaseModel):
    """`company` is the company id of our records; `company_code` is SAP's, where it is another one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: str
    company_code: str | None = Field(default=None, max_length=4)
    base_url: str
    """`https://my300000-api.s4hana.cloud.sap`."""
    client: str | None = None
    """`sap-client`, on-premises only."""
    token_url: str | None = None
    """OAuth token endpoint of XSUAA or of the system itself; absent: user and password."""
    client_id: str | None = None
    client_secret: SecretStr | None = None
    client_in_header: bool = False
    """The token endpoint wants the client by basic authentication."""
    user: str | None = None
    """Communication user."""
    password: SecretStr | None = None
    ca_file: str | None = None
    """Certificates to trust instead of the usual ones, for a proxy that opens TLS."""
    timeout: float = 300.0
    concurrent: int = Field(default=4, ge=1, le=20)
    batch_operations: int = Field(default=50, ge=1, le=50)
    page_size: int = Field(default=1000, ge=1, le=5000)
    time_zone: str = "UTC"
    """Of the SAP system: in it material documents note when they were made."""
    language: str = Field(default="EN", min_length=2, max_length=2)
    purchasing_organization: str | None = None
    """For reading a supplier's currency and for creating orders."""
    purchasing_group: str | None = None
    plant: str | None = None
    """For orders that are created."""
    material_group: str | None = None
    cost_center: str | None = None
    """For lines without material of orders that are created."""
    controlling_area: str | None = None
    """Absent: the company code's own."""
    tax_codes: Mapping[str, TaxCode] = Field(default_factory=dict)
    """SAP's code -> name and rate."""
    units: Mapping[str, str] = Field(default_factory=dict)
    """SAP's unit -> UN/ECE Rec. 20 code, where the usual reading is wrong or missing."""
    payment_blocks: Mapping[str, str] = Field(default_factory=dict)
    """Reason codes of our policies -> SAP's payment block; others are SAP's own character."""
    direct_accounts: frozenset[str] = frozenset()
    """Accounts that may be posted to although they are no primary costs."""
    reversal_reason: str = Field(default="01", min_length=2, max_length=2)
    order_type: str = "NB"

    @model_validator(mode="after")
    def _one_login(self) -> Settings:
        by_token = (
            self.token_url is not None and self.client_id is not None and self.client_secret is not None
        )
        by_password = self.user is not None and self.password is not None
        if by_token is by_password:
            raise ValueError("give either token_url, client_id and client_secret, or user and password")
        if self.client is not None and not self.client.isdigit():
            raise ValueError("client is a number of three digits")
        ZoneInfo(self.time_zone)
        return self

    @property
    def code(self) -> str:
        return self.company_code or self.company

    def tax_name(self, code: str) -> str | None:
        """What we call SAP's tax code; None for none."""
        known = self.tax_codes.get(code)
        return (code or None) if known is None or known.name is None else known.name

    def tax_rate(self, code: str) -> Decimal | None:
        known = self.tax_codes.get(code)
        return None if known is None else known.rate

    def tax_code(self, name: str) -> str:
        """SAP's code for one of ours."""
        return next((code for code, told in self.tax_codes.items() if told.name == name), name)

    def payment_block(self, reason: str) -> str:
        return self.payment_blocks.get(reason, reason)


def login_of(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None, clock: Clock | None
) -> tuple[Login, OAuthLogin | None]:
    """The login and, where it has a connection of its own, what is to be closed."""
    if settings.token_url is None:
        return BasicLogin(settings.user or "", settings.password or SecretStr("")), None
    flow = ClientCredentials(
        settings.token_url,
        client_id=settings.client_id or "",
        client_secret=settings.client_secret or SecretStr(""),
        in_header=settings.client_in_header,
        transport=transport,
        clock=clock,
    )
    login = OAuthLogin(flow, clock=clock)
    return login, login
