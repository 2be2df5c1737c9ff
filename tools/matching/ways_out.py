"""What may follow from a finding: the types of the decision table."""

from __future__ import annotations

from enum import StrEnum

from tools.domain.documents import Record
from tools.domain.findings import DiscrepancyKind

ORDER_OPTION = "order:"
"""Beginning of the options that name an open order of the supplier: `order:PO-77`."""
TAKE_SUGGESTED = "take_suggested_lines"
"""The option that takes over the order lines which the findings suggest."""
WITHOUT_ORDER = frozenset(
    {DiscrepancyKind.NO_PO, DiscrepancyKind.BAD_PO, DiscrepancyKind.CREDIT_NOTE_UNLINKED}
)
"""Findings that an order settles which the document does not name."""


class Effect(StrEnum):
    """What choosing a resolution does."""

    POST = "post"
    """Propose the posting despite the finding; the approval still follows."""
    PARK = "park"
    """Propose a draft in the ERP without ledger effect."""
    WAIT = "wait"
    """The case waits and is checked again."""
    REJECT = "reject"
    """The case is closed and the document goes back to the supplier."""
    REMATCH = "rematch"
    """Match again, with what the person gave or after what changed in the ERP."""


class Need(StrEnum):
    """What a person must give with a resolution. Its value names the field of the answer."""

    ORDER_NUMBER = "order_number"
    ORDER_LINE = "order_line"
    SUPPLIER = "supplier_id"
    ACCOUNT = "account"
    BANK_VERIFIED = "bank_verified"
    """How and by whom an account was verified; never what the document itself says."""
    CLEARED = "cleared"
    """Which candidates are no duplicates."""
    REASON = "reason"


class Resolution(Record):
    """One way out of a finding."""

    id: str
    label: str
    description: str
    who: str
    """Who has the authority to choose it."""
    effect: Effect
    needs: tuple[Need, ...] = ()
    when: str = ""
    """When it is the right one, for a model that suggests."""
    model_may: bool = True
    """False: it is never offered to a model."""
    why_not: str = ""


class Payment(StrEnum):
    """What a finding means for payment until it is resolved."""

    FREE = "free"
    """It pays when due."""
    BLOCKED = "blocked"
    """It is not paid while the finding stands."""
    NOT_POSTED = "not_posted"
    """No debt is entered in the books yet."""
    SET_OFF = "set_off"
    """A credit lowers the next payment; it is not paid out."""


class Entry(Record):
    """One row of the table."""

    first_look: str
    payment: Payment
    resolutions: tuple[Resolution, ...]
    may_park: bool = False
    """A draft in the ERP does no harm while the finding stands."""
    control: str = ""
    """What a control protects here; empty: no control. A model may then only suggest to wait, ask, return."""


PARK = Resolution(
    id="park",
    label="Keep as draft",
    description="Keep the invoice as a draft in the ERP, without ledger effect.",
    who="accounts payable",
    effect=Effect.PARK,
    model_may=False,
    why_not="It settles nothing.",
)
"""Offered when every blocking finding allows it."""
