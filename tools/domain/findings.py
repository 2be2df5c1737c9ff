"""What checking and matching found: values, not exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from tools.domain.documents import Record
from tools.domain.identifiers import OrderNumber
from tools.domain.money import Exact, Money


class Severity(StrEnum):
    BLOCK = "block"
    """A person decides before anything is posted."""
    WARN = "warn"
    """Shown beside the proposal; does not stop it."""
    INFO = "info"


class DiscrepancyKind(StrEnum):
    """Stable names; the first group is the decision table of accounts payable."""

    PRICE_OVER = "price_over"
    PRICE_UNDER = "price_under"
    QTY_OVER_RECEIVED = "qty_over_received"
    QTY_OVER_ORDERED = "qty_over_ordered"
    NO_RECEIPT = "no_receipt"
    RECEIPT_GT_INVOICE = "receipt_gt_invoice"
    NO_PO = "no_po"
    BAD_PO = "bad_po"
    PO_EXHAUSTED = "po_exhausted"
    UNPLANNED_FREIGHT = "unplanned_freight"
    UNPLANNED_LINE = "unplanned_line"
    UOM_OR_BASE = "uom_or_base"
    SUBSTITUTE_ITEM = "substitute_item"
    TOTAL_MISMATCH = "total_mismatch"
    TAX_WRONG = "tax_wrong"
    DUPLICATE_SUSPECT = "duplicate_suspect"
    SUPPLIER_UNKNOWN = "supplier_unknown"
    SUPPLIER_AMBIGUOUS = "supplier_ambiguous"
    SUPPLIER_BLOCKED = "supplier_blocked"
    BANK_CHANGE = "bank_change"
    CURRENCY_DIFF = "currency_diff"
    CREDIT_NOTE_UNLINKED = "credit_note_unlinked"
    CREDIT_EXCEEDS = "credit_exceeds"
    PERIOD_CLOSED = "period_closed"
    CODING_UNSURE = "coding_unsure"
    BUDGET_EXCEEDED = "budget_exceeded"
    APPROVER_MISSING = "approver_missing"
    LATE_DISCOUNT = "late_discount"
    STATEMENT_DIFF = "statement_diff"

    QTY_OVER_ACCEPTED = "qty_over_accepted"
    """Four-way: billed above what inspection accepted."""
    AMOUNT_LIMIT = "amount_limit"
    """An item or the document is above an absolute limit of its own (SAP AN and AP, Oracle AMOUNT)."""
    DATE_VARIANCE = "date_variance"
    """Billed or delivered far from the planned day, weighed with the amount (SAP ST)."""
    RATE_VARIANCE = "rate_variance"
    """The exchange rate differs from the order's beyond the limit, or there is none."""

    SENDER_SUSPECT = "sender_suspect"
    """The mail's sender is not who the document's supplier writes as."""
    FIRST_INVOICE = "first_invoice"
    NEAR_LIMIT = "near_limit"
    """Just under an approval limit."""
    SPLIT_INVOICE = "split_invoice"
    """Several documents that together pass a limit each of them stays under."""

    LINE_AMBIGUOUS = "line_ambiguous"
    MISSING_FIELD = "missing_field"
    WRONG_COMPANY = "wrong_company"
    DATE_IMPLAUSIBLE = "date_implausible"
    UNREADABLE_VALUE = "unreadable_value"
    READ_BY_MODEL = "read_by_model"
    """A language model read the value where rules could not."""
    TEXT_GIVES_ORDERS = "text_gives_orders"
    ERP_REFUSED = "erp_refused"


class Discrepancy(Record):
    """One finding: the rule, the figures it compared and a sentence for the clerk."""

    kind: DiscrepancyKind
    severity: Severity
    rule: str
    """Stable name of the rule, for example `price.unit.upper_percent`."""
    message: str
    line_id: str | None = None
    """The invoice line; absent when it is about the whole document."""
    order_number: OrderNumber | None = None
    order_line_id: str | None = None
    figures: Mapping[str, str] = Field(default_factory=dict)
    """What was compared, as text with units: {'invoice': '10.60 EUR', 'limit': '5 %'}."""


class AlignmentEvidence(StrEnum):
    """Why an invoice line was taken for an order line, strongest first."""

    ORDER_LINE_NUMBER = "order_line_number"
    BUYER_ITEM = "buyer_item"
    SUPPLIER_ITEM = "supplier_item"
    GTIN = "gtin"
    PRICE_QUANTITY_UNIT = "price_quantity_unit"
    DESCRIPTION = "description"
    CLERK = "clerk"


class LineMatch(Record):
    """An invoice line and the order line it bills. Several per invoice line when quantities prove a split.

    Quantities are in the order line's unit; `billed_before` counts what the ERP and we billed earlier.
    """

    invoice_index: int
    """Position in `Invoice.lines`, from 0."""
    order_number: OrderNumber
    order_line_id: str
    evidence: tuple[AlignmentEvidence, ...]
    billed: Exact
    unit: str
    ordered: Exact
    received: Exact
    billed_before: Exact
    invoice_price: Money | None
    """Per one unit of the order line, price base applied, unrounded."""
    order_price: Money


class MatchDepth(StrEnum):
    TWO_WAY = "two_way"
    THREE_WAY = "three_way"
    FOUR_WAY = "four_way"
    NON_PO = "non_po"


class MatchResult(Record):
    depth: MatchDepth
    lines: tuple[LineMatch, ...] = ()
    unmatched: tuple[int, ...] = ()
    """Positions of invoice lines that belong to no order line."""
    discrepancies: tuple[Discrepancy, ...] = ()
    policy: str
    """Name and version of the policy that was applied."""

    @property
    def is_clean(self) -> bool:
        """No finding that a person must decide."""
        return all(found.severity is not Severity.BLOCK for found in self.discrepancies)
