"""Accounts, codes, periods, payments and open items of the company's books in Exact Online's fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from tools.domain.decision import PostingState
from tools.erp.exact.sandbox_schema import resources
from tools.erp.sandbox.company import Company

Row = dict[str, Any]
Guid = Callable[[str, str], str]
PURCHASE_JOURNAL = "70"
_BANK, _PAYABLE, _VAT, _INVENTORY, _ACCRUED, _COSTS = 12, 22, 24, 40, 27, 121


def account_types(company: Company) -> dict[str, int]:
    """Type of each G/L account. Headings do not exist in Exact Online and are left out."""
    books = company.books
    controls = books.settings.controls
    types = {number: _COSTS for number, account in books.accounts.items() if not account.heading}
    for code in books.tax_codes.values():
        types |= dict.fromkeys(filter(None, (code.input_account, code.output_account)), _VAT)
    types |= {item.inventory_account: _INVENTORY for item in books.items.values()}
    payables = {card.payables_account for card in books.suppliers.values()}
    types |= dict.fromkeys(payables | {controls.payables}, _PAYABLE)
    return types | {controls.gr_ir: _ACCRUED, controls.bank: _BANK}


class LedgerRecords:
    def __init__(self, company: Company, guid: Guid) -> None:
        self._company = company
        self._books = company.books
        self._guid = guid

    @property
    def readers(self) -> dict[str, Callable[[], Iterator[Row]]]:
        return {
            "financial/GLAccounts": self._accounts,
            "financial/Journals": self._journals,
            "financial/FinancialPeriods": self._periods,
            "vat/VATCodes": self._vat_codes,
            "hrm/Costcenters": self._cost_centres,
            "bulk/Cashflow/Payments": self._payments,
            "read/financial/PayablesList": self._payables,
        }

    def _row(self, resource: str, **values: Any) -> Row:
        return resources()[resource].row(**values)

    def _accounts(self) -> Iterator[Row]:
        for number, kind in account_types(self._company).items():
            account = self._books.accounts[number]
            yield self._row(
                "financial/GLAccounts",
                ID=self._guid("gl account", number),
                Code=number,
                Description=account.name,
                Type=kind,
                IsBlocked=account.blocked,
            )

    def _journals(self) -> Iterator[Row]:
        for code, kind, name in ((PURCHASE_JOURNAL, 22, "Purchases"), ("20", 12, "Bank")):
            yield self._row(
                "financial/Journals",
                ID=self._guid("journal", code),
                Code=code,
                Type=kind,
                Description=name,
                IsBlocked=False,
            )

    def _periods(self) -> Iterator[Row]:
        """Months as far back as the books' orders go, at least of the year before, and of the next year;
        nothing says which are closed."""
        this_year = self._company.clock().date().year
        days = (card.order.ordered_on for card in self._books.orders.values())
        first = min([this_year - 1, *(day.year for day in days if day is not None)])
        for year in range(first, this_year + 2):
            for month in range(1, 13):
                start = date(year, month, 1)
                end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
                yield self._row(
                    "financial/FinancialPeriods",
                    ID=self._guid("period", start.isoformat()),
                    FinYear=year,
                    FinPeriod=month,
                    StartDate=start,
                    EndDate=end,
                )

    def _vat_codes(self) -> Iterator[Row]:
        for code in self._books.tax_codes.values():
            yield self._row(
                "vat/VATCodes",
                ID=self._guid("vat code", code.code),
                Code=code.code.ljust(3),
                Description=code.description,
                Percentage=code.rate / 100,
                Type="E",
                Charged=code.reverse_charge,
                VATTransactionType="B",
                IsBlocked=False,
            )

    def _cost_centres(self) -> Iterator[Row]:
        for centre in self._books.cost_centres:
            yield self._row(
                "hrm/Costcenters",
                ID=self._guid("cost centre", centre.code),
                Code=centre.code,
                Description=centre.name,
                Active=not centre.blocked,
            )

    def _payments(self) -> Iterator[Row]:
        for document in self._books.documents.values():
            if document.state in (PostingState.POSTED, PostingState.PAID):
                yield self._row(
                    "bulk/Cashflow/Payments",
                    ID=self._guid("payment", document.document_id),
                    TransactionEntryID=document.document_id,
                    YourRef=document.supplier_number,
                    Status=50 if document.state is PostingState.PAID else 20,
                )

    def _payables(self) -> Iterator[Row]:
        position = 0
        for supplier_id in self._books.suppliers:
            for item in self._company.open_items(supplier_id):
                position += 1
                left = item.remaining or item.amount
                number = int("".join(letter for letter in item.document_number if letter.isdigit()) or "0")
                yield self._row(
                    "read/financial/PayablesList",
                    HID=position,
                    AccountId=self._guid("account", supplier_id),
                    AccountCode=supplier_id.rjust(18),
                    EntryNumber=number,
                    InvoiceNumber=number,
                    YourRef=item.supplier_invoice_number,
                    InvoiceDate=item.document_date,
                    DueDate=item.due_date,
                    CurrencyCode=left.currency,
                    Amount=left.amount,
                )
