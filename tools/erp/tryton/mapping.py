"""Tryton ↔ domain. Pure. Every sign, rounding and date rule of this ERP stands here.

- An invoice and a credit note are one model, type `in`; a credit note's amounts are negative.
- What was received is the sum of an order line's done movements, what was billed the sum of its invoice lines
  on posted or paid invoices: drafts, also those that Tryton makes by itself, bill nothing yet.
- A unit price is for one unit and after all discounts.
- A deactivated party is blocked for all. Tryton knows no block of payment on a party; a category may say it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeVar

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
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.record import Record
from tools.domain.supplier import BankAccount, Supplier, SupplierBlock
from tools.erp.contract import Account, PostingWindow
from tools.erp.tryton import wire
from tools.erp.tryton.setup import Setup, code_of, in_unit

R = TypeVar("R", bound=Record)
_ORDER_STATES = {
    "draft": OrderState.DRAFT,
    "quotation": OrderState.DRAFT,
    "done": OrderState.CLOSED,
    "cancelled": OrderState.CANCELLED,
}
_STATES = {
    "posted": PostingState.POSTED,
    "paid": PostingState.PAID,
    "cancelled": PostingState.CANCELLED,
}
_BILLED = frozenset({"posted", "paid"})
UNFINISHED = ["draft", "quotation", "confirmed", "processing"]
"""States of an order that is not closed."""


def _versioned(record: R) -> R:
    """The version is that of the content: it changes with everything a decision can rest on, and with
    nothing else."""
    told = hashlib.sha256(record.model_dump_json(exclude={"version"}).encode()).hexdigest()[:24]
    return record.model_copy(update={"version": told})


def supplier(row: wire.Party, setup: Setup) -> Supplier:
    address = row.addresses[0] if row.addresses else None
    identifiers = {found.type: found.code for found in reversed(row.identifiers)}
    currency = row.supplier_currency.code if row.supplier_currency else setup.currency
    return _versioned(
        Supplier(
            supplier_id=SupplierId(row.code),
            name=row.name,
            vat_id=identifiers.get("eu_vat") or _of_country(identifiers),
            street=None if address is None else ", ".join(address.street.splitlines()) or None,
            city=None if address is None else address.city or None,
            postcode=None if address is None else address.postal_code or None,
            country=address.country.code if address and address.country else None,
            email=row.email or None,
            phone=row.phone or None,
            currency=None if currency == setup.currency else currency,
            block=_block(row, setup),
            bank_accounts=tuple(
                BankAccount(iban=number.number_compact, verified_by="master data")
                for kept in row.bank_accounts
                if kept.active
                for number in kept.numbers
                if number.active and number.type == "iban"
            ),
        )
    )


def _of_country(identifiers: Mapping[str, str]) -> str | None:
    """VAT numbers outside the EU have a type of their own, for example `gb_vat`."""
    return next((code for kind, code in identifiers.items() if kind.endswith("_vat")), None)


def _block(row: wire.Party, setup: Setup) -> SupplierBlock:
    if not row.active:
        return SupplierBlock.ALL
    held = setup.payment_block is not None and setup.payment_block in {kept.name for kept in row.categories}
    return SupplierBlock.PAYMENT if held else SupplierBlock.NONE


def order(row: wire.Order, setup: Setup) -> PurchaseOrder:
    lines = [line for line in row.lines if line.type == "line"]
    # Tryton shows lines by sequence, and those without one by their id, after them.
    lines.sort(key=lambda line: (line.sequence is None, line.sequence or 0, line.id))
    return _versioned(
        PurchaseOrder(
            number=OrderNumber(row.number),
            company=setup.company,
            supplier_id=SupplierId(row.party.code),
            currency=row.currency.code,
            state=_ORDER_STATES.get(row.state, OrderState.OPEN),
            ordered_on=row.purchase_date,
            buyer=row.quoted_by.rec_name or None if row.quoted_by else None,
            lines=tuple(_order_line(line, row.currency.code) for line in lines),
            version="",
        )
    )


def _order_line(row: wire.OrderLine, currency: str) -> OrderLine:
    unit = _symbol(row.unit)
    tax = row.taxes[0] if len(row.taxes) == 1 else None
    return OrderLine(
        line_id=str(row.id),
        item_number=row.product.code or None if row.product else None,
        description=row.description or (row.product.code if row.product else ""),
        unit=unit,
        ordered=row.quantity or Decimal(0),
        received=sum((moved(move, row.unit) for move in row.moves if move.state == "done"), Decimal(0)),
        invoiced=sum((_billed(line, row.unit) for line in row.invoice_lines), Decimal(0)),
        unit_price=Money(amount=row.unit_price or Decimal(0), currency=currency),
        tax_code=tax.name if tax else None,
        tax_rate=percent(tax) if tax else None,
        receipt_required=row.product is not None and row.product.type in ("goods", "assets"),
        expected_on=row.delivery_date,
    )


def percent(tax: wire.Tax) -> Decimal | None:
    """What the supplier charges. A tax of parts is their sum: with reverse charge that is nothing."""
    if tax.type == "percentage" and tax.rate is not None:
        return tax.rate * 100
    rates = [child.rate for child in tax.childs if child.rate is not None]
    return sum(rates, Decimal(0)) * 100 if rates else None


def _symbol(unit: wire.Unit | None) -> str:
    return code_of(unit.symbol if unit else "")


def moved(move: wire.Move, unit: wire.Unit | None) -> Decimal:
    """In the order line's unit. Only what came from the supplier is a receipt; what left for it is none."""
    sign = 1 if move.from_location.type == "supplier" else -1
    return sign * in_unit(move.quantity, move.unit, unit or move.unit)


def _billed(line: wire.BilledLine, unit: wire.Unit | None) -> Decimal:
    """In the order line's unit; a line without one counts in it."""
    if line.type != "line" or line.invoice is None or line.invoice.state not in _BILLED:
        return Decimal(0)
    quantity = line.quantity or Decimal(0)
    return quantity if line.unit is None or unit is None else in_unit(quantity, line.unit, unit)


def receipts(row: wire.Order) -> list[GoodsReceipt]:
    """One for each shipment; movements without one are a receipt of their day."""
    found: dict[str, list[tuple[wire.OrderLine, wire.Move]]] = {}
    for line in row.lines:
        for move in line.moves:
            if move.state == "done":
                number = move.shipment.number if move.shipment else f"move {move.id}"
                found.setdefault(number, []).append((line, move))
    return [
        _receipt(number, row.number, parts)
        for number, parts in sorted(found.items(), key=lambda item: min(move.id for _, move in item[1]))
    ]


def _receipt(number: str, order_number: str, parts: list[tuple[wire.OrderLine, wire.Move]]) -> GoodsReceipt:
    days = [move.effective_date for _, move in parts if move.effective_date is not None]
    return GoodsReceipt(
        number=number,
        order_number=OrderNumber(order_number),
        received_on=max(days, default=date.min),
        lines=tuple(
            ReceiptLine(
                order_line_id=str(line.id),
                item_number=line.product.code or None if line.product else None,
                description=line.description or None,
                quantity=moved(move, move.unit),
                unit=_symbol(move.unit),
            )
            for line, move in parts
        ),
    )


def number_of(number: str, record_id: int) -> str:
    """Tryton shows a record that has no number yet by its id in brackets."""
    return number or f"({record_id})"


def draft_id(number: str) -> int | None:
    """The id of the record that is shown so; None for a number."""
    inner = number.strip().removeprefix("(").removesuffix(")")
    return int(inner) if number.strip() == f"({inner})" and inner.isdecimal() else None


def posting(row: wire.Invoice) -> Posting:
    """A state nobody knows counts as a draft: then nothing is taken for posted that may not be."""
    is_credit = row.untaxed_amount < 0
    money = {
        name: Money(amount=-amount if is_credit else amount, currency=row.currency.code)
        for name, amount in (
            ("net", row.untaxed_amount),
            ("tax", row.tax_amount),
            ("gross", row.total_amount),
        )
    }
    state = _STATES.get(row.state, PostingState.DRAFT)
    return Posting(
        erp_id=str(row.id),
        number=number_of("" if state is PostingState.DRAFT else row.number, row.id),
        state=state,
        supplier_id=SupplierId(row.party.code) if row.party else None,
        document_type=DocumentType.CREDIT_NOTE if is_credit else DocumentType.INVOICE,
        supplier_number=row.reference or None,
        invoice_date=row.invoice_date,
        posting_date=row.accounting_date or row.invoice_date,
        version=row.version,
        **money,
    )


def open_item(row: wire.PayableLine, invoice: wire.OpenInvoice | None, setup: Setup) -> OpenItem:
    """An instalment of an invoice, or an entry without one. What is left is told for an invoice of one
    instalment; of several nobody knows which one a payment went to."""
    currency = row.second_currency.code if row.second_currency else setup.currency
    amount = row.credit - row.debit
    if row.second_currency is not None and row.amount_second_currency is not None:
        amount = -row.amount_second_currency
    single = invoice is not None and len(invoice.lines_to_pay) == 1
    left = invoice.amount_to_pay if invoice is not None and single else None
    return OpenItem(
        supplier_id=SupplierId(row.party.code if row.party else ""),
        document_number=number_of(invoice.number if invoice else "", row.id),
        supplier_invoice_number=invoice.reference or None if invoice else None,
        document_date=invoice.invoice_date if invoice else None,
        due_date=row.maturity_date,
        amount=Money(amount=amount, currency=currency),
        remaining=None if left is None else Money(amount=left, currency=currency),
    )


def account(row: wire.LedgerAccount, setup: Setup) -> Account:
    """An account takes a supplier's line when its type is an expense or a debt."""
    return Account(
        number=row.code,
        name=row.name,
        direct_posting=row.type is not None and (row.type.expense or row.type.debt),
        blocked=row.closed,
        balance=None if row.balance is None else Money(amount=row.balance, currency=setup.currency),
    )


def posting_window(periods: Iterable[wire.Period]) -> PostingWindow:
    """From the first to the last open period; a closed one between them is refused by Tryton itself."""
    open_ones = [period for period in periods if period.state == "open"]
    return PostingWindow(
        first_open=min((period.start_date for period in open_ones), default=None),
        last_open=max((period.end_date for period in open_ones), default=None),
    )
