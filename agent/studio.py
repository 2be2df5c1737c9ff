"""The graph for LangGraph Studio, which `langgraph.json` points to: `langgraph dev --allow-blocking` (our
database is read in the server's own thread, and the server stops at that unless it is told not to).

The server is not among our dependencies, and it wants older releases of some libraries that are pinned here:
`python3 -m venv .studio`, `.studio/bin/pip install "langgraph-cli[inmem]" --editable .`, and start it there.

Studio is for looking: at the picture, at a document's way, at a step run again. It brings its own
checkpoints, holds no claim on a case and knows nothing of approvals by digest. So it works on a copy of our
data, which is thrown away at the end, and reads the ERP without ever writing to it. People approve with
`erp-agent`.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from agent.bootstrap import opened
from agent.graph import CaseGraph, build
from agent.settings import DataSettings, Settings, load
from tools.domain.decision import Posting, PostingOrder
from tools.erp.contract import Erp
from tools.erp.errors import ErpRejected

_DATABASES = ("erp-agent.sqlite", "checkpoints.sqlite")
_INDEX = "suppliers"


class ReadingErp:
    """An ERP that is only read, whatever else it can."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp

    def __getattr__(self, name: str) -> Any:
        return getattr(self._erp, name)

    async def write(self, order: PostingOrder) -> Posting:
        _refuse()

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        _refuse()


def _refuse() -> NoReturn:
    raise ErpRejected("Studio writes nothing to the ERP; approve with `erp-agent approve`")


@asynccontextmanager
async def looking(settings: Settings, **parts: Any) -> AsyncIterator[CaseGraph]:
    """The graph over a copy of the data, without a checkpointer: the server that opens it brings its own.
    `parts` replace real objects in tests, as in `bootstrap.opened`."""
    with TemporaryDirectory(prefix="erp-agent-studio-") as copy:
        await asyncio.to_thread(_copy, settings.data.folder, Path(copy))
        copied = settings.model_copy(update={"data": DataSettings(folder=Path(copy))})
        async with opened(copied, **parts) as application:
            deps = application.service.deps
            yield build(replace(deps, erp=ReadingErp(deps.erp)))


def _copy(folder: Path, to: Path) -> None:
    """What there is of our data; the databases as they stand at one moment, also while others write."""
    for name in _DATABASES:
        if (folder / name).is_file():
            source = sqlite3.connect(f"file:{folder / name}?mode=ro", uri=True)
            with closing(source), closing(sqlite3.connect(to / name)) as target:
                source.backup(target)
    if (folder / _INDEX).is_dir():
        shutil.copytree(folder / _INDEX, to / _INDEX)


@asynccontextmanager
async def graph() -> AsyncIterator[CaseGraph]:
    """As the server calls it, with the settings of `ERP_AGENT_CONFIG` or `erp-agent.toml`. Raises
    SettingsError."""
    async with looking(await asyncio.to_thread(load)) as found:
        yield found
