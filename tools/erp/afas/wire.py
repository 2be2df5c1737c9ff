"""Rows of the GetConnectors as Profit sends them. Names are the connectors' own.

Rows of `ErpAgent_…` come from the customer's own GetConnectors; `getconnectors.json` defines them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tools.domain.money import Exact, is_currency


def _day(value: Any) -> Any:
    """Times are written with a `Z` that means nothing: the day is that of Amsterdam."""
    return value[:10] if isinstance(value, str) else value


def _key(value: Any) -> Any:
    """Codes that look like numbers may come as numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _text(value: Any) -> Any:
    return "" if value is None else _key(value)


def _currency(value: Any) -> Any:
    """In capitals where that makes a code of ISO 4217; anything else stays as it is."""
    text = _text(value)
    upper = text.strip().upper() if isinstance(text, str) else text
    return upper if isinstance(upper, str) and is_currency(upper) else text


def _nothing(value: Any) -> Any:
    return 0 if value is None else value


def _unset(value: Any) -> Any:
    return False if value is None else value


Day = Annotated[date, BeforeValidator(_day)]
Key = Annotated[str, BeforeValidator(_key)]
Text = Annotated[str, BeforeValidator(_text)]
"""Empty when the field is empty."""
Currency = Annotated[str, BeforeValidator(_currency)]
"""As `Text`; a code in small letters is the same code."""
Quantity = Annotated[Exact, BeforeValidator(_nothing)]
"""What was never received or billed is empty and counts as none; a missing price or amount does not."""
Flag = Annotated[bool, BeforeValidator(_unset)]
"""Never set is not set: an order that is not said to be final is a draft."""


WITHOUT_ITEM = frozenset({"3", "4"})
"""`VaIt`: text and subtotal, as the values of the vendor's `FbPurchLines` and `KnSubjectLink` go side by
side (3 `Txt`, 4 `Sub`)."""


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    connector: ClassVar[str]
    order: ClassVar[tuple[str, ...]]
    """Fields that make a row unique: pages are stable only with an order."""


class Creditor(Row):
    connector = "Profit_Creditor"
    order = ("CreditorId",)

    number: Key = Field(alias="CreditorId")
    name: Text = Field(alias="CreditorName")
    organisation: Text = Field("", alias="BcCo")
    street: Text = Field("", alias="Adressline1")
    town: Text = Field("", alias="Adressline3")
    """Postcode and city."""
    country: Text = Field("", alias="Adressline4")
    phone: Text = Field("", alias="TelNr")
    email: Text = Field("", alias="Email")
    iban: Text = Field("", alias="IBAN")
    vat_id: Text = Field("", alias="Btw-nummer")
    registration: Text = Field("", alias="ChOfCommNr")
    blocked_for_now: Flag = Field(alias="TempBlocked")
    blocked: Flag = Field(alias="Blocked")
    changed: Text = Field(alias="ModifiedDate")


class BankAccount(Row):
    connector = "Profit_BankAccounts"
    order = ("BcCo", "IBAN")

    organisation: Text = Field("", alias="BcCo")
    creditor: Text = Field(alias="Creditor")
    iban: Text = Field(alias="IBAN")


class Account(Row):
    connector = "Profit_Accounts"
    order = ("Account",)

    number: Key = Field(alias="Account")
    name: Text = Field(alias="Description")
    blocked: Flag = Field(alias="Blocked")
    collective: Flag = Field(alias="CollectAccount")


class CostCentre(Row):
    connector = "Profit_CostCentre"
    order = ("CostCentre", "EmployerId")

    code: Key = Field(alias="CostCentre")
    name: Text = Field(alias="Description")
    blocked: Flag = Field(alias="Blocked")


class VatCode(Row):
    connector = "Profit_VAT_code"
    order = ("VatCode", "AccountNr", "VatPerc")

    code: Key = Field(alias="VatCode")
    account: Text = Field(alias="AccountNr")
    percent: Exact | None = Field(alias="VatPerc")
    blocked: Flag = Field(alias="Blocked")


class Period(Row):
    connector = "Profit_periods_per_administration"
    order = ("Unit", "Year", "Period")

    unit: int = Field(alias="Unit")
    year: int = Field(alias="Year")
    period: int = Field(alias="Period")
    first: Day | None = Field(alias="DateFrom")
    last: Day | None = Field(alias="DateTo")
    """Both absent for a period without days, such as that of the opening balance."""
    blocked: Flag = Field(alias="Blocked")


class Administration(Row):
    connector = "Profit_Administrations"
    order = ("AdminId",)

    number: int = Field(alias="AdminId")


class JournalRow(Row):
    connector = "Profit_Journals"
    order = ("UnitId", "JournalId")

    administration: int = Field(alias="UnitId")
    code: Key = Field(alias="JournalId")
    blocked: Flag = Field(alias="Blocked")


class Rate(Row):
    connector = "Profit_Currency"
    order = ("CurrencyId", "StartDate")

    currency: Key = Field(alias="CurrencyId")
    rate: Exact | None = Field(alias="Exchange_Rate")
    """Foreign currency for one unit of the company's, as in the vendor's sample of a foreign entry."""
    starting: Day | None = Field(alias="StartDate")


class Dossier(Row):
    connector = "Profit_SubjectFile"
    order = ("SubjectId", "FiEntryNumber", "PurchaseInvoiceNumber")

    subject: int = Field(alias="SubjectId")
    entry: int | None = Field(alias="FiEntryNumber")
    invoice: Text = Field(alias="PurchaseInvoiceNumber")
    administration: int | None = Field(alias="AdministrationPurchaseInvoice")


class DossierFile(Row):
    connector = "Profit_Subject_Attachments"
    order = ("attachment_id",)

    subject: int = Field(alias="subject_id")
    name: Text = Field(alias="file_name")


class ItemRow(Row):
    """A line of an order or of a receipt; one that is only text or a subtotal has neither quantity nor
    price."""

    item_type: Key = Field(alias="VaIt")

    @property
    def is_item(self) -> bool:
        return self.item_type not in WITHOUT_ITEM

    @model_validator(mode="before")
    @classmethod
    def _without_item(cls, data: Any) -> Any:
        if not isinstance(data, dict) or str(data.get("VaIt")) not in WITHOUT_ITEM:
            return data
        return {**data, **{name: 0 for name in ("QuUn", "Upri") if name in data and data[name] is None}}


class OrderRow(ItemRow):
    connector = "ErpAgent_Orders"
    order = ("OrNu", "GuLi")

    number: Key = Field(alias="OrNu")
    administration: int = Field(alias="Unit")
    ordered_on: Day | None = Field(alias="OrDa")
    creditor: Key = Field(alias="CrId")
    currency: Currency = Field(alias="CuId")
    reference: Text = Field(alias="RfCs")
    buyer: Text = Field("", alias="Buyr")
    warehouse: Text = Field("", alias="War")
    final: Flag = Field(alias="Fina")
    done: Flag = Field(alias="Done")
    line_number: int | None = Field(None, alias="LiNr")
    line_guid: Key = Field(alias="GuLi")
    item: Text = Field(alias="ItCd")
    account: Text = Field("", alias="AcNr")
    description: Text = Field(alias="Ds")
    unit: Text = Field(alias="BiUn")
    ordered: Exact = Field(alias="QuUn")
    received: Quantity = Field(alias="QuRc")
    invoiced: Quantity = Field(alias="QuIn")
    price: Exact = Field(alias="Upri")
    discount: Exact | None = Field(None, alias="PRDc")
    vat_group: Text = Field("", alias="VaRc")
    expected: Day | None = Field(None, alias="DlDa")
    changed: Text = Field(alias="Modi")


class ReceiptRow(ItemRow):
    connector = "ErpAgent_Receipts"
    order = ("OrNu", "GuLi")

    number: Key = Field(alias="OrNu")
    administration: int = Field(alias="Unit")
    order_number: Text = Field(alias="SoOr")
    creditor: Key = Field(alias="CrId")
    delivery_note: Text = Field(alias="RfCs")
    received_on: Day = Field(alias="DaAc")
    line_guid: Key = Field(alias="GuLi")
    source_guid: Text = Field(alias="SoGu")
    source_number: int | None = Field(None, alias="SoLn")
    item: Text = Field(alias="ItCd")
    description: Text = Field(alias="Ds")
    unit: Text = Field(alias="BiUn")
    quantity: Exact = Field(alias="QuUn")
    changed: Text = Field(alias="Modi")


class InvoiceRow(Row):
    connector = "ErpAgent_Invoices"
    order = ("EnNo", "CrId", "InId")

    administration: int = Field(alias="UnId")
    creditor: Key = Field(alias="CrId")
    invoice_id: Text = Field(alias="InId")
    voucher: Text = Field(alias="BpNr")
    reference: Text = Field(alias="Fref")
    journal: Key = Field(alias="JoCo")
    entry: int = Field(alias="EnNo")
    document_date: Day | None = Field(alias="BpDa")
    entry_date: Day | None = Field(alias="EnDa")
    due_date: Day | None = Field(None, alias="DaEx")
    currency: Currency = Field(alias="CuId")
    amount: Exact = Field(alias="AmIn")
    """Base currency; negative for a credit note, as all amounts of the row."""
    amount_foreign: Exact | None = Field(alias="AmCu")
    vat: Exact | None = Field(None, alias="AmVa")
    open: Exact = Field(alias="AmOp")
    open_foreign: Exact | None = Field(alias="AmOc")
    blocked: Flag = Field(alias="BlPa")
    description: Text = Field(alias="Ds")
    changed: Text = Field(alias="Modi")


GET_CONNECTORS: tuple[type[Row], ...] = (
    Creditor,
    BankAccount,
    Account,
    CostCentre,
    VatCode,
    Period,
    Administration,
    JournalRow,
    Rate,
    Dossier,
    DossierFile,
    OrderRow,
    ReceiptRow,
    InvoiceRow,
)
