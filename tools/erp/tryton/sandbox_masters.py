"""Master data of the company's books as rows of Tryton's models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tools.domain.supplier import SupplierBlock
from tools.domain.units import UnitMismatch, as_decimal, factor
from tools.erp.sandbox.books import LedgerAccount, SupplierCard, TaxCode
from tools.erp.sandbox.company import Company
from tools.erp.tryton.sandbox_ids import Ids

Keyed = Iterator[tuple[int, dict[str, Any]]]
PAYMENT_HOLD = "Payment hold"
"""The party category that stands for a block of payments."""
SUPPLIERS_PLACE, INPUT_PLACE, STORAGE_PLACE, WAREHOUSE = 1, 2, 3, 4
_SYMBOLS = {"H87": "u", "KGM": "kg", "HUR": "h", "MTR": "m", "LTR": "l"}
"""Unit codes as Tryton's units are shown; others are named like the international code."""
_EXPENSE, _OTHER, _PAYABLE = 1, 2, 3
_LONG_AGO, _FAR_AHEAD = date(2000, 1, 1), date(2099, 12, 31)


def symbol(rec20: str) -> str:
    return _SYMBOLS.get(rec20, rec20)


class MasterRows:
    """Each method gives the rows of one model."""

    def __init__(self, company: Company, ids: Ids) -> None:
        self._company = company
        self._books = company.books
        self._ids = ids
        self.models: Mapping[str, Callable[[], Keyed]] = {
            "party.party": self._parties,
            "party.identifier": self._identifiers,
            "party.address": self._addresses,
            "party.category": lambda: iter([(1, {"name": PAYMENT_HOLD})]),
            "country.country": self._countries,
            "bank.account": self._bank_accounts,
            "bank.account.number": self._bank_numbers,
            "company.company": self._companies,
            "currency.currency": self._currencies,
            "product.uom": self._units,
            "product.product": self._products,
            "account.account": self._accounts,
            "account.account.type": self._account_types,
            "account.tax": self._taxes,
            "account.period": self._periods,
            "account.journal": lambda: iter([(1, {"name": "Expense", "type": "expense"})]),
            "account.configuration": self._configuration,
            "stock.location": self._locations,
        }

    def party(self, supplier_id: str) -> int:
        return self._ids.of("party.party", supplier_id)

    def currency(self, code: str) -> int:
        return self._ids.of("currency.currency", code)

    def unit(self, rec20: str | None) -> int | None:
        return None if rec20 is None else self._ids.of("product.uom", rec20)

    def account(self, number: str | None) -> int | None:
        return None if number is None else self._ids.of("account.account", number)

    def product(self, number: str | None) -> int | None:
        return None if number is None else self._ids.of("product.product", number)

    def tax(self, code: str | None) -> list[int]:
        return [] if code is None else [self._ids.of("account.tax", code)]

    def _parties(self) -> Keyed:
        own = {"code": self._books.settings.company, "name": self._books.settings.name, "active": True}
        yield self._ids.of("party.party", "our company"), {**own, "addresses": [], "identifiers": []}
        for card in self._books.suppliers.values():
            yield self.party(card.supplier.supplier_id), self._party(card)

    def _party(self, card: SupplierCard) -> dict[str, Any]:
        supplier = card.supplier
        key = supplier.supplier_id
        return {
            "code": key,
            "name": supplier.name,
            "active": supplier.block is not SupplierBlock.ALL,
            "email": supplier.email or "",
            "phone": supplier.phone or "",
            "identifiers": [self._ids.of("party.identifier", key)] if supplier.vat_id else [],
            "addresses": [self._ids.of("party.address", key)],
            "categories": [1] if supplier.block is SupplierBlock.PAYMENT else [],
            "supplier_currency": self.currency(supplier.currency) if supplier.currency else None,
            "bank_accounts": [
                self._ids.of("bank.account", (key, account.iban)) for account in supplier.bank_accounts
            ],
            "account_payable": self.account(card.payables_account),
            "supplier_payment_term": None,
            "create_date": card.changed_at,
            "write_date": card.changed_at,
        }

    def _identifiers(self) -> Keyed:
        for card in self._books.suppliers.values():
            if card.supplier.vat_id:
                row = {"type": "eu_vat", "code": card.supplier.vat_id}
                yield self._ids.of("party.identifier", card.supplier.supplier_id), row

    def _addresses(self) -> Keyed:
        for card in self._books.suppliers.values():
            supplier = card.supplier
            country = supplier.country
            row = {
                "street": supplier.street,
                "city": supplier.city,
                "postal_code": supplier.postcode,
                "country": self._ids.of("country.country", country) if country else None,
            }
            yield self._ids.of("party.address", supplier.supplier_id), row

    def _countries(self) -> Keyed:
        codes = {card.supplier.country for card in self._books.suppliers.values() if card.supplier.country}
        for code in sorted(codes):
            yield self._ids.of("country.country", code), {"code": code}

    def _bank_accounts(self) -> Keyed:
        for key, iban in self._ibans():
            number = self._ids.of("bank.account.number", (key, iban))
            yield self._ids.of("bank.account", (key, iban)), {"active": True, "numbers": [number]}

    def _bank_numbers(self) -> Keyed:
        for key, iban in self._ibans():
            row = {"type": "iban", "number_compact": iban, "active": True}
            yield self._ids.of("bank.account.number", (key, iban)), row

    def _ibans(self) -> Iterator[tuple[str, str]]:
        for card in self._books.suppliers.values():
            for account in card.supplier.bank_accounts:
                yield card.supplier.supplier_id, account.iban

    def _companies(self) -> Keyed:
        currency = self.currency(self._books.settings.currency)
        yield 1, {"party": self._ids.of("party.party", "our company"), "currency": currency}

    def _currencies(self) -> Keyed:
        for code in (self._books.settings.currency, *self._books.rates):
            yield self.currency(code), {"code": code}

    def _units(self) -> Keyed:
        for rec20 in self._books.units:
            yield self._ids.of("product.uom", rec20), {"symbol": symbol(rec20), **self._measured(rec20)}

    def _measured(self, rec20: str) -> dict[str, Any]:
        """Factor and rate towards the first unit of the books that it can be compared with; each further
        kind of unit is a category of its own. Tryton rounds both to 12 decimals."""
        for base in self._books.units:
            try:
                found = factor(rec20, base)
            except UnitMismatch:
                continue
            told = {"factor": as_decimal(found), "rate": as_decimal(1 / found)}
            return {**told, "category": self._ids.of("product.uom.category", base)}
        raise LookupError(rec20)

    def _products(self) -> Keyed:
        for number in self._books.items:
            yield self._ids.of("product.product", number), {"code": number, "type": "goods"}

    def _accounts(self) -> Keyed:
        balances = {entry.account: entry.balance for entry in self._company.ledger.trial_balance()}
        for account in self._books.accounts.values():
            row = {
                "code": account.number,
                "name": account.name,
                "closed": account.blocked,
                "balance": balances.get(account.number, Decimal(0)),
                "type": self._type_of(account),
                "company": 1,
            }
            yield self._ids.of("account.account", account.number), row

    def _type_of(self, account: LedgerAccount) -> int | None:
        if account.heading:
            return None
        if account.number == self._books.settings.controls.payables:
            return _PAYABLE
        return _EXPENSE if account.direct_posting else _OTHER

    def _account_types(self) -> Keyed:
        for key in (_EXPENSE, _OTHER, _PAYABLE):
            yield key, {"expense": key == _EXPENSE, "debt": False, "payable": key == _PAYABLE}

    def _taxes(self) -> Keyed:
        for code in self._books.tax_codes.values():
            key = self._ids.of("account.tax", code.code)
            yield key, self._tax(code)
            for sign in (1, -1) if code.reverse_charge else ():
                child = {
                    "name": f"{code.code} {sign:+d}",
                    "type": "percentage",
                    "rate": sign * code.rate / 100,
                }
                more = {"parent": key, "childs": [], "company": 1}
                yield self._ids.of("account.tax", (code.code, sign)), {**child, **more}

    def _tax(self, code: TaxCode) -> dict[str, Any]:
        """Reverse charge is a tax of two parts that cancel each other."""
        parts = [self._ids.of("account.tax", (code.code, sign)) for sign in (1, -1)]
        return {
            "name": code.code,
            "type": "none" if code.reverse_charge else "percentage",
            "rate": None if code.reverse_charge else code.rate / 100,
            "childs": parts if code.reverse_charge else [],
            "parent": None,
            "company": 1,
        }

    def _periods(self) -> Keyed:
        """One open period, and what is closed before and after it."""
        window = self._books.window
        first, last = window.first_open or _LONG_AGO, window.last_open or _FAR_AHEAD
        day = timedelta(days=1)
        spans = (
            (_LONG_AGO, first - day, "closed"),
            (first, last, "open"),
            (last + day, _FAR_AHEAD, "closed"),
        )
        for key, (start, end, state) in enumerate(spans, start=1):
            if start <= end:
                row = {"start_date": start, "end_date": end, "state": state, "type": "standard", "company": 1}
                yield key, row

    def _configuration(self) -> Keyed:
        controls = self._books.settings.controls
        row = {
            "default_account_payable": self.account(controls.payables),
            "default_category_account_expense": self._expense_account(),
        }
        yield 1, row

    def _expense_account(self) -> int | None:
        """Tryton has one account for all order lines without a product: the one that the books' orders agree
        on; where they do not, none was chosen."""
        lines = (line for card in self._books.orders.values() for line in card.order.lines)
        named = {line.account for line in lines if line.item_number is None and line.account is not None}
        return self.account(named.pop()) if len(named) == 1 else None

    def _locations(self) -> Keyed:
        yield SUPPLIERS_PLACE, {"type": "supplier"}
        yield INPUT_PLACE, {"type": "storage"}
        yield STORAGE_PLACE, {"type": "storage"}
        places = {"input_location": INPUT_PLACE, "storage_location": STORAGE_PLACE}
        yield WAREHOUSE, {"type": "warehouse", **places}
