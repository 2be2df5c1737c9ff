"""What happens with a finished run: shown, kept as JSON and as a page, held against a baseline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from evals.suite.case import CaseBroken, case_folders
from evals.suite.compare import Baseline, as_baseline, compare, read_run, write_baseline
from evals.suite.comparison_lines import print_comparison, print_gate
from evals.suite.readiness import check_apart, check_place
from evals.suite.report import SuiteReport
from evals.suite.run import Progress
from evals.suite.shown_text import visible
from evals.suite.summary import print_report
from tools.domain.record import Record

_EACH = 25
"""Where nobody watches, every so many cases leave a line."""
_SHOWN = 3


class Wanted(Record):
    """What the user asked for beside the summary."""

    keep: Path | None = None
    """Where outcomes are kept while it runs."""
    html: Path | None = None
    json_file: Path | None = None
    baseline: Path | None = None
    """The run this one is held against: a baseline, a report or outcomes."""
    write_baseline: Path | None = None
    is_whole: bool = True
    """Every case was played, not a choice of them."""
    root: Path
    """Where the cases lie."""

    @property
    def is_replaced(self) -> bool:
        """The run is to take the place of the one it is held against."""
        files = self.baseline, self.write_baseline
        return None not in files and len({path.resolve() for path in files if path}) == 1


def check(wanted: Wanted) -> Baseline | SuiteReport | None:
    """What the run will be held against, read before hours of playing. Raises CaseBroken."""
    if wanted.write_baseline is not None and not wanted.is_whole:
        raise CaseBroken("a baseline is written of a run of every case: name no cases and no tags")
    for path in (wanted.html, wanted.json_file, wanted.write_baseline):
        if path is not None:
            check_place(path)
    written = {"--keep": wanted.keep, "--html": wanted.html, "--json": wanted.json_file}
    check_apart({**written, "--baseline": wanted.baseline})
    check_apart({**written, "--write-baseline": wanted.write_baseline})
    return None if wanted.baseline is None else read_run(wanted.baseline, wanted.root)


def check_whole(report: SuiteReport, root: Path) -> None:
    """Raises CaseBroken where a case below `root` was not played: a gate would never again ask for it."""
    played = {row.outcome.case for row in report.rows}
    lacking = [folder.name for folder in case_folders(root) if folder.name not in played]
    if lacking:
        more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        raise CaseBroken(
            f"a baseline is of a run of every case below {root}: {', '.join(lacking[:_SHOWN])}{more} "
            "were not played"
        )


def present(
    report: SuiteReport, wanted: Wanted, before: Baseline | SuiteReport | None, console: Console
) -> bool:
    """Whether the run may stand. Against a baseline: no case turned red, none is gone, no harm, nobody newly
    misled. As a new baseline: no harm. Else: no case is red. A
    baseline is replaced only by a run that may stand beside it."""
    print_report(report, console)
    faults = [f"{row.case} is red" for row in report.red]
    if before is not None:
        comparison = compare(as_baseline(before), as_baseline(report))
        print_comparison(comparison, console, is_whole=wanted.is_whole)
        faults = comparison.faults(is_whole=wanted.is_whole)
        print_gate(faults, console)
    elif wanted.write_baseline is not None:
        faults = [f"{row.case} did harm" for row in report.harmful]
    _keep(report, wanted, before)
    if wanted.write_baseline is not None:
        if faults and wanted.is_replaced:
            console.print(Text(f"{wanted.baseline} stays as it was"), soft_wrap=True)
        else:
            write_baseline(report, wanted.write_baseline)
    return not faults


def _keep(report: SuiteReport, wanted: Wanted, before: Baseline | SuiteReport | None) -> None:
    from evals.suite.pages.html import html_page

    if wanted.json_file is not None:
        wanted.json_file.write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    if wanted.html is not None:
        wanted.html.write_text(html_page(report, before), encoding="utf-8")


@contextmanager
def progress_on(console: Console) -> Iterator[Progress]:
    """In a terminal one line that changes; elsewhere now and then a line of its own."""
    if console.is_terminal:
        with console.status("begins") as status:
            yield lambda words: status.update(Text(visible(words)))
        return
    said = 0

    def say(words: str) -> None:
        nonlocal said
        said += 1
        if said % _EACH == 0:
            console.print(Text(visible(words)), soft_wrap=True)

    yield say
