"""A business partner with the role of a supplier ↔ our supplier. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from tools.domain.identifiers import SupplierId
from tools.domain.supplier import BankAccount, Supplier, SupplierBlock
from tools.erp.sap import wire
from tools.erp.sap.mapping import Setup, version_of

_NO_END = 9999


def supplier(row: wire.Partner, setup: Setup) -> Supplier:
    told = row.supplier or wire.Supplier.model_validate({"Supplier": row.supplier_number})
    address = row.addresses[0] if row.addresses else wire.Address.model_validate({})
    street = " ".join(part for part in (address.street_name, address.house_number) if part)
    return Supplier(
        supplier_id=SupplierId(told.supplier),
        name=told.supplier_full_name or told.supplier_name,
        vat_id=told.vat_registration or _vat_number(row.tax_numbers),
        street=street or None,
        city=address.city_name or None,
        postcode=address.postal_code or None,
        country=address.country or None,
        email=_default([(mail.is_default_email_address, mail.email_address) for mail in address.emails]),
        phone=_default([(phone.is_default_phone_number, phone.phone_number) for phone in address.phones]),
        currency=_currency(told, setup),
        block=_block(row, told, setup),
        bank_accounts=_accounts(row.banks),
        category=told.supplier_account_group or None,
        version=version_of(row.model_dump_json()),
    )


def _vat_number(numbers: Iterable[wire.TaxNumber]) -> str | None:
    """Tax number categories that end in 0 are VAT registration numbers (DE0, NL0)."""
    return next((told.tax_number for told in numbers if told.tax_type.endswith("0")), None) or None


def _default(found: list[tuple[bool, str]]) -> str | None:
    told = [text for _, text in sorted(found, key=lambda each: not each[0]) if text]
    return told[0] if told else None


def _currency(told: wire.Supplier, setup: Setup) -> str | None:
    """The order currency of our purchasing organisation, where it is not the company's."""
    wanted = setup.settings.purchasing_organization
    codes = [
        each.purchase_order_currency for each in told.purchasing if each.purchasing_organization == wanted
    ]
    code = next(iter(codes), "")
    return None if code in ("", setup.currency) else code


def _block(row: wire.Partner, told: wire.Supplier, setup: Setup) -> SupplierBlock:
    """A supplier that is not extended to our company code cannot be posted to either."""
    ours = next((each for each in told.companies if each.company_code == setup.settings.code), None)
    if ours is None or ours.supplier_is_blocked_for_posting or ours.deletion_indicator:
        return SupplierBlock.ALL
    if told.posting_is_blocked or told.deletion_indicator or row.business_partner_is_blocked:
        return SupplierBlock.ALL
    if told.payment_is_blocked_for_supplier or ours.payment_blocking_reason:
        return SupplierBlock.PAYMENT
    return SupplierBlock.NONE


def _accounts(banks: Iterable[wire.Bank]) -> tuple[BankAccount, ...]:
    """Accounts without an end: one that ends is told to nobody, because a look-alike of an old account must
    not count as known."""
    return tuple(
        BankAccount(iban=bank.iban, verified_by="master data")
        for bank in banks
        if bank.iban and (bank.validity_end_date is None or bank.validity_end_date.year == _NO_END)
    )
