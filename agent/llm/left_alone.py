"""Questions that people got without what a model should have added, counted for one sentence at the end of
the work: a limit that was mistyped otherwise switches a model off without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import aclosing
from typing import Any, cast

from agent.llm.contract import Asker, BudgetSpent, ModelRests, ModelTrouble, Rendered, Reply, Task
from tools.domain.identifiers import CaseId

COUNTED = (Task.INVESTIGATE, Task.EXTRACT)
"""Tasks that nobody watches; in a conversation the trouble is told in its place."""
_MOST_REASONS = 3
_LONGEST = 200
"""Characters of a reason; the audit log has it whole."""


class LeftAlone:
    """The cases of a process whose question no model answered, with the last reason of each."""

    def __init__(self) -> None:
        self._reasons: dict[tuple[Task, CaseId], str] = {}

    def failed(self, task: Task, case_id: CaseId, reason: str) -> None:
        self._reasons[task, case_id] = reason

    def answered(self, task: Task, case_id: CaseId) -> None:
        """Asked again, it answered."""
        self._reasons.pop((task, case_id), None)

    def sentence(self, known: Collection[str]) -> str | None:
        """How many there were since this was last asked, and why; None where there were none. Reasons among
        `known` were told elsewhere and are not repeated."""
        found, self._reasons = self._reasons, {}
        counts = Counter(task for task, _ in found)
        parts = [_counted(counts[task], task) for task in COUNTED if counts[task]]
        if not parts:
            return None
        reasons = Counter(reason for reason in found.values() if reason not in known).most_common()
        shown = [_cut(reason) for reason, _ in reasons[:_MOST_REASONS]]
        if len(reasons) > _MOST_REASONS:
            shown.append("other reasons stand in the audit log")
        return "; ".join((" and ".join(parts) + (f": {shown[0]}" if shown else ""), *shown[1:]))


def _counted(count: int, task: Task) -> str:
    if task is Task.INVESTIGATE:
        return f"{count} question{'' if count == 1 else 's'} went to people without the suggestion of a model"
    return f"{count} document{' was' if count == 1 else 's were'} not read by a model"


def _cut(reason: str) -> str:
    return reason if len(reason) <= _LONGEST else reason[: _LONGEST - 1] + "…"


def in_words(trouble: ModelTrouble) -> str:
    """The reason without what differs from case to case, such as how much of a budget was used."""
    text = str(trouble)
    return f"the budget {text.partition(':')[0]}" if isinstance(trouble, BudgetSpent) else text


class CountingDesk:
    """Implements `Asker` around another one, and counts the question of its task; a letter that is drafted
    beside a suggestion is none."""

    def __init__(
        self, task: Task, asker: Asker, left: LeftAlone, why_rests: Callable[[str], str | None]
    ) -> None:
        """`why_rests` tells what an endpoint failed at that is spared now, by the name of its desk, and
        notes that this task goes without it."""
        self._task, self._asker, self._left, self._why_rests = task, asker, left, why_rests

    @property
    def name(self) -> str:
        return self._asker.name

    async def choose(
        self, prompt: Rendered, schema: Mapping[str, Any], *, case_id: CaseId | None, max_tokens: int = 400
    ) -> Reply:
        try:
            reply = await self._asker.choose(prompt, schema, case_id=case_id, max_tokens=max_tokens)
        except ModelTrouble as trouble:
            why = self._why_rests(self.name) if isinstance(trouble, ModelRests) else None
            if case_id is not None and prompt.name == self._task:
                self._left.failed(self._task, case_id, why or in_words(trouble))
            raise
        if case_id is not None and prompt.name == self._task:
            self._left.answered(self._task, case_id)
        return reply

    async def write(
        self, prompt: Rendered, *, case_id: CaseId | None, max_tokens: int = 800
    ) -> AsyncIterator[str]:
        pieces = self._asker.write(prompt, case_id=case_id, max_tokens=max_tokens)
        # Both desks are generators; one that is left early is closed with its call.
        async with aclosing(cast(Any, pieces)) as open_pieces:
            async for piece in open_pieces:
                yield piece
