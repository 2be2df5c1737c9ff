"""Authority: who may approve, who must act next, who may answer. Vectors over one staff and the example
matrix; a vector changes what matters to it.

`given`: `ask` is `approve` (may `person` approve now), `stand` (what the approvals come to) or `answer` (may
`person` choose what `who` decides). `policy`, `facts` and `staff` replace values of the standard ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tools.domain.authority import ApprovalPolicy
from tools.domain.authority_facts import ApprovalFacts
from tools.domain.authority_verdict import Given, judge, standing
from tools.domain.identifiers import PersonId

NOW = "2026-03-20T12:00:00+00:00"


def _eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


STAFF: Mapping[str, Mapping[str, Any]] = {
    "carla": {"roles": ["cost_centre_owner"], "superior": "dirk"},
    "petra": {"roles": ["accounts_payable"]},
    "lena": {"roles": ["ap_lead"], "limit": _eur("300000")},
    "ben": {"roles": ["buyer"]},
    "dirk": {"roles": ["department_head"], "limit": _eur("60000"), "superior": "fiona"},
    "fiona": {"roles": ["finance_director"], "limit": _eur("250000"), "superior": "clara"},
    "clara": {"roles": ["cfo"], "limit": _eur("10000000")},
    "bob": {"roles": ["board"]},
    "mara": {"roles": ["master_data"]},
    "tom": {"roles": ["treasury"]},
    "dora": {"roles": []},
}


def evaluate(given: Mapping[str, Any]) -> Any:
    """`[allowed, [who may act next]]`, `[complete, [who counts], [who may act next]]` or `allowed`."""
    policy, now = _policy(given), datetime.fromisoformat(given.get("at", NOW))
    person = PersonId(given.get("person", ""))
    if given["ask"] == "answer":
        return policy.choice_refusal(person, given["who"], now.date()) is None
    facts, words = _facts(given), _words(given)
    if given["ask"] == "approve":
        verdict = judge(policy, facts, words, person, now)
        return [verdict.allowed, sorted(verdict.next)]
    found = standing(policy, facts, words, now)
    return [found.is_complete, list(found.counted), sorted(found.may_act)]


def _policy(given: Mapping[str, Any]) -> ApprovalPolicy:
    changes = given.get("staff", {})
    people = [
        {"person": name, "name": name.title(), **entry, **changes.get(name, {})}
        for name, entry in STAFF.items()
    ]
    plain = "approvers" in given.get("policy", {})
    values = {} if plain else {"preset": "illustrative", "people": people}
    approvers = [
        {"person": name, "name": name.title(), "limit": _eur(limit), **more}
        for name, limit, more in given.get("policy", {}).get("approvers", ())
    ]
    return ApprovalPolicy.model_validate({**values, **given.get("policy", {}), "approvers": approvers})


def _facts(given: Mapping[str, Any]) -> ApprovalFacts:
    values = dict(given.get("facts", {}))
    for name in ("gross", "net"):
        if isinstance(values.get(name), str):
            values[name] = _eur(values[name])
    others = [_eur(entry) if isinstance(entry, str) else entry for entry in values.get("others", ())]
    return ApprovalFacts.model_validate({"company": "DEMO", **values, "others": others})


def _words(given: Mapping[str, Any]) -> list[Given]:
    """`[person, moment]`, or a person who approved a minute apart from the others, on the day."""
    found = []
    for position, entry in enumerate(given.get("approvals", ())):
        name, at = (entry, f"2026-03-20T09:{position:02}:00+00:00") if isinstance(entry, str) else entry
        found.append(Given(PersonId(name), datetime.fromisoformat(at)))
    return found
