"""The tools, in the order in which they are listed to a model."""

from __future__ import annotations

from tools.catalog.spec import Access, Parameter, Ref, ToolSpec

_CASE = Parameter(name="case", ref=Ref.CASE)
_ORDER = Parameter(name="order", ref=Ref.ORDER)
_ORDER_LINE = Parameter(name="order_line", ref=Ref.ORDER_LINE)
_SUPPLIER = Parameter(name="supplier", ref=Ref.SUPPLIER)
_POSTING = Parameter(name="posting", ref=Ref.POSTING)
_RESOLUTION = Parameter(name="resolution", ref=Ref.RESOLUTION)
_REASON = Parameter(name="reason", ref=Ref.TEXT, most=300)
_WORDS = Parameter(name="words", ref=Ref.TEXT, most=80)


def _read(name: str, description: str, *parameters: Parameter) -> ToolSpec:
    return ToolSpec(name=name, description=description, parameters=parameters, access=Access.READ)


def _write(name: str, description: str, *parameters: Parameter) -> ToolSpec:
    return ToolSpec(name=name, description=description, parameters=(*parameters, _REASON))


READ: tuple[ToolSpec, ...] = (
    _read("get_invoice", "What the document of a case says: header, totals, lines.", _CASE),
    _read(
        "get_purchase_order",
        "An order in the ERP: state, what was ordered, received and billed.",
        _ORDER,
        Parameter(name="order_line", ref=Ref.ORDER_LINE, required=False),
    ),
    _read("list_goods_receipts", "What was received on an order, and when.", _ORDER),
    _read("find_supplier", "Suppliers by name or part of it.", _WORDS),
    _read("get_supplier", "A supplier's master data, without bank data.", _SUPPLIER),
    _read("list_open_items", "What is posted and not yet paid on a supplier's account.", _SUPPLIER),
    _read(
        "get_posted_invoices",
        "What is already in the ERP under this document's number, and earlier documents of the supplier.",
        _CASE,
    ),
    _read("explain_match", "Findings of a case line by line, and who may decide what.", _CASE),
    _read(
        "get_policy",
        "The company's limits and rules for one kind of finding.",
        Parameter(name="finding", ref=Ref.RULE),
    ),
    _read("find_account", "Ledger accounts by what is booked on them.", _WORDS),
    _read("search_similar_cases", "How people settled earlier cases like this one, and why.", _CASE),
    _read(
        "list_cases",
        "The inbox: documents, where they stand, what they wait for.",
        Parameter(name="stage", ref=Ref.STAGE, required=False),
        Parameter(name="supplier", ref=Ref.SUPPLIER, required=False),
        Parameter(name="since", ref=Ref.DAY, required=False),
    ),
    _read("search_cases", "Documents by number, supplier's name or words of the reason.", _WORDS),
)
WRITE: tuple[ToolSpec, ...] = (
    _write("post_invoice", "Suggest to post the invoice by an option of its question.", _RESOLUTION),
    _write("park_invoice", "Suggest to keep the invoice as a draft in the ERP.", _RESOLUTION),
    _write("post_credit_note", "Suggest to post the credit note by an option of its question.", _RESOLUTION),
    _write("choose_option", "Suggest another option: wait, return, match again.", _RESOLUTION),
    _write("create_goods_receipt", "Suggest to enter what was delivered on an order line.", _ORDER_LINE),
    _write("hold_invoice", "Suggest to stop payment of a posted invoice.", _POSTING),
    _write("release_hold", "Suggest to end a stop of payment.", _POSTING),
    _write("amend_order_line", "Suggest to the buyer to change an order line.", _ORDER_LINE),
)
TALK: tuple[ToolSpec, ...] = tuple(
    tool.model_copy(update={"access": Access.TALK})
    for tool in (
        ToolSpec(
            name="draft_message",
            description="Draft a letter; a person reads, changes and sends it.",
            parameters=(
                Parameter(name="recipient", ref=Ref.RECIPIENT),
                Parameter(name="language", ref=Ref.LANGUAGE),
                Parameter(name="subject", ref=Ref.TEXT, most=120),
                Parameter(name="body", ref=Ref.TEXT, most=1200),
            ),
        ),
        ToolSpec(
            name="ask_clerk",
            description="Ask the person back, when something is missing or unclear.",
            parameters=(Parameter(name="question", ref=Ref.TEXT, most=300),),
        ),
    )
)
TOOLS: tuple[ToolSpec, ...] = (*READ, *WRITE, *TALK)
