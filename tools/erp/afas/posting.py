"""Invoices and credit notes: looked for, posted once, read back; blocked for payment and released.

Profit has no idempotency key and goes on with a message after the caller gave up, so everything is found by
creditor and number. Whether it refuses a number that it holds already depends on the journal; here it is
refused before anything is sent.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.decision import (
    HoldInvoice,
    InvoiceAction,
    InvoiceKey,
    PostCreditNote,
    Posting,
    PostInvoice,
    ReleaseHold,
)
from tools.erp.afas import mapping, wire
from tools.erp.afas.entries import CREDITOR, Journal, check_number, message
from tools.erp.afas.filters import Condition, Group, Is, letter_cases
from tools.erp.afas.mapping import LONGEST_INVOICE_NUMBER
from tools.erp.afas.session import Session
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown

_REASON = re.compile(r"[A-Za-z0-9_.-]{1,30}")
_LONGEST_TEXT = 255


@dataclass(frozen=True)
class Ledger:
    """What the settings say about entries."""

    journal: str
    cost_centre_axis: int
    received_account: str | None


def number_groups(number: str) -> list[Group]:
    """One question a field and letter case: any of them may hold the supplier's number."""
    found: list[Group] = []
    for case in letter_cases(number.strip()):
        fields = ("InId", "Fref", "BpNr") if len(case) <= LONGEST_INVOICE_NUMBER else ("Fref", "BpNr")
        found += [(Condition(name, Is.EQUAL, case),) for name in fields]
    return found


def holds_of(description: str) -> list[str]:
    """The reasons we wrote into an invoice's description; see `marked`."""
    return [part.removeprefix("HOLD ") for part in description.split(" | ") if part.startswith("HOLD ")]


def marked(description: str, reasons: Sequence[str]) -> str:
    """Profit blocks a payment by a flag without a reason. The reason stands before the description, so
    that a release lifts our own block only. Raises ErpRejected when the field cannot hold it."""
    rest = [part for part in description.split(" | ") if part and not part.startswith("HOLD ")]
    text = " | ".join([*(f"HOLD {reason}" for reason in reasons), *rest])
    if len(text) > _LONGEST_TEXT:
        raise ErpRejected(
            "the invoice's description in AFAS has no room for the reason of the hold", field="Ds"
        )
    return text


class Invoices:
    """Carries out one action after the other. Every read is fresh."""

    def __init__(self, session: Session, setup: mapping.Setup, ledger: Ledger) -> None:
        self._session = session
        self._setup = setup
        self._ledger = ledger

    async def held(self, key: InvoiceKey) -> list[wire.InvoiceRow]:
        """Documents of this creditor and type under this number, whatever their date."""
        rows = await self._session.where(wire.InvoiceRow, number_groups(key.number), "find")
        return [row for row in rows if self._is_of(row, key)]

    def _is_of(self, row: wire.InvoiceRow, key: InvoiceKey) -> bool:
        return (
            row.administration == self._session.administration
            and row.creditor.casefold() == key.supplier_id.casefold()
            and mapping.document_type(row) is key.document_type
            and key.number.strip().casefold() in mapping.numbers_of(row)
        )

    async def find(self, key: InvoiceKey) -> Posting | None:
        rows = [row for row in await self.held(key) if row.document_date == key.invoice_date]
        return self._only(rows, key.number)

    def _only(self, rows: Sequence[wire.InvoiceRow], number: str) -> Posting | None:
        if len(rows) > 1:
            entries = ", ".join(sorted(f"{row.journal}-{row.entry}" for row in rows))
            raise OutcomeUnknown(
                f"AFAS holds {len(rows)} documents under number {number}: {entries}; which one is meant must "
                "be decided by a person"
            )
        return mapping.posting(rows[0], self._setup) if rows else None

    async def post(self, action: PostInvoice | PostCreditNote, key: InvoiceKey) -> Posting:
        check_number(action.number)
        rows, journal, _ = await asyncio.gather(
            self.held(key), self._journal(action), self._check_creditor(action.supplier_id)
        )
        if rows:
            entries = ", ".join(sorted(f"{row.journal}-{row.entry}" for row in rows))
            raise ErpRejected(
                f"number {key.number} of creditor {key.supplier_id} already exists in AFAS as entry {entries}"
            )
        body = message(action, journal)
        keys = await self._session.change("POST", "FiEntries", body, action.kind, lambda: self.find(key))
        return await self._posted(key, keys)

    async def _posted(self, key: InvoiceKey, keys: dict[str, Any]) -> Posting:
        """It is posted whatever happens here, so no failure may read as 'nothing happened'."""
        try:
            found = await self.find(key)
        except ErpError as error:
            told, detail = str(error), error.detail
        else:
            if found is not None:
                return found
            told, detail = "it is not in the GetConnector", ""
        entry = keys.get("EnNo", "without a number")
        raise OutcomeUnknown(f"AFAS made entry {entry}, and it could not be read back: {told}", detail=detail)

    async def _check_creditor(self, number: str) -> None:
        """What Profit says about a blocked creditor is not published, so nothing is sent for one. Raises
        ErpRejected."""
        found = await self._session.by(wire.Creditor, "CreditorId", [number], "creditor")
        if not found or found[0].blocked:
            told = "is blocked in AFAS" if found else "is not in AFAS, or blocked and hidden"
            raise ErpRejected(f"creditor {number} {told}", field="AcNr")

    async def _journal(self, action: InvoiceAction) -> Journal:
        foreign = action.currency != self._setup.currency
        own = Condition("Unit", Is.EQUAL, str(self._session.administration))
        periods, codes, rates = await asyncio.gather(
            self._session.all(wire.Period, "periods", own),
            self._session.all(wire.VatCode, "VAT codes"),
            self._session.by(wire.Rate, "CurrencyId", [action.currency] if foreign else [], "rates"),
        )
        period = mapping.period_of(periods, action.posting_date)
        if period is None:
            raise ErpRejected(f"AFAS has no period for {action.posting_date}", field="Peri")
        return Journal(
            administration=self._session.administration,
            code=self._ledger.journal,
            period=period,
            currency=self._setup.currency,
            vat_codes={code.code: code for code in sorted(codes, key=lambda code: not code.blocked)},
            rate=_rate(rates, action) if foreign else None,
            cost_centre_axis=self._ledger.cost_centre_axis,
            received_account=self._ledger.received_account,
        )

    async def invoice(self, posted_number: str, creditor: str) -> wire.InvoiceRow:
        """A document by the number of its entry. Raises ErpRejected when it is not there or not alone."""
        own = await self._entries(posted_number, creditor)
        if len(own) != 1:
            told = "no" if not own else "more than one"
            raise ErpRejected(f"AFAS holds {told} invoice of creditor {creditor} under entry {posted_number}")
        return own[0]

    async def _entries(self, posted_number: str, creditor: str) -> list[wire.InvoiceRow]:
        numbers = [posted_number] if posted_number.isascii() and posted_number.isdigit() else []
        rows = await self._session.by(wire.InvoiceRow, "EnNo", numbers, "invoice")
        return [
            row
            for row in rows
            if row.administration == self._session.administration
            and row.creditor.casefold() == creditor.casefold()
        ]

    async def find_hold(self, action: HoldInvoice | ReleaseHold) -> Posting | None:
        rows = await self._entries(action.posted_number, action.supplier_id)
        self._only(rows, action.posted_number)
        if not rows:
            return None
        held = rows[0].blocked and action.reason_code in holds_of(rows[0].description)
        return self._with_reason(rows[0], action) if held is isinstance(action, HoldInvoice) else None

    async def hold(self, action: HoldInvoice | ReleaseHold) -> Posting:
        """Raises ErpRejected for an invoice that somebody else blocked: that block is not ours to share or
        to lift."""
        if not _REASON.fullmatch(action.reason_code):
            raise ErpRejected(f"{action.reason_code} cannot stand in a description in AFAS", field="Ds")
        row = await self.invoice(action.posted_number, action.supplier_id)
        reasons = holds_of(row.description) if row.blocked else []
        if row.blocked and not reasons:
            raise ErpRejected(f"entry {row.entry} is blocked for payment in AFAS by somebody else")
        kept = [reason for reason in reasons if reason != action.reason_code]
        if isinstance(action, HoldInvoice):
            kept.append(action.reason_code)
        elif len(kept) == len(reasons):
            raise ErpRejected(f"entry {row.entry} is not on hold for {action.reason_code} in AFAS")
        fields = {
            "UnId": str(row.administration),
            "VaAd": CREDITOR,
            "DcNr": row.creditor,
            "InId": row.invoice_id,
            "BlPa": "1" if kept else "0",
            "Ds": marked(row.description, kept),
        }
        body = {"FiInvoice": {"Element": {"Fields": fields}}}
        await self._session.change("PUT", "FiInvoice", body, action.kind, lambda: self.find_hold(action))
        return self._with_reason(row, action)

    def _with_reason(self, row: wire.InvoiceRow, action: HoldInvoice | ReleaseHold) -> Posting:
        return mapping.posting(row, self._setup).model_copy(update={"reference": action.reason_code})


def _rate(rates: Sequence[wire.Rate], action: InvoiceAction) -> Decimal:
    """The last rate that starts on or before the day of posting. Raises ErpRejected without one."""
    valid = [
        each
        for each in rates
        if each.rate and (each.starting is None or each.starting <= action.posting_date)
    ]
    if not valid:
        raise ErpRejected(
            f"AFAS has no exchange rate for {action.currency} on {action.posting_date}", field="Rate"
        )
    latest = max(valid, key=lambda each: each.starting or date.min)
    return latest.rate or Decimal(1)
