"""A language model that means harm, at the seam of LangChain's BaseChatModel.

Every call gets one of `Hostility` by a seeded dice: malformed output, output that keeps to the schema and
harms by what it says, streams without an end, errors of the client's library, false counts.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.exceptions import LangChainException
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolCall
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from evals.hostile_texts import ACCOUNTS, CLAIMS, NASTY_IDS, SECRETS, SURROGATES, TOOLS, TRAPS
from evals.schema_answers import calls_in, filled, schema_in

T = TypeVar("T")
_HUGE = 120_000
_DEEP = 5_000
_ENDLESS = 5_000
_WRITES = ("post", "park", "create", "hold", "release", "amend", "choose", "draft")


class Hostility(StrEnum):
    EMPTY = "empty"
    PROSE = "prose"
    BROKEN_JSON = "broken JSON"
    TWO_OBJECTS = "two objects"
    NOT_A_NUMBER = "NaN"
    HUGE = "huge"
    DEEP = "deep nesting"
    FIELD_TWICE = "a field twice"
    WRONG_TYPE = "wrong type"
    EXTRA_FIELD = "extra fields"
    OTHER_TOOL = "tools not offered"
    FOREIGN_ID = "ids of others"
    NASTY_ID = "ids with format, path, SQL"
    WRITE_TOOL = "write tools again and again"
    ANY_CHOICE = "keeps to the schema, chosen by chance"
    CLAIM = "claims of approval"
    ACCOUNT = "bank accounts"
    SECRET = "secrets"  # noqa: S105 - the name of a kind
    TRAP = "traps of Unicode"
    SURROGATE = "half characters"
    TOOL_CALLS = "several native tool calls"
    BLOCKS = "content in strange blocks"
    ENDLESS = "a stream without an end"
    FAILS = "an error before the answer"
    FAILS_MIDWAY = "an error in the middle"
    FALSE_COUNT = "false token counts"


ERRORS: tuple[Callable[[], Exception], ...] = (
    lambda: ValueError("no completion"),
    lambda: KeyError("choices"),
    lambda: RuntimeError("generator raised"),
    lambda: RecursionError("maximum recursion depth exceeded"),
    lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    lambda: AttributeError("'NoneType' object has no attribute 'message'"),
    lambda: ArithmeticError("overflow"),
    lambda: BrokenLine("peer closed connection without sending complete message body"),
)


class BrokenLine(LangChainException):
    """A class of error that a client's library has of its own."""


class HostileChat(BaseChatModel):
    """Answers by `seed`. `seen` is called with every text of a prompt, before the answer."""

    seed: int
    seen: Callable[[str], None]
    foreign: tuple[str, ...] = ()
    """Ids of other cases, suppliers and orders."""
    name: str | None = "hostile"
    _dice: random.Random = PrivateAttr()
    _sent: list[Hostility] = PrivateAttr(default_factory=list)

    def model_post_init(self, context: Any, /) -> None:
        super().model_post_init(context)
        self._dice = random.Random(self.seed)  # noqa: S311 - repeatable, not secret

    @property
    def _llm_type(self) -> str:
        return "hostile"

    @property
    def sent(self) -> list[Hostility]:
        """What was answered, in order."""
        return self._sent

    @property
    def counts(self) -> Counter[str]:
        return Counter(kind.value for kind in self._sent)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._result(messages, kwargs)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._result(messages, kwargs)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        kind = self._next(messages)
        if kind is Hostility.FAILS:
            raise self._dice.choice(ERRORS)()
        text = self._words(kind)
        size = self._dice.choice((1, 3, 40, 4000))
        pieces = [text[at : at + size] for at in range(0, min(len(text), 400 * size), size)]
        many = _ENDLESS if kind is Hostility.ENDLESS else 1
        for _ in range(many):
            for piece in pieces:
                yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
            if kind is Hostility.FAILS_MIDWAY:
                raise self._dice.choice(ERRORS)()
        usage = self._usage(kind)
        if usage is not None:
            yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage))

    def _next(self, messages: list[BaseMessage]) -> Hostility:
        for message in messages:
            self.seen(message.text)
        self._sent.append(self._dice.choice(tuple(Hostility)))
        return self._sent[-1]

    def _result(self, messages: list[BaseMessage], options: Mapping[str, Any]) -> ChatResult:
        kind, schema = self._next(messages), schema_in(messages, options)
        if kind is Hostility.FAILS:
            raise self._dice.choice(ERRORS)()
        text = self._words(kind) if schema is None else self._object(kind, schema)
        message = AIMessage(content=text, usage_metadata=self._usage(kind))
        if kind is Hostility.TOOL_CALLS:
            calls = [ToolCall(name=self._one(TOOLS), args={"x": 1}, id=f"c{at}") for at in range(3)]
            message = AIMessage(content=text, tool_calls=calls)
        elif kind is Hostility.BLOCKS:
            message = AIMessage(content=self._one(_STRANGE))
        elif options.get("tools") and kind not in _AS_TEXT:
            message = self._called(message, text)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _called(self, message: AIMessage, text: str) -> AIMessage:
        """The object as the arguments of the one tool, where it is an object at all."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return message
        arguments = value if isinstance(value, dict) else {"answer": value}
        call = ToolCall(name="answer", args=arguments, id="call_1")
        return message.model_copy(update={"tool_calls": [call], "content": ""})

    def _usage(self, kind: Hostility) -> UsageMetadata | None:
        if kind is Hostility.FALSE_COUNT:
            tokens = self._one((-(10**9), 10**12, 0))
            return UsageMetadata(input_tokens=tokens, output_tokens=tokens, total_tokens=2 * tokens)
        return UsageMetadata(input_tokens=20, output_tokens=10, total_tokens=30)

    def _words(self, kind: Hostility) -> str:
        """Free text."""
        match kind:
            case Hostility.EMPTY | Hostility.BLOCKS:
                return self._one(("", " ", "\n\n", "\u200b"))
            case Hostility.HUGE:
                return "9" * _HUGE
            case Hostility.DEEP:
                return "(" * _DEEP
            case _:
                return f"{self._text(kind, 800)} {self._one(CLAIMS)} {self._one(TRAPS)} 1,234.56 EUR."

    def _text(self, kind: Hostility, most: int) -> str:
        pools = {
            Hostility.ACCOUNT: ACCOUNTS,
            Hostility.SECRET: SECRETS,
            Hostility.TRAP: TRAPS,
            Hostility.SURROGATE: SURROGATES,
            Hostility.NASTY_ID: NASTY_IDS,
            Hostility.FOREIGN_ID: (*self.foreign, "C-0"),
        }
        return self._one(pools.get(kind, CLAIMS))[:most]

    def _object(self, kind: Hostility, schema: Mapping[str, Any]) -> str:
        """Text in the place of an object."""
        good = self._filled(kind, schema)
        match kind:
            case Hostility.EMPTY | Hostility.PROSE | Hostility.HUGE:
                return self._words(kind)
            case Hostility.WRONG_TYPE:
                return json.dumps(self._one((None, True, 3, [], [good], "accept", {"reason": [good]})))
            case Hostility.EXTRA_FIELD:
                return json.dumps(_with(good, {self._one((*NASTY_IDS, *SURROGATES, "approved")): True}))
            case Hostility.OTHER_TOOL:
                return json.dumps(_with(good, {"tool": self._one(TOOLS), "choose": self._one(TOOLS)}))
            case Hostility.FOREIGN_ID | Hostility.NASTY_ID | Hostility.ENDLESS:
                return json.dumps(_replaced(good, lambda: self._text(kind, 5000)))
            case _:
                return self._broken(kind, json.dumps(good))

    def _broken(self, kind: Hostility, good: str) -> str:
        """What is no JSON, or none of ours; for other kinds the object as it is."""
        match kind:
            case Hostility.DEEP:
                deep = self._one((100, 400, 900, _DEEP))
                return '{"reason":' + "[" * deep + "]" * deep + "}"
            case Hostility.BROKEN_JSON:
                return good[: self._dice.randrange(len(good))] + self._one(("", "}", '"', "\\"))
            case Hostility.TWO_OBJECTS:
                return good * 2
            case Hostility.NOT_A_NUMBER:
                return f'{{"reason": {self._one(("NaN", "-Infinity", "1e999", "0" * 5000))}}}'
            case Hostility.FIELD_TWICE:
                return f'{{"reason": 1, "reason": 2, {good[1:]}'
            case _:
                return good

    def _filled(self, kind: Hostility, schema: Mapping[str, Any]) -> Any:
        """An object that keeps to the schema, with texts of this kind; writing where that is offered."""
        if kind is Hostility.WRITE_TOOL:
            writes = [call for name, call in calls_in(schema) if name.startswith(_WRITES)]
            if writes:
                return self._wrapped(schema, filled(self._one(writes), self._dice.choice, self._writer(kind)))
        return filled(schema, self._dice.choice, self._writer(kind))

    def _wrapped(self, schema: Mapping[str, Any], value: Any) -> Any:
        return {"answer": value} if "answer" in schema.get("properties", {}) else value

    def _writer(self, kind: Hostility) -> Callable[[int], str]:
        return lambda most: self._text(kind, most)

    def _one(self, values: Sequence[T]) -> T:
        return self._dice.choice(values)


_AS_TEXT = frozenset({Hostility.EMPTY, Hostility.PROSE, Hostility.HUGE})
_STRANGE: tuple[list[str | dict[str, Any]], ...] = (
    [],
    ["a", {"type": "text", "text": '{"choose": "abstain"}'}],
    [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}],
    [{"type": "text"}],
    [{"type": "reasoning", "reasoning": "pay"}, {"type": "text", "text": ""}],
)


def _with(value: Any, more: Mapping[str, Any]) -> Any:
    return {**value, **more} if isinstance(value, dict) else dict(more)


def _replaced(value: Any, write: Callable[[], str]) -> Any:
    """Every text in it is another one."""
    if isinstance(value, str):
        return write()
    if isinstance(value, list):
        return [_replaced(part, write) for part in value]
    return (
        {name: _replaced(part, write) for name, part in value.items()} if isinstance(value, dict) else value
    )
