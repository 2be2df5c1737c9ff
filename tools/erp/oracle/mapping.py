"""Oracle ↔ domain. Pure. Every sign, rounding and date rule of this ERP stands here.

- Amounts of credit memos are negative in Oracle and positive with us.
- An invoice is posted when it is validated without holds, or when accounting has begun. Created is not
  validated: such an invoice, and one that needs revalidation, is a draft to us.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tools.domain.decision import Posting, PostingState
from tools.domain.documents import DocumentType, OpenItem
from tools.domain.identifiers import CompanyId, SupplierId
from tools.domain.money import Money, total
from tools.domain.supplier import BankAccount, Supplier, SupplierBlock
from tools.domain.units import UnitMismatch, factor, unit_code
from tools.erp.contract import PostingWindow
from tools.erp.oracle import wire

CREDITS = frozenset({"credit memo", "debit memo"})
_BEGUN = frozenset(
    {"accounted", "processed", "partially accounted", "partially processed", "final accounted"}
)
"""Accounting statuses that mean an entry in the ledger; every other one does not count as one."""
_OPEN_PERIOD = "O"
_NO_END = 4712


@dataclass(frozen=True)
class Setup:
    """What has to be known of the company: its id with us, its ledger's currency, its own unit codes
    (Oracle's code -> Rec. 20 code) where they differ from what `unit_code` reads."""

    company: CompanyId
    currency: str
    units: Mapping[str, str]

    def unit(self, code: str, name: str = "") -> str:
        return self.units.get(code) or unit_code(code) or unit_code(name) or code or "C62"

    def own_unit(self, rec20: str) -> str | None:
        """Oracle's code for a Rec. 20 code, or for one that counts exactly the same, where the settings name
        one: which codes a company has, no resource that is read here tells."""
        same = [code for code, known in self.units.items() if known == rec20]
        return min(
            same or [code for code, known in self.units.items() if _is_same(rec20, known)], default=None
        )


def _is_same(left: str, right: str) -> bool:
    try:
        return factor(left, right) == 1
    except UnitMismatch:
        return False


def digest(*values: str) -> str:
    """One version for everything that was read of a record."""
    return hashlib.sha256("\n".join(values).encode()).hexdigest()[:24]


def active_sites(row: wire.Supplier) -> list[wire.Site]:
    """Sites that invoices may be entered for: active, and a pay site where the purposes are told."""
    active = [site for site in row.sites if site.status.upper() in ("", "ACTIVE")]
    return [site for site in active if site.site_purpose_pay_flag] or active


def is_masked(iban: str) -> bool:
    """Whether Oracle shows only a part of the number: `XXXXXXXXXXXXXX4301`."""
    return not (iban[:2].isalpha() and iban[2:4].isdigit() and iban.isalnum()) or iban[:2] == "XX"


def bank_accounts(rows: Iterable[wire.SupplierAccount]) -> tuple[BankAccount, ...]:
    """The IBANs of accounts in use. One that is shown in part, or that was given an end, is left out: then
    nobody takes an invoice's account for known that may not be. 4712 is Oracle's word for no end."""
    kept = [row for row in rows if row.end_date is None or row.end_date.year >= _NO_END]
    ibans = [row.iban.replace(" ", "").upper() for row in kept]
    return tuple(
        BankAccount(iban=iban, verified_by="master data") for iban in ibans if iban and not is_masked(iban)
    )


def supplier(row: wire.Supplier, setup: Setup, accounts: Iterable[wire.SupplierAccount] = ()) -> Supplier:
    """The version changes with anything that is read here, and with Oracle's own stamps."""
    sites, held = active_sites(row), list(accounts)
    site = sites[0] if sites else wire.Site()
    addresses = [each for each in row.addresses if each.status.upper() in ("", "ACTIVE")] or [wire.Address()]
    home = next((each for each in addresses if each.address_name == site.supplier_address_name), addresses[0])
    street = ", ".join(part for part in (home.address_line1, home.address_line2) if part)
    currency = site.invoice_currency_code
    return Supplier(
        supplier_id=SupplierId(row.supplier_number),
        name=row.supplier,
        vat_id=row.tax_registration_number or None,
        street=street or None,
        city=home.city or None,
        postcode=home.postal_code or None,
        country=home.country_code or None,
        email=site.email or home.email or None,
        currency=None if currency in ("", setup.currency) else currency,
        block=_block(row, sites),
        bank_accounts=bank_accounts(held),
        version=digest(row.model_dump_json(), *(account.model_dump_json() for account in held)),
    )


def _block(row: wire.Supplier, sites: list[wire.Site]) -> SupplierBlock:
    """An inactive supplier takes no invoice, nor does one that is only prospective. A site on which all
    invoices are held stops payment alone."""
    if row.status.upper() not in ("", "ACTIVE") or row.business_relationship_code.upper() == "PROSPECTIVE":
        return SupplierBlock.ALL
    if any(site.hold_all_invoices_flag for site in sites):
        return SupplierBlock.PAYMENT
    return SupplierBlock.NONE


def is_credit(row: wire.Invoice) -> bool:
    return row.invoice_type.casefold() in CREDITS


def state_of(row: wire.Invoice) -> PostingState:
    """A status nobody knows counts as a draft: then nothing is taken for posted that may not be."""
    status = row.validation_status.casefold()
    if row.canceled_flag or status in ("canceled", "cancelled"):
        return PostingState.CANCELLED
    if row.paid_status.casefold() == "paid":
        return PostingState.PAID
    if status == "validated" or row.accounting_status.casefold() in _BEGUN:
        return PostingState.POSTED
    return PostingState.DRAFT


def number_of(row: wire.Invoice) -> str:
    """The voucher number where the business unit numbers vouchers, else the supplier's own number, by which
    people find an invoice in Oracle."""
    return row.voucher_number or row.invoice_number


def amounts(row: wire.Invoice) -> tuple[Money, Money, Money]:
    """Net, tax and gross, all positive. Tax lines come with validation; before it the tax is what the
    supplier charges as it was entered, else what the lines leave of the total."""
    sign = -1 if is_credit(row) else 1
    lines = [line for line in row.invoice_lines if not line.discarded_flag]
    taxes = [line.line_amount for line in lines if line.line_type.casefold() == "tax"]
    net = sum((line.line_amount for line in lines if line.line_type.casefold() != "tax"), Decimal(0))
    tax = sum(taxes, Decimal(0))
    if not taxes and state_of(row) is PostingState.DRAFT:
        tax = row.control_amount if row.control_amount is not None else row.invoice_amount - net
    found = [Money(amount=sign * value, currency=row.invoice_currency) for value in (net, tax)]
    return found[0], found[1], Money(amount=sign * row.invoice_amount, currency=row.invoice_currency)


def posting(row: wire.Invoice) -> Posting:
    net, tax, gross = amounts(row)
    return Posting(
        erp_id=row.invoice_id,
        number=number_of(row),
        state=state_of(row),
        supplier_id=SupplierId(row.supplier_number),
        document_type=DocumentType.CREDIT_NOTE if is_credit(row) else DocumentType.INVOICE,
        supplier_number=row.invoice_number,
        invoice_date=row.invoice_date,
        posting_date=row.accounting_date,
        net=net,
        tax=tax,
        gross=gross,
        reference=standing(row),
        version=row.version or row.last_update_date,
    )


def standing(row: wire.Invoice) -> str:
    """Where the invoice stands in Oracle's own words: validated is not accounted, and neither is paid."""
    words = {
        "": row.validation_status,
        "accounting ": row.accounting_status,
        "approval ": row.approval_status,
        "payment ": row.paid_status,
    }
    return ", ".join(f"{name}{word}" for name, word in words.items() if word)


def open_item(row: wire.OpenInvoice) -> OpenItem:
    """The oldest due date of what is not paid."""
    sign = -1 if is_credit(row) else 1
    gross = amounts(row)[2]
    open_parts = [part for part in row.invoice_installments if part.unpaid_amount]
    unpaid = [
        Money(amount=part.unpaid_amount or Decimal(0), currency=row.invoice_currency) for part in open_parts
    ]
    return OpenItem(
        supplier_id=SupplierId(row.supplier_number),
        document_number=number_of(row),
        supplier_invoice_number=row.invoice_number,
        document_date=row.invoice_date,
        due_date=min((part.due_date for part in open_parts if part.due_date), default=None),
        amount=gross if sign == 1 else -gross,
        remaining=total(unpaid, row.invoice_currency) if row.invoice_installments else None,
    )


def posting_window(periods: Iterable[wire.Period]) -> PostingWindow:
    """From the first day of the earliest open period of Payables to the last day of the latest one."""
    found = [row for row in periods if row.closing_status.upper() == _OPEN_PERIOD]
    return PostingWindow(
        first_open=min((row.start_date for row in found if row.start_date), default=None),
        last_open=max((row.end_date for row in found if row.end_date), default=None),
    )
