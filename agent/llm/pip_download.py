"""Packages from the package index this machine is set up for, through pip; nothing in them is run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

_OPTIONS = (
    *("download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--quiet"),
    *("--disable-pip-version-check", "--no-input", "--retries", "2", "--timeout", "60"),
)
_CREDENTIALS = re.compile(r"//[^/\s@]*@")


class IndexTrouble(Exception):
    """The packages did not come; the text says why."""


def pip_download(requirements: Sequence[str], folder: Path) -> None:
    """Put these packages (`name==version`) into the folder as wheels. Raises IndexTrouble."""
    if find_spec("pip") is None:
        raise IndexTrouble(f"{sys.executable} has no pip; `{sys.executable} -m ensurepip` installs it")
    command = [sys.executable, "-m", "pip", *_OPTIONS, "--dest", str(folder), *requirements]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise IndexTrouble(_told(done.stderr, requirements))


def _told(words: str, requirements: Sequence[str]) -> str:
    if "No space left" in words:
        return "the disk is full"
    if "connection" in words.lower() or "Name or service not known" in words or "timed out" in words:
        return "the package index cannot be reached"
    if "No matching distribution" in words:
        lost = next((one for one in requirements if one in words), requirements[0])
        return f"the package index does not offer {lost}, or cannot be reached"
    lines = [line for line in words.splitlines() if line.startswith("ERROR:")]
    last = lines[-1].removeprefix("ERROR: ") if lines else "no reason given"
    return f"pip failed: {_CREDENTIALS.sub('//', last)}"
