"""What the fraud controls look at beside the document: gathered beforehand, like all facts."""

from __future__ import annotations

from datetime import date, datetime

from tools.domain.call_backs import CallBack
from tools.domain.identifiers import CaseId, SupplierId
from tools.domain.mail import MailFacts
from tools.domain.money import Money
from tools.domain.record import Record


class OtherDomain(Record):
    """A domain on file for another supplier that resembles the sender's or is the same."""

    domain: str
    supplier_id: SupplierId
    supplier_name: str


class EarlierInvoice(Record):
    """A document of the same supplier in another case of ours that was not sent back."""

    case_id: CaseId
    number: str
    issue_date: date | None = None
    gross: Money | None = None
    orders: tuple[str, ...] = ()
    text: str = ""
    """Words of its lines in one spelling, as `fraud_amounts.line_text` makes them."""
    posted: bool = False


class AccountHolder(Record):
    """Another supplier who has the same account on file."""

    account: str
    supplier_id: SupplierId
    supplier_name: str


class FraudFacts(Record):
    """Of one case, at one moment."""

    now: datetime
    mail: MailFacts | None = None
    domains: frozenset[str] = frozenset()
    """Domains confirmed for the supplier or in its master data."""
    addresses: frozenset[str] = frozenset()
    """Addresses in its master data: where many share a domain, only the whole address speaks."""
    others: tuple[OtherDomain, ...] = ()
    call_backs: tuple[CallBack, ...] = ()
    """Calls about any account of the supplier."""
    holders: tuple[AccountHolder, ...] = ()
    earlier: tuple[EarlierInvoice, ...] = ()
    known_before: bool = False
    """Something of this supplier was posted before, by us or as the ERP tells."""
    limits: tuple[Money, ...] = ()
    """Approval limits in force."""
