"""Which model plays a run: the word after `--model`, read once and handed to every process.

`none`; `replay` (recorded replies); `first_option` and `abstain` (models that do not think: what a case gives
away for nothing, and what is left when nobody knows); `right` (the options the case names as right: whether
its end can be reached); `plain:MODEL` (LangChain's `create_agent` with a free hand, see `plain_player.py`);
else a GGUF file, a script (`.jsonl`) or a name under `[llm.models]` of the settings.

Trials: pass^k is the share of cases that pass in all of k trials. At temperature 0 a model on one machine
gives the same answer to the same prompt, so that k trials tell what one tells; they say something about
steadiness only with `--temperature` above 0 (each trial then draws with the next seed) or with an endpoint
that is not steady by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.llm.settings import LlmSettings, OpenAiSettings
from evals.suite.case import CaseBroken
from tools.domain.record import Record

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

NONE, REPLAY, FIRST_OPTION, ABSTAIN, RIGHT = "none", "replay", "first_option", "abstain", "right"
SCRIPTED = (FIRST_OPTION, ABSTAIN, RIGHT)
PLAIN = "plain:"
SEED = 1


class ModelChoice(Record):
    """Plain data, so that it can go to another process."""

    model: str = REPLAY
    settings: Path | None = None
    """Settings file with `[llm.models]`; None: the one that `erp-agent` would use."""
    temperature: float | None = None
    """None: as the settings say."""
    seed: int = SEED
    """Of the first trial; each further one takes the next."""
    record: Path | None = None
    """Folder for recordings; None: nothing is recorded."""
    replay: Path | None = None
    """Folder with recordings; None: they lie beside the cases."""

    @property
    def is_plain(self) -> bool:
        return self.model.startswith(PLAIN)

    @property
    def is_live(self) -> bool:
        """Whether a model is asked; plain agents ask one too."""
        return self.model not in (NONE, REPLAY, *SCRIPTED)

    @property
    def label(self) -> str:
        """As outcomes name it, without what only the settings tell."""
        if self.model == REPLAY:
            return f"recorded {self.replay.name}" if self.replay else "recorded"
        if not self.is_live:
            return self.model
        warmth = "" if self.temperature is None else f" at {self.temperature:g}, seed {self.seed}"
        kind = PLAIN if self.is_plain else ""
        return f"{kind}{self.model.removeprefix(PLAIN).rpartition('/')[2]}{warmth}"


class LiveModel:
    """A model that is asked, loaded once for all cases of a process."""

    def __init__(self, settings: LlmSettings, name: str, chat: BaseChatModel, seed: int) -> None:
        self.settings = settings
        self.name = name
        self._chat = chat
        self._seed = seed

    def chat(self, trial: int) -> BaseChatModel:
        """The same loaded model; above temperature 0 it draws with the trial's own seed."""
        if "seed" not in type(self._chat).model_fields:
            return self._chat
        return self._chat.model_copy(update={"seed": self._seed + trial})


@contextmanager
def live_model(choice: ModelChoice) -> Iterator[LiveModel]:
    """Raises as `model_settings`."""
    import asyncio

    from agent.llm.models import chat_model, close

    settings = model_settings(choice)
    name = str(settings.investigate)
    chat = chat_model(settings, name)
    try:
        yield LiveModel(settings, name, chat, choice.seed)
    finally:
        asyncio.run(close(chat))


def model_settings(choice: ModelChoice) -> LlmSettings:
    """Of the model that is asked; its file lies there. Raises SettingsError, BadParameter, ModelTrouble,
    ScriptBroken, CaseBroken."""
    from evals.model_commands import llm_settings

    return warmed(llm_settings(choice.model.removeprefix(PLAIN), choice.settings), choice)


def warmed(settings: LlmSettings, choice: ModelChoice) -> LlmSettings:
    """With the temperature that was asked for. Raises CaseBroken for a model that takes none."""
    if choice.temperature is None:
        return settings
    name = str(settings.investigate)
    entry = settings.models[name]
    if "temperature" not in type(entry).model_fields:
        raise CaseBroken(f"{name} is a script: it has no temperature")
    entry = entry.model_copy(update={"temperature": choice.temperature})
    return settings.model_copy(update={"models": {**settings.models, name: entry}})


def many_at_once(choice: ModelChoice) -> bool:
    """Whether several processes may play: a model of this machine is loaded once. Raises as
    `model_settings`."""
    if not choice.is_live:
        return True
    settings = model_settings(choice)
    return isinstance(settings.models[str(settings.investigate)], OpenAiSettings)
