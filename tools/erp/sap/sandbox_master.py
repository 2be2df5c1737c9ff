"""Suppliers, accounts, cost centres and the company code of the books in SAP's properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from tools.domain.supplier import Supplier, SupplierBlock
from tools.erp.sandbox.books import LedgerAccount, SupplierCard
from tools.erp.sandbox.company import Company
from tools.erp.sap.published import entity_of
from tools.erp.sap.sandbox_codes import BLOCKED, CHART, CONTROLLING, PURCHASING
from tools.erp.sap.sandbox_schema import Row, check_row

_FOREVER = date(9999, 12, 31)
_FIRST = date(1, 1, 1).replace(year=1900)
_HOUSE = re.compile(r"(?P<street>.*\S)\s+(?P<number>\d\S*)")


def made(entity_set: str, **values: Any) -> Row:
    """A row with only what the books know; checked against what SAP publishes."""
    return check_row(entity_of(entity_set), values)


class MasterRecords:
    def __init__(self, company: Company) -> None:
        self._company = company
        self._books = company.books
        self._code = company.settings.company

    def partners(self) -> Iterator[Row]:
        for card in self._books.suppliers.values():
            yield self._partner(card)

    def _partner(self, card: SupplierCard) -> Row:
        supplier = card.supplier
        number = supplier.supplier_id
        return made(
            "A_BusinessPartner",
            BusinessPartner=number,
            Supplier=number,
            BusinessPartnerCategory="2",
            BusinessPartnerFullName=supplier.name[:81],
            BusinessPartnerName=supplier.name[:81],
            OrganizationBPName1=supplier.name[:40],
            CreationDate=card.changed_at,
            LastChangeDate=card.changed_at,
            LastChangeTime=card.changed_at.time(),
            to_Supplier=self._supplier(supplier),
            to_BusinessPartnerAddress=[_address(supplier)],
            to_BusinessPartnerBank=_banks(supplier),
            to_BusinessPartnerTax=_tax_numbers(supplier),
        )

    def suppliers(self) -> Iterator[Row]:
        for card in self._books.suppliers.values():
            yield self._supplier(card.supplier)

    def _supplier(self, supplier: Supplier) -> Row:
        number = supplier.supplier_id
        blocked = supplier.block is SupplierBlock.ALL
        company = made(
            "A_SupplierCompany",
            Supplier=number,
            CompanyCode=self._code[:4],
            PaymentBlockingReason=BLOCKED[supplier.block] if not blocked else "",
            SupplierIsBlockedForPosting=blocked,
            ReconciliationAccount=self._books.suppliers[number].payables_account,
            Currency=self._books.settings.currency,
        )
        purchasing = made(
            "A_SupplierPurchasingOrg",
            Supplier=number,
            PurchasingOrganization=PURCHASING,
            PurchaseOrderCurrency=supplier.currency or self._books.settings.currency,
        )
        return made(
            "A_Supplier",
            Supplier=number,
            SupplierName=supplier.name[:80],
            SupplierFullName=supplier.name,
            VATRegistration=supplier.vat_id or "",
            SupplierAccountGroup=(supplier.category or "")[:4],
            to_SupplierCompany=[company],
            to_SupplierPurchasingOrg=[purchasing],
        )

    def company_codes(self) -> Iterator[Row]:
        settings = self._books.settings
        yield made(
            "A_CompanyCode",
            CompanyCode=self._code[:4],
            CompanyCodeName=settings.name[:25],
            Currency=settings.currency,
            Language="EN",
            ChartOfAccounts=CHART,
            ControllingArea=CONTROLLING,
        )

    def accounts(self) -> Iterator[Row]:
        """SAP has groups of accounts and no accounts for headings."""
        for account in self._books.accounts.values():
            if not account.heading:
                yield self._account(account)

    def _account(self, account: LedgerAccount) -> Row:
        cost = account.direct_posting
        return made(
            "A_GLAccountInChartOfAccounts",
            ChartOfAccounts=CHART,
            GLAccount=account.number,
            GLAccountType="P" if cost else "X",
            IsProfitLossAccount=cost,
            IsBalanceSheetAccount=not cost,
            AccountIsBlockedForPosting=account.blocked,
            to_Text=[
                made(
                    "A_GLAccountText",
                    ChartOfAccounts=CHART,
                    GLAccount=account.number,
                    Language="EN",
                    GLAccountName=account.name[:20],
                    GLAccountLongName=account.name[:50],
                )
            ],
        )

    def cost_centres(self) -> Iterator[Row]:
        for centre in self._books.cost_centres:
            key = {"ControllingArea": CONTROLLING, "CostCenter": centre.code, "ValidityEndDate": _FOREVER}
            text = made(
                "A_CostCenterText",
                **key,
                Language="EN",
                ValidityStartDate=_FIRST,
                CostCenterName=centre.name[:20],
                CostCenterDescription=centre.name[:40],
            )
            yield made(
                "A_CostCenter",
                **key,
                ValidityStartDate=_FIRST,
                CompanyCode=self._code[:4],
                IsBlkdForPrimaryCostsPosting="X" if centre.blocked else "",
                to_Text=[text],
            )


def _address(supplier: Supplier) -> Row:
    match = _HOUSE.fullmatch(supplier.street or "")
    key = {"AddressID": supplier.supplier_id[-10:]}
    contact = {**key, "Person": "", "OrdinalNumber": "1"}
    mails = [
        made("A_AddressEmailAddress", **contact, IsDefaultEmailAddress=True, EmailAddress=supplier.email)
    ]
    phones = [made("A_AddressPhoneNumber", **contact, IsDefaultPhoneNumber=True, PhoneNumber=supplier.phone)]
    return made(
        "A_BusinessPartnerAddress",
        BusinessPartner=supplier.supplier_id,
        **key,
        ValidityEndDate=_FOREVER,
        StreetName=match["street"] if match else supplier.street,
        HouseNumber=match["number"] if match else "",
        CityName=supplier.city,
        PostalCode=supplier.postcode,
        Country=supplier.country,
        to_EmailAddress=mails if supplier.email else [],
        to_PhoneNumber=phones if supplier.phone else [],
    )


def _banks(supplier: Supplier) -> list[Row]:
    return [
        made(
            "A_BusinessPartnerBank",
            BusinessPartner=supplier.supplier_id,
            BankIdentification=f"{position:04d}",
            BankCountryKey=account.iban[:2],
            IBAN=account.iban,
            ValidityStartDate=_FIRST,
            ValidityEndDate=_FOREVER,
        )
        for position, account in enumerate(supplier.bank_accounts, start=1)
    ]


def _tax_numbers(supplier: Supplier) -> list[Row]:
    if supplier.vat_id is None:
        return []
    return [
        made(
            "A_BusinessPartnerTaxNumber",
            BusinessPartner=supplier.supplier_id,
            BPTaxType=f"{supplier.country or supplier.vat_id[:2]}0",
            BPTaxNumber=supplier.vat_id[:20],
        )
    ]
