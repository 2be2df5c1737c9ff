"""The ledger lines of an entry, where the customer has made the GetConnector that shows them.

With them an entry that is found after an unknown outcome is compared with what was approved: account, VAT
code, cost centre and amount of every line. Without them only its amounts are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tools.erp.afas import wire
from tools.erp.afas.entries import GENERAL_LEDGER
from tools.erp.afas.filters import Condition, Is
from tools.erp.afas.session import Session
from tools.erp.afas.wire_entries import EntryLine

Coding = tuple[str, str, str, Decimal]
"""Account, VAT code, cost centre, amount; a debit is positive."""

NOT_SHOWN = (
    "the GetConnector ErpAgent_EntryLines is not there: an entry that is found after an unknown outcome is "
    "compared by its amounts, not by accounts, VAT codes and cost centres; make it as "
    "tools/erp/afas/README.md describes and add it to the app connector"
)


async def lines_of(session: Session, invoice: wire.InvoiceRow) -> list[EntryLine] | None:
    """The entry's lines; None where no GetConnector shows them. An entry of another year may have the same
    number, so those of another day are not its lines."""
    if not await session.offers(EntryLine):
        return None
    group = (
        Condition("UnId", Is.EQUAL, str(invoice.administration)),
        Condition("EnNo", Is.EQUAL, str(invoice.entry)),
    )
    rows = await session.where(EntryLine, [group], "entry lines")
    return [
        row
        for row in rows
        if (row.administration, row.journal, row.entry)
        == (invoice.administration, invoice.journal, invoice.entry)
        and row.entry_date == invoice.entry_date
    ]


def recoded(shown: Iterable[EntryLine], message: Mapping[str, Any], *, foreign: bool) -> str | None:
    """What the lines say otherwise than the message that would be sent, in words; None for nothing. Their
    order and texts do not count. Foreign amounts are compared in the document's currency: the rate may have
    moved."""
    theirs = Counter(_shown(row, foreign) for row in shown if row.feature == GENERAL_LEDGER)
    if not theirs:
        return f"{EntryLine.connector} shows no ledger lines of it"
    ours = Counter(_approved(message, foreign))
    if theirs == ours:
        return None
    return f"its lines ({_told(theirs - ours)}) are not the ones approved ({_told(ours - theirs)})"


def _shown(row: EntryLine, foreign: bool) -> Coding:
    debit = row.debit_foreign if foreign else row.debit
    credit = row.credit_foreign if foreign else row.credit
    return _coding(row.account, row.vat_code, row.cost_centre, (debit or Decimal(0)) - (credit or Decimal(0)))


def _approved(message: Mapping[str, Any], foreign: bool) -> Iterable[Coding]:
    sides = ("AmDc", "AmCc") if foreign else ("AmDe", "AmCr")
    for row in message["FiEntryPar"]["Element"]["Objects"]["FiEntries"]["Element"]:
        fields = row["Fields"]
        if fields["VaAs"] != GENERAL_LEDGER:
            continue
        debit, credit = (Decimal(fields[side]) for side in sides)
        yield _coding(fields["AcNr"], fields["VaId"], _centre(row), debit - credit)


def _centre(row: Mapping[str, Any]) -> str:
    """The one allocation of a line, whatever its axis."""
    axes = row.get("Objects", {}).get("FiDimEntries", {}).get("Element", {}).get("Fields", {})
    return "".join(str(code) for code in axes.values())


def _coding(account: str, vat_code: str, centre: str, amount: Decimal) -> Coding:
    return account.strip(), vat_code.strip(), centre.strip().casefold(), amount


def _told(lines: Counter[Coding]) -> str:
    told = [
        f"{amount.normalize() + Decimal(0):f} on {account} with VAT code {code or 'none'}, cost centre "
        f"{centre or 'none'}"
        for account, code, centre, amount in sorted(lines.elements())
    ]
    return "; ".join(told) or "none more"
