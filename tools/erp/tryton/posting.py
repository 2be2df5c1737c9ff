"""The write flow of invoices: look, draft, compare, log in again, post, read back.

Tryton accepts a second draft of the same invoice and only asks at posting; it has no idempotency key, and
its answer to `post` does not tell whether the document is posted. So every posting starts with a look and
ends with one.
"""

from __future__ import annotations

from typing import Any

from tools.domain.actions import InvoiceAction
from tools.domain.decision import InvoiceKey, Posting, PostingState
from tools.domain.documents import DocumentType
from tools.erp.errors import ErpChanged, ErpError, ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.tryton import mapping, records, wire
from tools.erp.tryton.documents import (
    body_of,
    difference,
    is_ours,
    parts_of,
    redated,
    tax_correction,
)
from tools.erp.tryton.lookup import Lookup
from tools.erp.tryton.own_drafts import OwnDrafts
from tools.erp.tryton.session import Session, SessionLogin

FRESH = 240.0
"""Seconds. Tryton posts for a session of at most 300 s by default (`[session] timeout`)."""


def same_reference(number: str) -> list[Any]:
    """A clause for a reference, letter case ignored; `%` and `_` stand for themselves."""
    escaped = number.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return ["reference", "ilike", escaped]


class Desk:
    """Carries out one posting after the other for one company. Every read is fresh."""

    def __init__(self, session: Session, login: SessionLogin, lookup: Lookup, price_digits: int) -> None:
        self._session = session
        self._login = login
        self._lookup = lookup
        self._price_digits = price_digits

    async def held(self, key: InvoiceKey) -> list[records.FullInvoice]:
        """Drafts and posted documents of this supplier under this number, with their lines."""
        domain = [
            ["type", "=", "in"],
            ["company", "=", self._lookup.setup.company_id],
            ["party.code", "=", key.supplier_id],
            same_reference(key.number),
        ]
        rows = await self._session.read(records.FullInvoice, domain, operation="find", active_test=False)
        return [row for row in rows if _is_kind(row, key)]

    async def find(self, key: InvoiceKey) -> Posting | None:
        """The finished document under this identity, else the draft. Cancelled ones are not it."""
        rows = [row for row in await self.held(key) if row.invoice_date == key.invoice_date]
        found = [mapping.posting(row) for row in rows]
        finished = [each for each in found if each.state in (PostingState.POSTED, PostingState.PAID)]
        candidates = finished or [each for each in found if each.state is PostingState.DRAFT]
        if len(candidates) > 1:
            numbers = ", ".join(sorted(each.number for each in candidates))
            raise OutcomeUnknown(
                f"Tryton holds {len(candidates)} documents under number {key.number} of supplier "
                f"{key.supplier_id}: {numbers}; which one is meant must be decided by a person"
            )
        return candidates[0] if candidates else None

    async def park(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        """A draft with exactly the approved content, made now or left by an interrupted attempt."""
        row = await self._left_behind(action, key)
        if row is None:
            row, _ = await self._draft(action)
        return mapping.posting(row)

    async def post(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        """Draft and post. When the second step is not accepted for processing (ErpUnavailable), the draft
        stays: it has no ledger effect, and the next attempt takes it up."""
        row, made_now = await self._left_behind(action, key), False
        if row is None:
            row, made_now = await self._draft(action)
        try:
            # A session that grew too old here would be refused and be dead for all other calls too.
            await self._login.freshen(FRESH)
            await self._session.change(
                "model.account.invoice.post",
                [row.id],
                operation="post",
                timestamps=_version(row.id, row.version),
            )
        except (ErpRejected, ErpChanged) as error:
            if made_now:
                await self._remove(row, error)
            raise
        return await self._posted(row)

    async def _left_behind(self, action: InvoiceAction, key: InvoiceKey) -> records.FullInvoice | None:
        """The draft an interrupted attempt left. Raises ErpRejected when anything else stands under the
        number: Tryton would ask whether it is a duplicate, and no software answers that."""
        await self._lookup.require_active(action.supplier_id)
        rows = [row for row in await self.held(key) if _state(row) is not PostingState.CANCELLED]
        posted = [row.number for row in rows if _state(row) is not PostingState.DRAFT]
        if posted:
            raise ErpRejected(
                f"number {key.number} of supplier {key.supplier_id} already exists in Tryton, "
                f"posted as {', '.join(sorted(posted))}"
            )
        parts = parts_of(action, self._price_digits)
        if not rows:
            return None
        if len(rows) == 1 and is_ours(rows[0], action, parts):
            return await self._dated(rows[0], action)
        numbers = ", ".join(sorted(mapping.posting(row).number for row in rows))
        raise ErpRejected(
            f"Tryton holds a draft under number {key.number} of supplier {key.supplier_id} that is not the "
            f"one approved here: {numbers}; post or delete it there first"
        )

    async def _dated(self, row: records.FullInvoice, action: InvoiceAction) -> records.FullInvoice:
        """The draft with the order's posting and due date; what else it says is compared again."""
        changes = redated(row, action)
        if not changes:
            return row
        await self._write(row.id, row.version, changes)
        changed = await self._again(row.id)
        if redated(changed, action) or not is_ours(changed, action, parts_of(action, self._price_digits)):
            raise ErpChanged(f"draft ({row.id}) is not the one approved here any more")
        return changed

    async def _draft(self, action: InvoiceAction) -> tuple[records.FullInvoice, bool]:
        """The draft as Tryton keeps it, and whether it is ours to delete again. A draft that Tryton made
        itself for these order lines is completed; a second one would bill them twice."""
        ledger = await self._lookup.ledger(action)
        parts = parts_of(action, self._price_digits)
        own = OwnDrafts(self._session, self._lookup.setup)
        waiting = await own.of_lines([part.origin for part in parts if part.origin is not None])
        plan = own.plan(waiting, action, parts, ledger)
        if plan.target is not None:
            await own.move(plan)
            await self._write(plan.target, plan.version, plan.changes)
            row_id, made_now = plan.target, False
        else:
            body = {**body_of(action, ledger, self._lookup.setup), "lines": plan.lines}
            made = await self._session.change("model.account.invoice.create", [body], operation="draft")
            row_id, made_now = int(made[0]), True
        return await self._compared(row_id, action, made_now=made_now), made_now

    async def _compared(self, row_id: int, action: InvoiceAction, *, made_now: bool) -> records.FullInvoice:
        try:
            row = await self._again(row_id)
            correction = tax_correction(row, action)
            if correction is not None:
                await self._write(row.id, row.version, {"taxes": [correction]})
                row = await self._again(row_id)
        except ErpError as error:
            reason, detail = str(error), error.detail
        else:
            told = difference(row, action)
            if told is None:
                return row
            refused = ErpRejected(f"Tryton computes another document than was approved: {told}")
            if made_now:
                await self._remove(row, refused)
            raise refused
        raise OutcomeUnknown(f"draft ({row_id}) was made and could not be read back: {reason}", detail=detail)

    async def _write(self, row_id: int, version: str, changes: dict[str, Any]) -> None:
        await self._session.change(
            "model.account.invoice.write",
            [row_id],
            changes,
            operation="change draft",
            timestamps=_version(row_id, version),
        )

    async def _remove(self, row: records.FullInvoice, reason: ErpError) -> None:
        """Take our own draft out again; when that fails the reason says which draft is left."""
        try:
            await self._session.change("model.account.invoice.delete", [row.id], operation="delete draft")
        except ErpError as error:
            reason.args = (f"{reason}; draft ({row.id}) could not be deleted: {error}",)

    async def _posted(self, row: records.FullInvoice) -> Posting:
        """What Tryton holds after `post`. Its answer was no refusal, so no failure here may read as
        'nothing happened'."""
        try:
            posting = mapping.posting(await self._again(row.id))
        except ErpError as error:
            told, detail = str(error), error.detail
        else:
            if posting.state is not PostingState.DRAFT:
                return posting
            told, detail = (
                "it is still a draft: a second person has to press Post there (a rule on the button)",
                "state draft after post",
            )
        raise OutcomeUnknown(f"invoice ({row.id}) was sent to be posted; {told}", detail=detail)

    async def _again(self, row_id: int) -> records.FullInvoice:
        rows = await self._session.read(records.FullInvoice, [["id", "=", row_id]], operation="read back")
        if len(rows) != 1:
            raise ErpUnavailable(f"invoice ({row_id}) is not there")
        return rows[0]


def _version(row_id: int, version: str) -> dict[str, str]:
    return {f"account.invoice,{row_id}": version} if version else {}


def _state(row: wire.Invoice) -> PostingState:
    return mapping.posting(row).state


def _is_kind(row: wire.Invoice, key: InvoiceKey) -> bool:
    """Type and number as asked for; one without an amount may become either."""
    same = row.reference.strip().casefold() == key.number.strip().casefold()
    is_credit = key.document_type is DocumentType.CREDIT_NOTE
    return same and (row.untaxed_amount == 0 or (row.untaxed_amount < 0) is is_credit)
