"""Purchase documents while they are drafts: entered, changed, deleted. No rule of the ledger applies yet,
only that what they name exists."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.domain.money import round_amount
from tools.erp.sandbox.books import Books, DocumentLine, PurchaseDocument, TaxAmount, Totals
from tools.erp.sandbox.entries import ZERO
from tools.erp.sandbox.master import MasterData, check_version
from tools.erp.sandbox.purchasing import Purchasing
from tools.erp.sandbox.refusal import Refusal, Refused

_NAMESPACE = uuid.UUID("6f0f5bd2-6a43-4f0e-9a3c-0c7b5d6c1e11")
_HEADER = frozenset(
    "supplier_id supplier_number invoice_date posting_date due_date currency order_number preceding "
    "reference stated_tax stated_gross".split()
)


class Documents:
    def __init__(
        self, books: Books, master: MasterData, purchasing: Purchasing, clock: Callable[[], datetime]
    ) -> None:
        self._books = books
        self._master = master
        self._purchasing = purchasing
        self._clock = clock

    def document(self, document_id: str) -> PurchaseDocument:
        document = self._books.documents.get(document_id)
        if document is None:
            raise Refused(
                Refusal.UNKNOWN_DOCUMENT, f"The document {document_id} does not exist.", "document_id"
            )
        return document

    def by_number(self, number: str) -> PurchaseDocument:
        """A posted document by the number people know it by."""
        for document in self._books.documents.values():
            if document.number == number and document.state is not PostingState.DRAFT:
                return document
        raise Refused(Refusal.UNKNOWN_DOCUMENT, f"There is no posted document {number}.", "number")

    def of_supplier(
        self, supplier_id: str, document_type: DocumentType, supplier_number: str
    ) -> list[PurchaseDocument]:
        """Drafts and posted documents under the supplier's own number; letter case does not count."""
        wanted = supplier_number.strip().casefold()
        return [
            document
            for document in self._books.documents.values()
            if document.supplier_id == supplier_id
            and document.document_type is document_type
            and (document.supplier_number or "").strip().casefold() == wanted
        ]

    def create(
        self,
        document_type: DocumentType,
        supplier_id: str,
        *,
        lines: Sequence[DocumentLine] = (),
        **header: object,
    ) -> PurchaseDocument:
        """A draft. `header` takes the header fields of PurchaseDocument; the currency defaults to the
        supplier's. Raises Refused for anything named that does not exist."""
        supplier = self._master.supplier(supplier_id).supplier
        self._check_header(header)
        header = {name: value for name, value in header.items() if value is not None}
        sequence = self._master.next_number("document")
        start = 1001 if document_type is DocumentType.INVOICE else 5001
        draft_number = self._master.number(f"draft {document_type}", "D", start)
        document = PurchaseDocument.model_validate(
            {
                "currency": supplier.currency or self._books.settings.currency,
                **header,
                "document_id": str(uuid.uuid5(_NAMESPACE, f"{self._books.settings.company}/{sequence}")),
                "document_type": document_type,
                "number": draft_number,
                "draft_number": draft_number,
                "supplier_id": supplier_id,
                "changed_at": self._clock(),
            }
        )
        for line in lines:
            document = self._with_line(document, line)
        return self._keep(document, bump=False)

    def change(self, document_id: str, *, version: str | None = None, **header: object) -> PurchaseDocument:
        """Changes header fields of a draft. Raises Refused POSTED_UNCHANGEABLE, STALE_VERSION."""
        document = self._draft(document_id, version)
        self._check_header(header)
        merged = {**document.model_dump(), **header}
        return self._keep(PurchaseDocument.model_validate(merged))

    def rewrite(
        self, document_id: str, lines: Sequence[DocumentLine], header: Mapping[str, object]
    ) -> PurchaseDocument:
        """Replaces all lines and the given header fields of a draft in one step."""
        document = self._draft(document_id, None)
        self._check_header(header)
        document = PurchaseDocument.model_validate({**document.model_dump(), **header, "lines": ()})
        for line in lines:
            document = self._with_line(document, line)
        return self._keep(document)

    def put_back(self, document: PurchaseDocument) -> None:
        """Keeps a draft exactly as it was read earlier, after a step on it was refused."""
        self._draft(document.document_id, None)
        self._books.documents[document.document_id] = document

    def add_line(
        self, document_id: str, line: DocumentLine, *, version: str | None = None
    ) -> PurchaseDocument:
        """Appends a line to a draft; it is the last of `lines` in the answer and has its `line_id`."""
        return self._keep(self._with_line(self._draft(document_id, version), line))

    def change_line(
        self, document_id: str, line: DocumentLine, *, version: str | None = None
    ) -> PurchaseDocument:
        """Replaces the line with the same `line_id`."""
        document = self._draft(document_id, version)
        self._has_line(document, line.line_id)
        self._check_line(line, document.currency)
        lines = tuple(line if kept.line_id == line.line_id else kept for kept in document.lines)
        return self._keep(document.model_copy(update={"lines": lines}))

    def delete_line(self, document_id: str, line_id: str, *, version: str | None = None) -> PurchaseDocument:
        document = self._draft(document_id, version)
        self._has_line(document, line_id)
        lines = tuple(kept for kept in document.lines if kept.line_id != line_id)
        return self._keep(document.model_copy(update={"lines": lines}))

    def delete(self, document_id: str, *, version: str | None = None) -> None:
        del self._books.documents[self._draft(document_id, version).document_id]

    def replace(self, document: PurchaseDocument, **changes: object) -> PurchaseDocument:
        """Keeps a document with the given fields changed, whatever its state; counts the version up."""
        return self._keep(document.model_copy(update=changes))

    def tax_code_of(self, document: PurchaseDocument, line: DocumentLine) -> str | None:
        """The line's own code, else the order line's, the item's, the supplier's, the company's."""
        if line.tax_code is not None:
            return line.tax_code
        item = line.item_number
        if line.order_number is not None and line.order_line_id is not None:
            ordered = self._purchasing.line(line.order_number, line.order_line_id)
            if ordered.tax_code is not None:
                return ordered.tax_code
            item = item or ordered.item_number
        if item is not None and (code := self._master.item(item).tax_code) is not None:
            return code
        return self._master.supplier(document.supplier_id).tax_code or self._books.settings.default_tax_code

    def totals(self, document: PurchaseDocument) -> Totals:
        """Net, tax by code (rounded once for each code) and gross, document currency."""
        bases: dict[str, Decimal] = {}
        net = ZERO
        for line in document.lines:
            amount = line.net(document.currency)
            net += amount
            code = self.tax_code_of(document, line)
            if code is not None:
                bases[code] = bases.get(code, ZERO) + amount
        taxes = []
        for code, base in bases.items():
            known = self._master.tax_code(code)
            taxes.append(
                TaxAmount(
                    tax_code=code,
                    rate=known.rate,
                    base=base,
                    amount=round_amount(base * known.rate / 100, document.currency),
                    reverse_charge=known.reverse_charge,
                )
            )
        charged = sum((tax.amount for tax in taxes if not tax.reverse_charge), ZERO)
        return Totals(net=net, tax=charged, gross=net + charged, taxes=tuple(taxes))

    def _draft(self, document_id: str, version: str | None) -> PurchaseDocument:
        document = self.document(document_id)
        if document.state is not PostingState.DRAFT:
            raise Refused(
                Refusal.POSTED_UNCHANGEABLE,
                f"{document.number} has been posted and can no longer be modified.",
            )
        check_version(version, document.version, f"document {document.number}")
        return document

    def _has_line(self, document: PurchaseDocument, line_id: str) -> None:
        if all(line.line_id != line_id for line in document.lines):
            raise Refused(Refusal.UNKNOWN_LINE, f"{document.number} has no line {line_id}.", "line_id")

    def _with_line(self, document: PurchaseDocument, line: DocumentLine) -> PurchaseDocument:
        self._check_line(line, document.currency)
        if not line.line_id:
            used = (int(kept.line_id) for kept in document.lines if kept.line_id.isdigit())
            last = max(used, default=0)
            line = line.model_copy(update={"line_id": str(last + 10000)})
        return document.model_copy(update={"lines": (*document.lines, line)})

    def _check_header(self, header: Mapping[str, object]) -> None:
        unknown = set(header) - _HEADER
        if unknown:
            raise TypeError(f"not a header field of a purchase document: {sorted(unknown)}")
        if "supplier_id" in header:
            self._master.supplier(str(header["supplier_id"]))
        if header.get("currency") is not None:
            self._master.check_currency(str(header["currency"]))

    def _check_line(self, line: DocumentLine, currency: str) -> None:
        if line.net_amount is not None and round_amount(line.net_amount, currency) != line.net_amount:
            raise Refused(
                Refusal.INVALID_VALUE,
                f"{line.net_amount} has too many decimals for {currency}.",
                "net_amount",
            )
        self._master.check_unit(line.unit)
        if line.item_number is not None:
            self._master.item(line.item_number)
        if line.account is not None:
            self._master.account(line.account)
        if line.tax_code is not None:
            self._master.tax_code(line.tax_code)
        if line.order_number is not None and line.order_line_id is not None:
            self._purchasing.line(line.order_number, line.order_line_id)

    def _keep(self, document: PurchaseDocument, *, bump: bool = True) -> PurchaseDocument:
        changes: dict[str, object] = {"changed_at": self._clock()}
        if document.state is PostingState.DRAFT:
            changes["totals"] = self.totals(document)
        if bump:
            changes["revision"] = document.revision + 1
        kept = document.model_copy(update=changes)
        self._books.documents[kept.document_id] = kept
        return kept
