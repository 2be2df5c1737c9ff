"""The ways out of a finding that several findings share, and what choosing one does."""

from __future__ import annotations

from enum import StrEnum

from tools.domain.documents import Record


class Effect(StrEnum):
    """What choosing a resolution does."""

    POST = "post"
    """Propose the posting despite the finding; the approval still follows."""
    PARK = "park"
    """Propose a draft in the ERP without ledger effect."""
    WAIT = "wait"
    """The case waits and is checked again."""
    REJECT = "reject"
    """The case is closed and the document goes back to the supplier."""
    REMATCH = "rematch"
    """Match again, with what the person gave or after what changed in the ERP."""


class Need(StrEnum):
    """What a person must give with a resolution. Its value names the field of the answer."""

    ORDER_NUMBER = "order_number"
    ORDER_LINE = "order_line"
    SUPPLIER = "supplier_id"
    ACCOUNT = "account"
    BANK_VERIFIED = "bank_verified"
    """How and by whom an account was verified; never what the document itself says."""
    CLEARED = "cleared"
    """Which candidates are no duplicates."""
    REASON = "reason"


class Resolution(Record):
    """One way out of a finding."""

    id: str
    label: str
    description: str
    who: str
    """Who has the authority to choose it."""
    effect: Effect
    needs: tuple[Need, ...] = ()


class Entry(Record):
    """One row of the table."""

    first_look: str
    resolutions: tuple[Resolution, ...]
    may_park: bool = False
    """A draft in the ERP does no harm while the finding stands."""


def way(effect: Effect, name: str, label: str, description: str, who: str, *needs: Need) -> Resolution:
    return Resolution(id=name, label=label, description=description, who=who, effect=effect, needs=needs)


POST, WAIT, REJECT, REMATCH = Effect.POST, Effect.WAIT, Effect.REJECT, Effect.REMATCH
AP, BUYER = "accounts payable", "buyer"

PARK = way(
    Effect.PARK,
    "park",
    "Keep as draft",
    "Keep the invoice as a draft in the ERP, without ledger effect.",
    AP,
)
RETURN = way(
    REJECT,
    "return_to_supplier",
    "Return to supplier",
    "Close the case; ask the supplier for a corrected document or a credit note.",
    AP,
    Need.REASON,
)
ASK = way(WAIT, "ask_supplier", "Ask the supplier", "The case waits for the supplier's answer.", AP)
ORDER_CHANGED = way(
    REMATCH,
    "order_changed",
    "Buyer has changed the order",
    "The buyer changed the order in the ERP; read it again and match.",
    BUYER,
)
WAIT_BUYER = way(WAIT, "wait_for_buyer", "Wait for the buyer", "The buyer looks into it.", BUYER)
WAIT_RECEIPT = way(
    WAIT,
    "wait_for_receipt",
    "Wait for the receipt",
    "The receiver confirms the delivery in the ERP; then the case is checked again.",
    "receiver",
)
GIVE_ORDER = way(
    REMATCH, "give_order", "Name the order", "Match with the order you name.", AP, Need.ORDER_NUMBER
)
GIVE_LINE = way(
    REMATCH, "give_order_line", "Choose the order line", "Match this line as you say.", AP, Need.ORDER_LINE
)
GIVE_SUPPLIER = way(
    REMATCH,
    "give_supplier",
    "Choose the supplier",
    "Go on with the supplier you choose.",
    AP,
    Need.SUPPLIER,
)
GIVE_ACCOUNT = way(
    REMATCH,
    "give_account",
    "Give the account",
    "Code what has no order line to this account.",
    "budget owner",
    Need.ACCOUNT,
)
ONBOARD = way(
    WAIT,
    "onboard_supplier",
    "Have the supplier created",
    "Master data creates and checks the supplier; then the case is checked again.",
    "master data",
)


def accept(name: str, label: str, description: str, who: str) -> Resolution:
    return way(POST, name, label, description, who, Need.REASON)
