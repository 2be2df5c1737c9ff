"""Who plays a case: no model, its recorded replies, a real one whose replies may be recorded, or one that
does not think.

A recording is a script as `agent/llm/scripted.py` describes: each reply names the conversation it answers,
so it is found again in any order. A conversation nobody recorded, or a reply nobody asks for, breaks the
case: the prompt, the findings or the case changed, and it has to be recorded again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.llm.scripted import ScriptBroken, ScriptedChat
from agent.llm.settings import LlmSettings
from evals.suite.case import EvalCase
from evals.suite.play import Player

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

RECORDED = "recorded"
NO_BUDGET: Mapping[str, Any] = {"case_seconds": None, "case_tokens": None}
"""A case is not cut off because a machine is slow."""
_NOWHERE = Path(os.devnull)
"""A case's end must not close the model, which the next case needs: the recorder stands between them."""


def recording_of(case: EvalCase, folder: Path | None, trial: int = 0) -> Path:
    """As `recording_in`."""
    return recording_in(case.folder, folder, trial)


def recording_in(case: Path, folder: Path | None, trial: int = 0) -> Path:
    """`case`: its folder. `folder`: recordings of another model than the one whose replies lie beside the
    cases; the folder of the cases itself means beside them."""
    suffix = "" if trial == 0 else f".{trial}"
    if folder is None or folder.resolve() == case.parent.resolve():
        return case / f"model{suffix}.jsonl"
    return folder / f"{case.name}{suffix}.jsonl"


NOT_RECORDED = "this case has no recording: play it with --model none, or with a model and --record FOLDER"


class NotRecorded(ScriptBroken):
    """A model was asked in a case that nobody has recorded yet."""


@contextmanager
def replayed(case: EvalCase, folder: Path | None = None, trial: int = 0) -> Iterator[Player]:
    """Plays the recording. Raises ScriptBroken at the end where replies are left over; without a recording
    any question to a model is one too many, and NotRecorded is raised for it."""
    path = recording_of(case, folder, trial)
    chat = ScriptedChat.read(path) if path.is_file() else ScriptedChat(replies=())
    yield Player(name=RECORDED, llm=_section(path), chats={RECORDED: chat})
    try:
        chat.close()
    except ScriptBroken:
        if path.is_file():
            raise
        raise NotRecorded(NOT_RECORDED) from None


def _section(path: Path) -> dict[str, Any]:
    model = {"kind": "scripted", "path": str(path)}
    return {"investigate": RECORDED, "chat": RECORDED, "models": {RECORDED: model}, "budget": NO_BUDGET}


@contextmanager
def live(
    settings: LlmSettings, chat: BaseChatModel, case: EvalCase, folder: Path | None, trial: int = 0
) -> Iterator[Player]:
    """A real model; its replies go to a recording below `folder`, which is written anew (None: to none)."""
    from agent.llm.scripted import RecordingChat

    name, path = str(settings.investigate), _NOWHERE
    if folder is not None:
        path = recording_of(case, folder, trial)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    section = {
        "investigate": name,
        "chat": name,
        "models": {name: settings.models[name].model_dump(mode="python")},
        "budget": NO_BUDGET,
    }
    yield Player(name=name, llm=section, chats={name: RecordingChat(inner=chat, path=path)})


def unthinking(name: str, case: EvalCase) -> Player:
    """`first_option`: whatever is offered first; `abstain`: nothing; `right`: what the case says is right."""
    from evals.suite.choosing import ChoosingChat, chooser, choosing, first_chooser

    if name == "first_option":
        chat = first_chooser()
    else:
        chat = chooser(case) if name == "right" else ChoosingChat(options={})
    return replace(choosing(chat), name=name)
