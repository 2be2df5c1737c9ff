"""Invoices and credit notes: looked for, posted once, read back.

Profit has no idempotency key and goes on with a message after the caller gave up, so everything is found by
creditor and number. Whether it refuses a number that it holds already depends on the journal; here it is
refused before anything is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.decision import (
    InvoiceAction,
    InvoiceKey,
    PostCreditNote,
    Posting,
    PostInvoice,
)
from tools.erp.afas import mapping, wire
from tools.erp.afas.entries import Journal, check_number, message
from tools.erp.afas.entry_lines import lines_of, recoded
from tools.erp.afas.filters import Condition, Group, Is, letter_cases
from tools.erp.afas.mapping import LONGEST_INVOICE_NUMBER
from tools.erp.afas.session import Session
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.found import compared


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


def cuts_of(number: str) -> list[str]:
    """What a longer number may have become in `InId` by hand: its first or last twelve characters."""
    text = number.strip()
    if len(text) <= LONGEST_INVOICE_NUMBER:
        return []
    return [part.strip() for part in (text[:LONGEST_INVOICE_NUMBER], text[-LONGEST_INVOICE_NUMBER:])]


def cut_groups(number: str) -> list[Group]:
    """Questions for a number that was cut by hand."""
    cases = dict.fromkeys(case for part in cuts_of(number) for case in letter_cases(part))
    return [(Condition("InId", Is.EQUAL, case),) for case in cases]


def _is_cut(text: str, number: str) -> bool:
    return text.strip().casefold() in (part.casefold() for part in cuts_of(number))


class Invoices:
    """Carries out one action after the other. Every read is fresh."""

    def __init__(self, session: Session, setup: mapping.Setup, ledger: Ledger) -> None:
        self._session = session
        self._setup = setup
        self._ledger = ledger

    async def held(self, key: InvoiceKey) -> list[wire.InvoiceRow]:
        """Documents of this creditor and type under this number, whatever their date. Raises OutcomeUnknown
        when there is none, but one that may be it under a number that was cut by hand."""
        groups = [*number_groups(key.number), *cut_groups(key.number)]
        rows = await self._session.where(wire.InvoiceRow, groups, "find")
        own = [row for row in rows if self._is_of(row, key)]
        found = [row for row in own if key.number.strip().casefold() in mapping.numbers_of(row)]
        cut = [row for row in own if _may_be(row, key.number)]
        if cut and not found:
            entries = ", ".join(sorted(f"{row.journal}-{row.entry} ({row.invoice_id})" for row in cut))
            raise OutcomeUnknown(
                f"AFAS holds {entries} of creditor {key.supplier_id}, which may be {key.number} with its "
                "number cut by hand: a person must compare them, and enter this one by hand if it is new"
            )
        return found

    def _is_of(self, row: wire.InvoiceRow, key: InvoiceKey) -> bool:
        return (
            row.administration == self._session.administration
            and row.creditor.casefold() == key.supplier_id.casefold()
            and mapping.document_type(row) is key.document_type
        )

    async def find(self, key: InvoiceKey) -> Posting | None:
        row = await self._standing(key)
        return None if row is None else mapping.posting(row, self._setup)

    async def standing(self, action: PostInvoice | PostCreditNote) -> Posting | None:
        """What `find` finds, with what its lines say otherwise than `action` where Profit shows them."""
        row = await self._standing(action.invoice_key)
        if row is None:
            return None

        async def compare() -> str | None:
            lines = await lines_of(self._session, row)
            if lines is None:
                return None
            wanted = message(action, await self._journal(action))
            return recoded(lines, wanted, foreign=action.currency != self._setup.currency)

        return await compared(mapping.posting(row, self._setup), action, compare)

    async def _standing(self, key: InvoiceKey) -> wire.InvoiceRow | None:
        rows = [row for row in await self.held(key) if row.document_date == key.invoice_date]
        return self._only(rows, key.number)

    def _only(self, rows: Sequence[wire.InvoiceRow], number: str) -> wire.InvoiceRow | None:
        if len(rows) > 1:
            entries = ", ".join(sorted(f"{row.journal}-{row.entry}" for row in rows))
            raise OutcomeUnknown(
                f"AFAS holds {len(rows)} documents under number {number}: {entries}; which one is meant must "
                "be decided by a person"
            )
        return rows[0] if rows else None

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
        own = await self.entries(posted_number, creditor)
        if len(own) != 1:
            told = "no" if not own else "more than one"
            raise ErpRejected(f"AFAS holds {told} invoice of creditor {creditor} under entry {posted_number}")
        return own[0]

    async def entries(self, posted_number: str, creditor: str) -> list[wire.InvoiceRow]:
        """Documents of the creditor under the number of an entry."""
        numbers = [posted_number] if posted_number.isascii() and posted_number.isdigit() else []
        rows = await self._session.by(wire.InvoiceRow, "EnNo", numbers, "invoice")
        return [
            row
            for row in rows
            if row.administration == self._session.administration
            and row.creditor.casefold() == creditor.casefold()
        ]

    async def check_number_alone(self, row: wire.InvoiceRow) -> None:
        """Raises ErpRejected where creditor and invoice number do not name this document and no other:
        `FiInvoice` and dossier items know nothing else."""
        number = row.invoice_id.strip()
        if not number:
            raise ErpRejected(f"entry {row.entry} has no invoice number in AFAS to name it by", field="InId")
        groups = [
            (Condition("CrId", Is.EQUAL, row.creditor), Condition("InId", Is.EQUAL, case))
            for case in letter_cases(row.invoice_id)
        ]
        rows = await self._session.where(wire.InvoiceRow, groups, "invoice number")
        same = {
            (each.journal, each.entry)
            for each in rows
            if each.administration == row.administration
            and each.creditor.casefold() == row.creditor.casefold()
            and each.invoice_id.strip().casefold() == number.casefold()
        }
        if same != {(row.journal, row.entry)}:
            others = ", ".join(f"{journal}-{entry}" for journal, entry in sorted(same)) or "none"
            raise ErpRejected(
                f"invoice number {number} of creditor {row.creditor} names not only entry {row.entry} in "
                f"AFAS (found: {others}); do it there by hand",
                field="InId",
            )


def _may_be(row: wire.InvoiceRow, number: str) -> bool:
    """Whether `InId` may be `number` cut by hand. It is another document's where a field keeps that one's
    whole number."""
    theirs = any(_is_cut(row.invoice_id, whole) for whole in (row.reference, row.voucher))
    return _is_cut(row.invoice_id, number) and not theirs


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
