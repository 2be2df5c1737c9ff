"""What made a kept outcome: our program, and what answered it. An outcome of anything else is no answer to
what a run asks now, so a file that holds one is refused.

What is not seen: the libraries and the Python below the program, a model behind an address that its operator
exchanges, and a file that somebody wrote by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import file_digest, sha256
from pathlib import Path

from agent.llm.settings import LocalSettings, ModelSettings, ScriptedSettings
from evals.suite.case import CaseBroken
from evals.suite.model_choice import REPLAY, ModelChoice, model_settings
from evals.suite.outcome import Origin, Outcome
from evals.suite.players import recording_in

PACKAGES = Path(__file__).parents[2]
"""Where the program's packages lie, installed or not."""
_PARTS = ("agent", "evals", "prompts", "tools")
_ASIDE = ("evals/cases/", "evals/suite/worlds/")
"""Inputs of the cases: each outcome holds the sum of its own."""
_KEPT = ("evals/baseline.json", ".md")
"""What a run leaves behind, and texts for readers; a prompt is no such text."""
_NO_ANSWER = frozenset({"api_key", "path", "download"})
"""What of a model's settings says where it is, not what it is."""


def program_sum(packages: Path) -> str:
    """SHA-256 over every file of the program: source, data, prompts, and the evals but for their cases."""
    told = sha256()
    for name, path in sorted(_files(packages)):
        content = path.read_bytes()
        told.update(f"{name}:{len(content)}:".encode() + content)
    return told.hexdigest()


@cache
def own_program() -> str:
    """`program_sum` of this process, taken once: it goes on with the source it began with."""
    return program_sum(PACKAGES)


def _files(packages: Path) -> Iterator[tuple[str, Path]]:
    for part in _PARTS:
        for path in (packages / part).rglob("*"):
            name = path.relative_to(packages).as_posix()
            if path.is_file() and _is_program(name):
                yield name, path


def _is_program(name: str) -> bool:
    if name.startswith("evals/") and (name.endswith(_KEPT) or name.startswith(_ASIDE)):
        return False
    return not any(part == "__pycache__" or part.startswith(".") for part in name.split("/"))


def player_sum(choice: ModelChoice) -> str:
    """SHA-256 over the settings of the model that is asked and, of this machine, its file; empty where none
    is. Raises as `model_settings`."""
    if not choice.is_live:
        return ""
    settings = model_settings(choice)
    entry = settings.models[str(settings.investigate)]
    told = sha256(entry.model_dump_json(exclude=set(_NO_ANSWER)).encode())
    path = _model_file(entry)
    told.update(b"" if path is None else _file_sum(path).encode())
    return told.hexdigest()


def _model_file(entry: ModelSettings) -> Path | None:
    from agent.llm.model_files import model_path

    if isinstance(entry, LocalSettings):
        return model_path(entry)
    return entry.path if isinstance(entry, ScriptedSettings) else None


def _file_sum(path: Path) -> str:
    """Empty where there is no file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Origins:
    """Of the outcomes of one run."""

    choice: ModelChoice
    program: str = ""
    player: str = ""
    """Both empty: nothing is kept, so nobody asks."""

    def of(self, folder: Path, trial: int) -> Origin:
        """`folder`: of the case."""
        recording = ""
        if self.choice.model == REPLAY:
            recording = _file_sum(recording_in(folder, self.choice.replay, trial))
        return Origin(program=self.program, player=self.player, recording=recording)


def origins_of(choice: ModelChoice, keep: Path | None) -> Origins:
    """The program is summed up, and a model's file read, only where outcomes are kept. Raises as
    `model_settings`."""
    return Origins(choice) if keep is None else Origins(choice, own_program(), player_sum(choice))


def check_origins(path: Path, kept: Iterable[Outcome], origins: Origins, root: Path) -> None:
    """`root`: where the cases lie. Raises CaseBroken where one outcome of the file was made by something
    else, also of a case that is not asked for: together they would be the run of nothing that ever was."""
    for outcome in kept:
        for fault in _faults(outcome, origins, root):
            mend = "begin another file with --keep, or delete this one"
            raise CaseBroken(f"{path}: {outcome.case} was played {fault}: {mend}")


def _faults(outcome: Outcome, origins: Origins, root: Path) -> Iterator[str]:
    made, own = outcome.origin, origins.of(root / outcome.case, outcome.trial)
    if made is None or not made.program:
        yield "by an older program, which did not say what made an outcome"
    elif made.program != own.program:
        yield "by another version of the program"
    elif outcome.model == origins.choice.label:
        if made.player != own.player:
            yield f"by another model called {outcome.model}, or with other settings of it"
        if made.recording != own.recording:
            yield "with another recording"
