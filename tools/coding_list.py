"""A list of earlier codings out of an old ledger: read whole, checked whole, with all faults named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from unicodedata import category

from tools.domain.coding import CodedLine
from tools.domain.csv_tables import CsvFault, Row, table_of
from tools.domain.identifiers import SupplierId
from tools.erp.codes import LedgerCodes

_NEEDED = {name: (name,) for name in ("supplier_id", "account", "date")}
_OLDEST_YEARS = 20
"""No accounts are kept longer anywhere we know of; a date before is mistyped."""
_KNOWN = (*_NEEDED, "description", "cost_centre", "tax_code", "document")


def codings_in(
    content: bytes, name: str, digest: str, suppliers: Collection[str], codes: LedgerCodes, today: date
) -> list[CodedLine]:
    """The lines of a CSV file with the columns supplier_id, account, date and, where they are there,
    description, cost_centre, tax_code and document. `digest` tells this file from others of its name.
    Raises CsvFault naming every line with an unknown supplier, account or tax code, an account that no
    invoice can be coded to, a missing value, a sign that is no text, a date that is none, has not come yet or
    is absurdly old; nothing is then to be kept."""
    table = table_of(content, name, _NEEDED)
    if not table.rows and not table.faults:
        raise CsvFault(f"{name} holds no codings: there is no row under its header")
    faults = dict(enumerate(table.faults, start=-len(table.faults)))
    lines = []
    for row in table.rows:
        found = [*_faults(row.cells, suppliers, codes, today)]
        if found:
            faults[row.line] = f"line {row.line}: {'; '.join(found)}"
        else:
            lines.append(_coded(row, f"{name} ({digest[:8]}) line {row.line}"))
    if faults:
        raise CsvFault.of(name, list(faults.values()))
    return lines


def _faults(
    cells: Mapping[str, str], suppliers: Collection[str], codes: LedgerCodes, today: date
) -> Iterator[str]:
    if odd := [column for column, text in cells.items() if _is_no_text(text)]:
        yield f"{', '.join(odd)} holds signs that are no text (control signs)"
    missing = [column for column in _NEEDED if not cells[column]]
    if missing:
        yield f"{', '.join(missing)} must be given"
    if cells["supplier_id"] and cells["supplier_id"] not in suppliers:
        yield f"there is no supplier {cells['supplier_id']} in the copy of the supplier master"
    if cells["account"] and (fault := codes.coding_fault(cells["account"])) is not None:
        yield fault
    if (centre := cells.get("cost_centre")) and codes.lacks_cost_centre(centre):
        yield f"there is no cost centre {centre} in the ERP"
    if (code := cells.get("tax_code")) and codes.lacks_tax_code(code):
        yield f"there is no tax code {code} in the ERP"
    if cells["date"]:
        yield from _date_faults(cells["date"], today)


def _date_faults(written: str, today: date) -> Iterator[str]:
    day = _day(written)
    if day is None:
        yield f"{written!r} is not a date like 2026-03-31"
    elif day > today:
        yield f"{written} has not come yet"
    elif day.year < today.year - _OLDEST_YEARS:
        yield f"{written} lies more than {_OLDEST_YEARS} years back"


def _is_no_text(written: str) -> bool:
    """Control signs, which no ledger prints and databases refuse or cut at."""
    return any(category(sign) == "Cc" and sign not in "\t\r\n" for sign in written)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _coded(row: Row, place: str) -> CodedLine:
    given = {column: row.cells.get(column, "") for column in _KNOWN}
    return CodedLine(
        supplier_id=SupplierId(given["supplier_id"]),
        description=given["description"],
        account=given["account"],
        cost_centre=given["cost_centre"] or None,
        tax_code=given["tax_code"] or None,
        posted_on=date.fromisoformat(given["date"]),
        document=given["document"] or place,
    )
