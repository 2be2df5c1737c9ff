"""Golden vectors of what may follow from findings: the rules in words, asked one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.matching.hold_codes import hold_code
from tools.matching.resolutions import allowed, payment_meanwhile
from tools.matching.ways_out import Effect, Resolution

# Longest first: a lead of accounts payable is not accounts payable.
_ROLES = (
    "accounts payable lead",
    "accounts payable",
    "second person",
    "budget owner",
    "master data",
    "tax specialist",
    "requester",
    "approver",
    "buyer",
    "controller",
    "finance",
    "legal",
    "receiver",
    "treasury",
)
_EFFECTS = {
    "post": Effect.POST,
    "draft": Effect.PARK,
    "rematch": Effect.REMATCH,
    "wait": Effect.WAIT,
    "close": Effect.REJECT,
}
Ways = Sequence[Resolution]


def evaluate(given: Mapping[str, Any]) -> Any:
    """`findings` block, `warnings` do not: kinds, or objects with `kind`, `rule` and `figures`. `ask` names
    the questions:

    - `post`, `draft`, `rematch`, `wait`, `close`: may a person choose that
    - `ways`: everything a person may choose, in those words; `post_ways`: how many ways to post there are
    - `post_by`, `rematch_by`, `wait_by`, `close_by`: the roles that have the say, together
    - `post_needs`, `rematch_needs`, `close_needs`: what must be given with it
    - `payment`; `hold`: the reason code of the first finding in `erp`
    """
    found = [
        _finding(told, severity)
        for severity, name in ((Severity.BLOCK, "findings"), (Severity.WARN, "warnings"))
        for told in given.get(name, ())
    ]
    ways = allowed(found)
    answer: dict[str, Any] = {}
    for question in given["ask"]:
        if question == "payment":
            answer[question] = payment_meanwhile(found).value
        elif question == "hold":
            answer[question] = hold_code(given["erp"], found[0].kind)
        else:
            answer[question] = _answer(question, ways)
    return answer


def _finding(told: str | Mapping[str, Any], severity: Severity) -> Discrepancy:
    entry: Mapping[str, Any] = {"kind": told} if isinstance(told, str) else told
    return Discrepancy(
        kind=DiscrepancyKind(entry["kind"]),
        severity=severity,
        rule=entry.get("rule", "golden"),
        message="golden",
        figures=entry.get("figures", {}),
    )


def _answer(question: str, ways: Ways) -> Any:
    if question == "ways":
        return [word for word in _EFFECTS if _of(word, ways)]
    if question in _EFFECTS:
        return bool(_of(question, ways))
    word, _, about = question.partition("_")
    return _ABOUT[about](_of(word, ways))


def _of(word: str, ways: Ways) -> list[Resolution]:
    return [way for way in ways if way.effect is _EFFECTS[word]]


def _roles(ways: Ways) -> list[str]:
    left = "; ".join(way.who for way in ways)
    found = []
    for role in _ROLES:
        if role in left:
            found.append(role)
            left = left.replace(role, "")
    return sorted(found)


def _needs(ways: Ways) -> list[str]:
    return sorted({need.value for way in ways for need in way.needs})


_ABOUT: Mapping[str, Callable[[Ways], Any]] = {"by": _roles, "needs": _needs, "ways": len}
