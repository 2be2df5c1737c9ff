"""Which engine runs a model file: found, checked and loaded. The libraries are imported only then."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from agent.llm.contract import ModelUnavailable
from agent.llm.engine import Engine, EngineName, ModelFileUnusable
from agent.settings import let_threads_sleep

_MODULES = {EngineName.LLAMA_CPP: "llama_cpp", EngineName.XLLAMACPP: "xllamacpp"}
"""In the order in which `auto` takes them: built for this machine first."""
_GGUF = b"GGUF"
_SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
NOT_INSTALLED = "no engine for local models is installed; `make local` installs the extra [local]"


def installed() -> list[EngineName]:
    return [name for name, module in _MODULES.items() if find_spec(module) is not None]


def chosen(wanted: EngineName) -> EngineName:
    """Raises ModelUnavailable for an engine that is not installed."""
    there = installed()
    if not there:
        raise ModelUnavailable(NOT_INSTALLED)
    if wanted is EngineName.AUTO:
        return there[0]
    if wanted not in there:
        raise ModelUnavailable(f"the engine {wanted} is not installed; `make local` installs it")
    return wanted


def check_file(path: Path) -> None:
    """Raises ModelFileUnusable when no GGUF file lies there; the libraries say less clearly what is wrong."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except IsADirectoryError:
        raise ModelFileUnusable(f"{path} is a folder; name the GGUF file in it") from None
    except FileNotFoundError:
        raise ModelFileUnusable(f"there is no model file {path}") from None
    except OSError as error:
        raise ModelFileUnusable(f"{path} cannot be read: {error.strerror}") from None
    if start != _GGUF:
        raise ModelFileUnusable(f"{path} is no GGUF file")


def load_engine(
    path: Path, wanted: EngineName, context: int, threads: int | None = None, states: Path | None = None
) -> Engine:
    """A loaded model. `context` in tokens; `states` is a folder for kept prefixes. Raises ModelTrouble."""
    name = chosen(wanted)
    check_file(path)
    states = _usable(states)
    let_threads_sleep()
    if name is EngineName.LLAMA_CPP:
        from agent.llm.llama_cpp_engine import LlamaCppEngine

        return LlamaCppEngine(path, context, threads or physical_cores(), states)
    from agent.llm.xllamacpp_engine import XllamacppEngine

    return XllamacppEngine(path, context, threads or physical_cores(), states)


def _usable(states: Path | None) -> Path | None:
    """A folder that cannot be made or written costs time, not the model."""
    try:
        if states is not None:
            states.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return states if states is not None and os.access(states, os.W_OK) else None


def physical_cores() -> int:
    """Of those that this process may use; two threads on one core only wait for each other."""
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    paths = [Path(_SIBLINGS.format(number)) for number in usable]
    cores = {path.read_text(encoding="ascii") for path in paths if path.exists()}
    return max(len(cores) or len(paths), 1)
