"""`erp-agent suppliers`: the copy of the master, finding a supplier, senders that people confirm."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.commands import tables, texts
from agent.commands.common import Json, Terminal, asked, fail, say, show_json, suppliers, with_application
from agent.settings import login


@suppliers.command("sync")
def sync(
    complete: Annotated[bool, typer.Option("--all", help="Read every supplier, not only changes.")] = False,
    as_json: Json = False,
) -> None:
    """Bring the copy and its search index up to date with the ERP."""
    with tables.progress(Terminal.err) as progress:
        counts = with_application(
            lambda application: application.suppliers.sync(progress, complete=complete, most=None)
        )
    if as_json:
        show_json(counts)
    else:
        Terminal.out.print(", ".join(f"{number} {word}" for word, number in counts.items()))


@suppliers.command("resolve")
def resolve(
    name: Annotated[str | None, typer.Argument(help="Name as on the document.")] = None,
    city: Annotated[str | None, typer.Option()] = None,
    country: Annotated[str | None, typer.Option(help="Two letters.")] = None,
    vat_id: Annotated[str | None, typer.Option()] = None,
    iban: Annotated[str | None, typer.Option()] = None,
    queries: Annotated[
        Path | None, typer.Option("--csv", help="Many at once: query_name, query_city, vat_id, iban …")
    ] = None,
    master: Annotated[
        Path | None, typer.Option(help="With --csv: the suppliers to choose from: id, name, city …")
    ] = None,
    as_json: Json = False,
) -> None:
    """Which supplier this is, with the evidence; asks rather than guesses."""
    if queries is not None and master is not None and name is None:
        _resolve_file(queries, master, as_json)
        return
    if name is None or queries is not None or master is not None:
        fail("give either a name, or --csv FILE together with --master FILE", 2)

    async def work(application: Any) -> Any:
        return application.suppliers.resolve(name, city=city, country=country, vat_id=vat_id, iban=iban)

    choice = with_application(work)
    if as_json:
        show_json(choice.model_dump(mode="json"))
    else:
        tables.supplier_choice(Terminal.out, choice)


def _resolve_file(queries: Path, master: Path, as_json: bool) -> None:
    from agent.supplier_answers import CsvFault, answers

    try:
        for answer in answers(queries, master):
            if as_json:
                show_json(answer)
            else:
                words = (answer["decision"], answer["supplier_id"] or "-", answer["query"])
                Terminal.out.print(texts.plain("  ".join(words)), soft_wrap=True)
    except CsvFault as error:
        fail(str(error), 2)


@suppliers.command("confirm-sender")
def confirm_sender(
    supplier: str,
    domain: Annotated[str, typer.Argument(help="Mail domain or address of the supplier's own domain.")],
    how: Annotated[str | None, typer.Option(help="For example: address on the signed contract.")] = None,
    as_json: Json = False,
) -> None:
    """Record that mail from this domain is the supplier's own. Not possible for free mailboxes."""
    told = asked(how, "--how", "How do you know?", as_json)

    def work(application: Any) -> str:
        policy = application.settings.policy.approval
        return str(application.suppliers.confirm_sender(supplier, domain, login(), told, policy))

    say(work, as_json)


@suppliers.command("withdraw-sender")
def withdraw_sender(
    supplier: str,
    domain: str,
    why: Annotated[str | None, typer.Option(help="For example: mailbox broken into.")] = None,
    as_json: Json = False,
) -> None:
    """Take back that mail from this domain is the supplier's own."""
    told = asked(why, "--why", "Why?", as_json)

    def work(application: Any) -> str:
        policy = application.settings.policy.approval
        return str(application.suppliers.withdraw_sender(supplier, domain, login(), told, policy))

    say(work, as_json)
