"""What AFAS Profit's connectors, or this connector, cannot do, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from tools.erp.contract import Capability

DECLINED: Mapping[Capability, str] = {
    Capability.READ_ORDER_RATES: ("the lines of orders that our GetConnector asks for tell no exchange rate"),
    Capability.READ_SUPPLIER_LIMITS: (
        "the creditors that our GetConnector asks for tell no limit of a single invoice"
        " (settings: supplier_limits)"
    ),
    Capability.READ_ORDER_LIMITS: (
        "the lines of orders that our GetConnector asks for tell no value limit and no last day of a frame"
    ),
    Capability.LINK_ORDER_LINES: (
        "Profit links an invoice to receipts by a second message (FbConfrontation) after the entry is final; "
        "it needs an activation of its own and is not sent"
    ),
    Capability.PARK_INVOICE: (
        "an entry through FiEntries is final at once; what is put into Profit's inbox for e-invoices gets no "
        "key by which it could be found again"
    ),
    Capability.REVERSE_INVOICE: (
        "Profit deletes an entry instead of reversing it, without a trace in the ledger; post a credit note"
    ),
}
