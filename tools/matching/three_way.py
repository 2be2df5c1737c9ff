"""Two-, three- and four-way matching: an invoice against its orders, receipts and earlier invoices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from tools.domain.documents import GoodsReceipt, Invoice, PurchaseOrder
from tools.domain.findings import (
    Discrepancy,
    DiscrepancyKind,
    LineMatch,
    MatchDepth,
    MatchResult,
    Severity,
)
from tools.domain.policy import MatchPolicy
from tools.domain.supplier import Supplier
from tools.domain.units import as_decimal
from tools.matching.alignment import Alignment, align
from tools.matching.allocation import Pair
from tools.matching.billing import BilledBefore, OrderLineKey
from tools.matching.conversion import factor_finding, is_off_by_a_factor
from tools.matching.credit import check_credited
from tools.matching.invoice_lines import BillableLine, billable_lines
from tools.matching.order_lines import Conversions, OpenLine, open_lines
from tools.matching.order_reference import check_order_references
from tools.matching.prices import check_prices
from tools.matching.quantities import check_quantities
from tools.matching.unplanned import check_unplanned
from tools.matching.wording import money


def match(
    invoice: Invoice,
    orders: Sequence[PurchaseOrder],
    receipts: Iterable[GoodsReceipt],
    billed: BilledBefore,
    policy: MatchPolicy,
    supplier: Supplier,
    *,
    company: str | None = None,
    conversions: Conversions | None = None,
    given: Mapping[int, OrderLineKey] | None = None,
) -> MatchResult:
    """Align the lines and compare each with its order line; amounts before tax, in the order's currency.

    `billed` holds only what the ERP does not count in `OrderLine.invoiced`. `given` is a person's choice
    of order line by invoice line position. The findings come in the order of the checks.
    """
    found = check_order_references(invoice, orders, supplier, policy, company)
    billable = billable_lines(invoice)
    if not orders:
        unmatched = tuple(line.index for line in billable)
        return MatchResult(
            depth=MatchDepth.NON_PO, unmatched=unmatched, discrepancies=tuple(found), policy=policy.label
        )
    wanted = open_lines(orders, receipts, billed)
    alignment = align(
        billable,
        wanted,
        policy,
        credit=invoice.is_credit_note,
        conversions=conversions,
        given=given,
    )
    found += _nothing_to_match(billable)
    found += alignment.questions
    found += _compare(invoice, alignment, policy)
    found += _unplanned(invoice, billable, alignment, policy)
    return MatchResult(
        depth=_depth(alignment.pairs, wanted),
        lines=tuple(_line_match(pair, invoice.currency) for pair in alignment.pairs),
        unmatched=tuple(line.index for line in billable if line.index not in alignment.settled),
        discrepancies=tuple(found),
        policy=policy.label,
    )


def _nothing_to_match(billable: Sequence[BillableLine]) -> list[Discrepancy]:
    if billable:
        return []
    return [
        Discrepancy(
            kind=DiscrepancyKind.MISSING_FIELD,
            severity=Severity.BLOCK,
            rule="lines.missing",
            message="The document has no lines to compare with the order.",
        )
    ]


def _compare(invoice: Invoice, alignment: Alignment, policy: MatchPolicy) -> list[Discrepancy]:
    found = [_substitute(pair) for pair in alignment.pairs if pair.substitute]
    same_money = [pair for pair in alignment.pairs if pair.wanted.order.currency == invoice.currency]
    odd = [pair for pair in same_money if not invoice.is_credit_note and is_off_by_a_factor(pair)]
    found += [factor_finding(pair) for pair in odd]
    odd_lines = {pair.wanted.key for pair in odd}
    sound = [pair for pair in same_money if pair.wanted.key not in odd_lines]
    if invoice.is_credit_note:
        return found + check_credited(sound)
    return found + check_prices(sound, policy) + check_quantities(sound, policy)


def _substitute(pair: Pair) -> Discrepancy:
    line, wanted = pair.billed.line, pair.wanted.line
    printed = line.buyer_item_id or line.supplier_item_id or line.gtin or ""
    ordered = wanted.item_number or wanted.supplier_item_id or wanted.gtin or ""
    return Discrepancy(
        kind=DiscrepancyKind.SUBSTITUTE_ITEM,
        severity=Severity.BLOCK,
        rule="item.other",
        message=f"Line {pair.billed.name}: invoiced item {printed}, {pair.wanted.name} asks for {ordered}.",
        line_id=pair.billed.name,
        order_number=pair.wanted.order.number,
        order_line_id=wanted.line_id,
        figures={"invoice": printed, "order": ordered},
    )


def _unplanned(
    invoice: Invoice, billable: Sequence[BillableLine], alignment: Alignment, policy: MatchPolicy
) -> list[Discrepancy]:
    asked = {question.line_id for question in alignment.questions}
    settled = alignment.settled
    rest = [line for line in billable if line.index not in settled and line.name not in asked]
    goods = sum((Fraction(line.net) for line in billable if line.index in settled), Fraction(0))
    return check_unplanned(invoice, rest, goods, policy)


def _depth(pairs: Sequence[Pair], wanted: Sequence[OpenLine]) -> MatchDepth:
    """The deepest comparison that any line needs."""
    lines = [pair.wanted.line for pair in pairs] or [entry.line for entry in wanted]
    to_receive = [line for line in lines if line.receipt_required]
    if any(line.accepted is not None for line in to_receive):
        return MatchDepth.FOUR_WAY
    return MatchDepth.THREE_WAY if to_receive else MatchDepth.TWO_WAY


def _line_match(pair: Pair, invoice_currency: str) -> LineMatch:
    wanted = pair.wanted
    return LineMatch(
        invoice_index=pair.billed.index,
        order_number=wanted.order.number,
        order_line_id=wanted.line.line_id,
        evidence=pair.evidence,
        billed=as_decimal(pair.quantity),
        unit=wanted.unit,
        ordered=as_decimal(wanted.ordered),
        received=as_decimal(wanted.received),
        billed_before=as_decimal(wanted.billed_before),
        invoice_price=None if pair.share is None else money(pair.price, invoice_currency),
        order_price=money(wanted.price, wanted.order.currency),
    )
