"""Bank accounts of suppliers and accounting periods in Oracle's attributes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tools.erp.oracle.sandbox_payables import Ids
from tools.erp.oracle.sandbox_schema import resources
from tools.erp.sandbox.company import Company

PAYABLES = 200
Row = dict[str, Any]


def account_rows(company: Company, ids: Ids, *, masks: bool) -> Iterator[Row]:
    """Bank accounts of suppliers; `masks`: shown in part only."""
    table = resources()["externalBankAccounts"]
    for card in company.books.suppliers.values():
        for account in card.supplier.bank_accounts:
            shown = f"{'X' * (len(account.iban) - 4)}{account.iban[-4:]}" if masks else account.iban
            key = ids.of("bank account", f"{card.supplier.supplier_id}/{account.iban}")
            values = {
                "BankAccountId": key,
                "VendorId": ids.of("supplier", card.supplier.supplier_id),
                "IBAN": shown,
                "CountryCode": account.iban[:2],
                "EndDate": "4712-12-31",
            }
            yield {**table.render(values), "@key": str(key)}


def period_rows(company: Company, ledger_id: int) -> Iterator[Row]:
    """Months of last year, this one and the next, and of all years that the books are open in; open where the
    books may be posted to."""
    table, window = resources()["accountingPeriodStatusLOV"], company.books.window
    this = company.clock().year
    first = min(this - 1, window.first_open.year if window.first_open else this)
    last = max(this + 1, window.last_open.year if window.last_open else this)
    for month in range(12 * (last - first + 1)):
        start = date(first + month // 12, month % 12 + 1, 1)
        end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        early = window.first_open is not None and end < window.first_open
        late = window.last_open is not None and start > window.last_open
        for application in (101, PAYABLES):
            values = {
                "LedgerId": ledger_id,
                "PeriodNameId": f"{start:%m-%y}",
                "ApplicationId": application,
                # The general ledger keeps every period open here: whoever reads its periods is wrong.
                "ClosingStatus": "C" if application == PAYABLES and (early or late) else "O",
                "StartDate": start.isoformat(),
                "EndDate": end.isoformat(),
            }
            yield {**table.render(values), "@key": f"P{application}{start:%Y%m}"}
