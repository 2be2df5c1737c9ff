"""What our records say about a proposal for the authority rules: who had a hand in it, what else belongs to
the same commitment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tools.archive import Archive
from tools.audit_log import AuditLog
from tools.case_facts import CaseFacts, GatheredFacts
from tools.commitments import Commitments, OtherDocument
from tools.domain import audit
from tools.domain.audit import ActorType, AuditRecord
from tools.domain.authority import ApprovalPolicy, Basis
from tools.domain.authority_facts import ApprovalFacts, Risk, facts_of, is_credit
from tools.domain.call_backs import CallResult
from tools.domain.decision import AmendOrderLine, CreateGoodsReceipt, InvoiceAction, Proposal
from tools.domain.documents import Invoice
from tools.domain.findings import DiscrepancyKind, Severity
from tools.domain.identifiers import compact
from tools.matching.decision_table import table
from tools.matching.ways_out import Effect

_CONTENT = ("find_supplier:", "investigate:")
"""Questions whose answers may change what is proposed."""
_NEUTRAL = frozenset(
    {"recheck"}
    | {
        way.id
        for entry in table().values()
        for way in entry.resolutions
        if way.effect is Effect.WAIT or (way.effect is Effect.REMATCH and not way.needs)
    }
)
"""Answers that give nothing: wait, and look again at what others changed in the ERP."""
_BANK, _DUPLICATE = "bank_verified", "not_a_duplicate"


class ApprovalRecords:
    """Gathers the facts of one proposal afresh, each time somebody wants to approve or post it."""

    def __init__(self, archive: Archive, facts: CaseFacts, log: AuditLog, commitments: Commitments) -> None:
        self._archive = archive
        self._facts = facts
        self._log = log
        self._commitments = commitments

    def facts(self, proposal: Proposal, policy: ApprovalPolicy, *, alone: bool = False) -> ApprovalFacts:
        """What the rules look at now. `alone`: without other documents, for a proposal that was sent and
        of which only the outcome is open."""
        records = list(self._log.records(proposal.case_id))
        shown = _first_shown(records, proposal)
        before = records if shown is None else [entry for entry in records if entry.sequence < shown.sequence]
        answers = _answers(before)
        gathered = self._facts.get(proposal.case_id)
        reading = self._archive.reading(proposal.document_id)
        plain = facts_of(proposal.action, proposal.findings)
        others = [] if alone else self._others(proposal, policy)
        found = {
            "others": tuple(entry.gross if policy.basis is Basis.GROSS else entry.net for entry in others),
            "other_documents": tuple(entry.words for entry in others),
            "supplier_risk": plain.supplier_risk or plain.supplier_id in policy.risky_suppliers,
            "risks": tuple(dict.fromkeys((*plain.risks, *_risks(before, answers)))),
            "ordered_by": (
                *(order.buyer for order in (gathered.orders if gathered else ()) if order.buyer),
                *_who_had_entered(records, AmendOrderLine),
            ),
            "received_by": _who_had_entered(records, CreateGoodsReceipt),
            "entered_by": _people(
                entry for entry in records if isinstance(entry.event, audit.DocumentReceived)
            ),
            "verified_by": (
                *_verifiers(reading.invoice if reading else None, gathered),
                *_people(entry for entry in answers if _BANK in _option(entry)),
            ),
            "decided_by": _people(answers),
            "waiting_since": shown.at if shown else None,
        }
        return plain.model_copy(update=found)

    def _others(self, proposal: Proposal, policy: ApprovalPolicy) -> list[OtherDocument]:
        action = proposal.action
        if not isinstance(action, InvoiceAction) or is_credit(action):
            return []
        orders = {line.order_number for line in action.lines if line.order_number}
        return self._commitments.others(
            proposal.case_id,
            action.supplier_id,
            action.number,
            orders,
            action.invoice_date,
            policy.split_days,
        )


def _first_shown(records: Iterable[AuditRecord], proposal: Proposal) -> AuditRecord | None:
    """The record of this very proposal."""
    digest = proposal.digest
    return next(
        (
            entry
            for entry in records
            if isinstance(entry.event, audit.ProposalMade) and entry.event.digest == digest
        ),
        None,
    )


def _option(record: AuditRecord) -> str:
    return record.event.option if isinstance(record.event, audit.QuestionAnswered) else ""


def _answers(records: Iterable[AuditRecord]) -> list[AuditRecord]:
    """Answers of people that changed what is proposed."""
    return [
        entry
        for entry in records
        if isinstance(entry.event, audit.QuestionAnswered)
        and entry.event.question_id.startswith(_CONTENT)
        and not set(entry.event.option.split("+")) <= _NEUTRAL
    ]


def _who_had_entered(
    records: Iterable[AuditRecord], kind: type[AmendOrderLine] | type[CreateGoodsReceipt]
) -> tuple[str, ...]:
    """Whose answer led to an entry of this kind that stands in the ERP now."""
    last, asked, found = "", dict[str, str](), dict[str, None]()
    for record in records:
        event = record.event
        if isinstance(event, audit.QuestionAnswered) and event.question_id.startswith(_CONTENT):
            last = record.actor.id
        elif isinstance(event, audit.ProposalMade) and isinstance(event.proposal.action, kind):
            asked[event.digest] = last
        elif isinstance(event, audit.PostingDone) and event.digest in asked:
            found[asked[event.digest]] = None
    return tuple(found)


def _people(records: Iterable[AuditRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.actor.id for entry in records if entry.actor.type is ActorType.PERSON))


def _risks(records: Iterable[AuditRecord], answers: Sequence[AuditRecord]) -> list[Risk]:
    """Risks that were settled on the way here: the findings of the proposal no longer show them."""
    blocked = {
        found.kind
        for entry in records
        if isinstance(entry.event, audit.InvoiceMatched)
        for found in entry.event.findings
        if found.severity is Severity.BLOCK
    }
    risks = [Risk.BANK_CHANGE] if DiscrepancyKind.BANK_CHANGE in blocked else []
    if any(_DUPLICATE in _option(entry) for entry in answers):
        risks.append(Risk.DUPLICATE_CLEARED)
    return risks


def _verifiers(invoice: Invoice | None, gathered: GatheredFacts | None) -> tuple[str, ...]:
    """Who verified an account that the document asks to be paid on: who activated it, and who called the
    supplier back before."""
    if invoice is None or gathered is None:
        return ()
    asked = {compact(account) for account in (*invoice.ibans, *invoice.other_accounts)}
    accounts = [account for account in gathered.verified_accounts if compact(account.iban) in asked]
    people = [account.verified_by for account in accounts if account.verified_by]
    calls = gathered.fraud.call_backs if gathered.fraud is not None else ()
    people += [
        call.caller
        for call in calls
        if call.result is CallResult.CONFIRMED and compact(call.account) in asked
    ]
    return tuple(dict.fromkeys(people))
