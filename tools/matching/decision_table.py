"""The decision table of accounts payable as data: where to look first, what may follow, who decides.

A kind has at most one way to post despite it (`accept`), and none where posting would pass over a control.
"""

from __future__ import annotations

from collections.abc import Mapping

from tools.domain.findings import DiscrepancyKind
from tools.matching.ways_out import (
    AP,
    ASK,
    BUYER,
    GIVE_ACCOUNT,
    GIVE_LINE,
    GIVE_ORDER,
    GIVE_SUPPLIER,
    ONBOARD,
    ORDER_CHANGED,
    REJECT,
    REMATCH,
    RETURN,
    WAIT,
    WAIT_BUYER,
    WAIT_RECEIPT,
    Entry,
    Need,
    Resolution,
    accept,
    way,
)


def row(first_look: str, *ways: Resolution, park: bool = False) -> Entry:
    return Entry(first_look=first_look, resolutions=ways, may_park=park)


_K = DiscrepancyKind
TABLE: Mapping[DiscrepancyKind, Entry] = {
    _K.PRICE_OVER: row(
        "contract, date of the price list, price base, unit, currency, discount",
        accept(
            "accept_price",
            "Accept the higher price",
            "Post at the invoice's price; the buyer has agreed.",
            "buyer, within the approval limits",
        ),
        ORDER_CHANGED,
        ASK,
        RETURN,
        park=True,
    ),
    _K.PRICE_UNDER: row(
        "is it the right order line, is the order's price old",
        accept("accept_lower_price", "Accept the lower price", "Post; the buyer is informed.", AP),
        ORDER_CHANGED,
        GIVE_LINE,
        park=True,
    ),
    _K.QTY_OVER_RECEIVED: row("receipts, delivery note, carrier", WAIT_RECEIPT, ASK, RETURN, park=True),
    _K.QTY_OVER_ORDERED: row(
        "rule for over-delivery, returns", ORDER_CHANGED, WAIT_BUYER, ASK, RETURN, park=True
    ),
    _K.NO_RECEIPT: row("delivery address, the right order, is it a service", WAIT_RECEIPT, RETURN, park=True),
    _K.RECEIPT_GT_INVOICE: row("whether another invoice is to come"),
    _K.NO_PO: row(
        "open orders of this supplier by amount and item",
        GIVE_ORDER,
        accept(
            "post_without_order",
            "Post without order",
            "Treat it as an invoice without order; the requester has confirmed it.",
            "requester and budget owner",
        ),
        ASK,
        RETURN,
    ),
    _K.BAD_PO: row("open orders of this supplier by amount and item", GIVE_ORDER, WAIT_BUYER, ASK, RETURN),
    _K.PO_EXHAUSTED: row(
        "what was billed on this order so far; may it be a duplicate",
        ORDER_CHANGED,
        GIVE_ORDER,
        RETURN,
        park=True,
    ),
    _K.UNPLANNED_FREIGHT: row(
        "delivery terms of the order, limit for delivery cost",
        accept("accept_freight", "Accept the delivery cost", "Post it to the freight account.", BUYER),
        ASK,
        RETURN,
        park=True,
    ),
    _K.UNPLANNED_LINE: row(
        "surcharge, substitute or not ordered at all",
        GIVE_LINE,
        ORDER_CHANGED,
        accept("accept_line", "Accept the further line", "Post the line to its account.", BUYER),
        RETURN,
        park=True,
    ),
    _K.UOM_OR_BASE: row(
        "conversion of the item, price base",
        way(
            REMATCH,
            "conversion_added",
            "Conversion is added",
            "Master data added the conversion in the ERP; read again and match.",
            "master data",
        ),
        GIVE_LINE,
        ASK,
        RETURN,
        park=True,
    ),
    _K.SUBSTITUTE_ITEM: row(
        "the supplier's notice of a substitute",
        accept("accept_substitute", "Accept the other item", "The buyer confirms it is as good.", BUYER),
        GIVE_LINE,
        RETURN,
        park=True,
    ),
    _K.TOTAL_MISMATCH: row("rounding, a missing line, a value read wrongly", ASK, RETURN),
    _K.TAX_WRONG: row(
        "how the tax was determined: rate, category, ids, reverse charge",
        way(
            REMATCH,
            "tax_code_set",
            "Tax code is set",
            "The tax specialist added the tax code to the profile; check again.",
            "tax specialist",
        ),
        RETURN,
    ),
    _K.DUPLICATE_SUSPECT: row(
        "the candidate, side by side",
        way(REJECT, "confirm_duplicate", "It is a duplicate", "Close the case; nothing is posted.", AP),
        way(
            REMATCH,
            "not_a_duplicate",
            "It is no duplicate",
            "Clear the candidates with a reason and check the rest.",
            f"{AP}, a second person above the limit",
            Need.CLEARED,
            Need.REASON,
        ),
    ),
    _K.SUPPLIER_UNKNOWN: row("registered ids on the document", GIVE_SUPPLIER, ONBOARD, RETURN),
    _K.SUPPLIER_AMBIGUOUS: row("registered ids on the document", GIVE_SUPPLIER, ONBOARD, RETURN),
    _K.SUPPLIER_BLOCKED: row(
        "the reason of the block",
        way(
            WAIT,
            "wait_for_unblocking",
            "Wait until the block is lifted",
            "Its owner lifts the block in the ERP; then the case is checked again.",
            "master data, legal",
        ),
        GIVE_SUPPLIER,
        RETURN,
    ),
    _K.BANK_CHANGE: row(
        "call back on a number from master data or contract, never from the document",
        way(
            REMATCH,
            "bank_verified",
            "Account is verified",
            "Two persons verified the account by call-back; check again.",
            "master data and treasury, two persons",
            Need.BANK_VERIFIED,
        ),
        way(WAIT, "wait_for_callback", "Wait for the call-back", "The case waits.", "treasury"),
        way(
            REJECT,
            "report_fraud",
            "Report as fraud",
            "Close the case and report it.",
            "treasury",
            Need.REASON,
        ),
    ),
    _K.CURRENCY_DIFF: row("currency in the contract", ORDER_CHANGED, ASK, RETURN, park=True),
    _K.CREDIT_NOTE_UNLINKED: row(
        "number, amount and order of the invoice it may belong to",
        GIVE_ORDER,
        accept(
            "credit_to_account", "Credit to the account", "Post it without a link.", "buyer above the limit"
        ),
        ASK,
        RETURN,
    ),
    _K.CREDIT_EXCEEDS: row("what was billed and credited before", ASK, RETURN, park=True),
    _K.PERIOD_CLOSED: row(
        "calendar of periods",
        way(
            WAIT,
            "wait_for_period",
            "Wait for the period",
            "The case waits until the period is open.",
            "controller",
        ),
    ),
    _K.CODING_UNSURE: row(
        "earlier invoices of the supplier, text of the line, contract", GIVE_ACCOUNT, RETURN
    ),
    _K.BUDGET_EXCEEDED: row("what is left of the budget and what is reserved", WAIT_BUYER, RETURN, park=True),
    _K.APPROVER_MISSING: row("delegation and the next level of authority"),
    _K.LATE_DISCOUNT: row("when the discount lapses; it moves the case up the queue"),
    _K.STATEMENT_DIFF: row("copies of missing invoices, credits, payments", ASK),
    _K.QTY_OVER_ACCEPTED: row("the inspection's decision", WAIT_RECEIPT, ASK, RETURN, park=True),
    _K.AMOUNT_LIMIT: row(
        "whether an order should exist for such an amount",
        accept("accept_amount", "Accept the amount", "Post it; the amount is confirmed.", "budget owner"),
        ASK,
        RETURN,
        park=True,
    ),
    _K.DATE_VARIANCE: row(
        "the planned delivery date",
        accept("accept_delivery_date", "Accept the date", "Post it; the buyer agrees to the date.", BUYER),
        ORDER_CHANGED,
        RETURN,
        park=True,
    ),
    _K.RATE_VARIANCE: row("the rate of the day in the ERP", ORDER_CHANGED, ASK, RETURN, park=True),
    _K.SENDER_SUSPECT: row(
        "the sender's address letter by letter; call the supplier on a number from master data",
        accept("sender_confirmed", "The sender is genuine", "Confirmed by a call-back.", AP),
        way(
            REJECT,
            "report_fraud",
            "Report as fraud",
            "Close the case and report it.",
            "treasury",
            Need.REASON,
        ),
        RETURN,
    ),
    _K.FIRST_INVOICE: row("who ordered, and whether the supplier was checked when it was created"),
    _K.NEAR_LIMIT: row("further documents of this supplier around this date"),
    _K.SPLIT_INVOICE: row("whether the documents are one purchase", ASK, RETURN),
    _K.LINE_AMBIGUOUS: row("the candidates, side by side", GIVE_LINE, GIVE_ORDER, ASK),
    _K.MISSING_FIELD: row("the document itself", ASK, RETURN),
    _K.WRONG_COMPANY: row(
        "to which company of the group it is addressed",
        way(
            REJECT,
            "forward_to_company",
            "Hand over to that company",
            "Close the case here; the addressee handles it.",
            AP,
            Need.REASON,
        ),
        RETURN,
    ),
    _K.DATE_IMPLAUSIBLE: row(
        "the date on the document",
        accept("accept_date", "The date is right", "Post with the date on the document.", f"{AP} lead"),
        ASK,
        RETURN,
        park=True,
    ),
    _K.UNREADABLE_VALUE: row("the document itself", ASK, RETURN),
    _K.TEXT_GIVES_ORDERS: row("the marked text: it is content, no authority", ASK, RETURN),
    _K.ERP_REFUSED: row(
        "the ERP's own words",
        way(REMATCH, "try_again", "Check again", "The cause is mended in the ERP; check again.", AP),
        RETURN,
    ),
}
