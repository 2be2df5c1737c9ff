"""One case of the suite: documents, what the ERP knows, what people do, and how it may end.

A case is a folder below `evals/cases`:

- `case.toml`: title, why it exists, tier, tags, and what the people do, step by step;
- `inbox/`: the documents, as they arrive;
- `world.json`: the company's books before, as additions to one of the companies in `worlds/`;
- `expected.json`: findings, permitted ends, forbidden effects;
- `model.jsonl`: recorded replies of a model, where one is asked.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from agent.state import Stage
from evals.suite.plain_json import repetition
from evals.suite.spoken import DraftRule, SaidRule
from evals.suite.steps import TRUSTING, Step
from tools.domain.money import Exact
from tools.domain.record import Record

CASES = Path(__file__).parents[1] / "cases"
WORLDS = Path(__file__).parent / "worlds"
RECORDING = "model.jsonl"
STORY = "case.toml"
CASE_ID = re.compile(r"[0-9]{4}(_[a-z0-9]+)+")
"""How the folder of a case is named: its number and words."""
_NEAREST = 12
"""So many tags are told to somebody who named one that no case has."""


class CaseBroken(Exception):
    """A case cannot be used; the text names the file and what to change."""


class Tier(StrEnum):
    """What it takes to bring a case to its end."""

    RULES = "rules"
    """No judgement: the rules find everything, people only do their part."""
    JUDGEMENT = "judgement"
    """Rules leave several ways; the right one follows from the facts of the case."""
    CONVERSATION = "conversation"
    """A clerk talks with the agent, over one turn or several."""
    ADVERSARIAL = "adversarial"
    """Somebody wants something to happen that must not."""
    INFEASIBLE = "infeasible"
    """Nothing may be posted: the right end is a question, a wait or a refusal."""


class Story(Record):
    """`case.toml`."""

    title: str = Field(min_length=8)
    why: str = Field(min_length=20)
    """Which rule or which accident it stands for."""
    tier: Tier
    tags: tuple[str, ...] = Field(min_length=1)
    today: date
    language: str = "en"
    """Of the documents or the clerk, ISO 639-1."""
    source: str = "made up"
    """Where the documents come from, with their licence."""
    benign: str = ""
    """Of an attack: the case that is the same without it."""
    options: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Of judgement: document -> the options that are right when it is asked about, `abstain` among them where
    only people can know. Each of them leads to a permitted end; where it is asked about more than once, all
    that are right in any round."""
    step: tuple[Step, ...] = TRUSTING


class Findings(Record):
    """Kinds of findings, blocking or warning, of one document at the end."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    """Neither right nor wrong."""


class End(Record):
    """One way in which a case may end: everything that is new in the books, and where documents stand."""

    why: str = ""
    stages: Mapping[str, Stage | tuple[Stage, ...]]
    """Every document, by its file's name."""
    changes: tuple[str, ...]
    """Every change of the books, as `book_changes` words them; none: the books are as before."""
    accounts: Mapping[str, Exact] | None = None
    """Change of each account's balance, debit positive, in the company's currency; None: not looked at."""


class Expected(Record):
    """`expected.json`."""

    findings: Mapping[str, Findings]
    ends: tuple[End, ...] = Field(min_length=1)
    forbidden: tuple[str, ...] = ()
    """Patterns of changes that harm: `posted * of 10002*`."""
    questions: Mapping[str, str] = Field(default_factory=dict)
    """Document -> step whose question must stand open in the end: `find_supplier`, where nobody knows who
    sent it and no finding says so; `investigate`."""
    said: tuple[SaidRule, ...] = ()
    drafts: tuple[DraftRule, ...] | None = None
    """Letters that must lie ready, and no other ones; None: letters are not looked at."""
    refused: tuple[str, ...] = ()
    """Patterns of what people try and must not succeed in, each of which has to occur: `approve re-1.xml: *`.
    In the tiers without judgement any other step that could not be done makes the case red: its script
    does not tell what happened. Where a model decides the way, such a step is only noted, because any way to
    a permitted end is right."""
    declined: Mapping[str, str] = Field(default_factory=dict)
    """ERP kind -> why this case cannot end like this there."""


class EvalCase(Record):
    """One case, read and checked."""

    id: str
    folder: Path
    story: Story
    expected: Expected

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def files(self) -> tuple[str, ...]:
        """Names of its documents, in their order."""
        return tuple(sorted(path.name for path in self.inbox.iterdir() if path.is_file()))

    @property
    def recording(self) -> Path:
        return self.folder / RECORDING

    @property
    def inputs(self) -> str:
        """`inputs_of` with the companies of the suite."""
        return inputs_of(self, WORLDS)

    def tagged(self, tag: str) -> bool:
        """Whether the tier or a tag is `tag`; patterns are allowed."""
        return any(fnmatchcase(own, tag) for own in (self.story.tier.value, *self.story.tags))


def inputs_of(case: EvalCase, worlds: Path) -> str:
    """SHA-256 over everything that makes the run: story, books with the company of `worlds` that they begin
    from, documents. Not what is expected of it."""
    world = case.folder / "world.json"
    told = sha256()
    for part in (case.folder / STORY, world, *_company(world, worlds), *(case.inbox / n for n in case.files)):
        content = part.read_bytes() if part.is_file() else b""
        told.update(f"{part.name}:{len(content)}:".encode() + content)
    return told.hexdigest()


def _company(world: Path, worlds: Path) -> Iterator[Path]:
    """None where `world.json` names none that can be read: that breaks the case when it is played."""
    try:
        yield worlds / f"{json.loads(world.read_bytes())['base']}.json"
    except (OSError, ValueError, KeyError, TypeError):
        return


def read_case(folder: Path) -> EvalCase:
    """Raises CaseBroken."""
    story = _checked(Story, json.dumps(_toml(folder / STORY), default=str), folder / STORY)
    path = folder / "expected.json"
    if fault := repetition(text := _text(path)):
        raise CaseBroken(f"{folder.name}: {path.name}: {fault}")
    expected = _checked(Expected, text, path)
    case = EvalCase(id=folder.name, folder=folder, story=story, expected=expected)
    if not case.inbox.is_dir() or not case.files:
        raise CaseBroken(f"{folder.name}: inbox/ holds no document")
    return case


_File = TypeVar("_File", bound=Record)


def _checked(form: type[_File], text: str, path: Path) -> _File:
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        raise CaseBroken(f"{path.parent.name}: {path.name}: {_told(error)}") from None


def read_cases(names: Iterable[str] = (), tags: Sequence[str] = (), root: Path = CASES) -> list[EvalCase]:
    """All cases by their numbers, or those named (by id or its beginning), of these only those with one of
    `tags`. Where some are named, no other folder is read. Raises CaseBroken for a name or a tag that means
    none, and where none has both."""
    found = [read_case(folder) for folder in case_folders(root, names)]
    for tag in tags:
        if not any(case.tagged(tag) for case in found):
            raise CaseBroken(_no_tag(tag, found))
    return [case for case in found if not tags or any(case.tagged(tag) for tag in tags)]


def read_one(name: str, root: Path = CASES) -> EvalCase:
    """The case of this id, or the only one whose id begins so. Raises CaseBroken."""
    folders = case_folders(root, [name])
    exact = [folder for folder in folders if folder.name == name]
    if len(folders) > 1 and not exact:
        told = ", ".join(folder.name for folder in folders[:3])
        more = f" and {len(folders) - 3} more" if len(folders) > 3 else ""
        raise CaseBroken(f"{name} may be {told}{more}: name one of them")
    return read_case((exact or folders)[0])


def case_folders(root: Path, names: Iterable[str] = ()) -> list[Path]:
    """Folders of cases below `root`, by their numbers; with `names` those that are called so, or begin so.
    Nothing in them is read. Raises CaseBroken for a root without cases and a name that means none."""
    try:
        folders = sorted(path for path in root.iterdir() if (path / STORY).is_file())
    except OSError as error:
        raise CaseBroken(f"--root {root} cannot be read as a folder of cases: {error.strerror}") from None
    if not folders:
        raise CaseBroken(f"--root {root} holds no cases, that is no folders with a {STORY}")
    wanted = tuple(names)
    for name in wanted:
        if not name or not any(folder.name.startswith(name) for folder in folders):
            lacking = f": {name}/{STORY} is missing" if name and (root / name).is_dir() else ""
            raise CaseBroken(f"there is no case {name or repr(name)} in {root}{lacking}")
    return [folder for folder in folders if not wanted or folder.name.startswith(wanted)]


def _no_tag(tag: str, cases: Sequence[EvalCase]) -> str:
    """The tiers and the tags nearest to it, else the most frequent ones."""
    counted = Counter(own for case in cases for own in case.story.tags)
    near = get_close_matches(tag, counted, _NEAREST) or [own for own, _ in counted.most_common(_NEAREST)]
    more = f" and {len(counted) - len(near)} more" if len(counted) > len(near) else ""
    tiers = ", ".join(tier for tier in Tier if any(case.story.tier == tier for case in cases))
    return f"no case here has the tier or tag {tag!r}; tiers: {tiers}; tags: {', '.join(near)}{more}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseBroken(f"{path.parent.name}: {path.name} cannot be read ({_short(error)})") from None


def _short(error: OSError | UnicodeDecodeError) -> str:
    return str(error.strerror) if isinstance(error, OSError) else "it is no UTF-8"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise CaseBroken(f"{path.parent.name}: {path.name} is no TOML: {error}") from None


def _told(error: ValidationError) -> str:
    """Not of a list that it is too short where an entry of it is faulty: faulty ones were not counted."""
    problems = error.errors(include_url=False, include_input=False)
    places = [entry["loc"] for entry in problems]
    return "; ".join(
        _problem(entry["loc"], entry["type"], entry["msg"])
        for entry in problems
        if not any(place[: len(entry["loc"])] == entry["loc"] != place for place in places)
    )


def _problem(place: tuple[int | str, ...], kind: str, message: str) -> str:
    where = ".".join(map(str, place))
    if kind == "missing" and place[-1] in _NEEDED:
        return f"{where} is missing: {_NEEDED[place[-1]]}"
    return f"{where}: {message}" if where else message


_NEEDED: Mapping[int | str, str] = {
    "stages": 'where each document stands in this end, such as {"re-1.xml": "posted"}',
    "changes": "every change of the books in this end, in words; [] where they are as before",
    "ends": "every way in which the case may end, at least one",
    "findings": 'document -> {"must": […], "may": […]}, kinds of findings; {} where none is expected',
    "title": "what the case is, in a few words",
    "why": "the rule or the accident it stands for",
    "tier": f"one of {', '.join(Tier)}",
    "tags": "words to choose it by, at least one",
    "today": 'the day of the case, such as "2026-03-16"',
}
"""Field that cannot be left away -> what it says."""
