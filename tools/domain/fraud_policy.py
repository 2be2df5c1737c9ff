"""What a company looks at twice: rules against fraud, with a name and a version like every policy."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator

from tools.domain.identifiers import PersonId, compact
from tools.domain.money import Exact
from tools.domain.record import Record


class FirstInvoice(StrEnum):
    """Which first invoices of a supplier a reviewer is told of."""

    ALWAYS = "always"
    WITHOUT_ORDER = "without_order"
    """Not those that are matched with an order of ours."""
    NEVER = "never"


class NewSender(StrEnum):
    """What becomes of a document whose mail came from an address that is not on file for its supplier, where
    one is on file."""

    STOP = "stop"
    """A person verifies it on a channel known before: confirms the domain for the supplier, or answers."""
    WARN = "warn"
    """It is shown beside the proposal."""


class FraudPolicy(Record):
    """Rules and lists of the fraud controls; `[policy.fraud]` in the settings."""

    name: str = "default"
    version: str = "1"
    own_domains: frozenset[str] = frozenset()
    """Mail domains of our own staff: what colleagues forward is no forgery, once our mail server says that it
    is theirs."""
    trusted_authserv: frozenset[str] = frozenset()
    """Names (authserv-id, RFC 8601) under which our own mail server writes Authentication-Results. Without
    one, no such header is believed: whoever sends a mail can write it. With one, a mail that it did not
    confirm is pointed out, also under an address of our own."""
    employee_accounts: frozenset[str] = Field(default=frozenset(), repr=False)
    """Bank accounts of employees, from payroll; no supplier may be paid on one."""
    account_keepers: frozenset[PersonId] = frozenset()
    """Who may load, call back for and activate accounts; empty: everybody the approval policy names."""
    cooling_off: timedelta = timedelta(0)
    """Wait between the activation of a changed account and the first posting under it."""
    new_account: timedelta = timedelta(days=30)
    """How long after its activation an account is pointed out to the approver."""
    printed_number_refused: bool = True
    """Whether a call-back number is refused for standing on the document even where the ERP's master data
    holds the same number."""
    new_sender: NewSender = NewSender.STOP
    """Documents that came by mail from a domain that nobody confirmed for the supplier and that is not in
    its master data."""
    first_invoice: FirstInvoice = FirstInvoice.ALWAYS
    near_limit_percent: Exact = Field(default=Decimal(5), ge=0, le=100)
    """Width of the band below each approval limit; zero turns the rule off."""
    round_amount: Exact = Field(default=Decimal(1000), ge=0)
    """Totals that are a multiple of this are pointed out; zero turns the rule off."""
    split_days: int = Field(default=14, ge=0)
    """Documents of one supplier this many days apart or less may be one purchase."""
    weekend_days: frozenset[Annotated[int, Field(ge=0, le=6)]] = frozenset({5, 6})
    """Days without work, Monday is 0; empty turns the rule off."""
    sequential_count: int = Field(default=3, ge=0)
    """So many consecutive numbers, as from a firm that bills nobody but us; below 2 turns the rule off."""
    sequential_days: int = Field(default=14, ge=0)
    """Over at least this many days: what is sent in one go is numbered in one go."""

    @field_validator("employee_accounts")
    @classmethod
    def _compact(cls, accounts: frozenset[str]) -> frozenset[str]:
        return frozenset(map(compact, accounts))

    @field_validator("own_domains", "trusted_authserv")
    @classmethod
    def _small(cls, names: frozenset[str]) -> frozenset[str]:
        return frozenset(name.strip().casefold().removeprefix("@") for name in names)

    @field_validator("own_domains", "trusted_authserv")
    @classmethod
    def _are_names(cls, names: frozenset[str]) -> frozenset[str]:
        if odd := sorted(name for name in names if "*" in name or not name):
            raise ValueError(f"“{odd[0]}” names nothing: a star fits no name here; write each name out")
        return names

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"
