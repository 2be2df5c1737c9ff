"""`erp-eval mutants`: does the suite notice when a safety promise is broken?

Each defect of `defects.py` is written into a copy of the packages `agent`, `tools` and `prompts`, and its
cases are replayed there in a process of their own. A defect that no case notices is a hole in the suite. The
copy without a defect has to be green, or red cases would prove nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.suite.case import CASES, CaseBroken
from evals.suite.defects import DEFECTS, Defect
from tools.domain.record import Record

ROOT = Path(__file__).parents[2]
_COPIED = ("agent", "tools", "prompts")
_SECONDS = 300
_UNFINISHED = shutil.ignore_patterns("*.pyc.*")
"""What another process is just compiling: it has another name in a moment."""


class Survey(Record):
    """What became of one defect's cases."""

    defect: str
    promise: str
    played: int
    red: tuple[str, ...]
    """`CASE: first reason`."""
    error: str = ""
    """Why the cases could not be played at all: then nothing is proved."""

    @property
    def is_caught(self) -> bool:
        return bool(self.red) and not self.error


class MutantReport(Record):
    clean: Survey
    """The copy without a defect."""
    found: tuple[Survey, ...]

    @property
    def holds(self) -> bool:
        """Whether the copy is green and every defect was noticed."""
        return not self.clean.red and not self.clean.error and all(entry.is_caught for entry in self.found)


def run(
    defects: Sequence[Defect] = DEFECTS,
    at_once: int = 2,
    root: Path = CASES,
    progress: Callable[[str], object] = lambda told: None,
) -> MutantReport:
    """Raises CaseBroken for a replacement that does not fit the program's text exactly once."""
    pairs = sorted({(case, defect.erp) for defect in defects for case in defect.cases})
    with tempfile.TemporaryDirectory(prefix="erp-mutants-") as room, ThreadPoolExecutor(at_once) as pool:
        copies = [_copy(Path(room) / str(at), defect) for at, defect in enumerate((None, *defects))]
        plans = [pairs, *([(case, defect.erp) for case in defect.cases] for defect in defects)]
        tasks = [pool.submit(_played, copy, plan, root) for copy, plan in zip(copies, plans, strict=True)]
        told = []
        for defect, task in zip((None, *defects), tasks, strict=True):
            told.append(_survey(defect, *task.result()))
            progress(f"{told[-1].defect}: {len(told[-1].red)} of {told[-1].played} red")
    return MutantReport(clean=told[0], found=tuple(told[1:]))


def _survey(defect: Defect | None, verdicts: dict[str, list[str]], error: str) -> Survey:
    red = tuple(f"{case}: {reasons[0]}" for case, reasons in verdicts.items() if reasons)
    return Survey(
        defect=defect.name if defect else "none",
        promise=defect.promise if defect else "",
        played=len(verdicts),
        red=red,
        error=error,
    )


def _copy(folder: Path, defect: Defect | None) -> Path:
    """A copy keeps the files' times, so that what was compiled of them is used again."""
    for name in _COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=_UNFINISHED)
    for edit in defect.edits if defect else ():
        path = folder / edit.path
        text = path.read_text(encoding="utf-8")
        if text.count(edit.old) != 1:
            name = defect.name if defect else ""
            raise CaseBroken(
                f"defect {name}: {edit.path} holds the text to replace {text.count(edit.old)} times"
            )
        path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
    return folder


def _played(copy: Path, plan: Sequence[tuple[str, str]], root: Path) -> tuple[dict[str, list[str]], str]:
    """Case -> reasons why it is red; and why nothing could be played."""
    asked = json.dumps({"copy": str(copy), "root": str(root), "plan": plan})
    paths = [str(copy), str(ROOT)]
    code = f"import sys; sys.path[:0] = {paths!r}; from evals.suite.mutants import child; child()"
    done = subprocess.run(  # noqa: S603 - this very program, over a copy of itself
        [sys.executable, "-c", code],
        input=asked,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        cwd=copy,
        check=False,
    )
    if done.returncode:
        return {}, done.stderr.strip().splitlines()[-1]
    verdicts: dict[str, list[str]] = json.loads(done.stdout)
    return verdicts, ""


def child() -> None:
    """In the process of a copy: plays what standard input asks for and tells the verdicts as JSON. Ends with
    an error where the program that would be played is not the copy."""
    import agent
    from evals.suite.case import read_cases
    from evals.suite.judge import judge
    from evals.suite.model_choice import NONE, ModelChoice
    from evals.suite.run import Job, Stage

    asked = json.loads(sys.stdin.read())
    if not str(agent.__file__).startswith(asked["copy"]):
        raise CaseBroken(f"{agent.__file__} is not the copy in {asked['copy']}")
    choice, verdicts = ModelChoice(model=NONE), {}
    with Stage(choice) as stage:
        for name, erp in asked["plan"]:
            for case in read_cases([name], root=Path(asked["root"])):
                outcome = stage.done(Job(folder=case.folder, choice=choice, erp=erp, trial=0))
                verdict = judge(case, outcome, accounts=erp == "sandbox")
                verdicts[f"{case.id} {erp}"] = list(verdict.reasons)
    sys.stdout.write(json.dumps(verdicts))


def print_report(report: MutantReport, console: Console) -> None:
    table = Table(title="Seeded defects, and the cases that turn red")
    for column in ("defect", "promise", "red", "first reason"):
        table.add_column(column)
    for entry in report.found:
        first = entry.error or (entry.red[0] if entry.red else "NOBODY NOTICED")
        table.add_row(entry.defect, entry.promise, f"{len(entry.red)} of {entry.played}", first)
    console.print(table)
    if report.clean.red or report.clean.error:
        told = report.clean.error or "; ".join(report.clean.red)
        console.print(f"without a defect: RED: {told}", markup=False)
    else:
        console.print(f"without a defect: {report.clean.played} cases green")
