"""Real processes that share one refresh token, over HTTP, round after round: is it ever lost?

python -m tests.erp.rotation_bench [ROUNDS] [PROCESSES]
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import httpx
import uvicorn

from tests.erp.exact_setup import SECRET, TwinClock, consented, settings
from tests.erp.under_test import standard_company
from tools.erp.exact import sandbox
from tools.erp.exact.sandbox_login import LoginService

_CALLS = 25
"""Made at once by each process in each round."""
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    rounds: int
    renewals: int
    lost: int
    """Rounds in which somebody got no token, or another one than the others."""
    seconds: float


@dataclass(frozen=True)
class Served:
    url: str
    clock: TwinClock
    login: LoginService

    def now(self) -> float:
        return self.clock.wall().timestamp()


@contextmanager
def served() -> Iterator[Served]:
    """The sandbox on a port of this machine; its clock is moved from here."""
    clock = TwinClock()
    app = sandbox.app(standard_company(clock.wall), client_secret=SECRET, token_calls_per_day=1_000_000)
    server = app.app
    assert isinstance(server, sandbox.Server)
    listener = socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    runner = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
    thread = threading.Thread(target=runner.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", clock, server.login)
    finally:
        runner.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def worker(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.erp.rotation_worker", url, str(folder)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def tell(process: subprocess.Popen[str], now: float) -> None:
    """What moment it is; the process makes its calls at once."""
    assert process.stdin is not None
    process.stdin.write(json.dumps({"now": now, "calls": _CALLS}) + "\n")
    process.stdin.flush()


def ask(processes: list[subprocess.Popen[str]], now: float) -> list[list[str]]:
    """All at the same moment; their answers."""
    for process in processes:
        tell(process, now)
    return [json.loads(process.stdout.readline()) for process in processes if process.stdout is not None]


def run(rounds: int, processes: int) -> Result:
    """In each round all tokens are over, and every process makes its calls at once."""
    started, lost = time.monotonic(), 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(served())
        chosen = settings(folder, base_url=server.url)
        asyncio.run(consented(chosen, httpx.AsyncHTTPTransport(), now=server.now))
        workers = [stack.enter_context(worker(server.url, folder)) for _ in range(processes)]
        issued = server.login.issued
        for _ in range(rounds):
            server.clock.pass_by(601)
            answers = ask(workers, server.now())
            told = {header for answer in answers for header in answer}
            lost += len(told) != 1 or not next(iter(told)).startswith("Bearer ")
        return Result(rounds, server.login.issued - issued, lost, time.monotonic() - started)


def main() -> None:
    given = [int(each) for each in sys.argv[1:]]
    rounds, processes = (given + [100, 2][len(given) :])[:2]
    found = run(rounds, processes)
    sys.stdout.write(
        f"{found.rounds} rounds, {processes} processes, {_CALLS} calls each at once: {found.renewals} "
        f"renewals, {found.lost} rounds without the same token for all, {found.seconds:.1f} s\n"
    )


if __name__ == "__main__":
    main()
