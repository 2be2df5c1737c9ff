"""All checks of one document, in one order: the single entry from facts to findings."""

from __future__ import annotations

from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchResult, Severity
from tools.matching.bank import check_bank
from tools.matching.coding import accounts_of
from tools.matching.coding_checks import check_coding
from tools.matching.credit import check_link
from tools.matching.duplicates import check_correction, check_duplicates
from tools.matching.facts import Facts
from tools.matching.fraud import check_fraud
from tools.matching.header import (
    check_buyer,
    check_dates,
    check_document_type,
    check_fields,
    check_number,
    check_supplier,
)
from tools.matching.holds import with_holds
from tools.matching.meaning import Meaning
from tools.matching.posting_lines import check_sum, posting_lines
from tools.matching.reading import check_reading
from tools.matching.small_difference import check_difference_account, left_to_judge
from tools.matching.tax import check_tax
from tools.matching.tax_codes import check_deductible, supplies
from tools.matching.tax_orders import check_ordered_rates
from tools.matching.three_way import match
from tools.matching.totals import check_totals
from tools.matching.untold_rates import check_untold_rates

_SEVERITIES = list(Severity)
_KINDS = list(DiscrepancyKind)


def assess(facts: Facts, meaning: Meaning | None = None) -> MatchResult:
    """Every finding about a document: blocks first, then by kind, line and rule. The same facts always
    give the same result, whatever the order of orders, receipts and candidates. `meaning` is asked only
    about lines that are left open."""
    invoice = _with_given_order(facts)
    matched = match(
        invoice,
        sorted(facts.orders, key=lambda order: order.number),
        facts.receipts,
        facts.billed,
        facts.policy,
        facts.supplier,
        company=facts.profile.company,
        conversions=facts.conversions,
        given=facts.lines_given,
        meaning=meaning,
        choices=facts.choices,
        profile=facts.profile,
        today=facts.today,
    )
    facts = facts.model_copy(update={"policy": facts.document_policy, "choices": ()})
    found = [
        *_document(facts, invoice),
        *_history(facts, invoice, matched),
        *check_bank(invoice, facts.supplier, facts.verified_accounts, facts.fraud, facts.fraud_policy),
        *check_fraud(
            invoice,
            facts.supplier,
            facts.fraud,
            facts.fraud_policy,
            own_names=facts.profile.names,
            today=facts.today,
            has_order=bool(matched.lines),
        ),
        *check_tax(
            invoice,
            facts.profile,
            facts.policy,
            facts.supplier,
            supplies(invoice, matched, facts.orders),
        ),
        *check_ordered_rates(invoice, matched.lines, facts.orders, facts.profile, facts.supplier),
        *matched.discrepancies,
        *([] if facts.order_rates_told else _untold_rates(facts, matched)),
        *_posting(facts, invoice, matched),
    ]
    held = with_holds(_settled(found), facts.policy)
    return matched.model_copy(update={"discrepancies": tuple(sorted(held, key=_place))})


def _with_given_order(facts: Facts) -> Invoice:
    """An order that a person named replaces whatever the document says."""
    if facts.order_given is None:
        return facts.invoice
    lines = tuple(line.model_copy(update={"order_number": None}) for line in facts.invoice.lines)
    return facts.invoice.model_copy(update={"order_number": facts.order_given, "lines": lines})


def _document(facts: Facts, invoice: Invoice) -> list[Discrepancy]:
    coded = bool(facts.account_given or facts.accounts_given)
    return [
        *check_reading(left_to_judge(facts.problems, invoice, facts.policy)),
        *check_fields(invoice, facts.problems),
        *check_number(invoice),
        *check_document_type(invoice, settled=coded),
        *check_buyer(invoice, facts.profile),
        *check_supplier(invoice, facts.supplier, facts.profile),
        *check_dates(
            invoice, facts.today, facts.first_open, facts.last_open, facts.policy.oldest_document_days
        ),
    ]


def _untold_rates(facts: Facts, matched: MatchResult) -> list[Discrepancy]:
    return check_untold_rates(matched.lines, facts.orders, facts.document_policy, facts.profile.currency)


def _history(facts: Facts, invoice: Invoice, matched: MatchResult) -> list[Discrepancy]:
    return [
        *check_duplicates(
            facts.invoice,
            facts.supplier.supplier_id,
            {found.erp_id: found for found in (*facts.held_before, *facts.postings)}.values(),
            facts.known_documents,
            company=facts.profile.company,
            own_case=facts.case_id,
            own_postings=facts.own_postings,
            cleared=facts.cleared,
            matches=matched.lines,
            orders=facts.orders,
        ),
        *check_correction(invoice, facts.preceding, facts.cleared),
        *check_link(invoice, facts.preceding, aligned=bool(matched.lines)),
    ]


def _posting(facts: Facts, invoice: Invoice, matched: MatchResult) -> list[Discrepancy]:
    accounts = accounts_of(facts)
    lines = posting_lines(
        invoice,
        matched,
        facts.orders,
        facts.profile,
        facts.supplier,
        policy=facts.policy,
        accounts=accounts,
    )
    return [
        *check_coding(invoice, matched, accounts),
        *check_sum(invoice, lines, facts.policy),
        *check_difference_account(lines),
        *check_totals(invoice, facts.policy),
        *check_deductible(lines, facts.profile),
    ]


def _settled(found: list[Discrepancy]) -> list[Discrepancy]:
    """The same finding twice is told once: what the reader has told of is not told again."""
    blocking = [entry for entry in found if entry.severity is Severity.BLOCK]
    kept = [entry for entry in found if not _told_by(entry, blocking)]
    return list({entry.model_dump_json(): entry for entry in kept}.values())


def _told_by(entry: Discrepancy, blocking: list[Discrepancy]) -> bool:
    """Whether a blocking finding says the same and more."""
    if entry.rule in ("total.lines", "total.gross"):
        kind = DiscrepancyKind.TOTAL_MISMATCH
        return any(other.kind is kind and other.rule.startswith("reading.") for other in blocking)
    if entry.rule == "reading.iban_check_digits":
        return any(
            other.rule.startswith("bank.iban.") and other.figures["invoice"] in entry.message
            for other in blocking
        )
    if entry.rule == "reading.pro_forma":
        return any(other.rule == "document.pro_forma" for other in blocking)
    return False


def _place(found: Discrepancy) -> tuple[int, int, str, str, str]:
    rank = (_SEVERITIES.index(found.severity), _KINDS.index(found.kind))
    return (*rank, found.line_id or "", found.rule, found.message)
