"""From invoice and match to the lines to post: they add up to the document's net total, to the cent."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from tools.domain.coding import CodingSource
from tools.domain.company import CompanyProfile
from tools.domain.decision import PostingLine
from tools.domain.documents import AllowanceCharge, Invoice, OrderLine, PurchaseOrder
from tools.domain.findings import Discrepancy, DiscrepancyKind, LineMatch, MatchResult, Severity
from tools.domain.identifiers import OrderNumber
from tools.domain.money import Money, round_amount, total
from tools.domain.policy import MatchPolicy
from tools.domain.supplier import Supplier
from tools.matching.coding import Accounts
from tools.matching.invoice_lines import BillableLine, billable_lines, document_net, document_sign
from tools.matching.small_difference import ROUNDING, SMALL, posted_net, posts_difference
from tools.matching.tax_codes import supplies
from tools.matching.tax_places import supplier_country

_ONE = Decimal(1)
_Tax = tuple[str | None, Decimal | None]
"""Category and rate, as the document gives them."""


def posting_lines(
    invoice: Invoice,
    match: MatchResult,
    orders: Sequence[PurchaseOrder],
    profile: CompanyProfile,
    supplier: Supplier,
    *,
    policy: MatchPolicy | None = None,
    account_given: str | None = None,
    accounts_given: Mapping[int, str] | None = None,
    accounts: Accounts | None = None,
) -> tuple[PostingLine, ...]:
    """One line for each part of an invoice line, each charge and discount of the document, and a rounding
    difference within `policy.document_total`. Amounts are positive for invoices and credit notes alike;
    returns and discounts have a negative quantity. Lines without an amount are left out. `accounts`, where
    given, stands for profile, supplier and what people gave.

    `check_sum` tells whether the lines reach the net total.
    """
    accounts = accounts or Accounts(profile, supplier, account_given, accounts_given or {})
    writer = _Writer(invoice, orders, accounts, supplies(invoice, match, orders))
    parts: dict[int, list[LineMatch]] = {}
    for part in match.lines:
        parts.setdefault(part.invoice_index, []).append(part)
    lines = [
        row for line in billable_lines(invoice) for row in writer.billed(line, parts.get(line.index, []))
    ]
    if lines:
        lines += [writer.adjustment(extra) for extra in invoice.allowances if extra.amount.amount]
    else:
        # Bases of tax and the net total already hold the charges and discounts of the document.
        lines = writer.lump_sums()
    return (*lines, *writer.rounding(lines, policy or MatchPolicy()))


def check_sum(
    invoice: Invoice, lines: Sequence[PostingLine], policy: MatchPolicy | None = None
) -> list[Discrepancy]:
    """TOTAL_MISMATCH when the lines do not add up to the document's net total, or to what a policy that
    posts small differences by themselves makes of it."""
    net = posted_net(invoice, policy)
    if net is None:
        return []
    reached = total((line.net_amount for line in lines), invoice.currency)
    if reached.amount == net.amount:
        return []
    return [
        Discrepancy(
            kind=DiscrepancyKind.TOTAL_MISMATCH,
            severity=Severity.BLOCK,
            rule="total.lines",
            message=f"The lines add up to {reached}, the document states {net} without tax.",
            figures={"lines": str(reached), "invoice": str(net), "difference": str(reached - net)},
        )
    ]


class _Writer:
    """Writes posting lines of one document."""

    def __init__(
        self,
        invoice: Invoice,
        orders: Sequence[PurchaseOrder],
        accounts: Accounts,
        kinds: Mapping[int, str],
    ) -> None:
        self._invoice = invoice
        self._accounts = accounts
        self._profile = accounts.profile
        self._country = supplier_country(invoice, accounts.supplier)
        self._kinds = kinds
        self._order_lines: dict[tuple[OrderNumber, str], OrderLine] = {
            (order.number, line.line_id): line for order in orders for line in order.lines
        }

    def billed(self, line: BillableLine, parts: Sequence[LineMatch]) -> list[PostingLine]:
        if not parts:
            return [self._coded(line)] if line.net else []
        quantities = [part.billed for part in parts]
        price = line.price * line.quantity / Fraction(sum(quantities))
        shares = _shares(line.net, quantities, self._invoice.currency)
        return [self._part(line, part, price, net) for part, net in zip(parts, shares, strict=True)]

    def _coded(self, line: BillableLine) -> PostingLine:
        """A line without an order goes to an account; a rule's tax code goes before the profile's."""
        choice = self._accounts.choice(line.index, line.line.description)
        account = choice.account if choice else None
        whole = self._row(line, _decimal(line.quantity), line.price, line.net, account)
        code = choice.tax_code if choice and choice.source is CodingSource.RULE else None
        return whole.model_copy(
            update={
                "unit": line.unit or line.line.unit,
                "account": account,
                "cost_centre": choice.cost_centre if choice else None,
                "tax_code": code or whole.tax_code,
            }
        )

    def _part(self, line: BillableLine, part: LineMatch, price: Fraction, net: Decimal) -> PostingLine:
        wanted = self._order_lines[part.order_number, part.order_line_id]
        row = self._row(line, part.billed, price, net, wanted.account)
        return row.model_copy(
            update={
                "unit": part.unit,
                "item_number": wanted.item_number,
                "account": wanted.account,
                "tax_code": row.tax_code or wanted.tax_code,
                "order_number": part.order_number,
                "order_line_id": part.order_line_id,
            }
        )

    def _row(
        self, line: BillableLine, quantity: Decimal, price: Fraction, net: Decimal, account: str | None
    ) -> PostingLine:
        category, rate = self._tax(line.line.tax_category, line.line.tax_rate)
        return PostingLine(
            invoice_line=line.index,
            description=_one_line(line.line.description) or f"Line {line.name}",
            quantity=quantity,
            unit_price=_unit_price(price, quantity, net, self._invoice.currency),
            net_amount=self._money(net),
            tax_code=self._tax_code((category, rate), self._kinds.get(line.index), account),
            tax_rate=rate,
        )

    def _tax(self, category: str | None, rate: Decimal | None) -> _Tax:
        """What a line leaves out is taken from the VAT breakdown where only one row of it fits."""
        rows = [
            row
            for row in self._invoice.taxes
            if category in (None, row.category) and (rate is None or rate == row.rate)
        ]
        if len(rows) != 1:
            return category, rate
        return category or rows[0].category, rows[0].rate if rate is None else rate

    def _tax_code(self, tax: _Tax, kind: str | None, account: str | None) -> str | None:
        if tax == (None, None):
            return None
        return self._profile.tax_code(*tax, country=self._country, supply=kind, account=account)

    def lump_sums(self) -> list[PostingLine]:
        """A document without lines: one line for each rate of tax, else one for all."""
        sign = document_sign(self._invoice)
        rows = [(row.base, row.category, row.rate) for row in self._invoice.taxes if row.base is not None]
        if not rows:
            net = document_net(self._invoice)
            rest = self._accounts.for_rest()
            return [] if net is None else [self._single("Invoice total", net.amount, rest, (None, None))]
        return [
            self._single(
                f"{self._invoice.number or 'Invoice'}, tax {'exempt' if rate is None else f'{rate:f} %'}",
                base.amount * sign,
                self._accounts.for_rest(),
                (category, rate),
            )
            for base, category, rate in rows
        ]

    def adjustment(self, extra: AllowanceCharge) -> PostingLine:
        """A charge or a discount of the whole document."""
        amount = extra.amount.amount * document_sign(self._invoice)
        word = "Charge" if extra.is_charge else "Discount"
        account = self._accounts.for_charge() if extra.is_charge else self._accounts.for_rest()
        signed = amount if extra.is_charge else -amount
        return self._single(_one_line(extra.reason) or word, signed, account, self._tax(None, extra.tax_rate))

    def rounding(self, lines: Sequence[PostingLine], policy: MatchPolicy) -> list[PostingLine]:
        """What the supplier's own rounding left between the lines and the net total; beyond it, what the
        policy lets be posted as a small difference."""
        net = posted_net(self._invoice, policy)
        if net is None:
            return []
        left = net.amount - sum((line.net_amount.amount for line in lines), Decimal(0))
        if not left:
            return []
        if abs(left) <= policy.document_total:
            return [self._single(ROUNDING, left, self._accounts.for_rounding(), (None, None))]
        if not posts_difference(policy, left, net):
            return []
        account = self._profile.small_difference_account or self._accounts.for_rounding()
        return [self._single(SMALL, left, account, self._untaxed())]

    def _untaxed(self) -> _Tax:
        """A difference is no supply: the company's code for what is outside the scope of tax, exempt or at
        zero, so that no ERP computes tax on it."""
        pairs: tuple[_Tax, ...] = tuple((category, Decimal(0)) for category in ("O", "E", "Z"))
        return next((pair for pair in pairs if self._profile.tax_code(*pair) is not None), (None, None))

    def _single(self, description: str, amount: Decimal, account: str | None, tax: _Tax) -> PostingLine:
        return PostingLine(
            description=_one_line(description),
            quantity=-_ONE if amount < 0 else _ONE,
            unit_price=abs(amount),
            net_amount=self._money(amount),
            account=account,
            tax_code=self._tax_code(tax, None, account),
            tax_rate=tax[1],
        )

    def _money(self, amount: Decimal) -> Money:
        return Money(amount=amount, currency=self._invoice.currency)


def _shares(net: Decimal, quantities: Sequence[Decimal], currency: str) -> list[Decimal]:
    """`net` in proportion to the quantities, to the minor unit; the last part takes what rounding left."""
    whole = sum(quantities, Decimal(0))
    parts = [round_amount(net * quantity / whole, currency) for quantity in quantities[:-1]]
    return [*parts, net - sum(parts, Decimal(0))]


def _unit_price(price: Fraction, quantity: Decimal, net: Decimal, currency: str) -> Decimal:
    """The invoice's price in the posted unit where it gives the amount; else the amount by quantity, so
    that an ERP which multiplies arrives at the same cent."""
    exact = _decimal(price)
    return exact if round_amount(exact * quantity, currency) == net else net / quantity


def _decimal(value: Fraction) -> Decimal:
    """Exact where the fraction ends, else 28 digits."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def _one_line(text: str | None) -> str:
    """The supplier's words without line breaks and characters that nobody sees: they go into a ledger."""
    seen = (" " if unicodedata.category(sign).startswith("C") else sign for sign in text or "")
    return " ".join("".join(seen).split())
