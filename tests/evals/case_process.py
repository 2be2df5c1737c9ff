"""`erp-eval serve-case` as a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class ServedCase:
    url: str
    key: str
    said: str
    """To whoever started it."""

    def call(self, tool: str, **arguments: Any) -> Any:
        """The tool's result, or the text of its refusal."""
        answer = httpx.post(f"{self.url}/tools/{tool}", json=arguments, timeout=30).json()
        return answer.get("result", answer.get("error"))

    def end(self, key: str | None = None) -> httpx.Response:
        headers = {"X-Judge": self.key if key is None else key}
        return httpx.post(f"{self.url}/end", headers=headers, timeout=30)


@contextmanager
def served(case: str, *options: str) -> Iterator[ServedCase]:
    command = [sys.executable, "-m", "evals.cli", "serve-case", case, *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        lines = [process.stdout.readline() for _ in range(3)] if process.stdout else []
        found = re.search(r"on (http://\S+)[\s\S]*X-Judge: (\S+)'", "".join(lines))
        assert found is not None, lines
        yield ServedCase(found[1], found[2], "".join(lines))
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
