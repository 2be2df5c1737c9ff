"""What the books refuse, as one exception with a stable code."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why something was not booked. The codes are stable; protocol servers map them to vendor texts."""

    UNKNOWN_SUPPLIER = "unknown_supplier"
    UNKNOWN_ACCOUNT = "unknown_account"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_TAX_CODE = "unknown_tax_code"
    UNKNOWN_CURRENCY = "unknown_currency"
    NO_RATE = "no_rate"
    """The currency is known but has no exchange rate on the day."""
    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_ORDER_LINE = "unknown_order_line"
    UNKNOWN_DOCUMENT = "unknown_document"
    UNKNOWN_LINE = "unknown_line"
    UNKNOWN_HOLD_REASON = "unknown_hold_reason"

    SUPPLIER_BLOCKED = "supplier_blocked"
    ACCOUNT_BLOCKED = "account_blocked"
    ACCOUNT_NOT_DIRECT = "account_not_direct"
    """A heading, or an account that only the system posts to (payables, GR/IR, VAT)."""
    ITEM_BLOCKED = "item_blocked"
    PERIOD_CLOSED = "period_closed"
    DUPLICATE_NUMBER = "duplicate_number"
    """The supplier's number is already posted for this supplier and document type."""
    NUMBER_MISSING = "number_missing"
    """A document cannot be posted without the supplier's own number."""
    VALUE_MISSING = "value_missing"
    NOTHING_TO_POST = "nothing_to_post"
    NEGATIVE_TOTAL = "negative_total"
    UNBALANCED = "unbalanced"
    TAX_DIFFERENCE = "tax_difference"
    TOTAL_DIFFERS = "total_differs"

    NOT_A_DRAFT = "not_a_draft"
    """The action is for drafts only."""
    POSTED_UNCHANGEABLE = "posted_unchangeable"
    NOT_POSTED = "not_posted"
    """The action is for posted documents only."""
    ALREADY_PAID = "already_paid"
    ALREADY_REVERSED = "already_reversed"
    STALE_VERSION = "stale_version"

    OVER_RECEIPT = "over_receipt"
    OVER_BILLING = "over_billing"
    ORDER_NOT_OPEN = "order_not_open"
    ORDER_OF_OTHER_SUPPLIER = "order_of_other_supplier"
    CURRENCY_DIFFERS = "currency_differs"
    BELOW_FULFILLED = "below_fulfilled"
    """An order line cannot be cut below what was received or billed on it."""
    INVALID_VALUE = "invalid_value"
    HOLD_EXISTS = "hold_exists"
    HOLD_MISSING = "hold_missing"


class Refused(Exception):
    """The books said no and nothing was changed. `field` is the field at fault, in our words."""

    def __init__(self, code: Refusal, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
