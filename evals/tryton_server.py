"""A real Tryton on this machine: installed once into an environment of its own, its company made once, and
each run given a copy.

Tryton is GPL-3.0 software of others. It is never imported: it runs as a process and is spoken to over HTTP.
Versions and hashes stand in `tryton.lock`.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import httpx

from evals import tryton_company
from evals.tryton_company import ADMINISTRATOR, COMPANY, PASSWORD, make_company
from evals.tryton_rpc import TrytonRpc

LOCK = Path(__file__).with_name("tryton.lock")
CACHE = Path(__file__).parents[1] / ".cache" / "tryton"
DATABASE = "books"
_MODULES = (
    "country currency party company account account_product account_invoice account_invoice_stock "
    "account_invoice_line_standalone product stock purchase purchase_invoice_line_standalone "
    "account_payment bank"
)
_LONGEST_INSTALL = 300
_LONGEST_START = 60


class TrytonAbsent(Exception):
    """Tryton cannot run here; the text says why."""


@dataclass(frozen=True)
class TrytonServer:
    """A running Tryton with the company of `tryton_company`."""

    url: str
    database: str
    folder: Path
    has_hold_module: bool = False
    """With the module of `tools/erp/tryton/extension`; see `tryton_module.py`."""

    @property
    def settings(self) -> dict[str, Any]:
        """The connector's settings."""
        return {
            "base_url": self.url,
            "database": self.database,
            "company": COMPANY,
            "user": ADMINISTRATOR,
            "password": PASSWORD,
            "hold_module": self.has_hold_module,
        }

    def end_sessions(self) -> None:
        """As if the time of all logins had run out."""
        with sqlite3.connect(self.folder / f"{self.database}.sqlite", timeout=30) as books:
            books.execute("delete from ir_session")
        books.close()

    def rpc(self) -> TrytonRpc:
        return TrytonRpc(self.url, self.database, ADMINISTRATOR, PASSWORD)


@contextmanager
def running(folder: Path, year: int, cache: Path = CACHE, **options: str) -> Iterator[TrytonServer]:
    """A server over a fresh copy of the books in `folder`. Fiscal years are open up to the year after
    `year`. `options` are Tryton's own, for example `session__timeout="4"`. Raises TrytonAbsent."""
    environment, base = prepared(cache, year)
    copy_database(base, folder / f"{DATABASE}.sqlite")
    with served(environment, folder, options) as server:
        yield server


def prepared(cache: Path, year: int) -> tuple[Path, Path]:
    """The environment and the database to copy; made when they are not there yet, which takes a minute.
    One process at a time makes them."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        environment = cache / f"venv-{digest_of(LOCK)}"
        if not (environment / "installed").exists():
            _install(environment)
        base = cache / f"base-{digest_of(LOCK, Path(tryton_company.__file__))}-{year}.sqlite"
        if not base.exists():
            _make_base(environment, base, year)
    return environment, base


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy, whatever still stands in the journal."""
    with sqlite3.connect(source) as read, sqlite3.connect(target) as written:
        read.backup(written)
    read.close()
    written.close()


def digest_of(*files: Path) -> str:
    """Of their contents, for names in the cache."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _install(environment: Path) -> None:
    run_command([sys.executable, "-m", "venv", "--clear", str(environment)])
    pip = [str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    run_command([*pip, "--no-deps", "--require-hashes", "--no-compile", "-r", str(LOCK)])
    (environment / "installed").touch()


def _make_base(environment: Path, base: Path, year: int) -> None:
    folder = base.with_suffix(".making")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    database = folder / f"{DATABASE}.sqlite"
    database.touch()
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    admin = [str(environment / "bin" / "trytond-admin"), "-c", str(configured(folder, 1)), "-d", DATABASE]
    more = ["-p", "--email", "admin@tryton.example", "--activate-dependencies", "-u", *_MODULES.split()]
    run_command(["env", f"TRYTONPASSFILE={secret}", *admin, *more])
    with served(environment, folder, {}) as server:
        rpc = server.rpc()
        make_company(rpc, year + 1)
        rpc.close()
    ready = folder / "ready.sqlite"
    copy_database(database, ready)
    ready.rename(base)
    shutil.rmtree(folder)


def configured(folder: Path, port: int) -> Path:
    """The server's configuration file, written."""
    file = folder / "trytond.conf"
    file.write_text(
        f"[database]\nuri = sqlite:///\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n",
        encoding="utf-8",
    )
    return file


@contextmanager
def served(
    environment: Path, folder: Path, options: Mapping[str, str], modules: Path | None = None
) -> Iterator[TrytonServer]:
    """The server over the database in `folder`; `modules` is a folder of installed modules beside its own."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    named = [f"TRYTOND_{name.upper()}={value}" for name, value in options.items()]
    named += [] if modules is None else [f"PYTHONPATH={modules}"]
    command = ["env", *named, str(environment / "bin" / "trytond")]
    with (folder / "trytond.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [*command, "-c", str(configured(folder, port)), "-d", DATABASE], stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_it_answers(process, url, folder / "trytond.log")
            yield TrytonServer(url, DATABASE, folder, modules is not None)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    question = {"id": 1, "method": "common.server.version", "params": []}
    deadline = time.monotonic() + _LONGEST_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            told = log.read_text("utf-8", "replace")[-600:]
            raise TrytonAbsent(f"trytond ended with code {process.returncode}: {told}")
        try:
            if httpx.post(f"{url}/rpc/", json=question, timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TrytonAbsent("trytond does not answer")


def run_command(command: list[str]) -> None:
    """Raises TrytonAbsent with the end of what a command that failed said."""
    try:
        done = subprocess.run(  # noqa: S603 - our own commands, no shell
            command, capture_output=True, text=True, timeout=_LONGEST_INSTALL, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TrytonAbsent(f"{Path(command[0]).name} failed: {error}") from None
    if done.returncode:
        told = (done.stderr or done.stdout).strip()[-600:]
        raise TrytonAbsent(f"{' '.join(command[:4])} failed: {told}")
