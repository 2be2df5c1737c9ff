"""Can a case fail? Agents that look at nothing must not pass it, and what it forbids must be able to happen.

The two guesses (`guesses.py`) report no findings, so any finding a case wants defeats them. They are judged
again with exactly the findings that are wanted: then only stages, books and words decide. What such a guess
may reach depends on the tier:

- Leaving every document as it came is no end of any case: somebody always has to be told something.
- Waiting with the right findings is the right end where nothing may be posted (infeasible, adversarial), and
  may be in rules, where finding is the task. Where a judgement is asked for or a clerk talks, it is what an
  agent does that does not know: it may pass only where the case calls abstaining right.
- Posting as billed with the right findings may be right in rules (warnings are told, no more), in judgement
  (accept it) and in a talk. In infeasible it never is; in adversarial only in the twin without the attack.
- Where posting as billed and leaving the books alone both pass, whatever is done is right, unless the ledger
  decides: an end that names its accounts is not reached by the document's sum alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from agent.state import Stage
from evals.suite.book_changes import may_be_worded
from evals.suite.case import CaseBroken, EvalCase, Tier
from evals.suite.deeds import deeds, spelt
from evals.suite.guesses import always_approve, idle, others_did, readings, with_findings
from evals.suite.judge import judge
from evals.suite.outcome import Outcome
from evals.suite.world import CaseWorld, world_of
from tools.erp.sandbox.world import WorldError

_ASKED = (Tier.JUDGEMENT, Tier.CONVERSATION)
_GUARDED = (Tier.INFEASIBLE, Tier.ADVERSARIAL)
_OPEN = (Stage.RECEIVED, Stage.WAITING_FOR_ANSWER, Stage.ON_HOLD, Stage.REJECTED)
"""Stages in which a document is not in the books."""
_ABSTAIN = "abstain"


def ease_faults(case: EvalCase) -> list[str]:
    """Why the case says too little, in words; also why its books cannot be opened."""
    try:
        world = world_of(case)
        changes = asyncio.run(others_did(case, world))
    except CaseBroken as error:
        return [str(error).removeprefix(f"{case.id}: ")]
    except WorldError as error:
        return [f"world.json: {error}"]
    nothing, posts = idle(case, changes), always_approve(case, world, changes)
    return [
        *_too_easy(case, nothing, posts),
        *_both_ways(case),
        *_forbidden(case, world),
        *_unguarded(case, always_approve(case, world, ()).changes),
    ]


def _too_easy(case: EvalCase, nothing: Outcome, posts: Outcome) -> Iterator[str]:
    for what, outcome in (("does nothing", nothing), ("posts all as billed", posts)):
        if _passes(case, outcome):
            yield f"too easy: who {what} passes"
        elif not _may(case, outcome is posts) and _passes(case, with_findings(case, outcome)):
            yield f"too easy: who {what} passes once the findings are told"
    knows = case.story.tier in _ASKED and not any(_ABSTAIN in right for right in case.story.options.values())
    if knows and _passes(case, with_findings(case, nothing, Stage.WAITING_FOR_ANSWER)):
        yield "too easy: who finds what is wrong and lets it wait passes, and no option says abstain"
    if _passes(case, with_findings(case, posts)) and not any(end.accounts for end in case.expected.ends):
        for stage in _OPEN:
            if _passes(case, with_findings(case, nothing, stage)):
                yield f"whatever is done is right: all posted as billed passes, and all {stage} passes"


def _passes(case: EvalCase, outcome: Outcome) -> bool:
    return judge(case, outcome, accounts=False).passed


def _may(case: EvalCase, posts: bool) -> bool:
    """Whether the guess may be right once the findings are told."""
    if not posts or case.story.tier == Tier.INFEASIBLE:
        return False
    return case.story.tier != Tier.ADVERSARIAL or _is_twin(case)


def _is_twin(case: EvalCase) -> bool:
    """Whether another case names it as the one without the attack."""
    said = f'benign = "{case.id}"'
    stories = case.folder.parent.glob("*/case.toml")
    return any(said in path.read_text(encoding="utf-8", errors="replace") for path in stories)


def _both_ways(case: EvalCase) -> Iterator[str]:
    """One end that calls a document posted or not posted alike tells nothing of it."""
    for at, end in enumerate(case.expected.ends):
        for file, stages in end.stages.items():
            if not isinstance(stages, str) and Stage.POSTED in stages and set(_OPEN) & set(stages):
                yield f"end {at}: {file} may be posted and not posted: write two ends"


def _forbidden(case: EvalCase, world: CaseWorld) -> Iterator[str]:
    """Patterns that no deed can match, and patterns of what an end permits."""
    expected = case.expected
    permitted = {change for end in expected.ends for change in end.changes}
    possible = deeds(readings(case), world.books, _pages(case)) if expected.forbidden else frozenset[str]()
    for pattern in expected.forbidden:
        yield from (
            f"forbidden: {pattern} forbids what an end permits: {change}"
            for change in sorted(permitted)
            if fnmatchcase(change, pattern)
        )
        if may_be_worded(pattern) and not any(fnmatchcase(deed, pattern) for deed in possible):
            yield f"forbidden: nothing that can happen with these documents and books reads so: {pattern}"


def _unguarded(case: EvalCase, billed: Iterable[str]) -> Iterator[str]:
    """Documents posted as billed that no end permits and nothing forbids, where nothing may be posted or
    somebody attacks; in every tier those forbidden under one spelling of their number and not another."""
    permitted = {change for end in case.expected.ends for change in end.changes}
    for change in dict.fromkeys(billed):
        if change in permitted:
            continue
        if not _forbids(case, change):
            if case.story.tier in _GUARDED:
                yield f"forbidden: nothing forbids what no end permits: {change}"
            continue
        for other in spelt(change):
            if other not in permitted and not _forbids(case, other):
                yield f"forbidden: {change}, but nothing forbids it as {other}"


def _forbids(case: EvalCase, change: str) -> bool:
    return any(fnmatchcase(change, pattern) for pattern in case.expected.forbidden)


def _pages(case: EvalCase) -> Iterator[str]:
    """What people see on a PDF, which may say something else than its data."""
    for path in sorted(case.inbox.glob("*.pdf")):
        yield from _texts(path)


def _texts(path: Path) -> list[str]:
    import pypdfium2  # loads the shared library

    try:
        with pypdfium2.PdfDocument(path) as document:
            return [page.get_textpage().get_text_bounded() for page in document]
    except pypdfium2.PdfiumError:
        return []
