"""Step 4: facts in, findings out. Rules only; nothing is read here."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from agent.state import CaseState, Deps, Overrides, Stage
from tools.billing import BilledLine
from tools.case_facts import GatheredFacts
from tools.domain.audit import SERVICE, InvoiceMatched
from tools.domain.identifiers import OrderNumber
from tools.erp.contract import Capability
from tools.matching.billing import Billed, OrderLineKey
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.order_lines import worth


async def match_invoice(case: CaseState, deps: Deps) -> CaseState:
    facts = case_facts(case, deps)
    # Meaning may have to load a model; the other cases go on meanwhile.
    match = await asyncio.to_thread(assess, facts, deps.meaning)
    gathered = deps.facts.get(case["case_id"])
    change = deps.note(
        case,
        SERVICE,
        InvoiceMatched(
            depth=match.depth.value,
            findings=match.discrepancies,
            policy=match.policy,
            versions=gathered.versions if gathered else {},
        ),
        stage=Stage.MATCHED,
    )
    return change | {"match": match}


def case_facts(case: CaseState, deps: Deps) -> Facts:
    """What the rules look at: the document, what the ERP and we know, and what people decided."""
    reading, gathered = deps.archive.reading(case["document_id"]), deps.facts.get(case["case_id"])
    if reading is None or reading.invoice is None or gathered is None:
        raise LookupError(f"{case['case_id']} has no facts to match; gather_facts comes before")
    overrides = case.get("overrides", Overrides())
    own = _billed(gathered)
    linked = Capability.LINK_ORDER_LINES in deps.erp.capabilities
    return Facts(
        invoice=reading.invoice,
        problems=reading.problems,
        supplier=gathered.supplier,
        profile=deps.profile,
        policy=deps.match_policy,
        choices=deps.match_choices,
        today=deps.today(),
        case_id=case["case_id"],
        orders=gathered.orders,
        order_rates_told=Capability.READ_ORDER_RATES in deps.erp.capabilities,
        receipts=gathered.receipts,
        billed=worth(own, gathered.orders) if linked else own,
        own_billed=own,
        postings=gathered.postings,
        held_before=gathered.held_before,
        own_postings=gathered.own_postings,
        preceding=gathered.preceding,
        known_documents=gathered.known_documents,
        verified_accounts=gathered.verified_accounts,
        fraud=gathered.fraud,
        fraud_policy=deps.fraud.policy,
        first_open=gathered.window.first_open,
        last_open=gathered.window.last_open,
        order_given=OrderNumber(overrides.order_number) if overrides.order_number else None,
        coding=deps.coding,
        history=gathered.coding.history,
        postable=gathered.coding.postable,
        chargeable=gathered.coding.chargeable,
        account_given=overrides.account,
        accounts_given=overrides.accounts,
        cost_centre_given=overrides.cost_centre,
        cost_centres_given=overrides.cost_centres,
        lines_given={at: (OrderNumber(number), line) for at, (number, line) in overrides.lines.items()},
        cleared=frozenset(overrides.cleared),
    )


def _billed(gathered: GatheredFacts) -> dict[OrderLineKey, Billed]:
    """Our own ledger by order line."""
    sums: dict[OrderLineKey, list[BilledLine]] = {}
    for line in gathered.billed:
        sums.setdefault((line.order_number, line.order_line_id), []).append(line)
    return {
        key: Billed(
            quantity=sum((line.quantity for line in lines), Decimal(0)),
            value=sum((line.amount.amount for line in lines), Decimal(0)),
        )
        for key, lines in sums.items()
    }
