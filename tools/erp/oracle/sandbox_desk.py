"""What changes invoices in Oracle: creating, validating, cancelling, holding and releasing, attaching."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.domain.supplier import SupplierBlock
from tools.erp.oracle.sandbox_payables import PayablesLayer
from tools.erp.oracle.sandbox_schema import ApiError, bad_request, resources
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument, SupplierCard
from tools.erp.sandbox.refusal import Refusal, Refused

T = TypeVar("T")
Body = Mapping[str, Any]

_REQUIRED = ("InvoiceNumber", "InvoiceCurrency", "InvoiceAmount", "InvoiceDate", "BusinessUnit", "Supplier")
_TYPES = {"Standard": DocumentType.INVOICE, "Credit memo": DocumentType.CREDIT_NOTE}
_TEXTS = ("Description", "InvoiceGroup")
_NAMED = ("BusinessUnit", "Supplier", "InvoiceNumber")
_HOLDS: Mapping[Refusal, str] = {
    Refusal.OVER_BILLING: "QTY ORD",
    Refusal.TAX_DIFFERENCE: "TAX VARIANCE",
    Refusal.TOTAL_DIFFERS: "LINE VARIANCE",
    Refusal.ACCOUNT_BLOCKED: "DIST ACCT INVALID",
    Refusal.ACCOUNT_NOT_DIRECT: "DIST ACCT INVALID",
    Refusal.NO_RATE: "NO RATE",
    Refusal.ORDER_NOT_OPEN: "CANT CLOSE PO",
}
"""What validation puts on hold instead of refusing."""
RELEASES = ("Amount approved", "Invoice Quick Released", "Variance approved")


class SandboxDesk:
    def __init__(self, layer: PayablesLayer, manual_holds: tuple[str, ...], three_way: bool) -> None:
        """`three_way`: more than was received is held, on lines that must be received."""
        self._layer = layer
        self._company = layer.company
        self._manual = (*layer.company.settings.hold_reasons, *manual_holds)
        self._three_way = three_way
        spot = re.escape(layer.combination).replace(r"\{account\}", "(?P<account>[^-]+)", 1)
        self._combination = re.compile(spot.replace(r"\{cost_centre\}", "(?P<centre>[^-]+)", 1))

    def create(self, body: Any) -> PurchaseDocument:
        """An unvalidated invoice. Raises ApiError; then nothing was made."""
        given = resources()["invoices"].check(body)
        for name in _REQUIRED:
            if given.get(name) in (None, ""):
                raise bad_request(f"You must provide a value for the attribute {name}.", f"/{name}")
        card = self._supplier(given)
        if card.supplier.block is SupplierBlock.ALL:
            raise bad_request(f"The supplier {given['Supplier']} is inactive.", "/Supplier")
        if given.get("SupplierSite") not in (None, "MAIN"):
            raise bad_request("The supplier site isn't valid.", "/SupplierSite")
        self._unique(card, given["InvoiceNumber"])
        kind = _TYPES.get(given.get("InvoiceType", "Standard"))
        if kind is None or (kind is DocumentType.CREDIT_NOTE) is not (given["InvoiceAmount"] < 0):
            raise bad_request("The invoice amount isn't valid for the invoice type.", "/InvoiceAmount")
        day = date.fromisoformat(given.get("AccountingDate") or given["InvoiceDate"])
        self._open(day)
        sign = -1 if kind is DocumentType.CREDIT_NOTE else 1
        lines = [self._line(line, card, sign, number) for number, line in enumerate(self._rows(given))]
        control = given.get("ControlAmount")
        made = self._booked(
            lambda: self._company.documents.create(
                kind,
                card.supplier.supplier_id,
                lines=lines,
                supplier_number=given["InvoiceNumber"],
                invoice_date=date.fromisoformat(given["InvoiceDate"]),
                posting_date=day,
                currency=given["InvoiceCurrency"],
                stated_tax=None if control is None else sign * Decimal(control),
                stated_gross=sign * Decimal(given["InvoiceAmount"]),
            )
        )
        self._layer.texts[made.document_id] = {name: given.get(name) for name in _TEXTS}
        return made

    def _rows(self, given: Body) -> list[Body]:
        rows: list[Body] = given.get("invoiceLines", [])
        for row in rows:
            for name in ("LineNumber", "LineType", "LineAmount"):
                if row.get(name) is None:
                    raise bad_request(f"You must provide a value for the attribute {name}.", f"/{name}")
        return rows

    def _supplier(self, given: Body) -> SupplierCard:
        if given.get("BusinessUnit") != self._layer.business_unit:
            raise bad_request("The business unit isn't valid.", "/BusinessUnit")
        for card in self._company.books.suppliers.values():
            if card.supplier.name == given.get("Supplier"):
                return card
        raise bad_request(f"The supplier {given.get('Supplier')} isn't valid.", "/Supplier")

    def _unique(self, card: SupplierCard, number: str) -> None:
        """A number is given once for a supplier, to whatever type of invoice, canceled ones too."""
        for kind in DocumentType:
            if self._company.documents.of_supplier(card.supplier.supplier_id, kind, number):
                raise bad_request(
                    "This invoice number already exists. You must provide a unique invoice number.",
                    "/InvoiceNumber",
                    "AP-810776",
                )

    def _open(self, day: date) -> None:
        window = self._company.books.window
        early = window.first_open is not None and day < window.first_open
        if early or (window.last_open is not None and day > window.last_open):
            raise bad_request(
                f"The accounting date {day} isn't in an open or future enterable period.", "/AccountingDate"
            )

    def _line(self, row: Body, card: SupplierCard, sign: int, number: int) -> DocumentLine:
        if row["LineType"] not in ("Item", "Freight", "Miscellaneous"):
            raise bad_request(f"The line type {row['LineType']} isn't valid.", "/LineType")
        code = row.get("TaxClassification")
        if code is not None and code not in self._company.books.tax_codes:
            raise bad_request(f"The tax classification {code} isn't valid.", "/TaxClassification")
        net = sign * Decimal(row["LineAmount"])
        quantity = sign * Decimal(row["Quantity"]) if row.get("Quantity") is not None else Decimal(1)
        price = Decimal(row["UnitPrice"]) if row.get("UnitPrice") is not None else net / (quantity or 1)
        return DocumentLine(
            line_id=str(number + 1),
            description=row.get("Description", ""),
            quantity=quantity,
            unit_price=price,
            net_amount=net,
            tax_code=code,
            **self._target(row, card),
        )

    def _target(self, row: Body, card: SupplierCard) -> dict[str, Any]:
        number = row.get("PurchaseOrderNumber")
        if number is not None:
            return self._order_line(row, number, card)
        match = self._combination.fullmatch(row.get("DistributionCombination") or "")
        if match is None or match["account"] not in self._company.books.accounts:
            raise bad_request("The distribution combination isn't valid.", "/DistributionCombination")
        centre = match.groupdict().get("centre")
        known = {each.code for each in self._company.books.cost_centres}
        if centre not in (None, self._layer.no_cost_centre) and centre not in known:
            raise bad_request("The distribution combination isn't valid.", "/DistributionCombination")
        kept = None if centre == self._layer.no_cost_centre else centre
        return {"account": match["account"], "cost_centre": kept}

    def _order_line(self, row: Body, number: str, card: SupplierCard) -> dict[str, Any]:
        names = ("PurchaseOrderLineNumber", "PurchaseOrderScheduleLineNumber", "Quantity", "UnitPrice")
        for name in names:
            if row.get(name) is None:
                raise bad_request(f"You must provide a value for the attribute {name}.", f"/{name}")
        first, schedule = int(row[names[0]]), int(row[names[1]])
        line_id = str(first) if schedule == 1 else f"{first}-{schedule}"
        order = self._company.books.orders.get(number)
        if order is None or order.is_frame or order.order.supplier_id != card.supplier.supplier_id:
            raise bad_request(f"The purchase order {number} isn't valid.", "/PurchaseOrderNumber")
        if all(line.line_id != line_id for line in order.order.lines):
            raise bad_request(f"The purchase order line {first} isn't valid.", "/PurchaseOrderLineNumber")
        return {"order_number": number, "order_line_id": line_id}

    def named(self, body: Any, more: tuple[str, ...] = ()) -> PurchaseDocument:
        """The invoice that an action or a hold names."""
        if not isinstance(body, dict) or set(body) - {*_NAMED, *more} or not set(_NAMED) <= set(body):
            raise bad_request("The parameters of the action aren't valid.")
        card = self._supplier(body)
        for kind in DocumentType:
            found = self._company.documents.of_supplier(
                card.supplier.supplier_id, kind, str(body["InvoiceNumber"])
            )
            exact = [each for each in found if each.supplier_number == body["InvoiceNumber"]]
            if exact:
                return exact[-1]
        raise bad_request("The invoice isn't valid.", "/InvoiceNumber")

    def validate(self, body: Any) -> str:
        """Always 'successful'; whether it was, the status and the holds say."""
        document = self.named(body, ("ProcessAction",))
        if body.get("ProcessAction") != "Validate":
            raise bad_request("The process action isn't valid.", "/ProcessAction")
        if document.state is PostingState.DRAFT:
            self._validate(document)
        return "The current action Validate Invoice has completed successfully."

    def run_validation(self) -> None:
        """The scheduled process: it takes every invoice that is not validated and bears no manual hold, and
        looks anew at those that bear only its own. One that it cannot book stays as it is."""
        for document in list(self._company.books.documents.values()):
            held = [each for each in self._layer.active(document) if each.name in self._manual]
            if document.state is PostingState.DRAFT and not held:
                with suppress(ApiError):
                    self._validate(document)

    def _validate(self, document: PurchaseDocument) -> None:
        layer, key = self._layer, document.document_id
        standing = [held for held in layer.active(document) if held.name not in self._manual]
        for number, held in list(layer.holds.items()):
            if held in standing:  # the system looks anew at what it placed itself
                layer.release(number, "Released by the system", None)
        wanted = self._receipt_holds(document) if self._three_way else []
        if not wanted and not layer.active(document):
            try:
                self._company.payables.post(key)
                layer.fresh.add(key)
                return
            except Refused as refused:
                if refused.code not in _HOLDS:
                    raise _told(refused) from refused
                wanted = [(_HOLDS[refused.code], refused.message)]
        for name, reason in wanted:
            layer.place(key, name, reason)
        layer.validations[key] = "Needs revalidation"

    def _receipt_holds(self, document: PurchaseDocument) -> list[tuple[str, str]]:
        if document.document_type is DocumentType.CREDIT_NOTE:
            return []
        for line in document.lines:
            if line.order_number is not None and line.order_line_id is not None:
                ordered = self._company.purchasing.line(line.order_number, line.order_line_id)
                if ordered.receipt_required and ordered.invoiced + line.quantity > ordered.received:
                    return [("QTY REC", "Quantity billed exceeds quantity received.")]
        return []

    def cancel(self, body: Any) -> str:
        document = self.named(body)
        if document.state is PostingState.DRAFT:
            self._company.documents.replace(document, state=PostingState.CANCELLED)
        else:
            window, today = self._company.books.window, self._company.clock().date()
            day = min(max(today, window.first_open or today), window.last_open or today)
            self._booked(lambda: self._company.payables.reverse(document.document_id, day, "Canceled"))
        return "The current action Cancel Invoice has completed successfully."

    def hold(self, body: Any) -> int:
        given = resources()["invoiceHolds"].check(body)
        document = self.named(given, ("HoldName", "HoldReason"))
        name = str(given.get("HoldName"))
        if name not in self._manual:
            raise bad_request(f"The hold name {name} isn't valid.", "/HoldName")
        if document.state not in (PostingState.DRAFT, PostingState.POSTED):
            raise bad_request("You can't place a hold on a paid or canceled invoice.")
        if document.state is PostingState.POSTED and name in self._company.settings.hold_reasons:
            self._booked(lambda: self._company.payables.hold(document.document_id, name))
        return self._layer.place(document.document_id, name, str(given.get("HoldReason") or name))

    def release(self, key: int, body: Any) -> None:
        given = resources()["invoiceHolds"].check(body)
        held = self._layer.holds.get(key)
        if held is None:
            raise ApiError(404, "Not Found")
        if set(given) - {"ReleaseName", "ReleaseReason"} or given.get("ReleaseName") not in RELEASES:
            raise bad_request("The release name isn't valid.", "/ReleaseName")
        if held.release is not None:
            raise bad_request("The hold is already released.")
        document = self._company.documents.document(held.document_id)
        if held.name in document.holds:
            self._booked(lambda: self._company.payables.release(document.document_id, held.name))
        self._layer.release(key, given["ReleaseName"], given.get("ReleaseReason"))

    def attach(self, document_id: str, body: Any) -> str:
        given = resources()["invoices"].children["attachments"].check(body)
        try:
            content = base64.b64decode(given["FileContents"], validate=True)
        except (KeyError, binascii.Error):
            raise bad_request("FileContents isn't valid base64.", "/FileContents") from None
        name = given.get("FileName")
        if not name:
            raise bad_request("You must provide a value for the attribute FileName.", "/FileName")
        self._company.payables.attach(document_id, name, content)
        return str(name)

    def _booked(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except Refused as refused:
            raise _told(refused) from refused


def _told(refused: Refused) -> ApiError:
    if refused.code is Refusal.STALE_VERSION:
        return ApiError(412, "Precondition Failed")
    if refused.code is Refusal.SUPPLIER_BLOCKED:
        return bad_request("The supplier is inactive.", "/Supplier")
    return bad_request(refused.message)
