"""Findings about coding: what has no sure account, accounts that take no posting, assets and expenses."""

from __future__ import annotations

from collections.abc import Iterator

from tools.domain.coding import CodingSource, Suggestion
from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchResult, Severity
from tools.matching.coding import Accounts
from tools.matching.freight import is_freight
from tools.matching.invoice_lines import BillableLine, billable_lines
from tools.matching.tax_codes import is_service
from tools.matching.wording import amount_text

_SHOWN = 3


def check_coding(invoice: Invoice, match: MatchResult, accounts: Accounts) -> list[Discrepancy]:
    """CODING_UNSURE for each part of the document that has neither an order line nor a sure account, for
    accounts and cost centres that cannot be posted, and as a hint where an asset may be meant."""
    lines = {line.index: line for line in billable_lines(invoice)}
    found = []
    for index in match.unmatched:
        line = lines[index]
        if line.net:  # a free line is not posted
            found += _check_line(line, accounts, invoice)
    for extra in invoice.allowances:
        account = accounts.for_charge() if extra.is_charge else accounts.for_rest()
        if account is None and extra.amount.amount:
            word = "charge" if extra.is_charge else "discount"
            what = f"The {word} {extra.reason or extra.amount} of the document"
            found.append(_unsure(what, None, accounts.unsure(None), accounts))
    if not lines:
        choice = accounts.choice(None)
        if choice is None:
            what = "The document itemises nothing and"
            found.append(_unsure(what, None, accounts.unsure(None), accounts))
        else:
            found += _check_choice(choice, "The document", None, accounts)
    return found


def _check_line(line: BillableLine, accounts: Accounts, invoice: Invoice) -> list[Discrepancy]:
    what = f"Line {line.name} ({line.line.description or 'no text'})"
    choice = accounts.choice(line.index, line.line.description)
    if choice is None:
        return [_unsure(what, line.name, accounts.unsure(line.index), accounts)]
    found = list(_check_choice(choice, what, line.name, accounts))
    return found + list(_check_asset(line, choice, accounts, invoice))


def _check_choice(
    choice: Suggestion, what: str, line_id: str | None, accounts: Accounts
) -> Iterator[Discrepancy]:
    if not accounts.may_post(choice.account):
        text = (
            f"{what}: account {choice.account} ({choice.reason}) does not exist, is blocked or takes no "
            "direct posting."
        )
        yield _finding("account.not_postable", text, line_id, account=choice.account)
    if choice.cost_centre is not None and not accounts.may_charge(choice.cost_centre):
        text = f"{what}: cost centre {choice.cost_centre} does not exist in the ERP or is blocked there."
        yield _finding("account.cost_centre.unknown", text, line_id, cost_centre=choice.cost_centre)
    allowed = accounts.policy.cost_centres.get(choice.account)
    if allowed is None or choice.cost_centre in allowed or (choice.cost_centre is None and not allowed):
        return
    shown = choice.cost_centre or "no cost centre"
    names = ", ".join(allowed)
    text = f"{what}: account {choice.account} is not posted with {shown}; allowed: {names or 'none'}."
    yield _finding("account.cost_centre", text, line_id, account=choice.account, allowed=names)


def _check_asset(
    line: BillableLine, choice: Suggestion, accounts: Accounts, invoice: Invoice
) -> Iterator[Discrepancy]:
    """A hint: whether a thing is an asset is decided by its use, which no document tells."""
    policy, limit = accounts.policy, accounts.policy.capitalise_from
    if limit is None or invoice.currency != accounts.profile.currency or line.net <= 0:
        return
    price, shown = line.price, amount_text(line.price, invoice.currency)
    is_asset = choice.account in policy.asset_accounts
    asked = (
        choice.account in policy.capitalise_accounts
        if policy.capitalise_accounts
        else not is_service(line.line)
    )
    if is_asset and price < limit:
        text = f"Line {line.name}: {shown} a piece is below {limit:f}; asset {choice.account} or expense?"
        yield _finding("account.expense", text, line.name, Severity.WARN, price=shown, limit=f"{limit:f}")
    if not is_asset and asked and price >= limit and not is_freight(line.line.description):
        text = (
            f"Line {line.name}: {shown} a piece may be an asset (from {limit:f}); is {choice.account} right?"
        )
        yield _finding("account.asset", text, line.name, Severity.WARN, price=shown, limit=f"{limit:f}")


def _unsure(
    what: str, line_id: str | None, options: tuple[Suggestion, ...], accounts: Accounts
) -> Discrepancy:
    if not options:
        text = f"{what} has no account: neither the supplier nor the company has a default."
        return _finding("account.unknown", text, line_id)
    shown = [_option(entry, accounts) for entry in options[:_SHOWN]]
    text = f"{what} has no sure account: {'; '.join(shown)}."
    figures = {f"option_{place}": entry.account for place, entry in enumerate(options[:_SHOWN], start=1)}
    return _finding("account.unsure", text, line_id).model_copy(update={"figures": figures})


def _option(entry: Suggestion, accounts: Accounts) -> str:
    name = (accounts.postable or {}).get(entry.account, "")
    return f"{entry.account}{f' {name}' if name else ''} ({entry.confidence:f}; {entry.reason})"


def _finding(
    rule: str, message: str, line_id: str | None, severity: Severity = Severity.BLOCK, **figures: str
) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.CODING_UNSURE,
        severity=severity,
        rule=rule,
        message=message,
        line_id=line_id,
        figures=figures,
    )


def coding_reasons(invoice: Invoice, match: MatchResult, accounts: Accounts) -> list[str]:
    """Where each account comes from, in one sentence for all lines with the same answer."""
    lines = {line.index: line for line in billable_lines(invoice)}
    told: dict[str, list[str]] = {}
    for index in match.unmatched if lines else ():
        line = lines[index]
        choice = accounts.choice(index, line.line.description)
        if choice is not None and line.net:
            told.setdefault(_reason(choice, accounts), []).append(line.name)
    whole = None if lines else accounts.choice(None)
    if whole is not None:
        told[_reason(whole, accounts)] = []
    return [f"{_named(names)}{reason}" for reason, names in told.items()]


def _named(names: list[str]) -> str:
    if not names:
        return "the document: "
    return f"line{'s' if len(names) > 1 else ''} {', '.join(names)}: "


def _reason(choice: Suggestion, accounts: Accounts) -> str:
    name = (accounts.postable or {}).get(choice.account, "")
    parts = [f"account {choice.account}{f' {name}' if name else ''} — {choice.reason}"]
    if choice.source in _WEIGHED:
        parts.append(f"confidence {choice.confidence:f}")
        parts.append(f"next {choice.runner_up}" if choice.runner_up else "no other was used")
    if choice.cost_centre:
        parts.append(f"cost centre {choice.cost_centre}")
    if choice.project:
        parts.append(f"project {choice.project}, to be entered in the ERP")
    if choice.deferral_months:
        parts.append(f"spread over {choice.deferral_months} months, to be entered in the ERP")
    return "; ".join(parts)


_WEIGHED = (CodingSource.HISTORY, CodingSource.SUPPLIER_HABIT, CodingSource.SIMILAR_SUPPLIERS)
