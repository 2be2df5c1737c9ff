"""Inspect in an environment of its own, installed once from `evals/inspect.lock`.

It brings eighty packages that nothing of ours needs (clients of cloud storage, a terminal library), so it is
no part of our lock. It runs as a process and is never imported here.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOCK = Path(__file__).parents[1] / "inspect.lock"
CACHE = Path(__file__).parents[2] / ".cache" / "inspect"
TASK = Path(__file__).with_name("inspect_task.py")
_LONGEST_INSTALL = 600
_LONGEST_RUN = 600


class InspectAbsent(Exception):
    """Inspect cannot be had here; the text says why."""


def inspect_environment(cache: Path = CACHE) -> Path:
    """The environment's folder; made when it is not there yet, by one process at a time. Raises
    InspectAbsent."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        folder = cache / f"venv-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
        if not (folder / "installed").exists():
            _run([sys.executable, "-m", "venv", "--clear", str(folder)])
            pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
            _run([*pip, "--no-deps", "--require-hashes", "--no-compile", "-r", str(LOCK)])
            (folder / "installed").touch()
    return folder


def run_inspect(environment: Path, words: Sequence[str], folder: Path) -> str:
    """`python WORDS` in the environment, with its logs below `folder`; what it printed. Raises InspectAbsent
    with what it said where it fails."""
    return _run([str(environment / "bin" / "python"), *words], cwd=folder, seconds=_LONGEST_RUN)


def _run(command: Sequence[str], cwd: Path | None = None, seconds: int = _LONGEST_INSTALL) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own commands, no shell
            command, capture_output=True, text=True, timeout=seconds, check=False, cwd=cwd
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InspectAbsent(f"{Path(command[0]).name} failed: {error}") from None
    if done.returncode:
        raise InspectAbsent(f"{' '.join(command[:4])} failed: {(done.stderr or done.stdout).strip()[-900:]}")
    return done.stdout + done.stderr
