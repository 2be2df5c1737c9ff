"""The names an ERP gives to what other checks found, and what its holds allow."""

from __future__ import annotations

from collections.abc import Iterable

from tools.domain.findings import Discrepancy, Severity
from tools.domain.match_rules import Hold
from tools.domain.policy import MatchPolicy
from tools.matching.rules import flags


def with_holds(found: Iterable[Discrepancy], policy: MatchPolicy) -> list[Discrepancy]:
    """The findings with the policy's hold names. Findings of its own keys have theirs already."""
    return [_held(entry, policy) for entry in found]


def _held(entry: Discrepancy, policy: MatchPolicy) -> Discrepancy:
    if "key" in entry.figures or entry.severity is Severity.INFO:
        return entry
    holds = sorted(policy.holds.items())
    closest = max(holds, key=lambda named: named[1].closeness(entry.rule, entry.kind), default=None)
    if closest is None or closest[1].closeness(entry.rule, entry.kind) < 0:
        return entry
    return entry.model_copy(update={"figures": {**entry.figures, **_figures(policy, *closest)}})


def _figures(policy: MatchPolicy, name: str, hold: Hold) -> dict[str, str]:
    allowed = flags(manual_release=hold.manual_release, accounting_allowed=hold.accounting_allowed)
    return {"hold": policy.rule_name(name), **allowed}
