"""Whether the accounts an invoice asks to be paid on are accounts that a person verified."""

from __future__ import annotations

from collections.abc import Iterable

from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.fraud_policy import FraudPolicy
from tools.domain.identifiers import compact, is_iban, looks_like_iban, masked
from tools.domain.supplier import BankAccount, Supplier
from tools.matching.fraud_accounts import check_employee, check_known, check_unverified, denied_accounts
from tools.matching.fraud_facts import FraudFacts
from tools.matching.told_accounts import check_told

_TELLING = 7
"""Digits of a local account number, below which its being the end of an IBAN may be chance."""


def check_bank(
    invoice: Invoice,
    supplier: Supplier,
    verified: Iterable[BankAccount] = (),
    facts: FraudFacts | None = None,
    policy: FraudPolicy | None = None,
) -> list[Discrepancy]:
    """BANK_CHANGE for each account that is neither in the master data nor verified otherwise, that the
    supplier denied, even after it was verified, that is frozen, shared or an employee's, that stands only in
    a text of the document or its mail, and for another payee than the supplier.

    A document that asks for no account, or for no money, changes nothing.
    """
    if not asks_for_money(invoice):
        return []
    policy = policy or FraudPolicy()
    denied = denied_accounts(facts.call_backs) if facts is not None else frozenset()
    known = {compact(account.iban) for account in (*supplier.bank_accounts, *verified)} - denied
    printed = printed_accounts(invoice)
    unknown = [
        iban
        for iban in printed
        if iban in denied or (iban not in known and not _is_part(iban, printed, known))
    ]
    found = [_unverified(iban, known, facts) for iban in unknown]
    found += check_employee(printed, policy)
    found += check_known(printed, known, facts, policy) if facts is not None else []
    found += check_told(invoice, facts, printed, known)
    if invoice.payee_name and not _is_supplier(invoice.payee_name, supplier):
        found.append(_other_payee(invoice.payee_name))
    return found


def _is_supplier(payee: str, supplier: Supplier) -> bool:
    """The payee is the supplier by a name on file; what the document calls its sender does not count."""
    return compact(payee) in map(compact, (supplier.name, *supplier.trading_names))


def _is_part(number: str, printed: Iterable[str], known: set[str]) -> bool:
    """A local number says nothing new beside the verified IBAN of the same document that ends with it."""
    same = (iban for iban in printed if iban in known and is_iban(iban))
    return len(number) >= _TELLING and any(iban[4:].endswith(number) for iban in same)


def printed_accounts(invoice: Invoice) -> list[str]:
    """Every account the document names, in any form, each once."""
    return list(dict.fromkeys(compact(entry) for entry in (*invoice.ibans, *invoice.other_accounts)))


def asks_for_money(invoice: Invoice) -> bool:
    """Whether anything is to be paid under the document."""
    if invoice.is_credit_note:
        return False
    return invoice.payable is None or invoice.payable.amount > 0


def _unverified(iban: str, known: set[str], facts: FraudFacts | None) -> Discrepancy:
    shown, on_file = masked(iban), ", ".join(sorted(masked(entry) for entry in known))
    doubt = "" if is_iban(iban) or not looks_like_iban(iban) else " Its check digits are wrong."
    if known:
        rule, text = "bank.iban.unverified", f"The invoice asks for payment on {shown}; verified: {on_file}."
    else:
        rule = "bank.iban.none_on_file"
        text = f"The invoice asks for payment on {shown}; no verified account is on file."
    frozen, progress = check_unverified(iban, facts) if facts is not None else ("", "")
    advice = progress or "Call back on a number from master data or contract, never from the document."
    return Discrepancy(
        kind=DiscrepancyKind.BANK_CHANGE,
        severity=Severity.BLOCK,
        rule=frozen or rule,
        message=f"{text}{doubt} {advice}",
        figures={"invoice": shown, "verified": on_file or "none"},
    )


def _other_payee(name: str) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.BANK_CHANGE,
        severity=Severity.WARN,
        rule="bank.payee",
        message=f"The invoice names {name} as payee, not the supplier: check the assignment.",
        figures={"payee": name},
    )
