"""Starts an ERP's sandbox server as a process of its own, as a company's ERP is one, and talks to its
control door. The server ends with the context, whatever happened inside."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tools import erp as connectors
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.world import load_world


class ServerFailed(Exception):
    """The sandbox server did not start; the text is what it said."""


@dataclass(frozen=True)
class SandboxServer:
    """A running sandbox. `settings` are the connector's settings to reach it."""

    url: str
    settings: dict[str, Any]

    def books(self) -> dict[str, Any]:
        """Trial balance, documents, orders, receipts."""
        return dict(self._answer("GET", "books"))

    def calls(self) -> dict[str, Any]:
        """HTTP calls by operation, in total, and most at once."""
        return dict(self._answer("GET", "calls"))

    def plan(self, **fault: Any) -> None:
        """Add a fault, for example `kind="slow", seconds="4", times=None`."""
        self._answer("POST", "faults", json=fault)

    def _answer(self, method: str, door: str, **more: Any) -> Any:
        answer = httpx.request(method, f"{self.url}/_sandbox/{door}", timeout=60, **more)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def serving(kind: str, world: Path, company: str) -> Iterator[SandboxServer]:
    """Serve the world's books over the ERP's protocol on a free port of this machine."""
    command = [sys.executable, "-m", "agent.cli", "sandbox", kind, "--world", str(world)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603
    try:
        url = _address(process)
        _wait_until_it_answers(process, url)
        books = Company.load(load_world(world), lambda: datetime.now(UTC))
        login = connectors.server(kind).login(books, url)
        yield SandboxServer(url, {"kind": kind, **login, "company": company})
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    """The first line names the address."""
    line = process.stdout.readline() if process.stdout else ""
    url = line.strip().rpartition(" ")[2]
    if not url.startswith("http://127.0.0.1:"):
        rest = process.stdout.read() if process.stdout else ""
        raise ServerFailed(f"{line}{rest}".strip() or "the sandbox server said nothing")
    return url


def _wait_until_it_answers(process: subprocess.Popen[str], url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerFailed(f"the sandbox server ended with code {process.returncode}")
        try:
            httpx.get(f"{url}/_sandbox/calls", timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise ServerFailed("the sandbox server does not answer")


def as_json(value: Any) -> str:
    """For world files: decimals are texts there already."""
    return json.dumps(value, ensure_ascii=False, indent=1)
