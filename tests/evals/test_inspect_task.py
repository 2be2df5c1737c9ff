"""The suite under Inspect: its runner, its mock model, our served case and our judge."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from test_served_case import COPY, INVOICE, expected_kinds

from evals.interchange.inspect_room import TASK, InspectAbsent, inspect_environment, run_inspect

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
MOCK = Path(__file__).with_name("inspect_mock.py")
GOOD: list[list[Any]] = [
    ["list_documents", {}],
    ["read_document", {"document": "re-2026-117.xml"}],
    ["get_order", {"order_number": "4500001"}],
    ["get_order", {"order_number": "nobody knows it"}],
    ["post_invoice", INVOICE],
    ["wait", {}],
    ["report_findings", {"document": COPY, "kinds": list(expected_kinds())}],
    ["ask", {"document": COPY, "reason": "is it a copy?"}],
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one process of Inspect found: two runs, and its own command."""
    folder = tmp_path_factory.mktemp("inspect")
    script = folder / "calls.json"
    script.write_text(json.dumps({"good": GOOD, "idle": []}), encoding="utf-8")
    command = str(Path(sys.executable).parent / "erp-eval")
    words = [
        str(MOCK),
        str(TASK.relative_to(ROOT)),
        "0001,0034,0037",
        str(script),
        str(folder / "logs"),
        command,
    ]
    try:
        environment = inspect_environment()
    except InspectAbsent as absent:
        pytest.skip(f"INSPECT COULD NOT BE INSTALLED, so the benchmark did not run under it: {absent}")
    printed = run_inspect(environment, words, ROOT)
    found: dict[str, Any] = json.loads(printed.partition("\nRESULT ")[2].splitlines()[0])
    return {**found, "logs": folder / "logs"}


def test_a_model_that_does_the_right_thing_scores_under_inspect(told: dict[str, Any]) -> None:
    found = told["runs"]["good"]
    assert found["status"] == "success", found
    (sample,) = found["samples"]
    assert sample["value"] == "C", sample
    assert sample["answer"] == "posted invoice RE-2026-117 of 10001: 1651.72 EUR, tax 263.72"
    assert found["metrics"]["accuracy"] == 1.0
    assert list((told["logs"] / "good").glob("*.eval"))


def test_a_model_that_does_nothing_scores_nothing(told: dict[str, Any]) -> None:
    found = told["runs"]["idle"]
    (sample,) = found["samples"]
    assert sample["value"] == "I" and found["metrics"]["accuracy"] == 0.0
    assert "missing in the books" in sample["explanation"]


def test_cases_with_a_fault_or_a_restart_are_no_samples_and_are_named(told: dict[str, Any]) -> None:
    found = told["runs"]["good"]
    assert [sample["id"][:4] for sample in found["samples"]] == ["0001"]
    assert [name[:4] for name in found["omitted"]] == ["0034", "0037"]


def test_inspects_command_finds_the_task(told: dict[str, Any]) -> None:
    assert "erp_cases" in told["listed"]
