"""What a run needs, looked at before hours of playing: its ERP, its model or its recordings, its file.

What is lacking would else come out as cases that a model did not answer, and be read as its judgement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from evals.erp_desks import all_kinds
from evals.suite.case import CaseBroken, EvalCase
from evals.suite.model_choice import REPLAY, ModelChoice, model_settings
from evals.suite.players import recording_of

EVERY = "all"
"""Instead of one kind of ERP."""
_SHOWN = 3


def check_run(
    cases: Sequence[EvalCase], choice: ModelChoice, erp: str, trials: int, keep: Path | None
) -> None:
    """Raises CaseBroken, and for a model as `model_settings`."""
    if erp not in (*all_kinds(), EVERY):
        raise CaseBroken(f"--erp {erp!r} is no kind of ERP; there are: {', '.join((*all_kinds(), EVERY))}")
    if keep is not None:
        check_place(keep)
    for fault in _unused(choice):
        raise CaseBroken(fault)
    if choice.record is not None and choice.record.exists() and not choice.record.is_dir():
        raise CaseBroken(f"--record {choice.record} is no folder")
    if choice.is_live:
        model_settings(choice)
    if choice.model == REPLAY:
        _check_recordings(cases, choice.replay, trials)


def check_place(path: Path) -> None:
    """Raises CaseBroken where no file can be written at `path`."""
    if not path.parent.is_dir():
        raise CaseBroken(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise CaseBroken(f"{path} is a folder: name a file in it")


def check_apart(files: Mapping[str, Path | None]) -> None:
    """`files`: option -> its file, where it has one. Raises CaseBroken for two options with one file: the
    later written would take the place of the other."""
    named = [(option, path) for option, path in files.items() if path is not None]
    for (one, first), (two, second) in combinations(named, 2):
        if _is_same(first, second):
            raise CaseBroken(f"{second} cannot be two files: {one} and {two} have to differ")


def _is_same(first: Path, second: Path) -> bool:
    """By whatever name, a link too."""
    if first.resolve() == second.resolve():
        return True
    return first.exists() and second.exists() and first.samefile(second)


def _unused(choice: ModelChoice) -> Iterator[str]:
    """What was asked for and would not happen."""
    if choice.replay is not None and choice.model != REPLAY:
        yield f"--replay plays recordings, --model {choice.model} does not: leave one of them away"
    if not choice.is_live:
        words = "is recorded" if choice.model == REPLAY else f"is {choice.model}"
        if choice.record is not None:
            yield f"--record keeps what a model answers, and the model {words}: name one with --model"
        if choice.temperature is not None:
            yield f"--temperature is of a model that is asked, and the model {words}: name one with --model"


def _check_recordings(cases: Sequence[EvalCase], folder: Path | None, trials: int) -> None:
    if folder is not None and not any(_is_recording(path, cases) for path in _files(folder)):
        raise CaseBroken(
            f"--replay {folder} holds no recording of a case, such as {recording_of(cases[0], folder).name}"
        )
    lacking = [case.id for case in cases if _is_cut_short(case, folder, trials)]
    if lacking:
        more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        raise CaseBroken(
            f"not each of --trials {trials} is recorded of {', '.join(lacking[:_SHOWN])}{more}: "
            f"leave --trials away, or record with --model MODEL --trials {trials} --record FOLDER"
        )


def _is_cut_short(case: EvalCase, folder: Path | None, trials: int) -> bool:
    """Whether some trials are recorded and others are not. A case without any recording asks no model."""
    there = [recording_of(case, folder, trial).is_file() for trial in range(trials)]
    return any(there) and not all(there)


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise CaseBroken(f"--replay {folder} cannot be read as a folder: {error.strerror}") from None


def _is_recording(path: Path, cases: Sequence[EvalCase]) -> bool:
    """Of any case beside the chosen ones: one that asks no model has none. In the folder of the cases the
    recordings lie one deeper."""
    root = cases[0].folder.parent
    if path.parent.resolve() == root.resolve():
        return any(path.glob("model*.jsonl"))
    name = re.fullmatch(r"(.+?)(\.\d+)?\.jsonl", path.name)
    return name is not None and path.is_file() and (root / name[1]).is_dir()
