"""Holds on a server with the module of `extension/`: a record for each reason, and what is held is neither
posted nor paid. Placing and releasing are one call each, so nothing is ever half done.

Holds that were placed before the module came are notes still; a release ends those too.
"""

from __future__ import annotations

from tools.domain.actions import HoldInvoice, ReleaseHold
from tools.domain.decision import Posting
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.tryton import mapping, records
from tools.erp.tryton.holding import RELEASED, Holds, held_posting


class ModuleHolds(Holds):
    async def find(self, action: HoldInvoice | ReleaseHold) -> Posting | None:
        """The invoice or draft, where it stands as the action wants it."""
        row = await self._invoice(action)
        if row is None:
            return None
        held = any(hold.reason == action.reason_code for hold in await self._standing(row))
        if isinstance(action, HoldInvoice):
            return held_posting(row, action) if held else None
        noted = action.reason_code in await self._reasons(row)
        return None if held or noted else held_posting(row, action)

    async def write(self, action: HoldInvoice | ReleaseHold) -> Posting:
        """Raises ErpRejected for an invoice that is not there, and in Tryton's words for one that is paid,
        cancelled, or on hold for this reason already; ErpAccessDenied without the right to release."""
        row = await self._invoice(action)
        if row is None:
            raise ErpRejected(f"Tryton has no invoice {action.posted_number} of {action.supplier_id}")
        if isinstance(action, HoldInvoice):
            body = {"invoice": row.id, "reason": action.reason_code}
            await self._session.change("model.account.invoice.hold.create", [body], operation="hold")
        else:
            await self._release(row, action)
        return await self._done(action)

    async def _release(self, row: records.PayableInvoice, action: ReleaseHold) -> None:
        reason = action.reason_code
        standing = await self._standing(row)
        ours = [hold.id for hold in standing if hold.reason == reason]
        noted = await self._reasons(row)
        if ours:
            await self._session.change("model.account.invoice.hold.release", ours, operation="release")
        if reason not in noted:
            return
        try:
            if noted == {reason} and len(ours) == len(standing):
                # Read again: the release may have freed the lines already.
                row = await self._invoice(action) or row
                blocked = [line.id for line in row.lines_to_pay if line.payment_blocked]
                await self._press("payment_unblock", blocked)
            await self._note(row, f"{RELEASED}{reason}")
        except ErpError as error:
            if not ours:
                raise
            raise OutcomeUnknown(f"the hold was released, its older note was not: {error}") from error

    async def _standing(self, row: records.PayableInvoice) -> list[records.HoldRecord]:
        domain = [["invoice", "=", row.id], ["released_at", "=", None]]
        return await self._session.read(records.HoldRecord, domain, operation="holds")

    def _named(self, number: str) -> list[list[object]]:
        """A draft, which has no number, is named by its id."""
        draft = mapping.draft_id(number)
        if draft is None:
            return super()._named(number)
        return [["id", "=", draft], ["state", "in", ["draft", "validated"]]]
