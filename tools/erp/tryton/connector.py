"""Tryton 8.0 over JSON-RPC: its settings, and how a connection to one company is made."""

from __future__ import annotations

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tools.erp.contract import Erp
from tools.erp.http import HttpClient
from tools.erp.pacing import Clock, Limits
from tools.erp.tryton.company import Tryton
from tools.erp.tryton.session import SessionLogin

KIND = "tryton"


class Settings(BaseModel):
    """Where the company is and how we log in. `company` is the name, or the code, of the company's party."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    """For example https://tryton.example:8000."""
    database: str
    company: str
    user: str
    password: SecretStr
    ca_file: str | None = None
    timeout: float = 120.0
    concurrent: int = Field(default=4, ge=1, le=32)
    page_size: int = Field(default=500, ge=1, le=10000)
    price_digits: int = Field(default=4, ge=2, le=8)
    """Decimals of prices: `price_decimal` in section `product` of Tryton's configuration."""
    payment_block_category: str | None = None
    """Party category that means 'post, but do not pay'; Tryton has no field for it."""
    hold_module: bool = True
    """Holds by the module of `extension/`, where the server has it. False: by notes, and nobody names it."""


def connect(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None, clock: Clock | None = None
) -> Erp:
    """Nothing is sent before the first read or write. Raises ValueError for an address without TLS."""
    address = f"{settings.base_url.rstrip('/')}/{settings.database}"
    login = SessionLogin(
        address,
        user=settings.user,
        password=settings.password,
        transport=transport,
        clock=clock,
        ca_file=settings.ca_file,
    )
    http = HttpClient(
        address,
        name="Tryton",
        setting="base_url and database",
        login=login,
        limits=Limits(concurrent=settings.concurrent),
        transport=transport,
        clock=clock,
        timeout=settings.timeout,
        ca_file=settings.ca_file,
    )
    return Tryton(
        settings.company,
        http,
        login,
        page_size=settings.page_size,
        price_digits=settings.price_digits,
        payment_block=settings.payment_block_category,
        hold_module=settings.hold_module,
    )
