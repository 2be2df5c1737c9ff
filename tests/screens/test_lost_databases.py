"""The checkpoints lost while the log still has cases under way: every command that works on cases says so."""

from __future__ import annotations

import pytest

from tests.screens.desk import Desk, joined

LOST = ("cases", "queue", "doctor", "show C-000001", "approve C-000001 --yes", "recheck C-000001")


def lose_checkpoints(desk: Desk, *, emptied: bool = False) -> None:
    for rest in ("", "-wal", "-shm"):
        desk.database.with_name(f"checkpoints.sqlite{rest}").unlink(missing_ok=True)
    if emptied:
        desk.database.with_name("checkpoints.sqlite").touch()


@pytest.mark.parametrize("emptied", [False, True])
def test_lost_checkpoints_of_cases_under_way_are_told_by_every_command(desk: Desk, emptied: bool) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    lose_checkpoints(desk, emptied=emptied)
    for words in (*(line.split() for line in LOST), ["run", str(desk.inbox)]):
        told = joined(desk.call(*words, code=3).stderr)
        assert "checkpoints.sqlite is empty or missing" in told
        assert "C-000001; restore both together" in told
    kept = desk.database.with_name("checkpoints.sqlite")
    assert not kept.is_file() or kept.stat().st_size == 0


def test_an_installation_with_suppliers_only_opens_without_checkpoints(desk: Desk) -> None:
    desk.call("suppliers", "sync")
    lose_checkpoints(desk)
    desk.call("cases")


def test_an_installation_whose_cases_are_over_opens_without_checkpoints(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    desk.call("approve", "C-000001", "--yes")
    lose_checkpoints(desk)
    assert "posted" in desk.call("cases").stdout
