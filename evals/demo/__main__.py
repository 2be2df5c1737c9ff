"""`make demo`: one inbox of real invoices against a company whose ERP answers over HTTP.

Everything is done with the commands a clerk would type, in front of a Business Central sandbox on a port of
this machine. `DEMO_YES=1` approves without asking.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from pathlib import Path

from evals.demo.clerk import (
    COMPANY,
    HERE,
    SECRET,
    approve,
    console,
    rows,
    run,
    say,
    show_balance,
    show_proof,
    write_settings,
)
from evals.demo.proof import Line, compare, final_word, trial_balance
from evals.machine import describe
from evals.servers import SandboxServer, serving

WORK = Path("var/demo")


_WAITING = ("waiting_for_answer", "waiting_for_approval", "outcome_unknown", "unreadable", "not_an_invoice")


def main() -> int:
    """Returns the exit code: 0 when the books are right at the end."""
    started = time.monotonic()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    with serving("business_central", HERE / "world.json", COMPANY) as server:
        lines, config = _morning(server)
    show_proof(lines)
    words = f"{final_word(lines)} {time.monotonic() - started:.0f} s on {describe()}."
    console.print(f"[dim]{words}\n{_look_around(config, server)}[/]", soft_wrap=True)
    return 0 if all(line.holds for line in lines) else 1


def _look_around(config: Path, server: SandboxServer) -> str:
    """What can be typed now. The sandbox kept its books in memory and has ended with the demo."""
    agent = f"{'='.join(SECRET)} {{}}.venv/bin/erp-agent --config {config}"
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
    config = write_settings(WORK / "erp-agent.toml", WORK, server)
    say("The supplier master, and the bank accounts that people verified")
    run(config, "suppliers", "sync")
    run(config, "suppliers", "import-accounts", str(HERE / "verified_accounts.csv"))
    before = server.books()
    show_balance("Trial balance before", trial_balance(before))
    say("The inbox")
    run(config, "run", str(HERE / "inbox"))
    say("One case that does not match, as the clerk sees it")
    run(config, "show", _first(config, "price_over"))
    say("Approval by the person at the keyboard, of what matches and needs no look of its own")
    approve(config, "--clean")
    say("What carries a warning is approved by its own name: the first of these")
    approve(config, *_waiting(config)[:3])
    after = server.books()
    show_balance("Trial balance after", trial_balance(after))
    say("What waits, and why")
    run(config, "cases", *(word for stage in _WAITING for word in ("--stage", stage)))
    say("The same inbox once more: nothing is posted again")
    states = _states(config)
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    console.print(f"{sum(states.values())} documents: {counts}")
    again = server.books()
    run(config, "audit", "verify")
    return compare(before, after, again, rows(config, "audit", "export")), config


def _first(config: Path, kind: str) -> str:
    """The first case with this finding."""
    return next(
        (case["case_id"] for case in rows(config, "cases", "--json") if kind in case["blocks"]), "C-000001"
    )


def _states(config: Path) -> Counter[str]:
    """Run the inbox again and count what became of the files."""
    outcomes = rows(config, "run", str(HERE / "inbox"), "--json")
    return Counter(
        f"{'new' if outcome['is_new'] else 'known'}, {outcome['state'].replace('_', ' ')}"
        for outcome in outcomes
    )


def _waiting(config: Path) -> list[str]:
    """Cases whose proposal nobody has approved yet."""
    return [case["case_id"] for case in rows(config, "cases", "--stage", "waiting_for_approval", "--json")]


if __name__ == "__main__":
    raise SystemExit(main())
