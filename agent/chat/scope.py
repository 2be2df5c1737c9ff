"""What a conversation about a case knows from the start: the ids of the case's own facts, and its options."""

from __future__ import annotations

from agent.state import CaseState
from tools.case_list import CaseSummary
from tools.catalog import Scope, Sources, case_scope
from tools.domain.identifiers import PersonId, SupplierId
from tools.matching.model_ways import ways_to_ask_for
from tools.matching.resolutions import allowed


def scope_of(
    sources: Sources,
    case: CaseSummary,
    state: CaseState,
    person: PersonId,
    only_supplier: SupplierId | None = None,
) -> Scope:
    """Of the question's options those that a person may have a model suggest."""
    return case_scope(
        sources,
        case,
        match=state.get("match"),
        options=_options(state),
        person=person,
        only_supplier=only_supplier,
    )


def _options(state: CaseState) -> list[tuple[str, str]]:
    question, match = state.get("question"), state.get("match")
    if question is None or match is None:
        return []
    ways = {way.id for way in ways_to_ask_for(match.discrepancies, allowed(match.discrepancies))}
    return [(option.id, option.label) for option in question.options if option.id in ways]
