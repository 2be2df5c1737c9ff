"""A local model as the settings describe it: its file, its engine, and where its prefixes are kept."""

from __future__ import annotations

from pathlib import Path

from agent.llm.contract import ModelUnavailable
from agent.llm.engine import EngineName
from agent.llm.local import LocalChat
from agent.llm.model_files import ModelFileTrouble, fetched, home
from agent.llm.settings import LocalSettings


def model_path(entry: LocalSettings) -> Path:
    """The GGUF file. Raises ModelUnavailable when a model of the catalogue was not fetched."""
    if entry.path is not None:
        return entry.path.expanduser()
    try:
        return fetched(entry.download or "")
    except ModelFileTrouble as error:
        raise ModelUnavailable(str(error)) from None


def prefix_folder() -> Path:
    return home().parent / "prefixes"


def local_chat(entry: LocalSettings) -> LocalChat:
    """The chat model; it is loaded at its first question. Raises ModelUnavailable."""
    return LocalChat.from_file(
        model_path(entry),
        engine=EngineName(entry.engine),
        context=entry.n_ctx,
        threads=entry.threads,
        timeout_seconds=entry.timeout_seconds,
        states=prefix_folder(),
    )
