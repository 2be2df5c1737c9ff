"""Runs cases, several at a time. Each finished one is kept at once: a run that is cut off goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from datetime import UTC, datetime, time
from multiprocessing import get_context
from pathlib import Path

from pydantic import ValidationError

from agent.garbage import collect_seldom
from agent.llm.scripted import ScriptBroken
from evals.erp_desks import IN_PROCESS
from evals.suite.case import CaseBroken, EvalCase, read_case
from evals.suite.model_choice import NONE, REPLAY, SCRIPTED, LiveModel, ModelChoice, live_model, many_at_once
from evals.suite.origin import Origins, check_origins, origins_of
from evals.suite.outcome import Outcome
from evals.suite.play import Player, play
from evals.suite.players import NotRecorded, live, replayed, unthinking
from evals.suite.world import world_of
from tools.domain.record import Record
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.world import WorldError

Progress = Callable[[str], None]


class Job(Record):
    """One case once: plain data, so that it can go to another process."""

    folder: Path
    choice: ModelChoice
    erp: str
    trial: int


def jobs_of(cases: Iterable[EvalCase], choice: ModelChoice, erp: str, trials: int = 1) -> list[Job]:
    return [
        Job(folder=case.folder, choice=choice, erp=erp, trial=trial)
        for trial in range(trials)
        for case in cases
    ]


class Stage:
    """One process in which cases are played, with its model loaded once and one event loop for all of them:
    connections to an endpoint live as long as the loop they were opened in."""

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice
        self._rest = ExitStack()
        self._model: LiveModel | None = None

    def __enter__(self) -> Stage:
        self._runner = self._rest.enter_context(asyncio.Runner())
        if self._choice.is_live:
            self._model = self._rest.enter_context(live_model(self._choice))
        return self

    def __exit__(self, *error: object) -> None:
        self._rest.close()

    def done(self, job: Job) -> Outcome:
        """Raises CaseBroken."""
        found = self._runner.run(self._played(read_case(job.folder), job))
        return found.model_copy(update={"model": job.choice.label})

    async def _played(self, case: EvalCase, job: Job) -> Outcome:
        model = job.choice.model
        if self._model is not None:
            return await self._asked(case, job, self._model)
        if model == REPLAY:
            return await _replayed(case, job)
        player = unthinking(model, case) if model in SCRIPTED else Player(NONE)
        return await play(case, player, job.erp, job.trial)

    async def _asked(self, case: EvalCase, job: Job, model: LiveModel) -> Outcome:
        chat = model.chat(job.trial)
        if job.choice.is_plain:
            return await _with_a_free_hand(case, job, model)
        with live(model.settings, chat, case, job.choice.record, job.trial) as player:
            return await play(case, player, job.erp, job.trial)


async def _with_a_free_hand(case: EvalCase, job: Job, model: LiveModel) -> Outcome:
    """Raises CaseBroken for what a plain agent cannot: another ERP, a recording."""
    from evals.suite.plain_player import play_plain

    if job.erp != IN_PROCESS or job.choice.record is not None:
        raise CaseBroken("a plain agent works in the sandbox's books, unrecorded: no --erp, no --record")
    price = model.settings.models[model.name].cost
    return await play_plain(case, model.chat(job.trial), model.name, job.trial, price)


async def _replayed(case: EvalCase, job: Job) -> Outcome:
    """A recording that was not played to its end breaks the case too."""
    outcome: Outcome | None = None
    try:
        with replayed(case, job.choice.replay, job.trial) as player:
            outcome = await play(case, player, job.erp, job.trial)
    except ScriptBroken as trouble:
        told = str(trouble) if isinstance(trouble, NotRecorded) else f"the recording does not fit: {trouble}"
        found = outcome or Outcome(case=case.id, trial=job.trial, erp=job.erp, inputs=case.inputs)
        return found.model_copy(update={"error": told})
    return outcome


def done(job: Job) -> Outcome:
    """One job in a process of its own. Raises CaseBroken."""
    with Stage(job.choice) as stage:
        return stage.done(job)


_Key = tuple[str, int, str, str]


def run_all(
    jobs: Sequence[Job], keep: Path | None = None, at_once: int = 1, progress: Progress = lambda _: None
) -> list[Outcome]:
    """Every job's outcome, in the jobs' order. `keep`: outcomes are appended there; those that stand there
    for the same model, ERP and trial are not played again. Raises CaseBroken, also where something else made
    them (another program, model, recording, or case as it stood then), and as `live_model`."""
    if not jobs:
        return []
    origins = origins_of(jobs[0].choice, keep)
    kept = _kept_of(jobs, keep, origins)
    _cut_torn(keep)
    open_jobs = [job for job in jobs if _key(job) not in kept]
    for folder in dict.fromkeys(job.folder for job in open_jobs):
        _check_books(read_case(folder))
    for number, played in enumerate(_played(open_jobs, at_once), 1):
        origin = origins.of(jobs[0].folder.parent / played.case, played.trial)
        outcome = played.model_copy(update={"origin": origin})
        kept[_key_of(outcome)] = outcome
        if keep is not None:
            with keep.open("a", encoding="utf-8") as file:
                file.write(outcome.model_dump_json() + "\n")
        progress(f"{number} of {len(open_jobs)}: {outcome.case}, {outcome.effort.seconds:.1f} s")
    return [kept[_key(job)] for job in jobs]


def _check_books(case: EvalCase) -> None:
    """That its books can be opened, before the first of many cases is played. Raises CaseBroken."""
    books = world_of(case).books
    try:
        Company.load(books, lambda: datetime.combine(case.story.today, time(9), tzinfo=UTC))
    except WorldError as error:
        raise CaseBroken(f"{case.id}: world.json: {error}") from None


def _key(job: Job) -> _Key:
    return job.folder.name, job.trial, job.choice.label, job.erp


def _key_of(outcome: Outcome) -> _Key:
    return outcome.case, outcome.trial, outcome.model, outcome.erp


def _kept_of(jobs: Sequence[Job], keep: Path | None, origins: Origins) -> dict[_Key, Outcome]:
    """What stands in the file. Raises CaseBroken where it is not of this very run."""
    if keep is None:
        return {}
    found = kept_outcomes(keep)
    check_origins(keep, found, origins, jobs[0].folder.parent)
    kept = {_key_of(outcome): outcome for outcome in found}
    for job in jobs:
        outcome = kept.get(_key(job))
        if outcome is not None and outcome.inputs != read_case(job.folder).inputs:
            raise CaseBroken(
                f"{keep}: {outcome.case} or its company was changed since it was played: take it out of the "
                "file, begin another file with --keep, or delete this one"
            )
    return kept


def _played(jobs: Sequence[Job], at_once: int) -> Iterator[Outcome]:
    """As they come. Own processes: the cases share no clock, no loop and no library's state."""
    if not jobs:
        return
    if at_once == 1 or len(jobs) == 1:
        with Stage(jobs[0].choice) as stage:
            yield from (stage.done(job) for job in jobs)
        return
    if not many_at_once(jobs[0].choice):
        raise CaseBroken("a model of this machine plays one case at a time: leave --jobs away")
    context = get_context("spawn")
    with ProcessPoolExecutor(at_once, mp_context=context, initializer=collect_seldom) as pool:
        waiting = [pool.submit(done, job) for job in jobs]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _cut_torn(path: Path | None) -> None:
    """What is appended must not go on in a line that a killed run left unfinished. Raises CaseBroken for a
    last line that no run has begun: nothing of somebody else's file is cut off."""
    if path is None or not path.is_file():
        return
    content = path.read_bytes()
    torn = content[content.rfind(b"\n") + 1 :]
    if not torn:
        return
    if torn[: len(_BEGINNING)] != _BEGINNING[: len(torn)]:
        raise CaseBroken(f"{path}: its last line is no outcome of a case; name another file")
    path.write_bytes(content[: len(content) - len(torn)])


_BEGINNING = b'{"case":"'
"""Of every outcome's line."""


def kept_outcomes(path: Path | None) -> list[Outcome]:
    """Outcomes of a file, none where it is not there; a last line that a run is writing, or left unfinished,
    is not looked at. Raises CaseBroken for a file that holds something else."""
    if path is None or not path.exists():
        return []
    try:
        whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
    except (OSError, UnicodeDecodeError):
        raise CaseBroken(f"{path} cannot be read as outcomes of cases; name another file") from None
    found = []
    for number, line in enumerate(whole.split("\n") if whole else (), 1):
        try:
            found.append(Outcome.model_validate_json(line))
        except ValidationError:
            raise CaseBroken(f"{path}, line {number}: no outcome of a case; name another file") from None
    return found
