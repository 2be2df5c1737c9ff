"""An ERP of a few lines: it holds documents by business key and misbehaves on request."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.builders import COMPANY, a_posting, a_supplier, an_order
from tools.domain.decision import ParkInvoice, Posting, PostingOrder, PostingState
from tools.domain.documents import PurchaseOrder
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.supplier import Supplier
from tools.erp.contract import Capability
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown


class Mood(StrEnum):
    """What becomes of one write."""

    FINE = "fine"
    REPLY_LOST = "reply_lost"
    """Booked, and nobody hears of it."""
    REQUEST_LOST = "request_lost"
    """Not booked, and nobody hears of it."""
    UNDER_WAY = "under_way"
    """Nobody hears of it, and it is booked `delay` calls later."""
    BOOKED_AND_REFUSED = "booked_and_refused"
    """Booked, and the answer is a refusal."""
    DRAFT_ONLY = "draft_only"
    """A draft is made, then the connection breaks."""


@dataclass
class FakeErp:
    """`moods` are used up one a write, then all is fine; an exception among them is raised instead."""

    moods: deque[Mood | ErpError] = field(default_factory=deque)
    refuses_duplicates: bool = True
    delay: int = 2
    known_orders: dict[OrderNumber, PurchaseOrder] = field(default_factory=dict)
    known_suppliers: dict[SupplierId, Supplier] = field(default_factory=dict)
    documents: list[tuple[str, Posting]] = field(default_factory=list)
    find_errors: deque[ErpError | None] = field(default_factory=deque)
    calls: list[str] = field(default_factory=list)
    under_way: list[tuple[int, PostingOrder]] = field(default_factory=list)

    kind = "fake"
    company = COMPANY
    capabilities = frozenset(Capability) - {Capability.REVERSE_INVOICE, Capability.RELEASE_HOLD}
    declined: Mapping[Capability, str] = field(
        default_factory=lambda: {Capability.REVERSE_INVOICE: "this ERP reverses nothing"}
    )

    def __post_init__(self) -> None:
        self.known_orders.setdefault(an_order().number, an_order())
        self.known_suppliers.setdefault(a_supplier().supplier_id, a_supplier())

    def posted(self, key: str) -> list[Posting]:
        return [held for held_key, held in self.documents if held_key == key and held.state == "posted"]

    def books(self, order: PostingOrder) -> Posting:
        """Carry out, unless a document of that key stands and this ERP minds."""
        if self.refuses_duplicates and self.posted(order.key):
            raise ErpRejected(f"{order.action.number} already exists")
        self.documents = [entry for entry in self.documents if not _is_draft_of(entry, order.key)]
        return self._keep(order, PostingState.DRAFT if isinstance(order.action, ParkInvoice) else "posted")

    def _keep(self, order: PostingOrder, state: str) -> Posting:
        number = f"PI-{len(self.documents) + 1}"
        action = order.action
        amounts = {"net": action.net, "tax": action.tax, "gross": action.gross}
        held = a_posting(number, action.number, state=PostingState(state), **amounts)
        self.documents.append((order.key, held))
        return held

    def _called(self, name: str) -> None:
        self.calls.append(name)
        due = [entry for entry in self.under_way if entry[0] <= len(self.calls)]
        self.under_way = [entry for entry in self.under_way if entry not in due]
        for _, order in due:
            self.land(order)

    def land(self, order: PostingOrder) -> None:
        """A request that was under way arrives; nobody hears a refusal."""
        if not (self.refuses_duplicates and self.posted(order.key)):
            self.books(order)

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        self._called("orders")
        return {number: self.known_orders[number] for number in numbers if number in self.known_orders}

    async def suppliers_by_id(self, ids: Collection[SupplierId]) -> dict[SupplierId, Supplier]:
        self._called("suppliers_by_id")
        return {key: self.known_suppliers[key] for key in ids if key in self.known_suppliers}

    async def find(self, order: PostingOrder) -> Posting | None:
        self._called("find")
        error = self.find_errors.popleft() if self.find_errors else None
        if error is not None:
            raise error
        held = [posting for key, posting in self.documents if key == order.key]
        finished = [posting for posting in held if posting.state is PostingState.POSTED]
        if len(finished) > 1:
            raise OutcomeUnknown(f"{len(finished)} documents could be meant")
        return (finished or held or [None])[0]

    async def write(self, order: PostingOrder) -> Posting:
        self._called("write")
        mood = self.moods.popleft() if self.moods else Mood.FINE
        if isinstance(mood, ErpError):
            raise mood
        if mood is Mood.FINE:
            return self.books(order)
        if mood is Mood.BOOKED_AND_REFUSED:
            self.books(order)
            raise ErpRejected("the dimension is missing")
        if mood is Mood.REPLY_LOST:
            self.books(order)
        elif mood is Mood.UNDER_WAY:
            self.under_way.append((len(self.calls) + self.delay, order))
        elif mood is Mood.DRAFT_ONLY:
            self._keep(order, PostingState.DRAFT)
        raise OutcomeUnknown("the connection broke")


def _is_draft_of(entry: tuple[str, Posting], key: str) -> bool:
    return entry[0] == key and entry[1].state is PostingState.DRAFT
