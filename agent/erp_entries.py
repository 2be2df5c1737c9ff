"""Entries in the ERP beside the document itself (a goods receipt, a hold, a changed order line): which are
offered to people, and what taking one proposes. Who may take it is checked where any answer is."""

from __future__ import annotations

from collections.abc import Iterable

from agent.nodes.match_invoice import case_facts
from agent.state import Answer, CaseState, Deps, ErpEntry, Option
from tools.domain import audit
from tools.domain.audit import AuditRecord
from tools.domain.decision import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    HoldInvoice,
    Proposal,
    ReleaseHold,
)
from tools.domain.findings import Severity
from tools.domain.identifiers import CompanyId
from tools.erp.contract import Capability
from tools.matching.entry_actions import Fault, action_by_reference
from tools.matching.entry_targets import Subject, targets
from tools.matching.erp_entries import EntryRow, entry_rows
from tools.matching.model_ways import is_guarded

BESIDE = (CreateGoodsReceipt, AmendOrderLine, HoldInvoice, ReleaseHold)
"""Kinds of actions after which the case goes on: its own document is not posted yet."""


def subject_of(case: CaseState, deps: Deps) -> Subject:
    """The matched case as far as entries are about it. Raises LookupError before it is matched."""
    return Subject(
        facts=case_facts(case, deps),
        match=case["match"],
        erp=deps.erp.kind,
        company=CompanyId(deps.erp.company),
        past=entered(deps.log.records(case["case_id"])),
    )


def entered(records: Iterable[AuditRecord]) -> tuple[tuple[str, str, str], ...]:
    """What the case had entered beside its document, as `Subject.past` names it."""
    made: dict[str, Action] = {}
    found: list[tuple[str, str, str]] = []
    for event in (record.event for record in records):
        if isinstance(event, audit.ProposalMade):
            made[event.digest] = event.proposal.action
        elif isinstance(event, audit.PostingDone):
            action = made.get(event.digest)
            if isinstance(action, HoldInvoice | ReleaseHold):
                found.append((action.kind, action.posted_number, action.reason_code))
            elif isinstance(action, AmendOrderLine):
                found.append((action.kind, action.order_number, action.order_line_id))
    return tuple(found)


def offered(case: CaseState, deps: Deps) -> tuple[list[Option], list[str]]:
    """What people may have entered now, as options, and a sentence for each entry that this ERP declines."""
    subject, options, declined = subject_of(case, deps), [], []
    for row in entry_rows():
        found = targets(row, subject)
        if not found:
            continue
        reason = _declined(row, deps)
        if reason is not None:
            declined.append(f"{row.label} is not possible from here: {reason}.")
            continue
        words = "; ".join(one.words for one in found)
        options.append(
            Option(
                id=row.id,
                label=row.label,
                description=f"{row.description} {words}. Decides: {row.who}.",
                who=row.who,
                inputs=row.needs,
                optional=row.optional,
            )
        )
    return options, declined


def suggestible(case: CaseState, deps: Deps) -> dict[str, tuple[str, ...]]:
    """Kind of entry -> the order lines or postings that a model may name for it now; without one it is left
    out. While a control stands, nothing but a hold of payment. Raises LookupError before the case is
    matched."""
    subject, found = subject_of(case, deps), dict[str, tuple[str, ...]]()
    guarded = is_guarded(subject.match.discrepancies)
    for row in entry_rows():
        if _declined(row, deps) is None and (row.action == "hold_invoice" or not guarded):
            named = [one.references for one in targets(row, subject)]
            values = (value.get("order_line") or value.get("posting", "") for value in named)
            found[row.action] = tuple(dict.fromkeys(filter(None, values)))
    return {action: values for action, values in found.items() if values}


def _declined(row: EntryRow, deps: Deps) -> str | None:
    """Why the ERP cannot have it entered, in its connector's words; None where it can."""
    capability = Capability(row.action)
    if capability in deps.erp.capabilities:
        return None
    return deps.erp.declined.get(capability, f"{deps.erp.kind} has no such entry")


def taken(case: CaseState, deps: Deps, answer: Answer) -> ErpEntry | str | None:
    """What the answer has entered; in words why it cannot be; None for an answer that enters nothing."""
    row = next((entry for entry in entry_rows() if entry.id == answer.option), None)
    if row is None:
        return None
    declined = _declined(row, deps)
    if declined is not None:
        return f"{row.label}: {declined}"
    found = action_by_reference(row, answer.values, subject_of(case, deps))
    if isinstance(found, Fault):
        return found.reason
    return ErpEntry(action=found, option=row.id, words=_words(row, answer))


def _words(row: EntryRow, answer: Answer) -> tuple[str, ...]:
    """Who wants it, on whose suggestion. A model's own words are no reason."""
    why = answer.remark or answer.values.get("reason", "")
    words = [f"{answer.person}: {row.label}{f' ({why})' if why else ''}"]
    if answer.suggestion_id:
        words.append(f"taken by {answer.person}, suggested by the model {answer.suggested_by}")
    return tuple(words)


def entry_proposal(case: CaseState, deps: Deps, entry: ErpEntry) -> Proposal:
    """For a person to approve: the entry with the findings it is to settle, and what it rests on."""
    gathered, match = deps.facts.get(case["case_id"]), case["match"]
    return Proposal(
        case_id=case["case_id"],
        document_id=case["document_id"],
        action=entry.action,
        reasons=entry.words,
        findings=tuple(found for found in match.discrepancies if found.severity is not Severity.INFO),
        resolution=entry.option,
        versions=_versions(entry.action, dict(gathered.versions) if gathered else {}),
        policies=(match.policy, f"approval {deps.approval_policy.label}"),
    )


def _versions(action: Action, known: dict[str, str]) -> dict[str, str]:
    """A receipt and a changed line rest on their order, a release on all that was matched; a hold stops
    payment whatever moved since."""
    if isinstance(action, ReleaseHold):
        return known
    if isinstance(action, CreateGoodsReceipt | AmendOrderLine):
        order = f"order:{action.order_number}"
        return {order: known[order]} if order in known else {}
    return {}


def entered_words(action: Action, number: str) -> str:
    """What stands in the ERP now, for the next question and the next approver."""
    match action:
        case CreateGoodsReceipt():
            return f"goods receipt {number} entered (order {action.order_number}, {action.delivery_note})"
        case AmendOrderLine():
            return f"order line {action.order_number}/{action.order_line_id} changed"
        case HoldInvoice():
            return f"{action.posted_number} held with the code {action.reason_code}"
        case ReleaseHold():
            return f"hold {action.reason_code} of {action.posted_number} released"
        case _:
            return f"{action.kind.replace('_', ' ')} {number}"
