"""The measuring commands measure: small runs of each, judged by what they say about themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evals.bench.made_up import make_up
from evals.demo.proof import compare

ROOT = Path(__file__).parents[2]


def erp_eval(*words: str) -> Any:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "evals.cli", *words],
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.slow
def test_killed_batches_post_every_document_exactly_once() -> None:
    report = erp_eval("kills", "--invoices", "5", "--kills", "12", "--seed", "3", "--json")
    assert report["kills"] == 12
    assert report["posted_once"] == report["documents"] > 0
    assert report["posted_twice"] == report["not_posted"] == report["lost"] == 0
    assert report["logs_verified"] and report["books_balanced"]


@pytest.mark.slow
def test_the_batch_asks_the_erp_a_fraction_as_often_as_a_plain_loop() -> None:
    report = erp_eval("bench", "batch", "--invoices", "60", "--latency", "0.05", "--plain", "2", "--json")
    assert report["proposals"] == 60
    assert report["calls"] / 60 < report["plain_calls_each"] / 10
    assert report["peak"] <= 5, "Business Central serves five calls at once"


def test_the_made_up_company_is_the_same_for_the_same_seed() -> None:
    one, two = (make_up(6, suppliers=2, seed=4, day=date(2026, 3, 2)) for _ in range(2))
    assert one == two
    assert make_up(6, suppliers=2, seed=5, day=date(2026, 3, 2)) != one


def _books(**changed: Any) -> dict[str, Any]:
    row = {"account": "1600", "name": "Suppliers", "debit": "0", "credit": "12.10", "balance": "-12.10"}
    other = {"account": "4900", "name": "Costs", "debit": "12.10", "credit": "0", "balance": "12.10"}
    document = {
        "state": "posted",
        "number": "PI-1",
        "supplier_id": "V1",
        "supplier_number": "R-1",
        "currency": "EUR",
        "totals": {"gross": "12.10"},
    }
    return {
        "trial_balance": [row, other],
        "suppliers_owed": {"V1": "12.10"},
        "documents": [document],
        **changed,
    }


def _log(gross: str = "12.10") -> list[dict[str, Any]]:
    action = {"supplier_id": "V1", "number": "R-1", "gross": {"amount": gross, "currency": "EUR"}}
    return [
        {"event": {"kind": "proposal_made", "digest": "d", "proposal": {"action": action}}},
        {"event": {"kind": "approval_given", "digest": "d"}},
    ]


NOTHING = {"trial_balance": [], "suppliers_owed": {}, "documents": []}


def test_the_demos_proof_holds_for_right_books() -> None:
    assert all(line.holds for line in compare(NOTHING, _books(), _books(), _log()))


@pytest.mark.parametrize(
    ("after", "again", "log"),
    [
        (_books(suppliers_owed={"V1": "12.00"}), None, _log()),
        (_books(), _books(documents=[]), _log()),
        (_books(), None, _log(gross="12.00")),
        (_books(documents=_books()["documents"] * 2), None, _log()),
        (_books(documents=[*_books()["documents"], {"state": "draft", "number": "D-1"}]), None, _log()),
        (_books(trial_balance=_books()["trial_balance"][:1]), None, _log()),
    ],
    ids=["owed", "second run", "other amount", "twice", "draft", "unbalanced"],
)
def test_the_demos_proof_fails_for_wrong_books(after: Any, again: Any, log: Any) -> None:
    assert not all(line.holds for line in compare(NOTHING, after, again or after, log))
