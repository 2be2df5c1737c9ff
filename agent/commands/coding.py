"""`erp-agent coding`: earlier codings, from which accounts are suggested."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.common import Json, app, say
from agent.settings import login

coding = typer.Typer(no_args_is_help=True, help="Earlier codings, from which accounts are suggested.")
app.add_typer(coding, name="coding")


@coding.command("import")
def import_codings(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV, UTF-8, with a header: supplier_id,account,date and, if there, "
            "description,cost_centre,tax_code,document."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Take over how lines were coded in the old ledger, as the person logged in: all lines or, with every
    fault named, none. The same content again changes nothing; of several lists that name a document by its
    number, each document counts once."""
    say(lambda application: application.coding.import_list(file, login()), as_json)


@coding.callback()
def group() -> None:
    """Keeps `import` a command of its own while the group has only one."""
