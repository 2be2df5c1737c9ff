"""What SAP's published services, or this connector, cannot do, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from tools.erp.contract import Capability

DECLINED: Mapping[Capability, str] = {
    Capability.READ_SUPPLIER_LIMITS: (
        "the business partner service tells no limit of a single invoice (settings: supplier_limits)"
    ),
    Capability.READ_CHANGES: (
        "a change of a supplier's company data or bank account moves no date that API_BUSINESS_PARTNER can "
        "be filtered by, so all suppliers are read"
    ),
    Capability.READ_TAX_CODES: (
        "no published service lists tax codes; the settings name them with their rates"
    ),
    Capability.READ_POSTING_WINDOW: "no published service tells which posting periods are open",
    Capability.HOLD_INVOICE: (
        "API_SUPPLIERINVOICE_PROCESS_SRV cannot change a posted invoice: a payment block is set while "
        "posting, by the system's own tolerances, or on SAP's screen"
    ),
}
