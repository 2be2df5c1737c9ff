"""A local model as the settings describe it: its file, its engine, and where its prefixes are kept."""

from __future__ import annotations

from agent.llm.engine import MODEL_SEED, EngineName
from agent.llm.local import LocalChat
from agent.llm.model_files import model_path, prefix_folder
from agent.llm.settings import LocalSettings


def local_chat(entry: LocalSettings) -> LocalChat:
    """The chat model; it is loaded at its first question. Raises ModelUnavailable."""
    return LocalChat.from_file(
        model_path(entry),
        engine=EngineName(entry.engine),
        context=entry.n_ctx,
        threads=entry.threads,
        timeout_seconds=entry.timeout_seconds,
        states=prefix_folder(),
        temperature=entry.temperature,
        seed=MODEL_SEED if entry.seed is None else entry.seed,
    )
