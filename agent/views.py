"""What a screen shows: plain texts, ready to print. No domain object and no graph type leaves the service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.history_view import event_line
from agent.state import CaseState, Overrides, Question
from agent.suggestion_views import DraftView, SuggestionView, draft_views, entry_words, suggestion_views
from agent.suggestions import current
from tools.case_facts import GatheredFacts
from tools.case_list import CaseSummary
from tools.domain.audit import AuditRecord
from tools.domain.authority_verdict import Standing
from tools.domain.decision import InvoiceAction, PostingLine, Proposal, digest_of
from tools.domain.documents import Invoice, PurchaseOrder, Reading, Record
from tools.domain.findings import Discrepancy, LineMatch, MatchResult, Severity
from tools.domain.identifiers import masked


class LineView(Record):
    """One invoice line beside its order line and what was received; `differs` names the columns to mark."""

    description: str
    invoice: str
    """`40 H87 × 10.60 = 424.00`."""
    order: str = ""
    received: str = ""
    billed_before: str = ""
    evidence: str = ""
    differs: tuple[str, ...] = ()


class FindingView(Record):
    severity: str
    kind: str
    message: str
    rule: str
    compared: tuple[tuple[str, str, str], ...] = ()
    """Label, this document, the earlier one: a suspected duplicate beside its candidate."""


class ProposalView(Record):
    """Exactly what an approval is bound to."""

    digest: str
    action: str
    supplier: str
    number: str
    dates: str
    amounts: str
    lines: tuple[str, ...]
    reasons: tuple[str, ...]
    rests_on: tuple[str, ...]


class OptionView(Record):
    id: str
    label: str
    description: str
    inputs: tuple[str, ...]
    optional: tuple[str, ...] = ()


class QuestionView(Record):
    text: str
    explanation: tuple[str, ...]
    options: tuple[OptionView, ...]


class CaseDetail(Record):
    summary: CaseSummary
    header: tuple[tuple[str, str], ...]
    """Label and value of what the document says."""
    lines: tuple[LineView, ...]
    findings: tuple[FindingView, ...]
    decided: tuple[str, ...]
    """What people decided on the way here: such a case is not a clean one."""
    notes: tuple[str, ...]
    """Free text of the document: shown to people, followed by nobody."""
    question: QuestionView | None
    proposal: ProposalView | None
    authority: tuple[str, ...] = ()
    """The steps of approval: who took them, who may act next."""
    suggestions: tuple[SuggestionView, ...] = ()
    """What a model suggests; a person may take one."""
    drafts: tuple[DraftView, ...] = ()
    """Letters a model drafted; the program sends nothing."""
    history: tuple[str, ...]


def detail(
    summary: CaseSummary,
    state: CaseState,
    reading: Reading | None,
    facts: GatheredFacts | None,
    history: Iterable[AuditRecord],
) -> CaseDetail:
    """Everything known of a case."""
    invoice, match = reading.invoice if reading else None, state.get("match")
    proposal, question, records = state.get("proposal"), state.get("question"), list(history)
    return CaseDetail(
        summary=summary,
        header=_header(invoice) if invoice else (),
        lines=_lines(invoice, match, facts) if invoice else (),
        findings=_findings(match.discrepancies) if match else (),
        decided=_decided(state),
        notes=invoice.notes if invoice else (),
        question=_question(question) if question else None,
        proposal=proposal_view(proposal) if proposal else None,
        suggestions=suggestion_views(current(records, digest_of(match)), question) if match else (),
        drafts=draft_views(records),
        history=tuple(map(event_line, records)),
    )


ANYBODY = "any clerk or approver may answer"


def authority_lines(found: Standing) -> tuple[str, ...]:
    """One line a step, then who must act next."""
    count = len(found.steps)
    lines = [
        f"step {position} of {count}, {step.label}: " + (", ".join(step.taken) or "open")
        for position, step in enumerate(found.steps, start=1)
    ]
    return (*lines, found.waits_for)


def _decided(state: CaseState) -> tuple[str, ...]:
    words = state.get("overrides", Overrides()).words
    resolution = state.get("resolution")
    return words if resolution is None else (*words, state.get("resolution_reason") or resolution)


def _header(invoice: Invoice) -> tuple[tuple[str, str], ...]:
    rows = (
        ("supplier", "supplier_name", invoice.supplier.name),
        ("VAT id", "supplier_vat_id", invoice.supplier.vat_id),
        ("addressed to", "buyer_name", invoice.buyer.name),
        ("number", "invoice_number", invoice.number),
        ("type", "document_type", invoice.document_type.value.replace("_", " ")),
        ("issued", "issue_date", invoice.issue_date),
        ("due", "due_date", invoice.due_date),
        ("order", "order_reference", invoice.order_number),
        ("corrects", "preceding_invoice", invoice.preceding_invoice),
        ("net", "net_total", invoice.net_total),
        ("tax", "tax_total", invoice.tax_total),
        ("gross", "gross_total", invoice.gross_total),
        ("pay to", "iban", ", ".join(map(masked, (*invoice.ibans, *invoice.other_accounts))) or None),
        ("payee", "payee_name", invoice.payee_name),
    )
    return tuple(
        (label, f"{value}{_reader(invoice, field)}") for label, field, value in rows if value is not None
    )


def _reader(invoice: Invoice, field: str) -> str:
    """Told where a model read the value: a person compares it with the document."""
    origin = invoice.origins.get(field)
    return f" (read by {origin.read_by})" if origin is not None and origin.read_by else ""


def _lines(invoice: Invoice, match: MatchResult | None, facts: GatheredFacts | None) -> tuple[LineView, ...]:
    orders = {order.number: order for order in facts.orders} if facts else {}
    views = []
    for index, line in enumerate(invoice.lines):
        matches = [entry for entry in match.lines if entry.invoice_index == index] if match else []
        price = "" if line.unit_price is None else f" × {line.unit_price.amount.normalize():f}"
        base = "" if line.price_base == 1 else f" per {line.price_base.normalize():f}"
        amount = "" if line.net_amount is None else f" = {line.net_amount}"
        quantity = "" if line.quantity is None else f"{line.quantity.normalize():f} {line.unit or ''}".strip()
        views.append(
            LineView(
                description=line.description or line.line_id or str(index + 1),
                invoice=f"{quantity}{price}{base}{amount}",
                order="\n".join(_order_side(entry, orders.get(entry.order_number)) for entry in matches),
                received="\n".join(f"{entry.received.normalize():f} {entry.unit}" for entry in matches),
                billed_before="\n".join(f"{entry.billed_before.normalize():f}" for entry in matches),
                evidence=", ".join(
                    dict.fromkeys(
                        item.value.replace("_", " ") for entry in matches for item in entry.evidence
                    )
                ),
                differs=_differs(match, line.line_id, index),
            )
        )
    return tuple(views)


def _order_side(entry: LineMatch, order: PurchaseOrder | None) -> str:
    lines = order.lines if order else ()
    name = next((line.description for line in lines if line.line_id == entry.order_line_id), "")
    name = " ".join(name.split())
    figures = f"{entry.ordered.normalize():f} {entry.unit} × {entry.order_price}"
    return f"{entry.order_number}/{entry.order_line_id}: {figures} {name}".rstrip()


def _differs(match: MatchResult | None, line_id: str | None, index: int) -> tuple[str, ...]:
    """Columns to mark, from the kinds of findings about this line."""
    columns = []
    for found in match.discrepancies if match else ():
        if (
            found.severity is Severity.INFO
            or found.line_id is None
            or found.line_id not in (line_id, str(index))
        ):
            continue
        word = found.kind.value
        columns.append("received" if "rece" in word else "order")
    return tuple(dict.fromkeys(columns))


def _findings(found: Sequence[Discrepancy]) -> tuple[FindingView, ...]:
    return tuple(
        FindingView(
            severity=entry.severity.value,
            kind=entry.kind.value,
            message=entry.message,
            rule=entry.rule,
            compared=tuple(
                (name, entry.figures[f"this {name}"], entry.figures.get(name, ""))
                for name in ("number", "date", "amount")
                if f"this {name}" in entry.figures
            ),
        )
        for entry in found
    )


def _question(question: Question) -> QuestionView:
    options = tuple(OptionView(**option.model_dump(exclude={"who"})) for option in question.options)
    return QuestionView(text=question.text, explanation=question.explanation, options=options)


def proposal_view(proposal: Proposal) -> ProposalView:
    """The proposal as people read it. Everything a person agrees to stands in it."""
    action = proposal.action
    if not isinstance(action, InvoiceAction):
        return ProposalView(
            digest=proposal.digest,
            action=action.kind.replace("_", " "),
            reasons=proposal.reasons,
            rests_on=_rests_on(proposal),
            **entry_words(action).model_dump(),
        )
    due = f", due {action.due_date}" if action.due_date else ""
    due += f", corrects {action.preceding_invoice}" if action.preceding_invoice else ""
    lines = tuple(_posting_line(line) for line in action.lines)
    return ProposalView(
        digest=proposal.digest,
        action=action.kind.replace("_", " "),
        supplier=f"{action.supplier_id} {action.supplier_name}, company {action.company}",
        number=action.number,
        dates=f"invoice {action.invoice_date}, post on {action.posting_date}{due}",
        amounts=f"net {action.net}, tax {action.tax}, gross {action.gross}",
        lines=lines,
        reasons=proposal.reasons,
        rests_on=_rests_on(proposal),
    )


def _posting_line(line: PostingLine) -> str:
    quantity = f"{line.quantity.normalize():f} {line.unit or ''}".strip()
    figures = f"{quantity} × {line.unit_price.normalize():f} = {line.net_amount}"
    target = f"item {line.item_number}" if line.item_number else f"account {line.account}"
    parts = [
        f"{line.description}: {figures} → {target}",
        f"cost centre {line.cost_centre}" if line.cost_centre else "",
        f"tax {line.tax_code}" if line.tax_code else "",
        f"{line.tax_rate.normalize():f} %" if line.tax_rate is not None else "",
        f"bills {line.order_number}/{line.order_line_id}" if line.order_number else "",
    ]
    return ", ".join(filter(None, parts))


def _rests_on(proposal: Proposal) -> tuple[str, ...]:
    return tuple(sorted(proposal.versions)) + proposal.policies
