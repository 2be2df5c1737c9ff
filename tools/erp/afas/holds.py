"""Payment blocks with a reason, lifted only where they are ours.

`FiInvoice` names an invoice by creditor and invoice number (`InId`), not by its entry: an empty number, or
one that an invoice shares with a credit note, would block another document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.domain.decision import HoldInvoice, Posting, ReleaseHold
from tools.erp.afas import mapping, wire
from tools.erp.afas.entries import CREDITOR
from tools.erp.afas.posting import Invoices
from tools.erp.afas.session import Session
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown

_REASON = re.compile(r"[A-Za-z0-9_.-]{1,30}")
_LONGEST_TEXT = 255

HoldAction = HoldInvoice | ReleaseHold


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


class Holds:
    """Carries out one action after the other. Every read is fresh."""

    def __init__(self, session: Session, setup: mapping.Setup, invoices: Invoices) -> None:
        self._session = session
        self._setup = setup
        self._invoices = invoices

    async def find(self, action: HoldAction) -> Posting | None:
        rows = await self._invoices.entries(action.posted_number, action.supplier_id)
        if len(rows) > 1:
            raise OutcomeUnknown(
                f"AFAS holds {len(rows)} documents under entry {action.posted_number}; which one is meant "
                "must be decided by a person"
            )
        if not rows:
            return None
        held = rows[0].blocked and action.reason_code in holds_of(rows[0].description)
        return self._with_reason(rows[0], action) if held is isinstance(action, HoldInvoice) else None

    async def write(self, action: HoldAction) -> Posting:
        """Raises ErpRejected for an invoice that somebody else blocked: that block is not ours to share or
        to lift."""
        if not _REASON.fullmatch(action.reason_code):
            raise ErpRejected(f"{action.reason_code} cannot stand in a description in AFAS", field="Ds")
        row = await self._invoices.invoice(action.posted_number, action.supplier_id)
        kept = _kept(row, action)
        fields = {
            "UnId": str(row.administration),
            "VaAd": CREDITOR,
            "DcNr": row.creditor,
            "InId": row.invoice_id,
            "BlPa": "1" if kept else "0",
            "Ds": marked(row.description, kept),
        }
        await self._invoices.check_number_alone(row)
        body = {"FiInvoice": {"Element": {"Fields": fields}}}
        await self._session.change("PUT", "FiInvoice", body, action.kind, lambda: self.find(action))
        return self._with_reason(await self._read_back(action, kept), action)

    async def _read_back(self, action: HoldAction, kept: Sequence[str]) -> wire.InvoiceRow:
        """It was written whatever happens here, so no failure may read as 'nothing happened'."""
        try:
            row = await self._invoices.invoice(action.posted_number, action.supplier_id)
        except ErpError as error:
            raise OutcomeUnknown(
                f"AFAS took the change of entry {action.posted_number}, and it cannot be read back: {error}",
                detail=error.detail,
            ) from None
        if row.blocked is not bool(kept) or holds_of(row.description) != list(kept):
            raise OutcomeUnknown(
                f"AFAS took the change of entry {row.entry} and shows it "
                f"{'blocked' if row.blocked else 'not blocked'}, as {row.description!r}"
            )
        return row

    def _with_reason(self, row: wire.InvoiceRow, action: HoldAction) -> Posting:
        return mapping.posting(row, self._setup).model_copy(update={"reference": action.reason_code})


def _kept(row: wire.InvoiceRow, action: HoldAction) -> list[str]:
    """The reasons that stand after the action. Raises ErpRejected where it makes no sense."""
    reasons = holds_of(row.description) if row.blocked else []
    if row.blocked and not reasons:
        raise ErpRejected(f"entry {row.entry} is blocked for payment in AFAS by somebody else")
    kept = [reason for reason in reasons if reason != action.reason_code]
    if isinstance(action, HoldInvoice):
        return [*kept, action.reason_code]
    if len(kept) == len(reasons):
        raise ErpRejected(f"entry {row.entry} is not on hold for {action.reason_code} in AFAS")
    return kept
