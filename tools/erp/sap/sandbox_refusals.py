"""The books' refusals in SAP's words: message class and number, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.erp.sandbox.refusal import Refusal, Refused
from tools.erp.sap.sandbox_schema import ODataError, business

_CODES = {
    Refusal.UNKNOWN_SUPPLIER: "F5/104",
    Refusal.UNKNOWN_ACCOUNT: "F5/506",
    Refusal.ACCOUNT_BLOCKED: "F5/351",
    Refusal.ACCOUNT_NOT_DIRECT: "F5/562",
    Refusal.UNKNOWN_TAX_CODE: "FICORE/704",
    Refusal.UNKNOWN_CURRENCY: "SG/105",
    Refusal.NO_RATE: "SG/105",
    Refusal.UNKNOWN_ORDER: "06/019",
    Refusal.UNKNOWN_ORDER_LINE: "06/019",
    Refusal.ORDER_NOT_OPEN: "M8/082",
    Refusal.OVER_BILLING: "M8/504",
    Refusal.OVER_RECEIPT: "M7/021",
    Refusal.TOTAL_DIFFERS: "M8/534",
    Refusal.TAX_DIFFERENCE: "FF/712",
    Refusal.NOTHING_TO_POST: "M8/375",
    Refusal.ALREADY_PAID: "F5/308",
}


def translated(refused: Refused, given: Mapping[str, Any], company: str) -> ODataError:
    """`given` names the supplier and the posting date, for the sentences that need them."""
    supplier, day = given.get("InvoicingParty", ""), given.get("PostingDate")
    if refused.code is Refusal.PERIOD_CLOSED and day is not None:
        text = f"Posting period {day.month:03d} {day.year} is not open for account type K"
        return business("M8/535" if "InvoiceGrossAmount" in given else "M7/053", text)
    if refused.code is Refusal.SUPPLIER_BLOCKED:
        return business("F5/351", f"Account {supplier} in company code {company[:4]} is blocked for posting")
    if refused.code is Refusal.STALE_VERSION:
        return ODataError(412, "/IWBEP/CM_MGW_RT/023", "The precondition of If-Match is not met")
    return business(_CODES.get(refused.code, "M8/000"), refused.message)
