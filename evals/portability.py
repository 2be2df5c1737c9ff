"""`erp-eval portability`: the same documents and the same clerk in front of every ERP; are the ends the same?

An end is where a document stands, what was found, and what the ERP's books hold of it. One that differs is
shown with the connector's declared reason; without a reason the command fails.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from agent.application import Application
from agent.bootstrap import opened
from agent.settings import Settings
from agent.state import Stage
from evals.attack_company import APPROVER, CLERK, NOW, Clock, Letters, no_pause, twisted
from evals.bench.made_up import COMPANY, MadeUp
from evals.erp_desks import IN_PROCESS, ErpDesk, all_kinds, desk_of
from evals.machine import describe
from tools.case_list import CaseSummary
from tools.domain.documents import DocumentType
from tools.domain.identifiers import OrderNumber
from tools.domain.record import Record
from tools.erp.contract import Capability

_WORD = {
    "dearer": "accept_price",
    "short": "park",
    "new_account": "report_fraud",
    "too_many": "return_to_supplier",
    "copy": "confirm_duplicate",
    "stranger": "reject",
}
"""What the clerk answers, by what is wrong with a document. `not_received` waits for the goods; `no_order`
and `bad_order` are given the order they were made of."""


class End(Record):
    """Where one document stands in our records and in the ERP's books."""

    file: str
    stage: Stage
    findings: tuple[str, ...]
    booked: tuple[str, ...]
    """`posted invoice 1,190.00` for each document of this number in the books, drafts included."""


class ErpRun(Record):
    """One ERP after all documents."""

    kind: str
    ends: tuple[End, ...]
    payables: Decimal
    calls: int
    moved: int
    """Bytes of bodies and addresses, both ways."""
    declined: dict[str, str]


class PortabilityReport(Record):
    machine: str
    documents: int
    runs: tuple[ErpRun, ...]

    def different(self, run: ErpRun) -> list[tuple[End, End]]:
        """(its end, the end in the ERP that can do everything) where they are not the same."""
        measure = self.runs[-1]
        return [(own, other) for own, other in zip(run.ends, measure.ends, strict=True) if own != other]

    @property
    def equal(self) -> bool:
        """Whether every end is the same, or differs for a reason that the connector declares."""
        return all(
            declared(run, measure) is not None for run in self.runs for _, measure in self.different(run)
        )


def declared(run: ErpRun, measure: End) -> str | None:
    """The connector's reason why a document cannot end there in this ERP; None where it gives none."""
    needed = Capability.PARK_INVOICE if measure.stage is Stage.PARKED else Capability.POST_INVOICE
    if any(f"{DocumentType.CREDIT_NOTE} " in booked for booked in measure.booked):
        needed = Capability.POST_CREDIT_NOTE
    reason = run.declined.get(needed)
    return None if reason is None else f"{needed} is declined: {reason}"


@dataclass(frozen=True)
class Office:
    """People at work over one ERP."""

    desk: ErpDesk
    application: Application
    made: MadeUp

    async def take_in(self, inbox: Path) -> None:
        await self.application.run([inbox], lambda *_: None)

    async def answer_all(self) -> None:
        """Each question once, by the clerk."""
        for case in self.application.service.inbox([Stage.WAITING_FOR_ANSWER]):
            option = self._option(Path(case.path).name)
            if option is not None:
                await self.application.answer(case.case_id, option, {}, CLERK, "as agreed")

    def _option(self, file: str) -> str | None:
        twist = file.removesuffix(".xml").rpartition("-")[2]
        if twist in ("no_order", "bad_order"):
            return f"order:{self._order_of(file)}"
        return _WORD.get(twist)

    def _order_of(self, file: str) -> OrderNumber:
        return OrderNumber(self.made.world["orders"][int(file.split("-")[1])]["number"])

    async def goods_arrive(self) -> None:
        """For every document that waits for them; then it is looked at again."""
        self.receive()
        await self.application.recheck(None)

    def receive(self) -> None:
        """What a receiver books in the ERP."""
        for file, _ in self.made.invoices:
            if file.endswith("not_received.xml"):
                number = self._order_of(file)
                lines = self.desk.company.purchasing.order(number).lines
                quantities = {line.line_id: line.ordered for line in lines}
                self.desk.company.purchasing.receive(number, quantities, NOW.date())

    async def approve_all(self) -> None:
        waiting = self.application.service.inbox([Stage.WAITING_FOR_APPROVAL])
        shown = await self.application.proposals([case.case_id for case in waiting], False, APPROVER)
        agreed = [(detail.summary.case_id, digest) for detail, digest in shown]
        await self.application.approve(agreed, APPROVER, "checked")

    def ends(self) -> tuple[End, ...]:
        cases = sorted(self.application.service.inbox(), key=lambda case: case.path)
        return tuple(self._end(case) for case in cases)

    def _end(self, case: CaseSummary) -> End:
        documents = self.desk.company.books.documents.values()
        booked = [entry for entry in documents if entry.supplier_number == case.number]
        return End(
            file=Path(case.path).name,
            stage=Stage(case.stage),
            findings=tuple(sorted((*case.blocks, *case.warnings))),
            booked=tuple(
                sorted(f"{entry.state} {entry.document_type} {entry.totals.gross:,}" for entry in booked)
            ),
        )


def _credits(made: MadeUp) -> Iterator[tuple[str, str]]:
    for file, text in made.invoices:
        if file.endswith("clean.xml"):
            yield file.replace("clean", "credit"), credited(text)


def credited(invoice: str) -> str:
    """The UBL credit note over the whole of a made-up invoice, under a number of its own."""
    number = invoice.partition("<cbc:ID>")[2].partition("<")[0]
    named = f"<cac:InvoiceDocumentReference><cbc:ID>{number}</cbc:ID></cac:InvoiceDocumentReference>"
    order, end, rest = invoice.partition("</cac:OrderReference>")
    head, due, after = order.partition("<cbc:DueDate>")
    order = head + after.partition("</cbc:DueDate>")[2] if due else head
    text = f"{order}{end}<cac:BillingReference>{named}</cac:BillingReference>{rest}"
    for old, new in (
        (f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>", f"<cbc:ID>{number}-C</cbc:ID><cbc:IssueDate>"),
        ("xsd:Invoice-2", "xsd:CreditNote-2"),
        ("<Invoice ", "<CreditNote "),
        ("</Invoice>", "</CreditNote>"),
        ("InvoiceLine>", "CreditNoteLine>"),
        ("InvoicedQuantity", "CreditedQuantity"),
        ("InvoiceTypeCode>380</cbc:Invoice", "CreditNoteTypeCode>381</cbc:CreditNote"),
    ):
        text = text.replace(old, new)
    return text


def settings_of(kind: str, folder: Path) -> Settings:
    limit = {"amount": "100000000", "currency": "EUR"}
    approver = {"person": APPROVER, "name": "Vera", "limit": limit}
    return Settings.model_validate(
        {
            "company": {"company": COMPANY, "names": ["Made-up company"], "tax_codes": {"S:19": "S19"}},
            "erp": {"kind": kind},
            "data": {"folder": str(folder / "data")},
            "policy": {
                "approval": {"approvers": [approver], "clerks": [CLERK]},
                "fraud": {"first_invoice": "without_order"},
            },
            "batch": {"reading_processes": 1},
        }
    )


async def run_erp(kind: str, made: MadeUp, folder: Path) -> ErpRun:
    """All documents through one ERP: taken in, answered, goods received, approved, taken in again; then the
    supplier of every clean one takes it back."""
    clock = Clock()
    inbox = made.write_inbox(folder / "inbox")
    credits = MadeUp({}, tuple(_credits(made)), ()).write_inbox(folder / "credits")
    parts: dict[str, Any] = {"clock": clock, "embedder": Letters(), "pause": no_pause}
    async with (
        desk_of(kind, made.world, clock) as desk,
        opened(settings_of(kind, folder), erp=desk.erp, **parts) as application,
    ):
        await application.suppliers.sync()
        application.accounts.furnish_accounts(made.accounts, CLERK, "made up")
        office = Office(desk, application, made)
        await office.take_in(inbox)
        await office.answer_all()
        await office.goods_arrive()
        await office.approve_all()
        await office.take_in(inbox)
        await office.take_in(credits)
        await office.approve_all()
        return ErpRun(
            kind=kind,
            ends=office.ends(),
            payables=desk.company.ledger.payables(),
            calls=desk.calls(),
            moved=desk.moved(),
            declined={str(name): reason for name, reason in desk.erp.declined.items()},
        )


async def compare(documents: int, seed: int, kinds: Sequence[str] = ()) -> PortabilityReport:
    """`kinds`: all by default. The sandbox in this process is the measure and always runs last."""
    chosen = [kind for kind in kinds or all_kinds() if kind != IN_PROCESS]
    runs = []
    for kind in (*chosen, IN_PROCESS):
        with tempfile.TemporaryDirectory(prefix="erp-agent-portability-") as folder:
            made = twisted(documents, seed, digits_only=True)
            runs.append(await run_erp(kind, made, Path(folder)))
    return PortabilityReport(machine=describe(), documents=len(runs[-1].ends), runs=tuple(runs))


def print_report(report: PortabilityReport, console: Console) -> None:
    title = f"{report.documents} documents through each ERP's sandbox ({report.machine})"
    # Without frames all figures stand whole on 80 columns.
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, collapse_padding=True)
    table.add_column("ERP", overflow="fold")
    for column in ("equal", "declared", "posted", "parked", "payables", "calls", "bytes"):
        table.add_column(column, justify="right", no_wrap=True)
    for run in report.runs:
        stages, different = [end.stage for end in run.ends], report.different(run)
        table.add_row(
            run.kind,
            f"{report.documents - len(different)} of {report.documents}",
            str(sum(declared(run, measure) is not None for _, measure in different)),
            str(stages.count(Stage.POSTED)),
            str(stages.count(Stage.PARKED)),
            f"{run.payables:,}",
            str(run.calls),
            f"{run.moved:,}",
        )
    console.print(table)
    for run in report.runs:
        for own, measure in report.different(run):
            why = declared(run, measure) or "NO REASON DECLARED"
            told = f"{run.kind} {own.file}: {_told(own)}; elsewhere {_told(measure)}; {why}"
            console.print(told, markup=False)


def _told(end: End) -> str:
    return f"{end.stage} {', '.join(end.findings) or 'no findings'} [{'; '.join(end.booked)}]"
