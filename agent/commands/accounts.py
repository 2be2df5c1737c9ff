"""`erp-agent suppliers`: commands about verified bank accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.commands import tables
from agent.commands.common import Terminal, suppliers, with_application
from agent.settings import login


def _say(work: Callable[[Any], str]) -> None:
    """Do it and print the sentence it returns."""

    async def go(application: Any) -> str:
        return work(application)

    Terminal.out.print(tables.plain(with_application(go)))


@suppliers.command("call-back")
def call_back(
    supplier: str,
    account: str,
    number: Annotated[str, typer.Option(prompt="Which number was called?")],
    source: Annotated[
        str,
        typer.Option(
            "--from", prompt="Where does it come from?", help="master-data or contract, no document."
        ),
    ],
    result: Annotated[str, typer.Option(prompt="What came of it?", help="confirmed, denied or not-reached.")],
    spoken_with: Annotated[str, typer.Option(help="Who answered.")] = "",
    case: Annotated[str | None, typer.Option(help="The case whose document named the account.")] = None,
    at: Annotated[
        datetime | None,
        typer.Option(help="When, in local time; now if left out.", formats=["%Y-%m-%dT%H:%M"]),
    ] = None,
    payee_check: Annotated[
        str | None,
        typer.Option(help="The bank's Verification of Payee: match, close-match, no-match, not-possible."),
    ] = None,
    remark: str = "",
) -> None:
    """Record that you asked the supplier about an account. Another person activates it (verify-account)."""
    said = {
        "supplier_id": supplier,
        "account": account,
        "number": number,
        "number_from": source,
        "spoken_with": spoken_with,
        "result": result,
        "called_at": at.astimezone() if at else None,
        "case_id": case,
        "payee_check": payee_check,
        "remark": remark,
    }
    _say(lambda application: application.accounts.take_down(said, login()))


@suppliers.command("verify-account")
def verify_account(supplier: str, account: str) -> None:
    """Activate an account that another person's call-back confirmed. Changes nothing in the ERP."""
    _say(lambda application: application.accounts.verify_account(supplier, account, login()))


@suppliers.command("import-accounts")
def import_accounts(
    file: Annotated[Path, typer.Argument(help="CSV: supplier_id,iban,how")],
    further: Annotated[
        bool, typer.Option("--further", help="Also for suppliers that have a verified account.")
    ] = False,
) -> None:
    """First load of verified accounts from master data, as the person logged in."""
    _say(lambda application: application.accounts.import_accounts(file, login(), further=further))
