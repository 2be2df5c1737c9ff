"""What was coded before, kept so that the next invoice of the same kind is coded alike.

Filled from the lines a person approved, once they are posted, and from a list of the old ledger. It only
suggests: what it says is checked against the ERP's accounts and approved again each time.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import ColumnElement, delete, insert, select

from tools import store as tables
from tools.domain.coding import CodedLine
from tools.domain.decision import PostCreditNote, PostInvoice, Proposal
from tools.domain.identifiers import CaseId, SupplierId
from tools.matching.coding_texts import words
from tools.store import Store

_OWN, _OTHERS, _SEARCHED = 150, 40, 20_000
IMPORT_COLUMNS = ("supplier_id", "description", "account", "cost_centre", "tax_code", "date")


class ImportFault(Exception):
    """A list of earlier codings cannot be used; the text names the line."""


class CodingHistory:
    """Earlier codings in the store, by supplier."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, proposal: Proposal, posted_on: date) -> int:
        """Remember how an approved and posted document was coded; once, however often it is told. Lines of
        orders follow the order and drafts teach nothing: neither is kept. Returns the number of lines."""
        lines = list(coded_lines(proposal, posted_on))
        self._replace(tables.coding_history.c.case_id == proposal.case_id, proposal.case_id, lines)
        return len(lines)

    def import_csv(self, path: Path) -> int:
        """Take over a list with the columns of `IMPORT_COLUMNS`; the same file again replaces itself.
        Raises ImportFault, and then nothing of it is kept."""
        lines = read_csv(path)
        source = f"import:{path.name}"
        self._replace(tables.coding_history.c.case_id == source, CaseId(source), lines)
        return len(lines)

    def near(self, supplier_id: SupplierId, texts: Collection[str]) -> tuple[CodedLine, ...]:
        """The supplier's latest lines; where there are none, the latest lines of others that share the most
        words with one of the texts."""
        own = self._read(tables.coding_history.c.supplier_id == supplier_id, _OWN)
        return tuple(own or self._alike(texts))

    def _alike(self, texts: Collection[str]) -> list[CodedLine]:
        wanted = [found for text in texts if (found := words(text))]
        if not wanted:
            return []
        ranked = []
        for place, line in enumerate(self._read(tables.coding_history.c.supplier_id != "", _SEARCHED)):
            theirs = words(line.description)
            shared = max((len(theirs & mine) / len(theirs | mine) for mine in wanted), default=0.0)
            if shared >= 0.5:
                ranked.append((-shared, place, line))
        return [line for _, _, line in sorted(ranked, key=lambda entry: entry[:2])[:_OTHERS]]

    def _read(self, which: ColumnElement[bool], most: int) -> list[CodedLine]:
        table = tables.coding_history
        query = select(table).where(which).order_by(table.c.posted_on.desc(), table.c.id.desc()).limit(most)
        with self._store.read() as connection:
            return [_line(row) for row in connection.execute(query)]

    def _replace(self, which: ColumnElement[bool], source: CaseId, lines: Sequence[CodedLine]) -> None:
        rows = [{"case_id": source, **line.model_dump(mode="json")} for line in lines]
        with self._store.transaction() as connection:
            connection.execute(delete(tables.coding_history).where(which))
            if rows:
                connection.execute(insert(tables.coding_history), rows)


def _line(row: object) -> CodedLine:
    return CodedLine.model_validate({name: getattr(row, name) for name in CodedLine.model_fields})


def coded_lines(proposal: Proposal, posted_on: date) -> Iterator[CodedLine]:
    """Lines of an approved posting that went to an account without an order."""
    action = proposal.action
    if not isinstance(action, PostInvoice | PostCreditNote):
        return
    itemised = any(line.invoice_line is not None for line in action.lines)
    for line in action.lines:
        if line.account is None or line.order_number is not None:
            continue
        if itemised and line.invoice_line is None:
            continue  # freight, discounts and rounding of the document
        yield CodedLine(
            supplier_id=action.supplier_id,
            description=line.description if itemised else "",
            account=line.account,
            cost_centre=line.cost_centre,
            tax_code=line.tax_code,
            posted_on=posted_on,
            document=action.number,
        )


def read_csv(path: Path) -> list[CodedLine]:
    """Lines of a list; UTF-8, a header with at least supplier_id, account and date (ISO)."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = {"supplier_id", "account", "date"} - set(reader.fieldnames or ())
            if missing:
                raise ImportFault(f"{path}: no column {', '.join(sorted(missing))}")
            return [_imported(row, number, path) for number, row in enumerate(reader, start=2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImportFault(f"{path} cannot be read: {error}") from None


def _imported(row: dict[str, str | None], number: int, path: Path) -> CodedLine:
    given = {name: (row.get(name) or "").strip() for name in (*IMPORT_COLUMNS, "document")}
    if not given["supplier_id"] or not given["account"]:
        raise ImportFault(f"{path} line {number}: supplier_id and account must be given")
    try:
        day = date.fromisoformat(given["date"])
    except ValueError:
        raise ImportFault(f"{path} line {number}: {given['date']!r} is not a date like 2026-03-31") from None
    return CodedLine(
        supplier_id=SupplierId(given["supplier_id"]),
        description=given["description"],
        account=given["account"],
        cost_centre=given["cost_centre"] or None,
        tax_code=given["tax_code"] or None,
        posted_on=day,
        document=given["document"] or f"{path.name}:{number}",
    )


def accounts_in(lines: Iterable[CodedLine]) -> set[str]:
    return {line.account for line in lines}
