"""Beside people who did the demo inbox: nothing is written, nothing is lost, every figure is counted."""

from __future__ import annotations

import asyncio
import csv
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.settings import Settings
from evals.attack_company import Letters, no_pause
from evals.demo.plan import FOLDER, INBOX, read_documents
from evals.suite.backtest import Rehearsal, rehearse
from evals.suite.backtest_history import Did, HistoryRow, read_history
from evals.suite.backtest_report import Agreement, BacktestReport, report
from evals.suite.case import CaseBroken
from evals.suite.silent_erp import SilentErp
from tools.audit_log import AuditLog
from tools.case_list import project
from tools.domain.decision import InvoiceKey
from tools.domain.documents import DocumentType
from tools.domain.identifiers import CompanyId, PersonId, SupplierId
from tools.erp.errors import NotSupported
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.connector import SandboxErp
from tools.erp.sandbox.world import load_world
from tools.store import Store
from tools.supplier_mirror import SupplierMirror

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
CHANGED = "letters/lieferant_471113.pdf"
"""People posted ten euros more than it says."""
REFUSED = "letters/musterlieferant_6069999998.pdf"
"""People sent it back, though it is as ordered."""
UNKNOWN = "portal/never-came.xml"


class Clock:
    def __init__(self) -> None:
        self._now = NOW

    def __call__(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now


def demo_settings(folder: Path) -> Settings:
    text = (FOLDER / "erp-agent.toml.in").read_text(encoding="utf-8")
    for name, value in (("@LOGIN@", "vera"), ("@URL@", "http://127.0.0.1"), ("@DATA@", str(folder))):
        text = text.replace(name, value)
    values = tomllib.loads(text, parse_float=Decimal)
    erp = {"kind": "sandbox", "world": str(FOLDER / "world.json")}
    return Settings.model_validate({**values, "erp": erp, "batch": {"reading_processes": 1}})


def history_file(folder: Path) -> Path:
    """As an accountant exports it: what went through was posted, what was asked about was held."""
    path = folder / "history.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["File", "outcome", "gross", "tax", "currency", "reason"])
        for document in read_documents().values():
            stage = EXPECTED.get(document.path, {}).get("stage", "")
            gross = Decimal(document.gross)
            posted = stage == "waiting_for_approval" and document.path != REFUSED
            gross += 10 if document.path == CHANGED else 0
            outcome, reason = ("posted", "") if posted else ("held", "not in order")
            writer.writerow([document.path, outcome, gross, document.tax, document.currency, reason])
        writer.writerow([UNKNOWN, "posted", "1.00", "", "EUR", ""])
    return path


def an_installation(settings: Settings, clock: Clock) -> None:
    """In which people verified the accounts of the demo company's suppliers."""
    store = Store.open(settings.data.folder / "erp-agent.sqlite")
    mirror = SupplierMirror(store, AuditLog(store, clock, project), clock)
    with (FOLDER / "verified_accounts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            mirror.verify_account(SupplierId(row["supplier_id"]), row["iban"], PersonId("vera"), row["how"])
    store.close()


@pytest.fixture(scope="module")
def rehearsed(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Rehearsal, Sequence[HistoryRow], BacktestReport]:
    folder = tmp_path_factory.mktemp("backtest")
    settings, clock = demo_settings(folder / "data"), Clock()
    erp = SandboxErp(Company.load(load_world(FOLDER / "world.json"), clock))
    an_installation(settings, clock)
    before = erp.books.dump()
    history = read_history(history_file(folder))
    run = rehearse(settings, erp, INBOX, history, clock, embedder=Letters(), pause=no_pause)
    found = asyncio.run(run)
    assert erp.books.dump() == before
    assert not any(word in erp.traffic.calls for word in ("post_invoice", "attach"))
    return found, history, report(found, history, settings)


def test_no_write_is_ever_reached(rehearsed: tuple[Rehearsal, Any, BacktestReport]) -> None:
    assert rehearsed[0].writes == rehearsed[2].writes == 0


def test_every_document_and_every_row_stands_in_the_report_once(
    rehearsed: tuple[Rehearsal, Sequence[HistoryRow], BacktestReport],
) -> None:
    run, history, found = rehearsed
    without_row = sum(entry.line is None for entry in found.compared)
    assert Counter(entry.line for entry in found.compared if entry.line) == Counter(r.line for r in history)
    assert {entry.document for entry in found.compared} >= {document.file for document in run.documents}
    assert without_row == found.counts[Agreement.NO_HISTORY.value] > 0
    assert sum(found.counts.values()) == len(found.compared)


def test_each_kind_of_disagreement_is_found(rehearsed: tuple[Any, Any, BacktestReport]) -> None:
    found = {entry.document: entry for entry in rehearsed[2].compared}
    assert found[UNKNOWN].agreement is Agreement.NO_DOCUMENT
    assert found[REFUSED].agreement is Agreement.POSTED_REJECTED
    changed = found[CHANGED]
    assert changed.agreement is Agreement.DIFFERENT
    assert [(one.field, one.by) for one in changed.differences] == [("gross", Decimal(-10))]


def test_the_figures_follow_from_the_documents(rehearsed: tuple[Any, Any, BacktestReport]) -> None:
    found = rehearsed[2]
    kinds = Counter(entry.agreement for entry in found.compared)
    posted = sum(
        kinds[kind] for kind in (Agreement.SAME, Agreement.DIFFERENT, Agreement.ASKED, Agreement.UNREAD)
    )
    assert kinds[Agreement.SAME] > 10 and kinds[Agreement.STOPPED] > 10
    assert found.agreed == (Decimal(100) * kinds[Agreement.SAME] / posted).quantize(Decimal("0.1"))
    assert found.agreed_value is not None and 0 < found.agreed_value < 100
    for count in found.findings:
        raised = [entry for entry in found.compared if entry.line and count.kind in entry.findings]
        people = {Agreement.SAME, Agreement.DIFFERENT, Agreement.ASKED, Agreement.UNREAD}
        assert count.no_trouble == sum(entry.agreement in people for entry in raised)
        assert count.no_trouble + count.trouble == len(raised)


def test_a_write_is_refused_and_counted_and_what_people_posted_is_hidden() -> None:
    world = json.loads((FOLDER / "world.json").read_text(encoding="utf-8"))
    erp = SandboxErp(Company.load(world, Clock()))
    entry = next(kept for kept in erp.books.books.documents.values() if kept.supplier_number)
    key = InvoiceKey(
        company=CompanyId(erp.company),
        supplier_id=SupplierId(entry.supplier_id),
        document_type=DocumentType(entry.document_type),
        number=entry.supplier_number or "",
        invoice_date=entry.invoice_date or NOW.date(),
    )
    plain, silent = (
        SilentErp(erp),
        SilentErp(erp, {(entry.supplier_id, "".join(filter(str.isalnum, key.number)).upper())}),
    )
    assert asyncio.run(plain.invoices([key])) and not asyncio.run(silent.invoices([key]))
    with pytest.raises(NotSupported, match="writes nothing"):
        asyncio.run(silent.attach(None, "a.pdf", b""))  # type: ignore[arg-type]
    assert silent.refused == 1


def test_faulty_rows_are_told_with_their_lines_and_nothing_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text(
        "number;outcome;gross;accounts\nR1;posted;1.190,00;\n;posted;1.00;\nR3;paid;2.00;\nR4;posted;;4900:x\n"
    )
    with pytest.raises(CaseBroken) as told:
        read_history(path)
    text = str(told.value)
    assert "line 2: gross '1.190,00' is no amount" in text and "line 3: needs file or number" in text
    assert "line 4: outcome 'paid' is none of" in text
    assert "line 5: gross must be given of what was posted; accounts: '4900:x' is not CODE:AMOUNT" in text


def test_json_lines_say_the_same_as_the_table(tmp_path: Path) -> None:
    table, lines = tmp_path / "h.csv", tmp_path / "h.jsonl"
    table.write_text("number,supplier,gross,accounts\nR1,10001,119.00,4900:60.00;4730:40.00\n")
    row = {"number": "R1", "supplier": "10001", "gross": 119.00, "accounts": "4900:60.00;4730:40.00"}
    lines.write_text("\n" + json.dumps(row) + "\n")
    (one,), (other,) = read_history(table), read_history(lines)
    assert one.model_copy(update={"line": 0}) == other.model_copy(update={"line": 0})
    assert one.did is Did.POSTED and one.accounts == {"4900": Decimal(60), "4730": Decimal(40)}
    lines.write_text('{"number": "R1", "gross": "1"}\n{"nmber": "R2"}\nno json\n')
    with pytest.raises(CaseBroken, match=r"line 2: unknown names nmber[\s\S]*line 3: no JSON"):
        read_history(lines)
