"""A batch that would pass the day's calls says so before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.call_limits import BatchTooLarge, files_below, require_calls
from tests.graph.office import Office
from tools.erp.call_budget import CallBudget, budget_of
from tools.erp.exact import sandbox
from tools.erp.sandbox.connector import SandboxErp


class Metered:
    """An ERP of whose day so many calls are left; one for each document read, ten for each posted."""

    def __init__(self, left: int) -> None:
        self.left = left

    def call_budget(self, reading: int, posting: int = 0) -> CallBudget:
        needed = reading + 10 * posting
        return CallBudget("The ERP", max(reading, posting), needed, self.left, 5000, "2026-03-17 00:00 UTC")


def test_what_fits_may_start_and_what_does_not_is_told_with_its_figures() -> None:
    erp = Metered(100)
    require_calls(erp, reading=100)
    require_calls(erp, posting=10)
    with pytest.raises(BatchTooLarge) as told:
        require_calls(erp, posting=11)
    assert "11 documents need about 110 calls" in str(told.value)
    assert "100 more of 5000 until 2026-03-17 00:00 UTC" in str(told.value)
    assert "--beyond-daily-limit" in str(told.value)


def test_a_person_may_begin_all_the_same() -> None:
    require_calls(Metered(0), reading=1000, beyond=True)


def test_nothing_to_do_needs_no_calls_and_an_erp_without_a_day_has_no_limit(office_erp: SandboxErp) -> None:
    require_calls(Metered(0))
    assert budget_of(office_erp, 10**6) is None
    require_calls(office_erp, reading=10**6)


@pytest.fixture
def office_erp(tmp_path: Path) -> SandboxErp:
    office = Office("sandbox", tmp_path)
    return SandboxErp(office.books, office.faults)


def test_files_are_counted_wherever_they_lie(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("a.xml", "in/b.pdf", "in/deep/c.pdf", ".hidden"):
        (tmp_path / name).write_text("x")
    assert files_below([tmp_path / "in", tmp_path / "a.xml"]) == 3


@pytest.mark.parametrize(("left", "begun"), [(0, False), (5000, True)])
async def test_a_run_begins_only_where_the_day_has_room(tmp_path: Path, left: int, begun: bool) -> None:
    office = Office("sandbox", tmp_path)
    office.inbox.mkdir()
    (office.inbox / "note.txt").write_text("no invoice")
    async with office.open() as application:
        vars(office.line)["call_budget"] = Metered(left).call_budget
        if begun:
            assert len(await application.run([office.inbox], lambda *told: None)) == 1
            return
        with pytest.raises(BatchTooLarge, match="nothing was begun"):
            await application.run([office.inbox], lambda *told: None)
        assert not await application.inbox(None)
        assert len(await application.run([office.inbox], lambda *told: None, beyond=True)) == 1


def test_the_sandboxs_own_limits_are_the_vendors() -> None:
    rules = sandbox.Protocol()
    assert (rules.calls_per_minute, rules.calls_per_day, rules.errors_per_hour) == (60, 5000, 10)
