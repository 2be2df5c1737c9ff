"""What matching found, what the company's rules say about it, and how people settled the like before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tools.case_list import CaseSummary
from tools.catalog.result import Sheet, ToolResult, quoted, refused
from tools.catalog.scope import Scope
from tools.catalog.sources import ResolvedCase, Sources
from tools.catalog.spec import Ref
from tools.domain.findings import Discrepancy, DiscrepancyKind, LineMatch, MatchResult, Severity
from tools.domain.match_rules import Tolerance
from tools.domain.policy import MatchPolicy
from tools.erp.contract import Account
from tools.matching.decision_table import table
from tools.matching.hold_codes import hold_code
from tools.matching.resolutions import payment_meanwhile
from tools.matching.wording import limit_text, number_text

_MOST_FINDINGS = 10
_MOST_LINES = 12
_MOST_CASES = 5
_MOST_ACCOUNTS = 5
_FEW = 4
_MESSAGE, _SHORT_MESSAGE = 400, 180
_K = DiscrepancyKind


async def explain_match(sources: Sources, scope: Scope, case: CaseSummary) -> ToolResult:
    """Findings in words, those that need a person first; the lines they are about; the options."""
    found = await sources.findings_of(case.case_id)
    match = await sources.match(case.case_id)
    sheet = Sheet(f"case:{case.case_id}")
    depth = f", {match.depth.value.replace('_', ' ')} match under policy {match.policy}" if match else ""
    sheet.row(f"case {case.case_id}: {len(found)} findings{depth}")
    if any(entry.severity is Severity.BLOCK for entry in found):
        sheet.row(f"payment meanwhile: {payment_meanwhile(found).replace('_', ' ')}")
    if case.case_id == scope.case_id:
        for choice in scope.choices:
            sheet.row(f"option {choice.id}: {choice.label}")
    _findings(sheet, found, sources.accounts_of(case.case_id))
    for line in _first(match, found) if match else ():
        sheet.row(*_line(line))
        sheet.knows(Ref.ORDER, line.order_number)
        sheet.knows(Ref.ORDER_LINE, f"{line.order_number}/{line.order_line_id}")
    return sheet.result()


def _findings(sheet: Sheet, found: Sequence[Discrepancy], hidden: Sequence[str]) -> None:
    limit = _MESSAGE if len(found) <= _FEW else _SHORT_MESSAGE
    for position, entry in enumerate(found[:_MOST_FINDINGS], start=1):
        sheet.row(*_finding(entry, position, limit, hidden))
        sheet.read(f"finding:{position}")
        sheet.knows(Ref.FINDING, entry.kind.value)
        if entry.order_number and entry.order_line_id:
            sheet.knows(Ref.ORDER_LINE, f"{entry.order_number}/{entry.order_line_id}")
    if len(found) > _MOST_FINDINGS:
        sheet.row(f"{len(found) - _MOST_FINDINGS} more findings are not shown")


def _finding(entry: Discrepancy, position: int, limit: int, hidden: Sequence[str]) -> list[str]:
    """The message stands between marks: it may repeat what the document says."""
    needs = {Severity.BLOCK: "needs a person", Severity.WARN: "warning", Severity.INFO: "for information"}
    at = f"order line {entry.order_number}/{entry.order_line_id}" if entry.order_line_id else ""
    message = quoted(entry.message, hidden, limit)
    return [f"finding {position} {entry.kind.value} ({needs[entry.severity]})", at, str(message)]


def _first(match: MatchResult, found: tuple[Discrepancy, ...]) -> list[LineMatch]:
    """The matched lines, those with findings first."""
    named = {(entry.order_number, entry.order_line_id) for entry in found if entry.order_line_id}
    lines = sorted(match.lines, key=lambda line: (line.order_number, line.order_line_id) not in named)
    return lines[:_MOST_LINES]


def _line(line: LineMatch) -> list[str]:
    price = f" at {line.invoice_price}" if line.invoice_price else ""
    return [
        f"line {line.invoice_index + 1} bills {line.order_number}/{line.order_line_id}",
        f"billed {number_text(line.billed)} {line.unit}{price}",
        f"ordered {number_text(line.ordered)} at {line.order_price}",
        f"received {number_text(line.received)}",
        f"billed before {number_text(line.billed_before)}",
    ]


async def get_policy(sources: Sources, scope: Scope, finding: str) -> ToolResult:
    """The limits in force, where to look first, who may do what, and what it means for payment."""
    try:
        kind = DiscrepancyKind(finding)
    except ValueError:
        return refused(f"there is no kind of finding {finding}")
    entry, policy = table()[kind], sources.match_policy
    sheet = Sheet(f"policy:{kind.value}")
    sheet.row(f"policy {policy.label} on {kind.value.replace('_', ' ')}", *_limits(policy, kind))
    sheet.row(f"look first: {entry.first_look}")
    code = hold_code(sources.erp, kind)
    held = f"a hold in the ERP has the code {code}" if code else ""
    sheet.row(f"payment meanwhile: {entry.payment.value.replace('_', ' ')}", held)
    if entry.control:
        sheet.row(f"a control protects this: {entry.control}")
    for way in entry.resolutions:
        when = f"right when {way.when}" if way.when else ""
        sheet.row(f"{way.id}: {way.label}", f"decides {way.who}", when)
    return sheet.result()


def _limits(policy: MatchPolicy, kind: DiscrepancyKind) -> list[str]:
    tolerances = {
        "price of a unit": policy.unit_price,
        "value of a line": policy.line_value,
        "value of all billed": policy.cumulative_value,
    }
    rows: dict[DiscrepancyKind, list[str]] = {
        _K.PRICE_OVER: [_over(name, tolerance) for name, tolerance in tolerances.items()],
        _K.PRICE_UNDER: [f"price of a unit below by {limit_text(policy.unit_price.under, 'EUR')}"],
        _K.QTY_OVER_ORDERED: [f"above the order by {limit_text(policy.quantity_ordered, 'units')}"],
        _K.QTY_OVER_RECEIVED: [f"above what came by {limit_text(policy.quantity_received, 'units')}"],
        _K.UNPLANNED_FREIGHT: [f"unplanned freight up to {limit_text(policy.freight, 'EUR')}"],
        _K.TAX_WRONG: [f"tax may differ by {policy.tax_per_line} a line"],
        _K.TOTAL_MISMATCH: [f"totals may differ by {policy.document_total}"],
        _K.DATE_IMPLAUSIBLE: [f"a document may be {policy.oldest_document_days} days old"],
        _K.NO_PO: ["an order is required" if policy.po_required else "no order is required"],
    }
    return rows.get(kind, [])


def _over(name: str, tolerance: Tolerance) -> str:
    limit = tolerance.over
    return f"{name} above by {'any' if limit.unlimited else limit_text(limit, 'in the currency')}"


async def find_account(sources: Sources, scope: Scope, words: str) -> ToolResult:
    """Accounts that take postings: by meaning where that is set up, else by their words."""
    chart = await sources.reader.accounts()
    past = sources.past
    found = await asyncio.to_thread(past.accounts, chart, words) if past else _by_words(chart, words)
    sheet = Sheet()
    for account in found[:_MOST_ACCOUNTS]:
        sheet.row(f"account {account.number} {quoted(account.name)}")
        sheet.read(f"account:{account.number}")
        sheet.knows(Ref.ACCOUNT, account.number)
    return sheet.result() if found else refused("no account was found with these words")


def _by_words(chart: Sequence[Account], words: str) -> list[Account]:
    wanted = words.casefold().split()
    return [
        account
        for account in chart
        if account.direct_posting
        and not account.blocked
        and any(word in f"{account.number} {account.name}".casefold() for word in wanted)
    ]


async def search_similar_cases(sources: Sources, scope: Scope, case: CaseSummary) -> ToolResult:
    """How the like was settled, by which role, and in what words."""
    found = await sources.findings_of(case.case_id)
    past = (
        await asyncio.to_thread(sources.past.similar, found, but=case.case_id, limit=_MOST_CASES)
        if sources.past
        else []
    )
    sheet = Sheet()
    for entry in past:
        sheet.row(*_past(entry, sources.accounts_of(entry.case_id)))
        sheet.read(f"case:{entry.case_id}")
    if not past:
        sheet.row("no earlier case like this one was settled by a person")
    return sheet.result()


def _past(entry: ResolvedCase, hidden: Sequence[str]) -> list[str]:
    return [
        f"case {entry.case_id} ({' '.join(entry.findings)})",
        f"people chose {entry.resolution}",
        f"decided by {entry.decided_by}",
        f"because {quoted(entry.reason, hidden, limit=160)}" if entry.reason else "",
        f"ended {entry.outcome.replace('_', ' ')}" if entry.outcome else "",
    ]
