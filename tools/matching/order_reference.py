"""Whether the orders an invoice names exist and may be billed by this supplier to this company."""

from __future__ import annotations

from collections.abc import Sequence

from tools.domain.documents import Invoice, OrderState, PurchaseOrder
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.policy import MatchPolicy
from tools.domain.supplier import Supplier
from tools.matching.identity import same_order

_UNUSABLE = {
    OrderState.DRAFT: "has not been released",
    OrderState.CLOSED: "is closed",
    OrderState.CANCELLED: "is cancelled",
}


def check_order_references(
    invoice: Invoice,
    orders: Sequence[PurchaseOrder],
    supplier: Supplier,
    policy: MatchPolicy,
    company: str | None = None,
) -> list[Discrepancy]:
    """NO_PO, BAD_PO and CURRENCY_DIFF. `company` is ours; absent: not compared."""
    found = _missing(invoice, orders, supplier, policy)
    for order in orders:
        found += _unusable(order, invoice, supplier, company)
        if order.currency != invoice.currency:
            found.append(_other_currency(order, invoice))
    return found


def _missing(
    invoice: Invoice, orders: Sequence[PurchaseOrder], supplier: Supplier, policy: MatchPolicy
) -> list[Discrepancy]:
    exempt = supplier.supplier_id in policy.po_exempt_suppliers
    unknown = [
        name for name in _named(invoice) if not any(same_order(name, order.number) for order in orders)
    ]
    if unknown:
        severity = Severity.WARN if exempt else Severity.BLOCK
        return [_bad(name, "order.unknown", f"order {name} is not in the ERP", severity) for name in unknown]
    # A credit note is tied to its invoice, which `credit.check_link` asks for.
    if orders or exempt or invoice.is_credit_note:
        return []
    rule = "Company policy asks for one" if policy.po_required else "It is posted without one"
    return [
        Discrepancy(
            kind=DiscrepancyKind.NO_PO,
            severity=Severity.BLOCK if policy.po_required else Severity.WARN,
            rule="order.missing",
            message=f"The document names no order. {rule}.",
        )
    ]


def _named(invoice: Invoice) -> list[str]:
    """Each order reference once, the document's own first."""
    names = (invoice.order_number, *(line.order_number for line in invoice.lines))
    return list(dict.fromkeys(name.strip() for name in names if name and name.strip()))


def _unusable(
    order: PurchaseOrder, invoice: Invoice, supplier: Supplier, company: str | None
) -> list[Discrepancy]:
    number, found = order.number, []
    state = _UNUSABLE.get(order.state)
    # Goods come back after an order is closed.
    if state and not (invoice.is_credit_note and order.state is OrderState.CLOSED):
        found.append(_bad(number, f"order.state.{order.state}", f"order {number} {state}"))
    if order.supplier_id != supplier.supplier_id:
        text = (
            f"order {number} belongs to supplier {order.supplier_id}, the invoice to {supplier.supplier_id}"
        )
        found.append(_bad(number, "order.supplier", text))
    if company is not None and order.company != company:
        text = f"order {number} is an order of {order.company}, not of {company}"
        found.append(_bad(number, "order.company", text))
    return found


def _bad(number: str, rule: str, text: str, severity: Severity = Severity.BLOCK) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.BAD_PO,
        severity=severity,
        rule=rule,
        message=f"{text[0].upper()}{text[1:]}.",
        order_number=number,
    )


def _other_currency(order: PurchaseOrder, invoice: Invoice) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.CURRENCY_DIFF,
        severity=Severity.BLOCK,
        rule="currency.order",
        message=f"The document is in {invoice.currency}, order {order.number} in {order.currency}.",
        order_number=order.number,
        figures={"invoice": invoice.currency, "order": order.currency},
    )
