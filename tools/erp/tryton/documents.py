"""A supplier invoice as it is sent: which fields, which lines, which content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tools.domain.actions import InvoiceAction
from tools.domain.decision import PostCreditNote, PostingLine
from tools.domain.money import round_amount
from tools.erp.errors import ErpRejected
from tools.erp.tryton import records
from tools.erp.tryton.setup import Setup
from tools.erp.tryton.values import Quantity


@dataclass(frozen=True)
class BookedProduct:
    """A product with the account and the taxes that Tryton's own rules give its supplier's line."""

    id: int
    account: int | None
    taxes: tuple[int, ...]


@dataclass(frozen=True)
class Ledger:
    """The records that one document names, as ids of Tryton."""

    creditor: records.Creditor
    journal: int
    defaults: records.Defaults
    accounts: Mapping[str, int] = field(default_factory=dict)
    products: Mapping[str, BookedProduct] = field(default_factory=dict)
    ordered: Mapping[str, records.BilledOrderLine] = field(default_factory=dict)
    """By order line id."""


@dataclass(frozen=True)
class Part:
    """One line in Tryton. Of a line that cannot be told by quantity and price alone there is a second one
    with the difference, which bills no order."""

    line: PostingLine
    quantity: Decimal
    unit_price: Decimal
    is_rest: bool = False

    def amount(self, currency: str) -> Decimal:
        return round_amount(self.quantity * self.unit_price, currency)

    @property
    def origin(self) -> str | None:
        if self.is_rest or self.line.order_line_id is None:
            return None
        return f"purchase.line,{self.line.order_line_id}"

    @property
    def item_number(self) -> str | None:
        return None if self.is_rest else self.line.item_number


def parts_of(action: InvoiceAction, price_digits: int) -> list[Part]:
    """The lines to send; of a credit note they are negative."""
    sign = -1 if isinstance(action, PostCreditNote) else 1
    return [part for line in action.lines for part in _parts(line, sign, price_digits)]


def _parts(line: PostingLine, sign: int, price_digits: int) -> list[Part]:
    """The unit price as approved when it gives the net amount, else the price that the net amount has for
    one unit; what rounding leaves of that is a line of its own."""
    net, currency = line.net_amount.amount, line.net_amount.currency
    quantity, step = line.quantity, Decimal(1).scaleb(-price_digits)
    if quantity == 0:
        return [Part(line, Decimal(sign), net)] if net else []
    price = line.unit_price.quantize(step, ROUND_HALF_UP)
    if price != line.unit_price or round_amount(quantity * price, currency) != net:
        price = (net / quantity).quantize(step, ROUND_HALF_UP)
    parts = [Part(line, sign * quantity, price)]
    rest = net - round_amount(quantity * price, currency)
    return parts if not rest else [*parts, Part(line, Decimal(sign), rest, is_rest=True)]


def header_of(action: InvoiceAction) -> dict[str, Any]:
    """What identifies and dates the document. A due date is told as it was approved, instead of letting a
    payment term compute another one."""
    header: dict[str, Any] = {
        "reference": action.number,
        "invoice_date": action.invoice_date,
        "accounting_date": action.posting_date,
    }
    if action.due_date is not None:
        header |= {"payment_term": None, "payment_term_date": action.due_date}
    return header


def body_of(action: InvoiceAction, ledger: Ledger, setup: Setup) -> dict[str, Any]:
    """The header of a new draft. Nothing about a bank account is ever sent."""
    creditor = ledger.creditor
    if not creditor.addresses:
        raise ErpRejected(f"party {creditor.code} {creditor.name} has no address in Tryton")
    payable = creditor.account_payable or ledger.defaults.default_account_payable
    if payable is None:
        raise ErpRejected(f"party {creditor.code} {creditor.name} has no payable account in Tryton")
    if action.currency not in setup.currencies:
        raise ErpRejected(f"Tryton has no currency {action.currency}", field="currency")
    return {
        "type": "in",
        "company": setup.company_id,
        "party": creditor.id,
        "invoice_address": creditor.addresses[0],
        "currency": setup.currencies[action.currency],
        "account": payable,
        "journal": ledger.journal,
        "payment_term": creditor.supplier_payment_term,
        **header_of(action),
    }


def line_of(part: Part, ledger: Ledger, setup: Setup) -> dict[str, Any]:
    """A line as it is created, or written over one that Tryton made."""
    line, ordered = part.line, ledger.ordered.get(part.line.order_line_id or "")
    product = None if part.item_number is None else ledger.products.get(part.item_number)
    if part.item_number is not None and product is None:
        raise ErpRejected(f"Tryton has no product {part.item_number}", field="item_number")
    body = {
        "type": "line",
        # Without these a line is in the company's currency, and no invoice in another one takes it.
        "company": setup.company_id,
        "currency": setup.currencies[line.net_amount.currency],
        "description": line.description,
        "quantity": Quantity(part.quantity),
        "unit_price": part.unit_price,
        "account": _account(line, product or _ordered_product(ordered, ledger), ledger),
        "product": None if product is None else product.id,
        "unit": _unit(part, ordered, setup),
        "taxes": [["add", _taxes(line, product, ordered, setup)]],
    }
    return body if part.origin is None else {**body, "origin": part.origin}


def _ordered_product(ordered: records.BilledOrderLine | None, ledger: Ledger) -> BookedProduct | None:
    if ordered is None or ordered.product is None:
        return None
    return ledger.products.get(ordered.product.code)


def _account(line: PostingLine, product: BookedProduct | None, ledger: Ledger) -> int:
    if line.account is not None:
        if line.account not in ledger.accounts:
            raise ErpRejected(f"Tryton has no account {line.account}", field="account")
        return ledger.accounts[line.account]
    found = product.account if product is not None else None
    if found is None and line.order_line_id is not None and product is None:
        found = ledger.defaults.default_category_account_expense
    if found is None:
        raise ErpRejected(f"Tryton knows no expense account for {line.description}", field="account")
    return found


def _unit(part: Part, ordered: records.BilledOrderLine | None, setup: Setup) -> int | None:
    """A unit that Tryton does not have is left out where neither a product nor an order line asks for it: the
    order line would count the quantity in its own unit."""
    if part.is_rest:
        return None
    found = setup.unit_id(part.line.unit)
    if found is None and ordered is not None and part.line.unit is None:
        found = ordered.unit
    counted = part.item_number is not None or (ordered is not None and ordered.unit is not None)
    if found is None and counted:
        raise ErpRejected(
            f"Tryton has no unit {part.line.unit or 'for ' + part.line.description}", field="unit"
        )
    return found


def _taxes(
    line: PostingLine,
    product: BookedProduct | None,
    ordered: records.BilledOrderLine | None,
    setup: Setup,
) -> list[int]:
    if line.tax_code is not None:
        if line.tax_code not in setup.taxes:
            raise ErpRejected(f"Tryton has no tax {line.tax_code}", field="tax_code")
        return [setup.taxes[line.tax_code]]
    if ordered is not None:
        return list(ordered.taxes)
    return list(product.taxes) if product is not None else []
