"""Suppliers and their accounts with us, without bank data, telephone numbers and addresses of mail."""

from __future__ import annotations

from decimal import Decimal

from tools.catalog.result import Sheet, ToolResult, absent, quoted, refused
from tools.catalog.scope import Scope
from tools.catalog.sources import Sources
from tools.catalog.spec import Ref
from tools.domain.documents import OpenItem
from tools.domain.identifiers import SupplierId
from tools.domain.money import Money, total
from tools.domain.supplier import Supplier, SupplierBlock, SupplierCandidate

_MOST_FOUND = 5
_MOST_ITEMS = 15


async def find_supplier(sources: Sources, scope: Scope, words: str) -> ToolResult:
    """By name; an inquiry by one supplier finds only that one."""
    sheet = Sheet()
    for found in _candidates(sources, words)[:_MOST_FOUND]:
        if not scope.may_be_about(found.supplier_id):
            continue
        sheet.read(f"supplier:{found.supplier_id}")
        sheet.knows(Ref.SUPPLIER, found.supplier_id)
        place = " ".join(filter(None, (found.city, found.country)))
        sheet.row(f"supplier {found.supplier_id} {quoted(found.name)}", str(quoted(place, limit=40)))
    result = sheet.result()
    return result if result.text else refused("no supplier of that name was found; ask for its number")


def _candidates(sources: Sources, words: str) -> list[SupplierCandidate]:
    if sources.search is not None:
        return list(sources.search(words).candidates)
    wanted = words.casefold().split()
    return [
        SupplierCandidate(
            supplier_id=supplier.supplier_id,
            name=supplier.name,
            city=supplier.city,
            country=supplier.country,
            evidence=(),
            score=Decimal(0),
        )
        for supplier in sources.mirror.all()
        if wanted and all(word in supplier.name.casefold() for word in wanted)
    ]


async def get_supplier(sources: Sources, scope: Scope, supplier: str) -> ToolResult:
    supplier_id = SupplierId(supplier)
    found = await sources.reader.supplier(supplier_id) if scope.may_be_about(supplier) else None
    if found is None:
        return absent("supplier", supplier)
    sheet = Sheet(f"supplier:{supplier}")
    sheet.row(
        f"supplier {supplier} {quoted(found.name)}",
        f"VAT id {quoted(found.vat_id, limit=20)}" if found.vat_id else "no VAT id",
        str(quoted(" ".join(filter(None, (found.postcode, found.city, found.country))), limit=60)),
        _block(found),
        f"currency {found.currency}" if found.currency else "",
        f"category {quoted(found.category, limit=30)}" if found.category else "",
        f"usual account {found.default_account}" if found.default_account else "",
        f"a single invoice above {found.amount_limit} needs a word of its own" if found.amount_limit else "",
    )
    sheet.row(_bank(sources, found))
    sheet.knows(Ref.SUPPLIER, supplier)
    sheet.knows(Ref.ACCOUNT, found.default_account)
    return sheet.result()


def _block(supplier: Supplier) -> str:
    words = {
        SupplierBlock.NONE: "not blocked",
        SupplierBlock.PAYMENT: "blocked for payment: invoices may be posted",
        SupplierBlock.ALL: "blocked altogether",
    }
    return words[supplier.block]


def _bank(sources: Sources, supplier: Supplier) -> str:
    """Whether, never which."""
    verified = sources.mirror.verified_accounts([supplier.supplier_id])
    on_file = "yes" if supplier.bank_accounts or verified else "no"
    return f"bank account on file: {on_file}, verified by a person: {'yes' if verified else 'no'}"


async def list_open_items(sources: Sources, scope: Scope, supplier: str) -> ToolResult:
    """Sums by currency, then the items due first."""
    if not scope.may_be_about(supplier) or sources.mirror.get(SupplierId(supplier)) is None:
        return absent("supplier", supplier)
    items = await sources.reader.open_items(SupplierId(supplier))
    sheet = Sheet(f"supplier:{supplier}", f"open_items:{supplier}")
    if not items:
        sheet.row(f"nothing is open on the account of supplier {supplier}")
    sums = {currency: _open(items, currency) for currency in sorted({item.amount.currency for item in items})}
    if items:
        sheet.row(
            f"supplier {supplier}: {len(items)} open items", *(f"open {value}" for value in sums.values())
        )
    for item in sorted(items, key=_due_first)[:_MOST_ITEMS]:
        sheet.row(*_item(item))
        sheet.knows(Ref.POSTING, item.document_number)
        sheet.read(f"posting:{item.document_number}")
    if len(items) > _MOST_ITEMS:
        sheet.row(f"{len(items) - _MOST_ITEMS} later items are not shown")
    return sheet.result()


def _open(items: list[OpenItem], currency: str) -> Money:
    return total(
        (item.remaining or item.amount for item in items if item.amount.currency == currency), currency
    ).rounded()


def _due_first(item: OpenItem) -> tuple[str, str]:
    return (item.due_date.isoformat() if item.due_date else "9999", item.document_number)


def _item(item: OpenItem) -> list[str]:
    return [
        f"document {item.document_number}",
        f"supplier's number {quoted(item.supplier_invoice_number, limit=40)}"
        if item.supplier_invoice_number
        else "",
        f"of {item.document_date}" if item.document_date else "",
        f"due {item.due_date}" if item.due_date else "",
        f"amount {item.amount}",
        f"still open {item.remaining}" if item.remaining and item.remaining != item.amount else "",
    ]
