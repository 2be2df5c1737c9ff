"""Writing in the vendor's way: drafts are entered without business checks, posting makes them all.

Only what the books can keep is accepted; a field they cannot keep is refused, never swallowed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.domain.money import round_amount
from tools.erp.business_central.sandbox_master import guid
from tools.erp.business_central.sandbox_records import CREDIT_MEMOS, INVOICES, LINES, Records, document_set
from tools.erp.business_central.sandbox_schema import (
    EMPTY_GUID,
    NO_DATE,
    ApiError,
    bad_request,
    business,
    check_match,
    entities,
    not_found,
)
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.refusal import Refusal, Refused

NUMBER_FIELDS = {INVOICES: "vendorInvoiceNumber", CREDIT_MEMOS: "vendorCreditMemoNumber"}
DATE_FIELDS = {INVOICES: "invoiceDate", CREDIT_MEMOS: "creditMemoDate"}
_HEADER = frozenset("vendorId vendorNumber postingDate dueDate currencyCode shortcutDimension1Code".split())
_LINE = frozenset(
    "lineType lineObjectNumber itemId accountId description unitOfMeasureCode quantity unitCost "
    "discountAmount discountPercent taxCode documentId".split()
)
_UNIT_COST_STEP = Decimal("0.00001")
_CHANGED = "Another user has already changed the record."


class Drafts:
    """Creates, changes, deletes and posts purchase invoices and credit memos."""

    def __init__(self, company: Company, records: Records) -> None:
        self._company = company
        self._records = records

    def document(self, entity_set: str, document_id: str) -> PurchaseDocument:
        """Raises a 404 for an id that is not a document of this set."""
        document = self._company.books.documents.get(document_id.lower())
        if document is None or document_set(document) != entity_set:
            raise not_found(f"The {_noun(entity_set)} cannot be found.")
        return document

    def create(self, entity_set: str, body: Any) -> dict[str, Any]:
        lines_set = LINES[entity_set]
        given = entities()[entity_set].check(body, nested=lines_set)
        lines = given.get(lines_set, [])
        if not isinstance(lines, list):
            raise bad_request(f"'{lines_set}' must be a list.")
        supplier_id = self._vendor(entity_set, given)
        header = self._header(entity_set, given, [lines_set])
        entered = [self._line(entity_set, line, header.get("currency")) for line in lines]
        kind = DocumentType.CREDIT_NOTE if entity_set == CREDIT_MEMOS else DocumentType.INVOICE
        centre = given.get("shortcutDimension1Code") or None
        with_centre = [line.model_copy(update={"cost_centre": centre}) for line in entered]
        document = self._booked(
            lambda: self._company.documents.create(kind, supplier_id, lines=with_centre, **header)
        )
        return self._records.document(document)

    def change(self, entity_set: str, document_id: str, body: Any, if_match: str | None) -> dict[str, Any]:
        document = self._matching(entity_set, document_id, if_match)
        given = entities()[entity_set].check(body)
        if {"vendorId", "vendorNumber", "shortcutDimension1Code"} & set(given):
            raise business("This sandbox does not change the vendor or the dimensions of a draft.")
        header = self._header(entity_set, given, [])
        self._editable(document)
        changed = self._booked(lambda: self._company.documents.change(document.document_id, **header))
        return self._records.document(changed)

    def delete(self, entity_set: str, document_id: str, if_match: str | None) -> None:
        document = self._matching(entity_set, document_id, if_match)
        self._editable(document)
        self._booked(lambda: self._company.documents.delete(document.document_id))

    def add_line(self, entity_set: str, document_id: str | None, body: Any) -> dict[str, Any]:
        """A line of a draft, addressed through the header or by `documentId` in the body."""
        named = body.get("documentId") if isinstance(body, dict) else None
        if document_id is None and named is None:
            raise business("You must specify an Id or a Document Id to get the lines.")
        document = self.document(entity_set, str(document_id or named))
        line = self._line(entity_set, body, document.currency)
        self._editable(document)
        changed = self._booked(lambda: self._company.documents.add_line(document.document_id, line))
        rows: list[dict[str, Any]] = self._records.document(changed)[LINES[entity_set]]
        return rows[-1]

    def post(self, entity_set: str, document_id: str) -> None:
        document = self.document(entity_set, document_id)
        if document.state is not PostingState.DRAFT:
            raise business(f"The action can be applied to a draft {_noun(entity_set)} only.")
        self._booked(lambda: self._company.payables.post(document.document_id), document)

    def _matching(self, entity_set: str, document_id: str, if_match: str | None) -> PurchaseDocument:
        document = self.document(entity_set, document_id)
        check_match(if_match, self._records.document(document)["@odata.etag"])
        return document

    def _editable(self, document: PurchaseDocument) -> None:
        if document.state is not PostingState.DRAFT:
            noun = _noun(document_set(document))
            raise business(f"The {noun} has been posted and can no longer be modified.")

    def _vendor(self, entity_set: str, given: Mapping[str, Any]) -> str:
        number, technical = given.get("vendorNumber") or "", given.get("vendorId") or EMPTY_GUID
        if not number and technical == EMPTY_GUID:
            name = "vendorID" if entity_set == INVOICES else "vendorId"
            raise business(f'A "vendorNumber" or a "{name}" must be provided.')
        suppliers = self._company.books.suppliers
        by_id = {guid("vendor", supplier_id): supplier_id for supplier_id in suppliers}
        found = {number} if number else set()
        if technical != EMPTY_GUID:
            found.add(by_id.get(technical.lower(), ""))
        if len(found) != 1 or not found <= set(suppliers):
            if len(found) > 1 and entity_set == CREDIT_MEMOS:
                raise business("The buy-from vendor values do not match to a Vendor.")
            raise business("The vendor cannot be found.")
        return found.pop()

    def _header(self, entity_set: str, given: Mapping[str, Any], nested: list[str]) -> dict[str, Any]:
        allowed = {*_HEADER, NUMBER_FIELDS[entity_set], DATE_FIELDS[entity_set], *nested}
        allowed.add("invoiceNumber" if entity_set == CREDIT_MEMOS else "pricesIncludeTax")
        _only(given, allowed)
        if given.get("pricesIncludeTax"):
            raise business("This sandbox keeps prices without tax only.")
        header: dict[str, Any] = {}
        names = {
            DATE_FIELDS[entity_set]: "invoice_date",
            "postingDate": "posting_date",
            "dueDate": "due_date",
        }
        for name, ours in names.items():
            if name in given:
                value = given[name]
                header[ours] = None if value == NO_DATE else date.fromisoformat(value)
        if NUMBER_FIELDS[entity_set] in given:
            header["supplier_number"] = given[NUMBER_FIELDS[entity_set]].upper() or None
        if "currencyCode" in given:
            header["currency"] = self.currency(given["currencyCode"])
        if given.get("invoiceNumber"):
            header["preceding"] = self._preceding(given["invoiceNumber"])
        return header

    def currency(self, code: str) -> str:
        """The currency a code stands for; blank is the local one. Raises ApiError."""
        local = self._company.settings.currency
        if code not in ("", local) and code not in self._company.books.rates:
            raise business('The "currencyCode" does not match to a Currency.')
        return code or local

    def _preceding(self, number: str) -> str:
        try:
            return self._company.documents.by_number(number).number
        except Refused:
            pass
        raise business('The "invoiceId" and "invoiceNumber" do not match to a specific Invoice.')

    def _line(self, entity_set: str, body: Any, currency: str | None) -> DocumentLine:
        given = entities()[LINES[entity_set]].check(body)
        _only(given, _LINE)
        quantity = Decimal(given.get("quantity", 0))
        cost = Decimal(given.get("unitCost", 0)).quantize(_UNIT_COST_STEP, rounding=ROUND_HALF_UP)
        percent = Decimal(given.get("discountPercent", 0))
        money = currency or self._company.settings.currency
        gross = round_amount(quantity * cost, money)
        discount = given.get("discountAmount")
        if discount is None:
            discount = round_amount(gross * percent / 100, money)
        unit = given.get("unitOfMeasureCode") or None
        if unit is not None and self._records.master.rec20(unit) is None:
            raise business(f"The unit of measure {unit} does not exist.", "Internal_InvalidTableRelation")
        tax_code = given.get("taxCode") or None
        if tax_code is not None and tax_code not in self._company.books.tax_codes:
            raise business(f"The tax code {tax_code} does not exist.", "Internal_InvalidTableRelation")
        return DocumentLine(
            **self.line_object(given),
            description=given.get("description", ""),
            quantity=quantity,
            unit=None if unit is None else self._records.master.rec20(unit),
            unit_price=cost,
            discount_percent=percent,
            net_amount=gross - round_amount(Decimal(discount), money),
            tax_code=tax_code,
        )

    def line_object(self, given: Mapping[str, Any]) -> dict[str, str]:
        """The item or account of a line, by number or by id."""
        books = self._company.books
        if "itemId" in given and "accountId" in given:
            raise business('Both "itemId" and "accountId" are specified. Specify only one of them.')
        by_id: dict[str, tuple[str, Collection[str]]] = {
            "itemId": ("item", books.items),
            "accountId": ("account", books.accounts),
        }
        kind, number = given.get("lineType"), given.get("lineObjectNumber", "")
        for name, (what, known) in by_id.items():
            if name in given:
                kind = what.capitalize()
                number = next((key for key in known if guid(what, key) == given[name].lower()), "")
        if kind == "Item":
            if number not in books.items:
                raise business("Item does not exist.")
            return {"item_number": number}
        if kind == "Account":
            if number not in books.accounts:
                raise business("Account does not exist.")
            return {"account": number}
        raise business(f"This sandbox keeps lines of type Item and Account, not {kind}.")

    def _booked(self, work: Any, document: PurchaseDocument | None = None) -> Any:
        try:
            return work()
        except Refused as refused:
            error = translated(refused, document)
        raise error


def _only(given: Mapping[str, Any], allowed: frozenset[str] | set[str]) -> None:
    beyond = sorted(set(given) - allowed)
    if beyond:
        raise business(f"This sandbox cannot keep the field '{beyond[0]}'.")


def _noun(entity_set: str) -> str:
    return "invoice" if entity_set == INVOICES else "credit memo"


def translated(refused: Refused, document: PurchaseDocument | None) -> ApiError:
    """The vendor's words for what the books refuse."""
    supplier = "" if document is None else document.supplier_id
    number = "" if document is None else (document.supplier_number or "").upper()
    is_memo = document is not None and document.document_type is DocumentType.CREDIT_NOTE
    kind = "Credit Memo" if is_memo else "Invoice"
    texts = {
        Refusal.DUPLICATE_NUMBER: f"Purchase {kind} {number} already exists for this vendor.",
        Refusal.PERIOD_CLOSED: "Posting Date is not within your range of allowed posting dates.",
        Refusal.SUPPLIER_BLOCKED: (
            f"You cannot post this type of document when Vendor {supplier} is blocked with type All"
        ),
        Refusal.NOTHING_TO_POST: (
            "There is nothing to post because the document does not contain a quantity or amount."
        ),
    }
    if refused.code is Refusal.STALE_VERSION:
        return ApiError(409, "Request_EntityChanged", _CHANGED)
    if refused.code is Refusal.NUMBER_MISSING:
        field = "Vendor Cr. Memo No." if is_memo else "Vendor Invoice No."
        return business(f"{field} must have a value.", "Application_FieldValidationException")
    return business(texts.get(refused.code, refused.message))
