"""What a conversation about a case knows from the start: the ids of the case's own facts, and its options."""

from __future__ import annotations

from agent.state import CaseState
from tools.case_list import CaseSummary
from tools.catalog import Scope, Sources, case_scope
from tools.domain.identifiers import PersonId, SupplierId
from tools.matching.facts import Facts
from tools.matching.model_ways import option_fault, parts


def scope_of(
    sources: Sources,
    case: CaseSummary,
    state: CaseState,
    person: PersonId,
    only_supplier: SupplierId | None = None,
    facts: Facts | None = None,
) -> Scope:
    """Of the question's options those that a person may have a model suggest; without `facts` none."""
    return case_scope(
        sources,
        case,
        match=state.get("match"),
        options=_options(state, facts),
        person=person,
        only_supplier=only_supplier,
    )


def _options(state: CaseState, facts: Facts | None) -> list[tuple[str, str]]:
    question, match = state.get("question"), state.get("match")
    if question is None or match is None or facts is None:
        return []
    rows = [option for option in question.options if parts(option.id)]
    return [(option.id, option.label) for option in rows if option_fault(option.id, facts, match) is None]
