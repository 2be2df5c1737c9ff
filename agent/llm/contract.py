"""What the steps and the chat ask of a language model, whichever it is: an answer that keeps to a schema."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from tools.domain.identifiers import CaseId
from tools.domain.money import Money
from tools.domain.record import Record


class Task(StrEnum):
    """What a model is used for; the settings name one for each."""

    INVESTIGATE = "investigate"
    CHAT = "chat"
    EXTRACT = "extract"


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Message(Record):
    role: Role
    text: str


class Rendered(Record):
    """A prompt with its variables filled in. What never changes comes first, so that a kept prefix helps."""

    name: str
    version: int
    sha256: str
    """Of the prompt's file: which text was used can be proved later."""
    messages: tuple[Message, ...]

    @property
    def label(self) -> str:
        """`investigate/v1 3fa9c1d2`, as audit records name it."""
        return f"{self.name}/v{self.version} {self.sha256[:8]}"

    def then(self, messages: Sequence[Message]) -> Rendered:
        """The same prompt with the conversation continued."""
        return self.model_copy(update={"messages": (*self.messages, *messages)})


class Usage(Record):
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    milliseconds: int = 0
    first_token_ms: int | None = None
    """Absent where the answer was not streamed."""
    cost: Money | None = None
    """Absent where the settings give no price."""
    attempts: int = 1


class Reply(Record):
    data: Mapping[str, Any]
    """Keeps to the schema that was asked for; numbers in it are never amounts."""
    usage: Usage
    model: str


class ModelTrouble(Exception):
    """No usable answer came; the case goes to a person with what is known. The text holds no secret."""


class ModelUnavailable(ModelTrouble):
    """The endpoint or the local model does not answer."""


class ModelRests(ModelUnavailable):
    """The endpoint failed several times in a row and is spared for a while; the call was not made."""


class ModelDisobeyed(ModelTrouble):
    """The answer does not keep to the schema, also not when asked again."""


class BudgetSpent(ModelTrouble):
    """Time, tokens or money of the case, or of the batch, are used up."""


class Asker(Protocol):
    """One model for one task, with budgets, records and traces around it."""

    @property
    def name(self) -> str:
        """As the settings call the model, with what it is: `local qwen2.5-coder-1.5b-instruct-q4_k_m`."""
        ...

    async def choose(
        self, prompt: Rendered, schema: Mapping[str, Any], *, case_id: CaseId | None, max_tokens: int = 400
    ) -> Reply:
        """One JSON object that keeps to `schema` (JSON Schema, objects and enums). Raises ModelTrouble."""
        ...

    def write(self, prompt: Rendered, *, case_id: CaseId | None, max_tokens: int = 800) -> AsyncIterator[str]:
        """Free text for people, piece by piece. Raises ModelTrouble."""
        ...
