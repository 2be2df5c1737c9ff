"""Settings that load and yet cannot work: rules that name nobody, logins and codes that do not exist.

Each fault is a sentence with what to do; no fault is an empty list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from agent.settings import Settings
from tools.domain.authority import ApprovalPolicy
from tools.domain.authority_matrix import PERSON, Rule, Step
from tools.domain.authority_people import Person
from tools.domain.authority_roles import Role
from tools.domain.company import CompanyProfile
from tools.domain.identifiers import PersonId
from tools.erp.codes import LedgerCodes

_TAX_KEY = re.compile(
    r"(?:[A-Z]{2}\|)?(?P<category>[A-Z]{1,2}):(?P<rate>\d{1,3}(?:\.\d+)?)(?:\|(?:goods|services))?(?:@[^\s|]+)?"
)
_CATEGORIES = frozenset({"S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"})
"""Codes of UNTDID 5305 that EN 16931 allows for tax, BT-118."""


def matrix_faults(policy: ApprovalPolicy, company: str, today: date) -> list[str]:
    """Places of the rules that nobody of this company may take today."""
    return list(
        dict.fromkeys(
            f"rule “{rule.name}”, step {number}: {fault}"
            for rule in policy.rules
            if not rule.companies or company in rule.companies
            for number, step in enumerate(rule.steps, start=1)
            for fault in _step_faults(policy, step, company, today)
        )
    )


def _step_faults(policy: ApprovalPolicy, step: Step, company: str, today: date) -> Iterator[str]:
    for actors in [step.any_of] if step.any_of else [(actor,) for actor in step.all_of]:
        named = {entry.natural for entry in _named(policy, actors, company, today)}
        if len(named) >= step.people:
            continue
        words = " or ".join(_words(actor) for actor in actors)
        told = "nobody is" if not named else f"only {len(named)} of {step.people} people are"
        yield f"{told} {words}; name them under [[policy.approval.people]]"


def _named(policy: ApprovalPolicy, actors: tuple[str, ...], company: str, today: date) -> Iterator[Person]:
    for entry in policy.everyone:
        serves = entry.employed.holds(today) and (not entry.companies or company in entry.companies)
        roles = policy.roles_of(entry)
        if serves and (f"{PERSON}{entry.person}" in actors or any(role in actors for role in roles)):
            yield entry


def _words(actor: str) -> str:
    return actor.removeprefix(PERSON) if actor.startswith(PERSON) else Role(actor).words


def gaps(policy: ApprovalPolicy) -> list[str]:
    """Rules with a bound beyond which no other rule reaches: such a document has no approver."""
    if not policy.rules or any(rule.conditions == 0 and rule.up_to is None for rule in policy.rules):
        return []
    bounded: dict[object, list[Rule]] = {}
    for rule in policy.rules:
        bounded.setdefault(rule.model_copy(update={"name": "", "up_to": None, "steps": ()}), []).append(rule)
    faults = []
    for rules in bounded.values():
        widest = max(rules, key=lambda rule: rule.up_to or Decimal(0))
        open_ended = any(other.up_to is None and _covers(other, widest) for other in policy.rules)
        if not open_ended:
            faults.append(
                f"no rule reaches documents like those of “{widest.name}” above {widest.up_to}: nobody may "
                "approve them; add a rule without `up_to`"
            )
    return faults


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether every condition that the wide rule sets is one of the narrow rule's."""
    fields = (
        "companies",
        "cost_centres",
        "projects",
        "categories",
        "on_order",
        "in_tolerance",
        "supplier_risk",
    )
    return all(getattr(wide, name) in (None, frozenset(), getattr(narrow, name)) for name in fields)


def people_faults(policy: ApprovalPolicy, keepers: frozenset[PersonId]) -> list[str]:
    """Logins that are named and not described anywhere."""
    known = {entry.person for entry in policy.everyone}
    described = "describe them under [[policy.approval.people]] or [[policy.approval.approvers]]"
    faults = []
    for entry in policy.delegations:
        unknown = [login for login in (entry.giver, entry.taker) if login not in known]
        if unknown:
            faults.append(
                f"the delegation from {entry.giver} to {entry.taker} gives no right: "
                f"{' and '.join(unknown)} unknown; {described}"
            )
    for person in policy.everyone:
        if person.superior is not None and person.superior not in known:
            faults.append(f"{person.superior}, the superior of {person.person}, is unknown; {described}")
    faults += [
        f"{login} keeps accounts and may not: neither clerk nor approver; add them to `clerks`"
        for login in sorted(keepers)
        if policy.answer_refusal(login) is not None
    ]
    return faults


def login_faults(policy: ApprovalPolicy, has_login: Callable[[PersonId], bool]) -> list[str]:
    """Approvers who cannot approve because nobody can log in under their name."""
    people = policy.everyone if policy.rules else (*policy.approvers, *_takers(policy))
    return [
        f"{entry.person} ({entry.name}): no login of this machine has this name; `person` is the login, "
        "not the name; correct it or set the login up"
        for entry in dict.fromkeys(people)
        if not has_login(entry.person)
    ]


def _takers(policy: ApprovalPolicy) -> list[Person]:
    takers = {entry.taker for entry in policy.delegations}
    return [entry for entry in policy.people if entry.person in takers]


def tax_key_faults(profile: CompanyProfile) -> list[str]:
    """Keys of `company.tax_codes` that no invoice can ever fit."""
    form = "write category:rate as “S:19”, “FR|AE:0”, “K:0|goods” or “S:19@4650”"
    faults = []
    for key in profile.tax_codes:
        found = _TAX_KEY.fullmatch(key)
        if found is None:
            faults.append(f"company.tax_codes: “{key}” is no key; {form}")
        elif found["category"] not in _CATEGORIES:
            faults.append(f"company.tax_codes: “{key}”: there is no category {found['category']}; {form}")
        elif found["rate"] != (plain := _plain(found["rate"])):
            faults.append(f"company.tax_codes: “{key}”: write the rate as {plain}, else no invoice fits")
    return faults


def _plain(rate: str) -> str:
    whole, _, part = rate.partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))


def code_faults(settings: Settings, codes: LedgerCodes) -> list[str]:
    """Accounts, tax codes and cost centres that the ERP does not have, or does not take postings on."""
    mend = "correct it here or create it in the ERP"
    faults = [
        f"{place}: {fault}; {mend}"
        for place, number in _accounts_to_post_to(settings)
        if (fault := codes.account_fault(number)) is not None
    ]
    faults += [
        f"{place}: there is no account {number} in the ERP; {mend}"
        for place, number in _accounts_told(settings)
        if codes.lacks_account(number)
    ]
    faults += [
        f"{place}: there is no tax code {code} in the ERP; {mend}"
        for place, code in _tax_codes(settings)
        if codes.lacks_tax_code(code)
    ]
    faults += [
        f"{place}: {fault}; {mend}"
        for place, code in _cost_centres(settings)
        if (fault := codes.cost_centre_fault(code)) is not None
    ]
    return faults


def _accounts_to_post_to(settings: Settings) -> Iterator[tuple[str, str]]:
    profile = settings.company
    names = ("default_account", "freight_account", "rounding_account", "small_difference_account")
    for name in names:
        number = getattr(profile, name)
        if number is not None:
            yield f"company.{name}", number
    for rule in settings.coding.rules:
        yield f"coding rule “{rule.name}”", rule.account


def _accounts_told(settings: Settings) -> Iterator[tuple[str, str]]:
    """Accounts of which the settings say something, without posting to them."""
    coding = settings.coding
    for number in settings.company.deductible:
        yield "company.deductible", number
    for key in settings.company.tax_codes:
        if "@" in key:
            yield f"company.tax_codes “{key}”", key.rpartition("@")[2]
    for name in ("cost_centres", "capitalise_accounts", "asset_accounts"):
        for number in sorted(getattr(coding, name)):
            yield f"coding.{name}", number


def _tax_codes(settings: Settings) -> Iterator[tuple[str, str]]:
    for key, code in settings.company.tax_codes.items():
        yield f"company.tax_codes “{key}”", code
    for rule in settings.coding.rules:
        if rule.tax_code is not None:
            yield f"coding rule “{rule.name}”", rule.tax_code


def _cost_centres(settings: Settings) -> Iterator[tuple[str, str]]:
    for rule in settings.coding.rules:
        if rule.cost_centre is not None:
            yield f"coding rule “{rule.name}”", rule.cost_centre
    for account, allowed in settings.coding.cost_centres.items():
        for code in allowed:
            yield f"coding.cost_centres of {account}", code
