"""The write flow of invoices: look, draft, compare, log in again, post, read back.

Tryton accepts a second draft of the same invoice and only asks at posting; it has no idempotency key, and
its answer to `post` does not tell whether the document is posted. So every posting starts with a look and
ends with one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tools.domain.actions import InvoiceAction
from tools.domain.decision import InvoiceKey, Posting, PostingState
from tools.domain.documents import DocumentType
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    OutcomeUnknown,
)
from tools.erp.found import compared
from tools.erp.tryton import mapping, records, wire
from tools.erp.tryton.comparison import difference, is_ours, redated, tax_correction
from tools.erp.tryton.documents import Ledger, body_of, parts_of
from tools.erp.tryton.lookup import Lookup
from tools.erp.tryton.own_drafts import OwnDrafts, Plan
from tools.erp.tryton.session import Session, SessionLogin

FRESH = 240.0
"""Seconds. Tryton posts for a session of at most 300 s by default (`[session] timeout`)."""


def same_reference(number: str) -> list[Any]:
    """A clause for a reference, letter case ignored; `%` and `_` stand for themselves."""
    escaped = number.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return ["reference", "ilike", escaped]


@dataclass(frozen=True)
class Draft:
    """A draft that is ready to be posted, and how it came to be; without a plan it was left behind."""

    row: records.FullInvoice
    ledger: Ledger
    plan: Plan | None = None


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

    async def find(self, action: InvoiceAction, key: InvoiceKey) -> Posting | None:
        """The finished document under this identity, else the draft. Cancelled ones are not it."""
        rows = [row for row in await self.held(key) if row.invoice_date == key.invoice_date]
        finished = [row for row in rows if _state(row) in (PostingState.POSTED, PostingState.PAID)]
        candidates = finished or [row for row in rows if _state(row) is PostingState.DRAFT]
        if len(candidates) > 1:
            numbers = ", ".join(sorted(mapping.posting(row).number for row in candidates))
            raise OutcomeUnknown(
                f"Tryton holds {len(candidates)} documents under number {key.number} of supplier "
                f"{key.supplier_id}: {numbers}; which one is meant must be decided by a person"
            )
        if not candidates:
            return None

        async def compare() -> str | None:
            return self._unlike(Draft(candidates[0], await self._lookup.ledger(action)), action)

        return await compared(mapping.posting(candidates[0]), action, compare)

    async def park(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        """A draft with exactly the approved content, made now or left by an interrupted attempt."""
        return mapping.posting((await self._ready(action, key)).row)

    async def post(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        """Draft and post. When the second step is not accepted for processing (ErpUnavailable), the draft
        stays: it has no ledger effect, and the next attempt takes it up."""
        draft = await self._ready(action, key)
        # A session that grew too old here would be refused and be dead for all other calls too.
        await self._login.freshen(FRESH)
        try:
            await self._session.change(
                "model.account.invoice.post",
                [draft.row.id],
                operation="post",
                timestamps=_version(draft.row.id, draft.row.version),
            )
        except (ErpRejected, ErpChanged, ErpAccessDenied) as refusal:
            return await self._although(draft, action, refusal)
        return await self._posted(draft, action)

    async def _ready(self, action: InvoiceAction, key: InvoiceKey) -> Draft:
        """The draft an interrupted attempt left, else one made now. Raises ErpRejected when anything else
        stands under the number: Tryton would ask whether it is a duplicate, and no software answers that."""
        await self._lookup.require_active(action.supplier_id)
        rows = [row for row in await self.held(key) if _state(row) is not PostingState.CANCELLED]
        posted = [row.number for row in rows if _state(row) is not PostingState.DRAFT]
        if posted:
            raise ErpRejected(
                f"number {key.number} of supplier {key.supplier_id} already exists in Tryton, "
                f"posted as {', '.join(sorted(posted))}"
            )
        ledger = await self._lookup.ledger(action)
        if not rows:
            return await self._draft(action, ledger)
        left = Draft(rows[0], ledger)
        if len(rows) == 1 and self._is_ours(left, action):
            return await self._dated(left, action)
        numbers = ", ".join(sorted(mapping.posting(row).number for row in rows))
        raise ErpRejected(
            f"Tryton holds a draft under number {key.number} of supplier {key.supplier_id} that is not the "
            f"one approved here: {numbers}; post or delete it there first"
        )

    def _is_ours(self, draft: Draft, action: InvoiceAction) -> bool:
        parts = parts_of(action, self._price_digits)
        return is_ours(draft.row, action, parts, draft.ledger, self._lookup.setup)

    def _unlike(self, draft: Draft, action: InvoiceAction) -> str | None:
        """What Tryton holds otherwise than approved, as part of a sentence; None when nothing."""
        told = difference(draft.row, action, self._lookup.setup)
        if told is None and not self._is_ours(draft, action):
            told = "its lines (account, order line, tax, quantity) are not the ones approved"
        return told

    async def _dated(self, draft: Draft, action: InvoiceAction) -> Draft:
        """The draft with the order's posting and due date; what else it says is compared again."""
        changes = redated(draft.row, action)
        if not changes:
            return draft
        await self._write(draft.row.id, draft.row.version, changes)
        changed = Draft(await self._again(draft.row.id), draft.ledger)
        if redated(changed.row, action) or not self._is_ours(changed, action):
            raise ErpChanged(f"draft ({draft.row.id}) is not the one approved here any more")
        return changed

    async def _draft(self, action: InvoiceAction, ledger: Ledger) -> Draft:
        """The draft as Tryton keeps it. A draft that Tryton made itself for these order lines is completed; a
        second one would bill them twice."""
        parts = parts_of(action, self._price_digits)
        own = OwnDrafts(self._session, self._lookup.setup)
        waiting = await own.of_lines([part.origin for part in parts if part.origin is not None])
        plan = own.plan(waiting, action, parts, ledger)
        if plan.target is not None:
            await own.move(plan)
            await self._write(plan.target, plan.version, plan.changes)
            row_id = plan.target
        else:
            body = {**body_of(action, ledger, self._lookup.setup), "lines": plan.lines}
            made = await self._session.change("model.account.invoice.create", [body], operation="draft")
            row_id = int(made[0])
        return await self._compared(row_id, action, ledger, plan)

    async def _compared(self, row_id: int, action: InvoiceAction, ledger: Ledger, plan: Plan) -> Draft:
        try:
            row = await self._again(row_id)
            correction = tax_correction(row, action)
            if correction is not None:
                await self._write(row.id, row.version, {"taxes": [correction]})
                row = await self._again(row_id)
        except ErpError as error:
            reason, detail = str(error), error.detail
        else:
            draft = Draft(row, ledger, plan)
            told = self._unlike(draft, action)
            if told is None:
                return draft
            refused = ErpRejected(f"Tryton computes another document than was approved: {told}")
            await self._undo(draft, refused)
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

    async def _undo(self, draft: Draft, reason: ErpError) -> None:
        """Take out again what was made now; when that fails the reason says which draft is left. A draft of
        Tryton's own is deleted too where Tryton makes it again from its order; else it goes back to waiting
        for the supplier's invoice, and the next attempt completes it anew."""
        if draft.plan is None:
            return
        row = draft.row
        try:
            if draft.plan.released:
                await self._write(row.id, row.version, draft.plan.released)
            else:
                await self._session.change(
                    "model.account.invoice.delete",
                    [row.id],
                    operation="delete draft",
                    timestamps=_version(row.id, row.version),
                )
        except ErpError as error:
            reason.args = (f"{reason}; draft ({row.id}) could not be taken out again: {error}",)

    async def _although(self, draft: Draft, action: InvoiceAction, refusal: ErpError) -> Posting:
        """What Tryton holds after it refused to post: another client may have posted the very draft. Raises
        the refusal where it did not."""
        held = await self._posted_meanwhile(draft, action, refusal)
        if held is None and draft.plan is not None:
            await self._undo(draft, refusal)
            # A deletion that was refused may mean that it is posted by now.
            held = await self._posted_meanwhile(draft, action, refusal)
        if held is None:
            raise refusal
        return held

    async def _posted_meanwhile(
        self, draft: Draft, action: InvoiceAction, refusal: ErpError
    ) -> Posting | None:
        """None when the draft is not posted. Raises OutcomeUnknown when nobody can tell, and the refusal
        itself when Tryton refuses our login altogether: then it has not looked at `post` either."""
        domain = [["id", "=", draft.row.id]]
        try:
            rows = await self._session.read(records.FullInvoice, domain, operation="look again")
        except ErpAccessDenied as error:
            if isinstance(refusal, ErpAccessDenied):
                raise refusal from error
            reason: ErpError = error
        except ErpError as error:
            reason = error
        else:
            finished = [row for row in rows if _state(row) in (PostingState.POSTED, PostingState.PAID)]
            return self._taken(finished[0], action, draft) if finished else None
        raise OutcomeUnknown(
            f"Tryton refused to post invoice ({draft.row.id}): {refusal}; looking at it failed: {reason}",
            detail=reason.detail,
        )

    def _taken(self, row: records.FullInvoice, action: InvoiceAction, draft: Draft) -> Posting:
        """The posted document. Raises OutcomeUnknown when it is not what was approved."""
        told = self._unlike(replace(draft, row=row), action)
        if told is None:
            return mapping.posting(row)
        raise OutcomeUnknown(f"invoice {row.number} is posted in Tryton, but {told}; a person must look")

    async def _posted(self, draft: Draft, action: InvoiceAction) -> Posting:
        """What Tryton holds after `post`. Its answer was no refusal, so no failure here may read as
        'nothing happened'."""
        try:
            row = await self._again(draft.row.id)
        except ErpError as error:
            told, detail = str(error), error.detail
        else:
            if _state(row) is not PostingState.DRAFT:
                return self._taken(row, action, draft)
            told, detail = (
                "it is still a draft: a second person has to press Post there (a rule on the button)",
                "state draft after post",
            )
        raise OutcomeUnknown(f"invoice ({draft.row.id}) was sent to be posted; {told}", detail=detail)

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
