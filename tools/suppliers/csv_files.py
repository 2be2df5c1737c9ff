"""Supplier masters and names to look for, as CSV files (see `tools.domain.csv_tables`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.domain.csv_tables import CsvFault, table_of
from tools.domain.documents import Party
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import BankAccount, Supplier
from tools.suppliers.evidence import SupplierClaim

__all__ = ["CsvFault", "read_claims", "read_master"]

_TRADING_NAMES_PARTED_BY = "|"


def read_master(path: Path) -> list[Supplier]:
    """Suppliers from columns `id` and `name`; `street`, `city`, `postcode`, `country`, `vat_id`,
    `registration_id`, `gln`, `iban` and `trading_names` (parted by |) where they are there. Raises
    CsvFault."""
    found: dict[str, Supplier] = {}
    for line, row in _rows(path, {"id": ("id", "supplier_id"), "name": ("name",)}):
        if not row["id"] or not row["name"]:
            raise CsvFault(f"{path} line {line}: a supplier needs an id and a name")
        if row["id"] in found:
            raise CsvFault(f"{path} line {line}: the id {row['id']} is there twice")
        found[row["id"]] = _supplier(row)
    return list(found.values())


def read_claims(path: Path) -> list[tuple[str, SupplierClaim]]:
    """Each line's name as it stands, and what the line says of its sender: `query_name` or `name`, and
    where they are there `city`, `postcode`, `country`, `vat_id`, `registration_id`, `gln`, `iban`,
    `order_supplier` and `sender`, each also as `query_…`. Other columns are not read. Raises CsvFault."""
    return [(row["name"], _claim(row)) for _, row in _rows(path, {"name": ("query_name", "name")}, "query_")]


def _supplier(row: Mapping[str, str]) -> Supplier:
    names = row.get("trading_names", "").split(_TRADING_NAMES_PARTED_BY)
    return Supplier(
        supplier_id=SupplierId(row["id"]),
        name=row["name"],
        trading_names=tuple(name.strip() for name in names if name.strip()),
        street=row.get("street") or None,
        city=row.get("city") or None,
        postcode=row.get("postcode") or None,
        country=row.get("country") or None,
        vat_id=row.get("vat_id") or None,
        registration_id=row.get("registration_id") or None,
        gln=row.get("gln") or None,
        bank_accounts=(BankAccount(iban=row["iban"]),) if row.get("iban") else (),
    )


def _claim(row: Mapping[str, str]) -> SupplierClaim:
    fields = ("name", "city", "postcode", "country", "vat_id", "registration_id", "gln")
    order = row.get("order_supplier")
    return SupplierClaim(
        party=Party(**{field: row.get(field) or None for field in fields}),
        ibans=(row["iban"],) if row.get("iban") else (),
        order_supplier=SupplierId(order) if order else None,
        sender=row.get("sender") or None,
    )


def _rows(
    path: Path, needed: Mapping[str, tuple[str, ...]], prefix: str = ""
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line number and cells, by column name without `prefix`. A line without cells is a query too: it has
    an answer, as every line has."""
    try:
        if path.exists() and not path.is_file():
            raise CsvFault(f"{path} cannot be read: it is not a regular file")
        content = path.read_bytes()
    except OSError as error:
        raise CsvFault(f"{path} cannot be read: {error.strerror}") from None
    table = table_of(content, str(path), needed, prefix=prefix, keep_empty=bool(prefix))
    if table.faults:
        raise CsvFault.of(str(path), table.faults)
    return ((row.line, row.cells) for row in table.rows)
