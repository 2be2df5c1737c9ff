"""Is anything missing, impossible or unlikely? Header fields, dates, check digits, kind of document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tools.domain.documents import Invoice, Party, Problem, ProblemSeverity
from tools.domain.identifiers import EU_VAT_PREFIXES, compact, is_iban, is_vat_id, masked
from tools.domain.money import NO_CURRENCY
from tools.intake.document_types import PRO_FORMA

_OLDEST = timedelta(days=3653)
"""Ten years: longer than any period in which an invoice must be kept."""
_LONGEST_TERM = timedelta(days=730)


def plausibility_problems(invoice: Invoice, today: date | None) -> Iterator[Problem]:
    """Missing header fields are errors, doubtful values warnings. Without `today` no date is too new."""
    yield from _missing(invoice)
    yield from _kind_problems(invoice)
    yield from _date_problems(invoice, today)
    yield from _account_problems(invoice)
    yield from _vat_problems(invoice.supplier, "supplier_vat_id")
    yield from _vat_problems(invoice.buyer, "buyer_vat_id")


def _warning(code: str, message: str, field: str | None) -> Problem:
    return Problem(code=code, severity=ProblemSeverity.WARNING, message=message, field=field)


def _missing(invoice: Invoice) -> Iterator[Problem]:
    # Directive 2006/112/EC art. 226 demands these; a ledger cannot hold the invoice without them.
    present = {
        "invoice_number": invoice.number is not None,
        "issue_date": invoice.issue_date is not None,
        "currency": invoice.currency != NO_CURRENCY,
        "supplier_name": invoice.supplier.name is not None,
        "net_total": invoice.net_total is not None,
        "gross_total": invoice.gross_total is not None,
        "tax_total": invoice.tax_total is not None or invoice.net_total == invoice.gross_total,
    }
    for field, there in present.items():
        if not there:
            yield Problem(
                code=f"missing_{field}",
                severity=ProblemSeverity.ERROR,
                message=f"The document states no {field.replace('_', ' ')}.",
                field=field,
            )


def _kind_problems(invoice: Invoice) -> Iterator[Problem]:
    if invoice.type_code == PRO_FORMA:
        yield Problem(
            code="pro_forma",
            severity=ProblemSeverity.ERROR,
            message="This is a pro-forma invoice. It asks for nothing and is never posted.",
            field="document_type",
        )


def _date_problems(invoice: Invoice, today: date | None) -> Iterator[Problem]:
    issued = invoice.issue_date
    if issued is None:
        return
    if today is not None and issued > today:
        yield _warning("issue_date_in_future", f"The invoice is dated {issued}, after today.", "issue_date")
    if today is not None and today - issued > _OLDEST:
        yield _warning("issue_date_too_old", f"The invoice is dated {issued}.", "issue_date")
    due = invoice.due_date
    if due is not None and due < issued:
        yield _warning("due_before_issue", f"It is due on {due}, before its date {issued}.", "due_date")
    if due is not None and due - issued > _LONGEST_TERM:
        yield _warning("due_date_far", f"It is due on {due}, long after its date {issued}.", "due_date")


def _account_problems(invoice: Invoice) -> Iterator[Problem]:
    for index, iban in enumerate(invoice.ibans):
        if not is_iban(iban):
            field = "iban" if index == 0 else f"ibans[{index}]"
            yield _warning("iban_check_digits", f"The account {masked(iban)} is no valid IBAN.", field)


def _vat_problems(party: Party, field: str) -> Iterator[Problem]:
    if party.vat_id is None:
        return
    text = compact(party.vat_id)
    if text[:2] in EU_VAT_PREFIXES and not is_vat_id(text):
        yield _warning(
            "vat_id_check_digits", f"The VAT id {party.vat_id[:30]} has wrong check digits or form.", field
        )
