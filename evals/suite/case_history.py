"""Earlier invoices of a case from life: those the ERP held near the document, and what was billed before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from evals.suite.anonymise import Disguise
from evals.suite.installation import RealCase
from tools.domain.decision import Posting, PostingState
from tools.domain.documents import PurchaseOrder
from tools.domain.money import Money
from tools.matching.facts import KnownDocument

LONG_AGO = timedelta(days=40)
_ACCOUNT = "990900"
_INPUT_TAX = "990520"


@dataclass
class EarlierInvoices:
    """Fills `rows` and `tax_codes`; what a world cannot hold goes to `doubts`."""

    case: RealCase
    disguise: Disguise
    scaled: Callable[[Decimal], Decimal]
    linked: bool
    """Whether the ERP itself counts what was billed on an order line."""
    doubts: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    tax_codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def gather(self, orders: Iterable[PurchaseOrder]) -> None:
        facts = self.case.facts
        if facts is None:
            return
        held = {p.erp_id: p for p in (*facts.postings, *facts.held_before, *facts.preceding)}
        own = self.case.own_numbers
        for posting in held.values():
            if posting.erp_id not in own and posting.number not in own:
                self._posting(posting)
        for known in facts.known_documents:
            if known.erp_number is not None and not known.came_later:
                self._known(known)
        for order in orders:
            self._billed(order)
        if facts.fraud is not None and facts.fraud.known_before and not self.rows:
            supplier = self.disguise.identifier(facts.supplier.supplier_id)
            day = self.case.today - 2 * LONG_AGO
            self.rows.append(
                self._row(supplier, "EARLIER-0", day, Decimal(10), Decimal(0)) | {"paid_on": f"{day}"}
            )

    def _posting(self, posting: Posting) -> None:
        if posting.state in (PostingState.DRAFT, PostingState.CANCELLED) or posting.gross is None:
            self.doubts.append(f"the ERP held a {posting.state} document near it, which a world cannot hold")
            return
        net, tax = posting.net or posting.gross, posting.tax or Money.zero(posting.gross.currency)
        day = posting.invoice_date or self.case.today
        row = self._row(
            self.disguise.identifier(posting.supplier_id or ""),
            self.disguise.identifier(posting.supplier_number or posting.number),
            day,
            self.scaled(net.amount),
            self.scaled(tax.amount),
            posting.gross.currency,
        )
        row["number"] = self.disguise.identifier(posting.number)
        paid = {"paid_on": f"{day}"} if posting.state is PostingState.PAID else {}
        self.rows.append(row | {"document_type": str(posting.document_type or "invoice")} | paid)

    def _known(self, known: KnownDocument) -> None:
        """A case of ours that was posted, where the ERP did not tell it itself."""
        number = self.disguise.identifier(known.number)
        if known.gross is None or any(row["supplier_number"] == number for row in self.rows):
            return
        facts = self.case.facts
        supplier = known.supplier_id or (facts.supplier.supplier_id if facts else "")
        row = self._row(
            self.disguise.identifier(supplier),
            number,
            known.invoice_date or self.case.today,
            self.scaled(known.gross.amount),
            Decimal(0),
            known.gross.currency,
        )
        self.rows.append(row | {"document_type": known.document_type.value})

    def _billed(self, order: PurchaseOrder) -> None:
        ours: dict[str, Decimal] = {}
        facts = self.case.facts
        for row in facts.billed if facts and not self.linked else ():
            if row.order_number == order.number:
                ours[row.order_line_id] = ours.get(row.order_line_id, Decimal(0)) + row.quantity
        number = self.disguise.identifier(order.number)
        lines = [
            {
                "description": "Billed before",
                "quantity": f"{billed}",
                "unit": line.unit,
                "unit_price": f"{self.scaled(line.unit_price.amount) / line.price_base:f}",
                "order_number": number,
                "order_line_id": line.line_id,
                "tax_code": self._code_of(Decimal(0)),
            }
            for line in order.lines
            if (billed := line.invoiced + ours.get(line.line_id, Decimal(0))) > 0
        ]
        if lines:
            day = (order.ordered_on or self.case.today - LONG_AGO) + timedelta(days=1)
            head = self._head(self.disguise.identifier(order.supplier_id), f"{number}-B", day, order.currency)
            self.rows.append(head | {"lines": lines, "paid_on": f"{day}"})

    def _row(
        self, supplier: str, number: str, day: date, net: Decimal, tax: Decimal, currency: str = ""
    ) -> dict[str, Any]:
        head = self._head(supplier, number, day, currency or self.case.settings.company.currency)
        code = self._code_of(tax * 100 / net if net else Decimal(0))
        line = {"description": "Earlier", "account": _ACCOUNT, "net_amount": f"{net:f}", "tax_code": code}
        return head | {"stated_tax": f"{tax:f}", "lines": [line]}

    def _head(self, supplier: str, number: str, day: date, currency: str) -> dict[str, Any]:
        return {
            "number": f"E{len(self.rows) + 1}-{number}",
            "supplier_id": supplier,
            "supplier_number": number,
            "invoice_date": f"{day}",
            "posting_date": f"{day}",
            "currency": currency,
        }

    def _code_of(self, rate: Decimal) -> str:
        for known, values in self.tax_codes.items():
            if Decimal(values["rate"]) == rate:
                return known
        code = f"EARLIER{len(self.tax_codes)}"
        account = {"input_account": _INPUT_TAX} if rate else {}
        self.tax_codes[code] = {"category": "S", "rate": f"{rate.normalize():f}", **account}
        return code
