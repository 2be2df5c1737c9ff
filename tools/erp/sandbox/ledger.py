"""The general ledger and the suppliers' accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tools.domain.money import Money
from tools.erp.sandbox.books import Books
from tools.erp.sandbox.entries import ZERO, EntryKind, LedgerEntry, LedgerRow, SupplierEntry
from tools.erp.sandbox.refusal import Refusal, Refused


@dataclass(frozen=True)
class BalanceRow:
    """One account of the trial balance, company currency; `balance` is debit less credit."""

    account: str
    name: str
    debit: Decimal
    credit: Decimal
    balance: Decimal


def row(
    account: str,
    amount: Decimal,
    *,
    foreign: Money | None = None,
    description: str = "",
    supplier_id: str | None = None,
) -> LedgerRow:
    """A debit for a positive amount, a credit for a negative one."""
    return LedgerRow(
        account=account,
        debit=max(amount, ZERO),
        credit=max(-amount, ZERO),
        foreign=foreign,
        description=description,
        supplier_id=supplier_id,
    )


@dataclass(frozen=True)
class Voucher:
    """What is to be entered: an entry without number and moment."""

    kind: EntryKind
    posting_date: date
    document_number: str
    rows: Sequence[LedgerRow]
    external_number: str | None = None
    supplier_id: str | None = None
    rate: Decimal = Decimal(1)


class Ledger:
    """Keeps entries, and nothing that does not balance."""

    def __init__(self, books: Books, clock: Callable[[], datetime]) -> None:
        self._books = books
        self._clock = clock

    def enter(self, voucher: Voucher) -> LedgerEntry:
        """Keeps the voucher; rows of zero are left out. Raises Refused: UNBALANCED, NOTHING_TO_POST,
        UNKNOWN_ACCOUNT, ACCOUNT_BLOCKED, ACCOUNT_NOT_DIRECT (a heading)."""
        rows = tuple(entered for entered in voucher.rows if entered.debit or entered.credit)
        if not rows:
            raise Refused(Refusal.NOTHING_TO_POST, "There is nothing to post.")
        self.check_rows(rows)
        difference = sum((entered.debit - entered.credit for entered in rows), ZERO)
        if difference:
            raise Refused(Refusal.UNBALANCED, f"The entry is out of balance by {difference}.")
        entry = LedgerEntry(
            number=len(self._books.entries) + 1,
            kind=voucher.kind,
            posting_date=voucher.posting_date,
            document_number=voucher.document_number,
            external_number=voucher.external_number,
            supplier_id=voucher.supplier_id,
            rate=voucher.rate,
            rows=rows,
            made_at=self._clock(),
        )
        self._books.entries.append(entry)
        return entry

    def check_rows(self, rows: Sequence[LedgerRow]) -> None:
        """Raises Refused for an account that cannot be posted to; rows of zero do not count."""
        for entered in rows:
            if entered.debit or entered.credit:
                self._check_account(entered.account)

    def _check_account(self, number: str) -> None:
        account = self._books.accounts.get(number)
        if account is None:
            raise Refused(Refusal.UNKNOWN_ACCOUNT, f"The account {number} does not exist.", "account")
        if account.heading:
            raise Refused(Refusal.ACCOUNT_NOT_DIRECT, f"{number} {account.name} is a heading.", "account")
        if account.blocked:
            raise Refused(
                Refusal.ACCOUNT_BLOCKED, f"The account {number} {account.name} is blocked.", "account"
            )

    def entry(self, number: int) -> LedgerEntry:
        return self._books.entries[number - 1]

    def trial_balance(self) -> list[BalanceRow]:
        """Every posting account in order of its number; the balances add up to zero."""
        debit: dict[str, Decimal] = {}
        credit: dict[str, Decimal] = {}
        for entry in self._books.entries:
            for kept in entry.rows:
                debit[kept.account] = debit.get(kept.account, ZERO) + kept.debit
                credit[kept.account] = credit.get(kept.account, ZERO) + kept.credit
        return [
            BalanceRow(
                account=account.number,
                name=account.name,
                debit=debit.get(account.number, ZERO),
                credit=credit.get(account.number, ZERO),
                balance=debit.get(account.number, ZERO) - credit.get(account.number, ZERO),
            )
            for account in sorted(self._books.accounts.values(), key=lambda account: account.number)
            if not account.heading
        ]

    def balance(self, account: str) -> Decimal:
        """Debit less credit; zero for an account without entries."""
        return sum(
            (
                kept.debit - kept.credit
                for entry in self._books.entries
                for kept in entry.rows
                if kept.account == account
            ),
            ZERO,
        )

    def subledger(self) -> dict[str, Decimal]:
        """Supplier -> what we owe in company currency. Adds up to the payables accounts, sign turned."""
        owed: dict[str, Decimal] = {}
        for entry in self._books.supplier_entries:
            owed[entry.supplier_id] = owed.get(entry.supplier_id, ZERO) + entry.remaining_local
        return {supplier_id: amount for supplier_id, amount in sorted(owed.items()) if amount}

    def payables(self) -> Decimal:
        """What we owe by the general ledger: the payables accounts, credit less debit."""
        accounts = {card.payables_account for card in self._books.suppliers.values()}
        accounts.add(self._books.settings.controls.payables)
        return -sum((self.balance(account) for account in accounts), ZERO)

    def open_entries(self, supplier_id: str) -> list[SupplierEntry]:
        return [
            entry
            for entry in self._books.supplier_entries
            if entry.supplier_id == supplier_id and entry.remaining.amount
        ]

    def keep(self, entry: SupplierEntry) -> None:
        self._books.supplier_entries.append(entry)

    def settle(self, document_id: str) -> SupplierEntry:
        """Takes the document's remaining debt to zero and answers what it was."""
        entries = self._books.supplier_entries
        position = next(i for i, entry in enumerate(entries) if entry.document_id == document_id)
        before = entries[position]
        entries[position] = before.model_copy(
            update={"remaining": Money.zero(before.amount.currency), "remaining_local": ZERO}
        )
        return before
