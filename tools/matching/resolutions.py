"""What may follow from findings.

Three things never follow: changing an order to fit the invoice without the buyer, changing the supplier's
amounts, releasing a block whose cause is still there. Posting or parking despite findings needs the
consent of every blocking one; the other ways out need only one that calls for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.matching.decision_table import table
from tools.matching.fraud_accounts import REPORT_ONLY
from tools.matching.ways_out import PARK, Effect, Payment, Resolution

_RULES = list(DiscrepancyKind)


def allowed(discrepancies: Iterable[Discrepancy]) -> tuple[Resolution, ...]:
    """What a person may choose; nothing when no finding blocks.

    Accepting several findings is one resolution: its id joins theirs with `+`, its label names each.
    """
    discrepancies = tuple(discrepancies)
    kinds = _blocking(discrepancies)
    if not kinds:
        return ()
    entries = [table()[kind] for kind in kinds]
    if any(entry.rule in REPORT_ONLY for entry in discrepancies):
        ways = (way for entry in entries for way in entry.resolutions if way.effect is Effect.REJECT)
        return tuple(dict.fromkeys(ways))
    accepted = [way for entry in entries for way in entry.resolutions if way.effect is Effect.POST]
    others = [way for entry in entries for way in entry.resolutions if way.effect is not Effect.POST]
    may_post = len(accepted) == len(kinds) and all(map(_is_releasable, discrepancies))
    found = [_joined(accepted)] if may_post else []
    found += [PARK] if all(entry.may_park for entry in entries) else []
    return tuple(dict.fromkeys((*found, *others)))


def _is_releasable(entry: Discrepancy) -> bool:
    """False for a hold that the policy lets nobody release by hand: only its cause can be removed."""
    return entry.severity is not Severity.BLOCK or entry.figures.get("manual_release") != "no"


def explain(discrepancies: Iterable[Discrepancy]) -> list[str]:
    """Where a person should look first: one sentence for each kind of finding, blocking ones first."""
    found = sorted(discrepancies, key=lambda entry: (entry.severity is not Severity.BLOCK, _rank(entry)))
    kinds = dict.fromkeys(entry.kind for entry in found if entry.severity is not Severity.INFO)
    return [f"{kind.replace('_', ' ').capitalize()}: {table()[kind].first_look}." for kind in kinds]


def payment_meanwhile(discrepancies: Iterable[Discrepancy]) -> Payment:
    """What the findings mean for payment until they are resolved: the strictest of the blocking ones."""
    found = {table()[kind].payment for kind in _blocking(discrepancies)}
    strictest = (Payment.NOT_POSTED, Payment.BLOCKED, Payment.SET_OFF)
    return next((payment for payment in strictest if payment in found), Payment.FREE)


def clearable(discrepancies: Iterable[Discrepancy]) -> tuple[str, ...]:
    """The candidates that `not_a_duplicate` clears, for `Facts.cleared`."""
    return tuple(
        entry.figures["candidate"]
        for entry in discrepancies
        if entry.kind is DiscrepancyKind.DUPLICATE_SUSPECT and "candidate" in entry.figures
    )


def _rank(entry: Discrepancy) -> int:
    return _RULES.index(entry.kind)


def _blocking(discrepancies: Iterable[Discrepancy]) -> list[DiscrepancyKind]:
    found = {entry.kind for entry in discrepancies if entry.severity is Severity.BLOCK}
    return [kind for kind in _RULES if kind in found]


def _joined(ways: Sequence[Resolution]) -> Resolution:
    if len(ways) == 1:
        return ways[0]
    return Resolution(
        id="+".join(way.id for way in ways),
        label="; ".join(way.label for way in ways),
        description=" ".join(way.description for way in ways),
        who="; ".join(dict.fromkeys(way.who for way in ways)),
        effect=Effect.POST,
        needs=tuple(dict.fromkeys(need for way in ways for need in way.needs)),
    )
