"""The document of a case as it was read, and what stands in the ERP beside it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from tools.case_facts import GatheredFacts
from tools.case_list import CaseSummary
from tools.catalog.result import Sheet, ToolResult, quoted
from tools.catalog.scope import Scope
from tools.catalog.sources import Sources
from tools.catalog.spec import Ref
from tools.domain.decision import Posting
from tools.domain.documents import AllowanceCharge, Invoice, InvoiceLine
from tools.domain.findings import Discrepancy
from tools.domain.identifiers import CaseId, compact
from tools.matching.facts import KnownDocument
from tools.matching.wording import line_name, number_text
from tools.untrusted_text import marked

_MOST_LINES = 12
_MOST_DOCUMENTS = 10
_NOTE = 300


async def get_invoice(sources: Sources, scope: Scope, case: CaseSummary) -> ToolResult:
    """Header and totals, then at most twelve lines, those with findings first; notes at the end."""
    invoice = sources.invoice_of(case)
    sheet = Sheet(f"case:{case.case_id}")
    if invoice is None:
        sheet.row(f"case {case.case_id} is no invoice: {case.stage.replace('_', ' ')}", _said(case.reason))
        return sheet.result()
    sheet.read(f"document:{case.document_id[:12]}")
    hidden = sources.accounts_of(case.case_id)
    _head(sheet, case, invoice, hidden)
    sheet.row(_account(sources, case, invoice))
    found = await sources.findings_of(case.case_id)
    lines = _in_order(invoice, found)
    for position in lines[:_MOST_LINES]:
        sheet.row(*_line(invoice.lines[position], position, invoice, hidden))
    if len(lines) > _MOST_LINES:
        sheet.row(f"{len(lines) - _MOST_LINES} of {len(lines)} lines are not shown")
    for note in invoice.notes[:3]:
        sheet.row(f"note {marked(note, 'note on the document', _NOTE, hidden)}")
    return sheet.result()


def _said(text: str) -> str:
    return str(quoted(text, limit=200))


def _head(sheet: Sheet, case: CaseSummary, invoice: Invoice, hidden: Collection[str]) -> None:
    supplier = f"supplier {case.supplier_id}" if case.supplier_id else "supplier not decided"
    sheet.row(
        f"case {case.case_id}: {invoice.document_type.value.replace('_', ' ')}",
        f"number {quoted(invoice.number, hidden)}",
        f"of {invoice.issue_date}" if invoice.issue_date else "without a date",
        f"due {invoice.due_date}" if invoice.due_date else "",
        supplier,
        f"named on it {quoted(invoice.supplier.name, hidden)}" if invoice.supplier.name else "",
        f"order named on it {quoted(invoice.order_number, hidden)}"
        if invoice.order_number
        else "no order named",
        f"refers to {quoted(invoice.preceding_invoice, hidden)}" if invoice.preceding_invoice else "",
        f"stage {case.stage.replace('_', ' ')}",
    )
    sheet.row(
        f"net {invoice.net_total}" if invoice.net_total else "",
        f"tax {invoice.tax_total}" if invoice.tax_total else "",
        f"gross {invoice.gross_total}" if invoice.gross_total else "",
        f"prepaid {invoice.prepaid}" if invoice.prepaid else "",
        f"{len(invoice.lines)} lines",
        *(f"{_extra(extra)} {quoted(extra.reason, hidden)}".strip() for extra in invoice.allowances[:4]),
        f"terms {quoted(invoice.payment_terms, hidden, 100)}" if invoice.payment_terms else "",
    )
    if case.supplier_id:
        sheet.knows(Ref.SUPPLIER, case.supplier_id)
        sheet.read(f"supplier:{case.supplier_id}")


def _extra(extra: AllowanceCharge) -> str:
    return f"{'charge' if extra.is_charge else 'discount'} {extra.amount}"


def _account(sources: Sources, case: CaseSummary, invoice: Invoice) -> str:
    """Whether the document asks for a known account, never which."""
    asked = {compact(account) for account in (*invoice.ibans, *invoice.other_accounts)}
    facts = sources.facts.get(case.case_id)
    if not asked or facts is None:
        return "it names no bank account" if not asked else "its bank account was not compared yet"
    known = {compact(entry.iban) for entry in (*facts.verified_accounts, *facts.supplier.bank_accounts)}
    return f"bank account named on it is verified for the supplier: {'yes' if asked <= known else 'no'}"


def _in_order(invoice: Invoice, found: Collection[Discrepancy]) -> list[int]:
    """Positions of the lines, those with findings first."""
    named = {entry.line_id for entry in found if entry.line_id is not None}
    return sorted(range(len(invoice.lines)), key=lambda at: line_name(invoice.lines[at], at) not in named)


def _line(line: InvoiceLine, at: int, invoice: Invoice, hidden: Collection[str]) -> list[str]:
    base = f" per {number_text(line.price_base)}" if line.price_base != 1 else ""
    unit = str(quoted(line.unit, limit=12)) if line.unit else ""
    return [
        f"line {at + 1} {quoted(line.description or line.line_id, hidden)}",
        f"{number_text(line.quantity)} {unit}".strip() if line.quantity is not None else "",
        f"at {line.unit_price}{base}" if line.unit_price else "",
        f"net {line.net_amount}" if line.net_amount else "",
        f"tax {number_text(line.tax_rate)} %" if line.tax_rate is not None else "",
        f"order {quoted(line.order_number, hidden, 30)}"
        if line.order_number and line.order_number != invoice.order_number
        else "",
    ]


async def get_posted_invoices(sources: Sources, scope: Scope, case: CaseSummary) -> ToolResult:
    """The ERP's documents with this number, what a credit note refers to, and the supplier's other cases."""
    facts = sources.facts.get(case.case_id)
    sheet = Sheet(f"case:{case.case_id}")
    if facts is None:
        sheet.row("the ERP was not asked yet: the supplier is not decided")
        return sheet.result()
    if not (facts.postings or facts.preceding):
        sheet.row("the ERP holds no document of this supplier with this number")
    for posting in _each_once(facts):
        sheet.row(*_posting(posting, posting.erp_id in facts.own_postings))
        sheet.read(f"posting:{posting.number}")
        sheet.knows(Ref.POSTING, posting.number)
    others = [known for known in _others(facts, case.case_id) if scope.may_be_about(known.supplier_id)]
    for known in others[:_MOST_DOCUMENTS]:
        sheet.row(*_document(known))
        sheet.read(f"case:{known.case_id}")
        sheet.knows(Ref.CASE, known.case_id)
    return sheet.result()


def _each_once(facts: GatheredFacts) -> list[Posting]:
    return list({entry.erp_id: entry for entry in (*facts.postings, *facts.preceding)}.values())


def _posting(posting: Posting, is_own: bool) -> list[str]:
    kind = posting.document_type.value.replace("_", " ") if posting.document_type else "document"
    return [
        f"ERP {kind} {posting.number}: {posting.state.value}",
        "left by this case" if is_own else "",
        f"supplier's number {quoted(posting.supplier_number, limit=40)}" if posting.supplier_number else "",
        f"of {posting.invoice_date}" if posting.invoice_date else "",
        f"posted on {posting.posting_date}" if posting.posting_date else "",
        f"gross {posting.gross}" if posting.gross else "",
    ]


def _others(facts: GatheredFacts, own: CaseId) -> list[KnownDocument]:
    """The newest first."""
    others = [entry for entry in facts.known_documents if entry.case_id != own]
    return sorted(others, key=lambda entry: entry.invoice_date or date.min, reverse=True)


def _document(known: KnownDocument) -> list[str]:
    return [
        f"case {known.case_id} {known.stage.replace('_', ' ')}",
        f"{known.document_type.value.replace('_', ' ')} {quoted(known.number, limit=40)}",
        f"of {known.invoice_date}" if known.invoice_date else "",
        f"gross {known.gross}" if known.gross else "",
        f"ERP number {known.erp_number}" if known.erp_number else "",
    ]
