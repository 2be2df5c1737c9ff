"""Writing to Oracle: look, create, validate, read back what came of it.

An invoice that was created is an unvalidated document without ledger effect. `validateInvoice` makes it
count, and answers "successfully" also when it placed holds; so the status and the holds are read, and only
they decide. An invoice with holds stays where it is: its number is taken, and people settle holds in Oracle.
Once it is created, nothing is told as refused or not sent before a hold of ours is seen on it: the scheduled
validation takes whatever bears none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.domain.decision import InvoiceAction, InvoiceKey, Posting, PostingState
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    OutcomeUnknown,
)
from tools.erp.found import compared
from tools.erp.oracle import mapping, wire
from tools.erp.oracle.comparing import unlike
from tools.erp.oracle.context import Context, House
from tools.erp.oracle.documents import Billed, body_of, type_of
from tools.erp.oracle.holds import Holds
from tools.erp.oracle.mapping import Setup
from tools.erp.oracle.query import equal, queries_for, queries_in_any_case
from tools.erp.oracle.session import Part, Session, seen, there

_NOT_DONE = (ErpRejected, ErpChanged, ErpAccessDenied, ErpUnavailable)


class Desk:
    """Looks up, parks, posts and cancels invoices and credit memos of one business unit."""

    def __init__(self, session: Session, context: Context, holds: Holds, house: House, setup: Setup) -> None:
        self._session = session
        self._context = context
        self._holds = holds
        self._house = house
        self._setup = setup

    async def held(self, key: InvoiceKey) -> list[wire.Invoice]:
        """Everything of this supplier under this number, whatever type and date: Oracle gives a number of a
        supplier once."""
        also = equal(BusinessUnit=self._house.business_unit)
        queries = queries_in_any_case(wire.Invoice, "InvoiceNumber", [key.number.strip()], also=also)
        rows = await self._session.read(wire.Invoice, queries, operation="find")
        return [row for row in rows if _names(row) == (key.supplier_id, key.number.strip().casefold())]

    async def _vouchers(self, number: str, supplier_id: str) -> list[wire.Invoice]:
        """Asked by number, told apart by supplier here: fewer attributes need to be queryable."""
        also = equal(BusinessUnit=self._house.business_unit)
        queries = queries_for(wire.Invoice, "VoucherNumber", [number], also=also)
        rows = await self._session.read(wire.Invoice, queries, operation="invoice")
        return [row for row in rows if row.supplier_number == supplier_id]

    async def _invoices(self, number: str, supplier_id: str) -> list[wire.Invoice]:
        """Under the supplier's own number in whatever letter case; one that is written exactly so is it."""
        also = equal(BusinessUnit=self._house.business_unit)
        queries = queries_in_any_case(wire.Invoice, "InvoiceNumber", [number.strip()], also=also)
        rows = await self._session.read(wire.Invoice, queries, operation="invoice")
        wanted = (supplier_id, number.strip().casefold())
        found = [row for row in rows if _names(row) == wanted]
        return [row for row in found if row.invoice_number == number] or found

    async def find(self, key: InvoiceKey) -> wire.Invoice | None:
        """The finished document under this identity, else the unvalidated one. Canceled ones are not it."""
        rows = [row for row in await self.held(key) if _is_meant(row, key)]
        alive = [row for row in rows if mapping.state_of(row) is not PostingState.CANCELLED]
        finished = [row for row in alive if mapping.state_of(row) is not PostingState.DRAFT]
        candidates = finished or alive
        if len(candidates) > 1:
            raise OutcomeUnknown(
                f"Oracle holds {len(candidates)} invoices under number {key.number} of supplier "
                f"{key.supplier_id}; which one is meant must be decided by a person"
            )
        return candidates[0] if candidates else None

    async def standing(self, action: InvoiceAction, key: InvoiceKey) -> Posting | None:
        """What `find` finds, with what it says otherwise than `action`."""
        row = await self.find(key)
        if row is None:
            return None

        async def compare() -> str | None:
            billed = await self._context.billed(action)
            return unlike(row, body_of(action, billed, self._house.chart, self._setup))

        return await compared(mapping.posting(row), action, compare)

    async def park(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        """Create the invoice and its hold in one batch: both or neither."""
        billed = await self._context.billed(action)
        body = body_of(action, billed, self._house.chart, self._setup)
        row = await self._left_behind(body, key)
        if row is None:
            hold = self._holds.body(action.number, billed.supplier, self._house.park_hold, "parked")
            parts = [Part("invoices", "create", body), Part("invoiceHolds", "create", hold)]
            await self._session.batch_write(parts, operation="park")
        elif not await self._holds.active(row.invoice_id, self._house.park_hold):
            await self._holds.place(row, self._house.park_hold)
        row = await self._read_back(key, "parked")
        held = self._holds.active(row.invoice_id, self._house.park_hold)
        if not await seen(held, f"invoice {key.number} was parked"):
            raise OutcomeUnknown(
                f"invoice {key.number} was created and its hold cannot be seen; look at it in Oracle"
            )
        return mapping.posting(row)

    async def post(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        """Create and validate. An unvalidated invoice of exactly this content is taken up; the hold that
        parking placed on it is released first."""
        billed = await self._context.billed(action)
        body = body_of(action, billed, self._house.chart, self._setup)
        row = await self._left_behind(body, key)
        if row is None:
            await self._session.change("POST", "invoices", operation="create invoice", body=body)
        try:
            if row is not None:
                await self._holds.release_all(row.invoice_id, self._house.park_hold)
            await self._validate(action.number, billed)
        except _NOT_DONE as error:
            return await self._secured(key, _refusal(error) if row is None else error)
        row = await self._read_back(key, "validated")
        if mapping.state_of(row) is not PostingState.DRAFT:
            return mapping.posting(row)
        return await self._secured(key, await self._not_posted(row))

    async def _validate(self, number: str, billed: Billed) -> None:
        body = {"ProcessAction": "Validate", **self._named(number, billed.supplier)}
        await self._session.act("invoices/action/validateInvoice", body, operation="validate")

    async def _secured(self, key: InvoiceKey, refusal: ErpError) -> Posting:
        """Raises `refusal` once our hold is seen on the invoice. Without one the scheduled validation of
        Payables would post it later, after we said that it is not posted. Returns the posting when that has
        happened already; raises OutcomeUnknown when the invoice or the hold cannot be seen."""
        name = self._house.park_hold
        try:
            row = await self._read_back(key, "created")
            if mapping.state_of(row) is not PostingState.DRAFT:
                return mapping.posting(row)
            await self._holds.keep(row, name, "not posted")
            row = await self._read_back(key, "put on hold")
        except OutcomeUnknown as error:
            raise OutcomeUnknown(f"{refusal}; {error}", detail=refusal.detail) from error
        if mapping.state_of(row) is PostingState.DRAFT:
            refusal.args = (f"{refusal}; invoice {key.number} stands in Oracle on hold: {name}",)
            raise refusal
        release = self._holds.release_all(row.invoice_id, name)
        await seen(release, f"invoice {key.number} was posted and bears our hold {name}")
        return mapping.posting(row)

    async def _not_posted(self, row: wire.Invoice) -> ErpRejected:
        """Why validation did not post: the holds it placed, in Oracle's words."""
        holds = await seen(self._holds.active(row.invoice_id), f"invoice {row.invoice_number} was validated")
        told = "; ".join(f"{hold.hold_name}: {hold.hold_reason}".removesuffix(": ") for hold in holds)
        status = row.validation_status or "not validated"
        return ErpRejected(
            f"Oracle keeps invoice {row.invoice_number} and did not post it ({status}); "
            + (f"it placed holds: {told}" if told else "it names no hold")
            + "; settle them in Oracle, then post again",
            detail=f"InvoiceId {row.invoice_id}: {mapping.standing(row)}",
        )

    async def cancel(self, row: wire.Invoice) -> wire.Invoice:
        """Oracle's own reversal. A success that left the invoice as it was is told as a refusal."""
        body = self._named(row.invoice_number, row.supplier)
        await self._session.act("invoices/action/cancelInvoice", body, operation="cancel")
        again = there(await seen(self.by_id(row.invoice_id), "the cancellation was asked for"))
        if mapping.state_of(again) is not PostingState.CANCELLED:
            raise ErpRejected(
                f"Oracle did not cancel invoice {row.invoice_number}: it is {mapping.standing(again)}"
            )
        return again

    def _named(self, number: str, supplier: str) -> dict[str, str]:
        """Actions name an invoice by what people know it by."""
        return {"BusinessUnit": self._house.business_unit, "Supplier": supplier, "InvoiceNumber": number}

    async def _left_behind(self, body: Mapping[str, Any], key: InvoiceKey) -> wire.Invoice | None:
        """The unvalidated invoice that an attempt left, or parking. Raises ErpRejected when anything else
        stands under the number: Oracle takes a number of a supplier once, canceled ones too."""
        rows = await self.held(key)
        if not rows:
            return None
        told = ", ".join(sorted(f"{mapping.number_of(row)} ({mapping.state_of(row)})" for row in rows))
        if len(rows) == 1 and mapping.state_of(rows[0]) is PostingState.DRAFT:
            if (difference := unlike(rows[0], body)) is None:
                return rows[0]
            told = f"{told}: {difference}"
        raise ErpRejected(
            f"number {key.number} of supplier {key.supplier_id} already exists in Oracle, and it is not the "
            f"invoice approved here: {told}",
            field="InvoiceNumber",
        )

    async def _read_back(self, key: InvoiceKey, done: str) -> wire.Invoice:
        return there(await seen(self.find(key), f"invoice {key.number} was {done}"))

    async def by_id(self, invoice_id: str) -> wire.Invoice | None:
        queries = queries_for(wire.Invoice, "InvoiceId", [invoice_id], numeric=True)
        rows = await self._session.read(wire.Invoice, queries, operation="invoice")
        return rows[0] if rows else None

    async def numbered(self, supplier_id: str, number: str) -> wire.Invoice:
        """The invoice that people know by `number`: its voucher number, or the supplier's own. Raises
        ErpRejected when there is none, or when it could be several."""
        for look in (self._vouchers, self._invoices):
            rows = await look(number, supplier_id)
            if len(rows) == 1:
                return rows[0]
            if rows:
                raise ErpRejected(f"{number} of supplier {supplier_id} stands for several invoices in Oracle")
        raise ErpRejected(f"Oracle shows our login no invoice {number} of supplier {supplier_id}")


def _refusal(error: ErpError) -> ErpError:
    """An invoice that was created is not 'nothing happened', whatever its validation met."""
    return ErpRejected(str(error), detail=error.detail) if isinstance(error, ErpUnavailable) else error


def _names(row: wire.Invoice) -> tuple[str, str]:
    return row.supplier_number, row.invoice_number.strip().casefold()


def _is_meant(row: wire.Invoice, key: InvoiceKey) -> bool:
    is_type = mapping.is_credit(row) == (type_of(key.document_type) == "Credit memo")
    return is_type and row.invoice_date == key.invoice_date
