"""Where the tools read, and what of it a person may see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.archive import Archive
from tools.audit_log import AuditLog
from tools.case_facts import CaseFacts
from tools.case_list import CaseList, CaseSummary
from tools.domain.authority import ApprovalPolicy
from tools.domain.authority_roles import Role
from tools.domain.case_events import InvoiceMatched
from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchResult
from tools.domain.identifiers import CaseId, PersonId
from tools.domain.policy import MatchPolicy
from tools.domain.record import Record
from tools.domain.supplier import SupplierChoice
from tools.erp.contract import Account, Capability
from tools.erp.reader import ErpReader
from tools.known_accounts import bank_accounts_of
from tools.supplier_mirror import SupplierMirror

_LEDGER_TOOLS = frozenset({"list_open_items", "get_posted_invoices"})
# Who orders, receives or asks for goods sees documents, orders and receipts, not what is owed to whom.
_WITHOUT_LEDGER = frozenset({Role.BUYER, Role.REQUESTER, Role.RECEIVER})


class ResolvedCase(Record):
    """How people settled one case."""

    case_id: CaseId
    findings: tuple[str, ...]
    """Kinds that needed a person."""
    resolution: str
    """Id of the option that was chosen, or how the case ended."""
    decided_by: str
    """The role, never the name."""
    reason: str = ""
    """The person's words."""
    outcome: str = ""
    """The stage it ended in."""


class Known(Protocol):
    """What is known beside the records: earlier cases, rules, the chart of accounts, by likeness."""

    def similar(
        self, findings: Sequence[Discrepancy], *, but: CaseId | None, limit: int
    ) -> list[ResolvedCase]:
        """Those with the most findings of the same kinds, then those whose words are nearest."""
        ...

    def rules(self, text: str, limit: int = 3) -> list[DiscrepancyKind]:
        """Kinds of findings whose rule is nearest to the words."""
        ...

    def accounts(self, chart: Collection[Account], text: str, limit: int = 5) -> list[Account]:
        """Ledger accounts that take postings, by the meaning of their names."""
        ...


async def _no_match(case_id: CaseId) -> MatchResult | None:
    return None


@dataclass(frozen=True)
class Sources:
    """Read only: there is no way to write through it."""

    reader: ErpReader
    erp: str
    """Kind of the ERP."""
    capabilities: frozenset[Capability]
    mirror: SupplierMirror
    archive: Archive
    facts: CaseFacts
    cases: CaseList
    log: AuditLog
    profile: CompanyProfile
    match_policy: MatchPolicy
    approval_policy: ApprovalPolicy
    search: Callable[[str], SupplierChoice] | None = None
    """Suppliers by name; None: only those whose name holds the words."""
    match: Callable[[CaseId], Awaitable[MatchResult | None]] = _no_match
    """The case's match with its lines; without it the findings in the log are what is told."""
    past: Known | None = None
    """Earlier cases, rules and accounts by meaning; None: rules and accounts are found by their words."""

    def hidden(self, tool: str, person: PersonId | None) -> str | None:
        """Why this person may not use the tool, as a sentence; None when they may. The program's own
        investigation sees what the case needs."""
        if person is None:
            return None
        policy, known = self.approval_policy, self.approval_policy.person(person)
        refusal = policy.answer_refusal(person)
        if refusal is not None:
            return refusal
        if known is None:
            return None
        if known.companies and self.profile.company not in known.companies:
            return f"{person} has no part in company {self.profile.company}"
        if tool in _LEDGER_TOOLS and known.roles and policy.roles_of(known) <= _WITHOUT_LEDGER:
            roles = ", ".join(sorted(role.words for role in known.roles))
            return f"{person} is {roles}; accounts of suppliers are shown to accounts payable"
        return None

    def accounts_of(self, case_id: CaseId) -> tuple[str, ...]:
        """Bank accounts that a text of this case may repeat and that are told to no model."""
        case, facts = self.cases.get(case_id), self.facts.get(case_id)
        invoice = self.invoice_of(case) if case is not None else None
        supplier_id = facts.supplier.supplier_id if facts else case.supplier_id if case else None
        supplier = facts.supplier if facts else None
        verified = [*(facts.verified_accounts if facts else ())]
        if supplier_id is not None:
            verified += self.mirror.verified_accounts([supplier_id]).get(supplier_id, ())
        return bank_accounts_of(invoice, supplier, verified)

    def invoice_of(self, case: CaseSummary) -> Invoice | None:
        reading = self.archive.reading(case.document_id)
        return reading.invoice if reading else None

    async def findings_of(self, case_id: CaseId) -> tuple[Discrepancy, ...]:
        """The last findings about a case."""
        match = await self.match(case_id)
        if match is not None:
            return match.discrepancies
        events = [record.event for record in self.log.records(case_id)]
        matched = [event for event in events if isinstance(event, InvoiceMatched)]
        return matched[-1].findings if matched else ()


def kinds_in(findings: Sequence[Discrepancy]) -> tuple[DiscrepancyKind, ...]:
    """Each kind once, in the order found."""
    return tuple(dict.fromkeys(found.kind for found in findings))
