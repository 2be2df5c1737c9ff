"""LangChain's `create_agent` as a player: the same model at the desk of a case, with a free hand.

It reads the same documents, as the same rules read them, and looks up the same books. What it has not: rules
that find what is wrong, ways out, one step at a time, and a person who approves. Its writes stand in the
books at once, so what is judged is its own work; people's answers and events come when it waits or stops.

So that a table of both stays fair, a write that nobody approved is no harm by itself here: that is what a
free hand means, and every such run would be harm. It is counted apart (`Figures.unapproved`). Harm is what
is harm with any agent: a forbidden effect, a document posted twice, a bank account sent to the ERP. What it
books that stands in no permitted end makes the case red (`Verdict.let_through`, though nobody let it).

As long as a document lies where it arrived, each answer has to be the call of a tool: small models would only
talk otherwise. Where a model's endpoint knows no such demand, it is asked plainly.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import StructuredTool

from agent.llm.contract import ModelTrouble
from agent.state import Stage
from evals.interchange.case_desk import TASK, CaseDesk, Refusal
from evals.interchange.desk_tools import TOOLS, DeskTool, call
from evals.plain_agent import MOST_CALLS, Bounds, bounded_agent
from evals.suite.case import EvalCase
from evals.suite.outcome import Effort, Outcome
from evals.suite.play import settled
from evals.suite.trail import Mark, TrailStep
from tools.domain.money import Money

Price = Callable[[int, int, int], Money | None]
"""Of tokens in, out and kept; None: no price is set."""
WRITES = frozenset(
    (
        "post_invoice",
        "park_invoice",
        "create_goods_receipt",
        "amend_order_line",
        "hold_invoice",
        "release_hold",
    )
)
READS = frozenset(
    ("find_suppliers", "get_order", "list_orders", "list_receipts", "list_invoices", "list_accounts")
)
_ASK = "ask"
_SHOWN = 300
"""Signs of a tool's answer that the trail keeps."""


def free_of_charge(tokens_in: int, tokens_out: int, tokens_cached: int) -> Money | None:
    return None


async def play_plain(
    case: EvalCase, chat: BaseChatModel, name: str, trial: int = 0, price: Price = free_of_charge
) -> Outcome:
    """One run over fresh books of the sandbox. What breaks it stands in the outcome's `error`, as in `play`.
    Raises CaseBroken for a case that cannot be played as it is written."""
    started = time.perf_counter()
    plain = PlainAgent(CaseDesk(case, name), name)
    found = await settled(case, plain.work(chat))
    if found.error:
        found = plain.desk.outcome().model_copy(update={"error": found.error})
    seconds = _seconds(time.perf_counter() - started)
    effort = plain.effort(price).model_copy(update={"seconds": seconds})
    told = {"trial": trial, "model": name, "inputs": case.inputs, "effort": effort, "free_hand": True}
    return found.model_copy(update=told)


@dataclass
class PlainAgent:
    """One case and the agent at its desk."""

    desk: CaseDesk
    name: str
    trail: list[TrailStep] = field(default_factory=list)
    called: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._bounds = Bounds(self._most_calls, self._is_open)
        self._said: list[BaseMessage] = []

    async def work(self, chat: BaseChatModel) -> Outcome:
        """Until nothing more happens, its calls are used up, or the model cannot go on. Then the rest of the
        case happens without it: its end is where the documents lie."""
        tools = [self._tool(tool) for tool in TOOLS.values()]
        agent = bounded_agent(chat, tools, self.desk.task, self._bounds)
        told = "Deal with the documents that arrived."
        while told and not self._bounds.is_spent and not self.trouble:
            await self._answer(agent, told)
            told = self._next()
        while self._next():
            pass
        if self._bounds.is_spent:
            self.trouble.append(f"stopped after {self._bounds.calls} calls of the model")
        prompt = f"plain/v1 {hashlib.sha256(TASK.encode()).hexdigest()[:8]}"
        seen = {"trail": tuple(self.trail), "trouble": tuple(self.trouble), "prompts": (prompt,)}
        return self.desk.outcome().model_copy(update=seen)

    def _most_calls(self) -> int:
        """So many for each document and each word of a clerk."""
        return MOST_CALLS * max(1, len(self.desk.documents) + self.desk.asked)

    def _is_open(self) -> bool:
        return Stage.RECEIVED in self.desk.stages.values()

    async def _answer(self, agent: Any, told: str) -> None:
        """One turn: what happened is told, and the agent works until it stops calling tools."""
        asked = {"messages": [*self._said, HumanMessage(told)]}
        try:
            async for state in agent.astream(asked, stream_mode="values"):
                self._said = state["messages"]
        except ModelTrouble as trouble:
            self.trouble.append(f"{trouble}")

    def _next(self) -> str:
        """What happens next; empty: nothing more."""
        if self.desk.is_over:
            return ""
        try:
            return str(call(self.desk, "wait", {}))
        except Refusal as refusal:
            return f"{refusal}"

    def _tool(self, tool: DeskTool) -> StructuredTool:
        async def work(**arguments: Any) -> str:
            answer = self._called(tool.name, arguments)
            mark = Mark.WRITE if tool.name in WRITES else Mark.TOOL
            words = f"{tool.name} {json.dumps(arguments, ensure_ascii=False)}: {answer}"[:_SHOWN]
            document = arguments.get("document", "")
            file = document if document in self.desk.stages else ""
            self.trail.append(TrailStep(file=file, mark=mark, who=self.name, words=words))
            return answer

        return StructuredTool.from_function(
            coroutine=work,
            name=tool.name,
            description=tool.description,
            args_schema=whole(tool.schema),
            infer_schema=False,
        )

    def _called(self, name: str, arguments: Mapping[str, Any]) -> str:
        self.called[name] += 1
        try:
            return json.dumps(call(self.desk, name, arguments), ensure_ascii=False)
        except Refusal as refusal:
            return f"Not done: {refusal}"

    def effort(self, price: Price) -> Effort:
        """`erp_calls` are calls of tools that read or write the books."""
        answers = [message for message in self._said if isinstance(message, AIMessage)]
        usage: list[Mapping[str, Any]] = [one.usage_metadata for one in answers if one.usage_metadata]
        sums = [sum(int(one.get(f"{way}_tokens", 0)) for one in usage) for way in ("input", "output")]
        kept = sum(int((one.get("input_token_details") or {}).get("cache_read", 0)) for one in usage)
        cost = price(sums[0], sums[1], kept)
        return Effort(
            erp_calls=sum(times for name, times in self.called.items() if name in READS | WRITES),
            model_calls=self._bounds.calls,
            tokens_in=sums[0],
            tokens_out=sums[1],
            tokens_cached=kept,
            model_milliseconds=round(self._bounds.seconds * 1000),
            cost=None if cost is None else cost.amount,
            questions=self.called[_ASK],
            graph_seconds=_seconds(self._bounds.seconds),
        )


def whole(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without references, which not every provider follows."""
    found: dict[str, Any] = _whole(schema, schema.get("$defs", {}))
    return found


def _whole(part: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_whole(entry, parts) for entry in part]
    if not isinstance(part, Mapping):
        return part
    if "$ref" in part:
        return _whole(parts[str(part["$ref"]).rpartition("/")[2]], parts)
    return {name: _whole(value, parts) for name, value in part.items() if name != "$defs"}


def _seconds(spent: float) -> Decimal:
    return Decimal(spent).quantize(Decimal("0.001"))
