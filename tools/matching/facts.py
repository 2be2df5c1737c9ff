"""Everything one assessment looks at, gathered beforehand; assessing reads nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from pydantic import Field

from tools.domain.coding import CodedLine, CodingPolicy
from tools.domain.company import CompanyProfile
from tools.domain.decision import Posting
from tools.domain.documents import DocumentType, GoodsReceipt, Invoice, Problem, PurchaseOrder, Record
from tools.domain.fraud_policy import FraudPolicy
from tools.domain.identifiers import CaseId, OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.policy import MatchChoice, MatchPolicy
from tools.domain.supplier import BankAccount, Supplier
from tools.matching.billing import Billed, OrderLineKey
from tools.matching.document_print import DocumentPrint
from tools.matching.fraud_facts import FraudFacts
from tools.matching.policy_choice import Policies


class KnownDocument(Record):
    """A supplier document that stands in a case of ours, whatever became of the case."""

    case_id: CaseId
    stage: str
    """The case's stage in words; `rejected` marks a document that was sent back."""
    supplier_id: SupplierId | None
    """Absent: not decided yet."""
    document_type: DocumentType
    number: str
    invoice_date: date | None = None
    gross: Money | None = None
    paper: DocumentPrint | None = None
    """Everything else it is compared by; absent in facts gathered before there were prints."""
    erp_number: str | None = None
    """Its number in the ERP, once it was posted."""
    came_later: bool = False
    """It came after the document in question and overtook it: it was or is being posted."""
    sent_back: str = ""
    """Who rejected it and why, in one line; empty where it was not rejected."""


class Facts(Record):
    """The facts of one case. The last group holds what a person added to them."""

    invoice: Invoice
    problems: tuple[Problem, ...] = ()
    supplier: Supplier
    profile: CompanyProfile
    policy: MatchPolicy = MatchPolicy()
    choices: tuple[MatchChoice, ...] = ()
    """Policies for some suppliers and lines, which replace `policy` there."""
    today: date
    case_id: CaseId | None = None
    orders: tuple[PurchaseOrder, ...] = ()
    order_rates_told: bool = True
    """Whether the ERP tells the exchange rate that was fixed with an order, where one was."""
    receipts: tuple[GoodsReceipt, ...] = ()
    billed: Mapping[OrderLineKey, Billed] = Field(default_factory=dict)
    """Only what the ERP itself does not count."""
    own_billed: Mapping[OrderLineKey, Billed] = Field(default_factory=dict)
    """What was billed through us, also where the ERP counts it: at prices that people accepted."""
    coding: CodingPolicy = CodingPolicy()
    history: tuple[CodedLine, ...] = ()
    """Earlier codings, of this supplier and of others with like texts."""
    postable: Mapping[str, str] | None = None
    """Accounts in question that may be posted to, with their names; None where the ERP does not tell."""
    chargeable: frozenset[str] | None = None
    """Cost centres in question that may be charged; None where the ERP does not tell."""
    conversions: Mapping[str, Mapping[str, Fraction]] = Field(default_factory=dict)
    """Item number -> unit -> how many of the item's base unit."""
    postings: tuple[Posting, ...] = ()
    """The ERP's documents of this supplier with this document's number."""
    held_before: tuple[Posting, ...] = ()
    """The supplier's documents in the ERP that came in without us and are near this one, whatever number."""
    preceding: tuple[Posting, ...] = ()
    """The ERP's documents under the number that a credit note or correction refers to."""
    own_postings: frozenset[str] = frozenset()
    """`Posting.erp_id` of drafts this very case left in the ERP; they are no duplicates."""
    known_documents: tuple[KnownDocument, ...] = ()
    verified_accounts: tuple[BankAccount, ...] = ()
    """Accounts verified outside the ERP, in addition to the supplier's own."""
    first_open: date | None = None
    last_open: date | None = None
    fraud: FraudFacts | None = None
    """Absent where nothing was gathered for the fraud controls: then only the account is judged."""
    fraud_policy: FraudPolicy = FraudPolicy()

    order_given: OrderNumber | None = None
    """Order a person named; it replaces the one on the document."""
    lines_given: Mapping[int, OrderLineKey] = Field(default_factory=dict)
    """Invoice line position -> the order line a person chose."""
    account_given: str | None = None
    """Account a person chose for all that has no order line."""
    accounts_given: Mapping[int, str] = Field(default_factory=dict)
    """Invoice line position -> account, where the lines go to different ones."""
    cost_centre_given: str | None = None
    cost_centres_given: Mapping[int, str] = Field(default_factory=dict)
    """Invoice line position -> cost centre a person chose."""
    cleared: frozenset[str] = frozenset()
    """`candidate` figures of duplicate findings that a person has cleared."""

    @property
    def document_policy(self) -> MatchPolicy:
        """The policy for what is not about one order line."""
        return Policies(self.policy, self.choices, self.profile.company, self.supplier).for_document()
