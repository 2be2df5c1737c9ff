"""What a case needs to know for coding: earlier codings, and which accounts in question take postings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from tools.coding_history import CodingHistory, accounts_in
from tools.domain.coding import CodedLine, CodingPolicy
from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice, Record
from tools.domain.supplier import Supplier
from tools.erp.contract import Account, CostCentre


class CodingFacts(Record):
    """Kept with the facts of a case: small, whatever the size of the chart of accounts."""

    history: tuple[CodedLine, ...] = ()
    postable: dict[str, str] | None = None
    """Number and name of the accounts in question that take postings; None where the ERP does not tell."""
    chargeable: frozenset[str] | None = None
    """Cost centres in question that exist and are not blocked; None where the ERP does not tell."""


def coding_facts(
    records: CodingHistory,
    policy: CodingPolicy,
    profile: CompanyProfile,
    supplier: Supplier,
    invoice: Invoice,
    accounts: Sequence[Account],
    chosen: Iterable[str | None] = (),
) -> CodingFacts:
    """`chosen` are accounts that people gave; `accounts` is the ERP's chart, empty where it is not told.
    Cost centres are added by `with_cost_centres`."""
    texts = {line.description or "" for line in invoice.lines}
    history = records.near(supplier.supplier_id, texts)
    defaults = (profile.default_account, profile.freight_account, supplier.default_account)
    asked = {number for number in (*defaults, *chosen) if number}
    asked |= accounts_in(history) | {rule.account for rule in policy.rules}
    return CodingFacts(history=history, postable=_postable(accounts, asked) if accounts else None)


def cost_centres_in(coding: CodingFacts, policy: CodingPolicy, chosen: Iterable[str]) -> frozenset[str]:
    """Those that a line of the case may come to be charged to; `chosen` are what people gave."""
    earlier = (line.cost_centre for line in coding.history)
    return frozenset(filter(None, (*earlier, *(rule.cost_centre for rule in policy.rules), *chosen)))


def with_cost_centres(
    coding: CodingFacts, asked: frozenset[str], centres: Sequence[CostCentre]
) -> CodingFacts:
    """`centres` is the ERP's list; empty where it is not told, or where the company has none: nothing can be
    said against a code then."""
    if not centres:
        return coding
    usable = {centre.code for centre in centres if not centre.blocked}
    return coding.model_copy(update={"chargeable": asked & usable})


def _postable(accounts: Sequence[Account], asked: Collection[str]) -> dict[str, str]:
    return {
        account.number: account.name
        for account in accounts
        if account.number in asked and account.direct_posting and not account.blocked
    }
