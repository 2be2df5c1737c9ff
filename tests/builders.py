"""Small worlds for tests: each builder makes something plain and right, a test names what matters to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.actions import PostingLine, PostInvoice
from tools.domain.authority_facts import ApprovalFacts, facts_of
from tools.domain.company import CompanyProfile
from tools.domain.decision import Posting, PostingState, Proposal
from tools.domain.documents import (
    DocumentFormat,
    DocumentType,
    GoodsReceipt,
    Invoice,
    InvoiceLine,
    OrderLine,
    OrderState,
    Party,
    PurchaseOrder,
    ReceiptLine,
    TaxLine,
)
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Money, round_amount
from tools.domain.supplier import BankAccount, Supplier

COMPANY = CompanyId("DEMO")
SUPPLIER = SupplierId("10042")
ORDER = OrderNumber("PO-1001")
TODAY = date(2026, 3, 20)
SUPPLIER_IBAN = "DE89370400440532013000"
OTHER_IBAN = "NL91ABNA0417164300"


def eur(amount: str | int | Decimal) -> Money:
    return Money.of(amount, "EUR")


def an_invoice_line(
    description: str = "Bracket",
    quantity: str | None = "10",
    price: str | None = "10.00",
    net: str | None = None,
    *,
    currency: str = "EUR",
    base: str = "1",
    **fields: Any,
) -> InvoiceLine:
    """10 pieces at 10.00; `net` is worked out unless given. `fields` go to the line as they are."""
    if net is None and quantity is not None and price is not None:
        exact = Decimal(quantity) * Decimal(price) / Decimal(base)
        net = str(round_amount(exact, currency))
    fields.setdefault("unit", "H87")
    fields.setdefault("tax_rate", Decimal(21))
    fields.setdefault("tax_category", "S")
    return InvoiceLine(
        description=description,
        quantity=None if quantity is None else Decimal(quantity),
        unit_price=None if price is None else Money.of(price, currency),
        net_amount=None if net is None else Money.of(net, currency),
        price_base=Decimal(base),
        **fields,
    )


def an_invoice(
    total: str | None = None,
    lines: tuple[InvoiceLine, ...] | None = None,
    *,
    rate: str = "21",
    currency: str = "EUR",
    order_number: str | None = ORDER,
    number: str | None = "INV-3411",
    **fields: Any,
) -> Invoice:
    """An invoice whose totals agree: `total` with tax for a single piece, or the given lines.

    Document-level `allowances` count into the net total. `fields` replace anything else.
    """
    if lines is None:
        gross = Decimal(total or "121.00")
        net = round_amount(gross / (1 + Decimal(rate) / 100), currency)
        lines = (an_invoice_line(quantity="1", price=str(net), currency=currency),)
    base = sum((line.net_amount.amount for line in lines if _counts(line)), Decimal(0))  # type: ignore[union-attr]
    for extra in fields.get("allowances", ()):
        base += extra.amount.amount if extra.is_charge else -extra.amount.amount
    tax = round_amount(base * Decimal(rate) / 100, currency)
    money = {name: Money.of(value, currency) for name, value in _totals(base, tax, total).items()}
    fields = {
        "document_type": DocumentType.INVOICE,
        "type_code": "380",
        "format": DocumentFormat.UBL,
        "issue_date": date(2026, 3, 16),
        "due_date": date(2026, 4, 15),
        "supplier": Party(name="Fabrikam GmbH", vat_id="NL810462783B01"),
        "buyer": Party(name="Demo Trading B.V.", vat_id="NL004495445B01"),
        "ibans": (SUPPLIER_IBAN,),
        "taxes": (_tax_line(rate, money["net_total"], money["tax_total"]),),
        **money,
        **fields,
    }
    return Invoice(number=number, currency=currency, order_number=order_number, lines=lines, **fields)


def _counts(line: InvoiceLine) -> bool:
    return line.net_amount is not None and line.parent_line_id is None


def _totals(base: Decimal, tax: Decimal, total: str | None) -> dict[str, Decimal]:
    gross = base + tax if total is None else Decimal(total)
    return {"net_total": base, "tax_total": gross - base, "gross_total": gross, "payable": gross}


def _tax_line(rate: str, base: Money, amount: Money) -> TaxLine:
    return TaxLine(category="S", rate=Decimal(rate), base=base, amount=amount)


def a_credit_note(
    total: str | None = None, lines: tuple[InvoiceLine, ...] | None = None, **fields: Any
) -> Invoice:
    """A credit note (381): amounts positive, as suppliers print them."""
    fields = {"document_type": DocumentType.CREDIT_NOTE, "type_code": "381", "number": "CN-17", **fields}
    return an_invoice(total, lines, **fields)


def an_order_line(
    line_id: str = "1",
    ordered: str = "10",
    price: str = "10.00",
    *,
    received: str | None = None,
    invoiced: str = "0",
    currency: str = "EUR",
    **fields: Any,
) -> OrderLine:
    """10 brackets at 10.00, all received unless told otherwise, nothing billed."""
    fields = {"description": "Bracket", "unit": "H87", "item_number": "1896-S", **fields}
    return OrderLine(
        line_id=line_id,
        ordered=Decimal(ordered),
        received=Decimal(ordered if received is None else received),
        invoiced=Decimal(invoiced),
        unit_price=Money.of(price, currency),
        **fields,
    )


def an_order(*lines: OrderLine, number: str = ORDER, currency: str = "EUR", **fields: Any) -> PurchaseOrder:
    """An open order of the test supplier; without lines it has `an_order_line()`."""
    fields = {
        "company": COMPANY,
        "supplier_id": SUPPLIER,
        "state": OrderState.OPEN,
        "version": "1",
        **fields,
    }
    return PurchaseOrder(
        number=OrderNumber(number), currency=currency, lines=lines or (an_order_line(),), **fields
    )


def a_receipt(
    quantity: str = "10",
    order_line_id: str | None = "1",
    *,
    order_number: str = ORDER,
    number: str = "GR-1",
    unit: str = "H87",
    item_number: str | None = "1896-S",
) -> GoodsReceipt:
    row = ReceiptLine(
        order_line_id=order_line_id, item_number=item_number, quantity=Decimal(quantity), unit=unit
    )
    return GoodsReceipt(
        number=number, order_number=OrderNumber(order_number), received_on=date(2026, 3, 10), lines=(row,)
    )


def a_supplier(**fields: Any) -> Supplier:
    """Fabrikam, with a Dutch VAT registration, not blocked, with one verified account."""
    fields = {
        "supplier_id": SUPPLIER,
        "name": "Fabrikam GmbH",
        "vat_id": "NL810462783B01",
        "country": "NL",
        "bank_accounts": (BankAccount(iban=SUPPLIER_IBAN, verified_how="master data"),),
        "version": "1",
        **fields,
    }
    return Supplier(**fields)


def a_profile(**fields: Any) -> CompanyProfile:
    """The demo company: its names, tax codes and the accounts for what has no order."""
    fields = {
        "company": COMPANY,
        "names": ("Demo Trading B.V.",),
        "vat_ids": ("NL004495445B01",),
        "tax_codes": {"S:21": "H21", "S:9": "L9", "S:19": "D19", "AE:0": "RC", "Z:0": "Z0"},
        "freight_account": "4500",
        "rounding_account": "4990",
        **fields,
    }
    return CompanyProfile(**fields)


def a_posting(number: str = "PI-77", supplier_number: str = "INV-3411", **fields: Any) -> Posting:
    """A posted invoice in the ERP, 121.00 gross."""
    fields = {
        "erp_id": f"id-{number}",
        "state": PostingState.POSTED,
        "supplier_id": SUPPLIER,
        "document_type": DocumentType.INVOICE,
        "invoice_date": date(2026, 3, 16),
        "net": eur("100.00"),
        "tax": eur("21.00"),
        "gross": eur("121.00"),
        **fields,
    }
    return Posting(number=number, supplier_number=supplier_number, **fields)


def a_post_invoice(**fields: Any) -> PostInvoice:
    """The action for `an_invoice("121.00")` on one account line; `fields` replace anything."""
    return PostInvoice(**{**_action_fields(), **fields})


def facts_seen(proposal: Proposal) -> ApprovalFacts:
    """What the authority rules look at where nobody had a hand in the document."""
    return facts_of(proposal.action, proposal.findings)


def _action_fields() -> dict[str, Any]:
    line = PostingLine(
        invoice_line=0,
        description="Bracket",
        quantity=Decimal(1),
        unit_price=Decimal("100.00"),
        net_amount=eur("100.00"),
        account="4400",
    )
    return {
        "company": COMPANY,
        "supplier_id": SUPPLIER,
        "supplier_name": "Fabrikam GmbH",
        "number": "INV-3411",
        "invoice_date": date(2026, 3, 16),
        "posting_date": date(2026, 3, 16),
        "currency": "EUR",
        "lines": (line,),
        "net": eur("100.00"),
        "tax": eur("21.00"),
        "gross": eur("121.00"),
    }
