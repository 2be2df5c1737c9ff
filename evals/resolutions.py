"""How often a model suggests a resolution that is permitted, on discrepancy cases of ours, and what it costs.

Each answer is appended to a file at once, so that a run can be cut off and continued. Beside the model stand
choosers that look at nothing: a figure says little where they do as well.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from agent.investigator import verdict_of
from agent.llm.contract import Asker, ModelTrouble, Usage
from agent.llm.prompts import Prompts
from evals.resolution_variants import Variant, asked, rendered
from evals.resolution_world import ABSTAIN, ResolutionCase, World, world_of
from tools.domain.record import Record

_MOST_TOKENS = 200
Progress = Callable[[str], None]


class Answered(Record):
    """One case, one variant, one answer."""

    case: str
    variant: Variant
    model: str
    prompt: str
    chosen: str
    """Key of a way, `abstain`, or empty where no usable answer came."""
    permitted: bool
    valid: bool
    """It kept to the schema at the first attempt."""
    struck: int = 0
    reason: str = ""
    usage: Usage = Usage()

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.case, self.variant.value, self.model, self.prompt)


class Column(Record):
    """One variant over all cases."""

    variant: Variant
    cases: int
    permitted: float
    abstained: float
    valid: float
    seconds: float
    """Median of a case; the first, cold one is left out where there are more."""
    tokens_in: float
    tokens_cached: float
    tokens_out: float


class ResolutionReport(Record):
    model: str
    prompt: str
    cases: int
    with_choice: int
    """Cases in which more than one way was offered."""
    settled: int
    """Cases in which rules left only permitted ways to choose from."""
    trivial: dict[str, float]
    """Chooser -> share of permitted choices."""
    columns: tuple[Column, ...]
    wrong: tuple[Answered, ...]
    """Of the first variant."""


async def run(
    cases: Sequence[ResolutionCase],
    asker: Asker,
    prompts: Prompts,
    keep: Path,
    *,
    version: int | None = None,
    variants: Sequence[Variant] = (Variant.AS_BUILT,),
    progress: Progress = lambda text: None,
) -> list[Answered]:
    """Ask for every case in every variant; answers that stand in `keep` are not asked for again. A variant
    at a time, so that a kept prefix of the prompt helps."""
    known = {answer.key: answer for answer in _kept(keep)}
    found = []
    for variant in variants:
        for place, case in enumerate(cases, start=1):
            world = world_of(case)
            brief = world.brief
            prompt = rendered(variant, world, brief, prompts, version)
            answer = known.get((case.id, variant.value, asker.name, prompt.label))
            if answer is None:
                answer = await _answer(variant, world, asker, prompts, version)
                _append(keep, answer)
            found.append(answer)
            word = "permitted" if answer.permitted else f"not permitted ({', '.join(case.permitted)})"
            seconds = answer.usage.milliseconds / 1000
            chosen = answer.chosen or "no answer"
            progress(f"{variant} {place}/{len(cases)} {case.id}: {chosen}, {word}, {seconds:.1f} s")
    return found


async def _answer(
    variant: Variant, world: World, asker: Asker, prompts: Prompts, version: int | None
) -> Answered:
    brief = world.brief
    prompt = rendered(variant, world, brief, prompts, version)
    base = Answered(
        case=world.case.id,
        variant=variant,
        model=asker.name,
        prompt=prompt.label,
        chosen="",
        permitted=False,
        valid=False,
    )
    try:
        reply = await asked(variant, asker, prompt, brief, _MOST_TOKENS)
    except ModelTrouble as trouble:
        return base.model_copy(update={"reason": str(trouble)})
    verdict = verdict_of(brief, reply.data, reply.usage, reply.model, prompt.label)
    chosen = verdict.way.key if verdict.way else str(reply.data.get("choose", ""))
    return base.model_copy(
        update={
            "chosen": chosen,
            "permitted": chosen in world.case.permitted,
            "valid": reply.usage.attempts == 1,
            "struck": len(verdict.struck),
            "reason": verdict.reason,
            "usage": reply.usage,
        }
    )


def _kept(path: Path) -> list[Answered]:
    """What an earlier run answered; a line that was cut off is left out."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(Answered.model_validate_json(line))
        except ValidationError:
            continue
    return found


def _append(path: Path, answer: Answered) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(answer.model_dump_json() + "\n")


def report(cases: Sequence[ResolutionCase], answers: Sequence[Answered]) -> ResolutionReport:
    """The figures of one run. `answers` is not empty."""
    worlds = [world_of(case) for case in cases]
    variants = list(dict.fromkeys(answer.variant for answer in answers))
    first = [answer for answer in answers if answer.variant is variants[0]]
    return ResolutionReport(
        model=first[0].model,
        prompt=first[0].prompt,
        cases=len(cases),
        with_choice=sum(len(world.brief.ways) > 1 for world in worlds),
        settled=sum({way.key for way in world.brief.ways} <= set(world.case.permitted) for world in worlds),
        trivial=trivial(worlds),
        columns=tuple(
            _column(variant, [answer for answer in answers if answer.variant is variant])
            for variant in variants
        ),
        wrong=tuple(answer for answer in first if not answer.permitted),
    )


def _column(variant: Variant, answers: Sequence[Answered]) -> Column:
    warm = answers[1:] or answers
    return Column(
        variant=variant,
        cases=len(answers),
        permitted=_share([answer.permitted for answer in answers]),
        abstained=_share([answer.chosen == ABSTAIN for answer in answers]),
        valid=_share([answer.valid for answer in answers]),
        seconds=median(answer.usage.milliseconds for answer in warm) / 1000,
        tokens_in=fmean(answer.usage.tokens_in for answer in answers),
        tokens_cached=fmean(answer.usage.tokens_cached for answer in answers),
        tokens_out=fmean(answer.usage.tokens_out for answer in answers),
    )


def trivial(worlds: Sequence[World], seed: int = 1, rounds: int = 200) -> dict[str, float]:
    """Choosers without a look at the case, over the ways that the model is offered too."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable baseline, no secret
    offers = [([way.key for way in world.brief.ways], world.case.permitted) for world in worlds]
    common = Counter(key for keys, _ in offers for key in keys).most_common()
    rank = {key: place for place, (key, _) in enumerate(common)}
    drawn = [dice.choice([*keys, ABSTAIN]) in right for _ in range(rounds) for keys, right in offers]
    return {
        "first offered": _share([keys[0] in right for keys, right in offers]),
        "most frequent": _share([min(keys, key=lambda key: rank[key]) in right for keys, right in offers]),
        "random": _share(drawn),
        "always abstain": _share([ABSTAIN in right for _, right in offers]),
    }


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _tokens(row: Column) -> tuple[float, float, float]:
    return row.tokens_in, row.tokens_cached, row.tokens_out


def print_report(found: ResolutionReport, console: Console) -> None:
    console.print(
        f"{found.model}, prompt {found.prompt}; {found.cases} cases, {found.with_choice} with a choice, "
        f"{found.settled} where rules left only permitted ways"
    )
    names = ("variant", "right", "abstained", "valid", "s", "tokens in", "kept", "out")
    table = Table(*names, title="Resolutions")
    for row in found.columns:
        shares = [f"{value:.1%}" for value in (row.permitted, row.abstained, row.valid)]
        # A free answer comes without an account of its tokens: nothing is shown for what was not measured.
        tokens = [f"{value:.0f}" if row.tokens_in else "" for value in _tokens(row)]
        table.add_row(row.variant.value, *shares, f"{row.seconds:.1f}" if row.seconds else "", *tokens)
    console.print(table)
    console.print(
        "Without a look at the case: "
        + ", ".join(f"{name} {share:.1%}" for name, share in found.trivial.items())
    )
    for answer in found.wrong:
        console.print(f"- {answer.case}: {answer.chosen or 'no answer'}. {answer.reason}", markup=False)
