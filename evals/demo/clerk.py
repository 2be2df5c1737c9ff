"""The person at the keyboard of a demo: commands as a clerk types them, and what is printed between them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from agent.settings import login
from evals.demo.proof import Balance, Line
from evals.servers import SandboxServer

HERE = (
    Path(__file__).parent.relative_to(Path.cwd())
    if Path(__file__).is_relative_to(Path.cwd())
    else Path(__file__).parent
)
COMPANY = "DEMO"
SECRET = ("ERP_AGENT_ERP__CLIENT_SECRET", "sandbox-secret")
"""It comes from outside the settings file, as in earnest."""
console = Console(highlight=False)


def write_settings(path: Path, data: Path, server: SandboxServer, more: str = "") -> Path:
    """The demo company's settings, with `more` TOML at their end; who runs the demo is its approver."""
    text = (HERE / "erp-agent.toml.in").read_text(encoding="utf-8")
    for name, value in (("@LOGIN@", login()), ("@URL@", server.url), ("@DATA@", str(data.resolve()))):
        text = text.replace(name, value)
    path.write_text(text + more, encoding="utf-8")
    return path


def wanted(name: str) -> str:
    """What the environment says for this demo; empty where it says nothing."""
    return os.environ.get(name, "").strip()


def run(config: Path, *words: str) -> int:
    """One command as a clerk types it, its output on this terminal. Returns its exit code."""
    typed = " ".join(f'"{word}"' if " " in word else word for word in words)
    console.print(f"[bold cyan]$ erp-agent {typed}[/]", soft_wrap=True)
    code = _command(config, words, capture=False).returncode
    if code:
        console.print(f"[red]the command ended with exit code {code}[/]")
    return code


def rows(config: Path, *words: str) -> list[dict[str, Any]]:
    """What a command answers as JSON lines."""
    return [json.loads(line) for line in _command(config, words, capture=True).stdout.splitlines()]


def _command(config: Path, words: Sequence[str], *, capture: bool) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agent.cli", "--config", str(config), *words]
    environment = {**os.environ, SECRET[0]: SECRET[1]}
    environment.setdefault("COLUMNS", "160")
    return subprocess.run(
        command, env=environment, text=True, check=False, stdout=subprocess.PIPE if capture else None
    )


def approve(config: Path, *what: str) -> None:
    """By the person at the keyboard; `DEMO_YES=1` says yes."""
    if not what:
        console.print("nothing waits")
    elif wanted("DEMO_YES") == "1":
        run(config, "approve", *what, "--yes")
    elif sys.stdin.isatty():
        run(config, "approve", *what)
    else:
        console.print("nobody is at the keyboard, so nothing is approved; DEMO_YES=1 approves for you")


def say(text: str) -> None:
    console.print()
    console.rule(f"[bold]{text}", align="left")


def show_balance(title: str, balances: list[Balance]) -> None:
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for column in ("account", "name", "debit", "credit", "balance"):
        table.add_column(column, justify="left" if column in ("account", "name") else "right")
    for row in balances:
        table.add_row(row.account, row.name, str(row.debit), str(row.credit), str(row.balance))
    sums: list[Any] = [
        sum((getattr(row, side) for row in balances), Decimal(0)) for side in ("debit", "credit", "balance")
    ]
    table.add_row("", "total", *map(str, sums), style="bold")
    console.print(table)


def show_proof(lines: Sequence[Line]) -> None:
    say("Proof")
    for line in lines:
        console.print(
            f"[{'green' if line.holds else 'red'}]{'✓' if line.holds else '✗'}[/] {line.text}", soft_wrap=True
        )
