"""What a conversation about a case knows from the start: the ids of the case's own facts, and its options."""

from __future__ import annotations

from agent.state import CaseState, Deps
from tools.case_list import CaseSummary
from tools.catalog import Choice, Scope
from tools.catalog.scope import ids
from tools.domain.decision import digest_of
from tools.domain.identifiers import PersonId, SupplierId
from tools.matching.model_ways import ways_to_ask_for
from tools.matching.resolutions import allowed


def scope_of(
    case: CaseSummary,
    state: CaseState,
    deps: Deps,
    person: PersonId | None,
    only_supplier: SupplierId | None = None,
) -> Scope:
    """Ids come from what the ERP and the log say about the case; what a document names is among them only
    where the ERP has it. Of the question's options those that a model may suggest."""
    reading, gathered = deps.archive.reading(case.document_id), deps.facts.get(case.case_id)
    match = state.get("match")
    invoice = reading.invoice if reading else None
    orders = (*gathered.orders, *gathered.candidates) if gathered else ()
    return Scope(
        person=person,
        case_id=case.case_id,
        ids=ids(
            case=[case.case_id],
            order=[order.number for order in orders],
            order_line=[f"{order.number}/{line.line_id}" for order in orders for line in order.lines],
            receipt=[receipt.number for receipt in gathered.receipts] if gathered else [],
            supplier=[gathered.supplier.supplier_id if gathered else case.supplier_id],
            posting=[posting.number for posting in gathered.postings] if gathered else [],
            finding=[entry.kind.value for entry in match.discrepancies] if match else [],
        ),
        choices=_choices(state),
        is_credit_note=bool(invoice and invoice.is_credit_note),
        findings=digest_of(match) if match else "",
        only_supplier=only_supplier,
    )


def _choices(state: CaseState) -> tuple[Choice, ...]:
    question, match = state.get("question"), state.get("match")
    if question is None or match is None:
        return ()
    ways = {way.id for way in ways_to_ask_for(match.discrepancies, allowed(match.discrepancies))}
    return tuple(Choice.of(option.id, option.label) for option in question.options if option.id in ways)
