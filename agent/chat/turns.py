"""What was said in a conversation, as plain data that a checkpoint keeps, and as messages for a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from agent.grounding import DENIED, UNBACKED
from agent.llm.contract import Message, Role

CLERK, CALL, RECORDS, REFUSED, ANSWER = "clerk", "call", "records", "refused", "answer"
_KEPT = 60
"""Turns of one conversation; older ones are forgotten, the audit log is not."""
_EXCHANGES = 3
"""What the clerk said so many times before, with what followed, stands in a prompt. More of it confuses small
models, and a record read long ago may have changed."""
_LONGEST_RECORD = 3200


class Turn(TypedDict):
    """`who`: clerk, call (of a tool), records (what a tool told), refused (why it told
    nothing; it may repeat what the clerk or the model said, and is no record) or answer."""

    who: str
    text: str


def kept(turns: Sequence[Turn], *more: Turn) -> list[Turn]:
    """The conversation continued, without its oldest turns."""
    return [*turns, *more][-_KEPT:]


def turn(who: str, text: str) -> Turn:
    return {"who": who, "text": text}


def spoken(turns: Iterable[Turn]) -> list[Message]:
    """Only the clerk's own words: nothing that others wrote can be among them."""
    said = [entry["text"] for entry in turns if entry["who"] == CLERK][-6:]
    return [Message(role=Role.USER, text=f"Clerk: {text}") for text in said]


def everything(turns: Sequence[Turn], *, calls: bool = True) -> list[Message]:
    """The last exchanges with what tools told; what others wrote stands in it between marks. Without `calls`
    the model's own requests are left out: a small model goes on writing what it sees."""
    starts = [at for at, entry in enumerate(turns) if entry["who"] == CLERK][-_EXCHANGES:]
    shown = turns[starts[0] :] if starts else turns
    return [_message(entry) for entry in shown if calls or entry["who"] != CALL]


def _message(entry: Turn) -> Message:
    match entry["who"]:
        case "clerk":
            return Message(role=Role.USER, text=f"Clerk: {entry['text']}")
        case "records" | "refused":
            return Message(role=Role.USER, text=f"Records:\n{entry['text'][:_LONGEST_RECORD]}")
        case _:
            return Message(role=Role.ASSISTANT, text=_unmarked(entry["text"]))


def _unmarked(text: str) -> str:
    """An answer as the model wrote it: the marks on deeds and states are for the clerk."""
    return text.replace(f" {UNBACKED}", "").replace(f" {DENIED}", "")


def in_turns(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Neighbours of one role become one message: many models take only turns."""
    found: list[Message] = []
    for message in messages:
        if found and found[-1].role is message.role and message.role is not Role.SYSTEM:
            found[-1] = Message(role=message.role, text=f"{found[-1].text}\n\n{message.text}")
        else:
            found.append(message)
    return tuple(found)


def plain(values: Mapping[Any, Iterable[str]]) -> dict[str, list[str]]:
    """Ids by kind as a checkpoint keeps them."""
    return {str(key): list(entries) for key, entries in values.items()}
