"""Settings that load and do something else than was meant: rules that fit everything, lists that fit nothing.

Each fault is a sentence with what to do; no fault is an empty list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from agent.settings import Settings
from tools.domain.coding import CodingPolicy
from tools.domain.company import CompanyProfile
from tools.domain.fraud_policy import FraudPolicy
from tools.domain.identifiers import is_iban, masked
from tools.domain.policy import MatchPolicy
from tools.domain.senders import is_shared_domain

_WHOLE = 100


def coding_doubts(policy: CodingPolicy) -> list[str]:
    """Rules that fit every line, so that nothing behind them is ever asked."""
    return [
        f"coding rule “{rule.name}” has no condition: it codes every line, and later rules and earlier "
        "codings are never asked; give it `text`, `suppliers`, `items` or an amount, or name the account as "
        "company.default_account"
        for rule in policy.rules
        if not (rule.suppliers or rule.text or rule.items)
        and rule.amount_from is None
        and rule.amount_to is None
    ]


def fraud_doubts(policy: FraudPolicy) -> list[str]:
    """Accounts that no supplier's can equal, and domains from which anybody may write."""
    accounts = [
        f"policy.fraud.employee_accounts: {masked(account)} is no valid IBAN, so no supplier's account is "
        "found to be it; correct it from payroll"
        for account in sorted(policy.employee_accounts)
        if not is_iban(account)
    ]
    domains = [
        f"policy.fraud.own_domains: everybody can have an address of {domain}, and would pass as a "
        "colleague; name the domain of your own mail, or leave it out"
        for domain in sorted(policy.own_domains)
        if is_shared_domain(domain)
    ]
    return accounts + domains


def tolerance_doubts(settings: Settings) -> list[str]:
    """Limits of the unit price beyond the whole price: more than double passes, or nothing is too low."""
    return [
        f"{place}.unit_price.{side}: {limit.percent} % lets more than the whole price pass; percent are "
        "written as 2 for 2 %; write the limit meant"
        for place, policy in _policies(settings)
        for side, limit in (("over", policy.unit_price.over), ("under", policy.unit_price.under))
        if limit.percent is not None and limit.percent > _WHOLE
    ]


def conversion_doubts(company: CompanyProfile) -> list[str]:
    """Items of which a single unit is named: it relates nothing to what the order counts in."""
    return [
        f"company.conversions.{item}: only {unit} is named, so it changes nothing; name the unit that the "
        'item is counted in too, as `H87 = "1"` for pieces'
        for item, units in company.conversions.items()
        if len(units) == 1
        for unit in units
    ]


def _policies(settings: Settings) -> Iterator[tuple[str, MatchPolicy]]:
    yield "policy.match", settings.policy.match
    for choice in settings.policy.match_for:
        yield f"policy.match_for ({choice.words})", choice.policy


def suppliers_named(settings: Settings) -> list[tuple[str, str]]:
    """Each place of the settings that names a supplier, with the number it names."""
    policy, company = settings.policy, settings.company
    places = [
        (f"{place}.po_exempt_suppliers", number)
        for place, match in _policies(settings)
        for number in sorted(match.po_exempt_suppliers)
    ]
    places += [("policy.match_for", entry.supplier) for entry in policy.match_for if entry.supplier]
    places += [
        (f"coding rule “{rule.name}”", number)
        for rule in settings.coding.rules
        for number in sorted(rule.suppliers)
    ]
    places += [
        ("company.reverse_charge_suppliers", number) for number in sorted(company.reverse_charge_suppliers)
    ]
    return list(dict.fromkeys(places + [("company.withholding", number) for number in company.withholding]))


def supplier_faults(settings: Settings, known: Collection[str]) -> list[str]:
    """Suppliers of the settings that the copy of the ERP's master, once synced, does not hold."""
    return [
        f"{place}: there is no supplier {number} in the copy of the supplier master, so it changes nothing; "
        "correct the number, or run `erp-agent suppliers sync` if the supplier is new"
        for place, number in suppliers_named(settings)
        if number not in known
    ]
