"""What was read from the ERP for a case, kept so that a person sees what the decision rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from tools import store as tables
from tools.billing import BilledLine
from tools.coding_facts import CodingFacts
from tools.domain.decision import Posting
from tools.domain.documents import GoodsReceipt, PurchaseOrder, Record
from tools.domain.identifiers import CaseId
from tools.domain.supplier import BankAccount, Supplier
from tools.erp.contract import PostingWindow
from tools.matching.facts import KnownDocument
from tools.matching.fraud_facts import FraudFacts
from tools.store import Store

_AT_HAND = 1000
"""Cases whose facts are kept at hand: as many as are under way at once."""


class GatheredFacts(Record):
    """One reading of the ERP and of our own records, at one moment."""

    gathered_at: datetime
    supplier: Supplier
    orders: tuple[PurchaseOrder, ...] = ()
    candidates: tuple[PurchaseOrder, ...] = ()
    """Open orders of the supplier, read only when the document names no order that exists."""
    receipts: tuple[GoodsReceipt, ...] = ()
    postings: tuple[Posting, ...] = ()
    own_postings: frozenset[str] = frozenset()
    """ERP ids of drafts that an earlier attempt of this case left."""
    held_before: tuple[Posting, ...] = ()
    """What came into the ERP without us and is near this document."""
    preceding: tuple[Posting, ...] = ()
    known_documents: tuple[KnownDocument, ...] = ()
    verified_accounts: tuple[BankAccount, ...] = ()
    billed: tuple[BilledLine, ...] = ()
    fraud: FraudFacts | None = None
    coding: CodingFacts = CodingFacts()
    window: PostingWindow = PostingWindow()
    versions: Mapping[str, str] = Field(default_factory=dict)
    """`order:`, `supplier:` and `billing:` records -> version, as a proposal carries them."""


class CaseFacts:
    """The last facts of each case, in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[CaseId, tuple[str, GatheredFacts]] = {}
        """Text and facts of the cases asked for last: steps ask several times for the same."""

    def keep(self, case_id: CaseId, facts: GatheredFacts) -> None:
        text = facts.model_dump_json()
        with self._store.transaction() as connection:
            connection.execute(
                insert(tables.facts)
                .values(case_id=case_id, facts=text)
                .on_conflict_do_update(index_elements=["case_id"], set_={"facts": text})
            )

    def get(self, case_id: CaseId) -> GatheredFacts | None:
        with self._store.read() as connection:
            row = connection.execute(
                select(tables.facts.c.facts).where(tables.facts.c.case_id == case_id)
            ).first()
        if row is None:
            return None
        text, facts = self._read.get(case_id, ("", None))
        if facts is None or text != row.facts:
            facts = GatheredFacts.model_validate_json(row.facts)
        while len(self._read) >= _AT_HAND:
            self._read.pop(next(iter(self._read)))
        self._read[case_id] = (row.facts, facts)
        return facts
