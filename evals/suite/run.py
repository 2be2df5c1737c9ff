"""Runs cases, several at a time. Each finished one is kept at once: a run that is cut off goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from pydantic import ValidationError

from agent.llm.scripted import ScriptBroken
from evals.suite.case import CaseBroken, EvalCase, read_case
from evals.suite.outcome import Outcome
from evals.suite.play import Player, play
from evals.suite.players import replayed
from tools.domain.record import Record

Progress = Callable[[str], None]


class Job(Record):
    """One case once: plain data, so that it can go to another process."""

    folder: Path
    model: str
    """`none` or `replay`."""
    erp: str
    trial: int
    recordings: Path | None = None

    @property
    def key(self) -> tuple[str, int]:
        return self.folder.name, self.trial


def jobs_of(
    cases: Iterable[EvalCase], model: str, erp: str, trials: int, recordings: Path | None = None
) -> list[Job]:
    return [
        Job(folder=case.folder, model=model, erp=erp, trial=trial, recordings=recordings)
        for trial in range(trials)
        for case in cases
    ]


def done(job: Job) -> Outcome:
    """Plays one job in this process. Raises CaseBroken."""
    return asyncio.run(_done(job))


async def _done(job: Job) -> Outcome:
    case = read_case(job.folder)
    if job.model == "none":
        return await play(case, Player(), job.erp, job.trial)
    outcome: Outcome | None = None
    try:
        with replayed(case, job.recordings, job.trial) as player:
            outcome = await play(case, player, job.erp, job.trial)
    except ScriptBroken as trouble:
        told = f"the recording does not fit: {trouble}"
        empty = Outcome(case=case.id, trial=job.trial, model="recorded", erp=job.erp)
        found = outcome or empty
        return found.model_copy(update={"error": found.error or told})
    return outcome


def run_all(
    jobs: Sequence[Job], keep: Path | None = None, at_once: int = 1, progress: Progress = lambda _: None
) -> list[Outcome]:
    """Every job's outcome, in the jobs' order. `keep`: outcomes are appended there, and those of an earlier
    run in it are not played again. Raises CaseBroken."""
    kept = {(outcome.case, outcome.trial): outcome for outcome in kept_outcomes(keep)}
    open_jobs = [job for job in jobs if job.key not in kept]
    for number, outcome in enumerate(_played(open_jobs, at_once), 1):
        kept[outcome.case, outcome.trial] = outcome
        if keep is not None:
            with keep.open("a", encoding="utf-8") as file:
                file.write(outcome.model_dump_json() + "\n")
        progress(f"{number} of {len(open_jobs)}: {outcome.case}")
    return [kept[job.key] for job in jobs]


def _played(jobs: Sequence[Job], at_once: int) -> Iterator[Outcome]:
    """As they come. Own processes: the cases share no clock, no loop and no library's state."""
    if at_once == 1 or len(jobs) == 1:
        yield from (done(job) for job in jobs)
        return
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(done, job) for job in jobs]):
            yield future.result()


def kept_outcomes(path: Path | None) -> list[Outcome]:
    """Outcomes of a file. Raises CaseBroken for a file that holds something else."""
    if path is None or not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Outcome.model_validate_json(line))
        except ValidationError:
            raise CaseBroken(f"{path}, line {number}: no outcome of a case; name another file") from None
    return found
