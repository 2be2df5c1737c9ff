"""Drafts and invoice lines that Tryton makes itself: for orders billed by order or by fulfilment, and loose
lines for suppliers that are billed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tools.domain.actions import InvoiceAction
from tools.erp.errors import ErpRejected
from tools.erp.tryton import records
from tools.erp.tryton.documents import Ledger, Part, header_of, line_of
from tools.erp.tryton.session import Session
from tools.erp.tryton.setup import Setup

_GIVEN = frozenset({"type", "company", "currency", "origin", "product"})
"""What a line of Tryton's own says already."""


@dataclass(frozen=True)
class Plan:
    """How the approved document is made. Without a `target` (an invoice's id) it is created with `lines`.
    With one, the lines `moved` come from other drafts, `changes` complete the target, and `emptied` drafts
    are deleted."""

    lines: list[Any] = field(default_factory=list)
    target: int | None = None
    version: str = ""
    """Of the target, as it was read."""
    changes: dict[str, Any] = field(default_factory=dict)
    moved: tuple[int, ...] = ()
    emptied: tuple[int, ...] = ()
    released: dict[str, Any] = field(default_factory=dict)
    """Of a target that Tryton does not make again by itself: what lets it wait again, should it be refused.
    Empty: it is deleted, and Tryton bills the order anew."""


class OwnDrafts:
    def __init__(self, session: Session, setup: Setup) -> None:
        self._session = session
        self._setup = setup

    async def of_lines(self, origins: Sequence[str]) -> list[records.WaitingLine]:
        """Invoice lines of these order lines that wait for the supplier's invoice: loose, or on a draft
        that has no number of the supplier's yet."""
        if not origins:
            return []
        domain = [["origin", "in", sorted(set(origins))], ["type", "=", "line"]]
        rows = await self._session.read(records.WaitingLine, domain, operation="own drafts")
        return [
            row
            for row in rows
            if row.invoice is None or (row.invoice.state == "draft" and not row.invoice.reference)
        ]

    def plan(
        self,
        waiting: Sequence[records.WaitingLine],
        action: InvoiceAction,
        parts: Sequence[Part],
        ledger: Ledger,
    ) -> Plan:
        """Each order line's waiting line is written over; order lines without one get a new line. Raises
        ErpRejected where only a line of another company, party or currency waits."""
        key = (self._setup.company_id, ledger.creditor.id, self._setup.currencies.get(action.currency))
        free = [row for row in waiting if _belongs(row) == key]
        foreign = [row for row in waiting if _belongs(row) != key]
        commands: list[Any] = []
        used: list[records.WaitingLine] = []
        for part in parts:
            body = line_of(part, ledger, self._setup)
            found = next((row for row in free if _waits_for(row, part)), None)
            if found is None:
                _require_none(foreign, part)
                commands.append(["create", [body]])
                continue
            free.remove(found)
            used.append(found)
            kept = {key: value for key, value in body.items() if key not in _GIVEN}
            if body["product"] not in (None, found.product):
                kept["product"] = body["product"]
            kept["taxes"] = _replaced(found.taxes, body["taxes"][0][1])
            commands.append(["write", [found.id], kept])
        loose = [row.id for row in used if row.invoice is None]
        if loose:
            commands.insert(0, ["add", loose])
        drafts = [row.invoice for row in used if row.invoice is not None]
        if not drafts:
            return Plan(lines=commands)
        plan = self._completed(drafts, used, commands, action)
        remade = all(_is_remade(part, ledger) for part in parts if part.origin is not None)
        return plan if remade else replace(plan, released=_released(drafts[0], action))

    def _completed(
        self,
        drafts: Sequence[records.WaitingInvoice],
        used: Sequence[records.WaitingLine],
        commands: list[Any],
        action: InvoiceAction,
    ) -> Plan:
        target = drafts[0]
        taken = {row.id for row in used}
        unbilled = [line for line in target.lines if line not in taken]
        if unbilled:  # Tryton makes them again when the order is processed the next time
            commands = [*commands, ["delete", unbilled]]
        others = {draft.id: draft for draft in drafts if draft.id != target.id}
        moved = tuple(row.id for row in used if row.invoice is not None and row.invoice.id in others)
        return Plan(
            target=target.id,
            # Lines that are moved in change the draft's version themselves.
            version="" if moved else target.version,
            changes={**header_of(action), "lines": commands},
            moved=moved,
            emptied=tuple(key for key, draft in others.items() if set(draft.lines) <= taken),
        )

    async def move(self, plan: Plan) -> None:
        """Before the draft gets the supplier's number: what breaks off here is done again the next time."""
        if plan.moved and plan.target is not None:
            await self._session.change(
                "model.account.invoice.line.write",
                list(plan.moved),
                {"invoice": plan.target},
                operation="change draft",
            )
        if plan.emptied:
            await self._session.change(
                "model.account.invoice.delete", list(plan.emptied), operation="delete draft"
            )


def _waits_for(row: records.WaitingLine, part: Part) -> bool:
    """What waits to be billed is no place for a credit, and the other way round."""
    return part.origin is not None and row.origin == part.origin and row.quantity * part.quantity > 0


def _is_remade(part: Part, ledger: Ledger) -> bool:
    """Orders that are billed by hand get no draft by themselves."""
    ordered = ledger.ordered.get(part.line.order_line_id or "")
    return ordered is not None and ordered.purchase.invoice_method != "manual"


def _released(draft: records.WaitingInvoice, action: InvoiceAction) -> dict[str, Any]:
    """The header as it was: without the supplier's number and days, which the draft did not have."""
    before = {"payment_term": draft.payment_term, "payment_term_date": draft.payment_term_date}
    return {key: before.get(key) for key in header_of(action)}


def _belongs(row: records.WaitingLine) -> tuple[int | None, int | None, int | None]:
    """Company, party and currency of the draft, or of a loose line."""
    holder = row.invoice or row
    return holder.company, holder.party, holder.currency


def _require_none(foreign: Sequence[records.WaitingLine], part: Part) -> None:
    found = next((row for row in foreign if _waits_for(row, part)), None)
    if found is not None:
        where = f"invoice line ({found.id})" if found.invoice is None else f"draft ({found.invoice.id})"
        raise ErpRejected(
            f"{where} in Tryton bills order line {part.line.order_line_id} for another company, supplier or "
            "currency than approved here; settle it there first",
            field="origin",
        )


def _replaced(before: Sequence[int], after: Sequence[int]) -> list[Any]:
    commands: list[Any] = []
    if gone := sorted(set(before) - set(after)):
        commands.append(["remove", gone])
    if new := sorted(set(after) - set(before)):
        commands.append(["add", new])
    return commands
