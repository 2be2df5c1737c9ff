"""Time to the first token of the 2nd..nth case against the 1st, with a long constant beginning.

For each engine of local models that is installed; and of the 1st case of the next process, which finds the
beginning on disk. The baseline is the 1st case: the whole prompt is read.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from agent.llm.contract import Message, Role
from agent.llm.engine import Call, Completion, Engine, EngineName, Halt
from agent.llm.engines import installed, load_engine, physical_cores
from evals.machine import describe

CONTEXT = 8192
_SCHEMA = {
    "type": "object",
    "properties": {
        "choice": {"enum": ["pay_as_ordered", "ask_supplier", "ask_buyer", "reject"]},
        "reason": {"type": "string", "maxLength": 120},
    },
    "required": ["choice", "reason"],
}
_RULES = (
    "A price above the tolerance is asked back at the buyer who ordered. ",
    "A quantity above what was received waits for the receipt of the rest. ",
    "Freight that the order does not name is paid only where the terms allow it. ",
    "A tax rate that does not fit the goods is asked back at the supplier. ",
    "A document that came before under another number is never paid a second time. ",
)
_CASES = (
    "The unit price of line 2 is 8.0 percent above the order, outside the tolerance.",
    "The quantity of line 1 is 3 above what was received.",
    "Freight of 45.00 EUR is billed; the order names none.",
    "Line 4 carries the reduced tax rate; the order has the standard rate.",
    "Line 1 is billed in boxes, the order has pieces; 12 pieces are a box.",
    "The total is 0.02 EUR above the sum of the lines.",
)


class EngineRow(BaseModel):
    """One engine; milliseconds to the first token, tokens a second."""

    model_config = ConfigDict(frozen=True)

    engine: str
    load_seconds: float
    prompt_tokens: int
    constant_tokens: int
    first_ms: int
    later_ms: int
    """Median of the 2nd to the last case."""
    restarted_ms: int
    """1st case of a new process with the beginning kept on disk."""
    read_per_second: float
    written_per_second: float

    @property
    def ratio(self) -> float:
        return self.later_ms / self.first_ms

    @property
    def restarted_ratio(self) -> float:
        return self.restarted_ms / self.first_ms


class PrefixReport(BaseModel):
    model_config = ConfigDict(frozen=True)

    machine: str
    model: str
    cases: int
    threads: int
    rows: tuple[EngineRow, ...]


def run(path: Path, constant_tokens: int, cases: int) -> PrefixReport:
    """Raises ModelTrouble when the model cannot be loaded."""
    rows = tuple(_measure(path, name, constant_tokens, cases) for name in installed())
    return PrefixReport(machine=describe(), model=path.name, cases=cases, threads=physical_cores(), rows=rows)


def _measure(path: Path, name: EngineName, constant_tokens: int, cases: int) -> EngineRow:
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        engine = load_engine(path, name, CONTEXT)
        loaded = time.monotonic() - started
        constant = _constant(engine, constant_tokens)
        done = [_ask(engine, constant, _CASES[number % len(_CASES)]) for number in range(cases)]
        engine.close()
        restarted = _after_restart(path, name, constant, Path(folder))
        first, later = done[0], done[1:]
        writing = [one for one in done if one.tokens_out > 1]
        return EngineRow(
            engine=engine.library,
            load_seconds=round(loaded, 2),
            prompt_tokens=first.tokens_in,
            constant_tokens=min(one.tokens_cached for one in later),
            first_ms=_first(first),
            later_ms=round(statistics.median(_first(one) for one in later)),
            restarted_ms=_first(restarted),
            read_per_second=round(first.tokens_in * 1000 / _first(first), 1),
            written_per_second=round(statistics.median(_writing_speed(one) for one in writing), 1),
        )


def _after_restart(path: Path, name: EngineName, constant: str, folder: Path) -> Completion:
    """A process that leaves the beginning on disk, and one that finds it there."""
    before = load_engine(path, name, CONTEXT, states=folder)
    _ask(before, constant, _CASES[0])
    before.close()
    after = load_engine(path, name, CONTEXT, states=folder)
    done = _ask(after, constant, _CASES[1])
    after.close()
    return done


def _constant(engine: Engine, tokens: int) -> str:
    """Rules, numbered, until they have that many tokens."""
    lines: list[str] = []
    count = 0
    while count < tokens:
        line = f"Rule {len(lines) + 1}: {_RULES[len(lines) % len(_RULES)]}"
        lines.append(line)
        count += engine.count_tokens(line)
    return "You are an accounts payable clerk and answer in JSON.\n" + "\n".join(lines)


def _ask(engine: Engine, constant: str, case: str) -> Completion:
    messages = (Message(role=Role.SYSTEM, text=constant), Message(role=Role.USER, text=case))
    return engine.complete(Call(messages=messages, json_schema=_SCHEMA, max_tokens=80), Halt())


def _first(done: Completion) -> int:
    return max(done.first_token_ms or done.milliseconds, 1)


def _writing_speed(done: Completion) -> float:
    return (done.tokens_out - 1) * 1000 / max(done.milliseconds - _first(done), 1)


def print_report(report: PrefixReport, console: Console) -> None:
    console.print(report.machine, highlight=False)
    console.print(f"{report.model}, {report.threads} threads, {report.cases} cases", highlight=False)
    table = Table(
        *("engine", "load s", "prompt", "kept", "first ms", "later ms", "ratio", "restarted", "ratio"),
        *("read/s", "written/s"),
        box=None,
    )
    for row in report.rows:
        table.add_row(
            row.engine,
            f"{row.load_seconds:.2f}",
            str(row.prompt_tokens),
            str(row.constant_tokens),
            str(row.first_ms),
            str(row.later_ms),
            f"{row.ratio:.3f}",
            str(row.restarted_ms),
            f"{row.restarted_ratio:.3f}",
            f"{row.read_per_second:.1f}",
            f"{row.written_per_second:.1f}",
        )
    console.print(table)
