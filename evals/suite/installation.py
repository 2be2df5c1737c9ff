"""What an installation knows of one case, from its own database; nothing is written, no ERP is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agent.settings import Settings
from evals.suite.case import CaseBroken
from tools.archive import Archive
from tools.audit_log import AuditLog
from tools.case_facts import CaseFacts, GatheredFacts
from tools.case_list import CaseList, CaseSummary, project
from tools.domain import audit
from tools.domain.audit import AuditRecord
from tools.domain.decision import InvoiceAction, Proposal
from tools.domain.documents import Invoice, Reading, SourceDocument
from tools.domain.findings import Discrepancy, Severity
from tools.domain.identifiers import CaseId, SupplierId
from tools.domain.supplier import BankAccount, Supplier
from tools.matching.facts import KnownDocument
from tools.store import Store
from tools.supplier_mirror import SupplierMirror


@dataclass(frozen=True)
class RealCase:
    """One case of an installation, as its last step left it."""

    settings: Settings
    summary: CaseSummary
    document: SourceDocument
    reading: Reading
    facts: GatheredFacts | None
    """None: no supplier was found, so nothing was read from the ERP."""
    records: tuple[AuditRecord, ...]
    suppliers: tuple[Supplier, ...]
    """Those the case has to do with."""
    accounts: dict[SupplierId, list[BankAccount]]
    """Accounts that people verified, of these suppliers."""
    earlier: tuple[Invoice, ...]
    """Documents near this one that came before it and were not posted."""

    @property
    def invoice(self) -> Invoice:
        """Raises CaseBroken where the document is none."""
        if self.reading.invoice is None:
            raise CaseBroken(f"{self.summary.case_id} holds no invoice; only invoices become cases")
        return self.reading.invoice

    @property
    def today(self) -> date:
        moment = self.facts.gathered_at if self.facts else self.summary.received_at
        return moment.date()

    @property
    def findings(self) -> tuple[str, ...]:
        """Kinds of blocks and warnings of the last match, each once."""
        found: tuple[Discrepancy, ...] = ()
        for record in self.records:
            if isinstance(record.event, audit.InvoiceMatched):
                found = record.event.findings
        shown = (entry.kind.value for entry in found if entry.severity is not Severity.INFO)
        return tuple(dict.fromkeys(shown))

    @property
    def proposals(self) -> dict[str, Proposal]:
        """By digest."""
        made = (record.event for record in self.records)
        return {event.digest: event.proposal for event in made if isinstance(event, audit.ProposalMade)}

    @property
    def own_numbers(self) -> frozenset[str]:
        """ERP ids and numbers of what this very case wrote: the books before did not hold them."""
        done = [record.event for record in self.records if isinstance(record.event, audit.PostingDone)]
        own = {value for event in done for value in (event.posting.erp_id, event.posting.number)}
        return frozenset(own | (self.facts.own_postings if self.facts else set()))

    @property
    def posted(self) -> InvoiceAction | None:
        """The document as it was written; None where it was not."""
        proposals = self.proposals
        for record in self.records:
            if isinstance(record.event, audit.PostingDone) and record.event.digest in proposals:
                action = proposals[record.event.digest].action
                if isinstance(action, InvoiceAction):
                    return action
        return None


def real_case(settings: Settings, case_id: str) -> RealCase:
    """Raises CaseBroken where the installation has no such case."""
    path = settings.data.folder / "erp-agent.sqlite"
    if not path.is_file():
        raise CaseBroken(f"{path} is not there: [data] folder names no installation that has cases")
    store = Store.open(path)
    try:
        return _read(settings, store, CaseId(case_id))
    finally:
        store.close()


def _read(settings: Settings, store: Store, case_id: CaseId) -> RealCase:
    def no_clock() -> object:
        raise CaseBroken("an installation is only read")

    log = AuditLog(store, no_clock, project)  # type: ignore[arg-type]
    archive = Archive(store, log, no_clock)  # type: ignore[arg-type]
    mirror = SupplierMirror(store, log, no_clock)  # type: ignore[arg-type]
    named = CaseList(store).named([case_id])
    if not named:
        raise CaseBroken(f"there is no case {case_id}; `erp-agent cases` lists them")
    summary = named[-1]
    reading = archive.reading(summary.document_id)
    if reading is None:
        raise CaseBroken(f"{case_id}: nothing was read from its document")
    facts = CaseFacts(store).get(summary.case_id)
    records = tuple(log.records(summary.case_id))
    suppliers = _suppliers(mirror, facts, records, reading.invoice)
    return RealCase(
        settings=settings,
        summary=summary,
        document=archive.document(summary.document_id),
        reading=reading,
        facts=facts,
        records=records,
        suppliers=suppliers,
        accounts=mirror.verified_accounts([one.supplier_id for one in suppliers]),
        earlier=_earlier(archive, CaseList(store), facts),
    )


def _suppliers(
    mirror: SupplierMirror,
    facts: GatheredFacts | None,
    records: tuple[AuditRecord, ...],
    invoice: Invoice | None,
) -> tuple[Supplier, ...]:
    """The case's own, those of its orders, those a question offered, those with an id of the document."""
    wanted: dict[SupplierId, Supplier] = {}
    if facts is not None:
        wanted[facts.supplier.supplier_id] = facts.supplier
        ids = [order.supplier_id for order in (*facts.orders, *facts.candidates)]
    else:
        ids = []
    asked = [event.options for event in (r.event for r in records) if isinstance(event, audit.QuestionAsked)]
    ids += [SupplierId(option[9:]) for options in asked for option in options if option[:9] == "supplier:"]
    party = invoice.supplier if invoice else None
    for supplier in mirror.all():
        same = party is not None and any(
            mine is not None and mine == other
            for mine, other in (
                (party.vat_id, supplier.vat_id),
                (party.registration_id, supplier.registration_id),
                (party.gln, supplier.gln),
                (party.name, supplier.name),
            )
        )
        if same or supplier.supplier_id in ids:
            wanted.setdefault(supplier.supplier_id, supplier)
    return tuple(wanted.values())


def _earlier(archive: Archive, cases: CaseList, facts: GatheredFacts | None) -> tuple[Invoice, ...]:
    found = []
    for known in facts.known_documents if facts else ():
        if is_open(known) and (summary := cases.get(known.case_id)) is not None:
            reading = archive.reading(summary.document_id)
            found += [reading.invoice] if reading is not None and reading.invoice is not None else []
    return tuple(found)


def is_open(known: KnownDocument) -> bool:
    """Neither in the ERP's books nor later than the document in question."""
    return known.erp_number is None and not known.came_later
