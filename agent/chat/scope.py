"""What a conversation about a case knows from the start: the ids of the case's own facts, and its options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.state import CaseState
from agent.suggestions import STEP
from tools.case_list import CaseSummary
from tools.catalog import Scope, Sources, case_scope
from tools.domain.identifiers import PersonId, SupplierId
from tools.domain.purchase import PurchaseOrder
from tools.matching.facts import Facts
from tools.matching.model_ways import BY_THE_FACTS, option_fault, parts


def scope_of(
    sources: Sources,
    case: CaseSummary,
    state: CaseState,
    person: PersonId,
    only_supplier: SupplierId | None = None,
    facts: Facts | None = None,
    entries: Mapping[str, tuple[str, ...]] | None = None,
    orders: Sequence[PurchaseOrder] = (),
) -> Scope:
    """Of the question's options those that a person may have a model suggest; without `facts` none.
    `orders` are those that the question names: what they rule out is ruled out here too.
    `entries`: kind of entry -> what it may be about; absent: no entry."""
    return case_scope(
        sources,
        case,
        match=state.get("match"),
        options=_options(state, facts, orders),
        person=person,
        only_supplier=only_supplier,
        entries=entries or {},
    )


def _options(state: CaseState, facts: Facts | None, orders: Sequence[PurchaseOrder]) -> list[tuple[str, str]]:
    question, match = state.get("question"), state.get("match")
    if question is None or match is None or facts is None or question.step != STEP:
        return []
    rows = [option for option in question.options if parts(option.id) or option.id.startswith(BY_THE_FACTS)]
    return [
        (option.id, option.label) for option in rows if option_fault(option.id, facts, match, orders) is None
    ]
