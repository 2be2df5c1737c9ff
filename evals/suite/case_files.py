"""The files of a case for `erp-eval lint`: each one its own, and each document taken in."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from evals.suite import steps
from evals.suite.case import EvalCase


def file_faults(case: EvalCase) -> Iterator[str]:
    """Links, whose content changes without the case, and documents that no step takes in."""
    for path in (case.folder, *sorted(case.folder.rglob("*"))):
        if path.is_symlink():
            name = path.relative_to(case.folder) if path != case.folder else "the folder"
            yield f"{name} is a link: a case holds its own files"
    taken = [step.files for step in case.story.step if isinstance(step, steps.TakeIn)]
    for file in case.files:
        if not any(fnmatchcase(file, pattern) for patterns in taken for pattern in patterns):
            yield f"inbox/{file} is taken in by no step"
