"""A clerk's conversation about one case or the whole inbox.

One turn: a model picks a tool, at most a few times, then answers in words. In the first step of a turn it
sees nothing but the clerk's own words, and only there can it suggest a change or ask another server; once
text of others stands in the prompt, no such tool is offered. Every sentence is compared with what was read
before anybody sees it.
Nothing said here approves, chooses or posts: that is done by commands, with the person's own rights.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent.chat.acts import COMMANDS, asks_for_a_deed
from agent.chat.answer_language import other_language_told
from agent.chat.language import language_of
from agent.chat.offer import ANSWER as ANSWER_CALL
from agent.chat.offer import DONE, MOST_STEPS, instead, is_forced, is_late, offered_now, writes_a_letter
from agent.chat.told import as_told, context_of, grounds_of, show, show_records, tell
from agent.chat.turns import (
    ANSWER,
    CALL,
    CLERK,
    Turn,
    everything,
    in_turns,
    kept,
    plain,
    spoken,
    turn,
)
from agent.chat.types import ChatState, Office, Piece, PieceKind, Talk
from agent.chat.wishes import carried_out, gives_back, is_for_a_person
from agent.grounding import Records
from agent.llm.contract import Asker, ModelTrouble, Rendered
from agent.llm.prompts import Prompts
from agent.prompt_gate import without_bank_data
from agent.sentences import Sentences
from tools.account_numbers import without_numbers
from tools.catalog import Access, Ref, Scope, Toolbox, call_schema
from tools.catalog.result import ToolResult
from tools.domain.languages import NAMES
from tools.untrusted_text import tidied

PROMPT = "chat"
_MOST_WORDS = 2000
_CUT = (
    f"Only the first {_MOST_WORDS:,} characters of these words were taken; the rest was not read. "
    "Say the rest in a message of its own."
)
_CALL, _LETTER = 300, 800
"""Tokens of an answer at most."""
_BUSY = (
    "This conversation has not ended its last turn, here or in another window. These words were not taken: "
    "say them again after its answer."
)


class Chat:
    """Conversations of one company, with one model."""

    def __init__(
        self,
        office: Office,
        asker: Asker,
        prompts: Prompts,
        toolbox: Toolbox,
        checkpointer: BaseCheckpointSaver[Any],
    ) -> None:
        self._office = office
        self._asker = asker
        self._prompts = prompts
        self._toolbox = toolbox
        self._graph = self._build(checkpointer)

    @property
    def model(self) -> str:
        return self._asker.name

    def _build(self, saver: BaseCheckpointSaver[Any]) -> CompiledStateGraph[Any, Any, Any, Any]:
        flow: StateGraph[ChatState, None, ChatState, ChatState] = StateGraph(ChatState)
        flow.add_node("hear", self._hear)
        flow.add_node("choose", self._choose)
        flow.add_node("use", self._use)
        flow.add_node("answer", self._answer)
        flow.add_edge(START, "hear")
        flow.add_edge("hear", "choose")
        flow.add_conditional_edges("choose", _after_choice, ["use", "answer", END])
        flow.add_conditional_edges("use", _after_use, ["choose", "answer", END])
        flow.add_edge("answer", END)
        return flow.compile(checkpointer=saver)

    async def say(self, talk: Talk, words: str) -> AsyncIterator[Piece]:
        """One turn of the conversation. Trouble with the model is a piece too, and so is a refusal of the
        person or the inquiry; nothing raises for it."""
        refusal = self.refusal(talk)
        if refusal is not None:
            yield Piece(kind=PieceKind.TROUBLE, text=refusal)
            return
        start: ChatState = {"words": words[:_MOST_WORDS], "steps": 0, "talk": talk.model_dump(mode="json")}
        config: RunnableConfig = {"configurable": {"thread_id": talk.thread}}
        async with self._office.alone(talk) as is_alone:
            if not is_alone:
                yield Piece(kind=PieceKind.TROUBLE, text=_BUSY)
                return
            if len(words) > _MOST_WORDS:
                yield Piece(kind=PieceKind.NOTICE, text=_CUT)
            async for piece in self._graph.astream(start, config, stream_mode="custom", durability="exit"):
                yield Piece.model_validate(piece)

    def refusal(self, talk: Talk) -> str | None:
        """Why this person may not talk about this at all; None when they may."""
        return self._office.refusal(talk)

    async def history(self, talk: Talk) -> list[Turn]:
        """What was said so far: the clerk's words and the answers."""
        found = await self._graph.aget_state({"configurable": {"thread_id": talk.thread}})
        return [entry for entry in found.values.get("turns", []) if entry["who"] in (CLERK, ANSWER)]

    async def _hear(self, state: ChatState) -> ChatState:
        await self._toolbox.open()
        words = state["words"]
        scope = self._toolbox.hear(words, await self._scope(state))
        return {
            "turns": kept(state.get("turns", []), turn(CLERK, tidied(words, _MOST_WORDS))),
            "ids": plain(scope.ids),
            "language": language_of(words, state.get("language", "en")),
            "call": {},
        }

    async def _scope(self, state: ChatState) -> Scope:
        talk = Talk.model_validate(state["talk"])
        scope = await self._office.scope(talk)
        known = {Ref(kind): tuple(values) for kind, values in state.get("ids", {}).items()}
        return scope.plus(known)

    async def _choose(self, state: ChatState) -> ChatState:
        scope = self._toolbox.hear(state["words"], await self._scope(state))
        tools = offered_now(self._toolbox.tools(scope), scope, state["words"], state["steps"])
        if not tools:
            return {"call": dict(DONE)}
        calls = call_schema(tools, scope, state["words"])
        ends = [] if is_forced(scope, state["words"], state["steps"]) else [ANSWER_CALL]
        try:
            reply = await self._asker.choose(
                self._prompt(state, scope),
                {"oneOf": [*calls.get("oneOf", [calls]), *ends]},
                case_id=scope.case_id,
                max_tokens=_LETTER if writes_a_letter(tools) else _CALL,
            )
        except ModelTrouble as error:
            show(PieceKind.TROUBLE, str(error))
            return {"call": {"tool": ""}, "turns": kept(state["turns"], turn(ANSWER, "(no answer)"))}
        call = dict(reply.data)
        seen = [entry["text"] for entry in state["turns"] if entry["who"] == CALL][-MOST_STEPS:]
        # The same question to the same records has the same answer.
        if state["steps"] and _text(call) in seen:
            call = dict(DONE)
        return {"call": instead(scope, state["steps"]) if gives_back(call, state["words"]) else call}

    def _prompt(self, state: ChatState, scope: Scope) -> Rendered:
        """The first step reads nothing but the clerk's words and our own."""
        prompt = self._prompts.render(
            PROMPT,
            tools="\n".join(f"{tool.name}: {tool.description}" for tool in self._toolbox.listed),
            context=context_of(scope),
            language=NAMES[state["language"]],
        )
        turns = state["turns"]
        messages = spoken(turns) if state["steps"] == 0 else everything(turns)
        prompt = prompt.model_copy(update={"messages": in_turns((*prompt.messages, *messages))})
        return self._gated(prompt, scope)

    def _gated(self, prompt: Rendered, scope: Scope) -> Rendered:
        """The last step before a model: no account of the cases that were spoken about."""
        return without_bank_data(prompt, self._office.accounts(scope.known(Ref.CASE)))

    async def _use(self, state: ChatState) -> ChatState:
        call, talk = state["call"], Talk.model_validate(state["talk"])
        heard = self._toolbox.hear(state["words"], await self._scope(state))
        prompt = self._prompts.get(PROMPT)
        label = f"{prompt.name}/v{prompt.version} {prompt.sha256[:8]}"
        scope = replace(heard, model=self._asker.name, prompt=label)
        name, arguments = str(call["tool"]), {key: str(value) for key, value in call["arguments"].items()}
        tool = next((entry for entry in self._toolbox.tools(scope) if entry.name == name), None)
        result = (
            ToolResult(text="that is not offered here", is_refused=True)
            if is_late(tool, state["steps"])
            else await self._toolbox.call(name, arguments, scope)
        )
        result = await carried_out(result, talk, await self._grounds(state, talk), self._office)
        access = tool.access.value if tool else Access.WRITE.value
        self._office.called(talk, name, access, _brief(arguments), result.outcome[:200])
        if tool is not None and tool.access is Access.READ:
            show(PieceKind.TOOL, " ".join((name.replace("_", " "), *_brief(arguments).values())))
            show_records(result)
        return {
            "turns": kept(
                state["turns"],
                turn(CALL, _text(call)),
                turn(*as_told(result)),
            ),
            "ids": plain(scope.after(result).ids),
            "steps": state["steps"] + 1,
            "call": {"tool": "" if is_for_a_person(result) else name},
        }

    async def _grounds(self, state: ChatState, talk: Talk) -> Records:
        """What the clerk named is no record: the case's own ids only."""
        office = self._office
        return grounds_of(state, await office.scope(talk), office.about(talk), await office.facts(talk))

    async def _answer(self, state: ChatState) -> ChatState:
        talk = Talk.model_validate(state["talk"])
        scope = await self._scope(state)
        prompt = self._prompts.render(
            "chat_answer", context=context_of(scope), language=NAMES[state["language"]]
        )
        *head, last = prompt.messages
        prompt = prompt.model_copy(
            update={"messages": in_turns((*head, *everything(state["turns"], calls=False), last))}
        )
        prompt, told = self._gated(prompt, scope), list[str]()
        cut, grounds = Sentences(), await self._grounds(state, talk)
        if asks_for_a_deed(state["words"]):
            show(PieceKind.NOTICE, COMMANDS)
        try:
            async for piece in self._asker.write(prompt, case_id=talk.case_id, max_tokens=_CALL):
                told += [tell(sentence, grounds) for sentence in cut.more(piece)]
            told += [tell(sentence, grounds) for sentence in cut.end()]
        except ModelTrouble as error:
            show(PieceKind.TROUBLE, str(error))
        if line := other_language_told(state["words"], "".join(told)):
            show(PieceKind.NOTICE, line)
        return {"turns": kept(state["turns"], turn(ANSWER, "".join(told).strip() or "(no answer)"))}


def _text(call: dict[str, Any]) -> str:
    return json.dumps({**call, "arguments": _brief(call.get("arguments", {}))}, ensure_ascii=False)


def _brief(arguments: dict[str, Any]) -> dict[str, str]:
    """Ids whole, texts cut and without accounts: the log is no second archive."""
    return {key: without_numbers(str(value), ())[:120] for key, value in arguments.items()}


def _after_choice(state: ChatState) -> str:
    tool = state["call"].get("tool")
    if not tool:
        return END
    return "answer" if tool == "answer" else "use"


def _after_use(state: ChatState) -> str:
    return "choose" if state["call"].get("tool") else END
