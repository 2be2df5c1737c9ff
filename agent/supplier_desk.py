"""Everything screens may ask about suppliers: bring the copy up to date, find one, confirm a sender.

Nothing here changes a supplier in the ERP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

from agent.history_desk import HistoryDesk
from tools.confirmed_senders import DomainRefused
from tools.domain.authority import ApprovalPolicy
from tools.domain.documents import Party, Reading
from tools.domain.identifiers import PersonId, SupplierId
from tools.domain.senders import sender_of
from tools.domain.supplier import Supplier, SupplierChoice
from tools.erp.contract import Capability, Erp
from tools.erp.errors import NotSupported
from tools.supplier_mirror import Merged, SupplierMirror
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.evidence import SupplierClaim
from tools.suppliers.index import SupplierIndex
from tools.suppliers.resolve import resolve

Progress = Callable[[str, int, int], None]
_OVERLAP = timedelta(minutes=5)
"""Changes are asked for from a little before the last sync: the two clocks may differ."""
WHILE_WAITING = 512
"""Names embedded in a sync that documents wait for (some 6 s); the rest follows in the next ones. Suppliers
are found by spelling meanwhile."""

NOTHING_RUNS = "without the supplier master no document has a supplier, and nothing can run"


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
        history: HistoryDesk | None = None,
    ) -> None:
        self._mirror = mirror
        self._index = index
        self._erp = erp
        self._now = now
        self._history = history
        self._directory: SupplierDirectory | None = None

    async def sync(
        self, progress: Progress = _silent, *, complete: bool = False, most: int | None = WHILE_WAITING
    ) -> dict[str, int]:
        """Take over what changed in the ERP since the last sync; everything the first time, with
        `complete`, and from an ERP that cannot tell changes. Counts of added, changed, removed.

        What was posted without us is read along, for finding copies. `most` names are embedded, all when it
        is None. A sync that was stopped at any point is finished by the next one. Raises ErpError;
        NotSupported where the connector declines to read suppliers.
        """
        suppliers = self._sync_suppliers(progress, complete, most)
        if self._history is None:
            return await suppliers
        # Side by side: a document waits for the longer of the two, not for both.
        history = self._history.sync(progress, complete=complete)
        counts, read = await asyncio.gather(suppliers, history, return_exceptions=True)
        for failed in (counts, read):
            if isinstance(failed, BaseException):
                raise failed
        return cast(dict[str, int], counts)

    async def _sync_suppliers(self, progress: Progress, complete: bool, most: int | None) -> dict[str, int]:
        if Capability.READ_SUPPLIERS not in self._erp.capabilities:
            why = self._erp.declined.get(Capability.READ_SUPPLIERS, "no reason is given")
            raise NotSupported(f"suppliers are not read: {why}; {NOTHING_RUNS}")
        started, last = self._now(), self._mirror.synced_at()
        whole = complete or last is None or Capability.READ_CHANGES not in self._erp.capabilities
        found: list[Supplier] = []
        since = None if whole or last is None else last - _OVERLAP
        async for supplier in self._erp.suppliers(since):
            found.append(supplier)
            progress("suppliers", len(found), len(found))
        had_all = self._index_is_whole()
        merged = self._mirror.merge(found, started, complete=whole)
        self._follow(merged)
        self._bring_index(merged, had_all, most, progress)
        return merged.counts

    def _index_is_whole(self) -> bool:
        return self._index.exists and self._mirror.indexed_by() == self._index.model

    def _bring_index(self, merged: Merged, had_all: bool, most: int | None, progress: Progress) -> None:
        """An index that held the whole copy gets the changes only; else all is compared, and what is
        missing is embedded."""
        if self._index_is_whole():
            return

        def tell(done: int, total: int) -> None:
            progress("index", done, total)

        if had_all:
            result = self._index.change((*merged.added, *merged.changed), merged.removed, tell, most)
        else:
            result = self._index.sync(self._mirror.all(), tell, most)
        if not result.left:
            self._mirror.note_indexed(self._index.model)

    def _follow(self, merged: Merged) -> None:
        """Change the directory in memory as the copy changed; a large change builds it again."""
        if self._directory is not None:
            for supplier in (*merged.added, *merged.changed):
                self._directory.put(supplier)
            for supplier_id in merged.removed:
                self._directory.drop(supplier_id)

    def directory(self) -> SupplierDirectory:
        """Built when first needed, and again after `forget`."""
        if self._directory is None:
            self._directory = SupplierDirectory(
                self._mirror.all(), self._mirror.verified_accounts(), self._mirror.senders.by_domain()
            )
        return self._directory

    def find(self, reading: Reading, order_supplier: str | None) -> SupplierChoice:
        """The supplier of a document that was read."""
        invoice = reading.invoice
        if invoice is None:
            return SupplierChoice(reason="the document was not read as an invoice")
        order_of = SupplierId(order_supplier) if order_supplier else None
        claim = SupplierClaim.of(invoice, order_of, sender_of(reading.mail))
        return resolve(claim, self.directory(), self._index)

    def resolve(
        self, name: str, *, city: str | None, country: str | None, vat_id: str | None, iban: str | None
    ) -> SupplierChoice:
        """For a clerk who types what stands on the document."""
        party = Party(name=name, city=city, country=country, vat_id=vat_id)
        claim = SupplierClaim(party=party, ibans=(iban,) if iban else ())
        return resolve(claim, self.directory(), self._index)

    def confirm_sender(
        self, supplier_id: str, address: str, person: PersonId, how: str, policy: ApprovalPolicy
    ) -> str:
        """Record that the domain is the supplier's own; the sentence says so. Raises DeskRefused."""
        known = self._known(supplier_id, person, how, policy)
        try:
            is_new = self._mirror.senders.confirm(known.supplier_id, address, person, how)
        except DomainRefused as error:
            raise DeskRefused(str(error)) from None
        self.forget()
        return f"{'confirmed' if is_new else 'already confirmed'} for {known.supplier_id} {known.name}"

    def withdraw_sender(
        self, supplier_id: str, address: str, person: PersonId, why: str, policy: ApprovalPolicy
    ) -> str:
        """Take a confirmation back. Raises DeskRefused."""
        known = self._known(supplier_id, person, why, policy)
        if not self._mirror.senders.withdraw(known.supplier_id, address, person, why):
            raise DeskRefused(f"{address} is not confirmed for {known.supplier_id} {known.name}")
        self.forget()
        return f"no longer confirmed for {known.supplier_id} {known.name}"

    def _known(self, supplier_id: str, person: PersonId, why: str, policy: ApprovalPolicy) -> Supplier:
        reason = policy.answer_refusal(person)
        if reason is not None:
            raise DeskRefused(reason)
        if not why.strip():
            raise DeskRefused("say how it is known: the log keeps it")
        known = self._mirror.get(SupplierId(supplier_id))
        if known is None:
            raise DeskRefused(
                f"there is no supplier {supplier_id} in the copy; run `erp-agent suppliers sync`"
            )
        return known

    def forget(self) -> None:
        """Build the directory again when it is next needed: what people confirmed has changed."""
        self._directory = None
