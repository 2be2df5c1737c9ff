"""Purchase orders, material documents, supplier invoices and ledger items as SAP sends them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from tools.erp.sap.wire import Day, Flag, Meta, Moment, Number, Text, TimeOfDay, Wire, listed


class ScheduleLine(Wire):
    entity_set = "A_PurchaseOrderScheduleLine"
    schedule_line_delivery_date: Day = None


class Assignment(Wire):
    entity_set = "A_PurOrdAccountAssignment"
    gl_account: Text = Field("", alias="GLAccount")


class PricingElement(Wire):
    entity_set = "A_PurOrdPricingElement"
    condition_class: Text = ""
    condition_calculation_type: Text = ""
    condition_rate_value: Number
    condition_quantity: Number
    condition_is_for_statistics: Flag = False
    condition_inactive_reason: Text = ""


class OrderItem(Wire):
    entity_set = "A_PurchaseOrderItem"
    expands = {  # noqa: RUF012
        "to_ScheduleLine": ScheduleLine,
        "to_AccountAssignment": Assignment,
        "to_PurchaseOrderPricingElement": PricingElement,
    }
    meta: Meta = Field(Meta(), alias="__metadata")
    purchase_order: str
    purchase_order_item: str
    purchasing_document_deletion_code: Text = ""
    purchase_order_item_text: Text = ""
    plant: Text = ""
    storage_location: Text = ""
    material: Text = ""
    supplier_material_number: Text = ""
    international_article_number: Text = ""
    material_group: Text = ""
    product_type: Text = ""
    order_quantity: Number
    purchase_order_quantity_unit: Text = ""
    order_price_unit: Text = ""
    order_price_unit_to_order_unit_nmrtr: Number
    ord_price_unit_to_order_unit_dnmntr: Number
    net_price_amount: Number
    net_price_quantity: Number
    tax_code: Text = ""
    overall_limit_amount: Number = Decimal(0)
    goods_receipt_is_expected: Flag = False
    invoice_is_goods_receipt_based: Flag = False
    is_finally_invoiced: Flag = False
    schedule: Annotated[tuple[ScheduleLine, ...], BeforeValidator(listed)] = Field(
        (), alias="to_ScheduleLine"
    )
    assignments: Annotated[tuple[Assignment, ...], BeforeValidator(listed)] = Field(
        (), alias="to_AccountAssignment"
    )
    pricing: Annotated[tuple[PricingElement, ...], BeforeValidator(listed)] = Field(
        (), alias="to_PurchaseOrderPricingElement"
    )

    @property
    def line_id(self) -> str:
        """The item as people name it: without the leading zeros that some services send."""
        return self.purchase_order_item.lstrip("0")


class Order(Wire):
    entity_set = "A_PurchaseOrder"
    expands = {"to_PurchaseOrderItem": OrderItem}  # noqa: RUF012
    meta: Meta = Field(Meta(), alias="__metadata")
    purchase_order: str
    company_code: Text = ""
    purchasing_document_deletion_code: Text = ""
    purchasing_completeness_status: Flag = False
    release_is_not_completed: Flag = False
    created_by_user: Text = ""
    last_change_date_time: Moment = None
    supplier: Text = ""
    purchasing_group: Text = ""
    purchase_order_date: Day = None
    document_currency: str
    exchange_rate: Text = ""
    exchange_rate_is_fixed: Flag = False
    validity_start_date: Day = None
    validity_end_date: Day = None
    correspnc_internal_reference: Text = ""
    items: Annotated[tuple[OrderItem, ...], BeforeValidator(listed)] = Field((), alias="to_PurchaseOrderItem")


class OrderStamp(Wire):
    """The order alone: for what changed since a moment."""

    entity_set = "A_PurchaseOrder"
    purchase_order: str


class MaterialDocument(Wire):
    entity_set = "A_MaterialDocumentHeader"
    material_document_year: str
    material_document: str
    posting_date: Day = None
    creation_date: Day = None
    creation_time: TimeOfDay = None
    reference_document: Text = ""


class MovedOrder(Wire):
    """The order of a movement, and nothing else: for what changed since a moment."""

    entity_set = "A_MaterialDocumentItem"
    purchase_order: Text = ""


class NewMaterialDocument(MaterialDocument):
    expands = {"to_MaterialDocumentItem": MovedOrder}  # noqa: RUF012
    items: Annotated[tuple[MovedOrder, ...], BeforeValidator(listed)] = Field(
        (), alias="to_MaterialDocumentItem"
    )


class Movement(Wire):
    entity_set = "A_MaterialDocumentItem"
    expands = {"to_MaterialDocumentHeader": MaterialDocument}  # noqa: RUF012
    material_document_year: str
    material_document: str
    material_document_item: str
    material: Text = ""
    goods_movement_type: Text = ""
    supplier: Text = ""
    purchase_order: Text = ""
    purchase_order_item: Text = ""
    material_base_unit: Text = ""
    quantity_in_base_unit: Number
    entry_unit: Text = ""
    quantity_in_entry_unit: Number
    material_document_item_text: Text = ""
    debit_credit_code: Text = ""
    goods_movement_is_cancelled: Flag = False
    origin_year: Text = Field("", alias="ReferenceDocumentFiscalYear")
    origin: Text = Field("", alias="InvtryMgmtReferenceDocument")
    origin_item: Text = Field("", alias="InvtryMgmtRefDocumentItem")
    header: MaterialDocument | None = Field(None, alias="to_MaterialDocumentHeader")


class OrderReference(Wire):
    """An invoice's item that bills an order."""

    entity_set = "A_SuplrInvcItemPurOrdRef"
    supplier_invoice: str
    fiscal_year: str
    purchase_order: Text = ""
    purchase_order_item: Text = ""
    reference_document: Text = ""
    reference_document_fiscal_year: Text = ""
    reference_document_item: Text = ""
    is_subsequent_debit_credit: Text = ""
    tax_code: Text = ""
    supplier_invoice_item_amount: Number
    quantity_in_purchase_order_unit: Number


class AccountItem(Wire):
    entity_set = "A_SupplierInvoiceItemGLAcct"
    company_code: Text = ""
    gl_account: Text = Field("", alias="GLAccount")
    cost_center: Text = ""
    debit_credit_code: Text = ""
    tax_code: Text = ""
    supplier_invoice_item_amount: Number


class Tax(Wire):
    entity_set = "A_SupplierInvoiceTax"
    tax_code: Text = ""
    tax_amount: Number


class InvoiceState(Wire):
    """What tells whether a document counts."""

    entity_set = "A_SupplierInvoice"
    supplier_invoice: str
    fiscal_year: str
    supplier_invoice_status: Text = ""
    supplier_invoice_is_credit_memo: Text = ""
    reverse_document: Text = ""
    is_reversal: Flag = False

    @property
    def key(self) -> tuple[str, str]:
        return self.supplier_invoice, self.fiscal_year


class Invoice(InvoiceState):
    entity_set = "A_SupplierInvoice"
    expands = {"to_SupplierInvoiceTax": Tax}  # noqa: RUF012
    document_date: Day = None
    posting_date: Day = None
    reference: Text = Field("", alias="SupplierInvoiceIDByInvcgParty")
    full_reference: Text = Field("", alias="SupplierPostingLineItemText")
    invoicing_party: Text = ""
    document_currency: str
    invoice_gross_amount: Number
    payment_blocking_reason: Text = ""
    last_changed: Text = Field("", alias="SuplrInvcLstChgDteTmeTxt")
    taxes: Annotated[tuple[Tax, ...], BeforeValidator(listed)] = Field((), alias="to_SupplierInvoiceTax")


class WholeInvoice(Invoice):
    """With its items and with all that steers its payment: for comparing it with what was approved."""

    expands = {  # noqa: RUF012
        "to_SupplierInvoiceTax": Tax,
        "to_SuplrInvcItemPurOrdRef": OrderReference,
        "to_SupplierInvoiceItemGLAcct": AccountItem,
    }
    invoice_reference: Text = ""
    due_calculation_base_date: Day = None
    net_payment_days: Number
    payment_terms: Text = ""
    cash_discount1_percent: Number
    cash_discount2_percent: Number
    manual_cash_discount: Number
    fixed_cash_discount: Text = ""
    payment_method: Text = ""
    payment_method_supplement: Text = ""
    payment_reference: Text = ""
    bank_account: Text = Field("", alias="BPBankAccountInternalID")
    alternative_payee: Text = Field("", alias="AlternativePayeePayer")
    house_bank: Text = ""
    house_bank_account: Text = ""
    unplanned_delivery_cost: Number
    order_items: Annotated[tuple[OrderReference, ...], BeforeValidator(listed)] = Field(
        (), alias="to_SuplrInvcItemPurOrdRef"
    )
    account_items: Annotated[tuple[AccountItem, ...], BeforeValidator(listed)] = Field(
        (), alias="to_SupplierInvoiceItemGLAcct"
    )


class LedgerItem(Wire):
    """One line of a supplier's account."""

    entity_set = "A_OperationalAcctgDocItemCube"
    accounting_document: str
    supplier: Text = ""
    debit_credit_code: Text = ""
    is_cleared: Flag = False
    document_date: Day = None
    net_due_date: Day = None
    transaction_currency: str
    amount_in_transaction_currency: Number
    document_reference_id: Text = Field("", alias="DocumentReferenceID")
    reference_document_type: Text = ""
    original_reference_document: Text = ""
