"""What the contract suite needs to know of a connector: `tests/erp/<kind>_setup.py` tells it.

A setup module has three names. `LOSES` maps `Type.field` to the reason why the ERP cannot carry that field
(the connector then leaves it at its default). `INAPPLICABLE` maps a check of `CHECKS` to the reason why it
does not apply. `under_test(company, faults)` is an async context manager that gives an `ErpUnderTest` over
exactly that company and those faults. Pages should be small (three records), so that a second one comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import pytest

from tests.erp.world import NOW, standard_world
from tools.erp.contract import Capability, Erp
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults

HTTP_CHECKS = ("token_expiry", "login_refused", "too_many_requests")
CHECKS = (*HTTP_CHECKS, "stale_version", "drafts", "coding_shown")
WRITES = tuple(
    Capability(kind)
    for kind in (
        "post_invoice park_invoice post_credit_note create_goods_receipt hold_invoice release_hold "
        "create_purchase_order amend_order_line reverse_invoice"
    ).split()
)
WORDS = {
    "supplier_blocked": "blocked",
    "period_closed": "allowed posting dates",
    "duplicate_number": "already exists",
}


@dataclass
class ClockOnTheWall:
    """The company's clock; a test sets it forward."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Access:
    """The login of a kind with HTTP. `expire` makes all tokens given so far invalid, `issued` counts
    tokens, `waited` lists the seconds the connector waited."""

    expire: Callable[[], None]
    issued: Callable[[], int]
    waited: Callable[[], list[float]]


@dataclass(frozen=True)
class ErpUnderTest:
    erp: Erp
    company: Company
    faults: Faults
    requests: Callable[[], int]
    """Requests so far, without those for tokens."""
    loses: Mapping[str, str]
    inapplicable: Mapping[str, str]
    sent: Callable[[], bytes]
    """Everything that was sent in bodies and addresses, one after the other."""
    secrets: tuple[str, ...] = ()
    opens: Mapping[str, str] = field(default_factory=dict)
    """Action kind -> name (for Faults) of the first request that changes something; the kind if absent."""
    commits: Mapping[str, str] = field(default_factory=dict)
    """Action kind -> name of the request that makes it final; the kind if absent."""
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    """Case -> a part of the ERP's own sentence, letter case ignored."""
    access: Access | None = None
    erp_id: Callable[[PurchaseDocument], str] = lambda document: document.document_id
    """The technical id under which the ERP knows a document of the books."""
    number: Callable[[PurchaseDocument], str] = lambda document: document.number
    """The number under which people find it there; an ERP may give drafts none of its own."""
    renumbers: bool = True
    """A draft gets another number when it is posted."""

    def opening(self, kind: str) -> str:
        return self.opens.get(kind, kind)

    def committing(self, kind: str) -> str:
        return self.commits.get(kind, kind)

    def applies(self, check: str) -> None:
        """Ends the test with the declared reason where the check does not apply."""
        if check in self.inapplicable:
            pytest.skip(f"{self.erp.kind}, {check}: {self.inapplicable[check]}")

    def claimed(self, capability: Capability) -> None:
        """Ends the test with the declared reason where the capability is declined."""
        if capability not in self.erp.capabilities:
            pytest.skip(f"{self.erp.kind} declines {capability}: {self.erp.declined[capability]}")


class Setup(Protocol):
    LOSES: Mapping[str, str]
    INAPPLICABLE: Mapping[str, str]

    def under_test(self, company: Company, faults: Faults) -> AbstractAsyncContextManager[ErpUnderTest]: ...


def setup_of(kind: str) -> Setup:
    """A kind without a setup fails here: a connector that nothing tests is not finished."""
    return cast(Setup, import_module(f"tests.erp.{kind}_setup"))


def setups() -> tuple[str, ...]:
    """Every connector with a setup, and other servers of its kind that have a `<kind>_<server>_setup.py`. A
    connector without one fails in a test of its own, and leaves the others theirs."""
    found = {path.stem.removesuffix("_setup") for path in Path(__file__).parent.glob("*_setup.py")}
    return tuple(sorted(found))


def standard_company(clock: Callable[[], datetime]) -> Company:
    return Company.load(standard_world(), clock)
