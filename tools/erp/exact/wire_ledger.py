"""Exact Online's JSON for what surrounds an entry: payments, open items, accounts, codes, periods."""

from __future__ import annotations

from pydantic import Field

from tools.erp.exact import wire
from tools.erp.exact.wire import Day, Number, Text, Wire


class Payment(Wire):
    """A payment term of an entry: open, selected, processed or matched."""

    resource = "bulk/Cashflow/Payments"
    everything = "Status ge 0"
    id: str = Field(alias="ID")
    entry: str | None = Field(None, alias="TransactionEntryID")
    status: int = Field(alias="Status")


class Payable(Wire):
    resource = "read/financial/PayablesList"
    account_id: str = Field(alias="AccountId")
    entry_number: int | None = Field(None, alias="EntryNumber")
    your_ref: Text = Field("", alias="YourRef")
    invoice_date: Day = Field(None, alias="InvoiceDate")
    due_date: Day = Field(None, alias="DueDate")
    currency: Text = Field(alias="CurrencyCode")
    amount: Number = Field(alias="Amount")


class LedgerAccount(Wire):
    resource = "financial/GLAccounts"
    everything = "Type ge 0"
    id: str = Field(alias="ID")
    code: Text = Field(alias="Code")
    description: Text = Field("", alias="Description")
    type: int = Field(alias="Type")
    blocked: bool | None = Field(None, alias="IsBlocked")
    vat_code: Text = Field("", alias="VATCode")


class Journal(Wire):
    resource = "financial/Journals"
    code: Text = Field(alias="Code")
    type: int = Field(alias="Type")
    blocked: bool | None = Field(None, alias="IsBlocked")


class Period(Wire):
    resource = "financial/FinancialPeriods"
    year: int = Field(alias="FinYear")
    period: int = Field(alias="FinPeriod")
    start: Day = Field(alias="StartDate")
    end: Day = Field(alias="EndDate")


class VatCode(Wire):
    resource = "vat/VATCodes"
    code: Text = Field(alias="Code")
    percentage: Number | None = Field(None, alias="Percentage")
    type: Text = Field("", alias="Type")
    charged: bool | None = Field(None, alias="Charged")
    use: Text = Field("", alias="VATTransactionType")
    blocked: bool | None = Field(None, alias="IsBlocked")


class CostCentre(Wire):
    resource = "hrm/Costcenters"
    code: Text = Field(alias="Code")
    description: Text = Field("", alias="Description")
    active: bool | None = Field(None, alias="Active")


class Subscription(Wire):
    resource = "webhooks/WebhookSubscriptions"
    id: str = Field(alias="ID")
    topic: Text = Field(alias="Topic")
    address: Text = Field("", alias="CallbackURL")


READ: tuple[type[Wire], ...] = (
    wire.Me,
    wire.BankAccount,
    wire.Account,
    wire.OrderLine,
    wire.Order,
    wire.ReceiptLine,
    wire.Receipt,
    wire.Entry,
    wire.LogisticsInvoice,
    wire.FileOfDocument,
    wire.Document,
    Payment,
    Payable,
    LedgerAccount,
    Journal,
    Period,
    VatCode,
    CostCentre,
    Subscription,
)
"""Every resource that is read."""
