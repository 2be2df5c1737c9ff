"""Lines of financial entries as a customer's own GetConnector shows them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tools.erp.afas.sandbox_profit import Profit
from tools.erp.afas.sandbox_schema import Element
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.entries import LedgerRow

_ZERO = Decimal(0)


def line_rows(profit: Profit) -> Iterator[dict[str, Any]]:
    """What came through `FiEntries` as it was entered; what the books had before without VAT codes and cost
    centres, which they do not keep with the ledger."""
    for document in profit.documents():
        for number, row in enumerate(_rows(profit, document), start=1):
            yield {
                "UnId": profit.administration,
                "JoCo": profit.journal,
                "EnNo": profit.entry_of(document),
                "SeNo": number,
                "EnDa": document.posting_date,
                **row,
            }


def _rows(profit: Profit, document: PurchaseDocument) -> Iterator[dict[str, Any]]:
    entered = profit.entered.get(document.document_id)
    if entered is not None:
        yield from (_as_entered(line) for line in entered)
        return
    for row in profit.company.ledger.entry(document.entry_number or 0).rows:
        yield _as_booked(row)


def _as_entered(line: Element) -> dict[str, Any]:
    centres = [each["DiC1"] for each in line.inner("FiDimEntries")]
    return {
        "VaAs": line["VaAs"],
        "AcNr": line["AcNr"],
        "AmDe": line["AmDe"] or _ZERO,
        "AmCr": line["AmCr"] or _ZERO,
        "AmDc": line["AmDc"] or _ZERO,
        "AmCc": line["AmCc"] or _ZERO,
        "VaId": line["VaId"],
        "DiCo": centres[0] if centres else None,
    }


def _as_booked(row: LedgerRow) -> dict[str, Any]:
    foreign = _ZERO if row.foreign is None else row.foreign.amount
    return {
        "VaAs": "1" if row.supplier_id is None else "3",
        "AcNr": row.supplier_id or row.account,
        "AmDe": row.debit,
        "AmCr": row.credit,
        "AmDc": max(foreign, _ZERO),
        "AmCc": max(-foreign, _ZERO),
        "VaId": None,
        "DiCo": None,
    }
