"""Does the invoice add up? The total rules of EN 16931 (BR-CO-10 to BR-CO-17) and Peppol's line rule R120.

A difference within rounding is a warning, any other difference an error; silence means equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from tools.domain.documents import Invoice, InvoiceLine, Problem, ProblemSeverity
from tools.domain.money import Money, minor_unit, round_amount

_HUNDRED = Decimal(100)
_ZERO = Decimal(0)


def arithmetic_problems(invoice: Invoice) -> Iterator[Problem]:
    """All differences between stated and computed amounts."""
    yield from _line_problems(invoice)
    yield from _line_total_problems(invoice)
    yield from _net_problems(invoice)
    yield from _tax_problems(invoice)
    yield from _gross_problems(invoice)
    yield from _payable_problems(invoice)


def _cent(invoice: Invoice) -> Decimal:
    """The smallest amount people charge; the forint has decimals in ISO 4217 only."""
    if invoice.currency == "HUF":
        return Decimal(1)
    return Decimal(1).scaleb(-minor_unit(invoice.currency))


def _amount(money: Money | None) -> Decimal:
    return _ZERO if money is None else money.amount


def _compare(
    invoice: Invoice, code: str, field: str, stated: Decimal, computed: Decimal, tolerance: Decimal
) -> Iterator[Problem]:
    if stated == computed:
        return
    within = abs(stated - computed) <= tolerance
    yield Problem(
        code=f"{code}_rounding" if within else f"{code}_wrong",
        severity=ProblemSeverity.WARNING if within else ProblemSeverity.ERROR,
        message=f"{_named(field)}: the document states {_shown(stated)} {invoice.currency}, "
        f"its own figures give {_shown(computed)} {invoice.currency}.",
        field=field,
    )


def _named(field: str) -> str:
    """`lines[2].net_amount` -> `Line 3 net amount`."""
    text = re.sub(
        r"^(line|taxe?)s\[(\d+)\]\.", lambda found: f"{found[1].rstrip('e')} {int(found[2]) + 1} ", field
    )
    return text.replace("_", " ").capitalize()


def _shown(value: Decimal) -> str:
    return (
        f"{value.quantize(Decimal('0.000001')).normalize() + _ZERO:f}"
        if abs(value) < Decimal(10) ** 18
        else f"{value:f}"
    )


def _line_problems(invoice: Invoice) -> Iterator[Problem]:
    """BT-131 = BT-129 × BT-146 / BT-149 + BG-28 − BG-27."""
    cent = _cent(invoice)
    for index, line in enumerate(invoice.lines):
        field = f"lines[{index}].net_amount"
        if line.net_amount is None:
            if line.quantity is not None and line.unit_price is not None:
                yield _missing_line_amount(field)
            continue
        if line.quantity is None or line.unit_price is None:
            continue
        exact = line.quantity * line.unit_price.amount / line.price_base + _amount(line.adjustments)
        computed = round_amount(exact, invoice.currency)
        if exact == line.net_amount.amount:
            continue
        tolerance = max(2 * cent, _price_rounding(line))
        yield from _line_difference(invoice, field, line.net_amount.amount, computed, cent, tolerance)


def _line_difference(
    invoice: Invoice, field: str, stated: Decimal, computed: Decimal, cent: Decimal, tolerance: Decimal
) -> Iterator[Problem]:
    # A line amount may be kept with more decimals than the currency has.
    if abs(stated - computed) < cent:
        return
    yield from _compare(invoice, "line_amount", field, stated, computed, tolerance)


def _price_rounding(line: InvoiceLine) -> Decimal:
    """How far a price that was rounded to its last decimal can move the line; at most half a percent."""
    if line.unit_price is None or line.quantity is None or line.net_amount is None:
        return _ZERO
    exponent = line.unit_price.amount.as_tuple().exponent
    last = Decimal(1).scaleb(exponent) if isinstance(exponent, int) and exponent < 0 else _ZERO
    return min(abs(line.quantity) * last / 2 / line.price_base, abs(line.net_amount.amount) / 200)


def _missing_line_amount(field: str) -> Problem:
    return Problem(
        code="missing_line_amount",
        severity=ProblemSeverity.ERROR,
        message="The line states no net amount.",
        field=field,
    )


def _line_sum(invoice: Invoice) -> Decimal | None:
    """Sum of the lines; what belongs to another line counts there, unless that line has no amount."""
    children: dict[str, list[InvoiceLine]] = {}
    names = {line.line_id for line in invoice.lines if line.line_id}
    top: list[InvoiceLine] = []
    for line in invoice.lines:
        parent = line.parent_line_id
        if parent is not None and parent in names and parent != line.line_id:
            children.setdefault(parent, []).append(line)
        else:
            top.append(line)
    amounts = [_line_value(line, children, depth=0) for line in top]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, _ZERO) if known else None


def _line_value(line: InvoiceLine, children: dict[str, list[InvoiceLine]], depth: int) -> Decimal | None:
    if line.net_amount is not None:
        return line.net_amount.amount
    if depth > 20:
        return None
    parts = [_line_value(part, children, depth + 1) for part in children.get(line.line_id or "", ())]
    known = [part for part in parts if part is not None]
    return sum(known, _ZERO) if known else None


def _line_total_problems(invoice: Invoice) -> Iterator[Problem]:
    """BR-CO-10: BT-106 = Σ BT-131."""
    lines = _line_sum(invoice)
    if lines is None or invoice.line_total is None:
        return
    tolerance = _cent(invoice) * max(2, len(invoice.lines))
    yield from _compare(invoice, "line_total", "line_total", invoice.line_total.amount, lines, tolerance)


def _net_problems(invoice: Invoice) -> Iterator[Problem]:
    """BR-CO-13: BT-109 = Σ BT-131 − BT-107 + BT-108."""
    base = _amount(invoice.line_total) if invoice.line_total is not None else _line_sum(invoice)
    if base is None or invoice.net_total is None:
        return
    for entry in invoice.allowances:
        base += entry.amount.amount if entry.is_charge else -entry.amount.amount
    yield from _compare(invoice, "net_total", "net_total", invoice.net_total.amount, base, 2 * _cent(invoice))


def _tax_problems(invoice: Invoice) -> Iterator[Problem]:
    """BR-CO-14 and BR-CO-17; suppliers that round each line may differ by a cent a line."""
    cent = _cent(invoice)
    per_row = cent * max(1, len(invoice.lines))
    for index, row in enumerate(invoice.taxes):
        if row.base is None or row.rate is None or row.amount is None:
            continue
        computed = round_amount(row.base.amount * row.rate / _HUNDRED, invoice.currency)
        if abs(row.amount.amount - computed) >= cent:
            field = f"taxes[{index}].amount"
            yield from _compare(invoice, "tax_row", field, row.amount.amount, computed, per_row)
    rows = [row.amount.amount for row in invoice.taxes if row.amount is not None]
    if rows and invoice.tax_total is not None:
        stated = invoice.tax_total.amount
        yield from _compare(invoice, "tax_total", "tax_total", stated, sum(rows, _ZERO), cent)
    yield from _tax_base_problems(invoice)


def _tax_base_problems(invoice: Invoice) -> Iterator[Problem]:
    bases = [row.base.amount for row in invoice.taxes if row.base is not None]
    if not bases or len(bases) < len(invoice.taxes) or invoice.net_total is None:
        return
    total = sum(bases, _ZERO)
    if total == invoice.net_total.amount:
        return
    # An insurance tax or a margin scheme can lie beside the VAT; the totals are checked on their own.
    yield Problem(
        code="tax_base_differs",
        severity=ProblemSeverity.WARNING,
        message=f"The taxable amounts add up to {_shown(total)}, the net total is "
        f"{_shown(invoice.net_total.amount)} {invoice.currency}.",
        field="taxes",
    )


def _gross_problems(invoice: Invoice) -> Iterator[Problem]:
    """BR-CO-15: BT-112 = BT-109 + BT-110."""
    if invoice.gross_total is None or invoice.net_total is None:
        return
    computed = invoice.net_total.amount + _amount(invoice.tax_total)
    yield from _compare(
        invoice,
        "gross_total",
        "gross_total",
        invoice.gross_total.amount,
        computed,
        2 * _cent(invoice),
    )


def _payable_problems(invoice: Invoice) -> Iterator[Problem]:
    """BR-CO-16: BT-115 = BT-112 − BT-113 + BT-114."""
    if invoice.payable is None or invoice.gross_total is None:
        return
    profile = (invoice.profile or "").casefold()
    if profile.endswith("minimum") and invoice.prepaid is None:
        return  # MINIMUM has no place for what was paid before
    stated = invoice.payable.amount
    computed = invoice.gross_total.amount - _amount(invoice.prepaid) + _amount(invoice.rounding)
    if "xrechnung" in profile and "extension" in profile and stated > computed:
        # BG-DEX-09: amounts collected for third parties are added to the payable amount.
        yield Problem(
            code="third_party_amounts",
            severity=ProblemSeverity.WARNING,
            message=f"{_shown(stated - computed)} {invoice.currency} of the payable amount are collected "
            "for others and are not part of this invoice.",
            field="payable",
        )
        return
    yield from _compare(invoice, "payable", "payable", stated, computed, 2 * _cent(invoice))
