"""The program as processes of their own, over one database and one ERP."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from evals.servers import serving
from tests.graph.papers import COMPANY, NORD, NORD_IBAN
from tests.screens.desk import Desk

pytestmark = pytest.mark.slow


def start(desk: Desk, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "agent.cli", "--config", str(desk.config), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_that_approve_one_case_post_it_once(desk: Desk) -> None:
    with serving("business_central", desk.folder / "world.json", COMPANY) as server:
        desk.configure(**server.settings)
        desk.lay("a.xml")
        desk.lay("b.xml", number="RE-2", order="PO100004", rows=(("BRACKET", "Bracket", "10", "2.50"),))
        rows = desk.rows("run", desk.inbox)
        assert [row["state"] for row in rows] == ["waiting_for_approval"] * 2
        server.plan(kind="slow", operation="post", times=None, seconds="1")
        words = ("approve", *(row["case"] for row in rows), "--yes", "--json")
        rivals = [start(desk, *words) for _ in range(2)]
        said = [rival.communicate(timeout=60) for rival in rivals]
        assert not any("Traceback" in errors for _, errors in said)
        posted = [entry for entry in server.books()["documents"] if entry["state"] == "posted"]
        assert sorted(entry["supplier_number"] for entry in posted) == ["RE-1", "RE-2"]
        assert [row["stage"] for row in desk.rows("cases")] == ["posted", "posted"]
        assert desk.rows("audit", "verify")[0]["ok"]


def test_what_json_prints_is_json_and_nothing_else(desk: Desk) -> None:
    desk.lay("a.xml")
    process = start(desk, "run", str(desk.inbox), "--json")
    output, errors = process.communicate(timeout=60)
    row: dict[str, Any] = json.loads(output)
    assert (process.returncode, row["supplier"]) == (0, NORD)
    assert NORD_IBAN not in output + errors
