"""A plain agent as a measure: LangChain's `create_agent` over the product's tools, with a free hand.

It has the same tools, the same records, the same checks of references, the same model as the product. What
it has not: findings turned into ways by rules, ids as enums, one step, and a person. A tool that suggests in
the product is carried out here at once, in a sandbox that is thrown away.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ModelCallLimitMiddleware,
    ModelRequest,
    ModelResponse,
    hook_config,
)
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import BaseTool, StructuredTool

from agent.llm.contract import ModelTrouble
from evals.free_hand import FreeHand
from tools.catalog import ToolSpec
from tools.domain.record import Record

MOST_CALLS = 10
"""Of the model, for one case; then it is stopped."""
_PROMPT = (
    "You are the accounts payable agent of a company. You handle one supplier document with findings "
    "that stop it. Act only by calling tools. Begin with explain_match and get_invoice for the case: they "
    "tell the findings, the options and the ids. Look up the order, its receipts or the rules where you need "
    "them. Then settle the case with one tool that acts: post or park the document, choose one of the "
    "options, or make an entry in the ERP. Do only what the records support. If nothing fits, ask the clerk. "
    "When the case is settled, answer with one sentence."
)


class Ran(Record):
    """What one run cost, and how it ended."""

    seconds: float
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    model_calls: int = 0
    tool_calls: int = 0
    free_text: int = 0
    """Answers in which a tool is named in the text and none was called."""
    ended: str = "stopped"
    """`stopped` by itself, `limit`, or what went wrong."""


class _MustCall(AgentMiddleware[Any, Any]):
    """Until the case is settled, every answer has to be the call of a tool; then the agent is at its end."""

    def __init__(self, hand: FreeHand) -> None:
        super().__init__()
        self._hand = hand

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        return await handler(request if self._hand.is_settled else request.override(tool_choice="any"))


class Bounds(AgentMiddleware[Any, Any]):
    """A number of calls that may grow with the work; while something is open, every answer has to be the call
    of a tool. One for all turns of a case."""

    def __init__(self, most: Callable[[], int], is_open: Callable[[], bool]) -> None:
        super().__init__()
        self._most, self._is_open = most, is_open
        self.calls = 0
        self.seconds = 0.0
        """In which the model was waited for."""

    @property
    def is_spent(self) -> bool:
        return self.calls >= self._most()

    @hook_config(can_jump_to=["end"])
    async def abefore_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        return {"jump_to": "end"} if self.is_spent else None

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        self.calls += 1
        started = time.perf_counter()
        try:
            return await handler(request.override(tool_choice="any") if self._is_open() else request)
        finally:
            self.seconds += time.perf_counter() - started


def bounded_agent(chat: BaseChatModel, tools: Sequence[BaseTool], prompt: str, bounds: Bounds) -> Any:
    """LangChain's own agent over these tools; it ends where the model calls none, or may not be asked."""
    return create_agent(chat, list(tools), system_prompt=prompt, middleware=[bounds])


async def handle(chat: BaseChatModel, hand: FreeHand, *, must_call: bool = False) -> Ran:
    """Let the agent work on the case until it stops; with `must_call` it cannot stop before it has settled
    the case or asked. Raises nothing for what the model does."""
    specs = hand.desk.toolbox.tools(hand.scope)
    limit = ModelCallLimitMiddleware[Any, Any](run_limit=MOST_CALLS, exit_behavior="end")
    agent = create_agent(
        chat,
        tools=[_tool(spec, hand) for spec in specs],
        system_prompt=_PROMPT,
        middleware=[limit, _MustCall(hand)] if must_call else [limit],
    )
    started = time.monotonic()
    said: list[BaseMessage] = []
    ended = ""
    try:
        asked: Any = {"messages": [HumanMessage(f"Settle case {hand.desk.case_id}.")]}
        async for state in agent.astream(asked, stream_mode="values"):
            said = state["messages"]
    except ModelTrouble as trouble:
        ended = str(trouble)
    return _ran(said, specs, time.monotonic() - started, ended)


def _tool(spec: ToolSpec, hand: FreeHand) -> StructuredTool:
    """The product's tool as LangChain's: same name and description, references as plain texts."""

    async def call(**arguments: Any) -> str:
        return await hand.call(spec.name, {name: str(value) for name, value in arguments.items()})

    return StructuredTool.from_function(
        coroutine=call,
        name=spec.name,
        description=hand.description(spec),
        args_schema=_arguments(spec),
        infer_schema=False,
        return_direct=spec.name == "ask_clerk",  # the clerk answers later
    )


def _arguments(spec: ToolSpec) -> dict[str, Any]:
    about = {entry.name: {"type": "string", "description": entry.ref.value} for entry in spec.parameters}
    needed = [entry.name for entry in spec.parameters if entry.required]
    return {"type": "object", "properties": about, "required": needed}


def _ran(said: Sequence[BaseMessage], specs: Sequence[ToolSpec], seconds: float, ended: str) -> Ran:
    answers = [message for message in said if isinstance(message, AIMessage)]
    own = [message for message in answers if message.usage_metadata is not None]
    usage: list[Mapping[str, Any]] = [message.usage_metadata for message in own if message.usage_metadata]
    limited = len(own) >= MOST_CALLS and bool(own[-1].tool_calls)
    return Ran(
        seconds=seconds,
        tokens_in=sum(int(entry.get("input_tokens", 0)) for entry in usage),
        tokens_out=sum(int(entry.get("output_tokens", 0)) for entry in usage),
        tokens_cached=sum(_cached(entry) for entry in usage),
        model_calls=len(own),
        tool_calls=sum(len(message.tool_calls) for message in own),
        free_text=sum(_names_a_tool(message, specs) for message in own),
        ended=ended or ("limit" if limited else "stopped"),
    )


def _cached(usage: Mapping[str, Any]) -> int:
    return int((usage.get("input_token_details") or {}).get("cache_read", 0))


def _names_a_tool(message: AIMessage, specs: Sequence[ToolSpec]) -> bool:
    return not message.tool_calls and any(spec.name in message.text for spec in specs)
