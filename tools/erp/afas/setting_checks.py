"""Whether what the settings name is there in Profit, and whether the customer's own GetConnectors tell what
they should."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tools.erp.afas import wire
from tools.erp.afas.filters import Condition, Is
from tools.erp.afas.session import Session
from tools.erp.afas.settings import Settings

_FEW = 5
"""Invoices from which on their signs say something."""


async def setting_faults(session: Session, settings: Settings) -> list[str]:
    """A sentence each. Raises ErpError when Profit cannot be asked."""
    own = Condition("UnId", Is.EQUAL, str(settings.administration))
    query = session.query(wire.InvoiceRow, (own,))
    administrations, journals, accounts, codes, invoices = await asyncio.gather(
        session.all(wire.Administration, "administrations"),
        session.all(wire.JournalRow, "journals"),
        session.all(wire.Account, "accounts"),
        session.all(wire.VatCode, "VAT codes"),
        session.first(wire.InvoiceRow, query, "invoices", 20),
    )
    if settings.administration not in {row.number for row in administrations}:
        return [f"AFAS has no administration {settings.administration}"]
    return [
        *_journal(settings, journals),
        *_account(settings, accounts),
        *_codes(settings, codes),
        *_signs(invoices),
    ]


def _journal(settings: Settings, journals: Sequence[wire.JournalRow]) -> list[str]:
    for row in journals:
        if (row.administration, row.code) == (settings.administration, settings.journal):
            return [f"journal {settings.journal} is blocked in AFAS"] if row.blocked else []
    return [f"administration {settings.administration} has no journal {settings.journal} in AFAS"]


def _account(settings: Settings, accounts: Sequence[wire.Account]) -> list[str]:
    number = settings.received_account
    if number is None:
        return ["no received_account is set: an invoice line that bills an order needs an account of its own"]
    for row in accounts:
        if row.number == number:
            return [f"received_account {number} is blocked in AFAS"] if row.blocked else []
    return [f"AFAS has no account {number}, which received_account names"]


def _codes(settings: Settings, codes: Sequence[wire.VatCode]) -> list[str]:
    known = {row.code for row in codes if not row.blocked}
    lacks = sorted(set(settings.vat_groups.values()) - known)
    return [f"AFAS has no VAT codes {', '.join(lacks)}, which vat_groups names"] if lacks else []


def _signs(invoices: Sequence[wire.InvoiceRow]) -> list[str]:
    credits = sum(row.amount < 0 for row in invoices)
    if len(invoices) < _FEW or credits * 2 <= len(invoices):
        return []
    return [
        f"{credits} of {len(invoices)} invoices of {wire.InvoiceRow.connector} are negative: its amounts "
        "must be positive for invoices and negative for credit notes"
    ]
