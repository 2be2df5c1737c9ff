"""The scope of one case: every id that its facts hold, and the options a model may refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tools.case_facts import GatheredFacts
from tools.case_list import CaseSummary
from tools.catalog.scope import Choice, Ids, Scope, ids, merged
from tools.catalog.sources import Sources
from tools.domain.decision import digest_of
from tools.domain.documents import Invoice
from tools.domain.findings import MatchResult
from tools.domain.identifiers import PersonId, SupplierId

_MOST_LINES = 20


def case_scope(
    sources: Sources,
    case: CaseSummary,
    *,
    match: MatchResult | None = None,
    options: Iterable[tuple[str, str]] = (),
    person: PersonId | None = None,
    only_supplier: SupplierId | None = None,
    entries: Mapping[str, tuple[str, ...]] | None = None,
) -> Scope:
    """`options`: id and label of those of the question's options that a model may suggest. What the document
    names and the ERP does not know is no id. An inquiry of a supplier knows its own case and nothing of our
    findings; a case of somebody else it does not know at all."""
    if only_supplier is not None:
        return _of_inquiry(case, person, only_supplier)
    invoice = sources.invoice_of(case)
    facts = sources.facts.get(case.case_id)
    return Scope(
        person=person,
        case_id=case.case_id,
        ids=merged(
            ids(case=[case.case_id], supplier=[case.supplier_id], posting=[case.erp_number]),
            _of_match(match),
            _of_facts(facts) if facts else {},
        ),
        choices=tuple(Choice.of(option, label) for option, label in options),
        entries=entries,
        is_credit_note=_is_credit(invoice),
        findings=digest_of(match) if match else "",
    )


def _of_inquiry(case: CaseSummary, person: PersonId | None, supplier: SupplierId) -> Scope:
    empty = Scope(person=person, only_supplier=supplier)
    if not empty.may_be_about(case.supplier_id):
        return empty
    own = ids(case=[case.case_id], supplier=[case.supplier_id], posting=[case.erp_number])
    return replace(empty, case_id=case.case_id, ids=own)


def _is_credit(invoice: Invoice | None) -> bool:
    return invoice is not None and invoice.is_credit_note


def _of_match(match: MatchResult | None) -> Ids:
    """Order lines of findings first: they are what the case is about."""
    if match is None:
        return {}
    found = [entry for entry in match.discrepancies if entry.order_number and entry.order_line_id]
    lines = [f"{entry.order_number}/{entry.order_line_id}" for entry in found]
    lines += [f"{line.order_number}/{line.order_line_id}" for line in match.lines]
    return ids(
        finding=[entry.kind.value for entry in match.discrepancies],
        order=[line.order_number for line in match.lines],
        order_line=list(dict.fromkeys(lines))[:_MOST_LINES],
    )


def _of_facts(facts: GatheredFacts) -> Ids:
    return ids(
        supplier=[facts.supplier.supplier_id],
        order=[order.number for order in (*facts.orders, *facts.candidates)],
        receipt=[receipt.number for receipt in facts.receipts],
        posting=[posting.number for posting in (*facts.postings, *facts.preceding)],
        account=[facts.supplier.default_account, *(facts.coding.postable or {})],
        case=[known.case_id for known in facts.known_documents][:_MOST_LINES],
    )
