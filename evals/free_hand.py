"""What a model wishes, carried out at once and without a person: only to measure, in a sandbox of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evals.side_world import Desk
from tools.catalog import Access, ToolSpec
from tools.domain.authority import ApprovalPolicy
from tools.domain.authority_facts import facts_of
from tools.domain.company import posting_date
from tools.domain.decision import (
    Action,
    Approval,
    Decision,
    ParkInvoice,
    PostCreditNote,
    PostingOrder,
    PostInvoice,
    Proposal,
)
from tools.domain.identifiers import CompanyId, DocumentId, PersonId
from tools.domain.money import Money, total
from tools.domain.suggestion import Suggestion
from tools.erp.errors import ErpError
from tools.matching.coding import accounts_of
from tools.matching.entry_actions import Fault, action_by_reference
from tools.matching.entry_targets import Subject
from tools.matching.erp_entries import entry_for
from tools.matching.model_ways import parts
from tools.matching.posting_lines import posting_lines
from tools.matching.ways_out import Effect

_AGENT = PersonId("agent")
_POSTS = frozenset({Effect.POST, Effect.PARK})


@dataclass
class FreeHand:
    """One case; what was done stays here for the judge."""

    desk: Desk
    writes: list[str] = field(default_factory=list)
    """Kinds of actions that the ERP carried out, in their order."""
    refused: int = 0
    """Writes that the ERP or the arguments did not allow."""
    chosen: str = ""
    """The last option that was chosen; empty where none was."""
    asked: bool = False
    """It asked the clerk."""

    def __post_init__(self) -> None:
        self.scope = self.desk.scope

    @property
    def is_settled(self) -> bool:
        """Whether anything was done or asked that ends the agent's work."""
        return bool(self.writes or self.chosen or self.asked)

    def description(self, spec: ToolSpec) -> str:
        """As in the product, but a write is no suggestion here."""
        told = spec.description
        if spec.access is Access.WRITE:
            told = told.removeprefix("Suggest to ").removeprefix("Suggest ")
            return told[:1].upper() + told[1:]
        return told

    async def call(self, name: str, arguments: Mapping[str, str]) -> str:
        """What the tool says."""
        result = await self.desk.toolbox.call(name, arguments, self.scope)
        self.scope = self.scope.after(result)
        if result.question is not None:
            self.asked = True
        if result.suggestion is None:
            return result.text
        return await self._carry_out(result.suggestion)

    async def _carry_out(self, suggestion: Suggestion) -> str:
        row = entry_for(suggestion.kind)
        action: Action | str | None
        if row is not None:
            found = action_by_reference(row, _given(suggestion), self._subject())
            action = found.reason if isinstance(found, Fault) else found
        else:
            action = self._document(suggestion.option)
        if isinstance(action, str):
            self.refused += 1
            return f"Not possible: {action}"
        if action is not None:
            try:
                posting = await self.desk.erp.write(_order(action, self.desk))
            except ErpError as error:
                self.refused += 1
                return f"The ERP refused: {error}"
            self.writes.append(action.kind)
            self.chosen = suggestion.option or self.chosen
            return f"Done: {action.kind.replace('_', ' ')}, number {posting.number}."
        self.chosen = suggestion.option
        return f"Done: {suggestion.option} is chosen."

    def _subject(self) -> Subject:
        world = self.desk.world
        company = CompanyId(self.desk.erp.company)
        return Subject(facts=world.facts, match=world.match, erp=self.desk.erp.kind, company=company)

    def _document(self, option: str) -> Action | str | None:
        """The posting behind an option; None for one that posts nothing."""
        effects = {part.effect for part in parts(option)}
        if not effects & _POSTS:
            return None
        facts, match = self.desk.world.facts, self.desk.world.match
        invoice = facts.invoice
        day = invoice.issue_date and posting_date(invoice.issue_date, facts.first_open, facts.last_open)
        if invoice.number is None or invoice.issue_date is None or day is None:
            return "the document has no number, no date, or no open period"
        lines = posting_lines(
            invoice, match, facts.orders, facts.profile, facts.supplier,
            policy=facts.document_policy, accounts=accounts_of(facts),
        )  # fmt: skip
        net = total((line.net_amount for line in lines), invoice.currency)
        tax = abs(invoice.tax_total) if invoice.tax_total is not None else Money.zero(invoice.currency)
        parked = Effect.PARK in effects
        kind = PostCreditNote if invoice.is_credit_note else ParkInvoice if parked else PostInvoice
        return kind(
            company=CompanyId(self.desk.erp.company),
            supplier_id=facts.supplier.supplier_id,
            supplier_name=facts.supplier.name,
            number=invoice.number,
            invoice_date=invoice.issue_date,
            posting_date=day,
            currency=invoice.currency,
            lines=lines,
            net=net,
            tax=tax,
            gross=net + tax,
        )


def _given(suggestion: Suggestion) -> dict[str, str]:
    """A plain agent enters what it believes came: the quantity that is missing, under a note of its own."""
    return {"delivery_note": "AGENT-1", **suggestion.references}


def _order(action: Action, desk: Desk) -> PostingOrder:
    """Approved by nobody but the agent itself, as such agents do. The product has no place for this."""
    currency = desk.world.facts.invoice.currency
    limit = {"amount": "1000000000", "currency": currency}
    policy = ApprovalPolicy.model_validate(
        {"approvers": [{"person": _AGENT, "name": "Agent", "limit": limit}], "currency": currency}
    )
    proposal = Proposal(
        case_id=desk.case_id,
        document_id=DocumentId("0" * 64),
        action=action,
        reasons=("the agent decided it",),
    )
    approval = Approval(
        case_id=proposal.case_id,
        digest=proposal.digest,
        person=_AGENT,
        decision=Decision.APPROVE,
        decided_at=desk.now,
    )
    return PostingOrder.of(proposal, approval, policy, desk.now, facts=facts_of(action, ()))
