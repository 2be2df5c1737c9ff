"""The figures of the second reader: counted on a made-up corpus with a scripted model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.cli import app
from evals.extraction import CorpusError
from evals.second_readings import papers
from tests.tools.intake.pdf_builder import Text, a_pdf, table_row


def a_page(number: str, *, whole: bool) -> bytes:
    """An invoice over 119.00 EUR; where it is not whole, the net total and the tax have no label."""
    net, tax = ("Net total", "VAT 19 %") if whole else ("For the goods we ask", "and for the state")
    return a_pdf(
        [
            Text(50, 50, "Nordberg Werkzeuge GmbH, Kiel", 9),
            Text(50, 90, "Werk GmbH, Bonn"),
            Text(50, 140, "INVOICE", 20),
            *table_row(180, (50, "Invoice number"), (200, number)),
            *table_row(200, (50, "Invoice date"), (200, "16.03.2026")),
            *table_row(320, (50, net), (-500, "100.00 EUR")),
            *table_row(340, (50, tax), (-500, "19.00 EUR")),
            *table_row(360, (50, "Total VAT incl."), (-500, "119.00 EUR")),
        ]
    )


TRUTH: dict[str, Any] = {
    "document_type": "invoice",
    "issue_date": "2026-03-16",
    "currency": "EUR",
    "net_total": "100.00",
    "tax_total": "19.00",
    "gross_total": "119.00",
    "lines": None,
}
NUMBERS = ("RE-1", "RE-2")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """One page that rules leave open, one that they read in full."""
    for number, whole in zip(NUMBERS, (False, True), strict=True):
        (tmp_path / f"{number}.pdf").write_bytes(a_page(number, whole=whole))
        source = {"file": f"{number}.pdf", "format": "plain-pdf", "family": number}
        truth = {**TRUTH, "invoice_number": number, "_source": source}
        (tmp_path / f"{number}.truth.json").write_text(json.dumps(truth))
    return tmp_path


def answers(corpus: Path, **said: str) -> Path:
    """A script that answers both documents with the same values."""
    fields = {"net_total": "", "tax_total": "", "gross_total": "", "issue_date": "", "currency": "", **said}
    page = {name: fields.get(name, "") for name in ("net_total", "tax_total", "gross_total")}
    path = corpus / "answers.jsonl"
    first, second = papers(corpus, 2)
    replies = []
    for paper, more in ((first, page), (second, {"kind": "invoice", **fields, "invoice_number": "RE-2"})):
        from agent.second_reader import wanted_fields

        wanted = wanted_fields(paper.reading)
        replies.append({name: [] if name == "lines" else more.get(name, "") for name in wanted})
    path.write_text("\n".join(json.dumps({"reply": reply}) for reply in replies))
    return path


def measured(corpus: Path, script: Path) -> dict[str, Any]:
    run = CliRunner().invoke(
        app, ["extraction", str(corpus), "--model", str(script), "--sample", "2", "--json"]
    )
    assert run.exit_code == 0, run.output
    found: dict[str, Any] = json.loads(run.stdout.strip().splitlines()[-1])
    return found


def test_what_rules_leave_open_is_a_page_and_what_they_read_is_given_as_a_letter(corpus: Path) -> None:
    assert [(paper.name, paper.is_letter) for paper in papers(corpus, 5)] == [
        ("RE-1.pdf", False),
        ("RE-2.pdf", True),
    ]


def test_right_values_of_the_model_are_counted_beside_those_of_the_rules(corpus: Path) -> None:
    right = {"net_total": "100.00", "tax_total": "19.00", "gross_total": "119.00"}
    found = measured(corpus, answers(corpus, **right, issue_date="16.03.2026", currency="EUR"))
    letters = found["fields"]["letters"]
    assert letters["rules"] == {"right": 0, "wrong": 0, "empty": 6}
    assert letters["with the model"] == {"right": 6, "wrong": 0, "empty": 0}
    assert found["fields"]["pages"]["with the model"]["right"] == 6
    assert (found["wrong_of_the_model"], found["unmarked"], found["troubled"]) == (0, 0, 0)


def test_a_wrong_value_of_the_model_is_counted_and_is_marked(corpus: Path) -> None:
    found = measured(corpus, answers(corpus, gross_total="100.00", currency="EUR"))
    assert found["wrong_of_the_model"] >= 1 and found["unmarked"] == 0


def test_a_corpus_without_open_documents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError):
        papers(tmp_path, 5)
    assert CliRunner().invoke(app, ["extraction", str(tmp_path), "--model", "none.jsonl"]).exit_code == 2
