"""Step 3: everything the decision needs is read at one moment, all kinds of reads side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from agent.state import CaseState, Deps, Overrides, Stage
from tools.case_facts import GatheredFacts
from tools.coding_facts import CodingFacts, coding_facts, cost_centres_in, with_cost_centres
from tools.domain.decision import InvoiceKey, Posting, PostingState
from tools.domain.documents import DocumentType, GoodsReceipt, Invoice, OrderState, PurchaseOrder
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.supplier import Supplier
from tools.duplicate_lookup import (
    draft_keys,
    held_before,
    known_documents,
    number_keys,
    own_drafts,
    still_held,
)
from tools.erp.contract import Account, Capability, CostCentre, PostingWindow
from tools.erp.errors import ErpAccessDenied, ErpRejected

_ENTERED = frozenset({PostingState.POSTED, PostingState.PAID})
_OVER = frozenset({OrderState.CLOSED, OrderState.CANCELLED})


class ErpFacts(NamedTuple):
    """What one case asks the ERP."""

    supplier: Supplier | None
    orders: dict[OrderNumber, PurchaseOrder]
    candidates: list[PurchaseOrder]
    window: PostingWindow
    has_open_items: bool
    """Of the supplier, in the ERP; asked only where it matters."""
    receipts: list[GoodsReceipt]
    postings: list[Posting]
    held_before: list[Posting]
    preceding: list[Posting]
    accounts: list[Account]
    """The chart of accounts; empty where the ERP does not tell it."""


async def gather_facts(case: CaseState, deps: Deps) -> CaseState:
    """Raises ErpUnavailable: the step runs again with the next run."""
    reading = deps.archive.reading(case["document_id"])
    choice = case.get("choice")
    if reading is None or reading.invoice is None or choice is None or choice.chosen is None:
        raise LookupError(f"{case['case_id']} has no invoice or no supplier to gather facts for")
    if case.get("stage") in (Stage.APPROVED, Stage.OUTCOME_UNKNOWN):
        # What was read before a write was tried is no ground for what follows it.
        deps = replace(deps, reader=deps.reader.fresh())
    invoice, supplier_id = reading.invoice, choice.chosen
    numbers = order_numbers(invoice, case.get("overrides", Overrides()))
    read = await read_facts(deps, invoice, supplier_id, numbers)
    master, orders = read.supplier, read.orders
    if master is None:
        raise ErpRejected(f"supplier {supplier_id} is no longer in the ERP; run `erp-agent suppliers sync`")
    deps.register.assign(case["case_id"], supplier_id)
    deps.facts.keep(
        case["case_id"],
        GatheredFacts(
            gathered_at=deps.now(),
            supplier=master,
            orders=tuple(orders.values()),
            candidates=tuple(read.candidates),
            receipts=tuple(read.receipts),
            postings=tuple(read.postings),
            held_before=tuple(read.held_before),
            own_postings=_own_drafts(case, deps, invoice, read),
            preceding=tuple(read.preceding),
            known_documents=tuple(
                known_documents(deps.register, invoice, master, deps.profile.company, case["case_id"])
            ),
            verified_accounts=tuple(deps.mirror.verified_accounts([supplier_id]).get(supplier_id, ())),
            billed=tuple(deps.ledger.billed(list(orders))),
            fraud=deps.fraud.facts(
                case["case_id"], reading, master, deps.approval_policy, known=_has_history(read)
            ),
            coding=await _coding(case, deps, invoice, master, read.accounts),
            window=read.window,
            versions=_versions(deps, master, orders.values()),
        ),
    )
    cleared: CaseState = {"resolution": None, "proposal": None, "approval": None, "entry": None}
    return cleared | {"question": None, "answer": None}


async def _coding(
    case: CaseState, deps: Deps, invoice: Invoice, supplier: Supplier, accounts: list[Account]
) -> CodingFacts:
    """The ERP's cost centres are asked for only where one is in question."""
    given = case.get("overrides", Overrides())
    coding = coding_facts(
        deps.coding_history, deps.coding, deps.profile, supplier, invoice, accounts, given.all_accounts
    )
    asked = cost_centres_in(coding, deps.coding, (given.cost_centre or "", *given.cost_centres.values()))
    return with_cost_centres(coding, asked, await _cost_centres(deps)) if asked else coding


async def _cost_centres(deps: Deps) -> list[CostCentre]:
    """Empty where they are not told; then nothing is known of them, and the ERP itself refuses."""
    if Capability.READ_COST_CENTRES not in deps.erp.capabilities:
        return []
    try:
        return await deps.reader.cost_centres()
    except ErpAccessDenied:
        return []


def _own_drafts(case: CaseState, deps: Deps, invoice: Invoice, read: ErpFacts) -> frozenset[str]:
    held = (*read.postings, *read.held_before)
    return own_drafts(invoice, held, has_sent=deps.ledger.has_sent(case["case_id"]))


async def read_facts(
    deps: Deps, invoice: Invoice, supplier_id: SupplierId, numbers: Collection[OrderNumber]
) -> ErpFacts:
    """All reads of a case, side by side. A batch asks ahead with it, so that the cases find the answers."""
    first, second = await asyncio.gather(
        asyncio.gather(
            deps.reader.supplier(supplier_id),
            deps.reader.orders(numbers),
            _candidates(deps, supplier_id, numbers),
            deps.reader.posting_window(),
            _has_open_items(deps, supplier_id),
        ),
        asyncio.gather(
            _receipts(deps, numbers),
            _postings(deps, invoice, supplier_id),
            _held_before(deps, invoice, supplier_id),
            _preceding(deps, invoice, supplier_id),
            read_accounts(deps),
        ),
    )
    return ErpFacts(*first, *second)


def order_numbers(invoice: Invoice, overrides: Overrides) -> list[OrderNumber]:
    """Orders the case is about: the one a person named, else those the document names."""
    if overrides.order_number is not None:
        return [OrderNumber(overrides.order_number)]
    named = [invoice.order_number, *(line.order_number for line in invoice.lines)]
    return [OrderNumber(number) for number in dict.fromkeys(filter(None, named))]


async def _has_open_items(deps: Deps, supplier_id: SupplierId) -> bool:
    if Capability.READ_OPEN_ITEMS not in deps.erp.capabilities or not deps.fraud.asks_for_history(
        supplier_id
    ):
        return False
    try:
        return bool(await deps.reader.open_items(supplier_id))
    except ErpAccessDenied:
        return False  # a right that only this question needs: without it the first invoice is pointed out


def _has_history(read: ErpFacts) -> bool:
    """Whether the ERP shows that something of the supplier was posted before, paid or not; of what is paid
    only our copy of its earlier documents tells, as of its last reading."""
    orders = (*read.orders.values(), *read.candidates)
    held = (*read.postings, *read.preceding, *read.held_before)
    return (
        read.has_open_items
        or any(posting.state in _ENTERED for posting in held)
        or any(line.invoiced > 0 for order in orders for line in order.lines)
    )


async def read_accounts(deps: Deps) -> list[Account]:
    """The chart of accounts, the same for all cases; empty where it is not told."""
    if Capability.READ_ACCOUNTS not in deps.erp.capabilities:
        return []
    try:
        return await deps.reader.accounts()
    except ErpAccessDenied:
        return []  # without this right nothing is known of the accounts, and the ERP itself refuses


async def _receipts(deps: Deps, numbers: Collection[OrderNumber]) -> list[GoodsReceipt]:
    lists = await asyncio.gather(*(deps.reader.receipts(number) for number in numbers))
    return [receipt for receipts in lists for receipt in receipts]


async def _postings(deps: Deps, invoice: Invoice, supplier_id: SupplierId) -> list[Posting]:
    """What the ERP holds under this supplier and number, drafts included."""
    keys = number_keys(invoice, supplier_id, deps.erp.company, deps.today())
    lists = await asyncio.gather(*(deps.reader.invoices(key) for key in keys))
    return list({posting.erp_id: posting for postings in lists for posting in postings}.values())


async def _held_before(deps: Deps, invoice: Invoice, supplier_id: SupplierId) -> list[Posting]:
    """What came into the ERP without us and is near the document; drafts only while the ERP has them."""
    held = held_before(deps.register, invoice, supplier_id, deps.profile.company)
    keys = draft_keys(held, deps.erp.company, deps.today())
    lists = await asyncio.gather(*(deps.reader.invoices(key) for key in keys))
    return still_held(held, keys, [posting for postings in lists for posting in postings])


async def _preceding(deps: Deps, invoice: Invoice, supplier_id: SupplierId) -> list[Posting]:
    """What the ERP holds under the number that the document refers to."""
    if invoice.preceding_invoice is None:
        return []
    return await deps.reader.invoices(
        InvoiceKey(
            company=CompanyId(deps.erp.company),
            supplier_id=supplier_id,
            document_type=DocumentType.INVOICE,
            number=invoice.preceding_invoice,
            invoice_date=invoice.issue_date or deps.today(),
        )
    )


async def _candidates(
    deps: Deps, supplier_id: SupplierId, numbers: Collection[OrderNumber]
) -> list[PurchaseOrder]:
    """Open orders to choose from, when the document names none, or none that this supplier could bill."""
    named = (await deps.reader.orders(numbers)).values() if numbers else ()
    if any(order.supplier_id == supplier_id and order.state not in _OVER for order in named):
        return []
    return await deps.reader.orders_of(supplier_id)


def _versions(deps: Deps, supplier: Supplier, orders: Collection[PurchaseOrder]) -> dict[str, str]:
    versions = {f"supplier:{supplier.supplier_id}": supplier.version}
    versions |= {f"order:{order.number}": order.version for order in orders}
    return versions | deps.ledger.versions([order.number for order in orders])
