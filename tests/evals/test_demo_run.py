"""`make demo` as a person runs it: every file ends where the design says, and the books are right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXPECTED: dict[str, dict[str, Any]] = json.loads(
    (ROOT / "evals/demo/expected.json").read_text(encoding="utf-8")
)
pytestmark = pytest.mark.slow
_APPROVED_BY_NAME = 3
"""So many of the cases with a warning are approved in the demo, the first ones."""


def command(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DEMO_YES": "1",
        "COLUMNS": "160",
        "ERP_AGENT_ERP__CLIENT_SECRET": "sandbox-secret",
    }
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=place,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    place = tmp_path_factory.mktemp("demo")
    return place, command(place, "evals.demo")


def test_the_demo_ends_with_right_books(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = demo
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "The books are right." in done.stdout
    assert "✗" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_every_file_of_the_demo_ends_as_designed(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    place, _ = demo
    listed = command(place, "agent.cli", "--config", "var/demo/erp-agent.toml", "cases", "--json")
    cases = [json.loads(line) for line in listed.stdout.splitlines()]
    found = {case["path"].partition("/inbox/")[2]: case for case in cases}
    by_name = sorted(
        found[name]["case_id"]
        for name, design in EXPECTED.items()
        if design.get("stage") == "waiting_for_approval" and design.get("by_name")
    )
    left = by_name[_APPROVED_BY_NAME:]
    wrong = []
    for name, design in EXPECTED.items():
        if "same_as" in design:
            continue
        case = found[name]
        is_approved = design["stage"] == "waiting_for_approval" and case["case_id"] not in left
        stage = "posted" if is_approved else design["stage"]
        blocks = set(design.get("blocks", ()))
        agrees = blocks <= set(case["blocks"]) if design.get("others") else blocks == set(case["blocks"])
        if case["stage"] != stage or not agrees:
            wrong.append(f"{name}: {case['stage']} {case['blocks']}, designed {stage} {sorted(blocks)}")
    assert not wrong, "\n".join(wrong)
