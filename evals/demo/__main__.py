"""`make demo`: one inbox of real invoices against a company whose ERP answers over HTTP.

Everything is done with the commands a clerk would type, in front of a Business Central sandbox on a port of
this machine. `DEMO_YES=1` approves without asking.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from agent.settings import login
from evals.demo.proof import Balance, Line, compare, final_word, trial_balance
from evals.machine import describe
from evals.servers import SandboxServer, serving

HERE = (
    Path(__file__).parent.relative_to(Path.cwd())
    if Path(__file__).is_relative_to(Path.cwd())
    else Path(__file__).parent
)
WORK = Path("var/demo")
COMPANY = "DEMO"
console = Console(highlight=False)


_WAITING = ("waiting_for_answer", "waiting_for_approval", "outcome_unknown", "unreadable", "not_an_invoice")


def main() -> int:
    """Returns the exit code: 0 when the books are right at the end."""
    started = time.monotonic()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    with serving("business_central", HERE / "world.json", COMPANY) as server:
        lines, config = _morning(server)
    _say("Proof")
    for line in lines:
        console.print(f"[{'green' if line.holds else 'red'}]{'✓' if line.holds else '✗'}[/] {line.text}")
    words = f"{final_word(lines)} {time.monotonic() - started:.0f} s on {describe()}."
    console.print(f"[dim]{words}\n{_look_around(config, server)}[/]", soft_wrap=True)
    return 0 if all(line.holds for line in lines) else 1


def _look_around(config: Path, server: SandboxServer) -> str:
    """What can be typed now. The sandbox kept its books in memory and has ended with the demo."""
    agent = f"ERP_AGENT_ERP__CLIENT_SECRET=sandbox-secret {{}}.venv/bin/erp-agent --config {config}"
    again = agent.format("ERP_AGENT_DATA__FOLDER=var/demo-again ")
    port = server.url.rpartition(":")[2]
    world = f"sandbox business_central --world {HERE / 'world.json'} --port {port}"
    return (
        f"Look around: {agent.format('')} cases (show, queue, audit; these ask no ERP, and it has ended).\n"
        f"The same morning by hand: .venv/bin/erp-agent {world} serves the company as it was before, for\n"
        f"  {again} suppliers sync\n"
        f"  {again} suppliers import-accounts {HERE / 'verified_accounts.csv'}\n"
        f"  {again} run {HERE / 'inbox'}"
    )


def _morning(server: SandboxServer) -> tuple[list[Line], Path]:
    """One morning of accounts payable, and what the books say of it."""
    config = _settings(server)
    _say("The supplier master, and the bank accounts that people verified")
    _agent(config, "suppliers", "sync")
    _agent(config, "suppliers", "import-accounts", str(HERE / "verified_accounts.csv"))
    before = server.books()
    _show_balance("Trial balance before", trial_balance(before))
    _say("The inbox")
    _agent(config, "run", str(HERE / "inbox"))
    _say("One case that does not match, as the clerk sees it")
    _agent(config, "show", _first(config, "price_over"))
    _say("Approval by the person at the keyboard, of what matches and needs no look of its own")
    _approve(config, "--clean")
    _say("What carries a warning is approved by its own name: the first of these")
    _approve(config, *_waiting(config)[:3])
    after = server.books()
    _show_balance("Trial balance after", trial_balance(after))
    _say("What waits, and why")
    _agent(config, "cases", *(word for stage in _WAITING for word in ("--stage", stage)))
    _say("The same inbox once more: nothing is posted again")
    states = _states(config)
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    console.print(f"{sum(states.values())} files: {counts}")
    again = server.books()
    _agent(config, "audit", "verify")
    log = [json.loads(line) for line in _call(config, ("audit", "export"), capture=True).splitlines()]
    return compare(before, after, again, log), config


def _settings(server: SandboxServer) -> Path:
    """The demo company's settings; the person running the demo is its approver."""
    text = (HERE / "erp-agent.toml.in").read_text(encoding="utf-8")
    for name, value in (("@LOGIN@", login()), ("@URL@", server.url), ("@DATA@", str(WORK.resolve()))):
        text = text.replace(name, value)
    path = WORK / "erp-agent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _agent(config: Path, *words: str) -> None:
    """One command as a clerk types it, its output on this terminal."""
    console.print(f"[bold cyan]$ erp-agent {' '.join(words)}[/]")
    _call(config, words, capture=False)


def _call(config: Path, words: Sequence[str], *, capture: bool) -> str:
    """The secret comes from outside the settings file, as in earnest."""
    command = [sys.executable, "-m", "agent.cli", "--config", str(config), *words]
    environment = {**os.environ, "ERP_AGENT_ERP__CLIENT_SECRET": "sandbox-secret"}
    environment.setdefault("COLUMNS", "160")
    done = subprocess.run(
        command, env=environment, text=True, check=False, stdout=subprocess.PIPE if capture else None
    )
    return done.stdout or ""


def _first(config: Path, kind: str) -> str:
    """The first case with this finding."""
    lines = _call(config, ("cases", "--json"), capture=True).splitlines()
    cases = [json.loads(line) for line in lines]
    return next((case["case_id"] for case in cases if kind in case["blocks"]), "C-000001")


def _states(config: Path) -> Counter[str]:
    """Run the inbox again and count what became of the files."""
    lines = _call(config, ("run", str(HERE / "inbox"), "--json"), capture=True).splitlines()
    outcomes = [json.loads(line) for line in lines]
    return Counter(
        f"{'new' if outcome['is_new'] else 'known'}, {outcome['state'].replace('_', ' ')}"
        for outcome in outcomes
    )


def _waiting(config: Path) -> list[str]:
    """Cases whose proposal nobody has approved yet."""
    lines = _call(config, ("cases", "--stage", "waiting_for_approval", "--json"), capture=True).splitlines()
    return [json.loads(line)["case_id"] for line in lines]


def _approve(config: Path, *what: str) -> None:
    if not what:
        console.print("nothing waits")
    elif os.environ.get("DEMO_YES") == "1":
        _agent(config, "approve", *what, "--yes")
    elif sys.stdin.isatty():
        _agent(config, "approve", *what)
    else:
        console.print("nobody is at the keyboard, so nothing is approved; DEMO_YES=1 approves for you")


def _say(text: str) -> None:
    console.print()
    console.rule(f"[bold]{text}", align="left")


def _show_balance(title: str, rows: list[Balance]) -> None:
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for column in ("account", "name", "debit", "credit", "balance"):
        table.add_column(column, justify="left" if column in ("account", "name") else "right")
    for row in rows:
        table.add_row(row.account, row.name, str(row.debit), str(row.credit), str(row.balance))
    sums: list[Any] = [
        sum((getattr(row, side) for row in rows), Decimal(0)) for side in ("debit", "credit", "balance")
    ]
    table.add_row("", "total", *map(str, sums), style="bold")
    console.print(table)


if __name__ == "__main__":
    raise SystemExit(main())
