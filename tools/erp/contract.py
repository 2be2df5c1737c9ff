"""What every ERP connector offers: bulk reads, looked-up writes, claimed or declined capabilities.

Rules that hold for all: amounts are exact; 'not there' is an absent key or None, never an error; reads
may be retried, writes never are; a connector that cannot find may not claim a write.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from tools.domain.decision import InvoiceKey, Posting, PostingOrder
from tools.domain.documents import GoodsReceipt, OpenItem, PurchaseOrder, Record
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.supplier import Supplier


class Capability(StrEnum):
    READ_SUPPLIERS = "read_suppliers"
    READ_SUPPLIER_LIMITS = "read_supplier_limits"
    """Suppliers tell the amount above which a single invoice needs a word of its own; else the settings may
    (`[company] supplier_limits`)."""
    READ_BANK_ACCOUNTS = "read_bank_accounts"
    READ_ORDERS = "read_orders"
    READ_ORDER_LIMITS = "read_order_limits"
    """Orders tell up to which value and on which days they may be billed; else no frame order is read as an
    order, and an invoice that names one waits for a person."""
    READ_ORDER_RATES = "read_order_rates"
    """Orders tell the exchange rate that was fixed with them; else what a policy asks of that rate is for a
    person to compare."""
    READ_RECEIPTS = "read_receipts"
    READ_RECEIPT_ORDER_LINES = "read_receipt_order_lines"
    """Receipt lines name the order line they fulfil."""
    READ_INVOICES = "read_invoices"
    READ_INVOICE_HISTORY = "read_invoice_history"
    """`posted_since` tells all supplier documents, or those that changed."""
    READ_OPEN_ITEMS = "read_open_items"
    READ_ACCOUNTS = "read_accounts"
    READ_COST_CENTRES = "read_cost_centres"
    READ_TAX_CODES = "read_tax_codes"
    READ_POSTING_WINDOW = "read_posting_window"
    READ_CHANGES = "read_changes"
    """`suppliers(changed_since)` returns only what changed."""
    READ_ORDER_CHANGES = "read_order_changes"
    """`orders_changed_since` names the orders that changed or received goods."""
    READ_ATTACHMENTS = "read_attachments"
    LINK_ORDER_LINES = "link_order_lines"
    """A posted invoice line is kept with the order line it bills; else our own billing ledger keeps it."""
    POST_INVOICE = "post_invoice"
    PARK_INVOICE = "park_invoice"
    POST_CREDIT_NOTE = "post_credit_note"
    CREATE_GOODS_RECEIPT = "create_goods_receipt"
    HOLD_INVOICE = "hold_invoice"
    RELEASE_HOLD = "release_hold"
    CREATE_PURCHASE_ORDER = "create_purchase_order"
    AMEND_ORDER_LINE = "amend_order_line"
    REVERSE_INVOICE = "reverse_invoice"
    ATTACH_DOCUMENT = "attach_document"


class Account(Record):
    """A general-ledger account; `balance` is debit less credit in the company's currency."""

    number: str
    name: str
    direct_posting: bool
    blocked: bool
    balance: Money | None = None


class CostCentre(Record):
    code: str
    name: str
    blocked: bool = False


class KeptFile(Record):
    """A file that the ERP keeps with a document; `size` in bytes where the ERP tells it."""

    name: str
    size: int | None = None


class PostingWindow(Record):
    """Days on which posting is allowed, both included; absent means no bound on that side."""

    first_open: date | None = None
    last_open: date | None = None


class Erp(Protocol):
    """One company in one ERP. Values of `Action.kind` are also the names of the write capabilities."""

    kind: str
    company: str
    capabilities: frozenset[Capability]
    declined: Mapping[Capability, str]
    """Capability -> why not. Together with `capabilities` it names every member of the enum."""

    def suppliers(self, changed_since: datetime | None = None) -> AsyncIterator[Supplier]:
        """All suppliers, or those changed after a moment, page by page."""
        ...

    async def suppliers_by_id(self, ids: Collection[SupplierId]) -> dict[SupplierId, Supplier]: ...

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]: ...

    async def orders_of(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        """The suppliers' orders that are not closed or cancelled: candidates for an invoice without one."""
        ...

    async def receipts(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, list[GoodsReceipt]]: ...

    async def invoices(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        """Drafts and posted documents of the same supplier, type and number, letter case ignored; the
        date does not narrow the search, so a number used again shows up."""
        ...

    def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        """All supplier invoices and credit notes, drafts included, or those changed after a moment, page by
        page. A draft that was deleted is not told. Raises NotSupported where it is declined."""
        ...

    async def open_items(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[OpenItem]]: ...

    async def accounts(self) -> list[Account]: ...

    async def cost_centres(self) -> list[CostCentre]:
        """Raises NotSupported where it is declined."""
        ...

    async def tax_codes(self) -> list[str]:
        """The codes that a posting line may carry."""
        ...

    async def posting_window(self) -> PostingWindow: ...

    async def orders_changed_since(self, moment: datetime) -> set[OrderNumber]:
        """Orders that were changed, or got a goods receipt (or its reversal), after a moment with a time
        zone: what waits for them is worth another look. Too many is allowed, too few is not. Raises
        NotSupported where it is declined."""
        ...

    async def attachments(self, posting: Posting) -> list[KeptFile]:
        """The files kept with a document. Raises NotSupported where it is declined."""
        ...

    async def shortcomings(self) -> list[str]:
        """What the ERP's own live description (`$metadata`, `metainfo`, `describe`) lacks of that which
        this connector reads and writes, and rights that the login has not: a sentence each, saying what to
        do. Empty when nothing is missing, or when the ERP describes nothing."""
        ...

    async def find(self, order: PostingOrder) -> Posting | None:
        """What the ERP holds under the order's business identity: the finished document if there is one,
        else a draft. Reads fresh data, never a cache or a lagging replica. Raises OutcomeUnknown when it
        finds several that could be meant."""
        ...

    async def write(self, order: PostingOrder) -> Posting:
        """Carry the action out. Raises ErpUnavailable (surely nothing happened), OutcomeUnknown (it may
        have), ErpRejected, ErpAccessDenied, ErpChanged, NotSupported. Never retried by the connector."""
        ...

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        """Keep the original file with the posting."""
        ...

    async def close(self) -> None: ...
