"""Two agents that look at nothing: no case may be passed by one of them.

The idle agent opens the documents' cases and does nothing. The other one posts every document that can be
read as it is billed, for the supplier it names, and finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from agent.state import Stage
from evals.erp_desks import desk_of
from evals.suite import steps
from evals.suite.book_changes import book_changes
from evals.suite.case import EvalCase
from evals.suite.events import Days, happen
from evals.suite.outcome import DocumentEnd, Outcome
from evals.suite.world import CaseWorld
from tools.domain.documents import DocumentType, Invoice, Reading
from tools.domain.money import round_amount
from tools.erp.sandbox.refusal import Refused
from tools.intake.folder import collect
from tools.intake.reading import read_document


async def others_did(case: EvalCase, world: CaseWorld) -> tuple[str, ...]:
    """What changes in the books although nothing is posted: the deeds of others in the case's script, as far
    as they do not need our own. Raises WorldError for books that cannot be opened."""
    clock = Days(case)
    async with desk_of("sandbox", world.books, clock) as desk:
        before = desk.company.dump()
        for step in case.story.step:
            if isinstance(step, steps.FaultStep):
                continue
            try:
                happen(step, desk, clock)
            except Refused:
                continue
        return book_changes(before, desk.company.dump())


def idle(case: EvalCase, changes: tuple[str, ...]) -> Outcome:
    """`changes`: what others did."""
    ends = tuple(DocumentEnd(file=file, stage=Stage.RECEIVED) for file in _files(case))
    return Outcome(case=case.id, model="idle", documents=ends, changes=changes)


def always_approve(case: EvalCase, world: CaseWorld, changes: tuple[str, ...]) -> Outcome:
    """`changes`: what others did."""
    stages: dict[str, str] = dict.fromkeys(_files(case), Stage.NOT_AN_INVOICE)
    posted = []
    for file, reading in readings(case):
        if reading.invoice is not None:
            stages[file] = Stage.POSTED
            posted.append(_as_billed(reading.invoice, world))
    ends = tuple(DocumentEnd(file=file, stage=stage) for file, stage in stages.items())
    found = tuple(sorted((*changes, *filter(None, posted))))
    return Outcome(case=case.id, model="always_approve", documents=ends, changes=found)


def _files(case: EvalCase) -> list[str]:
    """Documents that any end names, so that their number cannot give the agents away."""
    return list(dict.fromkeys(file for end in case.expected.ends for file in end.stages))


def readings(case: EvalCase) -> Iterator[tuple[str, Reading]]:
    """Each document once: the same bytes open no second case."""
    seen = set()
    for found in collect([case.inbox]):
        document = found.document
        if document.document_id not in seen:
            seen.add(document.document_id)
            reading = found.reading or read_document(document, today=case.story.today)
            yield document.path.removeprefix(f"{case.inbox}/"), reading


def with_findings(case: EvalCase, outcome: Outcome, stage: Stage | None = None) -> Outcome:
    """The guess as if it had found what has to be found, and nothing else: stages and books alone decide
    then. `stage`: where it leaves every document."""
    ends = []
    for end in outcome.documents:
        rule = case.expected.findings.get(end.file)
        found = {"blocks": rule.must if rule else (), "stage": end.stage if stage is None else stage}
        ends.append(end.model_copy(update=found))
    return outcome.model_copy(update={"documents": tuple(ends)})


def _as_billed(invoice: Invoice, world: CaseWorld) -> str:
    """The change line of `book_changes`; empty where number, total or supplier is not to be had."""
    supplier = _supplier(invoice, world.books["suppliers"])
    gross, tax = invoice.gross_total, invoice.tax_total
    if not supplier or not invoice.number or gross is None:
        return ""
    kind = DocumentType.CREDIT_NOTE if invoice.is_credit_note else DocumentType.INVOICE
    amounts = (abs(gross.amount), Decimal(0) if tax is None else abs(tax.amount))
    total, taxed = (round_amount(amount, invoice.currency) for amount in amounts)
    return f"posted {kind} {invoice.number} of {supplier}: {total} {invoice.currency}, tax {taxed}"


def _supplier(invoice: Invoice, suppliers: list[Mapping[str, Any]]) -> str:
    """By VAT id, else by name, as a clerk in a hurry would."""
    party = invoice.supplier
    known = [entry["supplier"] for entry in suppliers]
    for field in ("vat_id", "name"):
        said = _folded(getattr(party, field, None))
        for entry in known:
            if said and said == _folded(entry.get(field)):
                return str(entry["supplier_id"])
    return ""


def _folded(text: Any) -> str:
    return re.sub(r"\W", "", str(text or "")).casefold()
