"""Creditors of Profit as suppliers, with the accounts of their organisations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tools.domain.identifiers import SupplierId
from tools.domain.supplier import BankAccount, Supplier, SupplierBlock
from tools.erp.afas import wire
from tools.erp.afas.addresses import country_code, postcode_and_city
from tools.erp.afas.mapping import version_of
from tools.erp.afas.readable import readable


def supplier(row: wire.Creditor, accounts: Sequence[wire.BankAccount]) -> Supplier:
    """The preferred account first, as Profit pays to it. Raises ErpRejected for one that cannot be read."""
    with readable(f"creditor {row.number}"):
        return _supplier(row, accounts)


def _supplier(row: wire.Creditor, accounts: Sequence[wire.BankAccount]) -> Supplier:
    ibans = dict.fromkeys(iban for iban in (row.iban, *(each.iban for each in accounts)) if iban)
    postcode, city = postcode_and_city(row.town)
    return Supplier(
        supplier_id=SupplierId(row.number),
        name=row.name,
        vat_id=row.vat_id or None,
        registration_id=row.registration or None,
        street=row.street or None,
        city=city,
        postcode=postcode,
        country=country_code(row.country),
        email=row.email or None,
        phone=row.phone or None,
        block=_block(row),
        bank_accounts=tuple(BankAccount(iban=iban, verified_by="master data") for iban in ibans),
        version=version_of(row, *accounts),
    )


def suppliers(rows: Iterable[wire.Creditor], accounts: Iterable[wire.BankAccount]) -> list[Supplier]:
    """Profit keeps accounts with the organisation; a creditor is a role of one."""
    kept: dict[tuple[str, str], list[wire.BankAccount]] = {}
    for account in accounts:
        kept.setdefault(("", account.creditor), []).append(account)
        kept.setdefault((account.organisation, ""), []).append(account)
    kept.pop(("", ""), None)
    return [
        supplier(row, (*kept.get((row.organisation, ""), ()), *kept.get(("", row.number), ())))
        for row in rows
    ]


def _block(row: wire.Creditor) -> SupplierBlock:
    if row.blocked:
        return SupplierBlock.ALL
    return SupplierBlock.PAYMENT if row.blocked_for_now else SupplierBlock.NONE
