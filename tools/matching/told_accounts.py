"""Bank accounts that a document names in passing: in a note, the terms, a description, its mail."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.ibans import ibans_in
from tools.domain.identifiers import masked
from tools.domain.mail import MailFacts
from tools.matching.fraud_accounts import check_unverified
from tools.matching.fraud_facts import FraudFacts

# Words of direct debit in English, German, Dutch, French, Spanish, Italian: the account is then ours.
_DEBITED = re.compile(
    r"\b(?:direct debit|debited|collected|lastschrift\w*|abgebucht|abbuch\w+|eingezogen|einzieh\w+|einzug\w*"
    r"|incasso|geïncasseerd|afgeschreven|prélev\w+|domiciliation|adeudo|domiciliaci[oó]n|addebit\w+)\b",
    re.IGNORECASE,
)


def check_told(
    invoice: Invoice, facts: FraudFacts | None, printed: Collection[str], known: Collection[str]
) -> Iterator[Discrepancy]:
    """BANK_CHANGE for each account in a text that nobody verified; `printed` are those in the document's own
    fields, which are judged already, `known` the verified ones. Where the text speaks of direct debit the
    account may be ours: a warning."""
    seen = {*printed, *known}
    for where, account, debited in _told(invoice, facts.mail if facts is not None else None):
        if account not in seen:
            seen.add(account)
            frozen, progress = check_unverified(account, facts) if facts is not None else ("", "")
            yield (
                _debited(where, account)
                if debited and not frozen
                else _told_of(where, account, frozen, progress)
            )


def _told(invoice: Invoice, mail: MailFacts | None) -> Iterator[tuple[str, str, bool]]:
    """Where an account is named, the account, and whether direct debit is spoken of beside it."""
    for where, text in _texts(invoice):
        debited = _DEBITED.search(text) is not None
        yield from ((where, account, debited) for account in ibans_in(text))
    while mail is not None:
        yield from (("The mail", account, False) for account in mail.accounts)
        mail = mail.carrier


def _texts(invoice: Invoice) -> Iterator[tuple[str, str]]:
    yield "The supplier's name", invoice.supplier.name or ""
    yield "The payment terms", invoice.payment_terms or ""
    yield from (("A note", note) for note in invoice.notes)
    yield from (("An allowance", entry.reason or "") for entry in invoice.allowances)
    yield from ((f"Line {at}", line.description or "") for at, line in enumerate(invoice.lines, 1))


def _told_of(where: str, account: str, frozen: str, progress: str) -> Discrepancy:
    advice = progress or "Call back on a number from master data or contract, never from the document."
    words = f"{where} names the account {masked(account)}, which nobody verified. {advice}"
    return _finding(Severity.BLOCK, frozen or "bank.account.told", words, account)


def _debited(where: str, account: str) -> Discrepancy:
    words = f"{where} speaks of direct debit from the account {masked(account)}: see whether it is our own."
    return _finding(Severity.WARN, "bank.account.debited", words, account)


def _finding(severity: Severity, rule: str, message: str, account: str) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.BANK_CHANGE,
        severity=severity,
        rule=rule,
        message=message,
        figures={"invoice": masked(account)},
    )
