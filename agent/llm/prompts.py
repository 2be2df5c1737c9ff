"""Prompts: versioned text files with strict variables.

`prompts/<name>/v<N>.md` begins with a TOML head between two lines `+++`:

    +++
    purpose = "what the model is asked to do"
    output = "what it answers, and to which schema"
    changed = "what is new in this version"

    [inputs]                  # every variable of the text, and nothing else
    language = "value"        # our own words and numbers
    document = "data"         # text from outside: a MarkedText
    +++

then the parts, each under a line `<!-- system -->`, `<!-- user -->` or `<!-- assistant -->` (an example
answer). `{{language}}` is replaced; single braces are ordinary text, so JSON needs no escape. A text that is
filled in is never searched for variables or parts again. `prompts/active.toml` names the version in use. A
released version is never edited; `prompts/sums.toml` holds the SHA-256 of each.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from agent.llm.contract import Message, Rendered, Role
from tools.domain.money import Money
from tools.domain.record import Record
from tools.untrusted_text import MarkedText

FOLDER = Path(__file__).parents[2] / "prompts"
"""Beside the packages, in the source tree and in an installation."""

_HEAD = re.compile(r"\A\+\+\+\n(?P<head>.*?)^\+\+\+\n(?P<text>.*)\Z", re.DOTALL | re.MULTILINE)
_PART = re.compile(r"^<!-- (system|user|assistant) -->[ \t]*\n", re.MULTILINE)
_VARIABLE = re.compile(r"\{\{(\w+)\}\}")
_VERSION = re.compile(r"v([1-9]\d*)\.md")

Value = str | int | Decimal | Money
"""What may be filled in; a float is no exact value."""


class PromptBroken(Exception):
    """A prompt cannot be used as it stands, or was filled in wrongly: a defect of the program or of its
    installation, never of a document. The text names the prompt and the fault, and no value."""


class Origin(StrEnum):
    """Where the value of a variable comes from."""

    VALUE = "value"
    """Made by the program: its own words, ids, computed numbers."""
    DATA = "data"
    """From a document, a mail or the ERP: only as marked text."""


class Head(Record):
    """The head of a prompt's file."""

    purpose: str
    output: str
    changed: str
    inputs: Mapping[str, Origin] = {}


class Prompt(Record):
    """One version of one prompt."""

    name: str
    version: int
    sha256: str
    """Of the file's bytes."""
    head: Head
    parts: tuple[Message, ...]

    def rendered(self, variables: Mapping[str, Value]) -> Rendered:
        """Raises PromptBroken for a missing, unknown or wrongly typed variable."""
        self._check(variables)

        def filled(text: str) -> str:
            return _VARIABLE.sub(lambda found: str(variables[found[1]]), text)

        messages = tuple(Message(role=part.role, text=filled(part.text)) for part in self.parts)
        return Rendered(name=self.name, version=self.version, sha256=self.sha256, messages=messages)

    def _check(self, variables: Mapping[str, Value]) -> None:
        inputs = self.head.inputs
        faults = [f"{{{{{name}}}}} is missing" for name in inputs if name not in variables]
        faults += [f"there is no {{{{{name}}}}}" for name in variables if name not in inputs]
        faults += [
            f"{{{{{name}}}}} {fault}"
            for name, value in variables.items()
            if name in inputs and (fault := _misfit(inputs[name], value))
        ]
        if faults:
            raise PromptBroken(f"prompt {self.name}/v{self.version}: {'; '.join(faults)}")


def _misfit(origin: Origin, value: object) -> str | None:
    """Why the value may not stand for a variable of this origin; None when it may."""
    if origin is Origin.DATA:
        return None if isinstance(value, MarkedText) else "is data: it takes marked text only"
    if isinstance(value, MarkedText):
        return "is a value of the program: it takes no text from outside"
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal | Money):
        return f"takes text or an exact number, not {type(value).__name__}"
    return None


class Prompts:
    """The prompts below one folder. Files are read when they are asked for, and kept."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._kept: dict[tuple[str, int], Prompt] = {}

    def render(self, name: str, **variables: Value) -> Rendered:
        """The active version with its variables filled in. Raises PromptBroken."""
        return self.get(name).rendered(variables)

    def get(self, name: str, version: int | None = None) -> Prompt:
        """One prompt; without `version` the active one. Raises PromptBroken."""
        number = version if version is not None else self._active(name)
        key = (name, number)
        if key not in self._kept:
            self._kept[key] = self._read(name, number)
        return self._kept[key]

    def all(self) -> list[Prompt]:
        """Every version in the folder, by name and number. Raises PromptBroken for the first that is
        faulty."""
        paths = (path for path in self._folder.glob("*/*.md") if _VERSION.fullmatch(path.name))
        found = sorted((path.parent.name, int(path.stem.removeprefix("v"))) for path in paths)
        return [self.get(name, version) for name, version in found]

    def active(self) -> Mapping[str, int]:
        """Name -> version in use. Raises PromptBroken."""
        path = self._folder / "active.toml"
        try:
            versions = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise PromptBroken(f"{path} cannot be read: {error}") from None
        for name, version in versions.items():
            if not isinstance(version, int) or isinstance(version, bool):
                raise PromptBroken(f"{path}: the version of {name} is no whole number")
        return versions

    def _active(self, name: str) -> int:
        versions = self.active()
        if name not in versions:
            raise PromptBroken(f"prompt {name} has no active version in {self._folder / 'active.toml'}")
        return versions[name]

    def _read(self, name: str, version: int) -> Prompt:
        label = f"prompt {name}/v{version}"
        try:
            content = (self._folder / name / f"v{version}.md").read_bytes()
            text = content.decode()
        except (OSError, UnicodeDecodeError) as error:
            raise PromptBroken(f"{label} cannot be read: {error}") from None
        found = _HEAD.match(text)
        if found is None:
            raise PromptBroken(f"{label} has no head between two lines `+++`")
        head, parts = _head(label, found["head"]), _parts(label, found["text"])
        _require_same_variables(label, head, parts)
        digest = hashlib.sha256(content).hexdigest()
        return Prompt(name=name, version=version, sha256=digest, head=head, parts=parts)


def _head(label: str, text: str) -> Head:
    try:
        return Head.model_validate(tomllib.loads(text))
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise PromptBroken(f"{label}: its head is faulty at {places}") from None
    except tomllib.TOMLDecodeError as error:
        raise PromptBroken(f"{label}: its head is not valid TOML: {error}") from None


def _parts(label: str, text: str) -> tuple[Message, ...]:
    before, *rest = _PART.split(text)
    if before.strip() or not rest:
        raise PromptBroken(f"{label}: text stands outside of the parts system, user, assistant")
    parts = tuple(
        Message(role=Role(role), text=body.strip()) for role, body in zip(rest[::2], rest[1::2], strict=True)
    )
    if any(part.role is Role.SYSTEM for part in parts[1:]):
        raise PromptBroken(f"{label}: the part system stands once, at the beginning")
    if not all(part.text for part in parts):
        raise PromptBroken(f"{label}: a part is empty")
    return parts


def _require_same_variables(label: str, head: Head, parts: tuple[Message, ...]) -> None:
    used = {name for part in parts for name in _VARIABLE.findall(part.text)}
    declared = set(head.inputs)
    faults = [f"{{{{{name}}}}} is not declared" for name in sorted(used - declared)]
    faults += [f"{{{{{name}}}}} is declared and not used" for name in sorted(declared - used)]
    if faults:
        raise PromptBroken(f"{label}: {'; '.join(faults)}")
    system = (part for part in parts if part.role is Role.SYSTEM)
    inside = {name for part in system for name in _VARIABLE.findall(part.text)}
    data = sorted(name for name in inside if head.inputs[name] is Origin.DATA)
    if data:
        raise PromptBroken(f"{label}: data stands in the part system: {', '.join(data)}")
