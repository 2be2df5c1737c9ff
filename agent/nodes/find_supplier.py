"""Step 2: who sent it. Decided by ids, or by name and place; else a person is asked."""

from __future__ import annotations

from decimal import Decimal

from agent.nodes.questions import answer_to, ask, close_case
from agent.state import Answer, CaseState, Deps, Option, Overrides, Question, Stage
from tools.domain.audit import SERVICE, SupplierFound
from tools.domain.decision import digest_of
from tools.domain.documents import Invoice
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.senders import domain_of, is_shared_domain, sender_of
from tools.domain.supplier import SupplierCandidate, SupplierChoice, SupplierEvidence

STEP = "find_supplier"
_WORTH_NAMING = Decimal("0.05")


async def find_supplier(case: CaseState, deps: Deps) -> CaseState:
    overrides = case.get("overrides", Overrides())
    answer = answer_to(case, STEP)
    if answer is not None:
        if answer.option == "reject":
            return close_case(case, deps, answer, "returned: the supplier is not ours")
        chosen = answer.values.get("supplier_id") or answer.option.removeprefix("supplier:")
        words = (*overrides.words, f"{answer.person}: it is supplier {chosen}{_because(answer)}")
        overrides = overrides.model_copy(update={"supplier_id": chosen, "words": words})
    choice = await _choose(case, deps, overrides)
    if choice.chosen is None:
        return _ask(case, deps, choice) | {"overrides": overrides.model_copy(update={"supplier_id": None})}
    found = SupplierFound(supplier_id=choice.chosen, reason=choice.reason)
    deps.note(case, SERVICE, found)
    return {"choice": choice, "overrides": overrides, "question": None, "answer": None}


def _because(answer: Answer) -> str:
    return f" ({answer.remark})" if answer.remark else ""


async def _choose(case: CaseState, deps: Deps, overrides: Overrides) -> SupplierChoice:
    if overrides.supplier_id is not None:
        known = deps.mirror.get(SupplierId(overrides.supplier_id))
        if known is None:
            return SupplierChoice(reason=f"the ERP has no supplier {overrides.supplier_id}")
        candidate = SupplierCandidate(
            supplier_id=known.supplier_id,
            name=known.name,
            city=known.city,
            country=known.country,
            evidence=(SupplierEvidence.CLERK,),
            score="1",
        )
        return SupplierChoice(
            chosen=known.supplier_id,
            candidates=(candidate,),
            reason=f"a person chose {known.supplier_id} {known.name}",
        )
    reading = deps.archive.reading(case["document_id"])
    if reading is None or reading.invoice is None:
        return SupplierChoice(reason="the document was not read as an invoice")
    return deps.finder.find(reading, await _supplier_of_order(reading.invoice, deps))


async def _supplier_of_order(invoice: Invoice, deps: Deps) -> str | None:
    """The supplier our own order names; the document only says which order."""
    number = invoice.order_number or next(
        (line.order_number for line in invoice.lines if line.order_number), None
    )
    if number is None:
        return None
    order = await deps.reader.order(OrderNumber(number))
    return order.supplier_id if order else None


def _ask(case: CaseState, deps: Deps, choice: SupplierChoice) -> CaseState:
    options = [
        Option(
            id=f"supplier:{candidate.supplier_id}",
            label=f"{candidate.supplier_id} {candidate.name}",
            description=", ".join(
                filter(None, (candidate.city, candidate.country, f"score {candidate.score}"))
            ),
        )
        for candidate in choice.candidates
        if candidate.score >= _WORTH_NAMING
    ]
    options.append(
        Option(id="supplier", label="Another supplier of the master data", inputs=("supplier_id",))
    )
    options.append(
        Option(
            id="reject",
            label="Return the document",
            description="Not ours, or a supplier that must be set up first.",
        )
    )
    question = Question(
        question_id=f"{STEP}:{digest_of(choice)[:12]}",
        step=STEP,
        text="Which supplier sent this document?",
        explanation=(choice.reason, *_sender_hint(case, deps)),
        options=tuple(options),
    )
    return ask(case, deps, question, Stage.WAITING_FOR_ANSWER, choice.reason) | {"choice": choice}


def _sender_hint(case: CaseState, deps: Deps) -> list[str]:
    """How the mail's domain becomes evidence: only by a person, and never for a domain of many companies."""
    reading = deps.archive.reading(case["document_id"])
    domain = domain_of(sender_of(reading.mail)) if reading is not None else None
    if domain is None or is_shared_domain(domain) or domain in deps.mirror.senders.by_domain():
        return []
    return [
        f"The mail came from {domain}. If you know from elsewhere that this is the supplier's own domain, "
        f"`erp-agent suppliers confirm-sender SUPPLIER {domain}` records it for the next time."
    ]
