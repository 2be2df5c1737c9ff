"""Oracle's JSON of orders, their life cycles and the receiving interface. See `wire`."""

from __future__ import annotations

from tools.domain.money import Exact
from tools.erp.oracle.wire import Wire, WireDay, WireId, WireText


class Schedule(Wire):
    resource = "schedules"
    line_location_id: WireId
    schedule_number: Exact
    ship_to_organization_code: WireText = ""
    quantity: Exact | None = None
    requested_delivery_date: WireDay = None
    promised_delivery_date: WireDay = None
    receipt_required_flag: bool | None = None
    invoice_match_option_code: WireText = ""


class OrderLine(Wire):
    resource = "lines"
    children = {"schedules": Schedule}
    line_number: Exact
    item: WireText = ""
    description: WireText = ""
    quantity: Exact | None = None
    price: Exact | None = None
    uom_code: WireText = ""
    uom: WireText = ""
    status_code: WireText = ""
    schedules: tuple[Schedule, ...] = ()


class Order(Wire):
    resource = "purchaseOrders"
    order_by = "POHeaderId"
    children = {"lines": OrderLine}
    po_header_id: WireId
    order_number: str
    status_code: WireText = ""
    buyer: WireText = ""
    procurement_bu: WireText = ""
    supplier_id: WireId
    supplier: WireText = ""
    supplier_site: WireText = ""
    currency_code: str
    order_date: WireDay = None
    last_update_date: WireText = ""
    lines: tuple[OrderLine, ...] = ()


class ChangedSchedule(Wire):
    """A schedule is stamped when it is received, billed or changed."""

    resource = "purchaseOrderSchedules"
    order_by = "LineLocationId"
    line_location_id: WireId
    order_number: str


class OrderHead(Wire):
    """An order's id and when it was changed last."""

    resource = "purchaseOrders"
    order_by = "POHeaderId"
    po_header_id: WireId
    order_number: str


class DescribedOrder(OrderHead):
    """An order that was sent, with the description that carries our reference."""

    description: WireText = ""
    supplier_id: WireId


class DraftOrder(DescribedOrder):
    """An order that is not sent yet: its buyer completes and submits it."""

    resource = "draftPurchaseOrders"


class OrderReceipt(Wire):
    """One schedule's part of a receipt, in the life cycle of its order."""

    resource = "receipts"
    receipt: str
    receipt_date: WireDay = None
    line_number: Exact
    schedule_number: Exact
    item_or_schedule_description: WireText = ""
    received_quantity: Exact | None = None
    returned_quantity: Exact | None = None
    uom_code: WireText = ""
    shipment_number: WireText = ""


class OrderInvoice(Wire):
    """What one invoice matched to one schedule, in the life cycle of its order."""

    resource = "invoices"
    invoice_id: WireId
    line_number: Exact
    line_number_schedule_number: WireText = ""
    matched_quantity: Exact | None = None
    invoice_status: WireText = ""


class LifeCycle(Wire):
    resource = "purchaseOrderLifeCycleDetails"
    children = {"receipts": OrderReceipt, "invoices": OrderInvoice}
    po_header_id: WireId
    receipts: tuple[OrderReceipt, ...] = ()
    invoices: tuple[OrderInvoice, ...] = ()


class ReceiptRequestLine(Wire):
    resource = "lines"
    interface_transaction_id: WireId
    document_number: WireText = ""


class ReceiptRequest(Wire):
    """A row of the receiving interface: what was asked for, not what was received."""

    resource = "receivingReceiptRequests"
    order_by = "HeaderInterfaceId"
    children = {"lines": ReceiptRequestLine}
    header_interface_id: WireId
    shipment_number: WireText = ""
    receipt_number: WireText = ""
    processing_status_code: WireText = ""
    lines: tuple[ReceiptRequestLine, ...] = ()


class ProcessingError(Wire):
    resource = "processingErrors"
    error_message: WireText = ""


READ: tuple[type[Wire], ...] = (
    *(Order, OrderHead, DescribedOrder, DraftOrder),
    *(ChangedSchedule, LifeCycle, ReceiptRequest),
)
"""Every resource that is read here, its children in `children`."""
