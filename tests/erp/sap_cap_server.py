"""SAP's own OData server, from its application framework (CAP), over the published tables: installed on first
use under `.cache/cap`, started on a free port of this machine with the standard world's rows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

from tests.erp.sap_cap_model import model, rows
from tools.erp.sandbox.company import Company

HOME = Path(__file__).parents[2] / ".cache/cap"
FILES = Path(__file__).with_name("sap_cap")


def made() -> str | None:
    """Install the server once; why it cannot be installed, or None."""
    npm = shutil.which("npm")
    if npm is None:
        return "there is no npm on this machine"
    HOME.mkdir(parents=True, exist_ok=True)
    wanted = (FILES / "package.json").read_text(encoding="utf-8")
    ready = HOME / "ready"
    if ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return None
    (HOME / "package.json").write_text(wanted, encoding="utf-8")
    command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(  # noqa: S603
        command, cwd=HOME, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        return f"npm install: {(done.stderr or done.stdout).strip().splitlines()[-1:]}"
    ready.write_text(wanted, encoding="utf-8")
    return None


@contextmanager
def serving(company: Company) -> Iterator[str]:
    """The server's address."""
    (HOME / "srv").mkdir(exist_ok=True)
    (HOME / "srv/model.cds").write_text(model(), encoding="utf-8")
    (HOME / "rows.json").write_text(json.dumps(rows(company)), encoding="utf-8")
    shutil.copy(FILES / "server.js", HOME / "server.js")
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (HOME / "server.log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603
            [str(HOME / "node_modules/.bin/node"), "node_modules/.bin/cds-serve", "all"],
            cwd=HOME,
            env={**os.environ, "PORT": str(port)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Until the rows are in; the log tells both."""
    for _ in range(600):
        told = (HOME / "server.log").read_text(encoding="utf-8", errors="replace")
        if "rows are in" in told and "server listening" in told:
            return
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"the server ended: {told[-2000:]}")
    raise RuntimeError("the server does not answer")
