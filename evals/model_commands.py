"""Commands of `erp-eval` that measure a language model. Apart from `cli.py`, which is long enough."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Container, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from agent.llm.contract import Asker, Task
from agent.llm.settings import LlmSettings, LocalSettings, ModelSettings, ScriptedSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

console = Console()
Json = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]
ModelName = Annotated[
    str, typer.Option(help="A GGUF file, a script (.jsonl), or a name under [llm.models] of the settings.")
]
SettingsFile = Annotated[Path | None, typer.Option(help="Settings file with [llm.models].")]
_PATIENCE = 3600
"""Seconds for one answer: a busy machine makes no answer wrong."""
_NO_LIMIT = {"case_seconds": None, "case_tokens": None}


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")


def _say(text: str) -> None:
    typer.echo(text, err=True)


def llm_settings(model: str, path: Path | None, held: Container[str] = ()) -> LlmSettings:
    """One model for the task, without the limits of a day's work; its file lies there, before hours of
    asking it in vain (not looked at for names in `held`, whose chat models are given). Raises
    SettingsError, BadParameter, ModelTrouble, ScriptBroken."""
    file = Path(model)
    if file.suffix == ".gguf":
        models: dict[str, Any] = {"local": {"kind": "local", "path": str(file), "timeout_seconds": _PATIENCE}}
        name = "local"
    elif file.suffix == ".jsonl":
        models, name = {"scripted": {"kind": "scripted", "path": str(file)}}, "scripted"
    else:
        found = _configured(model, path)
        if model not in held:
            _check_file(found.models[model])
        return found.model_copy(update={"investigate": model, "budget": _unlimited()})
    settings = LlmSettings.model_validate({"investigate": name, "models": models, "budget": _NO_LIMIT})
    if name not in held:
        _check_file(settings.models[name])
    return settings


def _configured(model: str, path: Path | None) -> LlmSettings:
    """Of a settings file that has this model."""
    from agent.settings import NoSettingsFile, SettingsError, load

    try:
        found = load(path).llm
    except NoSettingsFile as lacking:
        raise SettingsError(
            f"{model!r} is no GGUF file and no script (.jsonl), and there is no settings file {lacking.path} "
            "with names of models; --settings or ERP_AGENT_CONFIG names another"
        ) from None
    if model not in found.models:
        known = ", ".join(sorted(found.models)) or "none"
        raise typer.BadParameter(f"there is no model {model} under [llm.models]; there are: {known}")
    return found


def _check_file(entry: ModelSettings) -> None:
    """Raises ModelTrouble for a model of this machine that does not lie there, ScriptBroken for a script."""
    from agent.llm.engines import check_file
    from agent.llm.model_files import model_path
    from agent.llm.scripted import ScriptBroken, ScriptedChat

    if isinstance(entry, LocalSettings):
        check_file(model_path(entry))
    elif isinstance(entry, ScriptedSettings) and not ScriptedChat.read(entry.path).replies:
        raise ScriptBroken(f"{entry.path} holds no replies")


def side_by_side(
    model: ModelName,
    cases: Annotated[int, typer.Option(help="The first cases of the split dev.", min=1)] = 30,
    spread: Annotated[bool, typer.Option(help="One of each kind of case first.")] = True,
    keep: Annotated[Path, typer.Option(help="Runs are kept here, and not repeated.")] = Path(
        "side-by-side.runs.jsonl"
    ),
    settings: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """The product beside a plain agent with the same tools and model: end states, harmful writes, costs."""
    from agent.llm.models import chat_model
    from evals.resolution_world import read_cases
    from evals.side_by_side import chosen_cases, print_report, report, run

    async def measured() -> Any:
        found = llm_settings(model, settings)
        name = str(found.investigate)
        chat = chat_model(found, name)
        async with asker_of(model, settings, {name: chat}) as asker:
            chosen = chosen_cases(read_cases("dev"), cases, spread)
            return await run(chosen, asker, chat, keep, progress=_say)

    found = report(asyncio.run(measured()))
    if as_json:
        _show(found.model_dump_json())
    else:
        print_report(found, console)


def _unlimited() -> Any:
    from agent.llm.settings import BudgetSettings

    return BudgetSettings.model_validate(_NO_LIMIT)


@asynccontextmanager
async def asker_of(
    model: str,
    path: Path | None,
    given: Mapping[str, BaseChatModel] | None = None,
    task: Task = Task.INVESTIGATE,
) -> AsyncIterator[Asker]:
    """The model for a task, without budgets and records. Raises BadParameter for one that is not known."""
    from agent.llm.desks import ModelDesks
    from agent.llm.telemetry import Traces

    settings = llm_settings(model, path, given or ())
    settings = settings.model_copy(update={task.value: settings.investigate})
    desks = ModelDesks(settings, lambda case_id, called: None, Traces(), given=given)
    try:
        asker = desks.asker(task)
        if asker is None:
            raise typer.BadParameter("no model")
        yield asker
    finally:
        await desks.close()


def resolutions(
    model: ModelName,
    split: Annotated[
        str,
        typer.Option(help="dev, test, unseen, fresh or all; what they are stands in resolution_world.py."),
    ] = "dev",
    prompt: Annotated[int | None, typer.Option(help="Version; the active one by default.")] = None,
    ablate: Annotated[bool, typer.Option(help="Also without one part each.")] = False,
    limit: Annotated[int | None, typer.Option(help="Only the first cases.", min=1)] = None,
    only: Annotated[str, typer.Option(help="Only cases whose id begins so.")] = "",
    keep: Annotated[Path, typer.Option(help="Answers are kept here, and not asked for again.")] = Path(
        "resolutions.answers.jsonl"
    ),
    settings: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Have a model suggest resolutions for discrepancy cases of ours; count what is permitted."""
    from agent.llm.prompts import Prompts
    from evals.resolution_variants import Variant
    from evals.resolution_world import SPLITS, read_cases
    from evals.resolutions import print_report, report, run

    if split not in (*SPLITS, "all"):
        raise typer.BadParameter(f"--split is {', '.join(SPLITS)} or all")
    names = SPLITS if split == "all" else (split,)
    cases = [case for name in names for case in read_cases(name) if case.id.startswith(only)][:limit]
    if not cases:
        raise typer.BadParameter(f"no case begins with {only}")
    variants = tuple(Variant) if ablate else (Variant.AS_BUILT,)

    async def measured() -> Any:
        async with asker_of(model, settings) as asker:
            return await run(cases, asker, Prompts(), keep, version=prompt, variants=variants, progress=_say)

    found = report(cases, asyncio.run(measured()))
    if as_json:
        _show(found.model_dump_json())
    else:
        print_report(found, console)


def schema(
    model: ModelName,
    prompts: Annotated[int, typer.Option(min=1)] = 1000,
    seed: int = 1,
    keep: Annotated[Path, typer.Option(help="Calls are kept here, and not asked for again.")] = Path(
        "schema.calls.jsonl"
    ),
    settings: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Have a model call tools over made-up prompts; count what keeps to the schema."""
    from agent.llm.prompts import Prompts
    from evals.call_schemas import print_report, report, run

    async def measured() -> Any:
        async with asker_of(model, settings) as asker:
            return await run(asker, Prompts(), keep, count=prompts, seed=seed, progress=_say)

    found = report(asyncio.run(measured()))
    if as_json:
        _show(found.model_dump_json())
    else:
        print_report(found, console)


def grounding(
    seed: int = 1, stories: Annotated[int, typer.Option(min=1)] = 30, as_json: Json = False
) -> None:
    """Hold made-up sentences in four languages against records: true claims struck, false ones missed."""
    from evals.grounding import measure, print_report

    found = measure(seed, stories)
    if as_json:
        _show(json.dumps(found.model_dump(mode="json"), ensure_ascii=False))
    else:
        print_report(found, console)


def register(app: typer.Typer) -> None:
    """Make these commands of `erp-eval`."""
    for command in (resolutions, schema, grounding, side_by_side):
        app.command()(command)
