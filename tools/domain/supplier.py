"""Supplier master data as read from the ERP, and candidates of a search in it. Never written by us."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tools.domain.documents import Record
from tools.domain.identifiers import SupplierId
from tools.domain.money import Currency, Exact, Money


class SupplierBlock(StrEnum):
    """What a block in the ERP stops."""

    NONE = "none"
    PAYMENT = "payment"
    """Invoices may be posted, payments not."""
    ALL = "all"


class BankAccount(Record):
    """An account of the supplier that a person verified. Read only: nothing in this program changes one
    in the ERP."""

    iban: str
    verified_by: str | None = None
    verified_how: str | None = None
    """For example `master data`, `call-back 2026-03-02`."""


class Supplier(Record):
    supplier_id: SupplierId
    name: str
    trading_names: tuple[str, ...] = ()
    vat_id: str | None = None
    registration_id: str | None = None
    gln: str | None = None
    street: str | None = None
    city: str | None = None
    postcode: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: Currency | None = None
    """Absent: the company's own currency."""
    block: SupplierBlock = SupplierBlock.NONE
    bank_accounts: tuple[BankAccount, ...] = ()
    """Accounts in the ERP's master data; empty where the ERP does not tell them (see its README)."""
    default_account: str | None = None
    category: str | None = None
    """The ERP's group of the supplier; a policy may choose by it."""
    amount_limit: Money | None = None
    """A single invoice above it, with tax, needs a word of its own."""
    version: str = ""
    """Changes whenever the record changes in the ERP."""


class SupplierEvidence(StrEnum):
    """Why a supplier is a candidate, strongest first."""

    VAT_ID = "vat_id"
    REGISTRATION_ID = "registration_id"
    GLN = "gln"
    IBAN = "iban"
    ORDER = "order"
    SENDER = "sender"
    """Mail from a domain that a person confirmed for the supplier."""
    NAME_AND_PLACE = "name_and_place"
    NAME = "name"
    CLERK = "clerk"


class SupplierCandidate(Record):
    supplier_id: SupplierId
    name: str
    city: str | None = None
    country: str | None = None
    evidence: tuple[SupplierEvidence, ...]
    score: Exact = Field(ge=0, le=1)
    """0 to 1; 1 for an exact id."""


class SupplierChoice(Record):
    """Result of a search: `chosen` when the evidence decides, else the candidates for a person."""

    chosen: SupplierId | None = None
    candidates: tuple[SupplierCandidate, ...] = ()
    reason: str
    """One sentence for people: what decided, or why it was left open."""
