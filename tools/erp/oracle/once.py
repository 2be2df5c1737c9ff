"""What Oracle takes once."""

from __future__ import annotations

from collections.abc import Mapping

from tools.erp.contract import Capability

_NUMBER = (
    "Oracle gives a number of a supplier once in a business unit and refuses a second invoice under it when "
    "it is created (AP-810776)"
)

TAKES_ONCE: Mapping[Capability, str] = {
    Capability.POST_INVOICE: _NUMBER,
    Capability.PARK_INVOICE: _NUMBER,
    Capability.POST_CREDIT_NOTE: _NUMBER,
}
"""Receipts, draft orders, holds and releases have no such guard: what is not found of them may still come.
Cancelling twice makes no second document, but it has no identity of its own to be refused by."""
