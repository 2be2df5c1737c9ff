"""Made-up documents in a register of their own, looked up as the product does, and two simpler ways."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from evals.duplicate_population import LAST_DAY, Sent
from tools.case_list import CaseSummary
from tools.document_register import DocumentRegister, add_in
from tools.domain.findings import AlignmentEvidence, Discrepancy, LineMatch, Severity
from tools.domain.identifiers import CompanyId, DocumentId, OrderNumber
from tools.domain.money import Money
from tools.domain.purchase import OrderLine, OrderState, PurchaseOrder
from tools.matching.document_print import print_of
from tools.matching.duplicates import check_duplicates, normalise_number
from tools.store import Store

_ROW = (
    "insert into cases (case_id, position, document_id, summary, stage, sequence) values (?, ?, ?, ?, ?, ?)"
)


class Files:
    """Documents in a register of their own, and the two baselines beside it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._register = DocumentRegister(store)
        self._position = 0
        self._exact: set[tuple[str, str]] = set()
        self._normalised: set[tuple[str, str, Decimal]] = set()
        self.looks: list[tuple[float, float]] = []
        """Milliseconds of each look: by the clock, and of this process's own work."""

    def keep(self, documents: Iterable[Sent]) -> None:
        with self._store.transaction() as connection:
            for sent in documents:
                self._position += 1
                document_id = DocumentId(f"{self._position:064x}")
                summary = _summary(sent, self._position, document_id)
                row = (sent.case_id, self._position, document_id, summary.model_dump_json(), sent.stage, 1)
                connection.exec_driver_sql(_ROW, row)
                paper = print_of(sent.invoice, sent.company)
                add_in(connection, sent.case_id, document_id, paper, sent.firm.supplier_id)
                self._exact.add(_exact(sent))
                self._normalised.add(_normalised(sent))

    def look(self, sent: Sent) -> list[Discrepancy]:
        """What the product finds about a document that comes now."""
        started, busy = time.perf_counter(), time.process_time()
        paper = print_of(sent.invoice, sent.company)
        known = self._register.candidates(paper, sent.firm.supplier_id)
        matches, orders = _delivered(sent)
        found = check_duplicates(
            sent.invoice,
            sent.firm.supplier_id,
            (),
            known,
            company=sent.company,
            matches=matches,
            orders=orders,
        )
        self.looks.append((1000 * (time.perf_counter() - started), 1000 * (time.process_time() - busy)))
        return [entry for entry in found if entry.severity is not Severity.INFO]

    def baselines(self, sent: Sent) -> tuple[bool, bool]:
        return _exact(sent) in self._exact, _normalised(sent) in self._normalised


def _exact(sent: Sent) -> tuple[str, str]:
    return sent.firm.supplier_id, sent.invoice.number or ""


def _normalised(sent: Sent) -> tuple[str, str, Decimal]:
    gross = sent.invoice.gross_total
    number = normalise_number(sent.invoice.number or "")
    return sent.firm.supplier_id, number, gross.amount if gross else Decimal(0)


def _summary(sent: Sent, position: int, document_id: DocumentId) -> CaseSummary:
    moment = datetime(LAST_DAY.year, 12, 31, tzinfo=UTC)
    return CaseSummary(
        case_id=sent.case_id,
        position=position,
        document_id=document_id,
        name="",
        path="",
        stage=sent.stage,
        received_at=moment,
        updated_at=moment,
        supplier_id=sent.firm.supplier_id,
    )


def _delivered(sent: Sent) -> tuple[list[LineMatch], list[PurchaseOrder]]:
    """The order line that the first line of a goods invoice bills, as matching would give it."""
    line = sent.invoice.lines[0]
    if line.order_number is None or line.quantity is None or line.unit_price is None:
        return [], []
    number = OrderNumber(line.order_number)
    match = LineMatch(
        invoice_index=0,
        order_number=number,
        order_line_id="10",
        evidence=(AlignmentEvidence.BUYER_ITEM,),
        billed=line.quantity,
        unit="H87",
        ordered=sent.received,
        received=sent.received,
        billed_before=sent.billed_before,
        invoice_price=line.unit_price,
        order_price=line.unit_price,
    )
    ordered = OrderLine(
        line_id="10", description="", unit="H87", ordered=sent.received, unit_price=Money.of(1, "EUR")
    )
    order = PurchaseOrder(
        number=number,
        company=CompanyId(sent.company),
        supplier_id=sent.firm.supplier_id,
        currency="EUR",
        state=OrderState.OPEN,
        lines=(ordered,),
        version="1",
    )
    return [match], [order]


@contextmanager
def opened() -> Iterator[Files]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "register.sqlite")
        try:
            yield Files(store)
        finally:
            store.close()
