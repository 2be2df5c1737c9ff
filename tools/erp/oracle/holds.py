"""Holds: placed with a name of Oracle's list and a reason, released with a release name."""

from __future__ import annotations

from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.oracle import wire
from tools.erp.oracle.query import queries_for
from tools.erp.oracle.session import Session, seen

_RELEASE_REASON = "Released by an approved decision"


class Holds:
    """Holds of invoices in one business unit. `release_name` must be one that Oracle allows for the hold."""

    def __init__(self, session: Session, *, business_unit: str, release_name: str) -> None:
        self._session = session
        self._business_unit = business_unit
        self._release_name = release_name

    async def of(self, invoice_id: str) -> list[wire.Hold]:
        """All holds of an invoice, released ones too."""
        queries = queries_for(wire.Hold, "InvoiceId", [invoice_id], numeric=True)
        return await self._session.read(wire.Hold, queries, operation="holds")

    async def active(self, invoice_id: str, name: str | None = None) -> list[wire.Hold]:
        """Holds that are not released; of one name, letter case ignored, or all."""
        wanted = None if name is None else name.casefold()
        return [
            hold
            for hold in await self.of(invoice_id)
            if not hold.release_name and wanted in (None, hold.hold_name.casefold())
        ]

    def body(self, number: str, supplier: str, name: str, reason: str) -> dict[str, str]:
        return {
            "InvoiceNumber": number,
            "BusinessUnit": self._business_unit,
            "Supplier": supplier,
            "HoldName": name,
            "HoldReason": reason,
        }

    async def place(self, row: wire.Invoice, name: str) -> None:
        """Raises ErpRejected when the invoice is on this hold already."""
        if await self.active(row.invoice_id, name):
            raise ErpRejected(f"invoice {row.invoice_number} is already on hold: {name}", field="HoldName")
        body = self.body(row.invoice_number, row.supplier, name, name)
        await self._session.change("POST", "invoiceHolds", operation="hold", body=body)
        if not await seen(self.active(row.invoice_id, name), f"the hold {name} was placed"):
            raise OutcomeUnknown(f"the hold {name} was accepted and cannot be seen on the invoice")

    async def keep(self, row: wire.Invoice, name: str, why: str) -> None:
        """See to it that the invoice bears this hold. Whatever became of placing it, only what is read
        afterwards counts: raises OutcomeUnknown when the hold cannot be seen."""
        looked, told = f"invoice {row.invoice_number} is to be held", "Oracle took the hold and shows none"
        if await seen(self.active(row.invoice_id, name), looked):
            return
        body = self.body(row.invoice_number, row.supplier, name, why)
        try:
            await self._session.change("POST", "invoiceHolds", operation="hold", body=body)
        except ErpError as error:
            told = str(error)
        if not await seen(self.active(row.invoice_id, name), looked):
            raise OutcomeUnknown(f"invoice {row.invoice_number} could not be put on hold {name}: {told}")

    async def release(self, row: wire.Invoice, name: str) -> None:
        """Raises ErpRejected when the invoice is not on this hold."""
        if not await self.active(row.invoice_id, name):
            raise ErpRejected(f"invoice {row.invoice_number} is not on hold: {name}", field="HoldName")
        await self.release_all(row.invoice_id, name)
        if await seen(self.active(row.invoice_id, name), f"the hold {name} was released"):
            raise ErpRejected(f"Oracle did not release the hold {name} of invoice {row.invoice_number}")

    async def release_all(self, invoice_id: str, name: str) -> None:
        """Release every active hold of this name; none is fine."""
        body = {"ReleaseName": self._release_name, "ReleaseReason": _RELEASE_REASON}
        for hold in await self.active(invoice_id, name):
            await self._session.change(
                "PATCH", f"invoiceHolds/{hold.hold_id}", operation="release hold", body=body
            )
