"""What a purchase document does to the ledger: the rows, and what it moves on the order lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tools.domain.documents import DocumentType, OrderLine
from tools.domain.money import Money, round_amount
from tools.erp.sandbox.books import Books, Clearing, DocumentLine, PurchaseDocument, TaxAmount
from tools.erp.sandbox.entries import ZERO, LedgerRow
from tools.erp.sandbox.ledger import row
from tools.erp.sandbox.master import MasterData
from tools.erp.sandbox.purchasing import Purchasing, unit_value
from tools.erp.sandbox.refusal import Refusal, Refused


@dataclass
class Converter:
    """Turns amounts of one document into company currency so that the parts add up to the whole: each
    part is the difference of two rounded running totals."""

    rate: Decimal
    currency: str
    running: Decimal = ZERO

    def part(self, amount: Decimal) -> Decimal:
        before = round_amount(self.running * self.rate, self.currency)
        self.running += amount
        return round_amount(self.running * self.rate, self.currency) - before


@dataclass
class Draftsheet:
    """The working paper of one posting."""

    rows: list[LedgerRow] = field(default_factory=list)
    moves: dict[tuple[str, str], tuple[OrderLine, Clearing]] = field(default_factory=dict)
    """(order, line id) -> the order line and its clearing afterwards."""
    cleared: dict[str, Decimal] = field(default_factory=dict)
    """Document line id -> change of GR/IR value."""
    owed: Decimal = ZERO
    """Company currency; negative for a credit note."""


class VoucherWriter:
    """Computes the working paper of a document; changes nothing."""

    def __init__(self, books: Books, master: MasterData, purchasing: Purchasing) -> None:
        self._books = books
        self._master = master
        self._purchasing = purchasing

    def sheet(self, document: PurchaseDocument, day: date, taxes: tuple[TaxAmount, ...]) -> Draftsheet:
        """Raises Refused where a line cannot be posted. `taxes` are those of the posting, with the
        supplier's own small difference already in."""
        sign = 1 if document.document_type is DocumentType.INVOICE else -1
        rate = self._master.rate(document.currency, day)
        converter = Converter(rate, self._books.settings.currency)
        sheet = Draftsheet()
        for line in document.lines:
            net = line.net(document.currency)
            local = sign * converter.part(net)
            sheet.rows.extend(self._line_rows(document, line, sign, Sums(net, local, rate), sheet))
        for tax in taxes:
            sheet.rows.extend(self._tax_rows(document, tax, sign, converter))
        sheet.owed = sum((entered.debit - entered.credit for entered in sheet.rows), ZERO)
        return sheet

    def reversal(self, document: PurchaseDocument, rows: Sequence[LedgerRow], reason: str) -> Draftsheet:
        """The mirrored entry. Where the order line's GR/IR moved on since the posting, it is put right at
        its present value and the difference is a price variance, so that no rest stays behind."""
        sheet = Draftsheet(rows=[_mirrored(entered, reason) for entered in rows])
        sign = 1 if document.document_type is DocumentType.INVOICE else -1
        controls, currency = self._books.settings.controls, self._books.settings.currency
        for line in document.lines:
            if line.order_number is None or line.order_line_id is None:
                continue
            key = (line.order_number, line.order_line_id)
            ordered, clearing = sheet.moves.get(key) or (
                self._purchasing.line(*key),
                self._purchasing.card(key[0]).clearing.get(key[1], Clearing()),
            )
            ordered = self._billed(key[0], ordered, -sign * line.quantity)
            if line.quantity and line.line_id in document.cleared:
                value = document.cleared[line.line_id]
                clearing, change = clearing.moved(sign * line.quantity, abs(value / line.quantity), currency)
                sheet.rows.append(row(controls.gr_ir, -change - value, description=reason))
                sheet.rows.append(row(controls.price_variance, change + value, description=reason))
            sheet.moves[key] = (ordered, clearing)
        return sheet

    def foreign(self, document: PurchaseDocument, amount: Decimal) -> Money | None:
        if document.currency == self._books.settings.currency:
            return None
        return Money(amount=amount, currency=document.currency)

    def _line_rows(
        self, document: PurchaseDocument, line: DocumentLine, sign: int, sums: Sums, sheet: Draftsheet
    ) -> Iterator[LedgerRow]:
        foreign = self.foreign(document, sign * sums.net)
        if line.order_number is None or line.order_line_id is None:
            yield row(self._target(line), sums.local, foreign=foreign, description=line.description)
            return
        ordered = self._bill(document, line, sign, sheet)
        if not ordered.receipt_required:
            account = line.account or self._purchasing.debit_account(ordered)
            yield row(account, sums.local, foreign=foreign, description=line.description)
            return
        value = self._clear(line, ordered, sign, sums.rate, sheet)
        controls = self._books.settings.controls
        yield row(controls.gr_ir, -value, description=line.description)
        yield row(controls.price_variance, sums.local + value, description=line.description)

    def _target(self, line: DocumentLine) -> str:
        if line.item_number is not None:
            item = self._master.item(line.item_number)
            if item.blocked:
                raise Refused(Refusal.ITEM_BLOCKED, f"The item {item.number} is blocked.", "item_number")
            return item.inventory_account
        if line.account is not None:
            return self._master.direct_account(line.account).number
        raise Refused(Refusal.VALUE_MISSING, f"Line {line.line_id} has no account.", "account")

    def _bill(
        self, document: PurchaseDocument, line: DocumentLine, sign: int, sheet: Draftsheet
    ) -> OrderLine:
        number, line_id = line.order_number or "", line.order_line_id or ""
        order = self._purchasing.order(number)
        if order.supplier_id != document.supplier_id:
            raise Refused(
                Refusal.ORDER_OF_OTHER_SUPPLIER,
                f"The order {number} belongs to supplier {order.supplier_id}.",
                "order_number",
            )
        if order.currency != document.currency:
            raise Refused(
                Refusal.CURRENCY_DIFFERS,
                f"The order {number} is in {order.currency}, the document in {document.currency}.",
                "currency",
            )
        pending = sheet.moves.get((number, line_id))
        ordered = pending[0] if pending else self._billable(number, line_id, sign)
        ordered = self._billed(number, ordered, sign * line.quantity)
        clearing = pending[1] if pending else self._purchasing.card(number).clearing.get(line_id, Clearing())
        sheet.moves[(number, line_id)] = (ordered, clearing)
        return ordered

    def _billed(self, number: str, ordered: OrderLine, quantity: Decimal) -> OrderLine:
        billed = ordered.invoiced + quantity
        if billed > ordered.ordered or billed < 0:
            raise Refused(
                Refusal.OVER_BILLING,
                f"Line {ordered.line_id} of order {number}: {billed} billed of {ordered.ordered} ordered.",
                "quantity",
            )
        return ordered.model_copy(update={"invoiced": billed})

    def _billable(self, number: str, line_id: str, sign: int) -> OrderLine:
        # A credit note may come after the order was closed.
        return (
            self._purchasing.open_line(number, line_id)
            if sign > 0
            else self._purchasing.line(number, line_id)
        )

    def _clear(
        self, line: DocumentLine, ordered: OrderLine, sign: int, rate: Decimal, sheet: Draftsheet
    ) -> Decimal:
        key = (line.order_number or "", line.order_line_id or "")
        after, value = sheet.moves[key][1].moved(
            -sign * line.quantity, unit_value(ordered, rate), self._books.settings.currency
        )
        sheet.moves[key] = (ordered, after)
        sheet.cleared[line.line_id] = value
        return value

    def _tax_rows(
        self, document: PurchaseDocument, tax: TaxAmount, sign: int, converter: Converter
    ) -> Iterator[LedgerRow]:
        if not tax.amount:
            return
        code = self._master.tax_code(tax.tax_code)
        if code.input_account is None:
            raise Refused(
                Refusal.VALUE_MISSING, f"The tax code {code.code} has no account for input tax.", "tax_code"
            )
        foreign = self.foreign(document, sign * tax.amount)
        text = f"{code.code} {tax.rate} %"
        if code.output_account is None:
            yield row(
                code.input_account, sign * converter.part(tax.amount), foreign=foreign, description=text
            )
            return
        assessed = sign * round_amount(tax.amount * converter.rate, converter.currency)
        yield row(code.input_account, assessed, foreign=foreign, description=text)
        yield row(
            code.output_account,
            -assessed,
            foreign=self.foreign(document, -sign * tax.amount),
            description=text,
        )


@dataclass(frozen=True)
class Sums:
    """One line's figures: document currency, company currency with its sign, and the rate between."""

    net: Decimal
    local: Decimal
    rate: Decimal


def _mirrored(entered: LedgerRow, reason: str) -> LedgerRow:
    return entered.model_copy(
        update={
            "debit": entered.credit,
            "credit": entered.debit,
            "foreign": None if entered.foreign is None else -entered.foreign,
            "description": reason,
        }
    )
