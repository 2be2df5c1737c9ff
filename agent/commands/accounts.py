"""`erp-agent suppliers`: commands about verified bank accounts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.commands.common import Json, asked, readable, say, suppliers
from agent.settings import login


@suppliers.command("call-back")
def call_back(
    supplier: str,
    account: str,
    number: Annotated[str | None, typer.Option(help="The number that was called.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="Where it stands: master-data or contract, no document.")
    ] = None,
    result: Annotated[str | None, typer.Option(help="confirmed, denied or not-reached.")] = None,
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
    as_json: Json = False,
) -> None:
    """Record that you asked the supplier about an account. Another person activates it (verify-account)."""
    said = {
        "supplier_id": supplier,
        "account": account,
        "number": asked(number, "--number", "Which number was called?", as_json),
        "number_from": asked(source, "--from", "Where does it come from?", as_json),
        "spoken_with": spoken_with,
        "result": asked(result, "--result", "What came of it?", as_json),
        "called_at": at.astimezone() if at else None,
        "case_id": case,
        "payee_check": payee_check,
        "remark": readable(remark),
    }
    say(lambda application: application.accounts.take_down(said, login()), as_json)


@suppliers.command("verify-account")
def verify_account(supplier: str, account: str, as_json: Json = False) -> None:
    """Activate an account that another person's call-back confirmed. Changes nothing in the ERP."""
    say(lambda application: application.accounts.verify_account(supplier, account, login()), as_json)


@suppliers.command("import-accounts")
def import_accounts(
    file: Annotated[Path, typer.Argument(help="CSV: supplier_id,iban,how")],
    as_json: Json = False,
) -> None:
    """First load of verified accounts from master data, for suppliers that have none yet."""
    say(lambda application: application.accounts.import_accounts(file, login()), as_json)
