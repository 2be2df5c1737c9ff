"""Exact Online ↔ domain. Pure. Every sign, rounding and date rule of this ERP stands here.

- An entry's amount is what is owed, tax included; what is negative is a credit note, whatever its type.
- Quantities of order lines count in the item's unit; a price for another purchase unit is converted.
- Percentages are fractions of one (0.21), or whole percents: see `percent` and `discount`.
- The posting day is the invoice date where that lies in the reporting period, else the period's first day.
- A payment block is not told; `Blocked` stops everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tools.domain.decision import Posting, PostingState
from tools.domain.documents import (
    DocumentType,
    GoodsReceipt,
    OpenItem,
    OrderLine,
    OrderState,
    PurchaseOrder,
    ReceiptLine,
)
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.supplier import BankAccount, Supplier, SupplierBlock
from tools.domain.units import as_decimal, unit_code
from tools.erp.contract import Account, CostCentre
from tools.erp.exact import wire, wire_ledger

CREDIT_NOTES = frozenset({31, 8031, 8034})
"""Types of credit notes: entries, and the two kinds of the logistics module."""
REJECTED, DRAFT = 5, 10
_DONE = 40
"""Payments are open (20), selected (30), processed (40), matched (50)."""
_ORDER_STATES = {10: OrderState.OPEN, 20: OrderState.OPEN, 30: OrderState.CLOSED, 40: OrderState.CANCELLED}
_AWAITS_APPROVAL = 0
_ONLY_BY_THE_SYSTEM = frozenset({10, 12, 14, 16, 20, 21, 22, 24, 25})
"""G/L account types that no invoice line belongs on: cash, bank, cards, receivables, payables, VAT, wages."""


@dataclass(frozen=True)
class Company:
    """What has to be known of the company before anything is read."""

    company: CompanyId
    currency: str
    units: Mapping[str, str]
    """The company's unit code -> UN/ECE Rec. 20 code, where its own name does not tell."""

    def unit(self, code: str) -> str:
        """A code that nothing is known of stays as it is: a person is asked about it. None counts ones."""
        return self.units.get(code) or unit_code(code) or code or "C62"


def version_of(*rows: wire.Wire) -> str:
    """One version for records that belong together: another one whenever anything read of them changes."""
    text = "\n".join(row.model_dump_json() for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def percent(value: Decimal | None) -> Decimal | None:
    """A tax rate in percent. Below one it is a fraction of one: no purchase tax is under one percent."""
    if value is None:
        return None
    return (value * 100 if abs(value) < 1 else value).normalize() + 0


def discount(row: wire.OrderLine) -> Decimal:
    """Percent off the unit price. Whether the field is a fraction or a percentage is not published, so the
    net price decides; without one a value below one is a fraction."""
    given = row.discount or Decimal(0)
    as_fraction = given * 100
    if not given or row.net_price is None or not row.unit_price:
        return (as_fraction if 0 < given < 1 else given).normalize() + 0
    told = (1 - row.net_price / row.unit_price) * 100
    return min((given, as_fraction), key=lambda each: abs(each - told)).normalize() + 0


def supplier(row: wire.Account, company: Company, accounts: Mapping[str, str]) -> Supplier:
    """`accounts`: id of a G/L account -> its code."""
    street = ", ".join(part for part in (row.address_line1, row.address_line2) if part)
    currency = row.purchase_currency or company.currency
    mains_first = sorted(row.bank_accounts, key=lambda account: not account.main)
    return Supplier(
        supplier_id=SupplierId(row.code),
        name=row.name,
        trading_names=(row.trade_name,) if row.trade_name and row.trade_name != row.name else (),
        vat_id=row.vat_number or None,
        registration_id=row.chamber_of_commerce or None,
        gln=row.gln or None,
        street=street or None,
        city=row.city or None,
        postcode=row.postcode or None,
        country=row.country or None,
        email=row.email or None,
        phone=row.phone or None,
        currency=None if currency == company.currency else currency,
        block=SupplierBlock.ALL if row.blocked else SupplierBlock.NONE,
        bank_accounts=tuple(
            BankAccount(iban=account.bank_account.replace(" ", ""), verified_by="master data")
            for account in mains_first
            if account.bank_account
        ),
        default_account=accounts.get(row.gl_account_purchase or ""),
        version=version_of(row),
    )


def order(row: wire.Order, company: Company) -> PurchaseOrder:
    lines = sorted(row.order_lines, key=lambda line: line.line_number)
    state = _ORDER_STATES.get(row.status, OrderState.OPEN)
    if row.approval == _AWAITS_APPROVAL and state is OrderState.OPEN:
        state = OrderState.DRAFT
    return PurchaseOrder(
        number=OrderNumber(str(row.number)),
        company=company.company,
        supplier_id=SupplierId(row.supplier_code),
        currency=row.currency,
        state=state,
        ordered_on=row.order_date,
        buyer=row.agent or None,
        lines=tuple(_order_line(line, row.currency, company) for line in lines),
        version=version_of(row),
    )


def _order_line(row: wire.OrderLine, currency: str, company: Company) -> OrderLine:
    return OrderLine(
        line_id=str(row.line_number),
        item_number=row.item_code or None,
        supplier_item_id=row.supplier_item_code or None,
        description=row.description,
        unit=company.unit(row.unit),
        ordered=row.quantity,
        received=row.received or Decimal(0),
        invoiced=row.invoiced or Decimal(0),
        unit_price=Money(amount=_price(row), currency=currency),
        discount_percent=discount(row),
        tax_code=row.vat_code or None,
        tax_rate=percent(row.vat_percentage),
        receipt_required=bool(row.item_code),
        expected_on=row.receipt_date,
    )


def _price(row: wire.OrderLine) -> Decimal:
    """For one item unit: `UnitPrice` is for a purchase unit, of which a line may order fewer."""
    bought = row.purchase_quantity
    if not bought or not row.quantity or bought == row.quantity:
        return row.unit_price
    return as_decimal(Fraction(row.unit_price) * Fraction(bought) / Fraction(row.quantity))


def receipts(
    headers: Iterable[wire.Receipt],
    lines: Iterable[wire.ReceiptLine],
    line_numbers: Mapping[str, int],
    company: Company,
) -> list[GoodsReceipt]:
    """One receipt for each delivery and order: Exact's may hold goods of several orders. `line_numbers`: id
    of an order line -> its number."""
    known = {header.id: header for header in headers}
    parts: dict[tuple[str, int], list[wire.ReceiptLine]] = {}
    for line in sorted(lines, key=lambda line: line.line_number):
        if line.order_number is not None and line.receipt_id in known:
            parts.setdefault((line.receipt_id, line.order_number), []).append(line)
    found = []
    for (receipt_id, number), rows in parts.items():
        header = known[receipt_id]
        if header.receipt_date is None:
            continue
        kept = tuple(_receipt_line(row, line_numbers, company) for row in rows)
        found.append(
            GoodsReceipt(
                number=str(header.number),
                order_number=OrderNumber(str(number)),
                received_on=header.receipt_date,
                lines=kept,
            )
        )
    return sorted(found, key=lambda receipt: (receipt.received_on, int(receipt.number)))


def _receipt_line(row: wire.ReceiptLine, line_numbers: Mapping[str, int], company: Company) -> ReceiptLine:
    number = line_numbers.get(row.order_line_id or "")
    return ReceiptLine(
        order_line_id=None if number is None else str(number),
        item_number=row.item_code or None,
        description=row.description or None,
        quantity=row.received,
        unit=company.unit(row.unit),
    )


def is_credit(row: wire.Entry | wire.LogisticsInvoice) -> bool:
    """By the sign, or by the type: that one follows from the other is not published."""
    return row.type in CREDIT_NOTES or (row.amount is not None and row.amount < 0)


def entry(
    row: wire.Entry, code: str | None, periods: Iterable[wire_ledger.Period], paid: frozenset[str]
) -> Posting:
    """An entry as a posting. `code`: the supplier's; `paid`: ids of entries with nothing left to pay."""
    state = PostingState.PAID if row.id in paid else PostingState.POSTED
    return Posting(
        erp_id=row.id,
        number=str(row.number),
        state=PostingState.CANCELLED if row.status == REJECTED else state,
        posting_date=posting_day(row, periods),
        **_shared(row, code, row.entry_date),
    )


def logistics_invoice(row: wire.LogisticsInvoice, code: str | None) -> Posting:
    """An invoice of the logistics module. As a draft it has no ledger effect; in every other status it is
    posted, so that nothing is entered beside it."""
    return Posting(
        erp_id=row.id,
        number=str(row.number) if row.number is not None else row.id,
        state=PostingState.DRAFT if row.status == DRAFT else PostingState.POSTED,
        **_shared(row, code, row.invoice_date),
    )


def _shared(
    row: wire.Entry | wire.LogisticsInvoice, code: str | None, invoice_date: date | None
) -> dict[str, object]:
    """What both kinds say. Amounts are positive in our terms."""
    gross, tax = row.amount or Decimal(0), row.vat or Decimal(0)
    credit, sign = is_credit(row), -1 if gross < 0 else 1
    return {
        "supplier_id": None if code is None else SupplierId(code),
        "document_type": DocumentType.CREDIT_NOTE if credit else DocumentType.INVOICE,
        "supplier_number": row.your_ref or None,
        "invoice_date": invoice_date,
        "net": Money(amount=sign * (gross - tax), currency=row.currency),
        "tax": Money(amount=sign * tax, currency=row.currency),
        "gross": Money(amount=sign * gross, currency=row.currency),
        "version": version_of(row),
    }


def posting_day(row: wire.Entry, periods: Iterable[wire_ledger.Period]) -> date | None:
    """The invoice date where it lies in the reporting period; else the first day of that."""
    for period in periods:
        if (period.year, period.period) == (row.year, row.period) and period.start is not None:
            inside = row.entry_date is not None and within(period, row.entry_date)
            return row.entry_date if inside else period.start
    return row.entry_date


def within(period: wire_ledger.Period, day: date) -> bool:
    return period.start is not None and period.end is not None and period.start <= day <= period.end


def settled(rows: Iterable[wire_ledger.Payment]) -> frozenset[str]:
    """Ids of the entries all of whose payment terms are paid or matched."""
    terms: dict[str, list[int]] = {}
    for row in rows:
        if row.entry is not None:
            terms.setdefault(row.entry, []).append(row.status)
    return frozenset(key for key, states in terms.items() if all(state >= _DONE for state in states))


def open_item(row: wire_ledger.Payable, code: str) -> OpenItem:
    """What is left to pay; credit notes are negative."""
    amount = Money(amount=row.amount, currency=row.currency)
    return OpenItem(
        supplier_id=SupplierId(code),
        document_number="" if row.entry_number is None else str(row.entry_number),
        supplier_invoice_number=row.your_ref or None,
        document_date=row.invoice_date,
        due_date=row.due_date,
        amount=amount,
        remaining=amount,
    )


def account(row: wire_ledger.LedgerAccount) -> Account:
    return Account(
        number=row.code,
        name=row.description,
        direct_posting=row.type not in _ONLY_BY_THE_SYSTEM,
        blocked=bool(row.blocked),
    )


def cost_centre(row: wire_ledger.CostCentre) -> CostCentre:
    return CostCentre(code=row.code, name=row.description, blocked=row.active is False)
