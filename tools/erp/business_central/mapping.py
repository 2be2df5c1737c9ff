"""Business Central ↔ domain. Pure. Every sign, rounding and date rule of this ERP stands here.

- Amounts of invoices and of credit memos are positive in both; open credit memos count negative.
- A blank currency is the company's local currency.
- A unit cost is for one unit: there is no price per hundred. See `priced`.
- An order is `Draft` until it is released, then `Open`. A line of an account, a resource or a charge is
  never received as goods.
- What `Corrective` corrects is another document; the corrective document itself is posted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal
from fractions import Fraction

from tools.domain.decision import Posting, PostingLine, PostingState
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
from tools.domain.money import Money, round_amount
from tools.domain.supplier import Supplier, SupplierBlock
from tools.domain.units import UnitMismatch, as_decimal, factor, unit_code
from tools.erp.business_central import wire
from tools.erp.contract import Account, PostingWindow

PRICE_STEP = Decimal("0.00001")
"""Unit costs are kept with five decimals (field General Ledger Setup, Unit-Amount Rounding Precision)."""
_BLOCKS = {"": SupplierBlock.NONE, "Payment": SupplierBlock.PAYMENT}
_ORDER_STATES = {"Draft": OrderState.DRAFT, "In Review": OrderState.DRAFT, "Open": OrderState.OPEN}
_STATES = {
    "Open": PostingState.POSTED,
    "Corrective": PostingState.POSTED,
    "Paid": PostingState.PAID,
    "Canceled": PostingState.CANCELLED,
}


@dataclass(frozen=True)
class Setup:
    """What has to be known of the company before anything can be read."""

    company: CompanyId
    currency: str
    units: Mapping[str, str]
    """Business Central's unit code -> UN/ECE Rec. 20 code."""
    cost_centre_dimension: str = ""
    """Code of the first shortcut dimension; blank where the company uses none."""

    def currency_of(self, code: str) -> str:
        return code.strip() or self.currency

    def unit(self, code: str) -> str:
        """The Rec. 20 code; a code without an international one is read by its name, no code counts ones
        (lines of an account often have none)."""
        return self.units.get(code) or unit_code(code) or code or "C62"

    def own_unit(self, rec20: str) -> str | None:
        """The company's code for a Rec. 20 code, or for one that counts exactly the same (EA and H87 are
        both pieces); None when it has none."""
        same = [code for code, known in self.units.items() if known == rec20]
        return min(
            same or [code for code, known in self.units.items() if _is_same(rec20, known)], default=None
        )


def _is_same(left: str, right: str) -> bool:
    try:
        return factor(left, right) == 1
    except UnitMismatch:
        return False


def setup_of(company: str, ledger: wire.LedgerSetup, units: Iterable[wire.Unit]) -> Setup:
    known = {unit.code: unit.international_standard_code or unit_code(unit.code) or "" for unit in units}
    return Setup(
        CompanyId(company), ledger.local_currency_code, known, ledger.shortcut_dimension1_code.strip()
    )


def version_of(*etags: str) -> str:
    """One version for a header and its lines; changes with any of them."""
    return hashlib.sha256("\n".join(etags).encode()).hexdigest()[:24]


def supplier(row: wire.Vendor, setup: Setup) -> Supplier:
    street = ", ".join(part for part in (row.address_line1, row.address_line2) if part)
    currency = setup.currency_of(row.currency_code)
    return Supplier(
        supplier_id=SupplierId(row.number),
        name=row.display_name,
        vat_id=row.tax_registration_number or None,
        street=street or None,
        city=row.city or None,
        postcode=row.postal_code or None,
        country=row.country or None,
        email=row.email or None,
        phone=row.phone_number or None,
        currency=None if currency == setup.currency else currency,
        block=_BLOCKS.get(row.blocked, SupplierBlock.ALL),
        version=row.etag,
    )


def order(row: wire.Order, setup: Setup) -> PurchaseOrder:
    currency = setup.currency_of(row.currency_code)
    lines = sorted(row.purchase_order_lines, key=lambda line: line.sequence)
    return PurchaseOrder(
        number=OrderNumber(row.number),
        company=setup.company,
        supplier_id=SupplierId(row.vendor_number),
        currency=currency,
        state=_ORDER_STATES.get(row.status, OrderState.OPEN),
        ordered_on=row.order_date,
        buyer=row.purchaser or None,
        lines=tuple(_order_line(line, row, setup) for line in lines if line.line_type != "Comment"),
        version=version_of(row.etag, *(line.etag for line in lines)),
    )


def _net_price(row: wire.OrderLine, order: wire.Order) -> Decimal:
    """The price without tax; from an order with prices including tax exactly, or to twelve decimals."""
    if not order.prices_include_tax or not row.tax_percent:
        return row.direct_unit_cost
    return as_decimal(Fraction(row.direct_unit_cost) / (1 + Fraction(row.tax_percent) / 100))


def _order_line(row: wire.OrderLine, order: wire.Order, setup: Setup) -> OrderLine:
    is_item = row.line_type == "Item"
    return OrderLine(
        line_id=str(row.sequence),
        item_number=row.line_object_number if is_item else None,
        account=row.line_object_number if row.line_type == "Account" else None,
        description=row.description,
        unit=setup.unit(row.unit_of_measure_code),
        ordered=row.quantity,
        received=row.received_quantity,
        invoiced=row.invoiced_quantity,
        unit_price=Money(amount=_net_price(row, order), currency=setup.currency_of(order.currency_code)),
        discount_percent=row.discount_percent,
        tax_code=row.tax_code or None,
        tax_rate=row.tax_percent,
        receipt_required=row.line_type in ("Item", "Fixed Asset"),
        expected_on=row.expected_receipt_date,
    )


def receipt(row: wire.Receipt, setup: Setup) -> GoodsReceipt:
    """Lines of an undone receipt come with their negative counterpart; both are kept."""
    return GoodsReceipt(
        number=row.number,
        order_number=OrderNumber(row.order_number),
        received_on=row.posting_date,
        lines=tuple(
            ReceiptLine(
                item_number=line.line_object_number if line.line_type == "Item" else None,
                description=line.description or None,
                quantity=line.quantity,
                unit=setup.unit(line.unit_of_measure_code),
            )
            for line in sorted(row.purchase_receipt_lines, key=lambda line: line.sequence)
            if line.line_type and line.quantity
        ),
    )


def posting(row: wire.Invoice | wire.CreditMemo, setup: Setup) -> Posting:
    """A status nobody knows counts as a draft: then nothing is taken for posted that may not be."""
    currency = setup.currency_of(row.currency_code)
    is_invoice = isinstance(row, wire.Invoice)
    return Posting(
        erp_id=row.id,
        number=row.number,
        state=_STATES.get(row.status, PostingState.DRAFT),
        supplier_id=SupplierId(row.vendor_number),
        document_type=DocumentType.INVOICE if is_invoice else DocumentType.CREDIT_NOTE,
        supplier_number=supplier_number(row) or None,
        invoice_date=document_date(row),
        posting_date=row.posting_date,
        net=Money(amount=row.total_amount_excluding_tax, currency=currency),
        tax=Money(amount=row.total_tax_amount, currency=currency),
        gross=Money(amount=row.total_amount_including_tax, currency=currency),
        version=row.etag,
    )


def supplier_number(row: wire.Invoice | wire.CreditMemo) -> str:
    return row.vendor_invoice_number if isinstance(row, wire.Invoice) else row.vendor_credit_memo_number


def document_date(row: wire.Invoice | wire.CreditMemo) -> date | None:
    return row.invoice_date if isinstance(row, wire.Invoice) else row.credit_memo_date


def open_item(row: wire.Invoice | wire.CreditMemo, setup: Setup) -> OpenItem:
    """The whole amount; the API does not tell what is left of a partly paid document."""
    amount = Money(amount=row.total_amount_including_tax, currency=setup.currency_of(row.currency_code))
    return OpenItem(
        supplier_id=SupplierId(row.vendor_number),
        document_number=row.number,
        supplier_invoice_number=supplier_number(row) or None,
        document_date=document_date(row),
        due_date=row.due_date,
        amount=amount if isinstance(row, wire.Invoice) else -amount,
    )


def account(row: wire.Account, setup: Setup) -> Account:
    return Account(
        number=row.number,
        name=row.display_name,
        direct_posting=row.direct_posting and row.account_type == "Posting",
        blocked=row.blocked,
        balance=Money(amount=row.net_change, currency=setup.currency),
    )


def posting_window(ledger: wire.LedgerSetup, periods: Iterable[wire.Period]) -> PostingWindow:
    """The narrower of `Allow Posting From/To` and the fiscal years that are not closed."""
    closed = [period.starting_date for period in periods if period.closed]
    starts = [period.starting_date for period in periods if closed and period.starting_date > max(closed)]
    bounds = [day for day in (ledger.allow_posting_from, min(starts, default=None)) if day is not None]
    return PostingWindow(first_open=max(bounds, default=None), last_open=ledger.allow_posting_to)


@dataclass(frozen=True)
class Priced:
    """Quantity, unit cost and discount that give exactly a line's net amount in Business Central."""

    quantity: Decimal
    unit_cost: Decimal
    discount: Decimal


def priced(line: PostingLine) -> Priced | None:
    """How a line is sent. Business Central computes round(quantity x unit cost) less the discount.

    The unit price as approved is sent when that gives the net amount. Otherwise the net amount includes
    an allowance or charge, or the price has more than five decimals (12.50 for three pieces): then the
    unit cost is the next higher one with five decimals and the discount takes back what that adds. So the
    quantity stays what was delivered, and the line amount is right to the cent. A negative amount has a
    negative quantity. None: an amount without a quantity cannot be sent.
    """
    net, currency = line.net_amount.amount, line.net_amount.currency
    sign = -1 if net < 0 else 1
    quantity, price, amount = abs(line.quantity), abs(line.unit_price), abs(net)
    if quantity == 0:
        return Priced(Decimal(0), price, Decimal(0)) if amount == 0 else None
    cost = price.quantize(PRICE_STEP)
    if cost != price or round_amount(quantity * cost, currency) != amount:
        cost = max(price, amount / quantity).quantize(PRICE_STEP, rounding=ROUND_UP)
    discount = round_amount(quantity * cost, currency) - amount
    return Priced(sign * quantity, cost, sign * discount)
