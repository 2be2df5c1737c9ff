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
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from agent.state import Stage
from evals.suite.spoken import DraftRule, SaidRule
from evals.suite.steps import TRUSTING, Step
from tools.domain.money import Exact
from tools.domain.record import Record

CASES = Path(__file__).parents[1] / "cases"
WORLDS = Path(__file__).parent / "worlds"
RECORDING = "model.jsonl"


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
        """SHA-256 over everything that makes the run: story, books, documents. Not what is expected of it."""
        parts = [
            self.folder / "case.toml",
            self.folder / "world.json",
            *(self.inbox / name for name in self.files),
        ]
        told = sha256()
        for part in parts:
            content = part.read_bytes() if part.is_file() else b""
            told.update(f"{part.name}:{len(content)}:".encode() + content)
        return told.hexdigest()

    def tagged(self, tag: str) -> bool:
        """Whether the tier or a tag is `tag`; patterns are allowed."""
        return any(fnmatchcase(own, tag) for own in (self.story.tier.value, *self.story.tags))


def read_case(folder: Path) -> EvalCase:
    """Raises CaseBroken."""
    try:
        story = Story.model_validate_json(json.dumps(_toml(folder / "case.toml"), default=str))
        expected = Expected.model_validate_json(_text(folder / "expected.json"))
    except ValidationError as error:
        raise CaseBroken(f"{folder.name}: {_told(error)}") from None
    case = EvalCase(id=folder.name, folder=folder, story=story, expected=expected)
    if not case.inbox.is_dir() or not case.files:
        raise CaseBroken(f"{folder.name}: inbox/ holds no document")
    return case


def read_cases(names: Iterable[str] = (), tags: Sequence[str] = (), root: Path = CASES) -> list[EvalCase]:
    """All cases by their numbers, or those named (by id or its beginning) and those with one of `tags`.
    Raises CaseBroken for a name that means none."""
    found = [read_case(folder) for folder in sorted(root.iterdir()) if (folder / "case.toml").is_file()]
    wanted = list(names)
    for name in wanted:
        if not any(case.id.startswith(name) for case in found):
            raise CaseBroken(f"there is no case {name} in {root}")
    return [
        case
        for case in found
        if (not wanted or any(case.id.startswith(name) for name in wanted))
        and (not tags or any(case.tagged(tag) for tag in tags))
    ]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseBroken(f"{path.parent.name}: {path.name} cannot be read ({error})") from None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise CaseBroken(f"{path.parent.name}: {path.name} is no TOML: {error}") from None


def _told(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in problems)
