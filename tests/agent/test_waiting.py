"""How long a case waits for a model, and that the others go on while something is looked up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.investigator import similar_cases
from agent.suggestions import longest_wait
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.papers import a_document
from tests.tools.test_knowledge import PRICE, Desk, finding
from tools.account_numbers import REMOVED
from tools.catalog.sources import ResolvedCase
from tools.domain.findings import Discrepancy, DiscrepancyKind
from tools.domain.identifiers import CaseId

DEARER = (("BRACKET", "Bracket", "10", "12.00"),)


@pytest.mark.parametrize(
    ("case_seconds", "batch_seconds", "at_once", "seconds"),
    [
        (600, None, 500, 300_000),
        (600, 1800, 500, 2400),
        (10, 1800, 5, 50),
        (None, 1800, 500, 1800),
        (None, None, 500, 86_400),
    ],
)
def test_the_wait_is_what_the_budgets_of_the_queue_allow(
    case_seconds: float | None, batch_seconds: float | None, at_once: int, seconds: float
) -> None:
    assert longest_wait(case_seconds, batch_seconds, at_once) == seconds


class SlowKnowledge:
    """Answers when somebody else has had a turn."""

    def __init__(self) -> None:
        self.asked, self.others_went_on = threading.Event(), threading.Event()
        self.in_time = False

    def similar(
        self, findings: Sequence[Discrepancy], *, but: CaseId | None, limit: int
    ) -> list[ResolvedCase]:
        self.asked.set()
        self.in_time = self.others_went_on.wait(5)
        return []

    def rules(self, text: str, limit: int = 3) -> list[DiscrepancyKind]:
        return []

    def accounts(self, chart: Any, text: str, limit: int = 5) -> list[Any]:
        return []


async def test_other_cases_go_on_while_earlier_ones_are_looked_up(
    furnish: Furnish,  # noqa: F811
    tmp_path: Path,
) -> None:
    office, slow = furnish("sandbox", tmp_path), SlowKnowledge()
    async with office.open():
        case = await office.take_in(a_document(rows=DEARER))
        state = await office.app.service.state(case.case_id)
        deps = replace(office.app.service.deps, knowledge=slow)

        async def another_case() -> None:
            await asyncio.to_thread(slow.asked.wait, 5)
            slow.others_went_on.set()

        found, _ = await asyncio.gather(similar_cases(state, deps), another_case())
    assert found == [] and slow.in_time


def test_several_threads_ask_the_same_knowledge(tmp_path: Path) -> None:
    desk, found = Desk(tmp_path), list[list[str]]()
    for number in range(5):
        desk.settle(f"C-{number}", PRICE, reason=f"agreed {REMOVED}")

    def ask() -> None:
        cases = desk.knowledge.similar([finding(PRICE)], but=None, limit=9)
        found.append(sorted(case.case_id for case in cases))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.knowledge.close()
    desk.store.close()
    assert found == [[f"C-{number}" for number in range(5)]] * 4
