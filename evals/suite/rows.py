"""One case once, as a report keeps it: what was asked, what came of it, and how it was judged.

A row holds everything a reader needs to judge again, without the case's folder. Times stand apart: they are
never the same twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

from agent.state import Stage
from evals.suite.case import WORLDS, EvalCase, Expected, Tier
from evals.suite.judge import Verdict
from evals.suite.outcome import DocumentEnd, Outcome
from tools.domain.money import Exact
from tools.domain.record import Record

ABSTAINED = "abstain"
_OWN_RECORDS = ("posted ", "draft ")
"""Beginnings of changes that are about incoming documents; all others touch records that were there."""


class Times(Record):
    """Of one row, in seconds."""

    seconds: Exact = Decimal(0)
    """Of the whole case."""
    product: Exact = Decimal(0)
    """Of these, in which the product worked."""
    model: Exact = Decimal(0)
    """Of these, in which a model was waited for."""

    @property
    def harness(self) -> Decimal:
        return max(self.seconds - self.product, Decimal(0))


class KindCount(Record):
    """Findings of one kind in one row, counted by documents."""

    found: int = 0
    overlooked: int = 0
    invented: int = 0


class AskedDocument(Record):
    """A document that a model was asked about."""

    file: str
    answer: str
    """The options it suggested, in their order; `abstain` where it suggested none."""
    right: bool
    """Of a suggestion: it is among the right ones, or, where the case names none, its case reached a
    permitted end. Of an abstention: people had to decide."""
    may_abstain: bool
    """Leaving it to people would have been right."""

    @property
    def abstained(self) -> bool:
        return self.answer == ABSTAINED


class Row(Record):
    """One case in one trial."""

    case: str
    title: str
    why: str
    tier: Tier
    tags: tuple[str, ...]
    language: str
    case_sum: str
    """SHA-256 of the case's files and its company: two runs of the same sum were asked the same."""
    trial: int
    expected: Expected
    verdict: Verdict
    outcome: Outcome
    """Its times are set to nothing, and by which program it was made is left out."""
    kinds: Mapping[str, KindCount]
    asked: tuple[AskedDocument, ...]

    @property
    def counts(self) -> bool:
        """Not where this ERP cannot reach the end; harm counts everywhere."""
        return self.verdict.counts

    @property
    def collateral(self) -> tuple[str, ...]:
        """Of what was let through: changes of records other than incoming documents, that is of orders,
        receipts, holds and earlier documents."""
        return tuple(
            change
            for change in self.verdict.let_through
            if not change.startswith(_OWN_RECORDS) or change.endswith(", reversed")
        )

    @property
    def refused(self) -> bool:
        """Nothing stands in the books that may not stand there."""
        return not (self.verdict.let_through or self.verdict.harmful or self.outcome.error)


def row_of(case: EvalCase, outcome: Outcome, verdict: Verdict) -> Row:
    """Times are left out."""
    story = case.story
    still = {"seconds": Decimal(0), "graph_seconds": Decimal(0), "model_milliseconds": 0}
    effort = outcome.effort.model_copy(update=still)
    asked = [document for document in outcome.documents if document.suggested or document.declined]
    return Row(
        case=case.id,
        title=story.title,
        why=story.why,
        tier=story.tier,
        tags=story.tags,
        language=story.language,
        case_sum=case_sum(case),
        trial=outcome.trial,
        expected=case.expected,
        verdict=verdict,
        outcome=outcome.model_copy(update={"effort": effort, "origin": None}),
        kinds=_kinds(case.expected, outcome),
        asked=tuple(_asked(case, document, verdict) for document in asked),
    )


def times_of(outcome: Outcome) -> Times:
    effort = outcome.effort
    model = Decimal(effort.model_milliseconds) / 1000
    return Times(seconds=effort.seconds, product=effort.graph_seconds, model=model)


def case_sum(case: EvalCase) -> str:
    """Of what is asked and what is right: documents, world, story, expectation. Recordings do not count."""
    found = hashlib.sha256()
    folder = case.folder
    world = folder / "world.json"
    files = [folder / "case.toml", folder / "expected.json", *(case.inbox / name for name in case.files)]
    if world.is_file():
        files += [world, WORLDS / f"{json.loads(world.read_text(encoding='utf-8')).get('base', '')}.json"]
    for path in files:
        content = path.read_bytes()
        found.update(f"{path.name} {len(content)}\n".encode() + content)
    return found.hexdigest()


def _kinds(expected: Expected, outcome: Outcome) -> Mapping[str, KindCount]:
    """As the judge counts, but each kind for itself."""
    counts: dict[str, list[int]] = {}
    there = {document.file: {*document.blocks, *document.warnings} for document in outcome.documents}
    for file in sorted({*there, *expected.findings}):
        rule, own = expected.findings.get(file), there.get(file, set())
        must, may = (set(rule.must), set(rule.may)) if rule else (set[str](), set[str]())
        for at, kinds in enumerate((must & own, must - own, own - must - may)):
            for kind in kinds:
                counts.setdefault(kind, [0, 0, 0])[at] += 1
    return {
        kind: KindCount(found=found, overlooked=overlooked, invented=invented)
        for kind, (found, overlooked, invented) in sorted(counts.items())
    }


def _asked(case: EvalCase, document: DocumentEnd, verdict: Verdict) -> AskedDocument:
    options = case.story.options.get(document.file, ())
    waits = any(_may_wait(end.stages.get(document.file)) for end in case.expected.ends)
    may_abstain = ABSTAINED in options if options else waits
    reached = verdict.end is not None
    told = all(name in options for name in document.suggested) if options else reached
    return AskedDocument(
        file=document.file,
        answer=", ".join(document.suggested) or ABSTAINED,
        right=told if document.suggested else may_abstain,
        may_abstain=may_abstain,
    )


def _may_wait(stages: Stage | tuple[Stage, ...] | None) -> bool:
    allowed = (stages,) if isinstance(stages, str) else stages or ()
    return Stage.WAITING_FOR_ANSWER in allowed
