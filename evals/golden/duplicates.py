"""Suspected duplicates: number keys, and what is said about one document beside others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tools.domain.decision import Posting, PostingState
from tools.domain.documents import DocumentFormat, DocumentType, Invoice, InvoiceLine, Party
from tools.domain.identifiers import CaseId, SupplierId
from tools.domain.money import Money
from tools.matching.document_print import print_of
from tools.matching.duplicates import check_duplicates, normalise_number
from tools.matching.facts import KnownDocument
from tools.matching.invoice_numbers import is_one_apart, lookalike_number

_SUPPLIER = "10042"


def evaluate(given: Mapping[str, Any]) -> Any:
    """`number`: its running form. `lookalike`: its second form. `one_apart`: whether two are. Else a document
    and `others`: for each of these `SEVERITY RULE`, in their order; `none` for those not suspected."""
    if "number" in given:
        return normalise_number(given["number"])
    if "lookalike" in given:
        return lookalike_number(given["lookalike"])
    if "one_apart" in given:
        return is_one_apart(*given["one_apart"])
    known = [_case(place, other) for place, other in enumerate(given["others"]) if "erp" not in other]
    postings = [_posting(place, other) for place, other in enumerate(given["others"]) if "erp" in other]
    found = check_duplicates(
        _invoice(given["document"]),
        SupplierId(given["document"].get("supplier", _SUPPLIER)),
        postings,
        known,
        company=given["document"].get("company", "A"),
        cleared=frozenset(given.get("cleared", ())),
    )
    told = {entry.figures["candidate"]: f"{entry.severity} {entry.rule}" for entry in found}
    names = [
        f"{'posting' if 'erp' in other else 'case'}:{place}" for place, other in enumerate(given["others"])
    ]
    return [told.get(name, "none") for name in names]


def _invoice(fields: Mapping[str, Any]) -> Invoice:
    kind = fields.get("type", "380")
    return Invoice(
        document_type=DocumentType.CREDIT_NOTE if kind == "381" else DocumentType.INVOICE,
        type_code=kind,
        format=DocumentFormat.UBL,
        number=fields.get("number"),
        issue_date=date.fromisoformat(fields["date"]) if "date" in fields else None,
        currency=fields.get("currency", "EUR"),
        supplier=Party(name=fields.get("name", "Fabrikam GmbH"), vat_id=fields.get("vat")),
        buyer=Party(name="Werk GmbH"),
        order_number=fields.get("order"),
        preceding_invoice=fields.get("refers_to"),
        ibans=tuple(fields.get("ibans", ())),
        lines=tuple(InvoiceLine(description=text) for text in fields.get("lines", ())),
        gross_total=_money(fields),
    )


def _money(fields: Mapping[str, Any]) -> Money | None:
    return Money.of(fields["gross"], fields.get("currency", "EUR")) if "gross" in fields else None


def _case(place: int, fields: Mapping[str, Any]) -> KnownDocument:
    invoice = _invoice(fields)
    supplier = fields.get("supplier", _SUPPLIER)
    return KnownDocument(
        case_id=CaseId(str(place)),
        stage=fields.get("stage", "posted"),
        supplier_id=None if supplier is None else SupplierId(supplier),
        document_type=invoice.document_type,
        number=invoice.number or "",
        invoice_date=invoice.issue_date,
        gross=invoice.gross_total,
        paper=print_of(invoice, fields.get("company", "A")),
    )


def _posting(place: int, fields: Mapping[str, Any]) -> Posting:
    invoice = _invoice(fields)
    return Posting(
        erp_id=str(place),
        number=f"PI-{place}",
        state=PostingState(fields["erp"]),
        supplier_id=SupplierId(_SUPPLIER),
        document_type=invoice.document_type,
        supplier_number=invoice.number,
        invoice_date=invoice.issue_date,
        gross=invoice.gross_total,
    )
