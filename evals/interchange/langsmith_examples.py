"""Cases as examples of a LangSmith dataset, one JSON object a line, and back again without a loss.

`inputs`: documents, what people do, the company's books before. `outputs`: how the case may end. `metadata`:
what it is for. The files' own writing travels along, so that an example that nobody edited becomes the very
folder it came from; what was edited in LangSmith wins over it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from langsmith.schemas import Example, ExampleCreate
from pydantic import ValidationError

from evals.suite.case import CaseBroken, EvalCase, read_case
from evals.suite.readiness import check_place

_STORY, _WORLD, _EXPECTED = "case.toml", "world.json", "expected.json"
_CASE_ID = re.compile(r"[A-Za-z0-9][\w-]{0,120}")
_ABOUT = ("title", "why", "tier", "tags", "language", "source", "benign")


def example_of(case: EvalCase) -> ExampleCreate:
    """Raises CaseBroken for a file that cannot be read."""
    story = tomllib.loads(_text(case.folder / _STORY))
    others = sorted(path for path in case.folder.iterdir() if path.is_file() and path.name not in _OWN)
    return ExampleCreate(  # type: ignore[no-untyped-call]
        id=uuid5(NAMESPACE_URL, f"erp-agent:{case.id}"),
        created_at=datetime.combine(case.story.today, time(9), tzinfo=UTC),
        inputs={
            "today": f"{case.story.today}",
            "documents": [{"name": name, **_packed(case.inbox / name)} for name in case.files],
            "steps": [step.model_dump(mode="json") for step in case.story.step],
            "world": json.loads(_text(case.folder / _WORLD)),
        },
        reference_outputs=json.loads(_text(case.folder / _EXPECTED)),
        metadata={
            "case": case.id,
            **{name: story[name] for name in _ABOUT if name in story},
            "files": {name: _text(case.folder / name) for name in _OWN},
            "more": {path.name: _packed(path) for path in others},
        },
        split=str(case.story.tier),
    )


_OWN = (_STORY, _WORLD, _EXPECTED)


def write_examples(cases: Iterable[EvalCase], path: Path) -> int:
    """How many were written. Raises CaseBroken."""
    lines = [
        example_of(case).model_dump_json(by_alias=True, exclude_none=True, exclude=_NOT_DATA)
        for case in cases
    ]
    check_place(path)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


_NOT_DATA = {"use_source_run_io", "use_source_run_attachments"}


def read_examples(path: Path, root: Path) -> list[EvalCase]:
    """Writes each example as a folder below `root`: all of them, or none. Raises CaseBroken naming the line,
    also for a file without examples."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseBroken(f"{path} cannot be read: {error}") from None
    told = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not told:
        raise CaseBroken(f"{path} holds no examples")
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaseBroken(f"--root {root} can be no folder: {error.strerror}") from None
    with TemporaryDirectory(prefix=".import-", dir=root) as beside:
        written = [_written(path, number, line, root, Path(beside)) for number, line in told]
        return [read_case(folder.rename(root / folder.name)) for folder in written]


def _written(path: Path, number: int, line: str, root: Path, beside: Path) -> Path:
    """The folder of one example, in `beside`, read once as a case."""
    try:
        return _folder_of(_example(line), root, beside)
    except CaseBroken as trouble:
        raise CaseBroken(f"{path.name}, line {number}: {trouble}") from None
    except (OSError, ValueError) as error:  # a file's name or text that no file can have
        raise CaseBroken(f"{path.name}, line {number}: its files cannot be written: {error}") from None


def _example(line: str) -> Example:
    """By LangSmith's own schema of an example."""
    try:
        told = json.loads(line)
        if not isinstance(told, dict):
            raise CaseBroken("no LangSmith example: each line is a JSON object")
        return Example(**told)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise CaseBroken(f"no LangSmith example: {'; '.join(faults)}") from None
    except (ValueError, TypeError) as error:
        raise CaseBroken(f"no LangSmith example: {error}") from None
    except RecursionError:
        raise CaseBroken("no LangSmith example: it lies too deep within itself") from None


def _folder_of(example: Example, root: Path, beside: Path) -> Path:
    inputs, metadata = example.inputs or {}, example.metadata or {}
    case_id = str(metadata.get("case", ""))
    if not _CASE_ID.fullmatch(case_id):
        raise CaseBroken(f"metadata.case is no name of a case: {case_id!r}")
    folder = beside / case_id
    if (root / case_id).exists():
        raise CaseBroken(f"{root / case_id} is there already")
    if folder.exists():
        raise CaseBroken(f"{case_id} stands in an earlier line too")
    files = metadata.get("files")
    documents, more = inputs.get("documents"), metadata.get("more", {})
    if not isinstance(files, Mapping) or not isinstance(documents, list) or not isinstance(more, Mapping):
        raise CaseBroken("inputs.documents or metadata.files is missing: not exported by erp-eval")
    written = {
        _STORY: str(files.get(_STORY, "")),
        _WORLD: _whole(inputs.get("world"), files.get(_WORLD)),
        _EXPECTED: _whole(example.outputs, files.get(_EXPECTED)),
    }
    contents = {_plain(name): _unpacked(entry) for name, entry in more.items()}
    if not all(isinstance(entry, Mapping) for entry in documents):
        raise CaseBroken("an entry of inputs.documents is no document with a name")
    inbox = {_plain(entry.get("name")): _unpacked(entry) for entry in documents}
    if len(inbox) < len(documents) or contents.keys() & {*written, "inbox"}:
        raise CaseBroken("two of its files have one name")
    (folder / "inbox").mkdir(parents=True)
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    for name, content in inbox.items():
        (folder / "inbox" / name).write_bytes(content)
    read_case(folder)
    return folder


def _whole(data: Any, written: Any) -> str:
    """The file's own writing where it still says the same, else the data written anew."""
    if isinstance(written, str):
        try:
            if json.loads(written) == data:
                return written
        except ValueError:
            pass
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _plain(name: Any) -> str:
    """A file's name that leads nowhere else."""
    if not isinstance(name, str) or name in ("", ".", "..") or Path(name).name != name or "\\" in name:
        raise CaseBroken(f"{name!r} is no plain file name")
    return name


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseBroken(f"{path}: {error}") from None


def _packed(path: Path) -> dict[str, str]:
    content = path.read_bytes()
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}


def _unpacked(entry: Any) -> bytes:
    try:
        if isinstance(text := entry.get("text"), str):
            return text.encode("utf-8")
        return base64.b64decode(entry["base64"], validate=True)
    except (AttributeError, KeyError, TypeError, binascii.Error):
        raise CaseBroken("a document has neither text nor base64") from None
