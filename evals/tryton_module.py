"""A real Tryton with the module of `tools/erp/tryton/extension`: installed as its README says, once for each
version of its source, and its company a copy of the plain one's."""

from __future__ import annotations

import fcntl
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evals.tryton_server import (
    CACHE,
    DATABASE,
    TrytonServer,
    configured,
    copy_database,
    digest_of,
    prepared,
    run_command,
    served,
)

SOURCE = Path(__file__).parents[1] / "tools" / "erp" / "tryton" / "extension"
MODULE = "erp_agent_invoice_hold"
_KEPT = {".py", ".xml", ".cfg", ".toml"}


@contextmanager
def running_with_module(folder: Path, year: int, cache: Path = CACHE) -> Iterator[TrytonServer]:
    """As `tryton_server.running`, with the module. Raises TrytonAbsent."""
    environment, plain = prepared(cache, year)
    modules, base = _installed(cache, environment, plain)
    copy_database(base, folder / f"{DATABASE}.sqlite")
    with served(environment, folder, {}, modules) as server:
        yield server


def _installed(cache: Path, environment: Path, plain: Path) -> tuple[Path, Path]:
    """Folder of the installed module, and the database where it is activated; one process at a time."""
    sources = sorted(path for path in SOURCE.rglob("*") if path.suffix in _KEPT)
    name = f"{plain.stem}-{digest_of(*sources)}"
    modules, base = cache / f"module-{name}", cache / f"module-{name}.sqlite"
    with (cache / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not base.exists():
            _install(environment, plain, modules, base)
    return modules, base


def _install(environment: Path, plain: Path, modules: Path, base: Path) -> None:
    shutil.rmtree(modules, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    run_command([*pip, *offline, "--target", str(modules), str(SOURCE)])
    folder = base.with_suffix(".making")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    database = folder / f"{DATABASE}.sqlite"
    copy_database(plain, database)
    admin = [str(environment / "bin" / "trytond-admin"), "-c", str(configured(folder, 1)), "-d", DATABASE]
    run_command(["env", f"PYTHONPATH={modules}", *admin, "-u", MODULE])
    ready = folder / "ready.sqlite"
    copy_database(database, ready)
    ready.rename(base)
    shutil.rmtree(folder)
