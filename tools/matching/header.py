"""Checks of the document as a whole: addressee, supplier, dates, period, what reading left open."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date

from tools.domain.company import CompanyProfile, posting_date
from tools.domain.documents import Invoice, Problem, ProblemSeverity
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.identifiers import compact
from tools.domain.money import NO_CURRENCY
from tools.domain.policy import MatchPolicy
from tools.domain.supplier import Supplier, SupplierBlock
from tools.matching.company_name import is_same_company
from tools.matching.invoice_lines import billable_lines, document_net

_PRO_FORMA = "325"
_KIND, _BLOCK, _WARN = DiscrepancyKind, Severity.BLOCK, Severity.WARN

# UN/CEFACT 1001 codes that posting rules cannot decide alone.
_SPECIAL_TYPES = {
    "386": (_BLOCK, "A prepayment request: choose the prepayment account; the final invoice nets it off."),
    "389": (_BLOCK, "A self-billed invoice: we issue these ourselves, a person must look."),
    "326": (_WARN, "A partial invoice: check that earlier ones of the same delivery are not in it."),
}
# UNTDID 1001: what asks for money now, or gives it back, and is posted as it stands. 384 is a corrected
# invoice, for which `duplicates.check_correction` asks; 393 a factored one; 204 and 875 to 877 are bills
# for works; 387, 394, 575, 623 and 780 those of hire, lease, insurance, forwarding and freight. Debit
# notes, what we issue ourselves, and papers for information only (751) are for a person.
_POSTED_TYPES = frozenset(
    "82 204 331 380 384 385 387 388 393 394 575 623 780 875 876 877 81 83 262 381 396 532".split()
)


def _finding(kind: DiscrepancyKind, severity: Severity, rule: str, message: str) -> Discrepancy:
    return Discrepancy(kind=kind, severity=severity, rule=rule, message=message)


def check_fields(invoice: Invoice, problems: Iterable[Problem] = ()) -> list[Discrepancy]:
    """MISSING_FIELD for what nothing can be posted without, unless the reader has told it already."""
    told = {problem.code for problem in problems if problem.severity is ProblemSeverity.ERROR}
    missing = {
        "invoice_number": not (invoice.number or "").strip(),
        "issue_date": invoice.issue_date is None,
        "currency": invoice.currency == NO_CURRENCY,
        "gross_total": invoice.gross_total is None and invoice.net_total is None,
    }
    return [
        _finding(
            _KIND.MISSING_FIELD, _BLOCK, f"field.{name}", f"The document has no {name.replace('_', ' ')}."
        )
        for name, absent in missing.items()
        if absent and f"missing_{name}" not in told
    ]


def check_document_type(invoice: Invoice, *, settled: bool = False) -> list[Discrepancy]:
    """Types and amounts that need a person. `settled`: a person has given the accounts."""
    found = []
    if invoice.type_code == _PRO_FORMA:
        text = "A pro-forma invoice asks for no payment and is never posted: wait for the invoice."
        found.append(_finding(_KIND.UNREADABLE_VALUE, _BLOCK, "document.pro_forma", text))
    severity, text = _SPECIAL_TYPES.get(invoice.type_code or "", (None, ""))
    if severity is not None:
        severity = _WARN if settled else severity
        found.append(_finding(_KIND.CODING_UNSURE, severity, f"document.type.{invoice.type_code}", text))
    found += _check_code(invoice.type_code)
    if invoice.prepaid is not None and invoice.prepaid.amount:
        text = f"{invoice.prepaid} was prepaid: clear the prepayment against this invoice."
        found.append(_finding(_KIND.CODING_UNSURE, _WARN, "document.prepaid", text))
    return found + _check_sign(invoice) + _check_amount(invoice)


def _check_code(code: str | None) -> list[Discrepancy]:
    """Only known types are posted. Without a code the document itself has told what it is."""
    if code is None or code in _POSTED_TYPES or code in _SPECIAL_TYPES or code == _PRO_FORMA:
        return []
    text = f"Documents of type {code[:10]!r} (UNTDID 1001) are not posted: a person must look at it."
    return [_finding(_KIND.UNREADABLE_VALUE, _BLOCK, "document.type", text)]


def check_number(invoice: Invoice) -> list[Discrepancy]:
    """UNREADABLE_VALUE for a number with characters that no eye sees or that turn what it sees around."""
    hidden = [sign for sign in (invoice.number or "").strip() if not _is_visible(sign)]
    if not hidden:
        return []
    names = ", ".join(dict.fromkeys(f"U+{ord(sign):04X}" for sign in hidden))
    text = f"The invoice number holds characters that cannot be seen ({names}): ask for the right number."
    return [_finding(_KIND.UNREADABLE_VALUE, _BLOCK, "number.characters", text)]


def _is_visible(sign: str) -> bool:
    return sign.isprintable() and unicodedata.category(sign) != "Cf"


def _check_amount(invoice: Invoice) -> list[Discrepancy]:
    """A document without any amount: an ERP refuses it, so nobody is asked to approve it. Free lines beside
    paid ones, and lines that cancel each other out, have amounts."""
    net = document_net(invoice)
    amounts = [line.net for line in billable_lines(invoice)]
    amounts += [entry.amount.amount for entry in invoice.allowances]
    amounts += [stated.amount for stated in (invoice.tax_total, invoice.gross_total) if stated is not None]
    if net is None or net.amount or any(amounts):
        return []
    text = (
        f"The document asks for {net}: there is nothing to post. "
        "Ask the supplier what it stands for, or return it."
    )
    return [_finding(_KIND.UNREADABLE_VALUE, _BLOCK, "document.nothing", text)]


def _check_sign(invoice: Invoice) -> list[Discrepancy]:
    """An invoice below zero would be posted with negative amounts; only a credit note gives money back."""
    below = [
        stated
        for stated in (invoice.gross_total, invoice.net_total)
        if stated is not None and stated.amount < 0
    ]
    if invoice.is_credit_note or not below:
        return []
    text = (
        f"A credit in the form of an invoice: it states {below[0]}. It is not posted; "
        "return it and ask for a credit note."
    )
    return [_finding(_KIND.UNREADABLE_VALUE, _BLOCK, "document.negative", text)]


def check_buyer(invoice: Invoice, profile: CompanyProfile) -> list[Discrepancy]:
    """WRONG_COMPANY when the document is addressed to somebody else. A VAT id counts more than a name."""
    buyer = invoice.buyer
    if not (profile.names or profile.vat_ids):
        text = "The addressee was not checked: no names of our company are set."
        return [_finding(_KIND.WRONG_COMPANY, _WARN, "buyer.unset", text)]
    if buyer.vat_id and profile.vat_ids:
        if compact(buyer.vat_id) in {compact(ours) for ours in profile.vat_ids}:
            return []
        return [_wrong_company("buyer.vat_id", f"VAT id {buyer.vat_id} ({buyer.name or 'no name'})", profile)]
    names = [name for name in (buyer.name, buyer.trading_name) if name]
    if not names:
        return [_finding(_KIND.MISSING_FIELD, _WARN, "buyer.missing", "The document names no buyer.")]
    if any(is_same_company(name, ours) for name in names for ours in profile.names):
        return []
    return [_wrong_company("buyer.name", names[0], profile)]


def _wrong_company(rule: str, addressee: str, profile: CompanyProfile) -> Discrepancy:
    ours = ", ".join(profile.names) or profile.company
    return _finding(_KIND.WRONG_COMPANY, _BLOCK, rule, f"Addressed to {addressee}, not to {ours}.")


def check_supplier(invoice: Invoice, supplier: Supplier, profile: CompanyProfile) -> list[Discrepancy]:
    """SUPPLIER_BLOCKED, and CURRENCY_DIFF against the supplier's usual currency."""
    found = []
    name = f"Supplier {supplier.supplier_id} ({supplier.name})"
    if supplier.block is SupplierBlock.ALL:
        text = f"{name} is blocked in the ERP."
        found.append(_finding(_KIND.SUPPLIER_BLOCKED, _BLOCK, "supplier.blocked", text))
    elif supplier.block is SupplierBlock.PAYMENT:
        text = f"{name} is blocked for payment; the invoice can be posted."
        found.append(_finding(_KIND.SUPPLIER_BLOCKED, _WARN, "supplier.payment_blocked", text))
    usual = supplier.currency or profile.currency
    if invoice.currency not in (usual, NO_CURRENCY):
        text = f"The document is in {invoice.currency}, the supplier usually bills in {usual}."
        found.append(_finding(_KIND.CURRENCY_DIFF, _WARN, "currency.supplier", text))
    return found


def check_dates(
    invoice: Invoice,
    today: date,
    first_open: date | None,
    last_open: date | None,
    oldest_days: int = MatchPolicy().oldest_document_days,
) -> list[Discrepancy]:
    """DATE_IMPLAUSIBLE and PERIOD_CLOSED; the latter proposes the day to post on."""
    issued = invoice.issue_date
    if issued is None:
        return []
    found = []
    if issued > today:
        text = f"Dated {issued.isoformat()}, which is in the future."
        found.append(_finding(_KIND.DATE_IMPLAUSIBLE, _BLOCK, "date.future", text))
    elif (today - issued).days > oldest_days:
        text = f"Dated {issued.isoformat()}, more than {oldest_days} days ago."
        found.append(_finding(_KIND.DATE_IMPLAUSIBLE, _BLOCK, "date.old", text))
    if invoice.due_date is not None and invoice.due_date < issued:
        text = f"Due on {invoice.due_date.isoformat()}, before its date {issued.isoformat()}."
        found.append(_finding(_KIND.DATE_IMPLAUSIBLE, _WARN, "date.due", text))
    return found + _period(issued, first_open, last_open)


def _period(issued: date, first_open: date | None, last_open: date | None) -> list[Discrepancy]:
    day = posting_date(issued, first_open, last_open)
    if day == issued:
        return []
    if day is None:
        text = f"No open period for {issued.isoformat()}: the last open day is {last_open}."
        return [_finding(_KIND.PERIOD_CLOSED, _BLOCK, "period.not_open", text)]
    text = f"The period of {issued.isoformat()} is closed; posted on {day.isoformat()}."
    warning = _finding(_KIND.PERIOD_CLOSED, _WARN, "period.closed", text)
    return [warning.model_copy(update={"figures": {"posting_date": day.isoformat()}})]
