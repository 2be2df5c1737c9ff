"""`erp-agent suppliers`: commands about verified bank accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.commands import tables
from agent.commands.common import Terminal, suppliers, with_application
from agent.settings import login


@suppliers.command("verify-account")
def verify_account(
    supplier: str,
    iban: str,
    how: Annotated[
        str,
        typer.Option(
            prompt="How was it verified?", help="For example: call-back to the number in the contract."
        ),
    ],
) -> None:
    """Record that you verified a bank account outside any document. Changes nothing in the ERP."""

    async def work(application: Any) -> Any:
        return application.accounts.verify_account(supplier, iban, login(), how)

    Terminal.out.print(tables.plain(with_application(work)))


@suppliers.command("import-accounts")
def import_accounts(file: Annotated[Path, typer.Argument(help="CSV: supplier_id,iban,how")]) -> None:
    """Record verified accounts from a list of master data, as the person logged in."""

    async def work(application: Any) -> Any:
        return application.accounts.import_accounts(file, login())

    Terminal.out.print(tables.plain(with_application(work)))
