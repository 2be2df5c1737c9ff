"""Invoice lines as a second reader says them: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tools.domain.documents import Invoice, InvoiceLine
from tools.domain.money import Money, round_amount
from tools.printed_values import PrintedValues
from tools.untrusted_text import tidied

_CENT = Decimal("0.01")


def read_lines(
    invoice: Invoice, lines: tuple[Mapping[str, str], ...], printed: PrintedValues
) -> tuple[InvoiceLine, ...] | str:
    """The lines where each value stands printed, quantity and price give the amount, and together they come
    to the net total exactly; else why not, as a sentence."""
    found = []
    for position, said in enumerate(lines, start=1):
        line = _line(position, said, invoice.currency, printed)
        if isinstance(line, str):
            return line
        found.append(line)
    if invoice.net_total is None:
        return "Lines: there is no net total to compare them with."
    total = sum((line.net_amount.amount for line in found if line.net_amount), Decimal(0))
    for entry in invoice.allowances:
        total += entry.amount.amount if entry.is_charge else -entry.amount.amount
    if total != invoice.net_total.amount:
        return f"Lines: they come to {total}, the net total is {invoice.net_total.amount}."
    return tuple(found)


def _line(position: int, said: Mapping[str, str], currency: str, printed: PrintedValues) -> InvoiceLine | str:
    words = printed.words(said.get("description", ""))
    amount = printed.figure(said.get("amount", ""))
    quantity, price = _given(said, "quantity", printed), _given(said, "unit_price", printed)
    missing = [name for name, value in (("quantity", quantity), ("unit_price", price)) if value is False]
    missing += [name for name, value in (("description", words), ("amount", amount)) if value is None]
    if missing or amount is None:
        shown = tidied(said.get(missing[0], ""), 40)
        return f"Line {position}: {missing[0].replace('_', ' ')} {shown!r} does not stand so in the document."
    if (
        isinstance(quantity, Decimal)
        and isinstance(price, Decimal)
        and abs(round_amount(quantity * price, currency) - amount) > _CENT
    ):
        return f"Line {position}: {quantity} × {price} is not {amount}."
    return InvoiceLine(
        line_id=str(position),
        description=words,
        quantity=quantity or None,
        unit_price=Money(amount=price, currency=currency) if isinstance(price, Decimal) else None,
        net_amount=Money(amount=amount, currency=currency),
    )


def _given(said: Mapping[str, str], name: str, printed: PrintedValues) -> Decimal | None | bool:
    """None where nothing is said, False where what is said stands nowhere."""
    text = said.get(name, "").strip()
    if not text:
        return None
    value = printed.figure(text)
    return False if value is None else value
