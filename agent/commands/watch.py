"""`erp-agent watch`: waiting cases move when what they wait for happens in the ERP."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from agent.commands.common import (
    Json,
    Terminal,
    app,
    finish,
    show_json,
    tell_meanwhile,
    with_application,
    working,
)
from agent.commands.texts import plain


@app.command()
def watch(
    once: Annotated[bool, typer.Option("--once", help="Look once and end, for a scheduler.")] = False,
    complete: Annotated[
        bool,
        typer.Option("--complete", help="With --once: compare every open case, not only changed orders."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Match waiting cases again when their orders, receipts or supplier change in the ERP, until interrupted.
    It asks at intervals, and listens for the ERP's messages where [events] says so. It approves nothing."""
    errors: list[str | None] = []

    def tell(news: dict[str, Any]) -> None:
        if "complete" in news and not as_json:
            return
        if news.get("error"):
            errors.append(news["error"])
        if as_json:
            show_json(news)
            sys.stdout.flush()
        else:
            case = f"{news['case']} ({news['stage'].replace('_', ' ')}): " if "case" in news else ""
            Terminal.out.print(plain(case + news["message"]), highlight=False)

    async def work(application: Any) -> None:
        from agent.triggers.watching import Watching

        def tell_all(news: dict[str, Any]) -> None:
            tell(news)
            tell_meanwhile(application)

        watching = Watching(application, tell_all)
        if once:
            await watching.once(complete=complete)
        else:
            await watching.run()

    with_application(lambda application: working(application, lambda: work(application)))
    if once:
        finish(errors)
