"""`erp-eval backtest`: what the agent would have done with documents of people. Nothing is written.

The agent works in a folder of its own, over an ERP that refuses every write; verified accounts come from the
installation. Orders are read as they are today: what people billed on them since counts as billed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from agent.application import Application
from agent.bootstrap import opened
from agent.settings import DataSettings, Settings
from agent.state import Stage
from evals.suite.backtest_history import HistoryRow
from evals.suite.case import CaseBroken
from evals.suite.silent_erp import SilentErp
from tools.audit_log import AuditLog
from tools.case_list import CaseSummary, project
from tools.domain.decision import InvoiceAction, Proposal
from tools.domain.identifiers import PersonId, SupplierId, compact
from tools.domain.record import Record
from tools.erp.contract import Erp
from tools.store import Store
from tools.supplier_mirror import SupplierMirror

_KEEPER = PersonId("backtest")
Account = tuple[SupplierId, str]
"""Supplier and account, verified by people."""


class Rehearsed(Record):
    """What the agent made of one document."""

    file: str
    number: str
    supplier: str
    stage: str
    findings: tuple[str, ...] = ()
    """Kinds, blocks and warnings."""
    blocks: tuple[str, ...] = ()
    action: str = ""
    """Kind of the action it proposes; empty: it proposes nothing."""
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    currency: str = ""
    accounts: Mapping[str, Decimal] = {}
    cost_centres: Mapping[str, Decimal] = {}
    orders: tuple[str, ...] = ()
    reason: str = ""
    """Why it asks or takes it for no invoice."""


class Rehearsal(Record):
    """A run without writing."""

    documents: tuple[Rehearsed, ...]
    writes: int
    """Writes that were tried and refused: always zero."""


async def rehearse(
    settings: Settings,
    erp: Erp,
    inbox: Path,
    history: Sequence[HistoryRow],
    clock: Callable[[], datetime],
    codings: Path | None = None,
    **parts: Any,
) -> Rehearsal:
    """Takes in everything below `inbox`, up to where a person would be asked. `parts`: as `opened` takes
    them, for tests. Raises SettingsError, ErpError, Refused, WrongUsage."""
    hidden = {(compact(row.supplier), compact(row.number)) for row in history if row.number}
    silent = SilentErp(erp, hidden)
    accounts = verified_in(settings)
    with tempfile.TemporaryDirectory(prefix="erp-backtest-") as folder:
        own = settings.model_copy(update={"data": DataSettings(folder=Path(folder))})
        async with opened(own, erp=silent.as_erp(), clock=clock, **parts) as application:
            await application.suppliers.sync()
            _furnish(application, accounts)
            if codings is not None:
                await application.coding.import_list(codings, _somebody(settings))
            await application.run([inbox], lambda *_: None, beyond=True)
            cases = application.service.inbox()
            found = [await _rehearsed(case, application, inbox) for case in cases]
    return Rehearsal(documents=tuple(found), writes=silent.refused)


def _somebody(settings: Settings) -> PersonId:
    """Who may take over a list of codings."""
    policy = settings.policy.approval
    return next(iter((*sorted(policy.clerks), *(entry.person for entry in policy.everyone))), _KEEPER)


def verified_in(settings: Settings) -> list[Account]:
    """The accounts that people verified in the installation, where there is one; it is only read."""
    path = settings.data.folder / "erp-agent.sqlite"
    if not path.is_file():
        return []

    def no_clock() -> datetime:
        raise CaseBroken("an installation is only read")

    store = Store.open(path)
    try:
        mirror = SupplierMirror(store, AuditLog(store, no_clock, project), no_clock)
        return [(key, kept.iban) for key, rows in mirror.verified_accounts().items() for kept in rows]
    finally:
        store.close()


def _furnish(application: Application, accounts: Sequence[Account]) -> None:
    mirror = application.service.deps.mirror
    for supplier, account in accounts:
        mirror.verify_account(supplier, account, _KEEPER, "verified in the installation")
    application.suppliers.forget()


async def _rehearsed(case: CaseSummary, application: Application, inbox: Path) -> Rehearsed:
    state = await application.service.state(case.case_id)
    proposal = state.get("proposal")
    plain = Rehearsed(
        file=case.path.removeprefix(f"{inbox}/"),
        number=case.number or "",
        supplier=case.supplier_id or "",
        stage=case.stage,
        findings=(*case.blocks, *case.warnings),
        blocks=case.blocks,
        reason=case.reason,
    )
    if case.stage != Stage.WAITING_FOR_APPROVAL or proposal is None:
        return plain
    return plain.model_copy(update=_proposed(proposal))


def _proposed(proposal: Proposal) -> dict[str, Any]:
    action = proposal.action
    if not isinstance(action, InvoiceAction):
        return {"action": action.kind}
    accounts: dict[str, Decimal] = {}
    centres: dict[str, Decimal] = {}
    for line in action.lines:
        for found, code in ((accounts, line.account), (centres, line.cost_centre)):
            if code:
                found[code] = found.get(code, Decimal(0)) + line.net_amount.amount
    return {
        "action": action.kind,
        "net": action.net.amount,
        "tax": action.tax.amount,
        "gross": action.gross.amount,
        "currency": action.currency,
        "accounts": accounts,
        "cost_centres": centres,
        "orders": tuple(dict.fromkeys(line.order_number for line in action.lines if line.order_number)),
    }
