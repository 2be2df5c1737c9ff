"""`make demo-llm`: which cases it shows, what it says without a model, that no model changes the books."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent.llm.settings import LlmSettings
from evals.demo.considered import Considered
from evals.demo.llm import about, choose, section
from tests.conftest import NO_LOCAL_MODEL

ROOT = Path(__file__).parents[2]
SMALL = ROOT / ".models/smollm2-135m-instruct-q4_1.gguf"


def waiting(*kinds: str) -> list[dict[str, Any]]:
    return [{"case_id": f"C-{at}", "blocks": [kind] if kind else []} for at, kind in enumerate(kinds, 1)]


def considered(case: str, kind: str, **more: Any) -> Considered:
    fields = {"findings": (), "people_may": (), "offered": (), "withheld": (), "number": "12345678"}
    return Considered.model_validate({"case": case, "name": "x.xml", "kind": kind, **fields, **more})


def demo(place: Path, **wishes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DEMO_YES": "1", "COLUMNS": "160", **wishes}
    return subprocess.run(
        [sys.executable, "-m", "evals.demo.llm"],
        cwd=place,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=1500,
        stdin=subprocess.DEVNULL,
    )


def test_one_case_of_each_kind_is_shown_and_the_telling_kinds_first() -> None:
    cases = waiting("tax_wrong", "tax_wrong", "coding_unsure", "", "price_over")
    assert choose(cases, 2) == ["C-1", "C-5"]
    assert choose(cases, 9) == ["C-1", "C-2", "C-3", "C-5"]


def test_the_conversation_is_about_a_case_whose_suggestion_can_be_taken() -> None:
    silent = considered("C-1", "price_over", number="")
    needy = considered("C-2", "price_over", needs=("order_number",))
    plain = considered("C-3", "tax_wrong")
    assert about([silent, needy, plain]) == plain
    assert about([plain, considered("C-4", "price_over", needs=("reason",))]) is not plain
    assert about([silent, needy]) is None


def test_its_settings_name_one_local_model_for_both_tasks() -> None:
    found = LlmSettings.model_validate(tomllib.loads(section(Path("a model.gguf")))["llm"])
    assert (found.investigate, found.chat, list(found.models)) == ("local", "local", ["local"])


def test_a_model_that_nobody_knows_is_said_and_nothing_is_started(tmp_path: Path) -> None:
    done = demo(tmp_path, DEMO_MODEL="no-such-model")
    assert done.returncode == 2
    assert "There is no model to show" in done.stdout
    assert "make demo" in done.stdout
    assert not (tmp_path / "var").exists()


@pytest.mark.slow
@pytest.mark.skipif(not SMALL.is_file(), reason=f"{NO_LOCAL_MODEL}: `make test-model` fetches it")
def test_whatever_a_model_says_the_books_are_right_at_the_end(tmp_path: Path) -> None:
    done = demo(tmp_path, DEMO_MODEL=str(SMALL), DEMO_CASES="1", DEMO_TURNS="1")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "The books are right." in done.stdout
    assert "✗" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
