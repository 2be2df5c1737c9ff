"""SAP's JSON (OData V2), property for property. Vendor names are the aliases.

Only what is read is listed; `$select` asks for exactly these properties. Decimals come as text, days and
moments as `/Date(milliseconds)/`, times of day as `PT09H30M00S`, an expanded list as `{"results": […]}`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from tools.domain.money import Exact

_TICKS = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_TIME = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:\.\d+)?S")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(value: Any) -> Any:
    """`/Date(1746057600000)/` and `/Date(1746057600000+0000)/` as a moment; the number is UTC in both."""
    match = _TICKS.fullmatch(value) if isinstance(value, str) else None
    return value if match is None else _EPOCH + timedelta(milliseconds=int(match[1]))


def _day(value: Any) -> Any:
    moment = moment_of(value)
    return moment.date() if isinstance(moment, datetime) else moment or None


def _time_of_day(value: Any) -> Any:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    return value if match is None else time(int(match[1]), int(match[2]), int(match[3]))


def _text(value: Any) -> Any:
    return "" if value is None else value


def _number(value: Any) -> Any:
    return Decimal(0) if value in (None, "") else value


def listed(value: Any) -> Any:
    return value["results"] if isinstance(value, dict) and "results" in value else value


Day = Annotated[date | None, BeforeValidator(_day)]
Moment = Annotated[datetime | None, BeforeValidator(moment_of)]
TimeOfDay = Annotated[time | None, BeforeValidator(_time_of_day)]
Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[Exact, BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(bool)]
"""A Boolean, or the older form: `X` and blank."""


class Wire(BaseModel):
    """Properties that are not listed are ignored: newer releases add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_pascal, populate_by_name=False)

    entity_set: ClassVar[str]
    expands: ClassVar[dict[str, type[Wire]]] = {}
    """Navigation that is read along -> what is behind it."""

    @classmethod
    def select(cls, way: str = "") -> list[str]:
        """The vendor names of all that is read, `to_X/Name` for what is expanded."""
        names = (str(field.alias) for field in cls.model_fields.values())
        own = [f"{way}{name}" for name in names if not name.startswith(("__", "to_"))]
        return own + [name for to, behind in cls.expands.items() for name in behind.select(f"{way}{to}/")]

    @classmethod
    def expand(cls, way: str = "") -> list[str]:
        return [
            name
            for to, behind in cls.expands.items()
            for name in (f"{way}{to}", *behind.expand(f"{way}{to}/"))
        ]


class Meta(BaseModel):
    etag: str = ""


class Email(Wire):
    entity_set = "A_AddressEmailAddress"
    is_default_email_address: Flag = False
    email_address: Text = ""


class Phone(Wire):
    entity_set = "A_AddressPhoneNumber"
    is_default_phone_number: Flag = False
    phone_number: Text = ""


class Address(Wire):
    entity_set = "A_BusinessPartnerAddress"
    expands = {"to_EmailAddress": Email, "to_PhoneNumber": Phone}  # noqa: RUF012
    street_name: Text = ""
    house_number: Text = ""
    city_name: Text = ""
    postal_code: Text = ""
    country: Text = ""
    emails: Annotated[tuple[Email, ...], BeforeValidator(listed)] = Field((), alias="to_EmailAddress")
    phones: Annotated[tuple[Phone, ...], BeforeValidator(listed)] = Field((), alias="to_PhoneNumber")


class Bank(Wire):
    entity_set = "A_BusinessPartnerBank"
    iban: Text = Field("", alias="IBAN")
    validity_end_date: Day = None


class TaxNumber(Wire):
    entity_set = "A_BusinessPartnerTaxNumber"
    tax_type: Text = Field("", alias="BPTaxType")
    tax_number: Text = Field("", alias="BPTaxNumber")


class SupplierCompany(Wire):
    entity_set = "A_SupplierCompany"
    company_code: str
    payment_blocking_reason: Text = ""
    supplier_is_blocked_for_posting: Flag = False
    deletion_indicator: Flag = False


class CompanyTerms(Wire):
    entity_set = "A_SupplierCompany"
    company_code: str
    payment_terms: Text = ""


class SupplierTerms(Wire):
    """What SAP fills into a supplier's invoice by itself."""

    entity_set = "A_Supplier"
    expands = {"to_SupplierCompany": CompanyTerms}  # noqa: RUF012
    supplier: str
    companies: Annotated[tuple[CompanyTerms, ...], BeforeValidator(listed)] = Field(
        (), alias="to_SupplierCompany"
    )


class SupplierPurchasing(Wire):
    entity_set = "A_SupplierPurchasingOrg"
    purchasing_organization: str
    purchase_order_currency: Text = ""


class Supplier(Wire):
    entity_set = "A_Supplier"
    expands = {  # noqa: RUF012
        "to_SupplierCompany": SupplierCompany,
        "to_SupplierPurchasingOrg": SupplierPurchasing,
    }
    supplier: str
    supplier_name: Text = ""
    supplier_full_name: Text = ""
    supplier_account_group: Text = ""
    vat_registration: Text = Field("", alias="VATRegistration")
    payment_is_blocked_for_supplier: Flag = False
    posting_is_blocked: Flag = False
    deletion_indicator: Flag = False
    companies: Annotated[tuple[SupplierCompany, ...], BeforeValidator(listed)] = Field(
        (), alias="to_SupplierCompany"
    )
    purchasing: Annotated[tuple[SupplierPurchasing, ...], BeforeValidator(listed)] = Field(
        (), alias="to_SupplierPurchasingOrg"
    )


class Partner(Wire):
    entity_set = "A_BusinessPartner"
    expands = {  # noqa: RUF012
        "to_Supplier": Supplier,
        "to_BusinessPartnerAddress": Address,
        "to_BusinessPartnerBank": Bank,
        "to_BusinessPartnerTax": TaxNumber,
    }
    business_partner: str
    supplier_number: Text = Field("", alias="Supplier")
    business_partner_is_blocked: Flag = False
    supplier: Supplier | None = Field(None, alias="to_Supplier")
    addresses: Annotated[tuple[Address, ...], BeforeValidator(listed)] = Field(
        (), alias="to_BusinessPartnerAddress"
    )
    banks: Annotated[tuple[Bank, ...], BeforeValidator(listed)] = Field((), alias="to_BusinessPartnerBank")
    tax_numbers: Annotated[tuple[TaxNumber, ...], BeforeValidator(listed)] = Field(
        (), alias="to_BusinessPartnerTax"
    )


class CompanyCode(Wire):
    entity_set = "A_CompanyCode"
    company_code: str
    currency: str
    chart_of_accounts: Text = ""
    controlling_area: Text = ""


class AccountName(Wire):
    entity_set = "A_GLAccountText"
    language: Text = ""
    short_name: Text = Field("", alias="GLAccountName")
    long_name: Text = Field("", alias="GLAccountLongName")


class Account(Wire):
    entity_set = "A_GLAccountInChartOfAccounts"
    expands = {"to_Text": AccountName}  # noqa: RUF012
    number: str = Field(alias="GLAccount")
    account_type: Text = Field("", alias="GLAccountType")
    account_is_blocked_for_posting: Flag = False
    account_is_marked_for_deletion: Flag = False
    names: Annotated[tuple[AccountName, ...], BeforeValidator(listed)] = Field((), alias="to_Text")


class CostCentreName(Wire):
    entity_set = "A_CostCenterText"
    language: Text = ""
    cost_center_name: Text = ""
    cost_center_description: Text = ""


class CostCentre(Wire):
    entity_set = "A_CostCenter"
    expands = {"to_Text": CostCentreName}  # noqa: RUF012
    cost_center: str
    company_code: Text = ""
    validity_end_date: Day = None
    is_blkd_for_primary_costs_posting: Flag = False
    names: Annotated[tuple[CostCentreName, ...], BeforeValidator(listed)] = Field((), alias="to_Text")


class KeptFile(Wire):
    entity_set = "AttachmentContentSet"
    file_name: Text = ""
    file_size: Text = ""
