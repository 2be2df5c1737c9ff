"""Discrepancy cases of ours: a small world each, from which the real rules make the findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from pydantic import Field

from agent.brief import Brief, brief_of
from agent.state import Option
from evals.golden.matching import facts_of
from tools.domain.decision import Posting, PostingState
from tools.domain.documents import DocumentType, Invoice
from tools.domain.findings import MatchResult
from tools.domain.money import Money
from tools.domain.purchase import PurchaseOrder
from tools.domain.record import Record
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.order_fit import open_value
from tools.matching.resolutions import allowed

ABSTAIN = "abstain"
SPLITS = ("dev", "test", "unseen", "fresh")
"""`dev`: prompts were written with them. `test`: held out until prompt v2, known since. `unseen`: written
later without a look at prompts, most with several lines; known since ways out were narrowed by what it
showed. `fresh`: written later by somebody who had seen neither prompts nor briefs nor answers."""


class ResolutionCase(Record):
    """One case. `world` is written as the vectors of matching are (`golden/matching.py`), with `postings`,
    `candidates` and `document` beside; days may be given as `+5` or `-70` from today."""

    id: str
    title: str
    language: str
    world: Mapping[str, Any]
    permitted: tuple[str, ...] = Field(min_length=1)
    """Resolutions that are right, `abstain` among them where nothing can be chosen."""
    why: str


class World(Record):
    """A case with what the rules made of it."""

    case: ResolutionCase
    facts: Facts
    match: MatchResult
    options: tuple[Option, ...]
    candidates: tuple[PurchaseOrder, ...]

    @property
    def brief(self) -> Brief:
        """As the investigator would make it."""
        orders = [(order, open_value(order)) for order in self.candidates]
        return brief_of(self.facts, self.match, self.options, orders)


class CasesBroken(Exception):
    """A case file cannot be used; the text names the case."""


def read_cases(split: str) -> list[ResolutionCase]:
    """The cases of one split. Raises CasesBroken."""
    text = (files("evals") / "resolution_cases" / f"{split}.jsonl").read_text(encoding="utf-8")
    cases = [ResolutionCase.model_validate(json.loads(line)) for line in text.splitlines() if line]
    if len({case.id for case in cases}) != len(cases):
        raise CasesBroken(f"{split}: an id stands twice")
    return cases


def world_of(case: ResolutionCase) -> World:
    """Raises CasesBroken where nothing is offered to a model, where something is permitted that is not
    offered, or where all that people may choose is permitted."""
    given = _with_days(dict(case.world), date.fromisoformat(case.world.get("today", "2026-03-20")))
    base = facts_of(given)
    invoice = Invoice.model_validate({**base.invoice.model_dump(), **given.get("document", {})})
    postings = tuple(_posting(row, invoice) for row in given.get("postings", ()))
    facts = base.model_copy(update={"invoice": invoice, "postings": postings, "preceding": ()})
    candidates = facts_of({"orders": given.get("candidates", [])}).orders
    match = assess(facts)
    world = World(
        case=case, facts=facts, match=match, options=_options(match, candidates), candidates=candidates
    )
    _check(world)
    return world


def _check(world: World) -> None:
    offered = [way.key for way in world.brief.ways]
    rest = [name for name in world.case.permitted if name != ABSTAIN and name not in offered]
    if not offered or rest or {option.id for option in world.options} <= set(world.case.permitted):
        raise CasesBroken(f"{world.case.id}: offered {offered}, permitted {list(world.case.permitted)}")


def _options(match: MatchResult, candidates: Iterable[PurchaseOrder]) -> tuple[Option, ...]:
    """As the question of the step `investigate` has them in an ERP that keeps drafts."""
    ways = [Option(id=way.id, label=way.label, who=way.who) for way in allowed(match.discrepancies)]
    orders = [
        Option(
            id=f"order:{order.number}",
            label=f"It bills order {order.number}",
            description=f"{open_value(order)} open, {len(order.lines)} lines: {order.lines[0].description}",
        )
        for order in candidates
    ]
    return (*ways, *orders)


def _posting(row: Mapping[str, Any], invoice: Invoice) -> Posting:
    gross = Money.of(row["gross"], invoice.currency)
    return Posting(
        erp_id=f"id-{row['number']}",
        number=row["number"],
        state=PostingState(row.get("state", "posted")),
        supplier_id=None if row.get("other_supplier") else "S1",
        document_type=DocumentType.INVOICE,
        supplier_number=row["supplier_number"],
        invoice_date=date.fromisoformat(row["date"]),
        gross=gross,
        net=gross,
        tax=Money.zero(invoice.currency),
    )


def _with_days(value: Any, today: date) -> Any:
    """Days written from today (`day:+5`) as dates."""
    if isinstance(value, Mapping):
        return {name: _with_days(part, today) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_days(part, today) for part in value]
    if isinstance(value, str) and value.startswith("day:"):
        return (today + timedelta(days=int(value.removeprefix("day:")))).isoformat()
    return value
