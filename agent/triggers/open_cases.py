"""What each open case rests on in the ERP, as it was read for it: by this a change there is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from agent.nodes.gather_facts import order_numbers
from agent.service import CaseService
from agent.state import FINAL, Overrides, Stage
from tools.case_list import CaseSummary
from tools.domain.documents import GoodsReceipt, PurchaseOrder
from tools.domain.identifiers import CaseId, OrderNumber, SupplierId
from tools.domain.supplier import Supplier


@dataclass(frozen=True)
class OpenCase:
    """One case with what was read for it."""

    case_id: CaseId
    supplier: Supplier
    named: frozenset[OrderNumber]
    """Orders the document or a person named, whether they exist or not."""
    orders: Mapping[OrderNumber, str]
    """Orders that were found -> version."""
    receipts: frozenset[str]
    """The orders' receipts, each as one text."""
    candidates: Mapping[OrderNumber, str]
    """The supplier's open orders -> version; only where none of those named was found."""

    @property
    def supplier_id(self) -> SupplierId:
        return self.supplier.supplier_id

    @property
    def numbers(self) -> frozenset[OrderNumber]:
        return self.named | frozenset(self.orders)

    def is_touched(self, changed: Collection[OrderNumber], senders: Collection[SupplierId]) -> bool:
        """Whether one of the changed orders may matter: it is named or was found, or it is another one of a
        supplier whose orders are all candidates."""
        if self.numbers & set(changed) or set(self.candidates) & set(changed):
            return True
        return not self.orders and self.supplier_id in senders


@dataclass(frozen=True)
class ErpNow:
    """What the ERP says of the same records now."""

    orders: Mapping[OrderNumber, PurchaseOrder]
    receipts: Mapping[OrderNumber, list[GoodsReceipt]]
    candidates: Mapping[SupplierId, list[PurchaseOrder]]
    suppliers: Mapping[SupplierId, Supplier]

    def changes(self, case: OpenCase) -> tuple[str, ...]:
        """What is another than it was read for the case, in words; empty when nothing is."""
        found: list[str] = []
        for number in sorted(case.numbers):
            now = self.orders.get(number)
            if (now.version if now else None) != case.orders.get(number):
                found.append(f"order {number}")
        receipts = (each for number in case.numbers for each in self.receipts.get(number, ()))
        if case.orders and texts(receipts) != case.receipts:
            found.append("goods receipts")
        found += self._other_orders(case)
        supplier = self.suppliers.get(case.supplier_id)
        if supplier is not None and supplier.version != case.supplier.version:
            found.append(f"supplier {case.supplier_id}")
        return tuple(found)

    def _other_orders(self, case: OpenCase) -> list[str]:
        if case.orders:
            return []
        now = {order.number: order.version for order in self.candidates.get(case.supplier_id, ())}
        return [] if now == dict(case.candidates) else [f"open orders of {case.supplier_id}"]


def texts(receipts: Iterable[GoodsReceipt]) -> frozenset[str]:
    return frozenset(receipt.model_dump_json() for receipt in receipts)


@dataclass
class OpenCases:
    """The open cases of the installation; what was read of one is kept until its case moves."""

    service: CaseService
    _known: dict[CaseId, tuple[CaseSummary, OpenCase | None]] = field(default_factory=dict)

    async def all(self) -> list[OpenCase]:
        """Cases that are not closed and for which the ERP was read."""
        known, self._known = self._known, {}
        for summary in self.service.inbox(set(Stage) - FINAL):
            before = known.get(summary.case_id)
            kept = before[1] if before is not None and before[0] == summary else await self._read(summary)
            self._known[summary.case_id] = (summary, kept)
        return [kept for _, kept in self._known.values() if kept is not None]

    async def _read(self, summary: CaseSummary) -> OpenCase | None:
        deps = self.service.deps
        facts, reading = deps.facts.get(summary.case_id), deps.archive.reading(summary.document_id)
        if facts is None or reading is None or reading.invoice is None:
            return None
        overrides = (await self.service.state(summary.case_id)).get("overrides", Overrides())
        return OpenCase(
            case_id=summary.case_id,
            supplier=facts.supplier,
            named=frozenset(order_numbers(reading.invoice, overrides)),
            orders={order.number: order.version for order in facts.orders},
            receipts=texts(facts.receipts),
            candidates={order.number: order.version for order in facts.candidates},
        )
