"""A discrepancy case in front of an agent: its company in the sandbox ERP, our records of its document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from agent.nodes.gather_facts import order_numbers, read_facts
from agent.state import Deps, Overrides, Stage
from evals.resolution_world import World
from evals.side_company import world_file
from tools.archive import Archive
from tools.audit_log import AuditLog
from tools.case_facts import CaseFacts, GatheredFacts
from tools.case_list import CaseList, CaseSummary, project
from tools.catalog import Scope, Sources, Toolbox, case_scope
from tools.domain.audit import SERVICE, InvoiceMatched, StageChanged
from tools.domain.authority import ApprovalPolicy
from tools.domain.decision import Posting
from tools.domain.documents import Reading, ReadingState, SourceDocument
from tools.domain.findings import MatchResult
from tools.domain.identifiers import CaseId, DocumentId
from tools.erp.reader import ErpReader
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.connector import SandboxErp
from tools.erp.sandbox.world import WorldError
from tools.store import Store
from tools.supplier_mirror import SupplierMirror


@dataclass(frozen=True)
class _Reads:
    """As much of `Deps` as the reads of a case need. The supplier is an old one."""

    reader: ErpReader
    erp: SandboxErp
    day: date

    @property
    def fraud(self) -> _Reads:
        return self

    def asks_for_history(self, supplier_id: str) -> bool:
        return False

    def today(self) -> date:
        return self.day

    @property
    def profile(self) -> _Reads:
        return self

    @property
    def company(self) -> str:
        return self.erp.company

    @property
    def register(self) -> _Reads:
        return self

    def postings(self, paper: object, supplier_id: str) -> list[Posting]:
        """Everything this ERP holds came through us."""
        return []


@dataclass(frozen=True)
class Desk:
    """One case in front of an agent."""

    world: World
    erp: SandboxErp
    reader: ErpReader
    toolbox: Toolbox
    case_id: CaseId
    scope: Scope
    now: datetime

    @property
    def calls(self) -> int:
        """Calls of the ERP so far."""
        return self.erp.traffic.total

    def books(self) -> dict[str, Any]:
        return self.erp.books.dump()

    async def gather(self) -> None:
        """The program's own reads of such a case."""
        facts = self.world.facts
        deps = cast(Deps, _Reads(self.reader, self.erp, facts.today))
        numbers = order_numbers(facts.invoice, Overrides())
        await read_facts(deps, facts.invoice, facts.supplier.supplier_id, numbers)


@contextmanager
def desk_of(world: World, folder: Path) -> Iterator[Desk]:
    """The case's own company and records below `folder`; both end with the context."""
    now = datetime.combine(world.facts.today, time(9), tzinfo=UTC)
    erp = SandboxErp(Company.load(world_file(world), lambda: now))
    store = Store.open(folder / "records.sqlite")
    try:
        sources, case = _records(world, store, ErpReader(erp), erp, now)
        options = [(option.id, option.label) for option in world.options]
        scope = case_scope(sources, case, match=world.match, options=options)
        yield Desk(world, erp, sources.reader, Toolbox(sources), case.case_id, scope, now)
    finally:
        store.close()


def _records(
    world: World, store: Store, reader: ErpReader, erp: SandboxErp, now: datetime
) -> tuple[Sources, CaseSummary]:
    facts = world.facts
    log = AuditLog(store, lambda: now, project)
    archive, kept, cases = Archive(store, log, lambda: now), CaseFacts(store), CaseList(store)
    mirror = SupplierMirror(store, log, lambda: now)
    mirror.merge([facts.supplier], now, complete=True)
    reading = Reading(state=ReadingState.INVOICE, format=facts.invoice.format, invoice=facts.invoice)
    document_id = DocumentId(sha256(world.case.id.encode()).hexdigest())
    document = SourceDocument(
        document_id=document_id, name=f"{world.case.id}.xml", content=b"", path=f"cases/{world.case.id}"
    )
    number = archive.receive(document, reading).case_id
    kept.keep(number, gathered(world, now))
    matched = InvoiceMatched(
        depth=world.match.depth, findings=world.match.discrepancies, policy=world.match.policy
    )
    log.append(number, SERVICE, matched, StageChanged(stage=Stage.WAITING_FOR_ANSWER))
    case = cases.get(number)
    if case is None:
        raise WorldError(f"{world.case.id} opened no case")

    async def match(asked: CaseId) -> MatchResult | None:
        return world.match if asked == number else None

    sources = Sources(
        reader=reader,
        erp=erp.kind,
        capabilities=erp.capabilities,
        mirror=mirror,
        archive=archive,
        facts=kept,
        cases=cases,
        log=log,
        profile=facts.profile,
        match_policy=facts.policy,
        approval_policy=ApprovalPolicy(),
        match=match,
    )
    return sources, case


def gathered(world: World, now: datetime) -> GatheredFacts:
    facts = world.facts
    return GatheredFacts(
        gathered_at=now,
        supplier=facts.supplier,
        orders=facts.orders,
        candidates=world.candidates,
        receipts=facts.receipts,
        postings=facts.postings,
    )
