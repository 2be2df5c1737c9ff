"""Section `[llm]` of the settings: which models there are, which one does what, and what they may cost.

Without this section no model is used. A key belongs in the environment
(`ERP_AGENT_LLM__MODELS__<NAME>__API_KEY`) or in a secret file of that name; variables of vendors, such as
OPENAI_API_KEY, are never read.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from agent.llm.contract import Task
from agent.llm.mcp_settings import McpServer, misnamed
from tools.domain.money import NO_CURRENCY, Currency, Exact, Money

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
OPENAI_URL = "https://api.openai.com/v1"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _plain_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as http://127.0.0.1:8080/v1")
    if parts.username or parts.password or parts.query:
        raise ValueError("holds a name, a password or a query; a key belongs in api_key")
    return url


def _positive(amount: Decimal) -> Decimal:
    if amount < 0:
        raise ValueError("is below zero")
    return amount


Price = Annotated[Exact, AfterValidator(_positive)]
"""For one million tokens, in the model's `currency`."""


class _Priced(_Section):
    price_in: Price | None = None
    price_out: Price | None = None
    price_cached: Price | None = None
    """For tokens of the prompt that the endpoint kept from an earlier call; absent: `price_in`."""
    currency: Currency = NO_CURRENCY

    @model_validator(mode="after")
    def _whole(self) -> _Priced:
        prices = (self.price_in, self.price_out)
        if (prices.count(None) == 1) or (self.price_cached is not None and None in prices):
            raise ValueError("price_in and price_out belong together")
        if None not in prices and self.currency == NO_CURRENCY:
            raise ValueError("a price needs its currency")
        return self

    @property
    def is_priced(self) -> bool:
        return self.price_in is not None

    def cost(self, tokens_in: int, tokens_out: int, tokens_cached: int = 0) -> Money | None:
        """Exact, not rounded: a call costs a fraction of a cent. None where no price is set."""
        if self.price_in is None or self.price_out is None:
            return None
        kept = min(tokens_cached, tokens_in)
        cached = self.price_in if self.price_cached is None else self.price_cached
        sum_ = (tokens_in - kept) * self.price_in + kept * cached + tokens_out * self.price_out
        return Money(amount=sum_ / 1_000_000, currency=self.currency)


class OpenAiSettings(_Priced):
    """An endpoint that speaks OpenAI's chat completions: OpenAI, Azure (`https://….openai.azure.com/openai/v1`),
    vLLM, Ollama, llama.cpp's server, and others."""

    kind: Literal["openai"]
    model: str = Field(min_length=1)
    base_url: Annotated[str, AfterValidator(_plain_url)] = OPENAI_URL
    api_key: SecretStr | None = None
    """Absent: the endpoint asks for none."""
    structured: Literal["json_schema", "tools", "prompt"] = "json_schema"
    """How an answer is held to a schema; `erp-agent doctor` says which of them the endpoint can."""
    temperature: float | None = Field(default=0, ge=0, le=2)
    timeout_seconds: float = Field(default=60, gt=0)
    at_once: int = Field(default=4, ge=1)
    """Calls under way together."""
    length_field: Literal["max_completion_tokens", "max_tokens"] | None = None
    """How the endpoint calls the bound on an answer's length. Absent: `max_completion_tokens` for OpenAI and
    Azure, `max_tokens` for every other address."""

    @property
    def length_name(self) -> str:
        if self.length_field is not None:
            return self.length_field
        host = urlsplit(self.base_url).hostname or ""
        known = host == "api.openai.com" or host.endswith(".openai.azure.com")
        return "max_completion_tokens" if known else "max_tokens"

    @model_validator(mode="after")
    def _has_key(self) -> OpenAiSettings:
        if self.base_url == OPENAI_URL and self.api_key is None:
            raise ValueError("api_key is missing: OpenAI asks for one")
        return self


class LocalSettings(_Priced):
    """A model in this process (llama.cpp). Nothing leaves the machine."""

    kind: Literal["local"]
    path: Path | None = None
    """A GGUF file."""
    download: str | None = None
    """A name of the catalogue; `erp-agent model get NAME` fetches it."""
    engine: Literal["auto", "llama_cpp", "xllamacpp"] = "auto"
    n_ctx: int = Field(default=8192, ge=512)
    """Tokens of prompt and answer together."""
    threads: int | None = Field(default=None, ge=1)
    """Absent: the machine's physical cores."""
    temperature: float = Field(default=0, ge=0, le=2)
    """0: always the likeliest word, so the same prompt gets the same answer. More is for measurements."""
    seed: int | None = Field(default=None, ge=0, lt=2**32)
    """Of what is drawn above temperature 0; absent: a fixed one."""
    timeout_seconds: float = Field(default=180, gt=0)

    @model_validator(mode="after")
    def _one_source(self) -> LocalSettings:
        if (self.path is None) == (self.download is None):
            raise ValueError("needs either path or download")
        return self


class ScriptedSettings(_Priced):
    """Recorded answers, played in their order: for tests and replays."""

    kind: Literal["scripted"]
    path: Path
    """JSON lines, as a recording writes them."""
    timeout_seconds: float = Field(default=60, gt=0)


ModelSettings = Annotated[OpenAiSettings | LocalSettings | ScriptedSettings, Field(discriminator="kind")]


class BudgetSettings(_Section):
    """What models may use up. A call that would pass a limit is not made: its case goes to a person with what
    is known. Seconds are those in which a model works. Absent: no limit."""

    case_seconds: float | None = Field(default=600, gt=0)
    case_tokens: int | None = Field(default=100_000, gt=0)
    case_money: Money | None = None
    batch_seconds: float | None = Field(default=None, gt=0)
    batch_tokens: int | None = Field(default=None, gt=0)
    batch_money: Money | None = None

    @property
    def moneys(self) -> tuple[Money, ...]:
        return tuple(money for money in (self.case_money, self.batch_money) if money is not None)


class TelemetrySettings(_Section):
    """OpenTelemetry spans of the calls, for who runs a collector. Off unless one of the first two is set."""

    otlp_endpoint: Annotated[str, AfterValidator(_plain_url)] | None = None
    """A collector's gRPC address, such as http://127.0.0.1:4317."""
    console: bool = False
    """Spans on standard error."""
    service_name: str = "erp-agent"
    record_content: bool = False
    """Prompts and answers too, with secrets and bank accounts masked. They hold your documents."""

    @property
    def is_on(self) -> bool:
        return self.console or self.otlp_endpoint is not None


class LlmSettings(_Section):
    """A task without a model is done by people, as it was without this section."""

    investigate: str | None = None
    chat: str | None = None
    extract: str | None = None
    """Reads what rules leave open in PDFs, letters and text files; a person compares each value it takes."""
    drafts: bool = False
    """Whether a letter is drafted with each suggestion that needs one: a second, longer call."""
    models: dict[str, ModelSettings] = Field(default_factory=dict)
    mcp: dict[str, McpServer] = Field(default_factory=dict)
    """Servers whose reading tools a model may use too."""
    budget: BudgetSettings = BudgetSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    langsmith: bool = False
    """Whether LANGSMITH_TRACING and LANGCHAIN_TRACING_V2 count: with them LangChain and LangGraph send
    prompts, documents and ERP data to LangSmith."""

    def model_for(self, task: Task) -> str | None:
        """The name of the model that does the task; None where people do it alone."""
        return {Task.INVESTIGATE: self.investigate, Task.CHAT: self.chat, Task.EXTRACT: self.extract}[task]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every key, for what must keep them out of texts."""
        keys = (entry.api_key for entry in self.models.values() if isinstance(entry, OpenAiSettings))
        of_servers = (secret for server in self.mcp.values() for secret in server.secrets)
        return (*(key.get_secret_value() for key in keys if key is not None), *of_servers)

    @model_validator(mode="after")
    def _consistent(self) -> LlmSettings:
        faults = [*self._misnamed(), *misnamed(self.mcp), *self._unknown(), *self._money_faults()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _misnamed(self) -> list[str]:
        """The name stands in the variable of the key: lower case, digits and single underscores."""
        wrong = (name for name in self.models if not _NAME.fullmatch(name))
        return [
            f"models.{name}: a name has lower-case letters, digits and single underscores" for name in wrong
        ]

    def _unknown(self) -> list[str]:
        known = ", ".join(sorted(self.models)) or "none"
        named = ((task, self.model_for(task)) for task in Task)
        return [
            f"{task} names the model {name}, which is not under [llm.models] ({known})"
            for task, name in named
            if name is not None and name not in self.models
        ]

    def _money_faults(self) -> list[str]:
        """A limit in money holds only where every endpoint's price is known, in the same currency."""
        moneys = self.budget.moneys
        currencies = {money.currency for money in moneys}
        if len(currencies) > 1:
            return ["budget: case_money and batch_money are in different currencies"]
        return [
            f"budget: models.{name} needs price_in and price_out in {currency} for a limit in money"
            for currency in currencies
            for name, entry in self.models.items()
            if (entry.kind == "openai" or entry.is_priced) and entry.currency != currency
        ]
