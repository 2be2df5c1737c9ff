"""The ERPs beside each other: the same documents end the same, and where not, it is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from agent.state import Stage
from evals.attack_company import twisted
from evals.bench.facts import gather
from evals.cli import app
from evals.erp_desks import all_kinds
from evals.portability import (
    End,
    ErpRun,
    PortabilityReport,
    compare,
    credited,
    declared,
    print_report,
    run_erp,
)
from tools.domain.documents import DocumentType, ReadingState, SourceDocument
from tools.domain.identifiers import DocumentId
from tools.erp import kinds
from tools.intake.reading import read_document

SERVED = [kind for kind in kinds() if kind != "sandbox"]


def a_run(kind: str, stage: Stage, **values: object) -> ErpRun:
    end = End(file="a.xml", stage=stage, findings=(), booked=())
    known = {"payables": Decimal(0), "calls": 1, "moved": 1, "declined": {}, **values}
    return ErpRun.model_validate({"kind": kind, "ends": (end,), **known})


def test_the_kind_that_can_do_everything_is_the_last_and_the_measure() -> None:
    assert all_kinds()[-1] == "sandbox"
    assert set(all_kinds()) == set(kinds())


@pytest.mark.parametrize("kind", SERVED)
async def test_documents_end_in_every_erp_as_they_end_in_the_books(kind: str, tmp_path: Path) -> None:
    measure = await run_erp("sandbox", twisted(10, 5, digits_only=True), tmp_path / "measure")
    own = await run_erp(kind, twisted(10, 5, digits_only=True), tmp_path / "own")
    pairs = zip(own.ends, measure.ends, strict=True)
    assert not [(one, other) for one, other in pairs if one != other and declared(own, other) is None]
    assert own.payables == measure.payables
    assert [end.stage for end in own.ends].count(Stage.POSTED) == 6
    assert [end.stage for end in measure.ends].count(Stage.PARKED) == 1
    assert own.moved > 0


async def test_taking_in_the_same_documents_again_posts_nothing_twice(tmp_path: Path) -> None:
    run = await run_erp("sandbox", twisted(10, 5, digits_only=True), tmp_path)
    assert all(len(end.booked) <= 1 for end in run.ends)


def test_an_end_that_the_erp_cannot_reach_by_its_own_word_is_declared() -> None:
    unable = a_run("one", Stage.WAITING_FOR_ANSWER, declined={"park_invoice": "it keeps no drafts"})
    runs = (unable, a_run("sandbox", Stage.PARKED))
    report = PortabilityReport(machine="any", documents=1, runs=runs)
    assert report.equal
    console = Console(record=True, width=200)
    print_report(report, console)
    assert "park_invoice is declined: it keeps no drafts" in console.export_text()


def test_an_end_that_differs_is_told_and_is_not_equal() -> None:
    report = PortabilityReport(
        machine="any", documents=1, runs=(a_run("one", Stage.PARKED), a_run("sandbox", Stage.POSTED))
    )
    console = Console(record=True, width=160)
    print_report(report, console)
    assert not report.equal
    assert "one a.xml: parked no findings" in console.export_text()


def test_a_credit_note_names_the_invoice_it_takes_back() -> None:
    _, invoice = twisted(4, 1).invoices[3]
    content = credited(invoice).encode()
    reading = read_document(
        SourceDocument(document_id=DocumentId("c"), name="c.xml", content=content, path="c.xml")
    )
    assert reading.state is ReadingState.INVOICE
    assert reading.invoice is not None
    assert reading.invoice.document_type is DocumentType.CREDIT_NOTE


@pytest.mark.parametrize("kind", SERVED)
async def test_bulk_reads_tell_the_same_facts_in_a_tenth_of_the_calls(kind: str) -> None:
    found = await gather(kind, 60, 20)
    assert found.same
    assert found.ratio > 10


def test_an_unknown_erp_is_refused_with_the_known_ones() -> None:
    result = CliRunner().invoke(app, ["portability", "--erp", "abacus"])
    assert result.exit_code == 2
    assert "business_central" in result.output


async def test_one_kind_can_be_asked_for() -> None:
    report = await compare(4, 1, ["business_central"])
    assert [run.kind for run in report.runs] == ["business_central", "sandbox"]


def test_every_figure_stands_whole_on_eighty_columns() -> None:
    figures = {"payables": Decimal("12345678.90"), "calls": 12345, "moved": 1234567890}
    runs = tuple(a_run(kind, Stage.POSTED, **figures) for kind in ("business_central", "sandbox"))
    console = Console(width=80, record=True)
    print_report(PortabilityReport(machine="2 cores", documents=1, runs=runs), console)
    (row,) = [line for line in console.export_text().splitlines() if line.startswith("business_c")]
    assert row.split()[1:] == "1 of 1 0 1 0 12,345,678.90 12345 1,234,567,890".split()
