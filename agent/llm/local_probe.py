"""Does a local model run on this machine? Tried in a child process: a library built for another processor
ends the process that uses it, and it imports and loads a model without complaint before."""

from __future__ import annotations

import json
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from agent.llm.contract import Message, ModelTrouble, Role
from agent.llm.engine import Call, Completion, Engine, EngineName, Finish, Halt
from agent.llm.engines import load_engine
from agent.llm.model_files import model_path
from agent.llm.settings import LocalSettings

State = Literal["ok", "note", "fault"]
_TOKENS = 600
"""The faulty path of a wrong build is taken only by prompts longer than some hundred tokens."""
_SECONDS = 300.0
_END_SECONDS = 10.0
_MEGABYTE = 1_000_000
_BUILD = (
    "llama-cpp-python was built for a processor that this machine only pretends to be (illegal instruction, "
    "known of AMX). Remove it with `pip uninstall llama-cpp-python` and `pip cache remove llama_cpp_python`, "
    'then build it with CFLAGS and CXXFLAGS="-mno-amx-tile -mno-amx-int8 -mno-amx-bf16" and '
    'CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF"; `make local` does this. Or set engine = "xllamacpp"'
)
_ENDS = {
    signal.SIGILL: _BUILD,
    signal.SIGKILL: "the system ended it, most likely for want of memory; take a smaller model or n_ctx",
    signal.SIGSEGV: 'the library broke off (segmentation fault); try the other engine (engine = "xllamacpp")',
    signal.SIGABRT: "the library broke off (abort); the file may be of a newer form than the library knows",
}


@dataclass(frozen=True)
class LocalCheck:
    """One thing tried, and how it went."""

    what: str
    state: State
    message: str


Child = Callable[[Connection, Path, LocalSettings], None]


def probe_local(entry: LocalSettings, seconds: float = _SECONDS) -> list[LocalCheck]:
    """Load the model, read a long prompt, keep to a schema, call a tool; up to the first fault. Blocks for 10
    to 30 seconds. Only after this is a model safe to be loaded into this process."""
    try:
        path = model_path(entry)
    except ModelTrouble as error:
        return [LocalCheck("file", "fault", str(error))]
    return [*_memory(path), *tried(examine, path, entry, seconds)]


def _memory(path: Path) -> Iterator[LocalCheck]:
    """Linux tells what is free; elsewhere nothing is said."""
    facts = Path("/proc/meminfo")
    if not path.is_file() or not facts.exists():
        return
    line = next((one for one in facts.read_text().splitlines() if one.startswith("MemAvailable:")), None)
    free, size = int(line.split()[1]) * 1024 if line else 0, path.stat().st_size
    if line and free < size:
        words = f"{free // _MEGABYTE} MB free, the file alone has {size // _MEGABYTE} MB: very slow, or ended"
        yield LocalCheck("memory", "note", words)


def tried(child: Child, path: Path, entry: LocalSettings, seconds: float) -> list[LocalCheck]:
    """What the child told, and how it ended."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=child, args=(there, path, entry), daemon=True)
    process.start()
    there.close()
    found = list(_received(here, time.monotonic() + seconds))
    process.join(_END_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return [*found, LocalCheck("run", "fault", f"it did not end within {seconds:g} seconds")]
    return found + [end for end in _ended(process.exitcode or 0) if not _faulty(found)]


def _faulty(found: list[LocalCheck]) -> bool:
    return any(check.state == "fault" for check in found)


def _received(connection: Connection, until: float) -> Iterator[LocalCheck]:
    """Until the child closes its end, by finishing or by dying."""
    try:
        while connection.poll(max(0.0, until - time.monotonic())):
            yield LocalCheck(*connection.recv())
    except EOFError:
        return


def _ended(code: int) -> Iterator[LocalCheck]:
    if code < 0:
        number = signal.Signals(-code)
        yield LocalCheck("run", "fault", _ENDS.get(number, f"it was ended by signal {number.name}"))
    elif code:
        yield LocalCheck("run", "fault", f"it ended with code {code}")


def examine(connection: Connection, path: Path, entry: LocalSettings) -> None:
    """In the child: try one thing after the other, tell each, end at the first fault."""
    try:
        started = time.monotonic()
        engine = load_engine(path, EngineName(entry.engine), entry.n_ctx, entry.threads)
        loaded = f"{path.name} with {engine.library} in {time.monotonic() - started:.1f} s"
        connection.send(("load", "ok", loaded))
        for what, trial in (("read", _read), ("schema", _schema), ("tool call", _tool_call)):
            state, message = trial(engine)
            connection.send((what, state, message))
            if state == "fault":
                return
        engine.close()
    except ModelTrouble as error:
        connection.send(("run", "fault", str(error)))
    finally:
        connection.close()


def _asked(engine: Engine, text: str, schema: dict[str, Any] | None, max_tokens: int) -> Completion:
    messages = (Message(role=Role.SYSTEM, text="You answer in JSON."), Message(role=Role.USER, text=text))
    call = Call(messages=messages, json_schema=schema, max_tokens=max_tokens)
    return engine.complete(call, Halt(_SECONDS))


def _read(engine: Engine) -> tuple[State, str]:
    sentence = "An invoice names its order, its lines and their amounts. "
    text = sentence * (_TOKENS // engine.count_tokens(sentence) + 5)
    done = _asked(engine, text, None, 8)
    read = (done.tokens_in - done.tokens_cached) / max((done.first_token_ms or 1) / 1000, 0.001)
    if done.tokens_out == 0:
        return "fault", f"it read {done.tokens_in} tokens and wrote nothing"
    return "ok", f"{done.tokens_in} tokens, {read:.0f} a second"


_CHOICE = {
    "type": "object",
    "properties": {"choice": {"enum": ["pay", "ask"]}, "why": {"type": "string", "maxLength": 60}},
    "required": ["choice", "why"],
}
_CALL = {
    "oneOf": [
        {
            "type": "object",
            "properties": {
                "tool": {"const": tool},
                "arguments": {
                    "type": "object",
                    "properties": {key: {"enum": ["A-1", "B-2"]}},
                    "required": [key],
                },
            },
            "required": ["tool", "arguments"],
        }
        for tool, key in (("get_invoice", "case"), ("get_purchase_order", "order"))
    ]
}


def _schema(engine: Engine) -> tuple[State, str]:
    done = _asked(engine, "The price is higher than ordered. Pay, or ask the buyer?", _CHOICE, 80)
    value = _value(done)
    if value.get("choice") not in ("pay", "ask") or not isinstance(value.get("why"), str):
        return "fault", f"the answer does not keep to its schema: {done.text[:80]!r}"
    return "ok", f"kept, {done.tokens_out * 1000 / max(done.milliseconds, 1):.1f} tokens a second"


def _tool_call(engine: Engine) -> tuple[State, str]:
    value = _value(_asked(engine, "Call the tool that shows purchase order B-2.", _CALL, 80))
    arguments = value.get("arguments")
    if value.get("tool") not in ("get_invoice", "get_purchase_order") or not isinstance(arguments, dict):
        return "fault", "it called no tool"
    asked_for = value["tool"] == "get_purchase_order" and arguments.get("order") == "B-2"
    return ("ok", "the right one") if asked_for else ("note", "well formed, but not the one asked for")


def _value(done: Completion) -> dict[str, Any]:
    """The object answered; empty where there is none."""
    try:
        found = json.loads(done.text) if done.finish is Finish.STOP else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
