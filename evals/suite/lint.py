"""`erp-eval lint`: what is wrong with a case before anybody plays it, and whether it is too easy.

Too easy is a case that an agent passes which looks at nothing, judged by the real judge (`ease.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from agent.investigator import ABSTAIN
from agent.llm.scripted import ScriptBroken, ScriptedChat
from agent.settling import RECHECK
from evals.suite import steps
from evals.suite.book_changes import is_worded, may_be_worded
from evals.suite.case import CASE_ID, CASES, CaseBroken, EvalCase, read_case
from evals.suite.case_files import file_faults
from evals.suite.ease import ease_faults
from evals.suite.scaffold import UNDECIDED
from tools.domain.findings import DiscrepancyKind
from tools.erp import kinds
from tools.erp.sandbox.faults import FaultKind
from tools.matching.decision_table import table
from tools.matching.erp_entries import entry_rows
from tools.matching.ways_out import ORDER_OPTION, TAKE_SUGGESTED

_LICENCE = re.compile(r"licen[cs]e|public domain|\b(CC0|CC-BY|CC BY|Apache|MIT|BSD|EUPL)\b", re.IGNORECASE)
MADE_UP = "made up"
_FIXED = frozenset(
    {ABSTAIN, RECHECK, TAKE_SUGGESTED, "park", "reject", "supplier", "rematch", "settled", "withdraw"}
    | {"posted", "not_posted", "look"}
)
"""Options that no table holds: those of the questions about suppliers, of refused and of lost postings."""
_OPEN = (ORDER_OPTION, "supplier:", "kind:")
"""Beginnings of options that name a record."""


def lint_all(root: Path = CASES, names: Iterable[str] = ()) -> dict[str, list[str]]:
    """Folder below `root` -> what is wrong with it; only those with faults. `names` choose by beginnings.
    Raises CaseBroken for a root without folders and a name that means none of them."""
    folders = _folders(root)
    numbers = Counter(folder.name[:4] for folder in folders)
    wanted = tuple(names)
    for name in wanted:
        if not name or not any(folder.name.startswith(name) for folder in folders):
            raise CaseBroken(f"there is no case {name or repr(name)} in {root}")
    found = {}
    for folder in folders:
        if not wanted or folder.name.startswith(wanted):
            faults = [*lint(folder)]
            if numbers[folder.name[:4]] > 1:
                faults.append(f"another case has the number {folder.name[:4]} too")
            if faults:
                found[folder.name] = faults
    return found


def _folders(root: Path) -> list[Path]:
    """Also those without a story, which is a fault."""
    try:
        folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise CaseBroken(f"--root {root} cannot be read as a folder of cases: {error.strerror}") from None
    if not folders:
        raise CaseBroken(f"--root {root} holds no cases")
    return folders


def lint(folder: Path) -> list[str]:
    """Everything wrong with one case."""
    faults = list(_unwritten(folder))
    try:
        case = read_case(folder)
    except CaseBroken as error:
        return [*faults, str(error).removeprefix(f"{folder.name}: ")]
    faults += [
        *_recorded(case),
        *_named(case),
        *_said(case),
        *_worded(case),
        *_files(case),
        *file_faults(case),
        *_options(case),
        *_steps(case),
    ]
    return [*faults, *ease_faults(case)]


def _unwritten(folder: Path) -> Iterator[str]:
    if not CASE_ID.fullmatch(folder.name):
        yield "the folder is named NNNN_words, in small letters"
    for name in ("case.toml", "world.json", "expected.json"):
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif UNDECIDED in path.read_text(encoding="utf-8", errors="replace"):
            yield f"{name}: {UNDECIDED} still stands there"
    for path in folder.iterdir():
        known = ("case.toml", "world.json", "expected.json", "inbox", "README.md", "SOURCES.md")
        if path.name not in known and not re.fullmatch(r"model(\.\d+)?\.jsonl", path.name):
            yield f"{path.name} belongs to no case"


def _recorded(case: EvalCase) -> Iterator[str]:
    for path in sorted(case.folder.glob("model*.jsonl")):
        try:
            ScriptedChat.read(path)
        except ScriptBroken as trouble:
            yield f"{path.name}: {trouble}"


def _named(case: EvalCase) -> Iterator[str]:
    """The story."""
    story = case.story
    if not story.source.strip():
        yield "source is empty: where do the documents come from?"
    elif story.source != MADE_UP and not _LICENCE.search(story.source):
        yield f"source names no licence: {story.source}"
    if story.benign and not (case.folder.parent / story.benign / "case.toml").is_file():
        yield f"benign names {story.benign}, which is no case"
    for kind in case.expected.declined:
        if kind not in kinds():
            yield f"declined names {kind}, which is no kind of ERP"


def _said(case: EvalCase) -> Iterator[str]:
    """Findings, and turns of a conversation."""
    known = {kind.value for kind in DiscrepancyKind}
    for file, findings in case.expected.findings.items():
        for name in (*findings.must, *findings.may):
            if name not in known:
                yield f"findings of {file}: {name} is no kind of finding"
        for name in set(findings.must) & set(findings.may):
            yield f"findings of {file}: {name} is both a must and a may"
    turns = sum(isinstance(step, steps.SayStep | steps.SayUntil) for step in case.story.step)
    for rule in case.expected.said:
        if rule.turn > turns:
            yield f"said: turn {rule.turn}, but the clerk says {turns} things"


def _worded(case: EvalCase) -> Iterator[str]:
    for at, end in enumerate(case.expected.ends):
        for change in end.changes:
            if not is_worded(change):
                yield f"end {at}: no change of the books is worded so: {change}"
        rest = sum((end.accounts or {}).values(), Decimal(0))
        if rest:
            yield f"end {at}: the accounts add up to {rest}, not to zero"
    for pattern in case.expected.forbidden:
        if not may_be_worded(pattern):
            yield f"forbidden: no change of the books begins so: {pattern}"


def _files(case: EvalCase) -> Iterator[str]:
    """Names of documents, wherever they stand; what came inside another begins with that one's name."""
    expected, own = case.expected, set(case.files)
    named: Mapping[str, Iterable[str]] = {
        "findings": expected.findings,
        "questions": expected.questions,
        "options": case.story.options,
        **{f"end {at}": end.stages for at, end in enumerate(expected.ends)},
    }
    for where, files in named.items():
        for file in files:
            if file.partition("!")[0] not in own:
                yield f"{where} names {file}, which is not in inbox/"
    for path in case.inbox.iterdir():
        if not path.is_file():
            yield f"inbox/{path.name} is no file"
    for at, end in enumerate(expected.ends):
        if not end.stages:
            yield f"end {at} says of no document where it stands"


def _options(case: EvalCase) -> Iterator[str]:
    chosen = [(file, option) for file, options in case.story.options.items() for option in options]
    chosen += [(step.file, step.option) for step in case.story.step if isinstance(step, steps.AnswerStep)]
    for file, option in chosen:
        for part in option.split("+"):
            if part not in known_options() and not part.startswith(_OPEN):
                yield f"{file}: {part} is no option of any question"


def known_options() -> frozenset[str]:
    """Every option that does not name a record."""
    ways = {way.id for entry in table().values() for way in entry.resolutions}
    parts = {part for way in ways for part in way.split("+")}
    return _FIXED | parts | {row.id for row in entry_rows()}


def _steps(case: EvalCase) -> Iterator[str]:
    own = {file.partition("!")[0] for file in case.files}
    for step in case.story.step:
        file = getattr(step, "file", "")
        if file and not set("*?[") & set(file) and file.partition("!")[0] not in own:
            yield f"step {step.do} names {file}, which is not in inbox/"
        if isinstance(step, steps.FaultStep) and step.kind not in set(FaultKind):
            yield f"step fault: {step.kind} is no kind of fault; there are {', '.join(FaultKind)}"
    if not any(isinstance(step, steps.TakeIn) for step in case.story.step):
        yield "no step takes the documents in"
