"""The edge of `erp-eval`: what its user can mend is told in one line, with exit code 2."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from agent.garbage import collect_seldom


class Edge(TyperGroup):
    """The group of all commands. A defect of the program keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:  # the type is private to typer
        """As without it, with trouble told."""
        collect_seldom()
        with Told():
            return super().invoke(ctx)


class Told:
    """Ends in one line on standard error what is trouble of the settings, a model, a case or a file."""

    def __enter__(self) -> None:
        """Nothing to open."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and _is_trouble(error):
            lines = (line.strip() for line in str(error).splitlines())
            typer.echo(f"error: {'; '.join(line for line in lines if line)}", err=True)
            raise typer.Exit(2) from None


def _is_trouble(error: BaseException) -> bool:
    """Imported only now: most commands need few of them, and some take a second to load."""
    if isinstance(error, typer.Exit | typer.Abort | typer.BadParameter):
        return False
    from concurrent.futures.process import BrokenProcessPool

    from agent.llm.contract import ModelTrouble
    from agent.llm.scripted import ScriptBroken
    from agent.llm.telemetry import TelemetryUnusable
    from agent.settings import SettingsError
    from evals.suite.case import CaseBroken
    from tools.erp.sandbox.world import WorldError

    known = (CaseBroken, SettingsError, ModelTrouble, ScriptBroken, TelemetryUnusable, WorldError)
    return isinstance(error, (*known, BrokenProcessPool))
