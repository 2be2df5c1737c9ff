"""What Oracle's REST resources do not offer, or not in a way that could be checked, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from tools.erp.contract import Capability

_SEGMENTS = (
    "accounts and cost centres are segments of a code combination, and their names differ in every chart of "
    "accounts; the settings say how a combination is built"
)

DECLINED: Mapping[Capability, str] = {
    Capability.READ_ORDER_RATES: (
        "the conversion rate of an order is not among the attributes that this connector was checked against"
    ),
    Capability.READ_SUPPLIER_LIMITS: (
        "the invoice amount limit of a supplier site is not among the attributes that this connector was "
        "checked against"
        " (settings: supplier_limits)"
    ),
    Capability.READ_ORDER_LIMITS: (
        "a blanket agreement is a document of its own, purchaseAgreements, which this connector does not "
        "read; a purchase order has no limit beyond its lines"
    ),
    Capability.READ_ACCOUNTS: _SEGMENTS,
    Capability.READ_COST_CENTRES: _SEGMENTS,
    Capability.READ_TAX_CODES: (
        "the list of tax classifications is a resource whose attributes could not be checked against a "
        "publication"
    ),
    Capability.AMEND_ORDER_LINE: (
        "an order that was sent is changed by a change order, which a buyer makes and submits in Oracle"
    ),
}

NO_LEDGER = "open periods belong to a ledger, and the setting `ledger_id` does not say which"
"""Why the posting window is declined without that setting."""

NO_BANK_ACCOUNTS = "the setting `read_bank_accounts` says that bank accounts of suppliers are not to be read"
"""Why bank accounts are declined with that setting off."""

NO_DRAFT_ORDERS = (
    "a draft order needs a buyer and a document style, and the setting `draft_orders` names none"
)
"""Why draft orders are declined without that setting."""
