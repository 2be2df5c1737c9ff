"""One accounts-payable office for tests: the ERP's books, our folder, a clock that runs, and people.

`Office.open()` is a process; closing and opening again over the same folder is the next one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.account_desk import CallSlip
from agent.application import Application
from agent.batch import Outcome, silent
from agent.bootstrap import opened
from agent.settings import Settings
from tests.erp.business_central_setup import SECRET, Recorder
from tests.erp.business_central_setup import settings as business_central_settings
from tests.erp.clocks import StillClock
from tests.graph.papers import COMPANY, NORD, NORD_IBAN, NOW, SUED, SUED_IBAN, a_world
from tools.case_list import CaseSummary
from tools.domain.audit import AuditEvent
from tools.domain.call_backs import CallResult, NumberSource
from tools.domain.decision import Decision
from tools.domain.documents import SourceDocument
from tools.domain.identifiers import CaseId, DocumentId, PersonId
from tools.erp.business_central import connector, sandbox
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.connector import SandboxErp
from tools.erp.sandbox.faults import Faults
from tools.intake.reading import read_document
from tools.matching.meaning import Meaning

ANNA, BERT, CLEO, DORA, STRANGER = (PersonId(name) for name in ("anna", "bert", "cleo", "dora", "mallory"))
"""Anna and Dora approve up to a million, Bert up to 50, Cleo is a clerk, nobody knows the stranger."""


@dataclass
class Clock:
    """Runs a millisecond a look, and on request."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def later(self, **time: int) -> None:
        self.now += timedelta(**time)


class Letters:
    """An embedder without a model: names that share letters are near each other."""

    name = "letters"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text.casefold():
                row[hashlib.sha256(letter.encode()).digest()[0] % 64] += 1
            row /= np.linalg.norm(row) or 1
        return rows


async def no_pause(seconds: float) -> None:
    """Nobody waits in a test."""


class Line:
    """The line to the ERP. What is said before or after a call by its name happens then: `before["write"]`
    may raise."""

    def __init__(self, erp: Any) -> None:
        self._erp = erp
        self.calls: Counter[str] = Counter()
        self.before: dict[str, Callable[[], object]] = {}
        self.after: dict[str, Callable[[], object]] = {}

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._erp, name)
        if not callable(found) or name in ("suppliers", "posted_since", "close"):
            return found

        async def call(*values: Any) -> Any:
            self.calls[name] += 1
            self.before.get(name, lambda: None)()
            answer = await found(*values)
            self.after.get(name, lambda: None)()
            return answer

        return call

    def suppliers(self, changed_since: datetime | None = None) -> AsyncIterator[Any]:
        self.calls["suppliers"] += 1
        self.before.get("suppliers", lambda: None)()
        return self._erp.suppliers(changed_since)


def raising(error: BaseException, times: int = 1) -> Callable[[], object]:
    """Raises `times` often, then does nothing."""
    left = [times]

    def strike() -> None:
        if left[0]:
            left[0] -= 1
            raise error

    return strike


@dataclass
class Office:
    kind: str
    folder: Path
    clock: Clock = field(default_factory=Clock)
    world: dict[str, Any] = field(default_factory=a_world)
    policy: dict[str, Any] = field(default_factory=dict)
    company: str = COMPANY
    meaning: Meaning | None = None
    app: Application = field(init=False)
    line: Line = field(init=False)

    def __post_init__(self) -> None:
        self.books = Company.load(self.world, self.clock)
        self.faults = Faults(seed=1)
        self.gate = sandbox.app(self.books, self.faults, client_secret=SECRET)
        self.recorder = Recorder(self.gate)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    def settings(self) -> Settings:
        approvers = [
            {"person": person, "name": person.title(), "limit": {"amount": limit, "currency": "EUR"}}
            for person, limit in ((ANNA, "1000000"), (BERT, "50"), (DORA, "1000000"))
        ]
        return Settings.model_validate(
            {
                "company": {
                    "company": self.company,
                    "names": ["Werk GmbH", "Made-up company"],
                    "tax_codes": {"S:19": "S19"},
                    "freight_account": "4500",
                },
                "erp": {"kind": self.kind},
                "data": {"folder": str(self.folder / "data")},
                "policy": {
                    "approval": {"approvers": approvers, "clerks": [CLEO]},
                    "fraud": {"first_invoice": "without_order"},
                    **self.policy,
                },
            }
        )

    def connect(self) -> Line:
        """A new login to the same ERP."""
        if self.kind == "sandbox":
            return Line(SandboxErp(self.books, self.faults))
        erp = connector.connect(
            business_central_settings(company=self.company), transport=self.recorder, clock=StillClock()
        )
        return Line(erp)

    @asynccontextmanager
    async def open(self, pause: Callable[[float], Awaitable[None]] = no_pause) -> AsyncIterator[Application]:
        """One process over the folder."""
        self.line = self.connect()
        parts: dict[str, Any] = {"erp": self.line, "clock": self.clock, "pause": pause}
        parts["meaning"] = self.meaning
        async with opened(self.settings(), embedder=Letters(), **parts) as self.app:
            yield self.app

    async def prepare(self) -> None:
        """What a company has before its first morning: the supplier copy and the verified accounts."""
        await self.app.suppliers.sync()
        for supplier_id, iban in ((NORD, NORD_IBAN), (SUED, SUED_IBAN)):
            self.app.accounts.load_account(supplier_id, iban, CLEO, "contract")

    def verify(self, supplier_id: str, account: str, **said: Any) -> str:
        """Cleo calls the supplier back, Bert activates the account."""
        call: dict[str, Any] = {
            "supplier_id": supplier_id,
            "account": account,
            "number": "+49 431 5550100",
            "number_from": NumberSource.CONTRACT,
            "spoken_with": "Ms Nord",
            "result": CallResult.CONFIRMED,
        }
        self.app.accounts.call_back(CallSlip.model_validate(call | said), CLEO)
        return self.app.accounts.verify_account(supplier_id, account, BERT)

    def lay(self, name: str, content: bytes) -> Path:
        """A file in the inbox."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    async def run(self, *paths: Path) -> list[Outcome]:
        return await self.app.run(paths or (self.inbox,), silent)

    def receive(self, content: bytes) -> CaseId:
        """Take a document in, without working on it."""
        digest = hashlib.sha256(content).hexdigest()
        document = SourceDocument(
            document_id=DocumentId(digest), name="invoice.xml", path=f"mem/{digest[:8]}", content=content
        )
        reading = read_document(document, today=self.clock.now.date())
        return self.app.service.receive(document, reading).case_id

    async def take_in(self, content: bytes) -> CaseSummary:
        """Take a document in and bring it as far as it goes."""
        return await self.app.service.fresh().advance(self.receive(content))

    def case(self, case_id: str) -> CaseSummary:
        return self.app.service.case(CaseId(case_id))

    async def approve(self, case: CaseSummary, person: PersonId = ANNA, remark: str = "") -> CaseSummary:
        """Approve what is shown now."""
        return await self.decide(case, Decision.APPROVE, person, remark)

    async def decide(
        self, case: CaseSummary, decision: Decision, person: PersonId = ANNA, remark: str = ""
    ) -> CaseSummary:
        shown = await self.app.service.show(case.case_id)
        digest = shown.proposal.digest if shown.proposal else ""
        return await self.app.service.decide(case.case_id, digest, decision, person, remark)

    async def answer(
        self, case: CaseSummary, option: str, person: PersonId = CLEO, remark: str = "", **values: str
    ) -> CaseSummary:
        return await self.app.service.answer(case.case_id, option, values, person, remark)

    async def options(self, case: CaseSummary) -> list[str]:
        """Ids of what a person may choose now."""
        question = (await self.app.service.show(case.case_id)).question
        return [option.id for option in question.options] if question else []

    def events(self, case: CaseSummary, kind: type[AuditEvent] | None = None) -> list[Any]:
        found = [record.event for record in self.app.service.follow(case.case_id)]
        return [event for event in found if kind is None or isinstance(event, kind)]

    def posted(self, number: str = "RE-1") -> list[Any]:
        """The ERP's documents under the supplier's number that are posted."""
        held = self.books.books.documents.values()
        return [entry for entry in held if entry.supplier_number == number and entry.state == "posted"]

    def drafts(self) -> list[Any]:
        return [entry for entry in self.books.books.documents.values() if entry.state == "draft"]

    def receive_goods(self, order: str, quantity: str, line: str = "10000") -> None:
        """The receiver books goods in."""
        self.books.purchasing.receive(order, {line: Decimal(quantity)}, date(2026, 3, 15))

    def verified(self) -> int:
        """Records of the audit log; fails when the chain or the case list is broken."""
        result = self.app.verify_audit(None)
        assert result["ok"], result["message"]
        return int(result["records"])
