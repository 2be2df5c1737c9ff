"""The program against an Oracle pod in a process of its own: from the file in the inbox to the books."""

from __future__ import annotations

import pytest

from evals.servers import serving
from tests.graph.papers import COMPANY
from tests.screens.desk import Desk

pytestmark = pytest.mark.slow


def test_an_invoice_ends_validated_in_oracle_and_its_file_with_it(desk: Desk) -> None:
    with serving("oracle", desk.folder / "world.json", COMPANY) as server:
        desk.configure(**server.settings)
        desk.lay("a.xml")
        (row,) = desk.rows("run", desk.inbox)
        assert row["state"] == "waiting_for_approval"
        desk.rows("approve", row["case"], "--yes")
        assert [each["stage"] for each in desk.rows("cases")] == ["posted"]
        (posted,) = [entry for entry in server.books()["documents"] if entry["supplier_number"] == "RE-1"]
        assert posted["state"] == "posted"
        assert [kept["name"] for kept in posted["attachments"]] == ["a.xml"]
        assert server.calls()["by_operation"]["validateInvoice"] == 1
        assert desk.rows("audit", "verify")[0]["ok"]


def test_the_doctor_looks_at_the_pods_own_description(desk: Desk) -> None:
    with serving("oracle", desk.folder / "world.json", COMPANY) as server:
        desk.configure(**server.settings)
        desk.rows("doctor")
        assert server.calls()["by_operation"]["describe"] > 5
