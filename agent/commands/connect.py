"""`erp-agent connect`: a person's consent, once, for an ERP whose login wants one."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.common import Json, Terminal, app, fail, settings, show_json
from agent.settings import SettingsError

if TYPE_CHECKING:
    from agent.erp_connection import ErpConsent


@app.command()
def connect(
    kind: Annotated[str, typer.Argument(help="The ERP of the settings, for example exact.")],
    browser: Annotated[
        bool, typer.Option("--open", help="Open the address in this machine's browser.")
    ] = False,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the browser to come back.", min=1)] = 300,
    as_json: Json = False,
) -> None:
    """Log in at the ERP and consent; the tokens are kept in the data folder, readable by you alone. Needed
    once, and again when `doctor` says so."""
    from agent import erp_connection

    try:
        attempt = erp_connection.consent_of(settings(), kind)
        told = asyncio.run(_consented(attempt, browser, wait, as_json))
    except (SettingsError, erp_connection.StateUnusable) as error:
        fail(str(error), 3)
    except (erp_connection.ConsentRefused, TimeoutError) as error:
        fail(str(error) or f"nobody came back within {wait} seconds")
    except erp_connection.ErpError as error:
        fail(f"{kind}: {error}")
    if as_json:
        show_json({"message": told})
    else:
        Terminal.out.print(told, markup=False, highlight=False)


async def _consented(attempt: ErpConsent, browser: bool, wait: int, as_json: bool) -> str:
    """Prints the address; the code comes back by itself where the browser is sent to this machine, else the
    person pastes where it was sent."""
    from agent.erp_connection import caught

    consent = attempt.consent
    if not consent.comes_back_here:
        _tell(consent.address, browser, as_json)
        if as_json:
            fail("--json does not ask; the redirect address is on another machine", 2)
        given = typer.prompt("The address your browser was sent to after your consent", err=True)
        await attempt.take(str(given))
    else:
        async with caught(consent) as came_back:
            _tell(consent.address, browser, as_json)
            code = await asyncio.wait_for(came_back(), wait)
        await attempt.spend(code)
    return "connected; the tokens are kept and renewed from now on"


def _tell(address: str, browser: bool, as_json: bool) -> None:
    if browser:
        webbrowser.open(address)
    if as_json:
        show_json({"open": address})
        sys.stdout.flush()
    else:
        # The address is to be copied: it stays in one piece.
        Terminal.out.print(f"Open this address and consent:\n{address}", markup=False, soft_wrap=True)
