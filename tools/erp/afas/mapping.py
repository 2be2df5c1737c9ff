"""Rows of Profit in our terms: pure functions, every rule of signs, units and states."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

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
from tools.domain.units import unit_code
from tools.erp.afas import wire
from tools.erp.afas.readable import readable
from tools.erp.contract import Account, CostCentre, PostingWindow

LONGEST_INVOICE_NUMBER = 12
"""Characters of `InId`; 32 fit into `Fref` and `BpNr`."""


@dataclass(frozen=True)
class Setup:
    """What the settings say about the administration; `percents`: VAT code -> rate."""

    company: str
    currency: str
    units: Mapping[str, str] = field(default_factory=dict)
    """Profit's unit -> UN/ECE code."""
    vat_groups: Mapping[str, str] = field(default_factory=dict)
    """VAT rate group of an order line -> VAT code of an entry."""
    percents: Mapping[str, Decimal | None] = field(default_factory=dict)
    products: frozenset[str] = frozenset()
    """Item types that are received before they are paid."""
    number_field: str = "Fref"
    """Where the bookkeepers keep the supplier's own number."""

    def unit(self, code: str) -> str:
        return self.units.get(code) or unit_code(code) or code

    def unit_of(self, code: str) -> str:
        """Profit's unit for a UN/ECE code; the code itself where the settings name none."""
        return next((name for name, known in self.units.items() if known == code), code)

    def vat_group_of(self, code: str) -> str | None:
        return next((group for group, known in self.vat_groups.items() if known == code), None)


def version_of(*rows: wire.Row) -> str:
    """Profit keeps no version: what was read is the version."""
    text = "\n".join(sorted(row.model_dump_json() for row in rows))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def orders(rows: Iterable[wire.OrderRow], setup: Setup) -> list[PurchaseOrder]:
    """Lines of text and subtotals are no lines of ours."""
    by_number: dict[str, list[wire.OrderRow]] = {}
    for row in rows:
        if row.is_item:
            by_number.setdefault(row.number, []).append(row)
    return [_order(found, setup) for found in by_number.values()]


def _order(rows: list[wire.OrderRow], setup: Setup) -> PurchaseOrder:
    with readable(f"order {rows[0].number}"):
        return _readable_order(rows, setup)


def _readable_order(rows: list[wire.OrderRow], setup: Setup) -> PurchaseOrder:
    head = rows[0]
    rows = sorted(rows, key=lambda row: (row.line_number is None, row.line_number or 0, row.line_guid))
    currency = head.currency or setup.currency
    return PurchaseOrder(
        number=OrderNumber(head.number),
        company=CompanyId(setup.company),
        supplier_id=SupplierId(head.creditor),
        currency=currency,
        state=_order_state(head),
        ordered_on=head.ordered_on,
        buyer=head.buyer or None,
        lines=tuple(_order_line(row, currency, setup) for row in rows),
        version=version_of(*rows),
    )


def _order_state(row: wire.OrderRow) -> OrderState:
    if row.done:
        return OrderState.CLOSED
    return OrderState.OPEN if row.final else OrderState.DRAFT


def _order_line(row: wire.OrderRow, currency: str, setup: Setup) -> OrderLine:
    is_product = row.item_type in setup.products
    tax_code = setup.vat_groups.get(row.vat_group)
    return OrderLine(
        line_id=line_id(row),
        item_number=row.item if is_product else None,
        account=None if is_product else row.account or None,
        description=row.description,
        unit=setup.unit(row.unit),
        ordered=row.ordered,
        received=row.received,
        invoiced=row.invoiced,
        unit_price=Money(amount=row.price, currency=currency),
        discount_percent=row.discount or Decimal(0),
        tax_code=tax_code,
        tax_rate=setup.percents.get(tax_code or ""),
        receipt_required=is_product,
        expected_on=row.expected,
    )


def line_id(row: wire.OrderRow) -> str:
    """Its number where the GetConnector tells it, else its GUID."""
    return row.line_guid if row.line_number is None else str(row.line_number)


def receipts(rows: Iterable[wire.ReceiptRow], setup: Setup) -> list[GoodsReceipt]:
    by_number: dict[tuple[str, str], list[wire.ReceiptRow]] = {}
    for row in rows:
        if row.is_item:
            by_number.setdefault((row.number, row.order_number), []).append(row)
    return [_receipt(found, setup) for found in by_number.values()]


def _receipt(rows: list[wire.ReceiptRow], setup: Setup) -> GoodsReceipt:
    with readable(f"receipt {rows[0].number}"):
        return GoodsReceipt(
            number=rows[0].number,
            order_number=OrderNumber(rows[0].order_number),
            received_on=rows[0].received_on,
            lines=tuple(_receipt_line(row, setup) for row in sorted(rows, key=_place)),
        )


def _place(row: wire.ReceiptRow) -> tuple[int, str]:
    return row.source_number or 0, row.line_guid


def _receipt_line(row: wire.ReceiptRow, setup: Setup) -> ReceiptLine:
    source = row.source_guid or None
    return ReceiptLine(
        order_line_id=source if row.source_number is None else str(row.source_number),
        item_number=row.item if row.item_type in setup.products else None,
        description=row.description or None,
        quantity=row.quantity,
        unit=setup.unit(row.unit),
    )


def receipt_posting(row: wire.ReceiptRow) -> Posting:
    return Posting(
        erp_id=row.number,
        number=row.number,
        state=PostingState.POSTED,
        supplier_id=SupplierId(row.creditor),
        posting_date=row.received_on,
        reference=row.delivery_note or None,
    )


def order_posting(rows: Sequence[wire.OrderRow]) -> Posting:
    """An order is a draft for the buyer; as a record of ours it is finished."""
    head = rows[0]
    return Posting(
        erp_id=head.number,
        number=head.number,
        state=PostingState.POSTED,
        supplier_id=SupplierId(head.creditor),
        reference=head.reference or None,
        version=version_of(*rows),
    )


def document_type(row: wire.InvoiceRow) -> DocumentType:
    return DocumentType.CREDIT_NOTE if row.amount < 0 else DocumentType.INVOICE


def numbers_of(row: wire.InvoiceRow) -> set[str]:
    """Every field that may hold the supplier's own number: twelve characters fit in the first only."""
    return {name.strip().casefold() for name in (row.invoice_id, row.reference, row.voucher) if name.strip()}


def supplier_number(row: wire.InvoiceRow, setup: Setup) -> str:
    """What does not fit into the invoice number stands in the reference, whoever entered it."""
    if len(row.reference) > LONGEST_INVOICE_NUMBER:
        return row.reference
    named = {"InId": row.invoice_id, "BpNr": row.voucher, "Fref": row.reference}[setup.number_field]
    return named or row.invoice_id


def posting(row: wire.InvoiceRow, setup: Setup) -> Posting:
    """Amounts are positive; the type tells a credit note. The tax is known in base currency only, and a
    foreign document whose own amount Profit does not tell has none. Raises ErpRejected for one that cannot
    be read."""
    with readable(f"entry {row.entry}"):
        return _posting(row, setup)


def _posting(row: wire.InvoiceRow, setup: Setup) -> Posting:
    foreign = row.currency not in ("", setup.currency)
    currency = row.currency if foreign else setup.currency
    amount = row.amount_foreign if foreign else row.amount
    gross = None if amount is None else Money(amount=abs(amount), currency=currency)
    tax = None if row.vat is None or (foreign and row.vat) else Money(amount=abs(row.vat), currency=currency)
    return Posting(
        erp_id=f"{row.journal}/{row.entry}/{row.creditor}/{row.invoice_id}",
        number=str(row.entry),
        state=PostingState.PAID if row.open == 0 != row.amount else PostingState.POSTED,
        supplier_id=SupplierId(row.creditor),
        document_type=document_type(row),
        supplier_number=supplier_number(row, setup),
        invoice_date=row.document_date,
        posting_date=row.entry_date,
        net=None if gross is None or tax is None else gross - tax,
        tax=tax,
        gross=gross,
        reference=row.description or None,
        version=version_of(row),
    )


def open_item(row: wire.InvoiceRow, setup: Setup) -> OpenItem:
    """In the document's currency; in the base currency, named as such, where Profit does not tell the
    document's own amount. Raises ErpRejected for one that cannot be read."""
    with readable(f"entry {row.entry}"):
        return _open_item(row, setup)


def _open_item(row: wire.InvoiceRow, setup: Setup) -> OpenItem:
    foreign = row.currency not in ("", setup.currency)
    amount, currency = row.amount, setup.currency
    left: Decimal | None = row.open
    if foreign and row.amount_foreign is not None:
        amount, left, currency = row.amount_foreign, row.open_foreign, row.currency
    return OpenItem(
        supplier_id=SupplierId(row.creditor),
        document_number=str(row.entry),
        supplier_invoice_number=supplier_number(row, setup) or None,
        document_date=row.document_date,
        due_date=row.due_date,
        amount=Money(amount=amount, currency=currency),
        remaining=None if left is None else Money(amount=left, currency=currency),
    )


def account(row: wire.Account) -> Account:
    return Account(number=row.number, name=row.name, direct_posting=not row.collective, blocked=row.blocked)


def cost_centre(row: wire.CostCentre) -> CostCentre:
    return CostCentre(code=row.code, name=row.name, blocked=row.blocked)


def posting_window(periods: Iterable[wire.Period]) -> PostingWindow:
    """The last stretch of open periods without a gap; a period that is open beyond a gap is left out,
    because a window has no holes."""
    stretches = sorted((first, last) for first, last, each in _dated(periods) if not each.blocked)
    opened: date | None = None
    closed: date | None = None
    for start, end in stretches:
        if opened is None or closed is None or start > closed + timedelta(days=1):
            opened, closed = start, end
        closed = max(closed, end)
    if opened is None:  # nothing is open: a window that holds no day
        return PostingWindow(first_open=date.max, last_open=date.min)
    return PostingWindow(first_open=opened, last_open=closed)


def period_of(periods: Iterable[wire.Period], day: date) -> wire.Period | None:
    """The period a day belongs to: the longest one around it, because closing periods of a single day lie
    inside the last month."""
    around = [each for each in _dated(periods) if each[0] <= day <= each[1]]
    found = max(
        around, key=lambda each: (each[1] - each[0], not each[2].blocked, -each[2].period), default=None
    )
    return None if found is None else found[2]


def _dated(periods: Iterable[wire.Period]) -> Iterator[tuple[date, date, wire.Period]]:
    for each in periods:
        if each.first is not None and each.last is not None:
            yield each.first, each.last, each
