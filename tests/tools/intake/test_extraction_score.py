"""The scorer counts what is right, and a wrong truth shows."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evals.extraction import print_report, score
from tests.tools.intake.samples import read, sample, ubl
from tools.intake.json_view import extraction


def put(folder: Path, name: str, content: bytes, form: str, **changes: Any) -> None:
    """A document with the truth our reader gives, changed as told."""
    (folder / name).write_bytes(content)
    invoice = extraction(read(content), name)["invoice"]
    truth = (invoice or {"document_type": "order"}) | changes | {"_source": {"file": name, "format": form}}
    (folder / name).with_suffix(".truth.json").write_text(json.dumps(truth), encoding="utf-8")


def test_a_right_reading_scores_in_full(tmp_path: Path) -> None:
    put(tmp_path, "a.xml", ubl(), "ubl-invoice")
    report = score(tmp_path)
    assert report.misses == []
    assert report.as_json()["structured"] == {"header_right": 1.0, "lines_right": 1.0}


def test_decimals_are_compared_as_decimals_and_text_with_its_blanks_folded(tmp_path: Path) -> None:
    put(tmp_path, "a.xml", ubl(), "ubl-invoice", gross_total="121", supplier_name="Brackets \n BV")
    assert score(tmp_path).misses == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("gross_total", "122.00"), ("buyer_name", "Buyer"), ("iban", None), ("due_date", None)],
)
def test_a_wrong_value_is_a_miss(tmp_path: Path, field: str, value: Any) -> None:
    put(tmp_path, "a.xml", ubl(), "ubl-invoice", **{field: value})
    report = score(tmp_path)
    assert [miss.field for miss in report.misses] == [field]
    assert report.as_json()["header_right"]["ubl-invoice"]["share"] == 0


def test_a_wrong_total_without_a_problem_is_named(tmp_path: Path) -> None:
    put(tmp_path, "a.xml", ubl(), "ubl-invoice", gross_total="122.00")
    assert score(tmp_path).silent_wrong_totals == ["a.xml"]


def test_a_wrong_line_and_a_missing_line_count(tmp_path: Path) -> None:
    put(tmp_path, "a.xml", ubl(), "ubl-invoice", lines=[])
    lines = [{"line_id": "1", "quantity": "11"}]
    put(tmp_path, "b.xml", ubl(), "ubl-invoice", lines=lines)
    report = score(tmp_path)
    assert [miss.field for miss in report.misses] == ["lines", "lines[0].quantity"]
    assert report.as_json()["structured"]["lines_right"] == 0


def test_what_is_not_known_of_a_page_is_not_scored(tmp_path: Path) -> None:
    put(tmp_path, "a.xml", ubl(), "plain-pdf", gross_total=None, lines=None)
    assert score(tmp_path).misses == []


def test_an_order_is_right_when_it_gives_no_invoice(tmp_path: Path) -> None:
    put(tmp_path, "a.xml", sample("ubl_order.xml"), "ubl-order")
    put(tmp_path, "b.xml", ubl(), "ubl-order", document_type="order")
    report = score(tmp_path)
    assert report.as_json()["fields"]["ubl-order"]["file"] == {"share": 0.5, "n": 2}


def test_an_invoice_that_a_mail_does_not_yield_counts_as_wrong(tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(b"From: a@b.example\nSubject: Invoice\n\nhello")
    truth = {
        "document_type": "email",
        "expected_invoices": [{"invoice_number": "INV-1"}],
        "_source": {"file": "m.eml", "format": "email"},
    }
    (tmp_path / "m.truth.json").write_text(json.dumps(truth), encoding="utf-8")
    report = score(tmp_path).as_json()
    assert report["header_right"]["email"] == {"share": 0.0, "n": 1}
    assert report["fields"]["email"]["file"] == {"share": 0.0, "n": 1}


def test_the_report_prints(tmp_path: Path) -> None:
    put(tmp_path, "a.xml", ubl(), "ubl-invoice", gross_total="122.00")
    console = Console(file=io.StringIO(), width=200)
    print_report(score(tmp_path), console)
    assert isinstance(console.file, io.StringIO)
    assert "expected '122.00', found '121.00'" in console.file.getvalue()
