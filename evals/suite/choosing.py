"""Models that choose without thinking: by a list of right answers, or always the first way that is offered.

The one shows that a case can be brought to its end, the other what a case gives away for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field, PrivateAttr

from agent.investigator import ABSTAIN
from evals.suite.case import EvalCase
from evals.suite.play import Player
from evals.suite.players import NO_BUDGET

CHOOSING = "choosing"
FIRST = "first"
"""Instead of options: whatever is offered first."""
_WAYS = re.compile(r"^- \[([^\]]+)\]", re.MULTILINE)
_RECORD = re.compile(r"^- \[((?:finding|document|order|receipt|case)[^\]]*)\]", re.MULTILINE)
_NUMBER = re.compile(r'source="number">([^<]*)<')
_PRINTED = re.compile(r"<cbc:ID>([^<]+)</cbc:ID>")


class ChoosingChat(BaseChatModel):
    """Answers each question for a way out with the first of its document's options that is offered, else it
    abstains. It knows the document by its number, as the question does."""

    options: Mapping[str, Sequence[str]]
    """Number of a document -> options, the best first; under an empty number: those of every other one."""
    name: str | None = CHOOSING
    seen: list[tuple[str, tuple[str, ...]]] = Field(default_factory=list)
    """Every question: the document's number and the ways that were offered."""
    chosen: list[tuple[str, str]] = Field(default_factory=list)
    """Every answer: the document's number and the way."""
    _briefs: list[str] = PrivateAttr(default_factory=list)

    @property
    def briefs(self) -> list[str]:
        """What it was told, question by question."""
        return self._briefs

    @property
    def _llm_type(self) -> str:
        return CHOOSING

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._answer(messages)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._answer(messages)

    def _answer(self, messages: list[BaseMessage]) -> ChatResult:
        brief = next(str(found.content) for found in reversed(messages) if "Ways on:" in str(found.content))
        records, _, ways = brief.partition("Ways on:")
        offered = tuple(_WAYS.findall(ways.partition("\n\n")[0]))
        printed = _NUMBER.search(records)
        number = printed[1] if printed else ""
        self.seen.append((number, offered))
        self._briefs.append(brief)
        choice = self._choice(number, offered)
        self.chosen.append((number, choice))
        reply = {
            "reason": "Chosen without a look.",
            "choose": choice,
            "evidence": _RECORD.findall(records)[:1],
        }
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=json.dumps(reply)))])

    def _choice(self, number: str, offered: Sequence[str]) -> str:
        wanted = self.options.get(number, self.options.get("", ()))
        if FIRST in wanted:
            return offered[0]
        return next((name for name in wanted if name in offered), ABSTAIN)


def chooser(case: EvalCase, options: Mapping[str, Sequence[str]] | None = None) -> ChoosingChat:
    """`options` by file, as `Story.options`; absent: the case's own, all right. Two documents of one number
    share their options."""
    wanted = case.story.options if options is None else options
    known: dict[str, tuple[str, ...]] = {}
    for file, names in wanted.items():
        number = number_of(case, file)
        known[number] = (*known.get(number, ()), *names)
    return ChoosingChat(options=known)


def first_chooser() -> ChoosingChat:
    return ChoosingChat(options={"": (FIRST,)})


def number_of(case: EvalCase, file: str) -> str:
    """The number printed on a document of XML; empty where there is none. The first plain id is it."""
    text = (case.inbox / file).read_text(encoding="utf-8", errors="replace")
    printed = _PRINTED.search(text)
    return printed[1] if printed else ""


def choosing(chat: ChoosingChat) -> Player:
    """Plays with it; it works at no other desk."""
    model = {"kind": "scripted", "path": "none.jsonl"}
    llm = {"investigate": CHOOSING, "models": {CHOOSING: model}, "budget": NO_BUDGET}
    return Player(name=CHOOSING, llm=llm, chats={CHOOSING: chat})


def offered_to(chat: ChoosingChat, numbers: Iterable[str]) -> frozenset[str]:
    """Every way that was offered for these documents."""
    wanted = set(numbers)
    return frozenset(way for number, ways in chat.seen if number in wanted for way in ways)
