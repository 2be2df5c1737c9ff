"""What a language model may suggest of what the decision table allows: the one place of this rule.

The table says it in data (`model_may`, `control`); here it is applied, with the order in which an accountant
settles findings, so that a model chooses only among what belongs to the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchResult, Severity
from tools.domain.purchase import PurchaseOrder
from tools.matching.contradictions import contradiction
from tools.matching.decision_table import table
from tools.matching.facts import Facts
from tools.matching.order_fit import fits, open_value, unmeant
from tools.matching.resolutions import allowed
from tools.matching.ways_out import (
    ORDER_OPTION,
    PARK,
    TAKE_SUGGESTED,
    WITHOUT_ORDER,
    Effect,
    Need,
    Resolution,
)

_K = DiscrepancyKind
_HARMLESS = frozenset({Effect.WAIT, Effect.REJECT})
_GIVEN_BY_ITSELF = frozenset({Need.REASON, Need.CLEARED})
"""Needs that are filled by the remark and by the findings; every other one is a value from a person."""
BY_THE_FACTS = (ORDER_OPTION, TAKE_SUGGESTED)
"""Options whose value the facts of the case give; every other value is a person's."""
ONLY_PEOPLE = "only people choose this way out"

FIRST: tuple[frozenset[DiscrepancyKind], ...] = (
    frozenset({_K.WRONG_COMPANY}),
    frozenset({_K.DUPLICATE_SUSPECT}),
    frozenset({_K.MISSING_FIELD, _K.UNREADABLE_VALUE, _K.TOTAL_MISMATCH, _K.DATE_IMPLAUSIBLE}),
    frozenset({_K.CURRENCY_DIFF, _K.TAX_WRONG, _K.RATE_VARIANCE}),
    frozenset({_K.NO_PO, _K.BAD_PO, _K.CREDIT_NOTE_UNLINKED, _K.CREDIT_EXCEEDS, _K.LINE_AMBIGUOUS}),
    frozenset({_K.UOM_OR_BASE, _K.SUBSTITUTE_ITEM}),
    frozenset({_K.PO_EXHAUSTED, _K.QTY_OVER_ORDERED}),
    frozenset({_K.NO_RECEIPT, _K.QTY_OVER_RECEIVED, _K.QTY_OVER_ACCEPTED}),
)
"""What is settled before what: whether it is for us and new, whether the document itself is good, its order,
what came, and then the rest (price, cost, coding, limits) together. Controls come before all of them."""


def ways_for_model(discrepancies: Iterable[Discrepancy], ways: Sequence[Resolution]) -> list[Resolution]:
    """Those of `ways` that a model may suggest now; nothing when only people can settle it."""
    found = list(discrepancies)
    leading = {entry.kind for entry in first_to_settle(found)}
    own = {way.id for kind in leading for way in table()[kind].resolutions}
    return [way for way in ways_to_ask_for(found, ways) if way != PARK and set(way.id.split("+")) <= own]


def ways_to_ask_for(discrepancies: Iterable[Discrepancy], ways: Sequence[Resolution]) -> list[Resolution]:
    """Those of `ways` that a person may have a model suggest, whatever is settled first: what needs no value,
    and only what does no harm while a control stands. A draft in the ERP is a person's wish, no model's."""
    guarded = is_guarded(discrepancies)
    return [
        way
        for way in ways
        if (way == PARK or all(part.model_may for part in parts(way.id)))
        and set(way.needs) <= _GIVEN_BY_ITSELF
        and (way.effect in _HARMLESS or not guarded)
    ]


def is_guarded(discrepancies: Iterable[Discrepancy]) -> bool:
    """Whether a control stands: then a model suggests only what does no harm, and no entry but a hold."""
    blocking = (entry for entry in discrepancies if entry.severity is Severity.BLOCK)
    return any(table()[entry.kind].control for entry in blocking)


def option_fault(
    option: str, facts: Facts, match: MatchResult, orders: Sequence[PurchaseOrder] = ()
) -> str | None:
    """Why a model may not suggest this option of the question, in words; None when it may. Said wherever an
    option is offered to a model or taken from one. `orders` are those that the question offers."""
    return _may_not(option, facts, match) or _beside(option, facts, match, orders)


def _beside(option: str, facts: Facts, match: MatchResult, orders: Sequence[PurchaseOrder]) -> str | None:
    """What the supplier's open orders say against it, where the document's order is in question."""
    if not orders or not {entry.kind for entry in first_to_settle(match.discrepancies)} & WITHOUT_ORDER:
        return None
    known = fits(facts.invoice, [(order, open_value(order)) for order in orders])
    return unmeant(facts.invoice, known).get(option)


def _may_not(option: str, facts: Facts, match: MatchResult) -> str | None:
    if option.startswith(BY_THE_FACTS):
        return ONLY_PEOPLE if is_guarded(match.discrepancies) else None
    ways = {way.id for way in ways_to_ask_for(match.discrepancies, allowed(match.discrepancies))}
    return contradicted(option, facts, match) if option in ways else ONLY_PEOPLE


def contradicted(way_id: str, facts: Facts, match: MatchResult) -> str | None:
    """What in the facts speaks against one of the parts of a way out; None where nothing does."""
    return next(filter(None, (contradiction(part.id, facts, match) for part in parts(way_id))), None)


def first_to_settle(discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
    """The blocking findings that come before the others; all controls at once, else the first group."""
    blocking = [entry for entry in discrepancies if entry.severity is Severity.BLOCK]
    controls = [entry for entry in blocking if table()[entry.kind].control]
    if controls:
        return controls
    for group in FIRST:
        if found := [entry for entry in blocking if entry.kind in group]:
            return found
    return blocking


def parts(way_id: str) -> list[Resolution]:
    """The rows of the table behind an id; several where `+` joins them. Unknown ids have none."""
    return [found for name in way_id.split("+") if (found := _by_id().get(name)) is not None]


@cache
def _by_id() -> dict[str, Resolution]:
    ways = (way for entry in table().values() for way in entry.resolutions)
    return {PARK.id: PARK, **{way.id: way for way in ways}}
