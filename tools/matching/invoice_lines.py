"""The lines of an invoice as matching needs them: one sign, exact price for one unit, known unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tools.domain.documents import Invoice, InvoiceLine
from tools.domain.money import Money, round_amount
from tools.domain.units import unit_code
from tools.matching.wording import line_name

# Peppol BIS 3.0, rule R120: a line's net may differ from quantity times price by this much.
_LINE_ROUNDING = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class BillableLine:
    """One line that bills something. A return has a negative quantity; prices are never negative."""

    index: int
    line: InvoiceLine
    quantity: Fraction
    unit: str | None
    """Rec. 20 code; None where the document names no unit or one that is not known."""
    price: Fraction
    """For one unit, in the document's currency, after the line's allowances and charges."""
    net: Decimal

    @property
    def name(self) -> str:
        return line_name(self.line, self.index)

    @property
    def has_unknown_unit(self) -> bool:
        return self.unit is None and bool((self.line.unit or "").strip())

    @property
    def is_free(self) -> bool:
        return self.net == 0 and self.price == 0


def document_sign(invoice: Invoice) -> int:
    """-1 for a credit note that prints its amounts as negative, so that all credit notes read alike."""
    total = invoice.gross_total or invoice.net_total or invoice.line_total
    return -1 if invoice.is_credit_note and total is not None and total.amount < 0 else 1


def document_net(invoice: Invoice) -> Money | None:
    """The net total (BT-109), positive for credit notes; from gross and tax where it is not printed."""
    net = invoice.net_total
    if net is None and invoice.gross_total is not None:
        net = invoice.gross_total - (invoice.tax_total or Money.zero(invoice.currency))
    return None if net is None else net * document_sign(invoice)


def billable_lines(invoice: Invoice) -> tuple[BillableLine, ...]:
    """Every line with an amount. Parts of another line and lines of mere text are left out."""
    sign = document_sign(invoice)
    found = (
        _billable(index, line, sign, invoice.currency)
        for index, line in enumerate(invoice.lines)
        if line.parent_line_id is None
    )
    return tuple(line for line in found if line is not None)


def _billable(index: int, line: InvoiceLine, sign: int, currency: str) -> BillableLine | None:
    net = line_net(line, currency)
    if net is None:
        return None
    quantity = _quantity(line, net)
    price = _price(line, quantity, net)
    if price < 0:
        quantity, price = -quantity, -price
    return BillableLine(index, line, quantity * sign, unit_code(line.unit), price, net * sign)


def line_net(line: InvoiceLine, currency: str) -> Decimal | None:
    """BT-131 as printed, else computed from quantity, price and adjustments; None for mere text."""
    if line.net_amount is not None:
        return line.net_amount.amount
    if line.quantity is None or line.unit_price is None:
        return None
    adjustments = line.adjustments.amount if line.adjustments is not None else Decimal(0)
    return round_amount(line.quantity * line.unit_price.amount / _base(line) + adjustments, currency)


def _base(line: InvoiceLine) -> Decimal:
    return line.price_base or Decimal(1)


def _quantity(line: InvoiceLine, net: Decimal) -> Fraction:
    """A line with an amount and nothing else is a lump sum: one of it."""
    if line.quantity:
        return Fraction(line.quantity)
    if line.quantity is None and line.unit_price is not None and line.unit_price.amount:
        return Fraction(net) * Fraction(_base(line)) / Fraction(line.unit_price.amount)
    return Fraction(1)


def _price(line: InvoiceLine, quantity: Fraction, net: Decimal) -> Fraction:
    """The stated price where it explains the amount, so that a rounded amount never bends it; else the
    amount divided by the quantity, which holds the line's discounts."""
    if line.unit_price is not None:
        stated = Fraction(line.unit_price.amount) / Fraction(_base(line))
        if abs(stated * quantity - Fraction(net)) <= Fraction(_LINE_ROUNDING):
            return stated
    return Fraction(net) / quantity
