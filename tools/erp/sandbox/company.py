"""One company's books with real accounting rules, in memory.

Everything happens in one step of one event loop: no method waits, so nothing can come in between. Every
refusal is raised before anything is changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tools.domain.documents import GoodsReceipt, OpenItem, ReceiptLine
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.erp.sandbox.books import Books, CompanySettings, Receipt
from tools.erp.sandbox.documents import Documents
from tools.erp.sandbox.ledger import Ledger
from tools.erp.sandbox.master import MasterData
from tools.erp.sandbox.opening import open_company
from tools.erp.sandbox.payables import Payables
from tools.erp.sandbox.purchasing import Purchasing
from tools.erp.sandbox.world import World, read_world

Clock = Callable[[], datetime]


class Company:
    """The desks of one company over one set of books."""

    def __init__(self, books: Books, clock: Clock) -> None:
        self.books = books
        self.clock = clock
        self.master = MasterData(books, clock)
        self.ledger = Ledger(books, clock)
        self.purchasing = Purchasing(books, self.master, self.ledger, clock)
        self.documents = Documents(books, self.master, self.purchasing, clock)
        self.payables = Payables(books, self.master, self.ledger, self.purchasing, self.documents, clock)

    @classmethod
    def load(cls, world: World | Mapping[str, Any], clock: Clock) -> Company:
        """Opens the books: enters the history by the same rules as today's work, except that its periods
        were open and its suppliers not blocked then. Raises WorldError."""
        return open_company(world if isinstance(world, World) else read_world(world), clock, cls)

    @classmethod
    def restore(cls, snapshot: Mapping[str, Any], clock: Clock) -> Company:
        """The company that `snapshot` was taken of."""
        return cls(Books.model_validate_json(json.dumps(snapshot)), clock)

    def snapshot(self) -> dict[str, Any]:
        """The whole state as plain JSON, for `restore`."""
        return self.books.model_dump(mode="json")

    @property
    def settings(self) -> CompanySettings:
        return self.books.settings

    def orders_changed_since(self, moment: datetime) -> set[OrderNumber]:
        """Orders that changed, or whose receipts did, after a moment."""
        changed = {card.order.number for card in self.books.orders.values() if card.changed_at > moment}
        receipts = self.books.receipts.values()
        return changed | {OrderNumber(kept.order_number) for kept in receipts if kept.changed_at > moment}

    def goods_receipts(self, number: str) -> list[GoodsReceipt]:
        """The order's receipts in our terms, in the order they were made."""
        return [self._goods_receipt(receipt) for receipt in self.purchasing.receipts_of(number)]

    def _goods_receipt(self, receipt: Receipt) -> GoodsReceipt:
        lines = []
        for received in receipt.lines:
            ordered = self.purchasing.line(receipt.order_number, received.order_line_id)
            lines.append(
                ReceiptLine(
                    order_line_id=ordered.line_id,
                    item_number=ordered.item_number,
                    description=ordered.description,
                    quantity=received.quantity,
                    unit=ordered.unit,
                    accepted=received.accepted,
                    has_exception=received.has_exception,
                )
            )
        return GoodsReceipt(
            number=receipt.number,
            order_number=OrderNumber(receipt.order_number),
            received_on=receipt.received_on,
            lines=tuple(lines),
        )

    def open_items(self, supplier_id: str) -> list[OpenItem]:
        return [
            OpenItem(
                supplier_id=SupplierId(entry.supplier_id),
                document_number=entry.document_number,
                supplier_invoice_number=entry.external_number,
                document_date=entry.document_date,
                due_date=entry.due_date,
                amount=entry.amount,
                remaining=entry.remaining,
            )
            for entry in self.ledger.open_entries(supplier_id)
        ]

    def dump(self) -> dict[str, Any]:
        """The books as an accountant compares them before and after: deterministic, decimals as strings,
        without technical ids and moments."""
        hidden = {"document_id", "changed_at", "revision", "entry_number", "cleared"}
        return {
            "trial_balance": [
                {
                    "account": entry.account,
                    "name": entry.name,
                    "debit": str(entry.debit),
                    "credit": str(entry.credit),
                    "balance": str(entry.balance),
                }
                for entry in self.ledger.trial_balance()
                if entry.debit or entry.credit
            ],
            "suppliers_owed": {key: str(value) for key, value in self.ledger.subledger().items()},
            "documents": [
                {
                    **document.model_dump(mode="json", exclude=hidden),
                    "attachments": [
                        {"name": kept.name, "sha256": kept.sha256}
                        for kept in self.payables.attachments_of(document.document_id)
                    ],
                }
                for document in self.books.documents.values()
            ],
            "entries": [entry.model_dump(mode="json", exclude={"made_at"}) for entry in self.books.entries],
            "orders": [card.order.model_dump(mode="json") for card in self.books.orders.values()],
            "receipts": [
                receipt.model_dump(mode="json", exclude={"changed_at"})
                for receipt in self.books.receipts.values()
            ],
        }
