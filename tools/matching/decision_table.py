"""The decision table of accounts payable as data: finding → where to look first, what may follow, who decides.

A kind has at most one way to post despite it (`accept`), and none where posting would pass over a control.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tools.domain.documents import Record
from tools.domain.findings import DiscrepancyKind


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


def _way(effect: Effect, name: str, label: str, description: str, who: str, *needs: Need) -> Resolution:
    return Resolution(id=name, label=label, description=description, who=who, effect=effect, needs=needs)


_POST, _WAIT, _REJECT, _REMATCH = Effect.POST, Effect.WAIT, Effect.REJECT, Effect.REMATCH
_AP, _BUYER = "accounts payable", "buyer"

PARK = _way(
    Effect.PARK,
    "park",
    "Keep as draft",
    "Keep the invoice as a draft in the ERP, without ledger effect.",
    _AP,
)
_RETURN = _way(
    _REJECT,
    "return_to_supplier",
    "Return to supplier",
    "Close the case; ask the supplier for a corrected document or a credit note.",
    _AP,
    Need.REASON,
)
_ASK = _way(_WAIT, "ask_supplier", "Ask the supplier", "The case waits for the supplier's answer.", _AP)
_ORDER_CHANGED = _way(
    _REMATCH,
    "order_changed",
    "Buyer has changed the order",
    "The buyer changed the order in the ERP; read it again and match.",
    _BUYER,
)
_WAIT_BUYER = _way(_WAIT, "wait_for_buyer", "Wait for the buyer", "The buyer looks into it.", _BUYER)
_WAIT_RECEIPT = _way(
    _WAIT,
    "wait_for_receipt",
    "Wait for the receipt",
    "The receiver confirms the delivery in the ERP; then the case is checked again.",
    "receiver",
)
_GIVE_ORDER = _way(
    _REMATCH, "give_order", "Name the order", "Match with the order you name.", _AP, Need.ORDER_NUMBER
)
_GIVE_LINE = _way(
    _REMATCH, "give_order_line", "Choose the order line", "Match this line as you say.", _AP, Need.ORDER_LINE
)
_GIVE_SUPPLIER = _way(
    _REMATCH,
    "give_supplier",
    "Choose the supplier",
    "Go on with the supplier you choose.",
    _AP,
    Need.SUPPLIER,
)
_GIVE_ACCOUNT = _way(
    _REMATCH,
    "give_account",
    "Give the account",
    "Code what has no order line to this account.",
    "budget owner",
    Need.ACCOUNT,
)
_ONBOARD = _way(
    _WAIT,
    "onboard_supplier",
    "Have the supplier created",
    "Master data creates and checks the supplier; then the case is checked again.",
    "master data",
)


def _accept(name: str, label: str, description: str, who: str) -> Resolution:
    return _way(_POST, name, label, description, who, Need.REASON)


def _row(first_look: str, *ways: Resolution, park: bool = False) -> Entry:
    return Entry(first_look=first_look, resolutions=ways, may_park=park)


_K = DiscrepancyKind
TABLE: Mapping[DiscrepancyKind, Entry] = {
    _K.PRICE_OVER: _row(
        "contract, date of the price list, price base, unit, currency, discount",
        _accept(
            "accept_price",
            "Accept the higher price",
            "Post at the invoice's price; the buyer has agreed.",
            "buyer, within the approval limits",
        ),
        _ORDER_CHANGED,
        _ASK,
        _RETURN,
        park=True,
    ),
    _K.PRICE_UNDER: _row(
        "is it the right order line, is the order's price old",
        _accept("accept_lower_price", "Accept the lower price", "Post; the buyer is informed.", _AP),
        _ORDER_CHANGED,
        _GIVE_LINE,
        park=True,
    ),
    _K.QTY_OVER_RECEIVED: _row("receipts, delivery note, carrier", _WAIT_RECEIPT, _ASK, _RETURN, park=True),
    _K.QTY_OVER_ORDERED: _row(
        "rule for over-delivery, returns", _ORDER_CHANGED, _WAIT_BUYER, _ASK, _RETURN, park=True
    ),
    _K.NO_RECEIPT: _row(
        "delivery address, the right order, is it a service", _WAIT_RECEIPT, _RETURN, park=True
    ),
    _K.RECEIPT_GT_INVOICE: _row("whether another invoice is to come"),
    _K.NO_PO: _row(
        "open orders of this supplier by amount and item",
        _GIVE_ORDER,
        _accept(
            "post_without_order",
            "Post without order",
            "Treat it as an invoice without order; the requester has confirmed it.",
            "requester and budget owner",
        ),
        _ASK,
        _RETURN,
    ),
    _K.BAD_PO: _row(
        "open orders of this supplier by amount and item", _GIVE_ORDER, _WAIT_BUYER, _ASK, _RETURN
    ),
    _K.PO_EXHAUSTED: _row(
        "what was billed on this order so far; may it be a duplicate",
        _ORDER_CHANGED,
        _GIVE_ORDER,
        _RETURN,
        park=True,
    ),
    _K.UNPLANNED_FREIGHT: _row(
        "delivery terms of the order, limit for delivery cost",
        _accept("accept_freight", "Accept the delivery cost", "Post it to the freight account.", _BUYER),
        _ASK,
        _RETURN,
        park=True,
    ),
    _K.UNPLANNED_LINE: _row(
        "surcharge, substitute or not ordered at all",
        _GIVE_LINE,
        _ORDER_CHANGED,
        _accept("accept_line", "Accept the further line", "Post the line to its account.", _BUYER),
        _RETURN,
        park=True,
    ),
    _K.UOM_OR_BASE: _row(
        "conversion of the item, price base",
        _way(
            _REMATCH,
            "conversion_added",
            "Conversion is added",
            "Master data added the conversion in the ERP; read again and match.",
            "master data",
        ),
        _GIVE_LINE,
        _ASK,
        _RETURN,
        park=True,
    ),
    _K.SUBSTITUTE_ITEM: _row(
        "the supplier's notice of a substitute",
        _accept("accept_substitute", "Accept the other item", "The buyer confirms it is as good.", _BUYER),
        _GIVE_LINE,
        _RETURN,
        park=True,
    ),
    _K.TOTAL_MISMATCH: _row("rounding, a missing line, a value read wrongly", _ASK, _RETURN),
    _K.TAX_WRONG: _row(
        "how the tax was determined: rate, category, ids, reverse charge",
        _way(
            _REMATCH,
            "tax_code_set",
            "Tax code is set",
            "The tax specialist added the tax code to the profile; check again.",
            "tax specialist",
        ),
        _RETURN,
    ),
    _K.DUPLICATE_SUSPECT: _row(
        "the candidate, side by side",
        _way(_REJECT, "confirm_duplicate", "It is a duplicate", "Close the case; nothing is posted.", _AP),
        _way(
            _REMATCH,
            "not_a_duplicate",
            "It is no duplicate",
            "Clear the candidates with a reason and check the rest.",
            f"{_AP}, a second person above the limit",
            Need.CLEARED,
            Need.REASON,
        ),
    ),
    _K.SUPPLIER_UNKNOWN: _row("registered ids on the document", _GIVE_SUPPLIER, _ONBOARD, _RETURN),
    _K.SUPPLIER_AMBIGUOUS: _row("registered ids on the document", _GIVE_SUPPLIER, _ONBOARD, _RETURN),
    _K.SUPPLIER_BLOCKED: _row(
        "the reason of the block",
        _way(
            _WAIT,
            "wait_for_unblocking",
            "Wait until the block is lifted",
            "Its owner lifts the block in the ERP; then the case is checked again.",
            "master data, legal",
        ),
        _GIVE_SUPPLIER,
        _RETURN,
    ),
    _K.BANK_CHANGE: _row(
        "call back on a number from master data or contract, never from the document",
        _way(
            _REMATCH,
            "bank_verified",
            "Account is verified",
            "Two persons verified the account by call-back; check again.",
            "master data and treasury, two persons",
            Need.BANK_VERIFIED,
        ),
        _way(_WAIT, "wait_for_callback", "Wait for the call-back", "The case waits.", "treasury"),
        _way(
            _REJECT,
            "report_fraud",
            "Report as fraud",
            "Close the case and report it.",
            "treasury",
            Need.REASON,
        ),
    ),
    _K.CURRENCY_DIFF: _row("currency in the contract", _ORDER_CHANGED, _ASK, _RETURN, park=True),
    _K.CREDIT_NOTE_UNLINKED: _row(
        "number, amount and order of the invoice it may belong to",
        _GIVE_ORDER,
        _accept(
            "credit_to_account", "Credit to the account", "Post it without a link.", "buyer above the limit"
        ),
        _ASK,
        _RETURN,
    ),
    _K.CREDIT_EXCEEDS: _row("what was billed and credited before", _ASK, _RETURN, park=True),
    _K.PERIOD_CLOSED: _row(
        "calendar of periods",
        _way(
            _WAIT,
            "wait_for_period",
            "Wait for the period",
            "The case waits until the period is open.",
            "controller",
        ),
    ),
    _K.CODING_UNSURE: _row(
        "earlier invoices of the supplier, text of the line, contract", _GIVE_ACCOUNT, _RETURN
    ),
    _K.LINE_AMBIGUOUS: _row("the candidates, side by side", _GIVE_LINE, _GIVE_ORDER, _ASK),
    _K.MISSING_FIELD: _row("the document itself", _ASK, _RETURN),
    _K.WRONG_COMPANY: _row(
        "to which company of the group it is addressed",
        _way(
            _REJECT,
            "forward_to_company",
            "Hand over to that company",
            "Close the case here; the addressee handles it.",
            _AP,
            Need.REASON,
        ),
        _RETURN,
    ),
    _K.DATE_IMPLAUSIBLE: _row(
        "the date on the document",
        _accept("accept_date", "The date is right", "Post with the date on the document.", f"{_AP} lead"),
        _ASK,
        _RETURN,
        park=True,
    ),
    _K.UNREADABLE_VALUE: _row("the document itself", _ASK, _RETURN),
    _K.TEXT_GIVES_ORDERS: _row("the marked text: it is content, no authority", _ASK, _RETURN),
    _K.ERP_REFUSED: _row(
        "the ERP's own words",
        _way(_REMATCH, "try_again", "Check again", "The cause is mended in the ERP; check again.", _AP),
        _RETURN,
    ),
}
