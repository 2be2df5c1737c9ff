"""Everything screens may ask about suppliers: bring the copy up to date, find one, resolve its name.

Nothing here changes a supplier in the ERP.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tools.domain.documents import Party, Reading
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import Supplier, SupplierChoice
from tools.erp.contract import Capability, Erp
from tools.supplier_mirror import SupplierMirror
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.evidence import SupplierClaim
from tools.suppliers.index import SupplierIndex
from tools.suppliers.resolve import resolve

Progress = Callable[[str, int, int], None]
_OVERLAP = timedelta(minutes=5)
"""Changes are asked for from a little before the last sync: the two clocks may differ."""


class DeskRefused(Exception):
    """What was asked for is not possible or not allowed; the text says why, for people."""


def _silent(what: str, done: int, total: int) -> None:
    """No progress is shown."""


class SupplierDesk:
    """The mirror, its directory in memory and its vector index, kept in step."""

    def __init__(
        self,
        mirror: SupplierMirror,
        index: SupplierIndex,
        erp: Erp,
        now: Callable[[], datetime],
    ) -> None:
        self._mirror = mirror
        self._index = index
        self._erp = erp
        self._now = now
        self._directory: SupplierDirectory | None = None

    async def sync(self, progress: Progress = _silent, *, complete: bool = False) -> dict[str, int]:
        """Take over what changed in the ERP since the last sync; everything the first time, with
        `complete`, and from an ERP that cannot tell changes. Counts of added, changed, removed."""
        started, last = self._now(), self._mirror.synced_at()
        whole = complete or last is None or Capability.READ_CHANGES not in self._erp.capabilities
        found: list[Supplier] = []
        since = None if whole or last is None else last - _OVERLAP
        async for supplier in self._erp.suppliers(since):
            found.append(supplier)
            progress("suppliers", len(found), len(found))
        added, changed, removed = self._mirror.merge(found, started, complete=whole)
        if added or changed or removed or not len(self._index):
            self._index.sync(self._mirror.all(), lambda done, total: progress("index", done, total))
            self._directory = None
        return {"added": added, "changed": changed, "removed": removed}

    def directory(self) -> SupplierDirectory:
        """Built when first needed and after each change of the copy."""
        if self._directory is None:
            self._directory = SupplierDirectory(self._mirror.all(), self._mirror.verified_accounts())
        return self._directory

    def find(self, reading: Reading, order_supplier: str | None) -> SupplierChoice:
        """The supplier of a document that was read."""
        invoice = reading.invoice
        if invoice is None:
            return SupplierChoice(reason="the document was not read as an invoice")
        order_of = SupplierId(order_supplier) if order_supplier else None
        return resolve(SupplierClaim.of(invoice, order_of), self.directory(), self._index)

    def resolve(
        self, name: str, *, city: str | None, country: str | None, vat_id: str | None, iban: str | None
    ) -> SupplierChoice:
        """For a clerk who types what stands on the document."""
        party = Party(name=name, city=city, country=country, vat_id=vat_id)
        return resolve(
            SupplierClaim(party=party, ibans=(iban,) if iban else ()), self.directory(), self._index
        )

    def forget(self) -> None:
        """Build the directory again when it is next needed: the verified accounts have changed."""
        self._directory = None
