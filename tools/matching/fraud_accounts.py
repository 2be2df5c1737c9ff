"""Whose an account is beside the supplier's, and what call-backs said about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tools.domain.call_backs import CallBack, CallResult, cooling_until
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.fraud_policy import FraudPolicy
from tools.domain.identifiers import compact, masked
from tools.matching.fraud_facts import FraudFacts

DENIED = "bank.call_back.denied"
EMPLOYEE = "bank.account.employee"
REPORT_ONLY = frozenset({DENIED, EMPLOYEE})
"""Rules after which a case can only be rejected or reported."""


def denied_accounts(calls: Iterable[CallBack]) -> frozenset[str]:
    """Accounts the supplier said are not theirs. One denial outweighs every confirmation, also an earlier
    one after which the account was activated."""
    return frozenset(compact(call.account) for call in calls if call.result is CallResult.DENIED)


def check_unverified(account: str, facts: FraudFacts) -> tuple[str, str]:
    """Rule and a sentence on how far the verification of an account has come; the rule is empty where no
    call-back changes what the account is."""
    calls = _about(account, facts)
    if account in denied_accounts(calls):
        return DENIED, "The supplier denied it in a call-back: reject and report the document."
    confirmed = [call for call in calls if call.result is CallResult.CONFIRMED]
    if confirmed:
        return "", f"{confirmed[-1].evidence}. A second person must activate the account."
    if calls:
        return "", f"{calls[-1].evidence}. Call again."
    return "", ""


def check_known(
    printed: Sequence[str], known: Iterable[str], facts: FraudFacts, policy: FraudPolicy
) -> Iterator[Discrepancy]:
    """Findings about accounts that are verified: just activated, shared with another supplier."""
    on_file = set(known)
    for account in printed:
        if account in on_file:
            yield from _activated(account, facts, policy)
            yield from _shared(account, facts)


def check_employee(printed: Iterable[str], policy: FraudPolicy) -> Iterator[Discrepancy]:
    """An account of an employee blocks even when it is verified."""
    for account in printed:
        if account in policy.employee_accounts:
            yield _finding(
                Severity.BLOCK,
                EMPLOYEE,
                f"The account {masked(account)} is an employee's: hand the case to internal audit.",
                invoice=masked(account),
            )


def _about(account: str, facts: FraudFacts) -> list[CallBack]:
    return [call for call in facts.call_backs if compact(call.account) == account]


def _activated(account: str, facts: FraudFacts, policy: FraudPolicy) -> Iterator[Discrepancy]:
    calls = _about(account, facts)
    done = next((call for call in calls if call.activated_at is not None), None)
    until = cooling_until(calls, policy.cooling_off)
    if done is None or done.activated_at is None or until is None:
        return
    words = f"The account {masked(account)} was activated by {done.activated_by} after {done.evidence}"
    if facts.now < until:
        yield _finding(
            Severity.BLOCK,
            "bank.cooling_off",
            f"{words}. It may be used from {until:%Y-%m-%d %H:%M}.",
            invoice=masked(account),
            until=f"{until:%Y-%m-%d %H:%M}",
        )
    elif facts.now < done.activated_at + policy.new_account:
        yield _finding(Severity.WARN, "bank.account.new", f"{words}.", invoice=masked(account))


def _shared(account: str, facts: FraudFacts) -> Iterator[Discrepancy]:
    for holder in facts.holders:
        if holder.account == account:
            yield _finding(
                Severity.WARN,
                "bank.account.shared",
                f"The account {masked(account)} is on file for {holder.supplier_id} {holder.supplier_name} "
                "too: the same owner, a factor, or one who should not have it.",
                invoice=masked(account),
                holder=holder.supplier_id,
            )


def _finding(severity: Severity, rule: str, message: str, **figures: str) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.BANK_CHANGE, severity=severity, rule=rule, message=message, figures=figures
    )
