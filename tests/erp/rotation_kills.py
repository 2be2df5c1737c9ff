"""A process is killed (-9) at a random moment while it renews a refresh token that works once.

    python -m tests.erp.rotation_kills [KILLS]

What can be lost is what nobody can keep: the service gave a pair and the process died before it read it. Each
time the next process must either have a token or be told the cause and the way out.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.erp.exact_setup import consented, settings
from tests.erp.rotation_bench import Served, ask, served, tell, worker

_LONGEST = 0.15
"""Seconds after which the process is killed at the latest; a renewal takes about a tenth of a second here."""


@dataclass
class Kills:
    kills: int = 0
    renewed: int = 0
    """The service had given a new pair when the process died."""
    lost: int = 0
    told: int = 0
    """Of the lost ones, those told with the cause and the way out."""


def run(kills: int, seed: int = 7) -> Kills:
    source, found = random.Random(seed), Kills()  # noqa: S311 - repeatable, not secret
    with served() as server, tempfile.TemporaryDirectory() as name:
        _consent(server, Path(name))
        for _ in range(kills):
            _kill_one(server, Path(name), source.random() * _LONGEST, found)
    return found


def _consent(server: Served, folder: Path) -> None:
    chosen = settings(folder, base_url=server.url)
    asyncio.run(consented(chosen, httpx.AsyncHTTPTransport(), now=server.now))


def _kill_one(server: Served, folder: Path, after: float, found: Kills) -> None:
    with ExitStack() as stack:
        victim, heir = (stack.enter_context(worker(server.url, folder)) for _ in range(2))
        ask([victim, heir], server.now())  # both are awake
        server.clock.pass_by(601)
        issued = server.login.issued
        tell(victim, server.now())
        time.sleep(after)
        victim.kill()
        victim.wait()
        found.kills += 1
        found.renewed += server.login.issued > issued
        ((answer,),) = ask([heir], server.now())
        if not answer.startswith("Bearer "):
            found.lost += 1
            found.told += "never arrived" in answer and "erp-agent connect exact" in answer
            _consent(server, folder)


def main() -> None:
    found = run(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
    sys.stdout.write(
        f"{found.kills} kills, in {found.renewed} the service had renewed already; lost with the process: "
        f"{found.lost}, told with cause and way out: {found.told}\n"
    )


if __name__ == "__main__":
    main()
