"""Step 6: one action with everything it rests on, for a person to approve."""

from __future__ import annotations

from agent.erp_entries import entry_proposal
from agent.nodes.match_invoice import case_facts
from agent.state import CaseState, Deps, Overrides, Stage
from tools.domain.audit import SERVICE, ProposalMade
from tools.domain.authority_verdict import standing
from tools.domain.company import posting_date
from tools.domain.decision import InvoiceAction, ParkInvoice, PostCreditNote, PostInvoice, Proposal
from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchResult, Severity
from tools.domain.identifiers import CompanyId
from tools.domain.money import Money, total
from tools.masking import text_without, without_accounts
from tools.matching.coding import accounts_of
from tools.matching.coding_checks import coding_reasons
from tools.matching.facts import Facts
from tools.matching.posting_lines import posting_lines

PARK = "park"


class NothingToPropose(Exception):
    """The document lacks what every posting needs; matching should have stopped it: a defect."""


async def propose(case: CaseState, deps: Deps) -> CaseState:
    entry = case.get("entry")
    if entry is not None:
        return _shown(case, deps, entry_proposal(case, deps, entry))
    facts, match = case_facts(case, deps), case["match"]
    gathered = deps.facts.get(case["case_id"])
    resolution = case.get("resolution")
    proposal = Proposal(
        case_id=case["case_id"],
        document_id=case["document_id"],
        action=_action(facts, match, deps, resolution),
        reasons=_reasons(case, facts, match),
        resolution=resolution,
        findings=tuple(found for found in match.discrepancies if found.severity is not Severity.INFO),
        versions=gathered.versions if gathered else {},
        policies=(match.policy, f"approval {deps.approval_policy.label}"),
    )
    return _shown(case, deps, proposal)


def _shown(case: CaseState, deps: Deps, proposal: Proposal) -> CaseState:
    """Note the proposal as it will be shown, and who it waits for."""
    seen = deps.approvals.facts(proposal, deps.approval_policy)
    found = standing(deps.approval_policy, seen, (), deps.now())
    if found.lacks_approver:
        missing = (*proposal.findings, _nobody(found.waits_for))
        proposal = proposal.model_copy(update={"findings": missing})
    change = deps.note(
        case,
        SERVICE,
        ProposalMade(digest=proposal.digest, proposal=proposal),
        stage=Stage.WAITING_FOR_APPROVAL,
        reason=found.waits_for,
    )
    answered: CaseState = {"question": None, "answer": None}
    return change | answered | {"proposal": proposal, "approval": None, "approvals": ()}


def _nobody(words: str) -> Discrepancy:
    """The proposal waits until somebody has the right: it is never posted for want of an approver."""
    return Discrepancy(
        kind=DiscrepancyKind.APPROVER_MISSING,
        severity=Severity.WARN,
        rule="authority.approver.missing",
        message=f"{words[:1].upper()}{words[1:]}.",
    )


def _action(facts: Facts, match: MatchResult, deps: Deps, resolution: str | None) -> InvoiceAction:
    invoice = facts.invoice
    day = invoice.issue_date and posting_date(invoice.issue_date, facts.first_open, facts.last_open)
    if invoice.number is None or invoice.issue_date is None or day is None:
        raise NothingToPropose(f"{facts.case_id}: number, date or an open period is missing")
    lines = posting_lines(
        invoice,
        match,
        facts.orders,
        facts.profile,
        facts.supplier,
        policy=facts.document_policy,
        accounts=accounts_of(facts),
    )
    # A line's text goes to the ERP; an account in it must not.
    known = invoice.other_accounts
    lines = tuple(
        line.model_copy(update={"description": text_without(line.description, known)})
        for line in map(without_accounts, lines)
    )
    net = total((line.net_amount for line in lines), invoice.currency)
    tax = _tax(invoice)
    kind = PostCreditNote if invoice.is_credit_note else ParkInvoice if resolution == PARK else PostInvoice
    return kind(
        company=CompanyId(deps.erp.company),
        supplier_id=facts.supplier.supplier_id,
        supplier_name=facts.supplier.name,
        number=invoice.number,
        invoice_date=invoice.issue_date,
        posting_date=day,
        due_date=invoice.due_date,
        currency=invoice.currency,
        lines=lines,
        net=net,
        tax=tax,
        gross=net + tax,
        preceding_invoice=next((held.number for held in facts.preceding), None),
    )


def _tax(invoice: Invoice) -> Money:
    """The supplier's tax, positive: it is never recomputed, only questioned."""
    return abs(invoice.tax_total) if invoice.tax_total is not None else Money.zero(invoice.currency)


def _reasons(case: CaseState, facts: Facts, match: MatchResult) -> tuple[str, ...]:
    orders = ", ".join(dict.fromkeys(line.order_number for line in match.lines))
    reasons = [
        f"matched with order {orders} under policy {match.policy}"
        if orders
        else f"without an order, coded to accounts, under policy {match.policy}"
    ]
    if choice := case.get("choice"):
        reasons.append(choice.reason)
    reasons += coding_reasons(facts.invoice, match, accounts_of(facts))
    reasons += case.get("overrides", Overrides()).words
    if changed := case.get("changed"):
        reasons.insert(0, f"an earlier approval could not be used: {changed}")
    if case.get("resolution") is not None and (why := case.get("resolution_reason")):
        reasons.append(why)
    return tuple(reasons + [found.message for found in match.discrepancies if _is_told(found)])


def _is_told(found: Discrepancy) -> bool:
    """Warnings, and what a model read: a person confirmed it, and the approver sees where it comes from."""
    return found.severity is Severity.WARN or found.kind is DiscrepancyKind.READ_BY_MODEL
