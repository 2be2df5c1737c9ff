"""Two-, three- and four-way matching: an invoice against its orders, receipts and earlier invoices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial

from tools.domain.company import CompanyProfile
from tools.domain.documents import GoodsReceipt, Invoice, PurchaseOrder
from tools.domain.findings import (
    Discrepancy,
    DiscrepancyKind,
    LineMatch,
    MatchDepth,
    MatchResult,
    Severity,
)
from tools.domain.match_rules import Measure
from tools.domain.policy import MatchChoice, MatchPolicy
from tools.domain.supplier import Supplier
from tools.domain.units import as_decimal
from tools.matching.alignment import Alignment, align
from tools.matching.allocation import Pair
from tools.matching.billing import BilledBefore, OrderLineKey
from tools.matching.catch_weight import settle_weights
from tools.matching.conversion import factor_finding, is_off_by_a_factor
from tools.matching.credit import check_credited
from tools.matching.currency import conversions_of, in_order_currency, surroundings
from tools.matching.document_measures import planned_delivery_cost
from tools.matching.invoice_lines import BillableLine, billable_lines
from tools.matching.meaning import Meaning
from tools.matching.measured import Surroundings
from tools.matching.order_lines import Conversions, OpenLine, open_lines
from tools.matching.order_reference import check_order_references
from tools.matching.policy_choice import Policies, deepest, depth_of
from tools.matching.prepayment import check_prepayment, is_prepayment
from tools.matching.prices import check_prices
from tools.matching.quantities import burdens, check_quantities
from tools.matching.rules import check_document_rules, check_line_rules
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
    meaning: Meaning | None = None,
    choices: Sequence[MatchChoice] = (),
    profile: CompanyProfile | None = None,
    today: date | None = None,
) -> MatchResult:
    """Align the lines and compare each with its order line; amounts before tax, in the order's currency.

    `billed` holds only what the ERP does not count in `OrderLine.invoiced`. `given` is a person's choice
    of order line by invoice line position. `choices` replace `policy` for some suppliers and lines;
    `profile` tells our currency, exchange rates and unit conversions. The findings come in the order of
    the checks.
    """
    policies = Policies(policy, tuple(choices), company, supplier)
    whole, billable = policies.for_document(), billable_lines(invoice)
    found = check_order_references(invoice, orders, supplier, whole, company)
    around = replace(surroundings(invoice, supplier, profile, today), rest=billable)
    if not orders:
        return MatchResult(
            depth=MatchDepth.NON_PO,
            unmatched=tuple(line.index for line in billable),
            discrepancies=(*found, *check_document_rules(around, whole)),
            policy=policies.label(),
        )
    around = replace(around, wanted=open_lines(orders, receipts, billed))
    alignment = align(
        billable,
        around.wanted,
        whole,
        credit=invoice.is_credit_note,
        conversions={**conversions_of(profile), **(conversions or {})},
        given=given,
        meaning=meaning,
    )
    return _compared(around, billable, alignment, policies, found)


def _compared(
    around: Surroundings,
    billable: Sequence[BillableLine],
    alignment: Alignment,
    policies: Policies,
    found: list[Discrepancy],
) -> MatchResult:
    """The result for aligned lines, with all findings in the order of the checks."""
    invoice, whole = around.invoice, policies.for_document()
    pairs = settle_weights(alignment.pairs, policies.for_line, credit=invoice.is_credit_note)
    sound, unsound = _comparable(invoice, pairs, around.rate)
    around = replace(around, burdens=burdens(sound), rest=_rest(billable, alignment))
    # What is paid in advance bills no order line: the final invoice does.
    billing = [] if is_prepayment(invoice) else pairs
    billed = {pair.billed.index for pair in billing}
    return MatchResult(
        depth=_depth(pairs, around.wanted, policies),
        lines=tuple(_line_match(pair, invoice.currency) for pair in billing),
        unmatched=tuple(line.index for line in billable if line.index not in billed),
        discrepancies=(
            *found,
            *_nothing_to_match(billable),
            *alignment.questions,
            *alignment.hints,
            *unsound,
            *_compare(invoice, sound, policies, around),
            *_unplanned(around, billable, alignment, whole),
            *check_document_rules(around, whole),
        ),
        policy=policies.label(pairs),
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


def _comparable(
    invoice: Invoice, pairs: Sequence[Pair], rate: Callable[[str], Fraction | None]
) -> tuple[list[Pair], list[Discrepancy]]:
    """The pairs whose figures can be compared, in the order's currency; and what is wrong with the rest."""
    found = [_substitute(pair) for pair in pairs if pair.substitute]
    same_money = [own for pair in pairs if (own := in_order_currency(pair, invoice.currency, rate))]
    odd = [pair for pair in same_money if not invoice.is_credit_note and is_off_by_a_factor(pair)]
    found += [factor_finding(pair) for pair in odd]
    odd_lines = {pair.wanted.key for pair in odd}
    return [pair for pair in same_money if pair.wanted.key not in odd_lines], found


def _compare(
    invoice: Invoice, sound: Sequence[Pair], policies: Policies, around: Surroundings
) -> list[Discrepancy]:
    if invoice.is_credit_note:
        return check_credited(sound)
    if is_prepayment(invoice):
        return check_prepayment(around.burdens)
    found: list[Discrepancy] = []
    for policy, pairs in _by_policy(sound, policies):
        found += check_prices(pairs, policy)
        found += check_quantities(pairs, policy, partial(depth_of, policy))
    return found + check_line_rules(around, policies.for_line)


def _by_policy(pairs: Sequence[Pair], policies: Policies) -> list[tuple[MatchPolicy, list[Pair]]]:
    groups: list[tuple[MatchPolicy, list[Pair]]] = []
    for pair in pairs:
        policy = policies.for_line(pair.wanted)
        group = next((group for known, group in groups if known is policy), None)
        if group is None:
            groups.append((policy, [pair]))
        else:
            group.append(pair)
    return groups


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


def _rest(billable: Sequence[BillableLine], alignment: Alignment) -> list[BillableLine]:
    """Lines without an order line and without a question of their own."""
    asked = {question.line_id for question in alignment.questions}
    settled = alignment.settled
    return [line for line in billable if line.index not in settled and line.name not in asked]


def _unplanned(
    around: Surroundings, billable: Sequence[BillableLine], alignment: Alignment, policy: MatchPolicy
) -> list[Discrepancy]:
    settled = alignment.settled
    goods = sum((Fraction(line.net) for line in billable if line.index in settled), Fraction(0))
    return check_unplanned(
        around.invoice, around.rest, goods, policy, freight_has_key=_has_freight_key(around, policy)
    )


def _has_freight_key(around: Surroundings, policy: MatchPolicy) -> bool:
    """Whether a key of the policy compares delivery cost already."""
    measures = {key.measure for key in policy.rules.values() if key.enabled}
    if Measure.TOTAL_CHARGES in measures:
        return True
    return Measure.DELIVERY_COST in measures and planned_delivery_cost(around) is not None


def _depth(pairs: Sequence[Pair], wanted: Sequence[OpenLine], policies: Policies) -> MatchDepth:
    """The deepest comparison that any line needs."""
    lines = [pair.wanted for pair in pairs] or wanted
    return deepest(depth_of(policies.for_line(line), line) for line in lines)


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
