"""Holds of a plain Tryton: the payment of a posted invoice is blocked (account_payment), and why stands in
notes beside it. A server with the module of `extension/` keeps records instead: `module_holds.py`.

Tryton's block has no reason of its own. Each hold and release leaves a note, and what was held and not
released since is why a blocked invoice is blocked.
"""

from __future__ import annotations

from tools.domain.actions import HoldInvoice, ReleaseHold
from tools.domain.decision import Posting
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.tryton import mapping, records
from tools.erp.tryton.session import Session
from tools.erp.tryton.setup import Setup

HELD, RELEASED = "Payment held: ", "Payment released: "


class Holds:
    def __init__(self, session: Session, setup: Setup) -> None:
        self._session = session
        self._setup = setup

    async def find(self, action: HoldInvoice | ReleaseHold) -> Posting | None:
        """The invoice, where it stands as the action wants it."""
        row = await self._invoice(action)
        if row is None:
            return None
        held = action.reason_code in await self._reasons(row)
        return held_posting(row, action) if held is isinstance(action, HoldInvoice) else None

    async def write(self, action: HoldInvoice | ReleaseHold) -> Posting:
        """Raises ErpRejected for an invoice that is not there, or of which nothing is left to pay."""
        row = await self._invoice(action)
        if row is None:
            is_draft = mapping.draft_id(action.posted_number) is not None
            raise ErpRejected(
                f"Tryton has no posted invoice {action.posted_number} of {action.supplier_id}"
                + ("; a draft is held only by the module erp_agent_invoice_hold" if is_draft else "")
            )
        if not row.lines_to_pay:
            raise ErpRejected(f"nothing of invoice {action.posted_number} is left to pay in Tryton")
        if isinstance(action, HoldInvoice):
            # The note first: a block nobody can explain would be worse than a note without a block.
            await self._note(row, f"{HELD}{action.reason_code}")
            await self._press("payment_block", [x.id for x in row.lines_to_pay if not x.payment_blocked])
        else:
            reasons = await self._reasons(row)
            if reasons <= {action.reason_code}:
                await self._press("payment_unblock", [x.id for x in row.lines_to_pay if x.payment_blocked])
            if action.reason_code in reasons:
                await self._note(row, f"{RELEASED}{action.reason_code}")
        return await self._done(action)

    async def _press(self, button: str, lines: list[int]) -> None:
        """Tryton refuses a button that would change nothing."""
        if lines:
            await self._session.change(f"model.account.move.line.{button}", lines, operation=button)

    async def _done(self, action: HoldInvoice | ReleaseHold) -> Posting:
        try:
            found = await self.find(action)
        except ErpError as error:
            raise OutcomeUnknown(f"the hold was changed and cannot be read back: {error}") from error
        if found is None:
            raise OutcomeUnknown(f"invoice {action.posted_number} does not stand as it was told to")
        return found

    async def _invoice(self, action: HoldInvoice | ReleaseHold) -> records.PayableInvoice | None:
        domain = [
            ["type", "=", "in"],
            ["company", "=", self._setup.company_id],
            ["party.code", "=", action.supplier_id],
            *self._named(action.posted_number),
        ]
        rows = await self._session.read(records.PayableInvoice, domain, operation="held invoice")
        if len(rows) > 1:
            raise OutcomeUnknown(f"Tryton holds {len(rows)} invoices with number {action.posted_number}")
        return rows[0] if rows else None

    def _named(self, number: str) -> list[list[object]]:
        """Clauses for the invoices that this server can hold under a number."""
        return [["number", "=", number], ["state", "in", ["posted", "paid"]]]

    async def _reasons(self, row: records.PayableInvoice) -> set[str]:
        """Why the payment is blocked now; nothing where it is not."""
        if not any(line.payment_blocked for line in row.lines_to_pay):
            return set()
        domain = [["resource", "=", f"account.invoice,{row.id}"]]
        reasons: set[str] = set()
        for note in await self._session.read(records.Note, domain, operation="notes"):
            if note.message.startswith(HELD):
                reasons.add(note.message.removeprefix(HELD).strip())
            elif note.message.startswith(RELEASED):
                reasons.discard(note.message.removeprefix(RELEASED).strip())
        return reasons

    async def _note(self, row: records.PayableInvoice, message: str) -> None:
        body = {"resource": f"account.invoice,{row.id}", "message": message}
        await self._session.change("model.ir.note.create", [body], operation="note")


def held_posting(row: records.PayableInvoice, action: HoldInvoice | ReleaseHold) -> Posting:
    return mapping.posting(row).model_copy(update={"reference": action.reason_code})
