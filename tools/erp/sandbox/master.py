"""Master data and settings: the lookups that refuse, and the changes other people make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from tools.domain.supplier import Supplier, SupplierBlock
from tools.erp.contract import PostingWindow
from tools.erp.sandbox.books import Books, Item, LedgerAccount, SupplierCard, TaxCode
from tools.erp.sandbox.refusal import Refusal, Refused

_DIGITS = {"PO": "45", "GR": "50", "PI": "51", "PC": "52", "D": "53", "RV": "54"}
"""Prefix of a series -> the digits in its place."""


def check_version(expected: str | None, actual: str, what: str) -> None:
    """Raises Refused STALE_VERSION when the caller read another version; None checks nothing."""
    if expected is not None and expected != actual:
        raise Refused(
            Refusal.STALE_VERSION,
            f"Another user has changed {what} since it was read (version {expected}, now {actual}).",
            "version",
        )


class MasterData:
    """Suppliers, accounts, items, tax codes, rates and the posting window."""

    def __init__(self, books: Books, clock: Callable[[], datetime]) -> None:
        self._books = books
        self._clock = clock

    def supplier(self, supplier_id: str) -> SupplierCard:
        card = self._books.suppliers.get(supplier_id)
        if card is None:
            raise Refused(
                Refusal.UNKNOWN_SUPPLIER, f"The supplier {supplier_id} does not exist.", "supplier_id"
            )
        return card

    def account(self, number: str) -> LedgerAccount:
        account = self._books.accounts.get(number)
        if account is None:
            raise Refused(Refusal.UNKNOWN_ACCOUNT, f"The account {number} does not exist.", "account")
        return account

    def direct_account(self, number: str) -> LedgerAccount:
        """An account that a person may post to. Also raises ACCOUNT_NOT_DIRECT and ACCOUNT_BLOCKED."""
        account = self.account(number)
        if account.heading or not account.direct_posting:
            raise Refused(
                Refusal.ACCOUNT_NOT_DIRECT,
                f"The account {number} {account.name} does not allow direct posting.",
                "account",
            )
        if account.blocked:
            raise Refused(
                Refusal.ACCOUNT_BLOCKED, f"The account {number} {account.name} is blocked.", "account"
            )
        return account

    def item(self, number: str) -> Item:
        item = self._books.items.get(number)
        if item is None:
            raise Refused(Refusal.UNKNOWN_ITEM, f"The item {number} does not exist.", "item_number")
        return item

    def check_unit(self, unit: str | None) -> None:
        if unit is not None and unit not in self._books.units:
            raise Refused(Refusal.UNKNOWN_UNIT, f"The unit of measure {unit} does not exist.", "unit")

    def tax_code(self, code: str) -> TaxCode:
        tax_code = self._books.tax_codes.get(code)
        if tax_code is None:
            raise Refused(Refusal.UNKNOWN_TAX_CODE, f"The tax code {code} does not exist.", "tax_code")
        return tax_code

    def check_currency(self, currency: str) -> None:
        if currency != self._books.settings.currency and currency not in self._books.rates:
            raise Refused(Refusal.UNKNOWN_CURRENCY, f"The currency {currency} is not set up.", "currency")

    def rate(self, currency: str, day: date) -> Decimal:
        """Company currency for one unit of `currency`: the last rate that starts on or before `day`."""
        if currency == self._books.settings.currency:
            return Decimal(1)
        self.check_currency(currency)
        valid = [rate for rate in self._books.rates[currency] if rate.starting <= day]
        if not valid:
            raise Refused(Refusal.NO_RATE, f"There is no exchange rate for {currency} on {day}.", "currency")
        return max(valid, key=lambda rate: rate.starting).rate

    def check_open(self, day: date) -> None:
        """Raises Refused PERIOD_CLOSED for a day outside the posting window."""
        window = self._books.window
        early = window.first_open is not None and day < window.first_open
        late = window.last_open is not None and day > window.last_open
        if early or late:
            raise Refused(
                Refusal.PERIOD_CLOSED,
                f"Posting date {day} is not within the range of allowed posting dates.",
                "posting_date",
            )

    def check_may_post(self, supplier_id: str) -> SupplierCard:
        """Raises Refused SUPPLIER_BLOCKED for a supplier blocked for all; a payment block lets post."""
        card = self.supplier(supplier_id)
        if card.supplier.block is SupplierBlock.ALL:
            raise Refused(
                Refusal.SUPPLIER_BLOCKED,
                f"The supplier {supplier_id} {card.supplier.name} is blocked for all transactions.",
                "supplier_id",
            )
        return card

    def number(self, series: str, prefix: str, start: int = 1) -> str:
        """The next number of a series as it stands on a document: `PI-108001`, or digits alone."""
        sequence = self.next_number(series, start)
        if self._books.settings.digits_only:
            return f"{_DIGITS[prefix]}{sequence}"
        return f"{prefix}-{sequence}"

    def next_number(self, series: str, start: int = 1) -> int:
        """The next number of a series; no number is given twice."""
        number = self._books.counters.get(series, start - 1) + 1
        self._books.counters[series] = number
        return number

    def change_supplier(self, supplier: Supplier) -> SupplierCard:
        """What the owner of the master data does: replaces the record and gives it the next version."""
        card = self.supplier(supplier.supplier_id)
        version = str(int(card.supplier.version) + 1)
        card = card.model_copy(
            update={
                "supplier": supplier.model_copy(update={"version": version}),
                "changed_at": self._clock(),
            }
        )
        self._books.suppliers[supplier.supplier_id] = card
        return card

    def block_supplier(self, supplier_id: str, block: SupplierBlock) -> SupplierCard:
        return self.change_supplier(self.supplier(supplier_id).supplier.model_copy(update={"block": block}))

    def set_window(self, window: PostingWindow) -> None:
        """What the controller does: opens and closes days."""
        self._books.window = window

    def block_account(self, number: str, blocked: bool = True) -> None:
        self._books.accounts[number] = self.account(number).model_copy(update={"blocked": blocked})
