"""`erp-agent chat`: a conversation about a case or the inbox. Deciding is done by its slash commands."""

from __future__ import annotations

import asyncio
import signal
import sys
import termios
from collections.abc import Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding
from rich.text import Text

from agent.commands import tables
from agent.commands.common import (
    Json,
    Terminal,
    app,
    fail,
    printable,
    readable,
    show_json,
    tell_at_start,
    with_application,
)
from agent.commands.suggestions import doubts, print_draft
from agent.commands.texts import quoted
from agent.settings import login

if TYPE_CHECKING:
    from agent.chat.types import Piece, Talk

_HELP = """/show            the case with its document, findings, question or proposal
/take [ID] [NAME=VALUE …]   take a suggestion, as yourself; it becomes a proposal or an answer
/approve         see the whole proposal and approve it, or not (default: no)
/drafts          letters that were drafted; nothing is sent
/case ID, /inbox talk about another case, or about all
/quit            leave"""


class Keyboard:
    """The person at the terminal. A decision is asked of nobody else: what stands in a file, a pipe or a
    pasted text decides nothing."""

    def is_there(self) -> bool:
        return sys.stdin.isatty()

    async def types(self, question: str) -> str:
        """What is typed after the question is shown; what was typed or pasted before is thrown away."""
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
        return str(await asyncio.to_thread(Terminal.out.input, question, markup=False)).strip()


_STYLES = {"tool": "dim", "records": "dim", "notice": "bold", "struck": "yellow", "trouble": "red"}


@app.command()
def chat(
    case: Annotated[str | None, typer.Option(help="Talk about this case; else about the inbox.")] = None,
    supplier: Annotated[
        str | None,
        typer.Option(help="An inquiry of this supplier: nothing about anybody else is told."),
    ] = None,
    say: Annotated[
        list[str] | None, typer.Option("--say", help="Say this and leave; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask in Dutch, German, French or English. Answers name their records; what would change something is
    only suggested. No message approves anything: /approve does, and it shows the whole proposal first."""
    if as_json and not say:
        fail("--json goes with --say", 2)
    words = [text for text in map(readable, say or ()) if text.strip()]
    if say and not words:
        fail("--say holds no words; nothing was asked", 2)
    if say and len(words) < len(say):
        Terminal.err.print("an empty --say was left out", style="yellow", highlight=False)
    if any(text.strip().startswith("/") for text in words):
        fail(
            "--say takes words; commands such as /approve are for the terminal, or use `erp-agent approve`", 2
        )
    if not with_application(lambda application: _converse(application, case, supplier, words, as_json)):
        raise typer.Exit(1)


async def _converse(
    application: Any, case: str | None, supplier: str | None, words: Iterable[str], as_json: bool
) -> bool:
    """False where a model gave no answer to what was said on the command line."""
    from agent.bootstrap import WrongUsage
    from agent.chat.types import Talk

    chat, person = application.require_chat(), login()
    talk = Talk(
        person=person, case_id=case and application.service.case(case).case_id, only_supplier=supplier
    )
    if supplier is not None and (refusal := chat.refusal(talk)) is not None:
        raise WrongUsage(refusal)
    await tell_at_start(application)
    if words:
        return all([await _said(chat, talk, text, as_json) for text in words])
    Terminal.out.print(
        f"{chat.model}, as {person}. /help lists the commands; /quit leaves.", style="dim", highlight=False
    )
    keyboard = Keyboard()
    while (typed := await _typed(talk)) is not None:
        text = typed.strip()
        if text in ("/quit", "/exit"):
            break
        if text.startswith("/"):
            talk = await commanded(application, talk, text[1:].split(), keyboard)
        elif text:
            await stoppable(_said(chat, talk, text, as_json))
    return True


async def stoppable(answer: Coroutine[Any, Any, bool]) -> bool:
    """Ctrl-C ends the answer and not the conversation; False where it did."""
    task, loop = asyncio.ensure_future(answer), asyncio.get_running_loop()
    before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(task.cancel))
    try:
        return await task
    except asyncio.CancelledError:
        own = asyncio.current_task()
        if own is not None and own.cancelling():
            raise
        Terminal.out.print("\nStopped. Ask again, or /quit.", style="yellow")
        return False
    finally:
        signal.signal(signal.SIGINT, before)


async def _typed(talk: Talk) -> str | None:
    """What the person types; None at the end of the input."""
    try:
        return await asyncio.to_thread(Terminal.out.input, f"{talk.case_id or 'inbox'}> ", markup=False)
    except (EOFError, KeyboardInterrupt):
        return None


async def _said(chat: Any, talk: Talk, text: str, as_json: bool) -> bool:
    """One turn, shown as it comes; False where the model failed."""
    ended, answered = True, True
    async for piece in chat.say(talk, text):
        answered = answered and piece.kind != "trouble"
        if as_json:
            show_json(piece.model_dump(mode="json"))
            continue
        if not ended and piece.kind != "text":
            Terminal.out.print()
        _print(piece)
        ended = piece.kind != "text"
    if not ended:
        Terminal.out.print()
    return answered


def _print(piece: Piece) -> None:
    text = printable(piece.text)
    if piece.kind == "text":
        Terminal.out.print(text, end="", markup=False, highlight=False)
    elif piece.suggestion is not None:
        number = piece.suggestion.suggestion_id
        Terminal.out.print(f"Suggested by the model: {text}", style="cyan", markup=False, highlight=False)
        _print_doubts(piece.suggestion.struck, piece.suggestion.flagged)
        Terminal.out.print(f"/take {number} takes it; nothing is done before.", style="cyan", highlight=False)
    elif piece.draft is not None:
        Terminal.out.print(f"Draft to the {piece.draft.to}, not sent:", style="cyan", highlight=False)
        quoted(Terminal.out, text)
        _print_doubts(piece.draft.struck, piece.draft.flagged)
    elif piece.kind == "records":
        Terminal.out.print(Padding(Text(text), (0, 0, 0, 3), expand=False), style="dim")
    else:
        told = {"struck": "struck out, no record says so: ", "tool": "looks up: "}.get(piece.kind, "")
        style = _STYLES.get(piece.kind)
        Terminal.out.print(f"{told}{text}", style=style, markup=False, highlight=False)


def _print_doubts(struck: Sequence[str], flagged: Sequence[str]) -> None:
    for line in doubts(struck, flagged):
        Terminal.out.print(line, highlight=False)


async def commanded(application: Any, talk: Talk, words: list[str], keyboard: Keyboard) -> Talk:
    """One slash command. What is refused is said, and the conversation goes on."""
    from agent.claims import CaseBusy
    from agent.service import Refused

    name, *rest = words or ["help"]
    try:
        if name == "inbox":
            return talk.model_copy(update={"case_id": None})
        if name == "case" and rest:
            return talk.model_copy(update={"case_id": application.service.case(rest[0]).case_id})
        if name not in ("show", "take", "approve", "drafts"):
            Terminal.out.print(_HELP, markup=False, highlight=False)
        elif talk.case_id is None:
            Terminal.out.print("Which case? /case ID first.", style="red", highlight=False)
        else:
            await _about_case(application, talk, name, rest, keyboard)
    except (Refused, CaseBusy) as error:
        Terminal.out.print(printable(str(error)), style="red", markup=False, highlight=False)
    return talk


async def _about_case(application: Any, talk: Talk, name: str, rest: list[str], keyboard: Keyboard) -> None:
    if name == "show":
        tables.case_detail(Terminal.out, await application.service.show(talk.case_id))
    elif name == "drafts":
        drafts = application.drafts(talk.case_id)
        for draft in drafts:
            print_draft(Terminal.out, draft)
        if not drafts:
            Terminal.out.print("nothing is drafted", highlight=False)
    elif name == "approve" and rest and rest != [talk.case_id]:
        fault = f"this is about {talk.case_id}; for another case: /case ID first"
        Terminal.out.print(fault, style="red", highlight=False)
    elif not keyboard.is_there():
        told = f"/{name} needs a person at a terminal; nothing was done"
        Terminal.out.print(told, style="red", highlight=False)
    elif name == "take":
        await _take(application, talk, rest, keyboard)
    else:
        await _approve(application, talk, keyboard)


async def _take(application: Any, talk: Talk, rest: list[str], keyboard: Keyboard) -> None:
    """As `erp-agent answer --take`, after the person said yes to it."""
    pairs = dict(entry.partition("=")[::2] for entry in rest if "=" in entry)
    number = next((entry for entry in rest if "=" not in entry), "")
    if not number and not (await application.service.show(talk.case_id)).suggestions:
        Terminal.out.print(f"nothing is suggested for {talk.case_id}", highlight=False)
        return
    if await keyboard.types(f"Take the suggestion {number} as {talk.person}? Type yes: ") != "yes":
        Terminal.out.print("not taken", highlight=False)
        return
    tables.results(Terminal.out, await application.take(talk.case_id, number, pairs, talk.person, ""))
    tables.case_detail(Terminal.out, await application.service.show(talk.case_id))


async def _approve(application: Any, talk: Talk, keyboard: Keyboard) -> None:
    """The whole proposal, then the posting, if the person types the number of the case."""
    shown = await application.proposals([talk.case_id], False, talk.person)
    if not shown:
        Terminal.out.print(application.not_waiting([talk.case_id])[0]["error"], style="red", markup=False)
        return
    detail, digest = shown[0]
    tables.case_detail(Terminal.out, detail)
    question = f"To approve and post it as {talk.person}, type {talk.case_id}: "
    if await keyboard.types(question) == talk.case_id:
        done = await application.approve([(talk.case_id, digest)], talk.person, "")
        tables.results(Terminal.out, done)
    elif too_late := application.not_waiting([talk.case_id]):
        # Approved by somebody meanwhile: this no stops nothing.
        Terminal.out.print(too_late[0]["error"], style="red", markup=False, highlight=False)
    else:
        Terminal.out.print("not approved; nothing was sent", highlight=False)
