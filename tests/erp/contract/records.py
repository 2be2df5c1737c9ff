"""Compares what a connector read with the standard world, minus what the ERP is declared to lose."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tests.erp.under_test import ErpUnderTest
from tests.erp.world import OFFICE, TODAY
from tools.domain.documents import DocumentType, OrderLine
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument

R = TypeVar("R", bound=BaseModel)
PAYMENT_BLOCK = "SupplierBlock.payment"
"""Lost where an ERP tells one block only, and that stops everything."""
SYSTEM_ACCOUNTS = "Account.direct_posting of the system's"
"""Lost where nothing keeps a person's posting from accounts that usually the system alone posts to."""
_VERSIONED = {"Supplier.version", "PurchaseOrder.version", "Posting.version"}


def as_carried(record: R, loses: Mapping[str, str]) -> R:
    """The record as an ERP holds it that loses the named fields: they stand at their defaults. Versions
    are the ERP's own business and are left out on both sides."""
    changes: dict[str, Any] = {}
    for name, field in type(record).model_fields.items():
        value = getattr(record, name)
        path = f"{type(record).__name__}.{name}"
        if value is SupplierBlock.PAYMENT and PAYMENT_BLOCK in loses:
            changes[name] = SupplierBlock.NONE
        elif path in loses or path in _VERSIONED:
            changes[name] = None if field.default is PydanticUndefined else field.default
        elif isinstance(value, BaseModel):
            changes[name] = as_carried(value, loses)
        elif isinstance(value, tuple):
            changes[name] = tuple(
                as_carried(item, loses) if isinstance(item, BaseModel) else item for item in value
            )
    if isinstance(record, OrderLine) and "OrderLine.price_base" in loses:
        changes["unit_price"] = Money(
            amount=record.unit_price.amount / record.price_base, currency=record.unit_price.currency
        )
    if isinstance(record, OrderLine) and "OrderLine.discount_percent" in loses:
        price = changes.get("unit_price", record.unit_price)
        after = price.amount * (100 - record.discount_percent) / 100
        changes["unit_price"] = Money(amount=after, currency=price.currency)
    return record.model_copy(update=changes)


def is_lost(record: BaseModel, path: str) -> bool:
    """Whether the record's field (or that of a record inside it) would be lost: it is not at its default."""
    for name, field in type(record).model_fields.items():
        value = getattr(record, name)
        if f"{type(record).__name__}.{name}" == path and value not in (None, field.default, Decimal(0)):
            return True
        inner = value if isinstance(value, tuple) else (value,)
        if any(isinstance(item, BaseModel) and is_lost(item, path) for item in inner):
            return True
    return False


def entered(under_test: ErpUnderTest, document_type: DocumentType, number: str) -> PurchaseDocument:
    """A document that somebody entered today: a draft, or posted where the ERP keeps no drafts."""
    header: dict[str, Any] = {"supplier_number": number, "invoice_date": TODAY, "posting_date": TODAY}
    documents = under_test.company.documents
    if "drafts" not in under_test.inapplicable:
        return documents.create(document_type, OFFICE, **header)
    line = DocumentLine(account="4100", unit_price=Decimal(10), net_amount=Decimal(10), tax_code="S21")
    draft = documents.create(document_type, OFFICE, lines=[line], **header)
    return under_test.company.payables.post(draft.document_id)
