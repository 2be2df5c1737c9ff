"""What an entry in the ERP can be about: order lines and postings of the case, each with the figures that the
entry takes over. Nothing else can be named, by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType, OrderLine, PurchaseOrder
from tools.domain.findings import Discrepancy, DiscrepancyKind, LineMatch, MatchResult, Severity
from tools.domain.identifiers import CompanyId, OrderNumber
from tools.domain.money import Exact, Money
from tools.domain.record import Record
from tools.matching.erp_entries import EntryRow
from tools.matching.facts import Facts
from tools.matching.hold_codes import hold_code

_MOST_DECIMALS = 6
"""Of a quantity or a unit price; what needs more does not come out even in the order's unit."""
_NOT_RECEIVED = frozenset({DiscrepancyKind.NO_RECEIPT, DiscrepancyKind.QTY_OVER_RECEIVED})
_COUNTED = frozenset(
    {DiscrepancyKind.PO_EXHAUSTED, DiscrepancyKind.QTY_OVER_ORDERED, DiscrepancyKind.QTY_OVER_RECEIVED}
)
_PRICE = frozenset({DiscrepancyKind.PRICE_OVER, DiscrepancyKind.PRICE_UNDER})


class Subject(Record):
    """One case as far as entries are about it."""

    facts: Facts
    match: MatchResult
    erp: str
    """Kind of the ERP, for its hold codes."""
    company: CompanyId
    past: tuple[tuple[str, str, str], ...] = ()
    """What this case had entered before, in that order: kind of action, and posted number and reason code, or
    order number and order line."""

    @property
    def held(self) -> tuple[tuple[str, str], ...]:
        """Posted number and reason code of what this case holds in the ERP."""
        found: dict[tuple[str, str], None] = {}
        for kind, number, code in self.past:
            if kind == "hold_invoice":
                found[number, code] = None
            elif kind == "release_hold":
                found.pop((number, code), None)
        return tuple(found)

    @property
    def blocking(self) -> tuple[Discrepancy, ...]:
        return tuple(found for found in self.match.discrepancies if found.severity is Severity.BLOCK)


class Target(Record):
    """One thing an entry can be about, with the figures it takes over."""

    order: PurchaseOrder | None = None
    line: OrderLine | None = None
    quantity: Exact | None = None
    """Of a receipt: billed and not received; of an order line: what it comes to."""
    unit_price: Money | None = None
    """What the order line's price comes to, for its price base."""
    posting: str = ""
    code: str = ""
    gross: Money | None = None
    """Of the posted document."""

    @property
    def references(self) -> dict[str, str]:
        """The names by which a person or a model may refer to it."""
        if self.order is not None and self.line is not None:
            return {"order_line": f"{self.order.number}/{self.line.line_id}"}
        return {"posting": self.posting, "code": self.code}

    @property
    def words(self) -> str:
        if self.order is None or self.line is None:
            return f"{self.posting}: {self.code}"
        figures = [f"{self.quantity:f} {self.line.unit}"] if self.quantity is not None else []
        figures += [f"at {self.unit_price}"] if self.unit_price is not None else []
        return f"{self.references['order_line']}: {' '.join(figures)} {self.line.description}".strip()


def targets(row: EntryRow, subject: Subject) -> tuple[Target, ...]:
    """Everything the entry can be about now; empty where it makes no sense."""
    if not row.applies(subject.blocking):
        return ()
    if row.action == "hold_invoice":
        return tuple(_to_hold(subject))
    if row.action == "release_hold":
        return tuple(_to_release(subject))
    if subject.facts.invoice.is_credit_note:
        return ()
    make = _to_receive if row.action == "create_goods_receipt" else _to_amend
    return tuple(
        found for order, line, parts in _lines(subject) if (found := make(subject, order, line, parts))
    )


def _lines(subject: Subject) -> Iterable[tuple[PurchaseOrder, OrderLine, Sequence[LineMatch]]]:
    """Each order line that the document bills, with all that it bills on it."""
    for order in subject.facts.orders:
        for line in order.lines:
            key = (order.number, line.line_id)
            parts = [part for part in subject.match.lines if (part.order_number, part.order_line_id) == key]
            if parts and not line.cancelled:
                yield order, line, parts


def _kinds(subject: Subject, order: PurchaseOrder, line: OrderLine) -> set[DiscrepancyKind]:
    """What blocks this order line."""
    key = (order.number, line.line_id)
    return {found.kind for found in subject.blocking if (found.order_number, found.order_line_id) == key}


def _to_receive(
    subject: Subject, order: PurchaseOrder, line: OrderLine, parts: Sequence[LineMatch]
) -> Target | None:
    """Billed now and before, less received: what must have come for the bill to be right."""
    missing = _billed(parts) + parts[0].billed_before - parts[0].received
    if not _kinds(subject, order, line) & _NOT_RECEIVED or missing <= 0 or not _is_even(missing):
        return None
    return Target(order=order, line=line, quantity=missing)


def _to_amend(
    subject: Subject, order: PurchaseOrder, line: OrderLine, parts: Sequence[LineMatch]
) -> Target | None:
    """The price and quantity that the invoice line has, where it differs and comes out even."""
    kinds = _kinds(subject, order, line)
    price = _price(line, parts) if kinds & _PRICE else None
    billed = _billed(parts) + parts[0].billed_before
    quantity = billed if DiscrepancyKind.QTY_OVER_ORDERED in kinds and _is_even(billed) else None
    if price is None and quantity is None:
        return None
    return Target(order=order, line=line, quantity=quantity, unit_price=price)


def _price(line: OrderLine, parts: Sequence[LineMatch]) -> Money | None:
    """The billed price in the order line's terms; None where it does not come out even, where parts of the
    invoice bill different prices, and where nothing would change."""
    prices = {part.invoice_price for part in parts}
    billed = prices.pop() if len(prices) == 1 else None
    left = 100 - line.discount_percent
    if billed is None or billed.currency != line.unit_price.currency or line.price_unit or left <= 0:
        return None
    wanted = billed.amount * line.price_base * 100 / left
    price = Money(amount=wanted.normalize() + 0, currency=billed.currency)
    return price if _is_even(wanted) and wanted > 0 and price != line.unit_price else None


def _billed(parts: Sequence[LineMatch]) -> Decimal:
    return sum((part.billed for part in parts), Decimal(0))


def _is_even(value: Decimal) -> bool:
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= _MOST_DECIMALS


def _causes(subject: Subject) -> Iterable[Discrepancy]:
    """What speaks against paying a document that is posted already. What it billed itself counts as billed
    before now: only what is above order or receipts even so is a cause."""
    parts = {(part.order_number, part.order_line_id): part for part in subject.match.lines}
    for found in subject.blocking:
        part = parts.get((found.order_number or OrderNumber(""), found.order_line_id or ""))
        if part is not None and found.kind in _COUNTED:
            received = found.kind is DiscrepancyKind.QTY_OVER_RECEIVED
            if part.billed_before <= (part.received if received else part.ordered):
                continue
        yield found


def _codes(subject: Subject) -> dict[str, None]:
    """The ERP's codes for these causes, each once."""
    codes = (hold_code(subject.erp, found.kind) for found in _causes(subject))
    return dict.fromkeys(code for code in codes if code is not None)


def _to_hold(subject: Subject) -> Iterable[Target]:
    """The document's own posting in the ERP, with each code that it is not held with from here."""
    invoice = subject.facts.invoice
    for posting in subject.facts.postings:
        is_invoice = posting.document_type is DocumentType.INVOICE
        is_same = posting.invoice_date in (None, invoice.issue_date)
        if posting.state is PostingState.POSTED and is_invoice and is_same:
            for code in _codes(subject):
                if (posting.number, code) not in subject.held:
                    yield Target(posting=posting.number, code=code, gross=posting.gross)


def _to_release(subject: Subject) -> Iterable[Target]:
    """What this case holds for a cause that is gone: no hold is released while its cause stands."""
    gross = {posting.number: posting.gross for posting in subject.facts.postings}
    for number, code in subject.held:
        if code not in _codes(subject):
            yield Target(posting=number, code=code, gross=gross.get(number))
