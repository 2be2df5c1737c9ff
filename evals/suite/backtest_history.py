"""What people did with documents, as a list they export: CSV with a header, or JSON lines of the same names.

| column | what |
| --- | --- |
| `file` | the document's name or path below the inbox; or else |
| `number` | the supplier's document number, best with `supplier` |
| `supplier` | the supplier's number in the ERP |
| `outcome` | `posted` (also when empty), `parked`, `held` or `rejected` |
| `reason` | why it was held or rejected, or what made trouble first; empty: none |
| `net`, `tax`, `gross` | as posted, plain digits with a point; of what was posted `gross` is needed |
| `currency` | ISO 4217; the company's when empty |
| `accounts` | `4900:100.00;4730:20.00`, net amount on each account; an account alone: all of it |
| `cost_centres` | in the same way |
| `orders` | order numbers with `;` between |

Every row must be right, or nothing is compared: a row left out would make the figures better than they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from evals.suite.case import CaseBroken
from tools.domain.csv_tables import CsvFault, table_of
from tools.domain.money import is_currency
from tools.domain.record import Record

COLUMNS = "file number supplier outcome reason net tax gross currency accounts cost_centres orders".split()
_AMOUNTS = ("net", "tax", "gross")


class Did(StrEnum):
    """What people did with a document."""

    POSTED = "posted"
    PARKED = "parked"
    HELD = "held"
    REJECTED = "rejected"


class HistoryRow(Record):
    """One document as people left it."""

    line: int
    """Of the file, from 1."""
    file: str = ""
    number: str = ""
    supplier: str = ""
    did: Did = Did.POSTED
    reason: str = ""
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    currency: str = ""
    accounts: Mapping[str, Decimal | None] = {}
    """Account -> net amount on it; None: all of it."""
    cost_centres: Mapping[str, Decimal | None] = {}
    orders: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For people."""
        return self.file or " of ".join(filter(None, (self.number, self.supplier)))


def read_history(path: Path) -> list[HistoryRow]:
    """Raises CaseBroken naming every faulty line."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CaseBroken(f"{path} cannot be read: {error.strerror}") from None
    faults: list[str] = []
    found = []
    try:
        for line, cells in _rows(path, content, faults):
            wrong = [*_wrong(cells)]
            if wrong:
                faults.append(f"line {line}: {'; '.join(wrong)}")
            else:
                found.append(_row(line, cells))
        if faults:
            raise CsvFault.of(path.name, faults)
    except CsvFault as fault:
        raise CaseBroken(str(fault)) from None
    if not found:
        raise CaseBroken(f"{path.name} holds no row")
    return found


def _rows(path: Path, content: bytes, faults: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        yield from _json_rows(content, faults)
        return
    table = table_of(content, path.name, {})
    faults += table.faults
    named = set(table.rows[0].cells) if table.rows else set()
    if unknown := sorted(named - set(COLUMNS)):
        faults.append(f"line 1: unknown columns {', '.join(unknown)}; there are: {', '.join(COLUMNS)}")
    for row in table.rows:
        yield row.line, {name: row.cells.get(name, "") for name in COLUMNS}


def _json_rows(content: bytes, faults: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for line, text in enumerate(content.decode("utf-8-sig", "replace").splitlines(), 1):
        if not text.strip():
            continue
        try:
            data = json.loads(text, parse_float=str, parse_int=str)
        except ValueError as error:
            faults.append(f"line {line}: no JSON: {error}")
            continue
        if not isinstance(data, dict):
            faults.append(f"line {line}: no JSON object")
        elif unknown := sorted(set(data) - set(COLUMNS)):
            faults.append(f"line {line}: unknown names {', '.join(unknown)}; there are: {', '.join(COLUMNS)}")
        elif odd := sorted(key for key, value in data.items() if not isinstance(value, str | None)):
            faults.append(f"line {line}: {', '.join(odd)} must be a text or a number")
        else:
            yield line, {name: (data.get(name) or "").strip() for name in COLUMNS}


def _wrong(cells: Mapping[str, str]) -> Iterator[str]:
    if not cells["file"] and not cells["number"]:
        yield "needs file or number"
    outcome = cells["outcome"].lower() or Did.POSTED.value
    if outcome not in set(Did):
        yield f"outcome {cells['outcome']!r} is none of {', '.join(Did)}"
    for name in _AMOUNTS:
        if cells[name] and _amount(cells[name]) is None:
            yield f"{name} {cells[name]!r} is no amount such as 1190.00"
    if outcome == Did.POSTED and not cells["gross"]:
        yield "gross must be given of what was posted"
    if cells["currency"] and not is_currency(cells["currency"].upper()):
        yield f"currency {cells['currency']!r} is no ISO 4217 code"
    for name in ("accounts", "cost_centres"):
        for part in _parts(cells[name]):
            code, _, amount = part.partition(":")
            if not code.strip() or (amount and _amount(amount) is None):
                yield f"{name}: {part!r} is not CODE:AMOUNT"


def _amount(text: str) -> Decimal | None:
    """Plain digits with a point: which sign parts thousands, only the exporter knows."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and "e" not in text.lower() else None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _split(text: str) -> dict[str, Decimal | None]:
    found: dict[str, Decimal | None] = {}
    for part in _parts(text):
        code, _, amount = (piece.strip() for piece in part.partition(":"))
        found[code] = _amount(amount) if amount else None
    return found


def _row(line: int, cells: Mapping[str, str]) -> HistoryRow:
    return HistoryRow(
        line=line,
        file=cells["file"],
        number=cells["number"],
        supplier=cells["supplier"],
        did=Did(cells["outcome"].lower() or Did.POSTED.value),
        reason=cells["reason"],
        net=_amount(cells["net"]) if cells["net"] else None,
        tax=_amount(cells["tax"]) if cells["tax"] else None,
        gross=_amount(cells["gross"]) if cells["gross"] else None,
        currency=cells["currency"].upper(),
        accounts=_split(cells["accounts"]),
        cost_centres=_split(cells["cost_centres"]),
        orders=tuple(_parts(cells["orders"])),
    )
