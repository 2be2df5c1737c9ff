"""Which chat model a name of the settings means. LangChain's BaseChatModel is the seam.

A model gets its address and key from the settings alone: the client's own variables (OPENAI_API_KEY,
OPENAI_BASE_URL, OPENAI_ORG_ID, OPENAI_CUSTOM_HEADERS, LANGSMITH_GATEWAY …) change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from agent.llm.rest import Rest
from agent.llm.scripted import ScriptedChat
from agent.llm.settings import LlmSettings, LocalSettings, ModelSettings, OpenAiSettings, ScriptedSettings
from agent.llm.structured import Mode
from tools.domain.money import Money

_NO_KEY = SecretStr("no-key-needed")
"""The client insists on one; an endpoint without keys ignores it."""


@dataclass(frozen=True)
class ConfiguredModel:
    """A model with what the settings say about it. One object for a name in a process: it holds the number of
    calls under way."""

    name: str
    settings: ModelSettings
    chat: BaseChatModel = field(repr=False)
    room: asyncio.Semaphore = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    rest: Rest = field(default_factory=Rest, repr=False)

    @property
    def what(self) -> str:
        """What it is, without its name in the settings."""
        entry = self.settings
        if isinstance(entry, OpenAiSettings):
            return entry.model
        if isinstance(entry, LocalSettings):
            return entry.download or (entry.path.stem if entry.path else "")
        return entry.path.stem

    @property
    def label(self) -> str:
        """`local qwen2.5-coder-1.5b-instruct-q4_k_m`, as records name it."""
        return f"{self.name} {self.what}"

    @property
    def provider(self) -> str:
        return {"openai": "openai", "local": "llama_cpp"}.get(self.settings.kind, self.settings.kind)

    @property
    def base_url(self) -> str | None:
        return self.settings.base_url if isinstance(self.settings, OpenAiSettings) else None

    @property
    def structured(self) -> Mode:
        return self.settings.structured if isinstance(self.settings, OpenAiSettings) else "json_schema"

    @property
    def takes_only_objects(self) -> bool:
        """Whether a schema must be of the type object at its top, as OpenAI demands."""
        return isinstance(self.settings, OpenAiSettings)

    def cost(self, tokens_in: int, tokens_out: int, tokens_cached: int = 0) -> Money | None:
        return self.settings.cost(tokens_in, tokens_out, tokens_cached)

    def length(self, max_tokens: int) -> dict[str, Any]:
        """The bound on the answer's length, under the name that the endpoint knows."""
        if isinstance(self.settings, OpenAiSettings) and self.settings.length_name == "max_tokens":
            return {"extra_body": {"max_tokens": max_tokens}}
        return {"max_tokens": max_tokens}


class Models:
    """The models of the settings; each is made when it is first asked for, and kept."""

    def __init__(self, settings: LlmSettings, *, given: Mapping[str, BaseChatModel] | None = None) -> None:
        """`given` replaces the models of these names, in tests and recordings."""
        self._settings = settings
        self._given = dict(given or {})
        self._kept: dict[str, ConfiguredModel] = {}

    def get(self, name: str) -> ConfiguredModel:
        """Raises KeyError for a name that is not in the settings, ModelTrouble for a model that cannot be
        loaded."""
        if name not in self._kept:
            entry = self._settings.models[name]
            chat = self._given.get(name) or chat_model(self._settings, name)
            at_once = entry.at_once if isinstance(entry, OpenAiSettings) else 1
            self._kept[name] = ConfiguredModel(
                name, entry, chat, asyncio.Semaphore(at_once), self._settings.secrets
            )
        return self._kept[name]

    async def close(self) -> None:
        """Connections and loaded models are given back."""
        for model in self._kept.values():
            await close(model.chat)
        self._kept.clear()


async def close(chat: BaseChatModel) -> None:
    """Give back what a chat model holds open."""
    if (client := getattr(chat, "root_async_client", None)) is not None:
        await client.close()
    for held in (getattr(chat, "root_client", None), chat):
        if callable(shut := getattr(held, "close", None)) and not isinstance(held, ScriptedChat):
            shut()


def chat_model(settings: LlmSettings, name: str) -> BaseChatModel:
    """The chat model of this name. Raises KeyError for a name that is not in the settings, ModelTrouble for a
    local model that is not there, ScriptBroken for a faulty script."""
    entry = settings.models[name]
    if isinstance(entry, OpenAiSettings):
        return _openai(entry)
    if isinstance(entry, LocalSettings):
        return _local(entry)
    return _scripted(entry)


def _openai(entry: OpenAiSettings) -> BaseChatModel:
    """Its connections are its own, so that closing it takes none away from another. A redirect is not
    followed: it would carry the prompt to an address nobody configured."""
    import openai
    from langchain_openai import ChatOpenAI

    from agent.llm.whole_answers import StreamingClient

    chat = ChatOpenAI(
        model=entry.model,
        base_url=entry.base_url,
        api_key=entry.api_key or _NO_KEY,
        temperature=entry.temperature,
        timeout=entry.timeout_seconds,
        http_client=openai.DefaultHttpxClient(follow_redirects=False),
        http_async_client=StreamingClient(follow_redirects=False),
        stream_chunk_timeout=entry.timeout_seconds,
        max_retries=0,  # repeated by the desk, within the budget
        stream_usage=True,
        openai_proxy=None,
        use_responses_api=False,
        output_version="v0",
    )
    for client in (chat.root_client, chat.root_async_client):
        # The client takes these from the environment where it is given none.
        client.organization = None
        client.project = None
        client._custom_headers = {}
    return chat


def _local(entry: LocalSettings) -> BaseChatModel:
    """Raises ModelUnavailable for a model of the catalogue that was not fetched."""
    from agent.llm.local_models import local_chat

    return local_chat(entry)


def _scripted(entry: ScriptedSettings) -> BaseChatModel:
    return ScriptedChat.read(entry.path, strict=False)
